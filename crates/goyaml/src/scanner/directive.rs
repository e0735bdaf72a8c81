//! The directives `%YAML` and `%TAG`.

use super::Scanner;
use crate::Result;
use crate::token::TokenKind;

/// How many digits a part of the version may have.
const MAX_VERSION_DIGITS: usize = 2;

impl<'t> Scanner<'t> {
    pub(super) fn scan_directive(&mut self) -> Result<TokenKind<'t>> {
        self.reader.skip_ascii(1);
        let name = self.scan_word();
        if name.is_empty() {
            return self.error("could not find expected directive name");
        }
        if !self.reader.is_blank_break_or_end(0) {
            return self.error("found unexpected non-alphabetical character");
        }
        let directive = match name {
            "YAML" => self.scan_version()?,
            "TAG" => self.scan_tag_prefix()?,
            _ => return self.error("found unknown directive name"),
        };
        self.reader.skip_blanks();
        if self.reader.byte(0) == b'#' {
            self.reader.skip_to_break();
        }
        if !self.reader.is_break_or_end() {
            return self.error("did not find expected comment or line break");
        }
        self.reader.skip_line();
        Ok(directive)
    }

    fn scan_version(&mut self) -> Result<TokenKind<'t>> {
        self.reader.skip_blanks();
        let major = self.scan_version_number()?;
        if self.reader.byte(0) != b'.' {
            return self.error("did not find expected digit or '.' character");
        }
        self.reader.skip_ascii(1);
        let minor = self.scan_version_number()?;
        Ok(TokenKind::VersionDirective { major, minor })
    }

    fn scan_version_number(&mut self) -> Result<u32> {
        let offset = self.reader.offset();
        while self.reader.byte(0).is_ascii_digit() {
            if self.reader.since(offset).len() >= MAX_VERSION_DIGITS {
                return self.error("found extremely long version number");
            }
            self.reader.skip_ascii(1);
        }
        match self.reader.since(offset).parse() {
            Ok(number) => Ok(number),
            Err(_) => self.error("did not find expected version number"),
        }
    }

    fn scan_tag_prefix(&mut self) -> Result<TokenKind<'t>> {
        self.reader.skip_blanks();
        let handle = self.scan_tag_handle(true)?;
        if !self.reader.is_blank() {
            return self.error("did not find expected whitespace");
        }
        self.reader.skip_blanks();
        let prefix = self.scan_tag_uri(false)?;
        if !self.reader.is_blank_break_or_end(0) {
            return self.error("did not find expected whitespace or line break");
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }
}
