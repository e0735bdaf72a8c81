//! Types to values: serde's serializer, with the shapes that JSON has.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use crate::{Error, MAX_DEPTH, Value};

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Encode(format!("error marshaling into JSON: {message}"))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Uint(number) => serializer.serialize_u64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list),
            Self::Map(map) => serializer.collect_map(map),
        }
    }
}

/// Serializes to a value. Variants with data become a map with one entry, bytes a list.
#[derive(Clone, Copy, Default)]
pub(crate) struct ValueSerializer {
    depth: usize,
}

impl ValueSerializer {
    fn deeper(self) -> Result<Self, Error> {
        if self.depth + 1 >= MAX_DEPTH {
            return Err(Error::too_deep_to_write());
        }
        Ok(Self { depth: self.depth + 1 })
    }

    fn list(self, length: Option<usize>) -> Result<ListSerializer, Error> {
        let list = Vec::with_capacity(length.unwrap_or(0).min(4096));
        Ok(ListSerializer { inner: self.deeper()?, list, variant: None })
    }

    fn map(self) -> Result<MapSerializer, Error> {
        Ok(MapSerializer { inner: self.deeper()?, map: BTreeMap::new(), key: String::new(), variant: None })
    }
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = ListSerializer;
    type SerializeTuple = ListSerializer;
    type SerializeTupleStruct = ListSerializer;
    type SerializeTupleVariant = ListSerializer;
    type SerializeMap = MapSerializer;
    type SerializeStruct = MapSerializer;
    type SerializeStructVariant = MapSerializer;

    fn serialize_bool(self, truth: bool) -> Result<Value, Error> {
        Ok(Value::Bool(truth))
    }

    fn serialize_i8(self, number: i8) -> Result<Value, Error> {
        Ok(Value::Int(number.into()))
    }

    fn serialize_i16(self, number: i16) -> Result<Value, Error> {
        Ok(Value::Int(number.into()))
    }

    fn serialize_i32(self, number: i32) -> Result<Value, Error> {
        Ok(Value::Int(number.into()))
    }

    fn serialize_i64(self, number: i64) -> Result<Value, Error> {
        Ok(Value::Int(number))
    }

    fn serialize_u8(self, number: u8) -> Result<Value, Error> {
        Ok(Value::Int(number.into()))
    }

    fn serialize_u16(self, number: u16) -> Result<Value, Error> {
        Ok(Value::Int(number.into()))
    }

    fn serialize_u32(self, number: u32) -> Result<Value, Error> {
        Ok(Value::Int(number.into()))
    }

    fn serialize_u64(self, number: u64) -> Result<Value, Error> {
        Ok(number.into())
    }

    fn serialize_f32(self, number: f32) -> Result<Value, Error> {
        // By way of its digits, as Go formats 32-bit floats for JSON.
        Ok(Value::Float(number.to_string().parse().unwrap_or_else(|_| number.into())))
    }

    fn serialize_f64(self, number: f64) -> Result<Value, Error> {
        Ok(Value::Float(number))
    }

    fn serialize_char(self, character: char) -> Result<Value, Error> {
        Ok(Value::String(character.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Value, Error> {
        Ok(text.into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, Error> {
        self.collect_seq(bytes)
    }

    fn serialize_none(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Error> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Error> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Error> {
        Ok(within(Some(variant), value.serialize(self.deeper()?)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<ListSerializer, Error> {
        self.list(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<ListSerializer, Error> {
        self.list(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<ListSerializer, Error> {
        self.list(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<ListSerializer, Error> {
        Ok(ListSerializer { variant: Some(variant), ..self.deeper()?.list(Some(length))? })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<MapSerializer, Error> {
        self.map()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<MapSerializer, Error> {
        self.map()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<MapSerializer, Error> {
        Ok(MapSerializer { variant: Some(variant), ..self.deeper()?.map()? })
    }
}

/// The value, in a map with the variant as its key if there is one.
fn within(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::Map(BTreeMap::from([(variant.to_owned(), value)])),
        None => value,
    }
}

pub(crate) struct ListSerializer {
    inner: ValueSerializer,
    list: Vec<Value>,
    variant: Option<&'static str>,
}

impl ListSerializer {
    fn push<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
        self.list.push(element.serialize(self.inner)?);
        Ok(())
    }

    fn finish(self) -> Value {
        within(self.variant, Value::List(self.list))
    }
}

pub(crate) struct MapSerializer {
    inner: ValueSerializer,
    map: BTreeMap<String, Value>,
    key: String,
    variant: Option<&'static str>,
}

impl MapSerializer {
    fn insert<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Error> {
        self.map.insert(key.to_owned(), value.serialize(self.inner)?);
        Ok(())
    }

    fn finish(self) -> Value {
        within(self.variant, Value::Map(self.map))
    }
}

macro_rules! lists {
    ($($interface:ident $method:ident)*) => {$(
        impl ser::$interface for ListSerializer {
            type Ok = Value;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Error> {
                self.push(element)
            }

            fn end(self) -> Result<Value, Error> {
                Ok(self.finish())
            }
        }
    )*};
}

lists! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! structs {
    ($($interface:ident)*) => {$(
        impl ser::$interface for MapSerializer {
            type Ok = Value;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
                self.insert(key, value)
            }

            fn end(self) -> Result<Value, Error> {
                Ok(self.finish())
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for MapSerializer {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = match key.serialize(self.inner)? {
            Value::String(text) => text,
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Uint(number) => number.to_string(),
            _ => return Err(ser::Error::custom("json: unsupported type of a map key")),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = std::mem::take(&mut self.key);
        self.map.insert(key, value.serialize(self.inner)?);
        Ok(())
    }

    fn end(self) -> Result<Value, Error> {
        Ok(self.finish())
    }
}
