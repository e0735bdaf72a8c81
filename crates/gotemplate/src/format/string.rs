//! Strings and bytes under their verbs.

use super::printer::Printer;
use crate::{quote, runes};

impl Printer<'_> {
    /// A string under a verb; whether the verb is one for strings.
    pub(super) fn string(&mut self, text: &[u8], verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.plain(text),
            'x' | 'X' => self.hexadecimal(text, verb),
            'q' => self.quoted(text),
            _ => return false,
        }
        true
    }

    /// A string, cut to the precision.
    pub(super) fn plain(&mut self, text: &[u8]) {
        let text = self.truncate(text);
        self.pad(text);
    }

    /// As many characters as the precision allows.
    fn truncate<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        match self.precision {
            Some(precision) if precision < text.len() => {
                let length = runes::all(text).take(precision).map(|(_, bytes)| bytes.len()).sum();
                text.get(..length).unwrap_or(text)
            }
            _ => text,
        }
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = self.truncate(text);
        if self.flags.sharp && quote::can_backquote(text) {
            let mut quoted = Vec::with_capacity(text.len() + 2);
            quoted.push(b'`');
            quoted.extend_from_slice(text);
            quoted.push(b'`');
            return self.pad(&quoted);
        }
        let quoted = if self.flags.plus { quote::quote_ascii(text) } else { quote::quote(text) };
        self.pad(&quoted);
    }

    /// Two digits a byte, with `0x` before the whole or, under the space flag, before each.
    fn hexadecimal(&mut self, text: &[u8], verb: char) {
        let text = match self.precision {
            Some(precision) => text.get(..precision).unwrap_or(text),
            None => text,
        };
        let mut out = Vec::with_capacity(text.len() * 2);
        for (index, byte) in text.iter().enumerate() {
            if self.flags.space && index > 0 {
                out.push(b' ');
            }
            if self.flags.sharp && (self.flags.space || index == 0) {
                out.extend_from_slice(if verb == 'X' { b"0X" } else { b"0x" });
            }
            let digits = if verb == 'X' { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
            for half in [byte >> 4, byte & 0xf] {
                out.extend(digits.get(usize::from(half)));
            }
        }
        let missing = self.width.unwrap_or_default().saturating_sub(out.len());
        if self.flags.minus && !out.is_empty() {
            self.write(&out);
            self.write_padding(missing);
        } else {
            self.write_padding(missing);
            self.write(&out);
        }
    }
}
