//! How much of the thread's stack may be used.
//!
//! Counting levels would have to suppose how much each takes, which no two builds agree on. So the
//! distance between the addresses of two local variables is taken instead.

use std::hint::black_box;

/// A place on the stack, and how many bytes may be used from there on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack {
    start: usize,
    size: usize,
}

impl Stack {
    /// So many bytes from here on.
    pub(crate) fn new(size: usize) -> Self {
        Self { start: position(), size }
    }

    /// Whether they are used.
    pub(crate) fn is_used_up(self) -> bool {
        self.start.abs_diff(position()) > self.size
    }
}

#[inline(never)]
fn position() -> usize {
    let marker = 0_u8;
    black_box(std::ptr::from_ref(black_box(&marker))).addr()
}
