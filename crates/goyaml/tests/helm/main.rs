//! The same as the real Helm, case by case.
//!
//! `tests/golden/helm-4.3.1.json` holds what Helm 4.3.1 makes of the cases. One test compares us
//! with it; another asks Helm itself, when it is there, about the same cases and a few hundred
//! made up ones; `CHARTROOM_BLESS=1` lets it write the file anew.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod ask;
mod made_up;
mod reading;
mod show;
mod writing;

use std::path::Path;

use chartroom_goyaml::{self as goyaml, Error, Value};
use serde::{Deserialize, Serialize};

/// A question to Helm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Question {
    /// `fromYaml | toYaml`
    ReadMap(String),
    /// `fromYamlArray | toYaml`
    ReadList(String),
    /// `toYaml` of a JSON value
    Write(serde_json::Value),
}

/// A question and what Helm answers.
#[derive(Debug, Serialize, Deserialize)]
struct Golden {
    question: Question,
    helm: String,
}

/// What we answer.
fn answer(question: &Question) -> String {
    let value = match question {
        Question::ReadMap(text) => match read_map(text) {
            Ok(value) => value,
            Err(problem) => Value::Map([("Error".to_owned(), problem.into())].into()),
        },
        Question::ReadList(text) => match goyaml::decode(text) {
            Ok(Value::Null) => Value::List(Vec::new()),
            Ok(value) => value,
            Err(error) => Value::List(vec![error.to_string().into()]),
        },
        Question::Write(json) => serde_json::from_value(json.clone()).unwrap(),
    };
    // What fails gives nothing in Helm.
    let text = goyaml::encode(&as_go_holds_it(value)).unwrap_or_default();
    text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
}

/// Reads what Helm reads into a map of Go.
fn read_map(text: &str) -> Result<Value, String> {
    let kind = match goyaml::decode(text).map_err(|error: Error| error.to_string())? {
        Value::Null => return Ok(Value::Map([].into())),
        value @ Value::Map(_) => return Ok(value),
        Value::List(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        _ => "number",
    };
    Err(format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
    ))
}

/// Go reads the numbers of JSON as floats.
fn as_go_holds_it(value: Value) -> Value {
    match value {
        Value::Int(number) => Value::Float(number as f64),
        Value::Uint(number) => Value::Float(number as f64),
        Value::List(list) => Value::List(list.into_iter().map(as_go_holds_it).collect()),
        Value::Map(map) => {
            Value::Map(map.into_iter().map(|(key, value)| (key, as_go_holds_it(value))).collect())
        }
        value => value,
    }
}

fn questions() -> Vec<Question> {
    let mut questions = reading::questions();
    questions.extend(writing::questions());
    questions
}

/// Fails with all that differs, unless nothing does.
#[track_caller]
fn assert_same<'a>(goldens: impl Iterator<Item = (&'a Question, &'a str)>) {
    let differences: Vec<String> = goldens
        .map(|(question, helm)| (question, answer(question), helm))
        .filter(|(_, ours, helm)| ours != helm)
        .map(|(question, ours, helm)| format!("{question:?}\n  ours {ours:?}\n  Helm {helm:?}\n"))
        .collect();
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.concat());
}

fn golden_file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/helm-4.3.1.json")
}

#[test]
fn as_recorded() {
    let text = std::fs::read_to_string(golden_file()).expect("the golden file");
    let goldens: Vec<Golden> = serde_json::from_str(&text).unwrap();
    let recorded: Vec<_> = goldens.iter().map(|golden| golden.question.clone()).collect();
    assert!(recorded == questions(), "the cases have changed: run this with CHARTROOM_BLESS=1 and Helm");
    assert_same(goldens.iter().map(|golden| (&golden.question, golden.helm.as_str())));
}

#[test]
fn as_helm_says() {
    let Some(helm) = ask::Helm::find() else { return };
    let fixed = questions();
    let made_up = made_up::questions();
    let all: Vec<_> = [fixed.clone(), made_up].concat();
    let answers = helm.ask(&all);
    if std::env::var_os("CHARTROOM_BLESS").is_some() {
        let pairs = fixed.iter().cloned().zip(answers.iter().cloned());
        let goldens: Vec<_> = pairs.map(|(question, helm)| Golden { question, helm }).collect();
        let lines: Vec<String> =
            goldens.iter().map(|golden| serde_json::to_string(golden).unwrap()).collect();
        std::fs::write(golden_file(), format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
    assert_same(all.iter().zip(answers.iter().map(String::as_str)));
}
