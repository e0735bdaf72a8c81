//! YAML as Helm reads and writes it: with the meaning, the bytes and the error texts of the
//! library `sigs.k8s.io/yaml`.
//!
//! That library knows no YAML types of its own: it turns YAML into JSON and JSON into YAML, on
//! top of a go-yaml that follows YAML 1.1. So `yes` is true, `0644` is 420, keys are always
//! strings, dates stay text, a number loses the form that it was written in, and a struct's
//! fields come out sorted. [`Value`] is what is left after that passage, and everything here
//! goes through it.
//!
//! Pure computation: nothing here opens a file. A text may come from anyone: time and memory
//! are linear in its length (aliases can't multiply it beyond [`MAX_EXPANSION`]), nesting ends
//! at [`MAX_DEPTH`], and nothing panics.
//!
//! Where this differs from Helm, knowingly:
//! - Nesting ends at 500 levels instead of 10,000.
//! - A character that YAML forbids is an error wherever it stands in the text; go-yaml may find
//!   another error before it, or end with the first document.
//! - Copies made through aliases are bounded in bytes too, not in number only.
//! - Of two keys that differ only as YAML types (`1` and `"1"`), the later one wins; in Helm
//!   chance decides. So it is with the order of keys such as `1b`, `2b` and `10b`.
//!
//! One thing is as in Helm and isn't good: the key `<<` is written without quotes, and read as a
//! merge.

mod compose;
mod decode;
mod detour;
mod emitter;
mod encode;
mod encoding;
mod error;
mod from_value;
mod key_order;
mod number;
mod parser;
mod reader;
mod resolve;
mod scalar_style;
mod scanner;
mod timestamp;
mod to_value;
mod token;
mod value;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use encode::{Layout, Writer};
pub use error::{Error, Position};
pub use key_order::sort_by_key;
pub use value::Value;

/// What the functions here answer with.
pub type Result<T> = std::result::Result<T, Error>;

/// How many lists and maps may be inside each other, in texts and in values. A scalar at the top
/// counts as one level. Recursion to this depth fits into the stack of a thread of 2 MiB.
pub const MAX_DEPTH: usize = 500;

/// How many bytes the copies made through aliases may add to the values of one text, beyond
/// eight times its length. Every value counts as 32 bytes and the length of its
/// text.
pub const MAX_EXPANSION: usize = 32 << 20;

/// Reads the first document of a text. An empty text is [`Value::Null`].
///
/// Where a mapping has a key twice, the later value wins, as in Helm. The rest of the text, after
/// the first document, is not looked at.
///
/// # Errors
///
/// When it is not YAML, refers to an anchor that isn't there, has a tag that its value doesn't
/// fit, a list, map or null as a key, an infinity or NaN, or is beyond [`MAX_DEPTH`] or
/// [`MAX_EXPANSION`].
pub fn decode(text: &str) -> Result<Value> {
    decode::first(text, decode::Duplicates::LastWins)
}

/// Like [`decode()`], for bytes: UTF-8, or UTF-16 if they begin with a byte order mark.
///
/// # Errors
///
/// Those of [`decode()`], and one for bytes that are no text.
pub fn decode_bytes(bytes: &[u8]) -> Result<Value> {
    decode(&encoding::text(bytes)?)
}

/// Like [`decode()`], but a key that a mapping has twice is an error that names each of them.
///
/// # Errors
///
/// Those of [`decode()`], and [`Error::DuplicateKeys`].
pub fn decode_strict(text: &str) -> Result<Value> {
    decode::first(text, decode::Duplicates::Refuse)
}

/// Reads every document of a text, as [`decode()`] reads the first. A text without any document
/// (empty, or comments only) gives an empty list.
///
/// The documents are those of the YAML grammar: a line `---` inside a block scalar that is
/// indented doesn't end it. (Helm splits the files of `--values` by lines beforehand.)
///
/// # Errors
///
/// Those of [`decode()`], for any of the documents.
pub fn decode_all(text: &str) -> Result<Vec<Value>> {
    decode::all(text)
}

/// Writes a value as one document, with a newline at its end.
///
/// # Errors
///
/// [`Error::Encode`] for NaN and infinities, for strings with U+007F to U+009F (except U+0085),
/// U+FFFE or U+FFFF, for keys with U+0085 or of more than 1,024 characters, and for nesting beyond
/// [`MAX_DEPTH`]. As in Helm, U+0085 becomes a space.
pub fn encode(value: &Value) -> Result<String> {
    encode::document(value)
}

/// Reads the first document of a text into a type, with what Go's JSON decoder allows: fields of
/// structs are found whatever their case, null leaves what is empty of the type, and where a
/// string is wanted, numbers and booleans are turned into one (`appVersion: 1.10` is `"1.1"`).
///
/// # Errors
///
/// Those of [`decode()`], and [`Error::Type`] when the value doesn't fit the type.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T> {
    from_value(decode(text)?)
}

/// Turns a value into a type, as [`from_str`] does.
///
/// # Errors
///
/// [`Error::Type`] when the value doesn't fit the type.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    T::deserialize(value)
}

/// Writes a value of any type, as [`encode()`] does. Fields of structs come out sorted by their
/// names.
///
/// # Errors
///
/// Those of [`encode()`], and [`Error::Encode`] for map keys that are not strings, numbers or
/// booleans.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    encode(&to_value(value)?)
}

/// Turns a value of any type into a [`Value`].
///
/// # Errors
///
/// [`Error::Encode`] for map keys that are not strings, numbers or booleans, and for nesting
/// beyond [`MAX_DEPTH`].
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    value.serialize(to_value::ValueSerializer::default())
}
