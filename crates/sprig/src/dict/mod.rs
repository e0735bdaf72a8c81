//! Maps: making them, looking into them, changing them.
//!
//! `set`, `unset` and the functions that merge change the map that they are given, and all who have
//! that map see it.

mod copy;
mod dig;
mod entries;
mod merge;

use chartroom_gotemplate::Function;

pub(crate) fn functions() -> Vec<Function> {
    [copy::functions(), dig::functions(), entries::functions(), merge::functions()]
        .into_iter()
        .flatten()
        .collect()
}
