//! The functions that Helm adds to Sprig's and that need no rendering: YAML, JSON and TOML, and
//! durations as numbers.

mod duration;
mod json;
mod toml;
mod yaml;

use chartroom_gotemplate::{Body, CallError, Function, IntType, Signature, Type, Value};
use chartroom_sprig::Duration;

type Answer = Result<Value, CallError>;
type Pure = fn(&[Value]) -> Answer;

/// All of them, each once. Where Sprig has one of the same name, this one counts.
pub fn functions() -> Vec<Function> {
    let value = || vec![Type::Any];
    let text = || vec![Type::String];
    let span = || Type::Named(Duration::TYPE_NAME);
    let count = || Type::Int(IntType::Int64);
    let rows: [(&'static str, Vec<Type>, Type, Pure); 23] = [
        ("toYaml", value(), Type::String, yaml::to_yaml),
        ("mustToYaml", value(), Type::String, yaml::must_to_yaml),
        ("toYamlPretty", value(), Type::String, yaml::to_yaml_pretty),
        ("fromYaml", text(), Type::map(), yaml::from_yaml),
        ("fromYamlArray", text(), Type::list(), yaml::from_yaml_array),
        ("toJson", value(), Type::String, json::to_json),
        ("mustToJson", value(), Type::String, json::must_to_json),
        ("fromJson", text(), Type::map(), json::from_json),
        ("fromJsonArray", text(), Type::list(), json::from_json_array),
        ("toToml", value(), Type::String, toml::to_toml),
        ("mustToToml", value(), Type::String, toml::must_to_toml),
        ("fromToml", text(), Type::map(), toml::from_toml),
        ("mustToDuration", value(), span(), duration::must_to_duration),
        ("durationSeconds", value(), Type::Float, duration::seconds),
        ("durationMilliseconds", value(), count(), duration::milliseconds),
        ("durationMicroseconds", value(), count(), duration::microseconds),
        ("durationNanoseconds", value(), count(), duration::nanoseconds),
        ("durationMinutes", value(), Type::Float, duration::minutes),
        ("durationHours", value(), Type::Float, duration::hours),
        ("durationDays", value(), Type::Float, duration::days),
        ("durationWeeks", value(), Type::Float, duration::weeks),
        ("durationRoundTo", vec![Type::Any, Type::Any], span(), duration::round_to),
        ("durationTruncateTo", vec![Type::Any, Type::Any], span(), duration::truncate_to),
    ];
    rows.into_iter()
        .map(|(name, parameters, result, body)| Function {
            name,
            signature: Signature::new(parameters, result),
            body: Body::Pure(body),
        })
        .collect()
}

/// The argument that a function of one argument has.
fn argument(arguments: &[Value]) -> &Value {
    arguments.first().unwrap_or(&Value::Nil)
}

/// The bytes of the argument that a function of one string has.
fn text(arguments: &[Value]) -> &[u8] {
    argument(arguments).as_text().map_or(&[], |text| text.as_bytes())
}

/// What functions that read maps give when they fail: a map that tells why.
fn error_map(problem: impl Into<String>) -> Value {
    Value::map([("Error", Value::from(problem.into()))])
}

/// What functions that read lists give when they fail: a list that tells why.
fn error_list(problem: impl Into<String>) -> Value {
    Value::list(vec![problem.into().into()])
}

/// What `encoding/json` says when a value is no map or list, as the Go type that is wanted.
fn unfit(value: &Value, wanted: &str) -> String {
    let kind = match value {
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    };
    format!("json: cannot unmarshal {kind} into Go value of type {wanted}")
}

const MAP: &str = "map[string]interface {}";
const LIST: &str = "[]interface {}";
