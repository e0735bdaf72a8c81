//! What a document says of itself: API version, kind, name, annotations. To know that, all of it has to
//! be YAML.

mod quick;

use std::collections::BTreeMap;

use chartroom_goyaml::Value;

/// The head of a document. What is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.name`
    pub name: String,
    /// `metadata.annotations`
    pub annotations: BTreeMap<String, String>,
}

/// Why a document has no head, in Helm's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It is no YAML.
    #[error("{0}")]
    Yaml(String),
    /// Something in it is of another type than in all objects of Kubernetes.
    #[error("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {0}")]
    Type(String),
}

/// Go's type of `metadata`, as errors name it.
const METADATA: &str =
    r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

impl Head {
    /// Reads the first YAML document of a text.
    ///
    /// # Errors
    ///
    /// When it is no YAML, or not that of an object.
    pub fn read(document: &[u8]) -> Result<Self, HeadError> {
        quick::read(document).map_or_else(|| Self::of_yaml(document), Ok)
    }

    fn of_yaml(document: &[u8]) -> Result<Self, HeadError> {
        let text = std::str::from_utf8(document).map_err(|_| {
            HeadError::Yaml("error converting YAML to JSON: yaml: invalid leading UTF-8 octet".to_owned())
        })?;
        let value = chartroom_goyaml::decode(text).map_err(|error| HeadError::Yaml(error.to_string()))?;
        let mut reading = Reading::default();
        reading.document(&value);
        match reading.misfit {
            Some(misfit) => Err(HeadError::Type(misfit)),
            None => Ok(reading.head),
        }
    }
}

/// A head while it is read, by the rules of Go's decoder of JSON: keys in any case, later ones replace
/// earlier ones, and of all that doesn't fit the first is told.
#[derive(Default)]
struct Reading {
    head: Head,
    misfit: Option<String>,
}

impl Reading {
    fn document(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Map(fields) => {
                for (key, value) in fields {
                    if key.eq_ignore_ascii_case("apiVersion") {
                        self.text(value, ".apiVersion", |head| &mut head.api_version);
                    } else if key.eq_ignore_ascii_case("kind") {
                        self.text(value, ".kind", |head| &mut head.kind);
                    } else if key.eq_ignore_ascii_case("metadata") {
                        self.metadata(value);
                    }
                }
            }
            other => self.misfit(other, "Go value of type util.SimpleHead"),
        }
    }

    fn metadata(&mut self, value: &Value) {
        match value {
            // A pointer in Go: null takes away what an earlier key has brought.
            Value::Null => {
                self.head.name.clear();
                self.head.annotations.clear();
            }
            Value::Map(fields) => {
                for (key, value) in fields {
                    if key.eq_ignore_ascii_case("name") {
                        self.text(value, ".metadata.name", |head| &mut head.name);
                    } else if key.eq_ignore_ascii_case("annotations") {
                        self.annotations(value);
                    }
                }
            }
            other => self.misfit(other, &format!("Go struct field .metadata of type {METADATA}")),
        }
    }

    fn annotations(&mut self, value: &Value) {
        match value {
            Value::Null => self.head.annotations.clear(),
            Value::Map(entries) => {
                for (key, value) in entries {
                    match text_of(value) {
                        Some(text) => {
                            self.head.annotations.insert(key.clone(), text.unwrap_or_default());
                        }
                        None => {
                            let key = key.replace('~', "~0").replace('/', "~1");
                            let place = format!("Go struct field .metadata.annotations.{key} of type string");
                            self.misfit(value, &place);
                        }
                    }
                }
            }
            other => {
                self.misfit(other, "Go struct field .metadata.annotations of type map[string]string");
            }
        }
    }

    fn text(&mut self, value: &Value, path: &str, field: impl Fn(&mut Head) -> &mut String) {
        match text_of(value) {
            Some(Some(text)) => *field(&mut self.head) = text,
            Some(None) => {}
            None => self.misfit(value, &format!("Go struct field {path} of type string")),
        }
    }

    fn misfit(&mut self, value: &Value, place: &str) {
        let kind = value.json_kind();
        self.misfit.get_or_insert_with(|| format!("{kind} into {place}"));
    }
}

