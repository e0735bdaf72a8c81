//! What templates see, as text: of Helm by templates, of us by looking.

use chartroom_chart::{Any, Dependency};
use chartroom_gotemplate::{Map, Value};
use chartroom_goyaml as goyaml;
use chartroom_render::ChartTree;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Shows a value with the types that JSON doesn't know.
pub(crate) const HELPER: &str = r#"
{{- define "show" -}}
{{- if kindIs "map" . -}}
{ {{- range $key, $value := . -}}{{ toJson $key }}:{{ include "show" $value }},{{- end -}} }
{{- else if kindIs "slice" . -}}
[ {{- range . -}}{{ include "show" . }},{{- end -}} ]
{{- else if kindIs "int64" . -}}{{ . }}i
{{- else -}}{{ toJson . }}
{{- end -}}
{{- end -}}
"#;

/// The template that each chart has.
pub(crate) const TEMPLATE: &str = r#"path: {{ .Template.Name }}
name: {{ .Chart.Name }}
root: {{ .Chart.IsRoot }}
dependencies: {{ toJson .Chart.Dependencies | quote }}
subcharts: {{ keys .Subcharts | sortAlpha | join "," | quote }}
values: {{ include "show" .Values | toJson }}
"#;

/// Reads what Helm has rendered.
pub(crate) fn read(manifest: &str) -> String {
    let mut shown = BTreeMap::new();
    for document in goyaml::decode_all(manifest).unwrap() {
        let text = |key: &str| match document.get(key) {
            Some(goyaml::Value::String(text)) => text.clone(),
            Some(goyaml::Value::Bool(truth)) => truth.to_string(),
            other => panic!("{key}: {other:?} in {manifest}"),
        };
        let path = text("path").strip_suffix("/templates/show.yaml").unwrap().to_owned();
        let line = one(
            &path,
            &text("name"),
            text("root") == "true",
            &text("dependencies"),
            &text("subcharts"),
            &text("values"),
        );
        shown.insert(path, line);
    }
    shown.into_values().collect()
}

/// The same of a tree.
pub(crate) fn tree(root: &ChartTree, values: &Map) -> String {
    let mut shown = BTreeMap::new();
    collect(root, values, &mut shown);
    shown.into_values().collect()
}

fn collect(chart: &ChartTree, values: &Map, shown: &mut BTreeMap<String, String>) {
    for child in &chart.children {
        let values = child.table_in(values).unwrap_or_else(|| Map::new(BTreeMap::new()));
        collect(child, &values, shown);
    }
    if !chart.templates.iter().any(|template| template.name == "templates/show.yaml") {
        return;
    }
    let mut text = String::new();
    value(&mut text, &Value::Map(values.clone()));
    let mut subcharts: Vec<&str> = chart.children.iter().map(ChartTree::name).collect();
    subcharts.sort_unstable();
    subcharts.dedup();
    let dependencies: Vec<String> = chart.metadata.dependencies.iter().map(dependency).collect();
    let dependencies = format!("[{}]", dependencies.join(","));
    let line = one(&chart.path, chart.name(), chart.is_root, &dependencies, &subcharts.join(","), &text);
    shown.insert(chart.path.clone(), line);
}

fn one(path: &str, name: &str, root: bool, dependencies: &str, subcharts: &str, values: &str) -> String {
    let root = if root { ", root" } else { "" };
    format!("{path} ({name}{root}) has [{subcharts}] of {dependencies}\n  {values}\n")
}

fn value(text: &mut String, shown: &Value) {
    match shown {
        Value::Map(map) => {
            text.push('{');
            for (key, item) in map.entries().iter() {
                write!(text, "{}:", json(&key.to_str())).unwrap();
                value(text, item);
                text.push(',');
            }
            text.push('}');
        }
        Value::List(list) => {
            text.push('[');
            for item in list.items() {
                value(text, item);
                text.push(',');
            }
            text.push(']');
        }
        Value::Int(_, number) => write!(text, "{number}i").unwrap(),
        Value::Float(number) => text.push_str(&float(*number)),
        Value::String(string) => text.push_str(&json(&string.to_str())),
        Value::Bool(truth) => write!(text, "{truth}").unwrap(),
        Value::Nil => text.push_str("null"),
        other => panic!("{other:?} in values"),
    }
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn float(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => text,
        };
    }
    format!("{number}")
}

fn dependency(dependency: &Dependency) -> String {
    let imports: Vec<String> = dependency.import_values.iter().map(any).collect();
    let imports = format!("[{}]", imports.join(","));
    let tags: Vec<String> = dependency.tags.iter().map(|tag| json(tag)).collect();
    let Dependency { name, version, repository, condition, alias, enabled, .. } = dependency;
    format!(
        "{{\"Alias\":{},\"Condition\":{},\"Enabled\":{enabled},\"ImportValues\":{imports},\"Name\":{},\"Repository\":{},\"Tags\":[{}],\"Version\":{}}}",
        json(alias),
        json(condition),
        json(name),
        json(repository),
        tags.join(","),
        json(version)
    )
}

fn any(value: &Any) -> String {
    match value {
        Any::Null => "null".into(),
        Any::Bool(truth) => truth.to_string(),
        Any::Number(number) => float(*number),
        Any::String(text) => json(text),
        Any::List(items) => format!("[{}]", items.iter().map(any).collect::<Vec<_>>().join(",")),
        Any::Map(map) => {
            let members = map.iter().map(|(key, value)| format!("{}:{}", json(key), any(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}
