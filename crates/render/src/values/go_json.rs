//! JSON as Go's `encoding/json` reads it, with its errors, and with numbers as they are written.

use std::collections::BTreeMap;

use chartroom_chart::go_text;
use chartroom_goyaml::Value;

/// How deep lists and objects may be inside of each other. Go's bound is 10,000.
const MAX_DEPTH: usize = chartroom_goyaml::MAX_DEPTH;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    String(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// Why a text isn't JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    /// There is nothing.
    #[error("EOF")]
    Nothing,
    /// The text ends too early.
    #[error("unexpected EOF")]
    End,
    /// A character where another one has to be.
    #[error("invalid character {0} {1}")]
    Character(String, String),
    /// A backslash with something behind it that means nothing.
    #[error("invalid escape sequence {0} in string")]
    Escape(String),
    #[error("exceeded max depth")]
    Depth,
    /// There is more behind the value.
    #[error("invalid character after top-level value")]
    More,
}

impl Json {
    /// The members, if this is an object.
    pub(crate) fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements, if this is a list.
    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The text, if this is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The same with every number a `float64`. The error is for numbers that are too large for
    /// that.
    pub(crate) fn to_floats(&self) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Number(text) => {
                let number: f64 = text.parse().unwrap_or(f64::INFINITY);
                if number.is_infinite() {
                    return Err(format!(
                        "json: cannot unmarshal number {text} into Go value of type float64"
                    ));
                }
                Value::Float(number)
            }
            Self::String(text) => Value::String(text.clone()),
            Self::List(list) => Value::List(list.iter().map(Self::to_floats).collect::<Result<_, _>>()?),
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| Ok((name.clone(), value.to_floats()?)));
                Value::Map(members.collect::<Result<_, String>>()?)
            }
        })
    }
}

/// Reads one value, and nothing but blanks behind it.
pub(crate) fn whole(text: &str) -> Result<Json, JsonError> {
    let (value, length) = first(text)?;
    let more = text.get(length..).unwrap_or_default();
    if more.trim_start_matches([' ', '\t', '\r', '\n']).is_empty() { Ok(value) } else { Err(JsonError::More) }
}

/// Reads the first value, and says how many bytes it and the blanks in front of it take.
pub(crate) fn first(text: &str) -> Result<(Json, usize), JsonError> {
    first_at(text).map_err(|(error, _)| error)
}

