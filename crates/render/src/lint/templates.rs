//! The rules for `templates/`: that they can be executed, and that what they make are objects.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use bytes::Bytes;
use chartroom_chart::Chart;
use chartroom_chart::go_text::quote;
use chartroom_goyaml::{self as goyaml, Value};

use super::Severity::{Error, Warning};
use super::object::Object;
use super::stream::Objects;
use super::{Check, deprecations, file, object_name};
use crate::capabilities::Capabilities;
use crate::engine::{self, Job, Options};
use crate::release::Release;
use crate::schema;
use crate::subcharts;
use crate::values::{Coalescer, Nulls};

const PATH: &str = "templates/";

/// The longest line that is looked at for its indentation.
const MAX_LINE: usize = 64 << 10;

impl Check<'_> {
    pub(super) fn templates(&mut self) {
        let path = self.folder.join("templates");
        let found = fs::metadata(&path);
        let is_missing = matches!(&found, Err(error) if error.kind() == ErrorKind::NotFound);
        let rule = if is_missing { Err("directory does not exist".to_owned()) } else { Ok(()) };
        if !self.report.check(Warning, PATH, rule) {
            return;
        }
        let rule = match found {
            Err(error) => Err(file::problem("stat", &path, &error)),
            Ok(metadata) if !metadata.is_dir() => Err("not a directory".to_owned()),
            Ok(_) => Ok(()),
        };
        if !self.report.check(Error, PATH, rule) {
            return;
        }
        let chart = match self.load() {
            Ok(chart) => chart,
            Err(error) => {
                self.report.check(Error, PATH, Err(error));
                return;
            }
        };
        let rendered = match self.execute(&chart) {
            Ok(rendered) => rendered,
            Err(error) => {
                // Helm says nothing of subcharts that can't be decided on.
                if let Some(error) = error {
                    self.report.check(Error, PATH, Err(error));
                }
                return;
            }
        };
        for template in chart.templates() {
            self.report.check(Error, &template.name, extension(&template.name));
            let ending = ending(&template.name).to_lowercase();
            if !matches!(ending.as_str(), ".yaml" | ".yml") {
                continue;
            }
            let content = rendered.get(&format!("{}/{}", chart.name(), template.name));
            if let Some(content) = content
                && !self.objects(&template.name, content)
            {
                return;
            }
        }
    }

    /// What the templates make, by their paths. Not every error is told.
    fn execute(&mut self, chart: &Chart) -> Result<BTreeMap<String, Bytes>, Option<String>> {
        let Self { linter, report, .. } = self;
        let mut coalescer = Coalescer::new(&mut report.log);
        let tree = subcharts::resolve(chart, None, &linter.values, &mut coalescer).map_err(|_| None)?;
        let values = coalescer.values(&tree, &linter.values, Nulls::Remove).map_err(|_| None)?;
        // Helm merges what is merged once more.
        let values = coalescer.values(&tree, &values, Nulls::Remove);
        let values = values.map_err(|error| Some(error.to_string()))?;
        if !linter.options.skip_schema_validation {
            schema::validate(&tree, &values, &mut report.log).map_err(|error| Some(error.to_string()))?;
        }
        let mut capabilities = Capabilities::of_helm();
        if let Some(kubernetes) = &linter.options.kubernetes {
            capabilities.kubernetes = kubernetes.clone();
        }
        let namespace = linter.options.namespace.clone();
        let release = Release { name: "test-release".into(), namespace, revision: 0, is_upgrade: false };
        let options = Options { lint: true, ..Options::default() };
        let job = Job { chart: &tree, values, release: &release, capabilities: &capabilities, options };
        let output = engine::execute(&job).map_err(|error| Some(error.to_string()))?;
        report.log.extend(output.log);
        Ok(output.files)
    }

    /// Looks at what a template has made; whether it could be read.
    fn objects(&mut self, name: &str, content: &Bytes) -> bool {
        let text = String::from_utf8_lossy(content);
        if text.trim().is_empty() {
            return true;
        }
        self.report.check(Warning, name, indentation(&text));
        for object in Objects::new(content) {
            let object = match object {
                Ok(object) => object,
                Err(error) => {
                    self.report.check(Error, name, Err(format!("unable to parse YAML: {error}")));
                    return false;
                }
            };
            let Some(object) = object else { continue };
            let kubernetes = self.linter.options.kubernetes.as_ref();
            self.report.check(Warning, name, object_name::check(&object));
            self.report.check(Warning, name, deprecations::check(&object, kubernetes));
            self.report.check(Error, name, selector(&object, &text));
            self.report.check(Error, name, list_annotations(&object, &text));
        }
        true
    }
}

