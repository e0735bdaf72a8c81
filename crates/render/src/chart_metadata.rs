//! `.Chart`: what `Chart.yaml` says, under the names of Go's fields.

use chartroom_chart::{Any, ChartFile, Dependency, Maintainer};
use chartroom_gotemplate::{Map, Text, Type, Value};

/// The value that templates see. Unknown fields of it are empty, as those of any map.
pub(crate) fn value(file: &ChartFile, is_root: bool) -> Value {
    let texts = |texts: &[String]| Value::list(texts.iter().map(|text| text.as_str().into()).collect());
    let annotations = if file.annotations.is_empty() {
        Map::nil(Type::String)
    } else {
        let entry = |(key, value): (&String, &String)| (Text::from(key.as_str()), value.as_str().into());
        Map::of(Type::String, file.annotations.iter().map(entry).collect())
    };
    Value::map([
        ("APIVersion", Value::from(file.api_version.as_str())),
        ("Annotations", Value::Map(annotations)),
        ("AppVersion", file.app_version.as_str().into()),
        ("Condition", file.condition.as_str().into()),
        ("Dependencies", Value::list(file.dependencies.iter().map(dependency).collect())),
        ("Deprecated", file.deprecated.into()),
        ("Description", file.description.as_str().into()),
        ("Home", file.home.as_str().into()),
        ("Icon", file.icon.as_str().into()),
        ("IsRoot", is_root.into()),
        ("Keywords", texts(&file.keywords)),
        ("KubeVersion", file.kube_version.as_str().into()),
        ("Maintainers", Value::list(file.maintainers.iter().map(maintainer).collect())),
        ("Name", file.name.as_str().into()),
        ("Sources", texts(&file.sources)),
        ("Tags", file.tags.as_str().into()),
        ("Type", file.chart_type.as_str().into()),
        ("Version", file.version.as_str().into()),
    ])
}

fn maintainer(maintainer: &Maintainer) -> Value {
    Value::map([
        ("Name", Value::from(maintainer.name.as_str())),
        ("Email", maintainer.email.as_str().into()),
        ("URL", maintainer.url.as_str().into()),
    ])
}

fn dependency(dependency: &Dependency) -> Value {
    Value::map([
        ("Name", Value::from(dependency.name.as_str())),
        ("Version", dependency.version.as_str().into()),
        ("Repository", dependency.repository.as_str().into()),
        ("Condition", dependency.condition.as_str().into()),
        ("Tags", Value::list(dependency.tags.iter().map(|tag| tag.as_str().into()).collect())),
        ("Enabled", dependency.enabled.into()),
        ("ImportValues", Value::list(dependency.import_values.iter().map(any).collect())),
        ("Alias", dependency.alias.as_str().into()),
    ])
}

fn any(value: &Any) -> Value {
    match value {
        Any::Null => Value::Nil,
        Any::Bool(truth) => Value::Bool(*truth),
        Any::Number(number) => Value::Float(*number),
        Any::String(text) => text.as_str().into(),
        Any::List(items) => Value::list(items.iter().map(any).collect()),
        Any::Map(entries) => Value::map(entries.iter().map(|(key, value)| (key.as_str(), any(value)))),
    }
}
