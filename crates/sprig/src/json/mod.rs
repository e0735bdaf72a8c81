//! JSON as Go's `encoding/json` reads and writes it.
//!
//! Of Sprig's functions only those are here that Helm has not replaced. What it put in place of the
//! others stands on [`decode()`] and [`encode()`] too.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::{Style, encode};

use chartroom_gotemplate::{CallError, Function, Type, Value};

use crate::arguments::{any, text};
use crate::declare::{fixed, string};

pub(crate) fn functions() -> Vec<Function> {
    vec![
        fixed("toRawJson", [Type::Any], Type::String, raw),
        fixed("mustToRawJson", [Type::Any], Type::String, raw),
        fixed("toPrettyJson", [Type::Any], Type::String, |arguments| {
            string(encode(any(arguments, 0), Style::Pretty).unwrap_or_default())
        }),
        fixed("mustToPrettyJson", [Type::Any], Type::String, |arguments| {
            string(encode(any(arguments, 0), Style::Pretty)?)
        }),
        fixed("mustFromJson", [Type::String], Type::Any, |arguments| decode(text(arguments, 0))),
    ]
}

fn raw(arguments: &[Value]) -> Result<Value, CallError> {
    string(encode(any(arguments, 0), Style::Raw)?)
}
