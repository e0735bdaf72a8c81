//! A thread with a stack that is large enough for what templates may do.

use std::{io, panic, thread};

/// How much stack is reserved. It is taken from the system only as far as it is used.
const STACK: usize = 256 << 20;

/// How much of it executions may use. What they do without looking at that needs a small part of the rest.
pub(super) const USABLE: usize = 240 << 20;

/// Runs something that may be nested deeply, such as a rendering, on a thread of its own, and waits for
/// it.
///
/// # Errors
///
/// When the system gives no thread.
pub fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("rendering".to_owned()).stack_size(STACK);
        match builder.spawn_scoped(scope, work)?.join() {
            Ok(outcome) => Ok(outcome),
            // It isn't ours to make anything else of it.
            Err(panicked) => panic::resume_unwind(panicked),
        }
    })
}