/// A file's ending, with its dot.
fn ending(name: &str) -> &str {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.rfind('.').and_then(|at| base.get(at..)).unwrap_or_default()
}

fn extension(name: &str) -> Result<(), String> {
    match ending(name) {
        ".yaml" | ".yml" | ".tpl" | ".txt" => Ok(()),
        other => Err(format!(
            "file extension '{other}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt"
        )),
    }
}

/// Whether the first line with anything on it begins at its start.
fn indentation(text: &str) -> Result<(), String> {
    for line in text.split('\n') {
        if line.len() >= MAX_LINE {
            return Err("bufio.Scanner: token too long".into());
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            return Err(format!(
                "document starts with an illegal indent: {}, which may cause parsing problems",
                quote(line)
            ));
        }
        break;
    }
    Ok(())
}

/// Objects that have pods say which, somewhere in the file.
fn selector(object: &Object, text: &str) -> Result<(), String> {
    let has_pods = matches!(object.kind.as_str(), "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet");
    if !has_pods || text.contains("matchLabels") || text.contains("matchExpressions") {
        return Ok(());
    }
    Err(format!(
        "a {} must contain matchLabels or matchExpressions, and {} does not",
        object.kind,
        quote(&object.metadata.name)
    ))
}

/// Of what is in a list, Helm doesn't look at annotations.
fn list_annotations(object: &Object, text: &str) -> Result<(), String> {
    if object.kind != "List" {
        return Ok(());
    }
    let unreadable = |error: String| format!("unable to parse YAML: {error}");
    let list = goyaml::decode(text).map_err(|error| unreadable(error.to_string()))?;
    match has_policy(&list) {
        Ok(false) => Ok(()),
        Ok(true) => Err("annotation 'helm.sh/resource-policy' within List objects are ignored".into()),
        Err(misfit) => Err(unreadable(format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {misfit}"
        ))),
    }
}

/// Whether an item of a list has an annotation that Helm would look at elsewhere. The error is for what
/// has another type than annotations have, with Go's names.
fn has_policy(list: &Value) -> Result<bool, String> {
    const METADATA: &str = "struct { Annotations map[string]string }";
    let items = member(list, "items");
    let items = match items {
        None | Some(Value::Null) => return Ok(false),
        Some(Value::List(items)) => items,
        Some(other) => {
            let place = format!("Go struct field .items of type []struct {{ Metadata {METADATA} }}");
            return Err(format!("{} into {place}", other.json_kind()));
        }
    };
    let mut found = false;
    for (index, item) in items.iter().enumerate() {
        if !matches!(item, Value::Null | Value::Map(_)) {
            return Err(format!(
                "{} into .items.{index} of type struct {{ Metadata {METADATA} }}",
                item.json_kind()
            ));
        }
        let place = format!("Go struct field .items.{index}.metadata");
        let metadata = match member(item, "metadata") {
            None | Some(Value::Null) => continue,
            Some(metadata @ Value::Map(_)) => metadata,
            Some(other) => return Err(format!("{} into {place} of type {METADATA}", other.json_kind())),
        };
        let annotations = match member(metadata, "annotations") {
            None | Some(Value::Null) => continue,
            Some(Value::Map(annotations)) => annotations,
            Some(other) => {
                return Err(format!(
                    "{} into {place}.annotations of type map[string]string",
                    other.json_kind()
                ));
            }
        };
        for (key, value) in annotations {
            if matches!(value, Value::List(_) | Value::Map(_)) {
                return Err(format!("{} into {place}.annotations.{key} of type string", value.json_kind()));
            }
        }
        found |= annotations.contains_key("helm.sh/resource-policy");
    }
    Ok(found)
}

/// A member by its name, in any case.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = value.as_map().into_iter().flatten();
    members.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
