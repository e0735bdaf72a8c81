//! What Go says of patterns that are wrong.

use std::fmt;

/// What is wrong with a pattern, and with which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    problem: &'static str,
    part: String,
}

impl SyntaxError {
    pub(super) fn new(problem: &'static str, part: &[u8]) -> Self {
        Self { problem, part: String::from_utf8_lossy(part).into_owned() }
    }

    /// The pattern needs more memory than it may have.
    pub(in crate::pattern) fn too_large(pattern: &[u8]) -> Self {
        Self::new("expression too large", pattern)
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error parsing regexp: {}: `{}`", self.problem, self.part)
    }
}

pub(super) const BAD_RANGE: &str = "invalid character class range";
pub(super) const BAD_ESCAPE: &str = "invalid escape sequence";
pub(super) const BAD_NAME: &str = "invalid named capture";
pub(super) const BAD_PERL: &str = "invalid or unsupported Perl syntax";
pub(super) const BAD_COUNT: &str = "invalid repeat count";
pub(super) const BAD_UTF8: &str = "invalid UTF-8";
