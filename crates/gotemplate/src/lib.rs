//! Go's `text/template` language: what it accepts, what it prints, how it fails.
//!
//! This crate knows nothing of Helm: functions and host objects are given to it.

mod function;
mod go_type;
mod object;
mod text;
mod value;

pub use function::{Body, CallError, Function, Signature};
pub use go_type::Type;
pub use object::{Kind, Object};
pub use text::Text;
pub use value::{IntType, List, Map, Value};
