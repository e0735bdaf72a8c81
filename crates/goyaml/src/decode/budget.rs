//! How much a document may become through its aliases.

use crate::MAX_EXPANSION;
use crate::compose::Content;

/// Below this many values, aliases may make nearly all of them.
const FEW: usize = 400_000;
/// From this many values, aliases may make a tenth of them.
const MANY: usize = 4_000_000;
/// What a value counts for besides its text.
const VALUE_BYTES: usize = 32;

/// Counts values, and those that come from aliases, by go-yaml's measure: the share of the latter
/// is bounded, the tighter the more there are. Besides, what aliases make is bounded in bytes,
/// since a long text behind an alias costs Go nothing, and us a copy.
pub(super) struct Budget {
    values: usize,
    aliased: usize,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(text_length: usize) -> Self {
        Self { values: 0, aliased: 0, bytes: text_length.saturating_mul(8).saturating_add(MAX_EXPANSION) }
    }

    /// Begins to count values anew. The bytes are those of the whole text.
    pub(super) fn start_document(&mut self) {
        self.values = 0;
        self.aliased = 0;
    }

    /// Counts a value. False when it is one too many.
    pub(super) fn spend(&mut self, content: &Content<'_>, aliased: bool) -> bool {
        self.values += 1;
        if !aliased {
            return true;
        }
        self.aliased += 1;
        let length = match content {
            Content::Scalar { value, .. } => value.len(),
            _ => 0,
        };
        let Some(left) = self.bytes.checked_sub(VALUE_BYTES + length) else { return false };
        self.bytes = left;
        self.aliased <= 100
            || self.values <= 1000
            || self.aliased as f64 / self.values as f64 <= self.allowed_share()
    }

    fn allowed_share(&self) -> f64 {
        let values = self.values.clamp(FEW, MANY);
        0.99 - 0.89 * ((values - FEW) as f64 / (MANY - FEW) as f64)
    }
}
