//! `values.schema.json`: whether values are as a chart wants them.
//!
//! Drafts 4, 6, 7, 2019-09 and 2020-12 of JSON Schema are known, with the wording and the order of
//! the Go library that Helm 4.3.1 uses. Formats are checked in the drafts before 2019 only. A
//! schema can refer to itself and to the metaschemas of json-schema.org; nothing is fetched and no
//! file is read, unlike in Helm. A `urn:` allows anything, as in Helm.
//!
//! Schemas come from strangers: how long checking takes and how deep it goes is bounded, and
//! patterns are matched in linear time.

mod compile;
mod compiled;
mod decimal;
mod document;
mod draft;
mod equality;
mod format;
mod keywords;
mod kind;
mod left;
mod load;
mod location;
mod metaschema;
mod pattern;
mod plain;
mod scope;
mod validate;

use std::collections::BTreeMap;

use bytes::Bytes;
use chartroom_gotemplate::{Map, Value};

use self::compile::{Compiler, FormatRule};
use self::load::{Documents, OWN};
use self::validate::{STACK, Validator};
use crate::log::LogLine;
use crate::subcharts::ChartTree;
use crate::values::go_json::{self, Json};
use crate::values::go_print;

/// The largest schema that is read. The largest known have some five megabytes.
const MAX_SIZE: usize = 16 << 20;

/// How many steps a check may take, and how many more for each byte of the schema. A step is to apply
/// a schema to a value; a keyword takes some fifty to be checked itself.
const STEPS: usize = 3_000_000;
const STEPS_FOR_BYTE: usize = 20;

/// Why values don't fit the schemas of charts: a text that names each chart, and lists what is wrong
/// below.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("values don't meet the specifications of the schema(s) in the following chart(s):\n{0}")]
pub struct SchemaError(pub String);

/// Checks values by the schemas of a chart and its subcharts. What Helm would log is added to `log`.
pub(crate) fn validate(chart: &ChartTree, values: &Map, log: &mut Vec<LogLine>) -> Result<(), SchemaError> {
    let mut text = String::new();
    validate_chart(chart, values, &mut text, log);
    if text.is_empty() { Ok(()) } else { Err(SchemaError(text)) }
}

fn validate_chart(chart: &ChartTree, values: &Map, text: &mut String, log: &mut Vec<LogLine>) {
    if let Some(schema) = &chart.schema
        && let Err(problem) = validate_one(values, schema, log)
    {
        text.push_str(&format!("{}:\n{problem}", chart.name()));
    }
    for child in &chart.children {
        match values.get(child.name().as_bytes()) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(values)) => validate_chart(child, &values, text, log),
            Some(other) => {
                let found = other.type_of().map(|found| found.to_string()).unwrap_or_default();
                let name = child.name();
                text.push_str(&format!(
                    "{name}:\ninvalid type for values: expected object (map), got {found}\n"
                ));
            }
        }
    }
}

/// Checks values by one schema. The error lists what is wrong, as Helm does.
pub(crate) fn validate_one(values: &Map, schema: &Bytes, log: &mut Vec<LogLine>) -> Result<(), String> {
    if schema.len() > MAX_SIZE {
        return Err(format!("values.schema.json is larger than the maximum size {MAX_SIZE}"));
    }
    let values = json(&Value::Map(values.clone()));
    // Schemas that refer to each other go deeper than the stack of any thread that calls this.
    stacker::grow(STACK, || check(&values, schema, log))
}

fn check(values: &Json, schema: &Bytes, log: &mut Vec<LogLine>) -> Result<(), String> {
    let schema_size = schema.len();
    let schema = go_json::whole(&String::from_utf8_lossy(schema)).map_err(|error| error.to_string())?;
    let mut documents = Documents::default();
    documents.add(OWN, schema);
    let steps = STEPS + STEPS_FOR_BYTE * schema_size;
    let mut compiler = Compiler::new(documents, FormatRule::ByDraft, steps);
    let root = compiler.compile(OWN);
    let (compiled, mut said, steps) = compiler.finish();
    log.append(&mut said);
    Validator::new(&compiled, steps).validate(root?, values).map_err(|problem| {
        let heading = format!("jsonschema validation failed with '{OWN}#'\n");
        format!("{}\n", problem.strip_prefix(&heading).unwrap_or(&problem))
    })
}

/// Values as JSON: floats with the digits that Go prints.
fn json(value: &Value) -> Json {
    match value {
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(_, number) => Json::Number(number.to_string()),
        Value::Uint64(number) => Json::Number(number.to_string()),
        Value::Float(number) => Json::Number(go_print::float(*number)),
        Value::String(text) => Json::String(text.to_str().into_owned()),
        Value::List(list) => Json::List(list.items().iter().map(json).collect()),
        Value::Map(map) => {
            let members = map.entries();
            let members = members.iter().map(|(key, value)| (key.to_str().into_owned(), json(value)));
            Json::Object(members.collect::<BTreeMap<_, _>>())
        }
        Value::Nil | Value::Bytes(_) | Value::Object(_) | Value::Function(_) => Json::Null,
    }
}
