//! Schemas of the usual kind, which the metaschema of their draft is sure to accept.
//!
//! The metaschemas take longer to be compiled than most charts to be rendered. So they are asked
//! only about what isn't told to be sound by these few rules, which know no more than what charts
//! mostly write. What they refuse may be sound all the same; what they accept is.

use std::collections::BTreeMap;

use chartroom_sprig::Pattern;

use super::draft::Draft;
use crate::values::go_json::Json;

/// How deep schemas are looked at.
const DEEPEST: usize = 64;

/// Whether a schema is sound by the metaschema of its draft. `false` means that it isn't known.
pub(super) fn is_sound(draft: Draft, schema: &Json) -> bool {
    // Draft 4 says many things in its own way.
    draft >= Draft::D7 && is_schema(draft, schema, DEEPEST)
}

fn is_schema(draft: Draft, schema: &Json, depth: usize) -> bool {
    match schema {
        Json::Bool(_) => true,
        Json::Object(members) if depth > 0 => {
            members.iter().all(|(keyword, value)| is_fine(draft, keyword, value, depth - 1))
        }
        _ => false,
    }
}

/// Whether a keyword has a value that it may have.
fn is_fine(draft: Draft, keyword: &str, value: &Json, depth: usize) -> bool {
    let schema = |value: &Json| is_schema(draft, value, depth);
    let schemas = |value: &Json| filled(value).is_some_and(|items| items.iter().all(schema));
    let named = |value: &Json| members(value).is_some_and(|members| members.values().all(schema));
    match keyword {
        "$schema" => text(value).is_some_and(|url| Draft::named(url) == Some(draft)),
        "$id" => text(value).is_some_and(is_plain_url),
        "$ref" => text(value).is_some_and(is_plain_reference),
        "$comment" | "title" | "description" | "format" | "contentMediaType" | "contentEncoding" => {
            text(value).is_some()
        }
        "default" | "const" => true,
        "examples" => filled(value).is_some(),
        "enum" => filled(value).is_some_and(|items| items.iter().all(is_simple)) && are_different(value),
        "readOnly" | "writeOnly" | "deprecated" | "uniqueItems" => matches!(value, Json::Bool(_)),
        "maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum" => matches!(value, Json::Number(_)),
        "multipleOf" => {
            matches!(value, Json::Number(number) if number.parse::<f64>().is_ok_and(|of| of > 0.0))
        }
        "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties" | "minProperties"
        | "maxContains" | "minContains" => is_count(value),
        "pattern" => text(value).is_some_and(is_pattern),
        "patternProperties" => {
            named(value) && members(value).is_some_and(|members| members.keys().all(|name| is_pattern(name)))
        }
        "properties" | "definitions" | "$defs" | "dependentSchemas" => named(value),
        "items" => schema(value) || (draft < Draft::D2020 && schemas(value)),
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => schemas(value),
        "additionalItems"
        | "additionalProperties"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contains"
        | "propertyNames"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contentSchema" => schema(value),
        "required" => are_names(value),
        "dependentRequired" => members(value).is_some_and(|members| members.values().all(are_names)),
        "dependencies" => members(value)
            .is_some_and(|members| members.values().all(|value| schema(value) || are_names(value))),
        "type" => match value {
            Json::String(name) => is_type(name),
            Json::List(names) => {
                !names.is_empty() && are_names(value) && names.iter().filter_map(text).all(is_type)
            }
            _ => false,
        },
        // Of what else begins so, the metaschemas know more than these rules.
        _ => !keyword.starts_with('$'),
    }
}

fn text(value: &Json) -> Option<&str> {
    value.as_str()
}

fn members(value: &Json) -> Option<&BTreeMap<String, Json>> {
    match value {
        Json::Object(members) => Some(members),
        _ => None,
    }
}

/// A list that has something in it.
fn filled(value: &Json) -> Option<&[Json]> {
    match value {
        Json::List(items) if !items.is_empty() => Some(items),
        _ => None,
    }
}

/// Whether it is a list of texts that are all different.
fn are_names(value: &Json) -> bool {
    matches!(value, Json::List(items) if items.iter().all(|item| text(item).is_some()))
        && are_different(value)
}

/// Whether it is a list without an item that is written twice. Of long ones it isn't known.
fn are_different(value: &Json) -> bool {
    let Json::List(items) = value else { return false };
    items.len() <= 100 && items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))
}

/// Whether it is the same as another one only where both are written alike.
fn is_simple(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(_) | Json::String(_) => true,
        Json::Number(number) => is_count(value) && (number == "0" || !number.starts_with('0')),
        Json::List(_) | Json::Object(_) => false,
    }
}

fn is_count(value: &Json) -> bool {
    matches!(value, Json::Number(number) if number.bytes().all(|digit| digit.is_ascii_digit()))
}

fn is_type(name: &str) -> bool {
    matches!(name, "array" | "boolean" | "integer" | "null" | "number" | "object" | "string")
}

