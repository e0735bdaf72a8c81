//! What `fmt` writes, compared with what Go's wrote.

use chartroom_gotemplate::format::{format_float, sprint, sprintf, sprintln};
use serde_json::Value as Json;

use crate::notation::{bytes, golden, value};

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

#[test]
fn all_verbs_as_go_writes_them() {
    let mut values = Vec::new();
    let mut failures = Vec::new();
    let mut count = 0;
    let mut compare = |what: String, expected: &Json, found: &[u8]| {
        count += 1;
        if bytes(expected) != found {
            failures.push(format!("{what}: {expected} but {:?}", String::from_utf8_lossy(found)));
        }
    };
    for line in golden("fmt.jsonl") {
        if let Some(all) = line.get("values") {
            values = list(all).iter().map(|json| (json.clone(), value(json))).collect();
        } else if let Some(floats) = line.get("floats") {
            for float in list(floats) {
                compare(float.to_string(), &float[2], &all_formats(float));
            }
        } else if let Some(operands) = line.get("print") {
            let given = list(operands).iter().map(value).collect::<Vec<_>>();
            compare(format!("print {operands}"), &line["out"], &sprint(&given));
            compare(format!("println {operands}"), &line["line"], &sprintln(&given));
        } else if let Some(operands) = line.get("args") {
            let given = list(operands).iter().map(value).collect::<Vec<_>>();
            let found = sprintf(&bytes(&line["format"]), &given);
            compare(format!("printf {} {operands}", line["format"]), &line["out"], &found);
        } else {
            let format = line["format"].as_str().expect("a format");
            for ((json, value), expected) in values.iter().zip(list(&line["out"])) {
                let found = sprintf(format.as_bytes(), std::slice::from_ref(value));
                compare(format!("{format} of {json}"), expected, &found);
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 10_000, "only {count} cases");
}

fn all_formats(float: &Json) -> Vec<u8> {
    let bits = u64::from_str_radix(float[0].as_str().expect("bits"), 16).expect("bits");
    let precision = usize::try_from(float[1].as_u64().expect("a precision")).expect("a precision");
    let number = f64::from_bits(bits);
    [
        format_float(number, b'g', None),
        format_float(number, b'g', Some(precision)),
        format_float(number, b'e', Some(precision)),
        format_float(number, b'f', Some(precision % 8)),
        format_float(number, b'x', Some(precision)),
        format_float(number, b'x', None),
        format_float(number, b'b', None),
    ]
    .join(&b'|')
}
