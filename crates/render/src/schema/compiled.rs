//! A schema as it is checked: its keywords, and the schemas inside of it by number.

use std::collections::BTreeMap;

use super::decimal::Decimal;
use super::draft::Draft;
use super::format::Format;
use super::pattern::Pattern;
use crate::values::go_json::Json;

/// The number of a schema among those that were compiled together.
pub(super) type Id = usize;

/// The types of JSON as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Types(u8);

/// The types in the order in which errors name them.
const TYPES: [&str; 7] = ["null", "boolean", "number", "integer", "string", "array", "object"];

impl Types {
    /// Those of a `type` keyword. What is no type is left out.
    pub(super) fn of_keyword(value: &Json) -> Self {
        let bit = |name: &Json| {
            let name = name.as_str()?;
            TYPES.iter().position(|known| *known == name).map(|index| 1 << index)
        };
        match value {
            Json::List(names) => Self(names.iter().filter_map(bit).fold(0, |set, bit| set | bit)),
            name => Self(bit(name).unwrap_or(0)),
        }
    }

    /// Whether it is empty.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a type is in it.
    pub(super) fn contains(self, name: &str) -> bool {
        TYPES.iter().position(|known| *known == name).is_some_and(|index| self.0 & (1 << index) != 0)
    }

    /// All in it.
    pub(super) fn names(self) -> Vec<&'static str> {
        TYPES.iter().copied().filter(|name| self.contains(name)).collect()
    }
}

/// The type of a value.
pub(super) fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::List(_) => "array",
        Json::Object(_) => "object",
    }
}

/// `additionalProperties` and `additionalItems`, where false is told in other words.
#[derive(Debug)]
pub(super) enum Additional {
    Allowed(bool),
    Schema(Id),
}

/// What `dependencies` says of a property.
#[derive(Debug)]
pub(super) enum Dependency {
    Properties(Vec<String>),
    Schema(Id),
}

/// `items` before 2020.
#[derive(Debug)]
pub(super) enum Items {
    All(Id),
    Each(Vec<Id>),
}

/// A compiled schema.
#[derive(Debug, Default)]
pub(super) struct Schema {
    /// Where it is: the URL of its document, and the pointer, encoded.
    pub(super) location: String,
    pub(super) draft: Draft,
    /// The schema with an id, or the document, that it belongs to.
    pub(super) resource: Id,
    pub(super) dynamic_anchors: BTreeMap<String, Id>,
    pub(super) boolean: Option<bool>,

    pub(super) reference: Option<Id>,
    pub(super) recursive_reference: Option<Id>,
    pub(super) recursive_anchor: bool,
    /// What it leads to at first, and the anchor, if it is one.
    pub(super) dynamic_reference: Option<(Id, Option<String>)>,
    pub(super) dynamic_anchor: Option<String>,

    pub(super) types: Types,
    pub(super) constant: Option<Json>,
    pub(super) enumeration: Option<Vec<Json>>,
    pub(super) format: Option<Format>,
    pub(super) not: Option<Id>,
    pub(super) all_of: Vec<Id>,
    pub(super) any_of: Vec<Id>,
    pub(super) one_of: Vec<Id>,
    pub(super) condition: Option<Id>,
    pub(super) then: Option<Id>,
    pub(super) otherwise: Option<Id>,

    pub(super) min_properties: Option<i64>,
    pub(super) max_properties: Option<i64>,
    pub(super) required: Vec<String>,
    pub(super) dependencies: BTreeMap<String, Dependency>,
    pub(super) properties: BTreeMap<String, Id>,
    pub(super) pattern_properties: Vec<(Pattern, Id)>,
    pub(super) additional_properties: Option<Additional>,
    pub(super) property_names: Option<Id>,
    pub(super) dependent_schemas: BTreeMap<String, Id>,
    pub(super) dependent_required: BTreeMap<String, Vec<String>>,
    pub(super) unevaluated_properties: Option<Id>,

    pub(super) min_items: Option<i64>,
    pub(super) max_items: Option<i64>,
    pub(super) unique_items: bool,
    pub(super) items: Option<Items>,
    pub(super) additional_items: Option<Additional>,
    pub(super) prefix_items: Vec<Id>,
    pub(super) items_2020: Option<Id>,
    pub(super) contains: Option<Id>,
    pub(super) min_contains: Option<i64>,
    pub(super) max_contains: Option<i64>,
    pub(super) unevaluated_items: Option<Id>,

    pub(super) min_length: Option<i64>,
    pub(super) max_length: Option<i64>,
    pub(super) pattern: Option<Pattern>,

    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) exclusive_minimum: Option<Number>,
    pub(super) exclusive_maximum: Option<Number>,
    pub(super) multiple_of: Option<Number>,
}

/// A number, exact and as it is shown.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) exact: Decimal,
    pub(super) float: f64,
}

impl Number {
    /// Reads one; none where the exponent is beyond reason.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self { exact: Decimal::parse(text)?, float: text.parse().ok()? })
    }
}

impl Schema {
    /// Whether no property can be left over by it.
    pub(super) fn evaluates_all_properties(&self) -> bool {
        self.additional_properties.is_some()
    }

    /// Whether no element can be left over by it.
    pub(super) fn evaluates_all_items(&self) -> bool {
        if self.draft >= Draft::D2020 {
            return self.items_2020.is_some();
        }
        self.additional_items.is_some() || matches!(self.items, Some(Items::All(_)))
    }

    /// How many elements at the start are never left over.
    pub(super) fn evaluated_items(&self) -> usize {
        match &self.items {
            Some(Items::Each(items)) if self.draft < Draft::D2020 => items.len(),
            _ => self.prefix_items.len(),
        }
    }
}
