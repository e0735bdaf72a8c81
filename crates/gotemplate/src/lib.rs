//! Go's `text/template` language: what it accepts, what it prints, how it fails.
//!
//! A [`TemplateSet`] is made of functions, takes sources by [`TemplateSet::parse`] and executes one
//! of its templates on a [`Value`]. What templates print, and what errors say, is Go's to the byte;
//! [`ExecError`] has the parts of it too. [`mod@format`] is Go's `fmt`, for functions that print.
//!
//! Where Go has no bound, [`Limits`] has: steps, output and stack. Nothing that a template does
//! makes this crate panic.
//!
//! This crate knows nothing of Helm: functions and host objects are given to it. Of Go's language
//! it leaves out what a host cannot give here: other delimiters, channels and iterators to range
//! over, arrays, and maps whose keys are not strings.

mod builtin;
mod complex;
mod container;
mod error;
mod exec;
mod float;
pub mod format;
mod function;
mod go_type;
mod growth;
mod int_type;
mod object;
mod parse;
pub mod quote;
pub mod runes;
mod set;
mod stack;
mod text;
mod tree;
mod truth;
pub mod unicode;
mod value;

pub use container::{List, Map};
pub use error::{CallError, ExecError, Failure, Limit, Reason};
pub use exec::{Exec, Limits};
pub use function::{Body, Closure, Executor, Function, Signature};
pub use go_type::Type;
pub use growth::Growth;
pub use int_type::IntType;
pub use object::{Kind, Object};
pub use parse::ParseError;
pub use set::{MissingKey, TemplateSet};
pub use text::Text;
pub use truth::truth;
pub use value::Value;
