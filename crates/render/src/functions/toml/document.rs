//! What a document has defined so far, and what may still be defined.
//!
//! The rules are the library's, which allows a little more than TOML does: tables that were written
//! in one line may be added to, for example.

use std::collections::{BTreeMap, BTreeSet};

use chartroom_gotemplate::{List, Map, Text, Type, Value};

use super::{MAX_DEPTH, key};

/// A part of the document.
#[derive(Clone)]
pub(super) enum Node {
    /// A scalar, or an array in brackets.
    Value(Value),
    Table(Table),
    /// An array of tables, the last of which can be added to.
    Tables(Vec<Table>),
}

pub(super) type Table = BTreeMap<Text, Node>;

/// Why something can't be defined.
pub(super) type Problem = String;

#[derive(Default)]
pub(super) struct Document {
    root: Table,
    /// The table that keys go into.
    pub(super) context: Vec<Text>,
    /// The last part of the key whose value is being read.
    pub(super) current: Text,
    /// Tables that were only named on the way to another.
    implicit: BTreeSet<Vec<u8>>,
    /// Keys of arrays in brackets.
    arrays: BTreeSet<Vec<u8>>,
}

/// A key as the library remembers it: as one text.
fn joined(path: &[Text]) -> Vec<u8> {
    let mut out = Vec::new();
    key::push_all(&mut out, path.iter().map(|part| part.as_bytes()));
    out
}

fn shown(path: &[Text]) -> String {
    String::from_utf8_lossy(&joined(path)).into_owned()
}

fn defined(path: &[Text]) -> Problem {
    format!("Key '{}' has already been defined.", shown(path))
}

/// Goes one part of a key further down, into the last of several tables.
fn descend<'t>(table: &'t mut Table, part: &Text) -> Option<&'t mut Table> {
    match table.get_mut(part)? {
        Node::Table(table) => Some(table),
        Node::Tables(tables) => tables.last_mut(),
        Node::Value(_) => None,
    }
}

impl Document {
    /// The document as a value.
    pub(super) fn finish(self) -> Value {
        table_value(self.root)
    }

    /// The key of what is being read, for errors.
    pub(super) fn last_key(&self) -> Vec<u8> {
        match (self.context.is_empty(), self.current.is_empty()) {
            (_, true) => joined(&self.context),
            (true, false) => self.current.as_bytes().to_vec(),
            (false, false) => {
                let mut out = joined(&self.context);
                out.push(b'.');
                out.extend_from_slice(&self.current);
                out
            }
        }
    }

    /// Goes to a table, from the top, that is a new one or one of several.
    pub(super) fn enter(&mut self, path: &[Text], one_of_several: bool) -> Result<(), Problem> {
        if path.len() > MAX_DEPTH {
            return Err(format!("keys of more than {MAX_DEPTH} parts are not supported"));
        }
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        let mut table = &mut self.root;
        for (index, part) in parents.iter().enumerate() {
            if !table.contains_key(part) {
                self.implicit.insert(joined(&parents[..=index]));
                table.insert(part.clone(), Node::Table(Table::new()));
            }
            let problem = || format!("Key '{}' was already created as a hash.", shown(&parents[..=index]));
            table = descend(table, part).ok_or_else(problem)?;
        }
        self.context = parents.to_vec();
        if one_of_several {
            match table.entry(last.clone()).or_insert_with(|| Node::Tables(Vec::new())) {
                Node::Tables(tables) => tables.push(Table::new()),
                _ => {
                    let path = shown(path);
                    return Err(format!("Key '{path}' was already created and cannot be used as an array."));
                }
            }
        } else {
            self.define(last.clone(), || Node::Table(Table::new()))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// Goes to the tables that a dotted key names before its last part, from where we are.
    pub(super) fn enter_dotted(&mut self, parents: &[Text]) -> Result<(), Problem> {
        for part in parents {
            let mut path = self.context.clone();
            path.push(part.clone());
            self.enter_implicit(&path, false)?;
        }
        Ok(())
    }

    /// Goes to a table that may be defined again.
    pub(super) fn enter_implicit(&mut self, path: &[Text], one_of_several: bool) -> Result<(), Problem> {
        if path.len() <= MAX_DEPTH {
            self.implicit.insert(joined(path));
        }
        self.enter(path, one_of_several)
    }

    /// Says that the key that is being read is an array in brackets.
    pub(super) fn note_array(&mut self) {
        let path = self.current_path();
        self.arrays.insert(joined(&path));
    }

    /// Says that a key of the table where we are is something else.
    pub(super) fn note_other(&mut self, part: &Text) {
        let mut path = self.context.clone();
        if !part.is_empty() {
            path.push(part.clone());
        }
        self.arrays.remove(&joined(&path));
    }

    fn current_path(&self) -> Vec<Text> {
        let mut path = self.context.clone();
        if !self.current.is_empty() {
            path.push(self.current.clone());
        }
        path
    }

    /// Defines a key in the table where we are.
    pub(super) fn define(&mut self, part: Text, node: impl FnOnce() -> Node) -> Result<(), Problem> {
        let mut table = &mut self.root;
        for (index, part) in self.context.iter().enumerate() {
            table = descend(table, part).ok_or_else(|| defined(&self.context[..=index]))?;
        }
        let mut path = self.context.clone();
        path.push(part.clone());
        if table.contains_key(&part) {
            let name = joined(&path);
            // What was only named may be defined once. It keeps what it has already, unless its name
            // was an array's: for these the library takes what comes last.
            if !self.implicit.remove(&name) {
                return Err(defined(&path));
            }
            if !self.arrays.contains(&name) {
                return Ok(());
            }
        }
        table.insert(part, node());
        Ok(())
    }
}

/// A table as a value.
pub(super) fn table_value(table: Table) -> Value {
    Value::Map(Map::new(table.into_iter().map(|(key, node)| (key, node_value(node))).collect()))
}

fn node_value(node: Node) -> Value {
    match node {
        Node::Value(value) => value,
        Node::Table(table) => table_value(table),
        Node::Tables(tables) => {
            Value::List(List::of(Type::map(), tables.into_iter().map(table_value).collect()))
        }
    }
}
