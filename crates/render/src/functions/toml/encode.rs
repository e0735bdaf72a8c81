//! Values to TOML, to the byte: tables after the values of their table, two spaces for each level,
//! keys sorted, nil left out, floats as Go has them.

use std::rc::Rc;

use chartroom_gotemplate::format::format_float;
use chartroom_gotemplate::{Kind, Map, Object, Text, Value};
use chartroom_sprig::{Duration, Time};

use super::{MAX_DEPTH, datetime, key};

const NO_KEY: &str = "toml: top-level values must be Go maps or structs";

/// Writes a document, which needn't be a table.
///
/// # Errors
///
/// In the library's words, and for nesting beyond [`MAX_DEPTH`].
pub(super) fn document(value: &Value) -> Result<Vec<u8>, String> {
    // This comes before all that is wrong inside the tables.
    if let Value::List(list) = value
        && !list.is_empty()
        && list.items().iter().all(|item| matches!(item, Value::Map(map) if !map.is_nil()))
    {
        return Err(NO_KEY.to_owned());
    }
    let mut encoder = Encoder { out: Vec::new(), path: Vec::new() };
    encoder.value(&settle(value, 0)?)?;
    Ok(encoder.out)
}

/// A value as TOML knows it.
enum Node {
    /// A scalar, as it is written.
    Scalar(Vec<u8>),
    Array(Vec<Node>),
    /// Entries in their order: of maps by key, of structs as they are declared. What is nil is
    /// there, as [`None`].
    Table(Vec<(Text, Option<Node>)>),
    /// An array that is not empty and has nothing but tables.
    Tables(Vec<Node>),
    /// A nil map or slice, where something stands.
    Nothing,
}

impl Node {
    /// Whether it stands below what its table has directly.
    fn is_table(&self) -> bool {
        matches!(self, Self::Table(_) | Self::Tables(_))
    }
}

/// Looks through a value once.
fn settle(value: &Value, depth: usize) -> Result<Node, String> {
    if depth > MAX_DEPTH {
        return Err(format!("toml: values are nested deeper than {MAX_DEPTH} levels"));
    }
    Ok(match value {
        Value::Nil => Node::Nothing,
        Value::Bool(truth) => Node::Scalar(truth.to_string().into_bytes()),
        Value::Int(_, number) => Node::Scalar(number.to_string().into_bytes()),
        Value::Uint64(number) => Node::Scalar(number.to_string().into_bytes()),
        Value::Float(number) => Node::Scalar(float(*number)),
        Value::String(text) => Node::Scalar(quoted(text)),
        Value::Bytes(bytes) => {
            let number = |byte: &u8| Node::Scalar(byte.to_string().into_bytes());
            Node::Array(bytes.iter().map(number).collect())
        }
        Value::List(list) if list.is_nil() => Node::Nothing,
        Value::List(list) => array(list.items(), depth)?,
        Value::Map(map) if map.is_nil() => Node::Nothing,
        Value::Map(map) => table(map, depth)?,
        Value::Object(object) => settle_object(object, depth)?,
        Value::Function(_) => return Err("unsupported type: func".to_owned()),
    })
}

fn array(items: &[Value], depth: usize) -> Result<Node, String> {
    let items = items.iter().map(|item| match settle(item, depth + 1)? {
        Node::Nothing => Err("toml: cannot encode array with nil element".to_owned()),
        node => Ok(node),
    });
    let items = items.collect::<Result<Vec<_>, String>>()?;
    let tables = !items.is_empty() && items.iter().all(|item| matches!(item, Node::Table(_)));
    Ok(if tables { Node::Tables(items) } else { Node::Array(items) })
}

fn table(map: &Map, depth: usize) -> Result<Node, String> {
    let entries = map.entries();
    let entries = entries.iter().map(|(key, value)| Ok((key.clone(), settle_entry(value, depth)?)));
    Ok(Node::Table(entries.collect::<Result<_, String>>()?))
}

fn settle_entry(value: &Value, depth: usize) -> Result<Option<Node>, String> {
    Ok(match settle(value, depth + 1)? {
        Node::Nothing => None,
        node => Some(node),
    })
}

