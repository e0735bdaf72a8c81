//! What templates write and how they fail, compared with what Go's `text/template` did.

use chartroom_gotemplate::{Limits, MissingKey, TemplateSet};
use serde_json::Value as Json;

use crate::notation::{bytes, golden};
use crate::world::{data, functions, methods};

/// Parses files, executes the last one, and gives what came of it or the error.
fn run(mode: &str, files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, String> {
    let missing_key = match mode {
        "zero" => MissingKey::Zero,
        "error" => MissingKey::Error,
        _ => MissingKey::Default,
    };
    let mut set = TemplateSet::with_methods("gotpl", missing_key, functions(), methods());
    let mut last = "";
    for (name, source) in files {
        set.parse(name, source.as_slice()).map_err(|error| error.to_string())?;
        last = name;
    }
    set.execute(last, data(), &Limits::default()).map_err(|error| error.to_string())
}

struct Comparison {
    count: usize,
    failures: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, mode: &str, files: &[(String, Vec<u8>)], expected: &Json) {
        self.count += 1;
        let found = run(mode, files);
        let fits = match expected.get("error") {
            Some(error) => found.as_ref().err() == Some(&String::from_utf8_lossy(&bytes(error)).into_owned()),
            None => found.as_ref().ok() == Some(&bytes(expected)),
        };
        if !fits {
            let source = String::from_utf8_lossy(&files[files.len() - 1].1).into_owned();
            let found = found.map(|out| String::from_utf8_lossy(&out).into_owned());
            self.failures.push(format!("{mode} {source:?}\n  wanted {expected}\n  found  {found:?}"));
        }
    }
}

#[test]
fn as_go_executes_templates() {
    let mut all = Comparison { count: 0, failures: Vec::new() };
    for line in golden("templates.jsonl").into_iter().chain(golden("templates-random.jsonl")) {
        let mode = line["mode"].as_str().expect("a mode");
        if let Some(pattern) = line.get("pattern") {
            let pattern = pattern.as_str().expect("a pattern");
            for (keys, expected) in line["out"].as_object().expect("results") {
                let (first, second) = keys.split_once(' ').unwrap_or((keys, ""));
                let source = pattern.replace("XX", first).replace("YY", second);
                all.compare(mode, &[("p".to_owned(), source.into_bytes())], expected);
            }
        } else {
            let files = line["files"].as_array().expect("files").iter();
            let files = files.map(|file| (file[0].as_str().expect("a name").to_owned(), bytes(&file[1])));
            all.compare(mode, &files.collect::<Vec<_>>(), &line["out"]);
        }
    }
    let Comparison { count, failures } = all;
    assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 4500, "only {count} cases");
}
