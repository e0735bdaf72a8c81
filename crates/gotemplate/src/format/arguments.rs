//! Values of all kinds under a verb, and the values inside of them.

use std::rc::Rc;

use super::MAX_DEPTH;
use super::number::Integer;
use super::printer::Printer;
use crate::complex::Complex;
use crate::container::{List, Map};
use crate::go_type::Type;
use crate::int_type::IntType;
use crate::object::{Kind, Object};
use crate::value::Value;

impl Printer<'_> {
    /// Writes operands with spaces between those that are no strings.
    pub(crate) fn print(&mut self, operands: &[Value]) {
        self.print_each(operands, |printer, operand| printer.operand(operand, 'v'));
    }

    /// The same, as templates print each of them.
    pub(crate) fn print_pointees(&mut self, operands: &[Value]) {
        self.print_each(operands, Self::print_pointee);
    }

    fn print_each(&mut self, operands: &[Value], print: impl Fn(&mut Self, &Value)) {
        let mut after_string = true;
        for operand in operands {
            let is_string = is_string(operand);
            if !is_string && !after_string {
                self.write(b" ");
            }
            print(self, operand);
            after_string = is_string;
        }
    }

    /// Writes operands with spaces between them, and a newline.
    pub(crate) fn println(&mut self, operands: &[Value]) {
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                self.write(b" ");
            }
            self.operand(operand, 'v');
        }
        self.write(b"\n");
    }

    /// Writes a value as templates do: what a pointer points to rather than the pointer.
    pub(crate) fn print_pointee(&mut self, value: &Value) {
        match value {
            Value::Object(object) if is_bare_pointer(object.as_ref()) => {
                let name = object.type_name();
                self.structure(name.strip_prefix('*').unwrap_or(name), object.as_ref(), 'v', 0);
            }
            value => self.operand(value, 'v'),
        }
    }

    /// Writes one operand under a verb.
    pub(super) fn operand(&mut self, operand: &Value, verb: char) {
        match (operand, verb) {
            (Value::Nil, 'v') => self.pad(b"<nil>"),
            (Value::Nil, 'T') => self.pad(b"<nil>"),
            (Value::Nil, _) => self.misfit(None, verb),
            (operand, 'T') => {
                let name = operand.type_of().map(|of| of.to_string()).unwrap_or_default();
                self.plain(name.as_bytes());
            }
            (operand, 'p') => self.pointer(operand, 'p'),
            (Value::Bytes(bytes), 'v' | 'd') => self.bytes(bytes, verb, "[]byte"),
            (operand, 'w') if !is_basic(operand) => self.misfit(Some(operand), 'w'),
            (operand, _) => self.value(operand, verb, 0),
        }
    }

    /// Writes a value that is in another one, whose elements have a type.
    fn element(&mut self, element: &Type, value: &Value, verb: char, depth: usize) {
        match value {
            Value::Nil if self.flags.sharp_v && *element == Type::Any => self.write(b"interface {}(nil)"),
            Value::Nil => self.write(b"<nil>"),
            value => self.value(value, verb, depth),
        }
    }

    fn value(&mut self, value: &Value, verb: char, depth: usize) {
        if self.overflowed() {
            return;
        }
        if depth > MAX_DEPTH {
            return self.write("…".as_bytes());
        }
        let fits = match value {
            Value::Nil => return self.misfit(None, verb),
            Value::Bool(truth) => {
                if matches!(verb, 't' | 'v') {
                    self.pad(if *truth { b"true" } else { b"false" });
                    true
                } else {
                    false
                }
            }
            Value::Int(kind, number) => {
                self.integer(Integer { bits: number.cast_unsigned(), signed: kind.is_signed() }, verb)
            }
            Value::Uint64(number) => self.integer(Integer { bits: *number, signed: false }, verb),
            Value::Float(number) => self.float(*number, verb),
            Value::String(text) => self.string(text, verb),
            Value::Bytes(bytes) => return self.bytes(bytes, verb, "[]uint8"),
            Value::List(list) => return self.list(list, verb, depth),
            Value::Map(map) => return self.map(map, verb, depth),
            Value::Object(object) => return self.object(object, value, verb, depth),
            Value::Function(_) => return self.pointer(value, verb),
        };
        if !fits {
            self.misfit(Some(value), verb);
        }
    }

    fn bytes(&mut self, bytes: &[u8], verb: char, name: &str) {
        if matches!(verb, 's' | 'q' | 'x' | 'X') {
            self.string(bytes, verb);
            return;
        }
        self.open(name, false);
        for (index, &byte) in bytes.iter().enumerate() {
            self.separate(index, b" ");
            self.value(&Value::Int(IntType::Uint8, byte.into()), verb, 1);
        }
        self.close(b"]");
    }

    fn list(&mut self, list: &List, verb: char, depth: usize) {
        if *list.element() == Type::Int(IntType::Uint8) && matches!(verb, 's' | 'q' | 'x' | 'X') {
            let byte = |value: &Value| match value {
                Value::Int(_, byte) => u8::try_from(*byte).unwrap_or_default(),
                _ => 0,
            };
            let bytes = list.items().iter().map(byte).collect::<Vec<_>>();
            self.string(&bytes, verb);
            return;
        }
        if self.flags.sharp_v && list.is_nil() {
            let name = Type::Slice(Rc::new(list.element().clone())).to_string();
            self.write(name.as_bytes());
            return self.write(b"(nil)");
        }
        if self.flags.sharp_v {
            self.write(b"[]");
            self.open(&list.element().to_string(), false);
        } else {
            self.open("", false);
        }
        for (index, item) in list.items().iter().enumerate() {
            self.separate(index, b" ");
            self.element(list.element(), item, verb, depth + 1);
        }
        self.close(b"]");
    }

    fn map(&mut self, map: &Map, verb: char, depth: usize) {
        self.map_as(map.type_name(), map, verb, depth);
    }

    /// A map as one whose type has this name, if any.
    fn map_as(&mut self, name: Option<&str>, map: &Map, verb: char, depth: usize) {
        if self.flags.sharp_v {
            let name = match name {
                Some(name) => name.to_owned(),
                None => format!("map[string]{}", map.element()),
            };
            if map.is_nil() {
                self.write(name.as_bytes());
                return self.write(b"(nil)");
            }
            self.open(&name, false);
        } else {
            self.open("", true);
        }
        for (index, (key, value)) in map.entries().iter().enumerate() {
            self.separate(index, b" ");
            if !self.string(key, verb) {
                self.misfit(Some(&Value::String(key.clone())), verb);
            }
            self.write(b":");
            self.element(map.element(), value, verb, depth + 1);
        }
        self.close(b"]");
    }

    /// What comes before elements: `[`, `map[`, and in Go's syntax the type and `{`.
    fn open(&mut self, name: &str, map: bool) {
        if self.flags.sharp_v {
            self.write(name.as_bytes());
            self.write(b"{");
        } else {
            self.write(if map { b"map[" } else { b"[" });
        }
    }

    fn close(&mut self, plain: &[u8]) {
        self.write(if self.flags.sharp_v { b"}" } else { plain });
    }

    fn separate(&mut self, index: usize, plain: &[u8]) {
        if index > 0 {
            self.write(if self.flags.sharp_v { b", " } else { plain });
        }
    }

    fn object(&mut self, object: &Rc<dyn Object>, value: &Value, verb: char, depth: usize) {
        if let Some(complex) = object.as_any().downcast_ref::<Complex>() {
            return self.complex(*complex, value, verb);
        }
        if object.is_nil() {
            return self.pointer(value, verb);
        }
        let texts = !self.complaining && !self.flags.sharp_v && matches!(verb, 'v' | 's' | 'x' | 'X' | 'q');
        if texts && let Some(text) = object.string() {
            self.string(&text, verb);
            return;
        }
        match object.kind() {
            Kind::Struct => self.structure(object.type_name(), object.as_ref(), verb, depth),
            Kind::Pointer if depth == 0 => {
                self.write(b"&");
                let name = object.type_name();
                self.structure(name.strip_prefix('*').unwrap_or(name), object.as_ref(), verb, depth + 1);
            }
            Kind::Pointer | Kind::Func | Kind::Interface | Kind::Invalid => self.pointer(value, verb),
            _ => self.underlying(object, value, verb, depth),
        }
    }

    /// Writes a value of a named type like one of the type that it is made of.
    fn underlying(&mut self, object: &Rc<dyn Object>, value: &Value, verb: char, depth: usize) {
        let fits = match object.underlying() {
            Some(Value::Bool(truth)) if matches!(verb, 't' | 'v') => {
                self.pad(if truth { b"true" } else { b"false" });
                true
            }
            Some(Value::Int(kind, number)) => {
                self.integer(Integer { bits: number.cast_unsigned(), signed: kind.is_signed() }, verb)
            }
            Some(Value::Uint64(number)) => self.integer(Integer { bits: number, signed: false }, verb),
            Some(Value::Float(number)) => self.float(number, verb),
            Some(Value::String(text)) => self.string(&text, verb),
            Some(Value::Bytes(bytes)) => return self.bytes(&bytes, verb, object.type_name()),
            Some(Value::List(list)) if self.flags.sharp_v => {
                self.open(object.type_name(), false);
                for (index, item) in list.items().iter().enumerate() {
                    self.separate(index, b" ");
                    self.element(list.element(), item, verb, depth + 1);
                }
                return self.close(b"]");
            }
            Some(Value::List(list)) => return self.list(&list, verb, depth),
            Some(Value::Map(map)) if self.flags.sharp_v => {
                return self.map_as(Some(object.type_name()), &map, verb, depth);
            }
            Some(Value::Map(map)) => return self.map(&map, verb, depth),
            _ => false,
        };
        if !fits {
            self.misfit(Some(value), verb);
        }
    }

    fn structure(&mut self, name: &str, object: &dyn Object, verb: char, depth: usize) {
        if self.flags.sharp_v {
            self.write(name.as_bytes());
        }
        self.write(b"{");
        for (index, (field, _, value)) in object.fields().iter().enumerate() {
            self.separate(index, b" ");
            if self.flags.plus_v || self.flags.sharp_v {
                self.write(field.as_bytes());
                self.write(b":");
            }
            self.element(&Type::Any, value, verb, depth + 1);
        }
        self.write(b"}");
    }

    fn complex(&mut self, complex: Complex, value: &Value, verb: char) {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return self.misfit(Some(value), verb);
        }
        let plus = self.flags.plus;
        self.write(b"(");
        self.float(complex.real, verb);
        self.flags.plus = true;
        self.float(complex.imaginary, verb);
        self.write(b"i)");
        self.flags.plus = plus;
    }

    /// Writes where a value is. Like Go's, such numbers are others in each run.
    fn pointer(&mut self, value: &Value, verb: char) {
        let Some(address) = address(value) else {
            return self.misfit(Some(value), verb);
        };
        match verb {
            'v' if self.flags.sharp_v => {
                let name = value.type_of().map(|of| of.to_string()).unwrap_or_default();
                self.write(b"(");
                self.write(name.as_bytes());
                self.write(b")(");
                if address == 0 {
                    self.write(b"nil");
                } else {
                    self.address(address, true);
                }
                self.write(b")");
            }
            'v' if address == 0 => self.pad(b"<nil>"),
            'v' | 'p' => self.address(address, !self.flags.sharp),
            'b' | 'o' | 'd' | 'x' | 'X' => {
                self.integer(Integer { bits: address, signed: false }, verb);
            }
            _ => self.misfit(Some(value), verb),
        }
    }

    /// Says that a value and a verb don't go together.
    fn misfit(&mut self, value: Option<&Value>, verb: char) {
        self.write(b"%!");
        self.write_char(verb);
        self.write(b"(");
        match value.and_then(|value| Some((value, value.type_of()?))) {
            None => self.write(b"<nil>"),
            Some((value, of)) => {
                self.write(of.to_string().as_bytes());
                self.write(b"=");
                let complaining = std::mem::replace(&mut self.complaining, true);
                self.operand(value, 'v');
                self.complaining = complaining;
            }
        }
        self.write(b")");
    }
}

