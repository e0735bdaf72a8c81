//! Dates and durations.

use chartroom_gotemplate::Function;

pub(crate) fn functions() -> Vec<Function> {
    Vec::new()
}