fn settle_object(object: &Rc<dyn Object>, depth: usize) -> Result<Node, String> {
    if object.is_nil() {
        return Ok(Node::Nothing);
    }
    if let Some(time) = object.as_any().downcast_ref::<Time>() {
        return Ok(Node::Scalar(datetime::format(time)));
    }
    match (object.type_name(), object.marshal()) {
        (Duration::TYPE_NAME, _) => return Ok(Node::Scalar(quoted(&object.string().unwrap_or_default()))),
        (_, Some(Value::String(text))) => return Ok(Node::Scalar(quoted(&text))),
        _ => {}
    }
    if let Some(value) = object.underlying() {
        return settle(&value, depth);
    }
    if object.kind() == Kind::Func {
        return Err("unsupported type: func".to_owned());
    }
    let fields = object.fields().into_iter();
    let fields = fields.map(|(name, _, value)| Ok((Text::from(name), settle_entry(&value, depth)?)));
    Ok(Node::Table(fields.collect::<Result<_, String>>()?))
}

fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    key::push_quoted(&mut out, text);
    out
}

fn float(number: f64) -> Vec<u8> {
    if !number.is_finite() {
        let sign = if number.is_sign_negative() { "-" } else { "" };
        let name = if number.is_nan() { "nan" } else { "inf" };
        return format!("{sign}{name}").into_bytes();
    }
    let mut text = format_float(number, b'g', None);
    if !text.iter().any(|byte| matches!(byte, b'e' | b'.')) {
        text.extend_from_slice(b".0");
    }
    text
}

struct Encoder {
    out: Vec<u8>,
    /// The key of the table that is being written.
    path: Vec<Text>,
}

impl Encoder {
    /// Writes a value below its key, which is the whole path.
    fn value(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Nothing => {}
            Node::Table(entries) => {
                // There is a blank line before each table of the top.
                if self.path.len() == 1 {
                    self.new_line();
                }
                if !self.path.is_empty() {
                    self.header(b"[", b"]");
                }
                self.entries(entries)?;
            }
            Node::Tables(_) if self.path.is_empty() => {
                return Err(NO_KEY.to_owned());
            }
            Node::Tables(tables) => {
                for table in tables {
                    self.new_line();
                    self.header(b"[[", b"]]");
                    if let Node::Table(entries) = table {
                        self.entries(entries)?;
                    }
                }
            }
            scalar => {
                if let Some(last) = self.path.last() {
                    let last = last.clone();
                    self.indent();
                    key::push(&mut self.out, &last);
                    self.out.extend_from_slice(b" = ");
                    self.inline(scalar);
                    self.new_line();
                } else {
                    self.inline(scalar);
                }
            }
        }
        Ok(())
    }

    /// The entries of a table: first those that are no tables.
    fn entries(&mut self, entries: &[(Text, Option<Node>)]) -> Result<(), String> {
        for tables in [false, true] {
            for (key, node) in entries {
                if let Some(node) = node
                    && node.is_table() == tables
                {
                    self.path.push(key.clone());
                    self.value(node)?;
                    self.path.pop();
                }
            }
        }
        Ok(())
    }

    fn header(&mut self, open: &[u8], close: &[u8]) {
        self.indent();
        self.out.extend_from_slice(open);
        key::push_all(&mut self.out, self.path.iter().map(|part| part.as_bytes()));
        self.out.extend_from_slice(close);
        self.new_line();
    }

    fn indent(&mut self) {
        let spaces = 2 * self.path.len().saturating_sub(1);
        self.out.resize(self.out.len() + spaces, b' ');
    }

    /// Nothing at the very start.
    fn new_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push(b'\n');
        }
    }

    /// Writes a value within a line.
    fn inline(&mut self, node: &Node) {
        match node {
            Node::Nothing => {}
            Node::Scalar(text) => self.out.extend_from_slice(text),
            Node::Array(items) | Node::Tables(items) => {
                self.out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(b", ");
                    }
                    self.inline(item);
                }
                self.out.push(b']');
            }
            Node::Table(entries) => {
                self.out.push(b'{');
                let is_table = |node: &Option<Node>| node.as_ref().is_some_and(Node::is_table);
                let (below, direct): (Vec<_>, Vec<_>) = entries.iter().partition(|(_, node)| is_table(node));
                for (index, (key, node)) in direct.iter().chain(&below).enumerate() {
                    let Some(node) = node else { continue };
                    key::push(&mut self.out, key);
                    self.out.extend_from_slice(b" = ");
                    self.inline(node);
                    // A comma follows whatever isn't last, also where all behind it is nil.
                    if index + 1 != entries.len() {
                        self.out.extend_from_slice(b", ");
                    }
                }
                self.out.push(b'}');
            }
        }
    }
}
