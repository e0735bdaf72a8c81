//! The types of `Chart.yaml` and `Chart.lock`: whether a value fits them, and if not, the error
//! in Go's words. Reading itself is serde's; it would tell what is wrong, but not where.

use chartroom_goyaml::Value;

/// What a value has to be, as a type of Go. Null is anything's empty value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text; other scalars are turned into some.
    Text,
    /// True or false.
    Bool,
    /// Text that is a time. Whether it is one is not looked at here.
    Time,
    /// Whatever it is.
    Anything,
    /// A list of such values.
    List(&'static Shape),
    /// From texts to texts.
    Texts,
    /// Fields by their names, in any case; other fields don't matter. The first is the type's name
    /// in Go.
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
        let wrong = self.misfit(value, "");
        wrong.map_or(Ok(()), |misfit| {
            Err(format!("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {misfit}"))
        })
    }

    /// What doesn't fit, in Go's words after `json: cannot unmarshal `. `path` is where the value
    /// stands: empty, or names and numbers with a point before each.
    pub fn misfit(self, value: &Value, path: &str) -> Option<String> {
        let Misfit { mut steps, kind, go_type } = self.first_misfit(value)?;
        steps.reverse();
        let below: String = steps.iter().map(|step| format!(".{step}")).collect();
        let path = format!("{path}{below}");
        let place = match path.rsplit('.').next().unwrap_or_default() {
            "" => "Go value".to_owned(),
            last if last.bytes().all(|byte| byte.is_ascii_digit()) => path,
            _ => format!("Go struct field {path}"),
        };
        Some(format!("{kind} into {place} of type {go_type}"))
    }

    /// The name of a field that no struct here has, in the value or further down; as Go's strict
    /// decoder finds it.
    pub fn unknown_field(self, value: &Value) -> Option<&str> {
        match (self, value) {
            (List(of), Value::List(list)) => list.iter().find_map(|item| of.unknown_field(item)),
            (Struct(_, fields), Value::Map(map)) => map.iter().find_map(|(key, item)| {
                let mut known = fields.iter();
                match known.find(|(name, _)| name.eq_ignore_ascii_case(key)) {
                    Some((_, shape)) => shape.unknown_field(item),
                    None => Some(key.as_str()),
                }
            }),
            _ => None,
        }
    }

    fn first_misfit(self, value: &Value) -> Option<Misfit> {
        let here = || Some(Misfit { steps: Vec::new(), kind: value.json_kind(), go_type: self.go_type() });
        match (self, value) {
            (_, Value::Null) | (Anything, _) | (Bool, Value::Bool(_)) | (Time, Value::String(_)) => None,
            (Text, Value::Map(_) | Value::List(_)) => here(),
            (Text, _) => None,
            (List(of), Value::List(list)) => {
                let mut items = list.iter().enumerate();
                items.find_map(|(index, item)| Some(of.first_misfit(item)?.below(index.to_string())))
            }
            (Texts, Value::Map(map)) => {
                map.iter().find_map(|(key, item)| Some(Text.first_misfit(item)?.below(key.clone())))
            }
            (Struct(_, fields), Value::Map(map)) => map.iter().find_map(|(key, item)| {
                let mut known = fields.iter();
                let (_, shape) = known.find(|(name, _)| name.eq_ignore_ascii_case(key))?;
                Some(shape.first_misfit(item)?.below(key.clone()))
            }),
            _ => here(),
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

/// A value that doesn't fit.
struct Misfit {
    /// The way to it, the last step first.
    steps: Vec<String>,
    kind: &'static str,
    go_type: String,
}

impl Misfit {
    fn below(mut self, step: String) -> Self {
        self.steps.push(step);
        self
    }
}
