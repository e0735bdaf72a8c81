//! Reading JSON, with the errors of the `encoding/json` of Go 1.27.

use std::collections::BTreeMap;

use chartroom_gotemplate::quote::quote;
use chartroom_gotemplate::{CallError, Text, Value, runes};

use crate::limit;
use crate::text::{in_backquotes, push};

/// Reads one value: numbers become `float64`, the last of several equal keys counts, and what is no
/// UTF-8 becomes U+FFFD.
///
/// # Errors
/// In Go's words. Beyond 500 levels it fails too, where Go goes on to 10,000.
pub fn decode(text: &[u8]) -> Result<Value, CallError> {
    let mut decoder = Decoder { text, at: 0, path: Vec::new(), out_of_range: None };
    let value = decoder.value()?;
    if decoder.next_token().is_some() {
        return Err(decoder.unexpected("after top-level value"));
    }
    // That a number doesn't fit is told only about texts that are well-formed.
    match decoder.out_of_range {
        Some(error) => Err(error),
        None => Ok(value),
    }
}

struct Decoder<'a> {
    text: &'a [u8],
    at: usize,
    /// The keys and indices that lead to where we are.
    path: Vec<Step>,
    /// The first number that doesn't fit a `float64`.
    out_of_range: Option<CallError>,
}

enum Step {
    Key(Text),
    Index(usize),
}

fn end_of_input() -> CallError {
    CallError::new("unexpected end of JSON input")
}

