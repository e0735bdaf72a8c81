//! Values to YAML: what a value is written as. How it is laid out is the emitter's business.

use crate::detour;
use crate::emitter::Emitter;
use crate::number::{self, Number};
use crate::reader::is_readable;
use crate::{Error, MAX_DEPTH, Result, Value, sort_by_key};

/// Which go-yaml a document looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// What `sigs.k8s.io/yaml` writes by way of JSON and go-yaml 2: the dashes of a sequence stand in
    /// the column of its key, floats that are whole look like integers, and what JSON can't say is an
    /// error.
    Compact,
    /// What go-yaml 3 writes with an indentation of 2: sequences are indented, floats look like
    /// Go's (`1e+06`), and infinities, NaN and control characters can be written.
    Indented,
}

/// Writes a document piece by piece, for values that are not a [`Value`].
///
/// Each value is one call, or a start, its elements, and an end. Before each element of a list
/// stands [`Writer::entry`], before each value of a map [`Writer::key`] or [`Writer::binary_key`]; a
/// list or map without elements is [`Writer::empty_list`] or [`Writer::empty_map`]. Calls in another
/// order give a text that means nothing.
///
/// Every value is an error beyond [`MAX_DEPTH`].
pub struct Writer {
    emitter: Emitter,
    layout: Layout,
    depth: usize,
    /// How many U+0085 there were, each of which ended a line of JSON.
    breaks: usize,
}

impl Writer {
    /// Begins a document.
    pub fn new(layout: Layout) -> Self {
        Self { emitter: Emitter::new(layout), layout, depth: 0, breaks: 0 }
    }

    /// Ends the document, with a newline.
    pub fn finish(self) -> String {
        self.emitter.finish()
    }

