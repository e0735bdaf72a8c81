//! The state of printing, and what all kinds of values need of it: flags, padding, bounds.

use crate::runes;

/// The flags of a verb.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`: fields have names.
    pub(super) plus_v: bool,
    /// `%#v`: Go's syntax.
    pub(super) sharp_v: bool,
}

/// Writes values at the end of a buffer.
pub(crate) struct Printer<'o> {
    out: &'o mut Vec<u8>,
    /// How long the buffer may get.
    limit: usize,
    /// Whether something was left out for the limit.
    overflowed: bool,
    pub(super) flags: Flags,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    /// Whether a value is printed that does not fit its verb: as it is, without its methods.
    pub(super) complaining: bool,
}

impl<'o> Printer<'o> {
    /// A printer that appends to a buffer until that has a length.
    pub(crate) fn new(out: &'o mut Vec<u8>, limit: usize) -> Self {
        Self {
            out,
            limit,
            overflowed: false,
            flags: Flags::default(),
            width: None,
            precision: None,
            complaining: false,
        }
    }

    /// Whether something was left out because the buffer is full.
    pub(crate) fn overflowed(&self) -> bool {
        self.overflowed
    }

    pub(super) fn clear_flags(&mut self) {
        self.flags = Flags::default();
        self.width = None;
        self.precision = None;
    }

    /// Whether nothing says how numbers are to look.
    pub(super) fn is_bare(&self) -> bool {
        let Flags { plus, sharp, space, .. } = self.flags;
        !plus && !sharp && !space && self.width.is_none() && self.precision.is_none()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        if self.has_room(bytes.len()) {
            self.out.extend_from_slice(bytes);
        }
    }

    pub(super) fn write_char(&mut self, char: char) {
        self.write(char.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// Writes a byte as often as is said.
    pub(super) fn fill(&mut self, byte: u8, count: usize) {
        if self.has_room(count) {
            self.out.resize(self.out.len() + count, byte);
        }
    }

    fn has_room(&mut self, count: usize) -> bool {
        let fits = !self.overflowed && count <= self.limit.saturating_sub(self.out.len());
        self.overflowed = !fits;
        fits
    }

    /// Writes padding: zeros if they are asked for and it is on the left, spaces otherwise.
    pub(super) fn write_padding(&mut self, count: usize) {
        self.fill(if self.flags.zero && !self.flags.minus { b'0' } else { b' ' }, count);
    }

    /// Writes bytes, padded to the width.
    pub(super) fn pad(&mut self, bytes: &[u8]) {
        let Some(width) = self.width.filter(|&width| width > 0) else {
            return self.write(bytes);
        };
        let missing = width.saturating_sub(runes::count(bytes));
        if self.flags.minus {
            self.write(bytes);
            self.write_padding(missing);
        } else {
            self.write_padding(missing);
            self.write(bytes);
        }
    }

    /// Writes bytes, padded to the width with spaces.
    pub(super) fn pad_with_spaces(&mut self, bytes: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(bytes);
        self.flags.zero = zero;
    }
}
