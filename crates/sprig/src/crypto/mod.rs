//! Hashes, passwords, keys and certificates.

use chartroom_gotemplate::Function;

pub(crate) fn functions() -> Vec<Function> {
    Vec::new()
}