/// Whether Go prints a value of this type without asking it for methods.
fn is_basic(value: &Value) -> bool {
    !matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_) | Value::Function(_))
}

/// Whether it is a pointer to a struct that does not print itself.
fn is_bare_pointer(object: &dyn Object) -> bool {
    object.kind() == Kind::Pointer && !object.is_nil() && object.string().is_none()
}

fn is_string(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Object(object) => object.kind() == Kind::String,
        _ => false,
    }
}

/// Where something is that Go has a pointer to; `None` for what isn't such a thing.
fn address(value: &Value) -> Option<u64> {
    let address = match value {
        Value::Bytes(bytes) => bytes.as_ptr().addr(),
        Value::List(list) if list.is_nil() => 0,
        Value::List(list) => list.items().as_ptr().addr(),
        Value::Map(map) if map.is_nil() => 0,
        Value::Map(map) => map.address(),
        Value::Function(function) => Rc::as_ptr(function).addr(),
        Value::Object(object) if object.is_nil() => 0,
        Value::Object(object) => match object.kind() {
            Kind::Pointer | Kind::Func | Kind::Map | Kind::Slice => Rc::as_ptr(object).cast::<()>().addr(),
            _ => return None,
        },
        _ => return None,
    };
    u64::try_from(address).ok()
}