/// As [`first`]; and says where an error is.
pub(crate) fn first_at(text: &str) -> Result<(Json, usize), (JsonError, usize)> {
    let mut reader = Reader { text, at: 0 };
    reader.blanks();
    if reader.peek().is_none() {
        return Err((JsonError::Nothing, reader.at));
    }
    match reader.value(0) {
        Ok(value) => Ok((value, reader.at)),
        Err(error) => Err((error, reader.at)),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error for what stands here.
    fn unexpected(&self, place: impl Into<String>) -> JsonError {
        match self.peek() {
            None => JsonError::End,
            Some(_) => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let letter = rest.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                JsonError::Character(go_text::quote_letter(letter).to_string(), place.into())
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Json::Bool(true)),
            Some(b'f') => self.literal("false", Json::Bool(false)),
            Some(b'n') => self.literal("null", Json::Null),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &'static str, value: Json) -> Result<Json, JsonError> {
        for letter in word.bytes() {
            if self.peek() != Some(letter) {
                let expected = char::from(letter);
                return Err(self.unexpected(format!("in literal {word} (expecting '{expected}')")));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("in numeric literal"));
        }
        self.digits();
        Ok(())
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.some_digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(Json::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            text.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return Err(self.unexpected("in string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let letter = match self.peek() {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            None => return Err(JsonError::End),
            Some(_) => return Err(self.bad_escape(1)),
        };
        self.at += 1;
        Ok(letter)
    }

    /// One code point, of a pair of escapes where it takes one. Half a pair is U+FFFD.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let code = self.four_digits()?;
        if !(0xd800..0xe000).contains(&code) {
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let after = self.at;
        if code < 0xdc00 && self.text.get(after..).is_some_and(|rest| rest.starts_with("\\u")) {
            self.at += 2;
            let low = self.four_digits()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for index in 0..4 {
            let Some(byte) = self.text.as_bytes().get(self.at + index) else { return Err(JsonError::End) };
            let Some(digit) = char::from(*byte).to_digit(16) else {
                self.at -= 1;
                return Err(self.bad_escape(5));
            };
            code = code * 16 + digit;
        }
        self.at += 4;
        Ok(code)
    }

    /// The error for a backslash and what stands here.
    fn bad_escape(&self, length: usize) -> JsonError {
        let rest = self.text.as_bytes().get(self.at - 1..).unwrap_or_default();
        let sequence = rest.get(..=length).unwrap_or(rest);
        JsonError::Escape(in_backquotes(sequence))
    }

    fn list(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth >= MAX_DEPTH {
            return Err(JsonError::Depth);
        }
        self.at += 1;
        let mut list = Vec::new();
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(list));
        }
        loop {
            self.blanks();
            list.push(self.value(depth + 1)?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::List(list));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth >= MAX_DEPTH {
            return Err(JsonError::Depth);
        }
        self.at += 1;
        let mut members = BTreeMap::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let name = self.string()?;
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            self.blanks();
            let value = self.value(depth + 1)?;
            members.insert(name, value);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(members));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }
}

/// A part of the text as errors show it: in backquotes, or in quotes where it has characters that
/// can't be printed, is no whole text, or has a backquote in it.
fn in_backquotes(part: &[u8]) -> String {
    let plain = |letter: char| go_text::is_printable(letter) && letter != '`';
    match std::str::from_utf8(part) {
        Ok(text) if text.chars().all(plain) => format!("`{text}`"),
        _ => String::from_utf8_lossy(&chartroom_gotemplate::quote::quote(part)).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_go() {
        for (text, error) in [
            ("", "EOF"),
            ("  \n", "EOF"),
            ("{", "unexpected EOF"),
            ("[1,", "unexpected EOF"),
            ("\"a", "unexpected EOF"),
            ("tru", "unexpected EOF"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("'", "invalid character '\\'' looking for beginning of value"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{a", "invalid character 'a' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 \"", "invalid character '\"' after object key:value pair"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("trux", "invalid character 'x' in literal true (expecting 'e')"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("1.x", "invalid character 'x' in numeric literal"),
            ("1e+x", "invalid character 'x' in numeric literal"),
            ("\"\n\"", "invalid character '\\n' in string"),
            ("\"\\q\"", "invalid escape sequence `\\q` in string"),
            ("\"\\é\"", "invalid escape sequence \"\\\\\\xc3\" in string"),
            ("\"\\u12g4\"", "invalid escape sequence `\\u12g4` in string"),
            ("\"\\u12", "unexpected EOF"),
            ("é", "invalid character 'é' looking for beginning of value"),
            ("{} x", "invalid character after top-level value"),
            ("01", "invalid character after top-level value"),
        ] {
            assert_eq!(whole(text).map_err(|error| error.to_string()), Err(error.to_owned()), "{text}");
        }
        assert_eq!(whole(&"[".repeat(600)), Err(JsonError::Depth));
    }

    #[test]
    fn reads_values() {
        let text = r#" {"a": [1.50, -0, true, null, "x\u00e9\ud83d\ude80\ud800\n"], "a2": {}, "a": [] } "#;
        let value = whole(text).map(|value| format!("{value:?}"));
        assert_eq!(value, Ok(r#"Object({"a": List([]), "a2": Object({})})"#.into()));
        let value = whole(r#"["x\u00e9\ud83d\ude80\ud800\ud800A", 1.50]"#);
        let text = Json::String("xé🚀\u{fffd}\u{fffd}A".into());
        assert_eq!(value, Ok(Json::List(vec![text, Json::Number("1.50".into())])));
        assert_eq!(first("1,b").map(|(_, length)| length), Ok(1));
        assert!(Json::Number("1e999".into()).to_floats().is_err());
    }
}
