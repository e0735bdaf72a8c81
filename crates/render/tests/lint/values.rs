//! `values.yaml`, its schema, and the values of a user.

use crate::{Case, check};

#[test]
fn values() {
    let of = |name: &str, values: &str| Case::good_but(name, &[("c/values.yaml", values)]);
    let schema = |name: &str, values: &str, schema: &str| {
        Case::good_but(name, &[("c/values.yaml", values), ("c/values.schema.json", schema)])
    };
    let uses = |name: &str, values: &str, template: &str| {
        Case::good_but(name, &[("c/values.yaml", values), ("c/templates/t.yaml", template)])
    };
    let needs_a = "{\"required\": [\"a\"], \"properties\": {\"b\": {\"type\": \"string\"}}}";
    let cases = [
        of("empty", ""),
        of("null", "null\n"),
        of("a list", "- a\n"),
        of("a text", "text\n"),
        of("broken", "a: [\n"),
        of("twice", "a: 1\na: 2\n"),
        of("second document is a list", "a: 1\n---\n- b\n"),
        of("second document broken", "a: 1\n---\nb: [\n"),
        of("a wrong separator", "a: 1\n---b\n"),
        of("infinity", "a: .inf\n"),
        of("not UTF-8", "a: \u{0}\n"),
        schema("schema fits", "a: 1\n", needs_a),
        schema("schema doesn't fit", "b: 1\n", needs_a),
        schema("schema doesn't fit the second document", "a: 1\n---\nb: 1\n", needs_a),
        schema("schema fits only the second document", "b: x\n---\na: 1\n", needs_a),
        schema("schema is empty", "a: 1\n", ""),
        schema("schema is no JSON", "a: 1\n", "{"),
        schema("schema is no schema", "a: 1\n", "{\"type\": 5}"),
        schema("schema without additional properties", "a: 1\n", "{\"properties\": {}, \"additionalProperties\": false}"),
        schema("schema is skipped", "b: 1\n", needs_a).with("--skip-schema-validation", ""),
        schema("the user makes it fit", "b: 1\n", needs_a).with("--set", "a=1,b=x"),
        schema("the user makes it not fit", "a: 1\n", needs_a).with("--set", "b=1"),
        schema("the user nulls what it needs", "a: 1\n", needs_a).with("--set", "a=null"),
        schema("the user nulls below what it needs", "x: {a: 1}\n", "{\"properties\": {\"x\": {\"required\": [\"a\"]}}}").with("--set", "x.a=null"),
        schema("the user nulls all below", "x: {a: {b: {c: 1}}}\n", "{\"properties\": {\"x\": {\"required\": [\"a\"]}}}").with("--set", "x.a.b.c=null"),
        uses("a null of the user below", "x: {y: 1}\n", "kind: {{ if hasKey .Values.x \"y\" }}Yes{{ else }}No{{ end }}\nmetadata: {name: A}\n").with("--set", "x.y=null"),
        uses("a null of the user at the top", "x: 1\n", "kind: {{ if hasKey .Values \"x\" }}Yes{{ else }}No{{ end }}\nmetadata: {name: {{ ternary \"A\" \"b\" (hasKey .Values \"x\") }}}\n").with("--set", "x=null"),
        uses("tables and scalars", "x: {y: 1}\ns: 1\n", "kind: x\nmetadata: {name: a}\n").with("--set", "x=1,s.t=2"),
        uses("defaults of defaults", "x: {y: {z: 1}}\n", "metadata: {name: {{ printf \"%v\" .Values.x.y.z }}}\n").with("--set", "x.y.w=2"),
    ];
    check("values.golden", &cases);
}
