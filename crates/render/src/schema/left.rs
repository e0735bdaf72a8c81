//! What of a value no schema has said anything of yet: what `unevaluatedProperties` and
//! `unevaluatedItems` are about.

use std::collections::BTreeSet;

use super::compiled::Schema;
use crate::values::go_json::Json;

/// Members and elements that are left over.
#[derive(Debug, Default)]
pub(super) struct Left<'v> {
    pub(super) members: BTreeSet<&'v str>,
    pub(super) items: BTreeSet<usize>,
}

impl<'v> Left<'v> {
    /// All of a value, as far as anybody wants to know: the schema itself, or whoever applies it.
    pub(super) fn new(value: &'v Json, schema: &Schema, needed: bool) -> Self {
        let mut left = Self::default();
        match value {
            Json::Object(members) => {
                let wanted = needed || schema.unevaluated_properties.is_some();
                if wanted && !schema.evaluates_all_properties() {
                    left.members = members.keys().map(String::as_str).collect();
                }
            }
            Json::List(items) => {
                let wanted = needed || schema.unevaluated_items.is_some();
                if wanted && !schema.evaluates_all_items() {
                    left.items = (schema.evaluated_items()..items.len()).collect();
                }
            }
            _ => {}
        }
        left
    }

    /// Keeps what is left by both.
    pub(super) fn merge(&mut self, other: &Self) {
        self.members.retain(|name| other.members.contains(name));
        self.items.retain(|index| other.items.contains(index));
    }

    /// Whether nothing is left, or nobody wants to know.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.items.is_empty()
    }
}
