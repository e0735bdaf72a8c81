//! The drafts of JSON Schema: how they are named, and where in a schema they have other schemas.

use std::collections::BTreeMap;

use super::location::{below, split};
use crate::values::go_json::Json;

/// A draft that schemas may be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    D4,
    D6,
    D7,
    D2019,
    /// What holds where `$schema` is missing.
    #[default]
    D2020,
}

impl Draft {
    /// All of them.
    pub(super) const ALL: [Self; 5] = [Self::D4, Self::D6, Self::D7, Self::D2019, Self::D2020];

    /// Where its metaschema is.
    pub(super) fn url(self) -> &'static str {
        match self {
            Self::D4 => "http://json-schema.org/draft-04/schema",
            Self::D6 => "http://json-schema.org/draft-06/schema",
            Self::D7 => "http://json-schema.org/draft-07/schema",
            Self::D2019 => "https://json-schema.org/draft/2019-09/schema",
            Self::D2020 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// The draft that `$schema` names.
    pub(super) fn named(schema: &str) -> Option<Self> {
        let (url, fragment) = split(schema);
        if !fragment.is_empty() {
            return None;
        }
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or(url);
        if rest == "json-schema.org/schema" {
            return Some(Self::D2020);
        }
        Self::ALL.into_iter().find(|draft| draft.url().split_once("//").is_some_and(|(_, own)| own == rest))
    }

    fn id_keyword(self) -> &'static str {
        if self == Self::D4 { "id" } else { "$id" }
    }

    /// The id of a schema, with its fragment, as it is written.
    pub(super) fn written_id(self, schema: &BTreeMap<String, Json>) -> &str {
        schema.get(self.id_keyword()).and_then(Json::as_str).unwrap_or_default()
    }

    /// The id of a schema, without fragment; empty where it has none. Beside a `$ref`, the older
    /// drafts look at nothing.
    pub(super) fn id(self, schema: &BTreeMap<String, Json>) -> &str {
        if self < Self::D2019 && schema.contains_key("$ref") {
            return "";
        }
        split(self.written_id(schema)).0
    }

    /// The schemas right inside of a schema, with the pointers to them.
    pub(super) fn subschemas<'j>(
        self,
        schema: &'j BTreeMap<String, Json>,
        pointer: &str,
    ) -> BTreeMap<String, &'j Json> {
        let mut found = BTreeMap::new();
        for (since, keyword, places) in PLACES {
            let Some(value) = schema.get(*keyword).filter(|_| *since <= self) else { continue };
            let place = below(pointer, keyword);
            if let (Members, Json::Object(members)) = (places, value) {
                found.extend(members.iter().map(|(name, value)| (below(&place, name), value)));
            }
            if let (Items | ValueOrItems, Json::List(items)) = (places, value) {
                let items = items.iter().enumerate();
                found.extend(items.map(|(index, value)| (below(&place, &index.to_string()), value)));
            }
            if matches!(places, Value | ValueOrItems) {
                found.insert(place, value);
            }
        }
        found
    }
}

/// Where the schemas of a keyword are.
#[derive(Clone, Copy)]
enum Places {
    /// Its value.
    Value,
    /// The elements of its list.
    Items,
    ValueOrItems,
    /// The members of its object.
    Members,
}

use Draft::{D4, D6, D7, D2019, D2020};
use Places::{Items, Members, Value, ValueOrItems};

/// The keywords that have schemas in them, and since when.
const PLACES: &[(Draft, &str, Places)] = &[
    (D4, "definitions", Members),
    (D4, "not", Value),
    (D4, "allOf", Items),
    (D4, "anyOf", Items),
    (D4, "oneOf", Items),
    (D4, "properties", Members),
    (D4, "additionalProperties", Value),
    (D4, "patternProperties", Members),
    (D4, "items", ValueOrItems),
    (D4, "additionalItems", Value),
    (D4, "dependencies", Members),
    (D6, "propertyNames", Value),
    (D6, "contains", Value),
    (D7, "if", Value),
    (D7, "then", Value),
    (D7, "else", Value),
    (D2019, "$defs", Members),
    (D2019, "dependentSchemas", Members),
    (D2019, "unevaluatedProperties", Value),
    (D2019, "unevaluatedItems", Value),
    (D2019, "contentSchema", Value),
    (D2020, "prefixItems", Items),
];
