//! The types of `Chart.yaml` and `Chart.lock`: whether a value fits them, and if not, the error
//! in Go's words. Reading itself is serde's; it would tell what is wrong, but not where.

use chartroom_goyaml::Value;

/// What a value has to be. Null is anything's empty value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text; other scalars are turned into some.
    Text,
    /// True or false.
    Bool,
    /// A text that is a time.
    Time,
    /// Whatever it is.
    Anything,
    /// A list of such.
    List(&'static Shape),
    /// From texts to texts.
    Texts,
    /// Fields by their names, in any case; other fields don't matter.
    Struct(&'static str, &'static [(&'static str, Shape)]),
}

use Shape::{Anything, Bool, List, Struct, Text, Texts, Time};

/// The type of `Chart.yaml`.
pub const CHART: Shape = Struct(
    "v2.Metadata",
    &[
        ("name", Text),
        ("home", Text),
        ("sources", List(&Text)),
        ("version", Text),
        ("description", Text),
        ("keywords", List(&Text)),
        ("maintainers", List(&MAINTAINER)),
        ("icon", Text),
        ("apiVersion", Text),
        ("condition", Text),
        ("tags", Text),
        ("appVersion", Text),
        ("deprecated", Bool),
        ("annotations", Texts),
        ("kubeVersion", Text),
        ("dependencies", List(&DEPENDENCY)),
        ("type", Text),
    ],
);

/// The type of `Chart.lock`.
pub(crate) const LOCK: Shape =
    Struct("v2.Lock", &[("generated", Time), ("digest", Text), ("dependencies", List(&DEPENDENCY))]);

const MAINTAINER: Shape = Struct("v2.Maintainer", &[("name", Text), ("email", Text), ("url", Text)]);

const DEPENDENCY: Shape = Struct(
    "v2.Dependency",
    &[
        ("name", Text),
        ("version", Text),
        ("repository", Text),
        ("condition", Text),
        ("tags", List(&Text)),
        ("enabled", Bool),
        ("import-values", List(&Anything)),
        ("alias", Text),
    ],
);

impl Shape {
    /// Checks a value. The error is that of `sigs.k8s.io/yaml` in Helm 4.3.
    pub fn check(self, value: &Value) -> Result<(), String> {
        let wrong = self.first_misfit(value, "");
        wrong.map_or(Ok(()), |misfit| {
            Err(format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {misfit}"))
        })
    }

    /// The first field that a value has and the type doesn't, in the order of names.
    pub fn unknown_field(self, value: &Value) -> Option<String> {
        match (self, value) {
            (List(of), Value::List(list)) => list.iter().find_map(|item| of.unknown_field(item)),
            (Struct(_, fields), Value::Map(map)) => map.iter().find_map(|(key, item)| {
                match fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
                    Some((_, shape)) => shape.unknown_field(item),
                    None => Some(key.clone()),
                }
            }),
            _ => None,
        }
    }

    fn first_misfit(self, value: &Value, path: &str) -> Option<String> {
        let misfit = || {
            let place = match path.rsplit('.').next().unwrap_or_default() {
                "" => "Go value".to_owned(),
                last if last.bytes().all(|byte| byte.is_ascii_digit()) => path.to_owned(),
                _ => format!("Go struct field {path}"),
            };
            Some(format!("{} into {place} of type {}", kind(value), self.go_type()))
        };
        match (self, value) {
            (_, Value::Null) | (Anything, _) | (Bool, Value::Bool(_)) | (Time, Value::String(_)) => None,
            (Text, Value::Map(_) | Value::List(_)) => misfit(),
            (Text, _) => None,
            (List(of), Value::List(list)) => {
                let mut items = list.iter().enumerate();
                items.find_map(|(index, item)| of.first_misfit(item, &format!("{path}.{index}")))
            }
            (Texts, Value::Map(map)) => {
                map.iter().find_map(|(key, item)| Text.first_misfit(item, &format!("{path}.{key}")))
            }
            (Struct(_, fields), Value::Map(map)) => map.iter().find_map(|(key, item)| {
                let mut known = fields.iter();
                let (_, shape) = known.find(|(name, _)| name.eq_ignore_ascii_case(key))?;
                shape.first_misfit(item, &format!("{path}.{key}"))
            }),
            _ => misfit(),
        }
    }

    fn go_type(self) -> String {
        match self {
            Text => "string".into(),
            Bool => "bool".into(),
            Time => "time.Time".into(),
            Anything => "interface {}".into(),
            Texts => "map[string]string".into(),
            Struct(name, _) => name.into(),
            List(Struct(name, _)) => format!("[]*{name}"),
            List(of) => format!("[]{}", of.go_type()),
        }
    }
}

/// What JSON calls a value.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}
