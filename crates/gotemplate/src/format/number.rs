//! Integers and floats under their verbs.

use super::printer::Printer;
use crate::{float, quote, unicode};

/// An integer as its bits, with what they mean.
#[derive(Clone, Copy)]
pub(super) struct Integer {
    pub(super) bits: u64,
    pub(super) signed: bool,
}

impl Printer<'_> {
    /// An integer under a verb; whether the verb is one for integers.
    pub(super) fn integer(&mut self, integer: Integer, verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v && !integer.signed => self.address(integer.bits, true),
            'v' | 'd' => self.digits(integer, 10, verb),
            'b' => self.digits(integer, 2, verb),
            'o' | 'O' => self.digits(integer, 8, verb),
            'x' | 'X' => self.digits(integer, 16, verb),
            'c' => {
                let char = character(integer.bits);
                self.pad(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            'q' => {
                let char = character(integer.bits);
                let quoted =
                    if self.flags.plus { quote::quote_char_ascii(char) } else { quote::quote_char(char) };
                self.pad(&quoted);
            }
            'U' => self.code_point(integer.bits),
            _ => return false,
        }
        true
    }

    /// A number as Go writes addresses, with or without `0x`.
    pub(super) fn address(&mut self, bits: u64, prefix: bool) {
        let sharp = std::mem::replace(&mut self.flags.sharp, prefix);
        self.digits(Integer { bits, signed: false }, 16, 'v');
        self.flags.sharp = sharp;
    }

    fn digits(&mut self, integer: Integer, base: u8, verb: char) {
        let negative = integer.signed && integer.bits >> 63 == 1;
        let number = if negative { integer.bits.wrapping_neg() } else { integer.bits };
        if self.is_bare() && verb != 'O' {
            let mut buffer = [0; 64];
            if negative {
                self.write(b"-");
            }
            return self.write(write_digits(&mut buffer, number, base, verb == 'X'));
        }
        let signs = negative || self.flags.plus || self.flags.space;
        let wanted = match self.precision {
            Some(0) if number == 0 => {
                let zero = std::mem::replace(&mut self.flags.zero, false);
                self.write_padding(self.width.unwrap_or_default());
                self.flags.zero = zero;
                return;
            }
            Some(precision) => precision,
            None => match self.width {
                Some(width) if self.flags.zero && !self.flags.minus => width.saturating_sub(signs.into()),
                _ => 0,
            },
        };
        let mut buffer = [0; 64];
        let digits = write_digits(&mut buffer, number, base, verb == 'X');
        let zeros = wanted.saturating_sub(digits.len());
        let mut out = Vec::with_capacity(digits.len() + zeros + 3);
        if negative {
            out.push(b'-');
        } else if self.flags.plus {
            out.push(b'+');
        } else if self.flags.space {
            out.push(b' ');
        }
        if verb == 'O' {
            out.extend_from_slice(b"0o");
        }
        if self.flags.sharp {
            match base {
                2 => out.extend_from_slice(b"0b"),
                8 if zeros == 0 && digits.first() != Some(&b'0') => out.push(b'0'),
                16 => out.extend_from_slice(if verb == 'X' { b"0X" } else { b"0x" }),
                _ => {}
            }
        }
        out.resize(out.len() + zeros, b'0');
        out.extend_from_slice(digits);
        self.pad_with_spaces(&out);
    }

    /// `U+0041`, under the sharp flag with the character.
    fn code_point(&mut self, bits: u64) {
        let digits = self.precision.unwrap_or_default().max(4);
        let mut out = format!("U+{bits:0>digits$X}");
        let char = u32::try_from(bits).ok().and_then(char::from_u32);
        if let Some(char) = char.filter(|&char| self.flags.sharp && unicode::is_printable(char)) {
            out.push_str(" '");
            out.push(char);
            out.push('\'');
        }
        self.pad_with_spaces(out.as_bytes());
    }

    /// A float under a verb; whether the verb is one for floats.
    pub(super) fn float(&mut self, number: f64, verb: char) -> bool {
        match verb {
            'v' => self.float_as(number, b'g', None),
            'b' => self.float_as(number, b'b', None),
            'g' => self.float_as(number, b'g', None),
            'G' => self.float_as(number, b'G', None),
            'x' => self.float_as(number, b'x', None),
            'X' => self.float_as(number, b'X', None),
            'e' => self.float_as(number, b'e', Some(6)),
            'E' => self.float_as(number, b'E', Some(6)),
            'f' | 'F' => self.float_as(number, b'f', Some(6)),
            _ => return false,
        }
        true
    }

    fn float_as(&mut self, number: f64, format: u8, default: Option<usize>) {
        let precision = self.precision.or(default);
        let mut text = float::format_float(number, format, precision);
        if !matches!(text.first(), Some(b'-' | b'+')) {
            text.insert(0, b'+');
        }
        if self.flags.space && !self.flags.plus && text.first() == Some(&b'+') {
            text[0] = b' ';
        }
        if !number.is_finite() {
            let bare = number.is_nan() && !self.flags.space && !self.flags.plus;
            return self.pad_with_spaces(text.get(usize::from(bare)..).unwrap_or_default());
        }
        if self.flags.sharp && format != b'b' {
            force_point(&mut text, format, precision);
        }
        if text.first() == Some(&b'+') && !self.flags.plus {
            return self.pad(text.get(1..).unwrap_or_default());
        }
        let width = self.width.unwrap_or_default();
        if self.flags.zero && !self.flags.minus && width > text.len() {
            let (sign, digits) = text.split_at(1);
            self.write(sign);
            self.write_padding(width - text.len());
            return self.write(digits);
        }
        self.pad(&text);
    }
}

/// The character of a code, U+FFFD if there is none.
fn character(bits: u64) -> char {
    u32::try_from(bits).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Writes the digits of a number at the end of a buffer.
fn write_digits(buffer: &mut [u8; 64], mut number: u64, base: u8, upper: bool) -> &[u8] {
    let alphabet = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut start = buffer.len();
    while start > 0 {
        start -= 1;
        let digit = usize::try_from(number % u64::from(base)).unwrap_or_default();
        if let (Some(place), Some(&digit)) = (buffer.get_mut(start), alphabet.get(digit)) {
            *place = digit;
        }
        number /= u64::from(base);
        if number == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or_default()
}

/// What the sharp flag does to a float: there is a point always, and zeros after it stay.
fn force_point(text: &mut Vec<u8>, format: u8, precision: Option<usize>) {
    let mut missing = match format {
        b'g' | b'G' | b'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let hexadecimal = matches!(format, b'x' | b'X');
    let is_exponent = |byte: &u8| matches!(byte, b'p' | b'P') || matches!(byte, b'e' | b'E') && !hexadecimal;
    let end = text.iter().position(is_exponent).unwrap_or(text.len());
    let exponent = text.split_off(end);
    let mut significant = false;
    for &byte in text.iter().skip(1).filter(|&&byte| byte != b'.') {
        significant |= byte != b'0';
        missing = missing.saturating_sub(significant.into());
    }
    if !text.contains(&b'.') {
        if text.get(1..) == Some(b"0") {
            missing = missing.saturating_sub(1);
        }
        text.push(b'.');
    }
    text.resize(text.len() + missing, b'0');
    text.extend_from_slice(&exponent);
}
