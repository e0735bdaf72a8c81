//! `.Files`: what else is in a chart, for templates to read.

mod pattern;

use std::any::Any;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use base64::Engine as _;
use bytes::Bytes;
use chartroom_chart::File;
use chartroom_gotemplate::{CallError, Kind, List, Map, Object, Signature, Text, Type, Value};
use chartroom_goyaml::Value as Plain;

use self::pattern::Pattern;

/// `engine.files`: a map from paths to bytes, with methods.
pub(crate) struct Files {
    /// By their paths. Contents are copied when they are asked for.
    files: BTreeMap<String, Bytes>,
    map: OnceCell<Map>,
}

impl Files {
    /// The files of a chart. Of several with the same name, the last counts.
    pub(crate) fn new(files: &[File]) -> Self {
        let files = files.iter().map(|file| (file.name.clone(), file.data.clone()));
        Self { files: files.collect(), map: OnceCell::new() }
    }

    fn content(&self, path: &Text) -> &[u8] {
        let path = std::str::from_utf8(path.as_bytes()).ok();
        path.and_then(|path| self.files.get(path)).map(|data| &data[..]).unwrap_or_default()
    }

    fn glob(&self, pattern: &str) -> Self {
        let pattern = Pattern::new(pattern);
        let fitting = self.files.iter().filter(|(path, _)| pattern.matches(path));
        let files = fitting.map(|(path, data)| (path.clone(), data.clone())).collect();
        Self { files, map: OnceCell::new() }
    }

    fn lines(&self, path: &Text) -> List {
        let content = self.content(path);
        if content.is_empty() {
            return List::strings::<Text>([]);
        }
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        List::strings(content.split(|byte| *byte == b'\n'))
    }

    /// A YAML map from the files' names, without folders, to what is made of their contents.
    fn as_yaml(&self, of: impl Fn(&Bytes) -> String) -> String {
        let entry = |(path, data): (&String, &Bytes)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            (name.to_owned(), Plain::String(of(data)))
        };
        let map = Plain::Map(self.files.iter().map(entry).collect());
        // As everywhere in templates, what can't be written leaves nothing.
        let mut text = chartroom_goyaml::encode(&map).unwrap_or_default();
        if text.ends_with('\n') {
            text.pop();
        }
        text
    }

    fn map(&self) -> &Map {
        self.map.get_or_init(|| {
            let entry = |(path, data): (&String, &Bytes)| {
                (Text::from(path.as_str()), Value::Bytes(Text::from(&data[..])))
            };
            Map::of(Type::bytes(), self.files.iter().map(entry).collect())
        })
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files.keys()).finish()
    }
}

impl Object for Files {
    fn type_name(&self) -> &'static str {
        "engine.files"
    }

    fn kind(&self) -> Kind {
        Kind::Map
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Map(self.map().clone()))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        Some(match name {
            "Get" => Signature::new([Type::String], Type::String),
            "GetBytes" => Signature::new([Type::String], Type::bytes()),
            "Glob" => Signature::new([Type::String], Type::Named("engine.files")),
            "Lines" => Signature::new([Type::String], Type::strings()),
            "AsConfig" | "AsSecrets" => Signature::new([], Type::String),
            _ => return None,
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, CallError> {
        let text = arguments.first().and_then(Value::as_text).cloned().unwrap_or_default();
        Ok(match name {
            "Get" => Value::String(self.content(&text).into()),
            "GetBytes" => Value::Bytes(self.content(&text).into()),
            "Glob" => Value::Object(Rc::new(self.glob(&text.to_str()))),
            "Lines" => Value::List(self.lines(&text)),
            "AsConfig" => Value::from(self.as_yaml(|data| Text::from(&data[..]).to_str().into_owned())),
            "AsSecrets" => {
                Value::from(self.as_yaml(|data| base64::engine::general_purpose::STANDARD.encode(data)))
            }
            _ => return Err(CallError::new(format!("no method {name}"))),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
