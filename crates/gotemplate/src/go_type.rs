//! Go's types, as far as templates can tell them apart.

use std::fmt;
use std::rc::Rc;

use crate::int_type::IntType;

/// The type of a value, a parameter or an element. [`fmt::Display`] writes it as Go's `%T` and the
/// errors of `text/template` do: `interface {}`, `map[string]interface {}`, `[]string`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`: anything.
    Any,
    /// `bool`.
    Bool,
    /// `int` and its kin, signed and unsigned.
    Int(IntType),
    /// `float64`.
    Float,
    /// `string`.
    String,
    /// A slice; bytes are `Slice(Int(Uint8))`.
    Slice(Rc<Type>),
    /// A map whose keys are strings.
    Map(Rc<Type>),
    /// A type with a name of its own, such as `time.Duration` or `*semver.Version`. A parameter of
    /// this type takes objects whose [`type_name`](crate::Object::type_name) it is, and maps and
    /// lists that carry the name.
    Named(&'static str),
    /// The same for a parameter whose type is a signed integer underneath, so that constants are values
    /// of it: they are given as `int64`.
    NamedInt(&'static str),
}

impl Type {
    /// `[]interface {}`.
    pub fn list() -> Self {
        Self::Slice(Rc::new(Self::Any))
    }

    /// `[]string`.
    pub fn strings() -> Self {
        Self::Slice(Rc::new(Self::String))
    }

    /// `[]uint8`, which is what `[]byte` is.
    pub fn bytes() -> Self {
        Self::Slice(Rc::new(Self::Int(IntType::Uint8)))
    }

    /// `map[string]interface {}`.
    pub fn map() -> Self {
        Self::Map(Rc::new(Self::Any))
    }

    /// `map[string]string`.
    pub fn string_map() -> Self {
        Self::Map(Rc::new(Self::String))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("interface {}"),
            Self::Bool => f.write_str("bool"),
            Self::Int(kind) => f.write_str(kind.name()),
            Self::Float => f.write_str("float64"),
            Self::String => f.write_str("string"),
            Self::Slice(element) => write!(f, "[]{element}"),
            Self::Map(element) => write!(f, "map[string]{element}"),
            Self::Named(name) | Self::NamedInt(name) => f.write_str(name),
        }
    }
}
