//! Tags, anchors and aliases.

use std::borrow::Cow;

use super::Scanner;
use crate::Result;
use crate::token::TokenKind;

impl<'t> Scanner<'t> {
    pub(super) fn scan_anchor(&mut self, alias: bool) -> Result<TokenKind<'t>> {
        self.reader.skip_ascii(1);
        let name = self.scan_word();
        let ends = self.reader.is_blank_break_or_end(0)
            || matches!(self.reader.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return self.error("did not find expected alphabetic or numeric character");
        }
        Ok(if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) })
    }

    /// Letters, digits, `_` and `-`.
    pub(super) fn scan_word(&mut self) -> &'t str {
        let start = self.reader.offset();
        while matches!(self.reader.byte(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.reader.skip_ascii(1);
        }
        self.reader.since(start)
    }

    pub(super) fn scan_tag(&mut self) -> Result<TokenKind<'t>> {
        let (handle, suffix) = if self.reader.byte(1) == b'<' {
            self.reader.skip_ascii(2);
            let suffix = self.scan_tag_uri(false)?;
            if self.reader.byte(0) != b'>' {
                return self.error("did not find the expected '>'");
            }
            self.reader.skip_ascii(1);
            ("", suffix)
        } else {
            self.scan_short_tag()?
        };
        if !self.reader.is_blank_break_or_end(0) {
            return self.error("did not find expected whitespace or line break");
        }
        Ok(TokenKind::Tag { handle, suffix })
    }

    /// `!suffix`, `!!suffix`, `!handle!suffix` or `!` alone, which is a tag without a handle.
    fn scan_short_tag(&mut self) -> Result<(&'t str, Cow<'t, str>)> {
        let handle = self.scan_tag_handle(false)?;
        if handle.len() > 1 && handle.ends_with('!') {
            return Ok((handle, self.scan_tag_uri(false)?));
        }
        let rest = self.scan_tag_uri(true)?;
        let suffix = match &handle[1..] {
            "" => rest,
            beginning => Cow::Owned(format!("{beginning}{rest}")),
        };
        Ok(if suffix.is_empty() { ("", Cow::Borrowed("!")) } else { ("!", suffix) })
    }

    pub(super) fn scan_tag_handle(&mut self, directive: bool) -> Result<&'t str> {
        let offset = self.reader.offset();
        if self.reader.byte(0) != b'!' {
            return self.error("did not find expected '!'");
        }
        self.reader.skip_ascii(1);
        self.scan_word();
        if self.reader.byte(0) == b'!' {
            self.reader.skip_ascii(1);
        } else if directive && self.reader.since(offset) != "!" {
            return self.error("did not find expected '!'");
        }
        Ok(self.reader.since(offset))
    }

    /// Scans the rest of a tag. It may be empty after a handle that could be a tag alone.
    pub(super) fn scan_tag_uri(&mut self, may_be_empty: bool) -> Result<Cow<'t, str>> {
        let mut uri = Cow::Borrowed("");
        let mut piece = self.reader.offset();
        loop {
            match self.reader.byte(0) {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {}
                b'_' | b'-' | b';' | b'/' | b'?' | b':' | b'@' | b'&' | b'=' | b'+' | b'$' | b',' => {}
                b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' | b'[' | b']' => {}
                b'%' => {
                    super::scalar::append(&mut uri, self.reader.since(piece));
                    uri.to_mut().push(self.scan_uri_escape()?);
                    piece = self.reader.offset();
                    continue;
                }
                _ => break,
            }
            self.reader.skip_ascii(1);
        }
        super::scalar::append(&mut uri, self.reader.since(piece));
        if uri.is_empty() && !may_be_empty {
            return self.error("did not find expected tag URI");
        }
        Ok(uri)
    }

    /// Scans the `%xx` of one character.
    fn scan_uri_escape(&mut self) -> Result<char> {
        let mut bytes = [0_u8; 4];
        let mut width = 1;
        let mut length = 0;
        while length < width {
            let digit = |place| char::from(self.reader.byte(place)).to_digit(16);
            let (b'%', Some(high), Some(low)) = (self.reader.byte(0), digit(1), digit(2)) else {
                return self.error("did not find URI escaped octet");
            };
            let byte = u8::try_from(high << 4 | low).unwrap_or(0);
            if length == 0 {
                width = match byte {
                    0..0x80 => 1,
                    0xC0..0xE0 => 2,
                    0xE0..0xF0 => 3,
                    0xF0..0xF8 => 4,
                    _ => return self.error("found an incorrect leading UTF-8 octet"),
                };
            } else if byte & 0xC0 != 0x80 {
                return self.error("found an incorrect trailing UTF-8 octet");
            }
            bytes[length] = byte;
            length += 1;
            self.reader.skip_ascii(3);
        }
        let text = std::str::from_utf8(&bytes[..width]).ok();
        Ok(text.and_then(|text| text.chars().next()).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}
