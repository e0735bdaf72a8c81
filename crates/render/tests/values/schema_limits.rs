//! Schemas of strangers: nothing is fetched, and neither time nor memory nor depth is without bound.

use chartroom_chart::{Chart, File, Limits};
use chartroom_render::LogLine;
use chartroom_render::values::{Preparation, prepare};
use proptest::prelude::*;

use crate::{Case, check};

/// Checks values by a schema; gives the log and the error.
fn validate(schema: &str, values: &str) -> (Vec<LogLine>, Result<(), String>) {
    let file = |name: &str, text: &str| File {
        name: name.to_owned(),
        modified: None,
        data: text.to_owned().into_bytes().into(),
    };
    let files = vec![
        file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        file("values.yaml", values),
        file("values.schema.json", schema),
    ];
    let chart = Chart::from_files(files, &Limits::default()).unwrap();
    let user = chartroom_goyaml::decode("{}").unwrap();
    let mut log = Vec::new();
    let outcome = prepare(&chart, &user, &Preparation::default(), &mut log).map(drop);
    (log, outcome.map_err(|error| error.to_string()))
}

fn error(schema: &str, values: &str) -> String {
    validate(schema, values).1.unwrap_err()
}

#[test]
fn nothing_is_fetched() {
    for (reference, part) in [
        ("https://a.example/x.json", "failing loading \"https://a.example/x.json\": schemas are not fetched"),
        ("http://127.0.0.1:1/x", "failing loading \"http://127.0.0.1:1/x\": schemas are not fetched"),
        ("file:///etc/passwd", "failing loading \"file:///etc/passwd\": a schema can't refer to files"),
        ("other.json", "failing loading \"file:///other.json\": a schema can't refer to files"),
        ("../../x y.json", "failing loading \"file:///x%20y.json\": a schema can't refer to files"),
    ] {
        let found = error(&format!("{{\"$ref\": \"{reference}\"}}"), "");
        assert!(found.contains(&format!("chart(s):\nc:\n{part}")), "{found}");
        let found = error(&format!("{{\"$schema\": \"https:{reference}\"}}"), "");
        assert!(found.contains("failing loading"), "{found}");
    }
}

#[test]
fn repeated_choices_end() {
    // Each choice doubles what has to be tried.
    let choices = (0..60).map(|at| {
        let next = format!("{{\"$ref\": \"#/$defs/d{}\"}}", at + 1);
        format!("\"d{at}\": {{\"anyOf\": [{next}, {next}]}}")
    });
    let choices = choices.collect::<Vec<_>>().join(", ");
    let schema = format!("{{\"$ref\": \"#/$defs/d0\", \"$defs\": {{{choices}, \"d60\": false}}}}");
    assert!(error(&schema, "").contains("takes too long"), "{}", error(&schema, ""));
}

#[test]
fn long_detours_end() {
    let steps = (0..5000).map(|at| format!("\"d{at}\": {{\"$ref\": \"#/$defs/d{}\"}}", at + 1));
    let steps = steps.collect::<Vec<_>>().join(", ");
    let schema = format!("{{\"$ref\": \"#/$defs/d0\", \"$defs\": {{{steps}, \"d5000\": false}}}}");
    assert!(error(&schema, "").contains("nested too deeply"), "{}", error(&schema, ""));
}

#[test]
fn deep_schemas_and_values_end() {
    let deep = |depth: usize| format!("{}{{}}{}", "{\"not\": ".repeat(depth), "}".repeat(depth));
    assert!(validate(&deep(60), "").1.is_ok());
    assert!(validate(&deep(450), "").1.is_ok());
    assert!(error(&deep(5000), "").contains("exceeded max depth"));
    let values = format!("v: {}1{}", "[".repeat(400), "]".repeat(400));
    let schema =
        r##"{"properties": {"v": {"$ref": "#/$defs/l"}}, "$defs": {"l": {"items": {"$ref": "#/$defs/l"}}}}"##;
    assert!(validate(schema, &values).1.is_ok());
}

#[test]
fn patterns_take_time_in_proportion() {
    let found =
        error(r#"{"properties": {"v": {"pattern": "^(a+)+$"}}}"#, &format!("v: {}b", "a".repeat(50_000)));
    assert!(found.contains("does not match pattern"));
}

#[test]
fn what_is_said_is_bounded() {
    let values: String = (0..40_000).map(|at| format!("some-name-{at}: x\n")).collect();
    let found = error(r#"{"additionalProperties": {"type": "integer"}}"#, &values);
    assert!(found.len() < 2 << 20, "{}", found.len());
    assert!(found.contains("- at '/some-name-0': got string, want integer"));
}

#[test]
fn urns_are_told_of_once() {
    let schema = r#"{"allOf": [{"$ref": "urn:example:x"}, {"$ref": "urn:example:x"}]}"#;
    let files = [
        ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        ("c/values.schema.json", schema),
        ("c/charts/s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 0.1.0\n"),
        ("c/charts/s/values.schema.json", "{\"required\": [\"a\"]}"),
    ];
    let root_first = [files[0], ("c/values.schema.json", "{\"required\": [\"b\"]}"), files[2], files[3]];
    let cases = [
        Case::new("urn", &[files[0], files[1]], &[]),
        Case::new("root first", &root_first, &[]),
        Case::new("what is coalesced is checked", &root_first, &[("--set", "b=1,s.a=null")]),
        Case::new("null removes what the schema wants", &root_first, &[("--set", "b=1,s.a=2")]),
    ];
    check("schemas.golden", &cases);
}

/// JSON that looks like schemas.
fn schema() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        Just("{}".to_owned()),
        Just("5".to_owned()),
        Just("[]".to_owned()),
        Just("\"string\"".to_owned()),
        Just("null".to_owned()),
        Just("{\"$ref\": \"#\"}".to_owned()),
        Just("{\"$ref\": \"#/$defs/a\"}".to_owned()),
        Just("{\"$dynamicRef\": \"#x\"}".to_owned()),
        Just("{\"type\": [\"string\", \"integer\"]}".to_owned()),
    ];
    let keyword = prop::sample::select(vec![
        "properties",
        "$defs",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "items",
        "prefixItems",
        "contains",
        "additionalProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
        "propertyNames",
        "patternProperties",
        "a",
        "b",
        "$ref",
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$recursiveAnchor",
        "$recursiveRef",
        "enum",
        "const",
        "minimum",
        "multipleOf",
        "required",
        "dependentSchemas",
        "dependencies",
        "minContains",
        "uniqueItems",
        "type",
        "format",
        "pattern",
        "definitions",
    ]);
    leaf.prop_recursive(6, 60, 5, move |inner| {
        prop_oneof![
            3 => prop::collection::vec((keyword.clone(), inner.clone()), 0..5).prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| format!("\"{name}\": {value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }),
            1 => prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
        ]
    })
}

proptest! {
    #[test]
    fn no_schema_panics(schema in schema(), values in schema(), draft in 0..5_usize) {
        let draft = [
            "http://json-schema.org/draft-04/schema#",
            "http://json-schema.org/draft-06/schema#",
            "http://json-schema.org/draft-07/schema#",
            "https://json-schema.org/draft/2019-09/schema",
            "https://json-schema.org/draft/2020-12/schema",
        ][draft];
        let whole = format!("{{\"$schema\": \"{draft}\", \"properties\": {{\"v\": {schema}}}}}");
        let _ = validate(&whole, &format!("v: {values}"));
        let _ = validate(&schema, &format!("a: {values}"));
    }
}