/// A scalar as a text, where one is wanted; null is none. `None` for lists and maps.
fn text_of(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::List(_) | Value::Map(_) => None,
        scalar => chartroom_goyaml::from_value(scalar.clone()).ok().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Head, String> {
        Head::read(text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn heads_are_read_as_by_helm() {
        let head = |api_version: &str, kind: &str, name: &str, annotations: &[(&str, &str)]| {
            let annotations = annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let [api_version, kind, name] = [api_version, kind, name].map(str::to_owned);
            Ok(Head { api_version, kind, name, annotations: annotations.collect() })
        };
        assert_eq!(read(""), head("", "", "", &[]));
        assert_eq!(read("null"), head("", "", "", &[]));
        assert_eq!(read("# nothing"), head("", "", "", &[]));
        assert_eq!(
            read(
                "apiVersion: v1\nkind: X\nmetadata: {name: x, annotations: {a: 1, b: yes, c: null, d: 1e6}}"
            ),
            head("v1", "X", "x", &[("a", "1"), ("b", "true"), ("c", ""), ("d", "1e+06")])
        );
        assert_eq!(
            read("Metadata: {Annotations: {a: x}}\nKIND: 1.10\nmetadata: {NAME: 012}"),
            head("", "1.1", "10", &[("a", "x")])
        );
        assert_eq!(read("kind: X\nkind: Z"), head("", "Z", "", &[]));
        assert_eq!(read("Metadata: {name: x}\nmetadata: null"), head("", "", "", &[]));
    }

    #[test]
    fn what_is_no_head_is_told_in_helms_words() {
        let json = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ";
        let yaml = "error converting YAML to JSON: yaml: ";
        for (text, problem) in [
            ("text", format!("{json}string into Go value of type util.SimpleHead")),
            ("- a", format!("{json}array into Go value of type util.SimpleHead")),
            ("5", format!("{json}number into Go value of type util.SimpleHead")),
            ("kind: [a]", format!("{json}array into Go struct field .kind of type string")),
            ("metadata: 6", format!("{json}number into Go struct field .metadata of type {METADATA}")),
            (
                "metadata: {annotations: x}",
                format!("{json}string into Go struct field .metadata.annotations of type map[string]string"),
            ),
            (
                "metadata: {annotations: {a: 1, b: {c: 2}, d: []}}",
                format!("{json}object into Go struct field .metadata.annotations.b of type string"),
            ),
            (
                "metadata: {annotations: {a/b~c: []}}",
                format!("{json}array into Go struct field .metadata.annotations.a~1b~0c of type string"),
            ),
            (
                "metadata: {name: {}}\napiVersion: {a: b}",
                format!("{json}object into Go struct field .apiVersion of type string"),
            ),
            ("a: b\n c: d", format!("{yaml}line 2: mapping values are not allowed in this context")),
        ] {
            assert_eq!(read(text), Err(problem), "{text}");
        }
        let error = Head::read(b"a: \xff").map_err(|error| error.to_string());
        assert_eq!(error, Err(format!("{yaml}invalid leading UTF-8 octet")));
    }

    #[test]
    fn documents_as_charts_make_them_are_read_quickly() {
        let document = br##"# Source
apiVersion: apps/v1
kind: Deployment # the usual
metadata:
  name: "app"
  labels: {a: b, "c/d": 'e'}
  annotations:
    checksum/config: 01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b
    "helm.sh/hook-weight": "-5"
    prometheus.io/port: '9090'
spec:
  replicas: 1
  empty:
  template:
    spec:
      containers:
      - name: app
        image: example.com/app:1.2.3@sha256:abc
        args: ["--listen=:80", "--x", -1]
        command:
          - sh
          - -c
          - |
            echo "a: b" # no comment
              more

            end
        env:
        - name: A
          value: "x \u003c \"y\""
        -
          name: B
      emptyDir: {}
data:
  script: >-
    folded
  text: http://example.com/#x
"##;
        let head = quick::read(document).map(|head| (head.api_version, head.kind, head.name));
        assert_eq!(head, Some(("apps/v1".to_owned(), "Deployment".to_owned(), "app".to_owned())));
        assert_eq!(Head::read(document), Head::of_yaml(document));
        assert_eq!(Head::read(document).map(|head| head.annotations.len()), Ok(3));
    }

    /// Lines of documents, some of them plain, some of them not.
    fn lines() -> impl Strategy<Value = String> {
        let starts = prop_oneof![
            4 => Just(""), 4 => Just("  "), 2 => Just("    "), 1 => Just(" "), 1 => Just("   "), 1 => Just("\t"),
        ];
        let dashes =
            prop_oneof![6 => Just(""), 2 => Just("- "), 1 => Just("-   "), 1 => Just("- - "), 1 => Just("-")];
        let keys = prop_oneof![
            2 => Just(""), 1 => Just("apiVersion: "), 1 => Just("kind: "), 2 => Just("metadata:"),
            1 => Just("  annotations:"), 1 => Just("annotations: "), 1 => Just("name: "), 1 => Just("Kind: "),
            3 => Just("a: "), 2 => Just("b:"), 1 => Just("\"q\": "), 1 => Just("'s':"), 1 => Just("null: "),
            1 => Just("y: "), 1 => Just("<<: "), 1 => Just("1: "), 1 => Just("a b: "), 1 => Just("? "), 1 => Just("a.b/c: "),
        ];
        let values = prop_oneof![
            3 => Just(""), 2 => Just("x"), 1 => Just("x y"), 1 => Just("\"q\""), 1 => Just("'s'"), 1 => Just("|"),
            1 => Just(">-"), 1 => Just("|2"), 1 => Just("{}"), 1 => Just("[]"), 1 => Just("[a, \"b\", c]"),
            1 => Just("{a: b, c: [d]}"), 1 => Just("{a: b"), 1 => Just("[a,, b]"), 1 => Just("[a: b]"), 1 => Just("# c"),
            1 => Just("x # c"), 1 => Just("x: y"), 1 => Just("x:"), 1 => Just("&a"), 1 => Just("*a"), 1 => Just("!t x"),
            1 => Just("yes"), 1 => Just("5"), 1 => Just("1.0"), 1 => Just("~"), 1 => Just(".inf"), 1 => Just("-"),
            1 => Just("- x"), 1 => Just("\"\\n\\q\""), 1 => Just("\"\\u00e9\""), 1 => Just("'it''s'"), 1 => Just("\"open"),
            1 => Just("\u{e9}\u{2028}"), 1 => Just("\u{e9}"), 1 => Just("x\ty"), 1 => Just("..."), 1 => Just("%x"), 1 => Just("@x"),
            1 => Just("2001-01-01"), 1 => Just("0x1f"), 1 => Just("-1"), 1 => Just("a#b"), 1 => Just("\u{7}"),
        ];
        (starts, dashes, keys, values)
            .prop_map(|(start, dash, key, value)| format!("{start}{dash}{key}{value}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn what_is_read_quickly_is_what_yaml_says(lines in proptest::collection::vec(lines(), 1..8)) {
            let document = lines.join("\n");
            if let Some(head) = quick::read(document.as_bytes()) {
                prop_assert_eq!(Head::of_yaml(document.as_bytes()), Ok(head), "{}", document);
            }
        }

        #[test]
        fn small_changes_do_not_deceive(at in 0_usize..300, byte in "[ -~\n\t]") {
            let mut document = "apiVersion: v1\nkind: X\nmetadata:\n  name: a\n  annotations:\n    a/b: \"c\"\nspec:\n  list:\n  - a: b\n    c: |\n      text\n       more\n\n      end\n  - [x, 'y', {z: 1}]\n  other:\n    - 1\n    -\n      k: v # c\n    - >-\n      f\nlast: 'x'\n".to_owned();
            let at = at % document.len();
            document.replace_range(at..=at, &byte);
            if let Some(head) = quick::read(document.as_bytes()) {
                prop_assert_eq!(Head::of_yaml(document.as_bytes()), Ok(head), "{}", document);
            }
        }
    }
}
