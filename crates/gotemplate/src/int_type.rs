//! The integer types of Go.

use crate::value::Value;

/// The integer types of Go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what their names say")]
pub enum IntType {
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
}

impl IntType {
    /// As Go writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Uintptr => "uintptr",
        }
    }

    /// A number as one of this type, which is signed: what does not fit is cut off.
    pub(crate) fn wrap(self, number: i64) -> i64 {
        match self {
            Self::Int8 => (number as i8).into(),
            Self::Int16 => (number as i16).into(),
            Self::Int32 => (number as i32).into(),
            _ => number,
        }
    }

    /// A number as a value of this type, which is unsigned or takes its bits.
    pub(crate) fn wrap_unsigned(self, number: u64) -> Value {
        let number = match self {
            Self::Uint8 => number & 0xff,
            Self::Uint16 => number & 0xffff,
            Self::Uint32 => number & 0xffff_ffff,
            _ => number,
        };
        match i64::try_from(number) {
            Ok(number) => Value::Int(self, number),
            Err(_) if self.is_signed() => Value::Int(self, self.wrap(number.cast_signed())),
            Err(_) => Value::Uint64(number),
        }
    }

    /// Whether its values can be negative.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Int | Self::Int8 | Self::Int16 | Self::Int32 | Self::Int64)
    }
}
