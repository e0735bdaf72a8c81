//! The functions of Sprig that Helm's templates have, over `gotemplate`'s values.

mod crypto;
mod dates;

use chartroom_gotemplate::Function;

/// All functions, each once.
pub fn functions() -> Vec<Function> {
    [crypto::functions(), dates::functions()].into_iter().flatten().collect()
}