    /// Writes what needs no quotes and has no spaces: null, booleans, numbers, timestamps.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn bare(&mut self, text: &str) -> Result<()> {
        self.check_depth()?;
        self.emitter.bare(text);
        Ok(())
    }

    /// Writes null.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn null(&mut self) -> Result<()> {
        self.bare("null")
    }

    /// Writes a boolean.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn bool(&mut self, truth: bool) -> Result<()> {
        self.bare(if truth { "true" } else { "false" })
    }

    /// Writes an integer.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn int(&mut self, number: i64) -> Result<()> {
        self.bare(&number.to_string())
    }

    /// Writes an integer.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn uint(&mut self, number: u64) -> Result<()> {
        self.bare(&number.to_string())
    }

    /// Writes a float.
    ///
    /// # Errors
    ///
    /// In [`Layout::Compact`], for infinities and NaN.
    pub fn float(&mut self, number: f64) -> Result<()> {
        match self.layout {
            Layout::Compact => self.bare(&json_float(number)?),
            Layout::Indented if number.is_nan() => self.bare(".nan"),
            Layout::Indented if number == f64::INFINITY => self.bare(".inf"),
            Layout::Indented if number == f64::NEG_INFINITY => self.bare("-.inf"),
            Layout::Indented => self.bare(&number::format_g(number)),
        }
    }

    /// Writes a string.
    ///
    /// # Errors
    ///
    /// In [`Layout::Compact`], for U+007F to U+009F, U+FFFE and U+FFFF. U+0085 is an error only where
    /// `--- ` or `... ` stands behind it; otherwise it becomes a space, and several become line feeds.
    pub fn string(&mut self, text: &str) -> Result<()> {
        self.check_depth()?;
        if self.check_text(text)? {
            self.emitter.text(text);
            return Ok(());
        }
        let folded = detour::folded(text).map_err(|line| Error::unwritable_marker(self.breaks + line + 1))?;
        self.breaks += detour::count(text);
        self.emitter.text(&folded);
        Ok(())
    }

    /// Writes bytes, given in base64, with the tag that says so.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn binary(&mut self, base64: &str) -> Result<()> {
        self.check_depth()?;
        self.emitter.binary(base64);
        Ok(())
    }

    /// Writes a list of nothing.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn empty_list(&mut self) -> Result<()> {
        self.bare("[]")
    }

    /// Writes a map of nothing.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn empty_map(&mut self) -> Result<()> {
        self.bare("{}")
    }

    /// Begins a list that has elements.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn start_list(&mut self) -> Result<()> {
        self.check_depth()?;
        self.depth += 1;
        self.emitter.start_sequence();
        Ok(())
    }

    /// Begins a map that has entries.
    ///
    /// # Errors
    ///
    /// Beyond [`MAX_DEPTH`].
    pub fn start_map(&mut self) -> Result<()> {
        self.check_depth()?;
        self.depth += 1;
        self.emitter.start_mapping();
        Ok(())
    }

    /// Ends the innermost list or map.
    pub fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.emitter.end();
    }

    /// Begins an element of a list.
    pub fn entry(&mut self) {
        self.emitter.entry();
    }

    /// Begins an entry of a map. [`sort_by_key`] has the order that go-yaml gives them.
    ///
    /// # Errors
    ///
    /// In [`Layout::Compact`], for the characters that [`Writer::string`] refuses, for U+0085, and for
    /// what takes more than 1,024 characters in JSON.
    pub fn key(&mut self, key: &str) -> Result<()> {
        if !self.check_text(key)? {
            return Err(Error::unwritable_key(self.breaks + detour::count(key)));
        }
        if self.layout == Layout::Compact && detour::is_long_key(key) {
            return Err(Error::unwritable_key(self.breaks));
        }
        self.emitter.key(key);
        Ok(())
    }

    /// Begins an entry of a map whose key is bytes, given in base64.
    pub fn binary_key(&mut self, base64: &str) {
        self.emitter.binary_key(base64);
    }

    fn check_depth(&self) -> Result<()> {
        if self.depth >= MAX_DEPTH { Err(Error::too_deep_to_write()) } else { Ok(()) }
    }

    /// JSON escapes the control characters of ASCII, and YAML refuses all others. Whether the text
    /// stays as it is.
    fn check_text(&self, text: &str) -> Result<bool> {
        let ascii = text.bytes().all(|byte| byte < 0x7F);
        if ascii || self.layout == Layout::Indented {
            return Ok(true);
        }
        if !text.chars().all(|c| c < ' ' || is_readable(c)) {
            return Err(Error::unwritable_text());
        }
        Ok(!detour::is_broken(text))
    }
}

/// Encodes a document.
pub(crate) fn document(value: &Value) -> Result<String> {
    let mut writer = Writer::new(Layout::Compact);
    write(&mut writer, value)?;
    Ok(writer.finish())
}

fn write(writer: &mut Writer, value: &Value) -> Result<()> {
    match value {
        Value::Null => writer.null(),
        Value::Bool(truth) => writer.bool(*truth),
        Value::Int(integer) => writer.int(*integer),
        Value::Uint(integer) => writer.uint(*integer),
        Value::Float(float) => writer.float(*float),
        Value::String(text) => writer.string(text),
        Value::List(list) if list.is_empty() => writer.empty_list(),
        Value::List(list) => {
            writer.start_list()?;
            for element in list {
                writer.entry();
                write(writer, element)?;
            }
            writer.end();
            Ok(())
        }
        Value::Map(map) if map.is_empty() => writer.empty_map(),
        Value::Map(map) => {
            writer.start_map()?;
            for (key, element) in sort_by_key(map, Layout::Compact) {
                writer.key(key)?;
                write(writer, element)?;
            }
            writer.end();
            Ok(())
        }
    }
}

/// A float after its detour over JSON, where whole numbers become integers if they fit.
fn json_float(float: f64) -> Result<String> {
    if !float.is_finite() {
        return Err(Error::unwritable_number(float));
    }
    match number::whole(float) {
        Some(Number::Int(integer)) => Ok(integer.to_string()),
        Some(Number::Uint(integer)) => Ok(integer.to_string()),
        _ => Ok(number::format_g(float)),
    }
}