/// Whether it is a pattern that is not too large, either.
fn is_pattern(text: &str) -> bool {
    text.len() <= 100 && Pattern::check(text.as_bytes()).is_ok()
}

fn is_plain_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphanumeric()) && is_plain(rest))
}

/// Whether it is a place in the same document.
fn is_plain_reference(reference: &str) -> bool {
    let rest = reference.strip_prefix('#').unwrap_or("?");
    is_plain(&rest.replace('$', ""))
}

/// Whether it has no character that means something in a URL but for slashes.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::super::metaschema::{metaschemas, source};
    use super::super::validate::Validator;
    use super::*;
    use crate::values::go_json;

    const DRAFTS: [Draft; 3] = [Draft::D7, Draft::D2019, Draft::D2020];

    fn is_accepted(draft: Draft, schema: &Json) -> bool {
        let all = metaschemas().unwrap();
        let drafts = [(String::new(), draft)].into();
        Validator::for_schemas(all, drafts, 1_000_000).validate(all.of(draft), schema).is_ok()
    }

    #[test]
    fn what_charts_write_is_known_to_be_sound() {
        for text in [
            "true",
            "{}",
            r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties":
               {"image": {"type": ["string", "null"], "pattern": "^[a-z]+$"}, "port": {"minimum": 1}},
               "required": ["image"], "additionalProperties": false, "$defs": {"a": {"enum": ["x", 1]}},
               "anyOf": [{"$ref": "#/$defs/a"}], "x-kubernetes": 3}"##,
        ] {
            let schema = go_json::whole(text).unwrap();
            assert!(is_sound(Draft::D2020, &schema), "{text}");
            assert!(is_accepted(Draft::D2020, &schema), "{text}");
        }
        let ours = include_str!("../../../chart/scaffold/values.schema.json");
        assert!(is_sound(Draft::D7, &go_json::whole(ours).unwrap()));
    }

    #[test]
    fn each_keyword_of_the_metaschemas_has_its_rule() {
        let mut keywords = Vec::new();
        for draft in DRAFTS {
            let mut open = vec![draft.url().to_owned()];
            while let Some(url) = open.pop() {
                let document = source(&url).unwrap();
                let document = members(&document).unwrap();
                keywords.extend(document.get("properties").and_then(members).unwrap().keys().cloned());
                for part in document.get("allOf").and_then(filled).unwrap_or_default() {
                    let part = members(part).unwrap()["$ref"].as_str().unwrap().to_owned();
                    open.push(format!("{}/{part}", url.rsplit_once('/').unwrap().0));
                }
            }
        }
        assert!(keywords.len() > 100);
        // What no metaschema has anything against is a keyword without a rule.
        for keyword in keywords.iter().filter(|keyword| !matches!(&keyword[..], "default" | "const")) {
            let wrong = Json::Object([(keyword.clone(), Json::Null)].into());
            for draft in DRAFTS {
                assert!(!is_sound(draft, &wrong), "{keyword}");
            }
        }
    }

    /// A value that may stand for anything in a schema.
    fn anything() -> impl Strategy<Value = Json> {
        let keyword = prop::sample::select(vec![
            "$schema",
            "$id",
            "$ref",
            "$anchor",
            "$comment",
            "title",
            "format",
            "default",
            "const",
            "examples",
            "enum",
            "readOnly",
            "uniqueItems",
            "maximum",
            "exclusiveMinimum",
            "multipleOf",
            "maxLength",
            "minItems",
            "pattern",
            "patternProperties",
            "properties",
            "definitions",
            "$defs",
            "dependentSchemas",
            "items",
            "allOf",
            "prefixItems",
            "additionalItems",
            "contains",
            "not",
            "if",
            "required",
            "dependentRequired",
            "dependencies",
            "type",
            "other",
            "contentSchema",
            "a",
            "[",
            "id",
        ]);
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            prop::sample::select(vec!["0", "1", "-1", "1.5", "0.0", "-0", "1e-400", "1e2", "10"])
                .prop_map(|number| Json::Number(number.to_owned())),
            prop::sample::select(vec![
                "",
                "a",
                "string",
                "object",
                "#",
                "#/$defs/a",
                "#a b",
                "%",
                "http://a/b",
                "http://[",
                "^a$",
                "(",
                "[a",
                "https://json-schema.org/draft/2020-12/schema",
                "http://json-schema.org/draft-07/schema#",
            ])
            .prop_map(|text| Json::String(text.to_owned())),
        ];
        leaf.prop_recursive(5, 40, 4, move |inner| {
            prop_oneof![
                1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Json::List),
                3 => prop::collection::btree_map(keyword.clone().prop_map(str::to_owned), inner, 0..4)
                    .prop_map(Json::Object),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn the_metaschema_accepts_what_is_sound(schema in anything()) {
            for draft in DRAFTS {
                if is_sound(draft, &schema) {
                    prop_assert!(is_accepted(draft, &schema));
                }
            }
        }
    }
}
