//! What a host lends to templates: values with methods and fields of their own.

use std::any::Any;
use std::fmt;

use crate::error::CallError;
use crate::function::Signature;
use crate::text::Text;
use crate::value::Value;

/// What Go's `reflect` calls a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what their names say")]
pub enum Kind {
    Invalid,
    Bool,
    Int,
    Uint,
    Float,
    String,
    Slice,
    Map,
    Struct,
    Pointer,
    Func,
    Interface,
}

/// A value of the host's: `.Files`, `.Capabilities`, a version, a time, a certificate.
pub trait Object: fmt::Debug {
    /// Its type as `%T` writes it, such as `*semver.Version`.
    fn type_name(&self) -> &'static str;

    /// Its kind. Something of kind [`Kind::Int`], [`Kind::String`], [`Kind::Map`] … with methods
    /// gives what it is underneath by [`Object::underlying`].
    fn kind(&self) -> Kind;

    /// The plain value of the same content, where the kind is not a struct or a pointer to one.
    fn underlying(&self) -> Option<Value> {
        None
    }

    /// Whether it is a nil pointer. Such an object has no fields.
    fn is_nil(&self) -> bool {
        false
    }

    /// The value of an exported field, or of a key if the kind is [`Kind::Map`]; `None` where there is no such field.
    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    /// Whether there is a field of that name that is not exported: Go says so.
    fn hides(&self, _name: &str) -> bool {
        false
    }

    /// The fields in their order, as JSON, YAML and `%v` see a struct: Go's name, name in JSON,
    /// value.
    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        Vec::new()
    }

    /// The signature of a method; `None` where there is no such method.
    fn method(&self, _name: &str) -> Option<Signature> {
        None
    }

    /// Calls a method that [`Object::method`] knows, with arguments that fit its signature.
    fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, CallError> {
        Err(CallError::new(format!("no method {name}")))
    }

    /// What `String()` or `Error()` gives, if it has one of these: printing uses it.
    fn string(&self) -> Option<Text> {
        None
    }

    /// What its own way of writing JSON gives, where it has one (`MarshalJSON`, `MarshalText`).
    fn marshal(&self) -> Option<Value> {
        None
    }

    /// Whether this equals another object, as Go's `==` has it.
    fn equals(&self, _other: &dyn Object) -> bool {
        false
    }

    /// Whether Go could compare it with `==`: a struct with a slice or map in it can't be.
    fn is_comparable(&self) -> bool {
        true
    }

    /// Itself, for the host to find its own type again.
    fn as_any(&self) -> &dyn Any;
}
