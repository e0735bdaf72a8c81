//! The objects in a file, as the decoder of Kubernetes reads them: JSON where the file looks like it,
//! else YAML documents.

use chartroom_chart::yaml_documents;
use chartroom_goyaml as goyaml;

use super::file;
use super::object::Object;
use crate::values::go_json::{self, JsonError};

/// How far the decoder looks for a brace.
const WINDOW: usize = 4096;

/// Reads objects; nothing stands for an empty document. The first error ends it.
pub(super) struct Objects<'a> {
    text: Result<&'a str, String>,
    is_json: bool,
    /// How many were read as JSON, and how many bytes that was.
    count: usize,
    consumed: usize,
    ended: bool,
}

impl<'a> Objects<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        let start = content.get(..WINDOW).unwrap_or(content);
        let is_json = start.trim_ascii_start().starts_with(b"{");
        Self { text: file::text(content), is_json, count: 0, consumed: 0, ended: false }
    }

    fn read(&mut self) -> Option<Result<Option<Object>, String>> {
        let text = match &self.text {
            Ok(text) => *text,
            Err(error) => return Some(Err(error.clone())),
        };
        let mut first_error = None;
        if self.is_json {
            match json(text) {
                Ok((object, length)) => {
                    self.count += 1;
                    self.consumed += length;
                    self.text = Ok(text.get(length..).unwrap_or_default());
                    return Some(Ok(Some(object)));
                }
                Err(NoObject::Nothing) => return None,
                Err(NoObject::Syntax(error, _)) if self.count > 1 => return Some(Err(error)),
                Err(NoObject::Other(error)) if self.count > 1 => return Some(Err(error)),
                // With at most one object, it may still be YAML.
                Err(NoObject::Syntax(error, at)) => {
                    first_error = Some(format!("json: offset {}: {error}", self.consumed + at + 1));
                }
                Err(NoObject::Other(error)) => first_error = Some(error),
            }
            self.is_json = false;
            self.text = Ok(without_blank(text));
        }
        let text = self.text.as_ref().map_or("", |text| text);
        let mut documents = yaml_documents(text);
        let document = match documents.next()? {
            Ok(document) => document,
            Err(error) => return Some(Err(first_error.unwrap_or(error))),
        };
        let rest = text.get(document.len()..).unwrap_or_default();
        // The line that ends a document belongs to nobody.
        let rest = match rest.split_once('\n') {
            Some((line, rest)) if line.starts_with("---") => rest,
            None if rest.starts_with("---") => "",
            _ => rest,
        };
        let object = goyaml::decode(document).map_err(|error| error.to_string()).and_then(Object::of);
        self.text = Ok(rest);
        Some(object.map_err(|error| first_error.unwrap_or(error)))
    }
}

impl Iterator for Objects<'_> {
    type Item = Result<Option<Object>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let object = self.read();
        self.ended = !matches!(object, Some(Ok(_)));
        object
    }
}

/// Why there is no object of JSON.
enum NoObject {
    Nothing,
    /// It is no JSON, from this place on.
    Syntax(String, usize),
    Other(String),
}

/// The first object of a text, and how long it is.
fn json(text: &str) -> Result<(Object, usize), NoObject> {
    let (value, length) = go_json::first_at(text).map_err(|(error, at)| match error {
        JsonError::Nothing => NoObject::Nothing,
        JsonError::End => NoObject::Other(error.to_string()),
        error => NoObject::Syntax(error.to_string(), at),
    })?;
    let value = value.to_floats().map_err(NoObject::Other)?;
    match Object::of(value) {
        Ok(object) => Ok((object.unwrap_or_default(), length)),
        Err(error) => {
            let plain = error.strip_prefix("error unmarshaling JSON: while decoding JSON: ");
            Err(NoObject::Other(plain.unwrap_or(&error).to_owned()))
        }
    }
}

/// What follows the blanks, up to the first line end among them.
fn without_blank(text: &str) -> &str {
    let rest = text.trim_start();
    let blank = text.len() - rest.len();
    match text.get(..blank).and_then(|blank| blank.find('\n')) {
        Some(end) => text.get(end + 1..).unwrap_or_default(),
        None => rest,
    }
}
