//! Calls as Chartroom makes them.

use std::collections::BTreeMap;

use chartroom_gotemplate::{Function, Limits, Map, MissingKey, TemplateSet, Type, Value};

use crate::golden::{Golden, Outcome};

/// The file that errors are in.
pub(crate) const FILE: &str = "c/templates/t.yaml";

/// The values of the chart, which Helm reads from [`VALUES`](crate::ask::VALUES).
fn values() -> Value {
    let nested = Value::map([("a", Value::Float(1.0)), ("b", Value::map([("c", "d".into())]))]);
    let entries = [
        ("text", "abc".into()),
        ("number", Value::Float(7.0)),
        ("float", Value::Float(1.5)),
        ("flag", true.into()),
        ("list", Value::list(vec!["b".into(), "a".into(), Value::Nil])),
        ("map", nested),
    ];
    let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect::<BTreeMap<_, _>>();
    Map::named(&"common.Values", Type::Any, entries).into()
}

fn templates() -> TemplateSet {
    TemplateSet::new("gotpl", MissingKey::Zero, chartroom_sprig::functions())
}

/// All functions that calls are recorded of. Dates, hashes and keys have tests of their own.
pub(crate) fn functions() -> Vec<Function> {
    let elsewhere =
        ["sha", "adler", "bcrypt", "htpasswd", "gen", "derive", "encrypt", "decrypt", "build", "randBytes"];
    let dates = [
        "now",
        "date",
        "must_date",
        "mustDate",
        "mustToDate",
        "toDate",
        "ago",
        "duration",
        "unixEpoch",
        "htmlDate",
    ];
    let mut functions = chartroom_sprig::functions();
    functions
        .retain(|function| !elsewhere.iter().chain(&dates).any(|prefix| function.name.starts_with(prefix)));
    functions
}

/// Writes a template with the values of the chart.
pub(crate) fn render(template: &str) -> Result<Vec<u8>, String> {
    let mut templates = templates();
    templates.parse(FILE, template).map_err(|error| error.to_string())?;
    let data = Value::map([("Values", values())]);
    templates.execute(FILE, data, &Limits::default()).map_err(|error| error.to_string())
}

/// What comes of a call.
pub(crate) fn evaluate(expr: &str) -> Outcome {
    match render(&Golden::template(expr)) {
        Ok(bytes) => Outcome::Bytes(bytes),
        Err(error) => Outcome::Error(reason(&error)),
    }
}

/// An error from its node on.
pub(crate) fn reason(error: &str) -> String {
    match error.split_once(&format!("executing \"{FILE}\" ")) {
        Some((_, reason)) => reason.to_owned(),
        None => error.to_owned(),
    }
}
