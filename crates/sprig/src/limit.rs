//! How much a function may make.

use chartroom_gotemplate::CallError;

/// Elements of a list.
pub(crate) const ELEMENTS: usize = 10_000_000;
/// Nodes of a value that is copied or merged.
const NODES: usize = 1_000_000;
/// Bytes of a text.
pub(crate) const BYTES: usize = 256 << 20;
/// Levels of values in values. A walk takes a megabyte of the stack at most, which is what the
/// executor leaves to functions.
pub(crate) const DEPTH: usize = 500;

/// Fails for a list of more than [`ELEMENTS`].
pub(crate) fn elements(count: usize) -> Result<(), CallError> {
    if count <= ELEMENTS {
        return Ok(());
    }
    Err(CallError::new(format!("result too large: more than {ELEMENTS} elements")))
}

/// Fails for a text of more than [`BYTES`].
pub(crate) fn bytes(count: usize) -> Result<(), CallError> {
    if count <= BYTES {
        return Ok(());
    }
    Err(CallError::new(format!("result too large: more than {} MiB", BYTES >> 20)))
}

/// Fails below [`DEPTH`] levels.
pub(crate) fn depth(levels: usize) -> Result<(), CallError> {
    if levels <= DEPTH {
        return Ok(());
    }
    Err(CallError::new(format!("value nested too deeply: more than {DEPTH} levels")))
}

/// How much of a walk over a value is left.
pub(crate) struct Budget(usize);

impl Budget {
    /// A walk over a million nodes.
    pub(crate) fn nodes() -> Self {
        Self(NODES)
    }

    /// As many steps as a list may have elements.
    pub(crate) fn elements() -> Self {
        Self(ELEMENTS)
    }

    /// Takes one more step.
    pub(crate) fn step(&mut self) -> Result<(), CallError> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(CallError::new("value too large: it takes too many steps")),
        }
    }
}
