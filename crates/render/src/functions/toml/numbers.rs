//! What begins with a letter, a digit or a sign: booleans, numbers, dates and times.
//!
//! The grammar is a first approximation here, as it is in the library; what was found is looked at
//! more closely afterwards.

use chartroom_gotemplate::{Value, unicode};

use super::cursor::{Cursor, Parsed, quoted, quoted_char};
use super::scalar;

impl Cursor<'_> {
    pub(super) fn boolean(&mut self) -> Parsed<Value> {
        let start = self.at;
        while self.peek()?.is_some_and(unicode::is_letter) {
            self.next()?;
        }
        match &self.text[start..self.at] {
            b"true" => Ok(true.into()),
            b"false" => Ok(false.into()),
            word => self.fail(format!("expected value but found {} instead", quoted(word))),
        }
    }

    /// What begins with a digit.
    pub(super) fn number_or_date(&mut self) -> Parsed<Value> {
        let start = self.at;
        self.at += 1;
        let zero = self.text[start] == b'0';
        if zero && let Some(base @ (b'b' | b'o' | b'x')) = self.text.get(self.at).copied() {
            self.at += 1;
            return self.number_in_base(start, base);
        }
        // A date has at least two digits before anything else.
        let second_digit = self.text.get(self.at).is_some_and(u8::is_ascii_digit);
        self.take_while(|byte| byte.is_ascii_digit());
        match self.peek()? {
            Some('-' | ':') if !zero || second_digit => {
                self.take_while(|byte| byte.is_ascii_digit() || b"-:Tt .Zz+".contains(&byte));
                self.peek()?;
                let text = self.text[start..self.at].trim_ascii();
                self.scalar(scalar::date_and_time(text))
            }
            _ => self.decimal(start),
        }
    }

    fn number_in_base(&mut self, start: usize, base: u8) -> Parsed<Value> {
        let (is_digit, name): (fn(u8) -> bool, &str) = match base {
            b'b' => (|byte| matches!(byte, b'0' | b'1'), "a binary"),
            b'o' => (|byte| matches!(byte, b'0'..=b'7'), "an octal"),
            _ => (|byte| byte.is_ascii_hexdigit(), "a hexadecimal"),
        };
        let next = self.peek()?;
        if !self.text.get(self.at).is_some_and(|byte| is_digit(*byte)) {
            let text = String::from_utf8_lossy(&self.text[start..self.at]).into_owned();
            return self.fail(format!("not {name} number: '{text}{}'", next.unwrap_or('\0')));
        }
        self.take_while(|byte| byte == b'_' || is_digit(byte));
        self.peek()?;
        self.scalar(scalar::integer(&self.text[start..self.at]))
    }

    /// The rest of a decimal number, of which at least a digit was taken.
    fn decimal(&mut self, start: usize) -> Parsed<Value> {
        self.take_while(|byte| byte.is_ascii_digit() || byte == b'_');
        match self.peek()? {
            Some('.' | 'e' | 'E') => {
                self.take_while(|byte| byte.is_ascii_digit() || b"_.-+eE".contains(&byte));
                self.peek()?;
                self.scalar(scalar::float(&self.text[start..self.at]))
            }
            _ => self.scalar(scalar::integer(&self.text[start..self.at])),
        }
    }

    /// A number after its sign.
    pub(super) fn signed_number(&mut self, start: usize) -> Parsed<Value> {
        let letter = self.next()?;
        let so_far = |parser: &Self| String::from_utf8_lossy(&parser.text[start..parser.at]).into_owned();
        match letter {
            Some(first @ ('i' | 'n')) => {
                let [second, third] = if first == 'i' { ['n', 'f'] } else { ['a', 'n'] };
                if !self.accept(second)? || !self.accept(third)? {
                    let text = so_far(self);
                    return self.fail(format!("invalid float: '{text}'"));
                }
                self.scalar(scalar::float(&self.text[start..self.at]))
            }
            Some('0') if matches!(self.peek()?, Some('b' | 'o' | 'x')) => {
                let base = self.peek()?.unwrap_or_default();
                let text = so_far(self);
                self.fail(format!("cannot use sign with non-decimal numbers: '{text}{base}'"))
            }
            Some('.') => self.fail("floats must start with a digit, not '.'"),
            Some('0'..='9') => self.decimal(start),
            other => self.fail_at(other, format!("expected a digit but got {}", quoted_char(other))),
        }
    }
}
