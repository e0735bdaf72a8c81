//! Schemas of strangers: nothing is fetched, and neither time nor memory nor depth is without bound.

use std::time::{Duration, Instant};

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
fn many_ids_are_found_without_search() {
    // Each of them is looked for among all.
    let count = 20_000;
    let list = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<Vec<_>>().join(", ");
    let all = list(&|at| format!("{{\"$ref\": \"https://e.example/{at}\"}}"));
    let defined =
        list(&|at| format!("\"d{at}\": {{\"$id\": \"https://e.example/{at}\", \"type\": \"object\"}}"));
    let schema = format!(
        "{{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"allOf\": [{all}], \"$defs\": {{{defined}}}}}"
    );
    let started = Instant::now();
    assert_eq!(validate(&schema, ""), (Vec::new(), Ok(())));
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn large_schemas_may_take_longer() {
    // A schema of two megabytes and values that need all of it.
    let count = 40_000;
    let list = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<Vec<_>>().join(", ");
    let properties = list(&|at| format!("\"p{at}\": {{\"type\": \"integer\", \"minimum\": {at}}}"));
    let values: String = (0..count).map(|at| format!("p{at}: {at}\n")).collect();
    assert_eq!(validate(&format!("{{\"properties\": {{{properties}}}}}"), &values).1, Ok(()));
}

#[test]
fn long_names_are_bounded() {
    // Each of the inner schemas has a pointer with the long name in it.
    let inner = (0..2000).map(|at| format!("\"d{at}\": {{}}")).collect::<Vec<_>>().join(", ");
    let name = "n".repeat(40_000);
    let found = error(&format!("{{\"$defs\": {{\"{name}\": {{\"properties\": {{{inner}}}}}}}}}"), "");
    // The same for schemas that are applied.
    let applied = format!("{{\"properties\": {{\"{name}\": {{\"properties\": {{{inner}}}}}}}}}");
    assert!(found.contains("names in the schema are too long"), "{found}");
    assert!(error(&applied, "").contains("names in the schema are too long"));
}

#[test]
fn patterns_among_values_are_bounded() {
    // A few bytes of values that are each a large pattern.
    let values: String = (0..2000).map(|at| format!("- \"(\\\\pL{{100}}){{9}}{at}\"\n")).collect();
    let schema = r#"{"$schema": "http://json-schema.org/draft-07/schema", "properties": {"v": {"items": {"format": "regex"}}}}"#;
    let found = error(schema, &format!("v:\n{values}"));
    assert!(found.contains("takes too long to be checked"), "{found}");
}

#[test]
fn large_constants_cost_what_they_weigh() {
    // Every item is compared with a large constant that differs only at its end.
    let constant = format!("[{}1]", "0, ".repeat(5000));
    let other = format!("[{}2]", "0, ".repeat(5000));
    let items = vec![other; 200].join(", ");
    let schema = format!(
        "{{\"properties\": {{\"v\": {{\"items\": {{\"enum\": [{}]}}}}}}}}",
        vec![constant; 40].join(", ")
    );
    let found = error(&schema, &format!("v: [{items}]"));
    assert!(found.contains("takes too long to be checked"), "{found}");
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
