//! A stack that is large enough for what templates may do.

/// How much stack is reserved. It is taken from the system only as far as it is used.
const STACK: usize = 256 << 20;

/// How much of it executions may use. What they do without looking at that needs a small part of the rest.
pub(super) const USABLE: usize = 240 << 20;

/// Runs something that may be nested deeply, such as a rendering, on a stack of its own.
///
/// The stack is changed, and not the thread: the memory of threads other than the first is managed in a
/// way that costs a tenth of a rendering.
pub fn on_large_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::grow(STACK, work)
}