impl Decoder<'_> {
    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next byte that is no space.
    fn next_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// What is here does not fit.
    fn unexpected(&self, place: &str) -> CallError {
        let Some((letter, length)) = runes::first(self.rest()) else { return end_of_input() };
        let quoted = match letter {
            '\'' => "\\'".to_owned(),
            '"' => "\"".to_owned(),
            _ => {
                let quoted = quote(self.rest().get(..length).unwrap_or_default());
                String::from_utf8_lossy(quoted.get(1..quoted.len() - 1).unwrap_or_default()).into_owned()
            }
        };
        CallError::new(format!("invalid character '{quoted}' {place}"))
    }

    fn value(&mut self) -> Result<Value, CallError> {
        match self.next_token() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", true.into()),
            Some(b'f') => self.literal("false", false.into()),
            Some(b'n') => self.literal("null", Value::Nil),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn literal(&mut self, name: &str, value: Value) -> Result<Value, CallError> {
        for expected in name.bytes() {
            if self.peek() != Some(expected) {
                let place = format!("in literal {name} (expecting '{}')", char::from(expected));
                return Err(self.unexpected(&place));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn enter(&mut self, step: Step) -> Result<(), CallError> {
        self.at += 1;
        self.path.push(step);
        if self.path.len() > limit::DEPTH {
            return Err(CallError::new("exceeded max depth"));
        }
        Ok(())
    }

    fn step(&mut self, step: Step) {
        self.path.pop();
        self.path.push(step);
    }

    fn array(&mut self) -> Result<Value, CallError> {
        self.enter(Step::Index(0))?;
        let mut items = Vec::new();
        if self.next_token() != Some(b']') {
            loop {
                self.step(Step::Index(items.len()));
                items.push(self.value()?);
                match self.next_token() {
                    Some(b',') => self.at += 1,
                    Some(b']') => break,
                    _ => return Err(self.unexpected("after array element")),
                }
            }
        }
        self.at += 1;
        self.path.pop();
        Ok(Value::grown(items))
    }

    fn object(&mut self) -> Result<Value, CallError> {
        self.enter(Step::Index(0))?;
        let mut entries = BTreeMap::new();
        if self.next_token() != Some(b'}') {
            loop {
                if self.next_token() != Some(b'"') {
                    return Err(self.unexpected("looking for beginning of object key string"));
                }
                let key = self.string()?;
                if self.next_token() != Some(b':') {
                    return Err(self.unexpected("after object key"));
                }
                self.at += 1;
                self.step(Step::Key(key.clone()));
                entries.insert(key, self.value()?);
                match self.next_token() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break,
                    _ => return Err(self.unexpected("after object key:value pair")),
                }
            }
        }
        self.at += 1;
        self.path.pop();
        Ok(Value::map(entries))
    }

    fn number(&mut self) -> Result<Value, CallError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        // Nothing but a point or an exponent may follow a zero.
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        let number = text.parse::<f64>().unwrap_or_default();
        if number.is_infinite() && self.out_of_range.is_none() {
            let target = self.target();
            self.out_of_range = Some(CallError::new(format!(
                "json: cannot unmarshal number {text} into {target} of type float64"
            )));
        }
        Ok(number.into())
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), CallError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected("in numeric literal"));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    /// What Go calls the place of a value.
    fn target(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            path.push('.');
            match step {
                Step::Index(index) => path.push_str(&index.to_string()),
                Step::Key(key) => path.push_str(&key.to_str().replace('~', "~0").replace('/', "~1")),
            }
        }
        let last = path.rsplit('.').next().unwrap_or_default();
        if path.len() < 2 {
            "Go value".to_owned()
        } else if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) {
            path
        } else {
            format!("Go struct field {path}")
        }
    }

    fn string(&mut self) -> Result<Text, CallError> {
        self.at += 1;
        let start = self.at;
        // Most texts have nothing to replace.
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    let text = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(text.into());
                }
                b'\\' | 0..0x20 | 0x80.. => break,
                _ => self.at += 1,
            }
        }
        let mut out = self.text.get(start..self.at).unwrap_or_default().to_vec();
        loop {
            match self.peek() {
                None => return Err(end_of_input()),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out.into());
                }
                Some(b'\\') => self.escape(&mut out)?,
                Some(0..0x20) => return Err(self.unexpected("in string")),
                Some(_) => {
                    let (letter, length) = runes::first(self.rest()).unwrap_or(('\u{fffd}', 1));
                    push(&mut out, letter);
                    self.at += length;
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), CallError> {
        let letter = match self.rest().get(1) {
            None => return Err(end_of_input()),
            Some(b'u') => return self.unicode_escape(out),
            Some(&plain @ (b'"' | b'\\' | b'/')) => plain,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(_) => return Err(self.invalid_escape(2)),
        };
        out.push(letter);
        self.at += 2;
        Ok(())
    }

    fn invalid_escape(&self, length: usize) -> CallError {
        let rest = self.rest();
        let sequence = in_backquotes(rest.get(..length).unwrap_or(rest));
        CallError::new(format!("invalid escape sequence {sequence} in string"))
    }

    /// `\u` and four digits; two of them for what is beyond the first 65,536 characters. A half
    /// alone is U+FFFD.
    fn unicode_escape(&mut self, out: &mut Vec<u8>) -> Result<(), CallError> {
        let unit = self.code_unit()?;
        self.at += 6;
        if (0xd800..0xdc00).contains(&unit) && self.rest().starts_with(b"\\u") {
            let low = self.code_unit()?;
            if (0xdc00..0xe000).contains(&low) {
                self.at += 6;
                let code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                push(out, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(());
            }
        }
        push(out, char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    fn code_unit(&self) -> Result<u32, CallError> {
        let digits = self.rest().get(2..).unwrap_or_default();
        let mut unit = 0;
        for index in 0..4 {
            let Some(&byte) = digits.get(index) else { return Err(end_of_input()) };
            let Some(digit) = char::from(byte).to_digit(16) else { return Err(self.invalid_escape(6)) };
            unit = unit << 4 | digit;
        }
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::json::{Style, encode};

    #[test]
    fn errors_are_told_in_go_s_words() {
        for (text, error) in [
            ("", "unexpected end of JSON input"),
            ("tru", "unexpected end of JSON input"),
            ("trux", "invalid character 'x' in literal true (expecting 'e')"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("[1 2]", "invalid character '2' after array element"),
            ("{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 \"b\"", "invalid character '\"' after object key:value pair"),
            ("1.x", "invalid character 'x' in numeric literal"),
            ("01", "invalid character '1' after top-level value"),
            ("\"a\nb\"", "invalid character '\\n' in string"),
            ("\"\\u12G4\"", "invalid escape sequence `\\u12G4` in string"),
            ("\"\\é\"", "invalid escape sequence \"\\\\\\xc3\" in string"),
            ("\u{feff}1", "invalid character '\\ufeff' looking for beginning of value"),
            ("1e999", "json: cannot unmarshal number 1e999 into Go value of type float64"),
            ("[0,1e999]", "json: cannot unmarshal number 1e999 into .1 of type float64"),
            (
                "{\"a/b\":1e999}",
                "json: cannot unmarshal number 1e999 into Go struct field .a~1b of type float64",
            ),
            ("[1e999,x", "invalid character 'x' looking for beginning of value"),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap_err().to_string(), error, "{text}");
        }
        assert!(decode("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn texts_are_read() {
        for (json, text) in [
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83d\n\udc00""#, "\u{fffd}\n\u{fffd}"),
            (r#""a\/\b\f\n\r\t\"\\\u00e9""#, "a/\u{8}\u{c}\n\r\t\"\\é"),
        ] {
            assert_eq!(decode(json.as_bytes()).unwrap().as_text().unwrap().to_str(), text);
        }
        assert_eq!(decode(b"\"\xff\xc3\"").unwrap().as_text().unwrap().to_str(), "\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(texts: Vec<String>, numbers in prop::collection::vec(-1e300..1e300, 0..5), truth: bool) {
            let numbers = Value::list(numbers.into_iter().map(Value::from).collect());
            let texts = Value::map(texts.into_iter().map(|text| (text.clone(), text.into())));
            let value = Value::list(vec![numbers, texts, truth.into(), Value::Nil]);
            for style in [Style::Compact, Style::Raw, Style::Pretty] {
                let json = encode(&value, style).unwrap();
                prop_assert!(crate::equality::deep_equal(&decode(&json).unwrap(), &value).unwrap());
            }
        }

        #[test]
        fn nothing_panics(text: Vec<u8>) {
            let _ = decode(&text);
        }
    }
}
