//! Formats: text with directives such as `%-5.2f`, `%[2]*d`, `%+v`.

use super::printer::Printer;
use crate::runes;
use crate::value::Value;

/// The largest width and precision.
const MAX_SIZE: i64 = 1_000_000;

/// Where in a format and among its operands printing is.
struct Cursor<'f> {
    format: &'f [u8],
    position: usize,
    /// The operand that is next.
    operand: usize,
    operands: usize,
    /// Whether an index such as `[3]` came just before.
    after_index: bool,
    /// Whether there was any.
    reordered: bool,
    /// Whether all of this directive's made sense.
    good_index: bool,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.get(self.position).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.position += usize::from(is_next);
        is_next
    }

    /// A number in digits. One that is too large ends the format.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            let value = number.unwrap_or(0_i64);
            if value > MAX_SIZE {
                self.position = self.format.len();
                return None;
            }
            number = Some(value * 10 + i64::from(digit - b'0'));
            self.position += 1;
        }
        number.and_then(|number| usize::try_from(number).ok())
    }

    /// An index in brackets, which says what operand is next.
    fn index(&mut self) {
        self.after_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let rest = self.format.get(self.position..).unwrap_or_default();
        let closing = rest.iter().position(|&byte| byte == b']').filter(|_| rest.len() > 2);
        let Some(length) = closing else {
            self.good_index = false;
            self.position += 1;
            return;
        };
        let mut inner = Cursor {
            format: rest.get(..length).unwrap_or_default(),
            position: 1,
            operand: 0,
            operands: 0,
            after_index: false,
            reordered: false,
            good_index: true,
        };
        let number = inner.number().filter(|_| inner.position == length);
        self.position += length + 1;
        match number {
            Some(number) => {
                self.after_index = true;
                match number.checked_sub(1).filter(|&index| index < self.operands) {
                    Some(index) => self.operand = index,
                    None => self.good_index = false,
                }
            }
            None => self.good_index = false,
        }
    }

    /// The operand that a `*` stands for, where that is a number of a fit size.
    fn star(&mut self, operands: &[Value]) -> Option<i64> {
        let operand = operands.get(self.operand)?;
        self.operand += 1;
        match operand {
            Value::Int(_, number) => Some(*number).filter(|number| (-MAX_SIZE..=MAX_SIZE).contains(number)),
            _ => None,
        }
    }
}

impl Printer<'_> {
    /// Writes operands as a format says.
    pub(crate) fn printf(&mut self, format: &[u8], operands: &[Value]) {
        let mut cursor = Cursor {
            format,
            position: 0,
            operand: 0,
            operands: operands.len(),
            after_index: false,
            reordered: false,
            good_index: true,
        };
        while cursor.position < format.len() && !self.overflowed() {
            let rest = format.get(cursor.position..).unwrap_or_default();
            let length = rest.iter().position(|&byte| byte == b'%').unwrap_or(rest.len());
            self.write(rest.get(..length).unwrap_or_default());
            cursor.position += length;
            if cursor.take(b'%') {
                self.directive(&mut cursor, operands);
            }
        }
        if !cursor.reordered {
            self.extra(operands.get(cursor.operand..).unwrap_or_default());
        }
    }

    fn directive(&mut self, cursor: &mut Cursor<'_>, operands: &[Value]) {
        cursor.good_index = true;
        self.clear_flags();
        loop {
            match cursor.peek() {
                Some(b'#') => self.flags.sharp = true,
                Some(b'0') => self.flags.zero = true,
                Some(b'+') => self.flags.plus = true,
                Some(b'-') => self.flags.minus = true,
                Some(b' ') => self.flags.space = true,
                _ => break,
            }
            cursor.position += 1;
        }
        cursor.index();
        if cursor.take(b'*') {
            self.star_width(cursor, operands);
        } else {
            self.width = cursor.number();
            if cursor.after_index && self.width.is_some() {
                cursor.good_index = false;
            }
        }
        if cursor.position + 1 < cursor.format.len() && cursor.take(b'.') {
            self.precision(cursor, operands);
        }
        if !cursor.after_index {
            cursor.index();
        }
        let rest = cursor.format.get(cursor.position..).unwrap_or_default();
        let Some((verb, length)) = runes::first(rest) else {
            return self.write(b"%!(NOVERB)");
        };
        cursor.position += length;
        if verb == '%' {
            return self.write(b"%");
        }
        if !cursor.good_index {
            return self.complain(verb, b"(BADINDEX)");
        }
        let Some(operand) = operands.get(cursor.operand) else {
            return self.complain(verb, b"(MISSING)");
        };
        cursor.operand += 1;
        if matches!(verb, 'v' | 'w') {
            self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
            self.flags.plus_v = std::mem::take(&mut self.flags.plus);
        }
        self.operand(operand, verb);
    }

    fn star_width(&mut self, cursor: &mut Cursor<'_>, operands: &[Value]) {
        match cursor.star(operands) {
            Some(width) => {
                if width < 0 {
                    self.flags.minus = true;
                    self.flags.zero = false;
                }
                self.width = usize::try_from(width.unsigned_abs()).ok();
            }
            None => self.write(b"%!(BADWIDTH)"),
        }
        cursor.after_index = false;
    }

    fn precision(&mut self, cursor: &mut Cursor<'_>, operands: &[Value]) {
        if cursor.after_index {
            cursor.good_index = false;
        }
        cursor.index();
        if cursor.take(b'*') {
            self.precision = cursor.star(operands).and_then(|number| usize::try_from(number).ok());
            if self.precision.is_none() {
                self.write(b"%!(BADPREC)");
            }
            cursor.after_index = false;
        } else {
            self.precision = Some(cursor.number().unwrap_or_default());
        }
    }

    fn complain(&mut self, verb: char, what: &[u8]) {
        self.write(b"%!");
        self.write_char(verb);
        self.write(what);
    }

    /// Says which operands no directive took.
    fn extra(&mut self, operands: &[Value]) {
        if operands.is_empty() {
            return;
        }
        self.clear_flags();
        self.write(b"%!(EXTRA ");
        for (index, operand) in operands.iter().enumerate() {
            if index > 0 {
                self.write(b", ");
            }
            match operand.type_of() {
                None => self.write(b"<nil>"),
                Some(of) => {
                    self.write(of.to_string().as_bytes());
                    self.write(b"=");
                    self.operand(operand, 'v');
                }
            }
        }
        self.write(b")");
    }
}
