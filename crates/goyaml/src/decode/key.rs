//! Keys of mappings, from the type that they have in YAML to the string that JSON wants.

use std::fmt;

use super::go_syntax;
use crate::Value;
use crate::number;
use crate::resolve::Scalar;

/// A key with its type, by which keys are equal or not. Floats are compared by their bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(u64),
    String(String),
}

impl Key {
    pub(super) fn new(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Bool(truth) => Self::Bool(truth),
            Scalar::Int(number) => Self::Int(number),
            Scalar::Uint(number) => Self::Uint(number),
            Scalar::Float(number) => Self::Float(number.to_bits()),
            Scalar::String(text) => Self::String(text.into_owned()),
        }
    }

    /// The key in JSON. None if it can't be one.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Null | Self::Uint(_) => None,
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(bits) => Some(match number::format_g32(f64::from_bits(*bits)).as_str() {
                "+Inf" => ".inf".to_owned(),
                "-Inf" => "-.inf".to_owned(),
                "NaN" => ".nan".to_owned(),
                text => text.to_owned(),
            }),
            Self::String(text) => Some(text.clone()),
        }
    }

    /// Why it can't be one, in the library's words.
    pub(super) fn problem(&self, value: &Value) -> String {
        let (kind, key) = match self {
            Self::Uint(number) => ("uint64", format!("{number:#x}")),
            _ => ("%!s(<nil>)", "<nil>".to_owned()),
        };
        format!("unsupported map key of type: {kind}, key: {key}, value: {}", go_syntax::of(value))
    }
}

/// As Go's `%#v` shows it.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<nil>"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Uint(number) => write!(f, "{number:#x}"),
            Self::Float(bits) => f.write_str(&number::format_g(f64::from_bits(*bits))),
            Self::String(text) => f.write_str(&go_syntax::quoted(text)),
        }
    }
}
