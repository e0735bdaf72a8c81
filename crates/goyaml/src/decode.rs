//! Nodes to values: aliases, merges, tags, keys that become strings.

mod budget;
mod go_syntax;
mod key;

use std::collections::{BTreeMap, HashSet};

use self::budget::Budget;
use self::key::Key;
use crate::compose::{self, Content, Document, Node, NodeId};
use crate::parser::Parser;
use crate::resolve::{self, Scalar};
use crate::{Error, MAX_DEPTH, Result, Value, number};

/// What to do about a key that a mapping has already.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Duplicates {
    LastWins,
    Refuse,
}

/// Decodes the first document of a text.
pub(crate) fn first(text: &str, duplicates: Duplicates) -> Result<Value> {
    let mut parser = Parser::new(text)?;
    match compose::document(&mut parser)? {
        Some(document) => Decoder::new(&document, &mut Budget::new(text.len()), duplicates).document(),
        None => Ok(Value::Null),
    }
}

/// Decodes every document of a text.
pub(crate) fn all(text: &str) -> Result<Vec<Value>> {
    let mut parser = Parser::new(text)?;
    let mut budget = Budget::new(text.len());
    let mut values = Vec::new();
    while let Some(document) = compose::document(&mut parser)? {
        budget.start_document();
        values.push(Decoder::new(&document, &mut budget, Duplicates::LastWins).document()?);
    }
    Ok(values)
}

struct Decoder<'d, 't> {
    nodes: &'d [Node<'t>],
    duplicates: Duplicates,
    budget: &'d mut Budget,
    /// The targets of the aliases that are being followed.
    following: Vec<NodeId>,
    /// What was found to be wrong with keys, when that is an error.
    repeated: Vec<String>,
    /// The first key that JSON can't have. It is not reported before everything is decoded.
    impossible_key: Option<Error>,
    /// Whether an infinity or NaN was seen. A later value for the same key may replace it.
    special_number: bool,
}

impl<'d, 't> Decoder<'d, 't> {
    fn new(document: &'d Document<'t>, budget: &'d mut Budget, duplicates: Duplicates) -> Self {
        Self {
            nodes: &document.nodes,
            duplicates,
            budget,
            following: Vec::new(),
            repeated: Vec::new(),
            impossible_key: None,
            special_number: false,
        }
    }

    fn document(mut self) -> Result<Value> {
        let value = match self.nodes {
            [] => Value::Null,
            _ => self.value(0, 1)?,
        };
        if !self.repeated.is_empty() {
            return Err(Error::DuplicateKeys(self.repeated));
        }
        if let Some(error) = self.impossible_key {
            return Err(error);
        }
        if self.special_number {
            refuse_special_numbers(&value)?;
        }
        Ok(value)
    }

    fn fail<T>(&self, id: NodeId, problem: impl Into<String>) -> Result<T> {
        let position = Some(self.nodes[id].start.position());
        Err(Error::Meaning { problem: problem.into(), position })
    }

    fn value(&mut self, id: NodeId, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return self.fail(id, format!("exceeded max depth of {MAX_DEPTH}"));
        }
        let nodes = self.nodes;
        if !self.budget.spend(&nodes[id].content, !self.following.is_empty()) {
            return self.fail(id, EXCESSIVE);
        }
        match &nodes[id].content {
            Content::Scalar { .. } => Ok(self.scalar(id)?.into()),
            Content::List(children) => {
                let mut list = Vec::with_capacity(children.len());
                for child in children {
                    list.push(self.value(*child, depth + 1)?);
                }
                Ok(Value::List(list))
            }
            Content::Map(_) => {
                let mut mapping = Mapping::default();
                self.fill(&mut mapping, id, depth)?;
                Ok(Value::Map(mapping.entries))
            }
            Content::Alias { name, target } => {
                self.follow(id, name, *target, |decoder| decoder.value(*target, depth))
            }
        }
    }

    /// Does something with the target of an alias.
    fn follow<T>(
        &mut self,
        id: NodeId,
        name: &str,
        target: NodeId,
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.encloses(target, id) {
            return self.fail(id, format!("anchor '{name}' value contains itself"));
        }
        self.following.push(target);
        let result = body(self);
        self.following.pop();
        result
    }

    /// Whether a collection was still open where an alias to it stands. Nodes are in the order of
    /// the text, so the last descendant tells.
    fn encloses(&self, target: NodeId, id: NodeId) -> bool {
        let mut last = target;
        while let Content::List(children) | Content::Map(children) = &self.nodes[last].content {
            match children.last() {
                Some(child) => last = *child,
                None => break,
            }
        }
        (target..=last).contains(&id)
    }

    fn scalar(&mut self, id: NodeId) -> Result<Scalar<'d>> {
        let node = &self.nodes[id];
        let Content::Scalar { value, plain } = &node.content else { return Ok(Scalar::Null) };
        let text = std::borrow::Cow::Borrowed(value.as_ref());
        let scalar = match &node.tag {
            None if *plain => resolve::plain(text),
            None => Scalar::String(text),
            Some(tag) => resolve::tagged(tag, text).or_else(|problem| self.fail(id, problem))?,
        };
        if let Scalar::Float(number) = scalar {
            self.special_number |= !number.is_finite();
        }
        Ok(scalar)
    }

    /// Puts the entries of a mapping into one that may have some already.
    fn fill(&mut self, mapping: &mut Mapping, id: NodeId, depth: usize) -> Result<()> {
        let nodes = self.nodes;
        let Content::Map(children) = &nodes[id].content else { return Ok(()) };
        for pair in children.chunks_exact(2) {
            let (key_id, value_id) = (pair[0], pair[1]);
            if is_merge(&nodes[key_id]) {
                self.merge(mapping, value_id, depth)?;
                continue;
            }
            let key = self.key(key_id, depth)?;
            let value = self.value(value_id, depth + 1)?;
            if self.duplicates == Duplicates::Refuse && !mapping.seen.insert(key.clone()) {
                let line = nodes[value_id].start.line + 1;
                self.repeated.push(format!("line {line}: key {key} already set in map"));
                continue;
            }
            match key.name() {
                Some(name) => {
                    mapping.entries.insert(name, value);
                }
                None => {
                    let problem = key.problem(&value);
                    self.impossible_key.get_or_insert(Error::Json(problem));
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, id: NodeId, depth: usize) -> Result<Key> {
        let special_number = self.special_number;
        match self.target(id) {
            (_, Content::Scalar { .. }) => {
                let target = self.target(id).0;
                let aliased = !self.following.is_empty();
                if !self.budget.spend(&self.nodes[id].content, aliased)
                    || (target != id && !self.budget.spend(&self.nodes[target].content, true))
                {
                    return self.fail(id, EXCESSIVE);
                }
                let scalar = self.scalar(target)?;
                self.special_number = special_number;
                Ok(Key::new(scalar))
            }
            _ => {
                let value = self.value(id, depth + 1)?;
                self.fail(id, format!("invalid map key: {}", go_syntax::of(&value)))
            }
        }
    }

    /// The node, or what it is an alias of.
    fn target(&self, id: NodeId) -> (NodeId, &'d Content<'t>) {
        match &self.nodes[id].content {
            Content::Alias { target, .. } => (*target, &self.nodes[*target].content),
            content => (id, content),
        }
    }

    /// Merges what stands behind `<<`: a map, or a list of maps of which the first win.
    fn merge(&mut self, mapping: &mut Mapping, id: NodeId, depth: usize) -> Result<()> {
        match self.target(id) {
            (_, Content::Map(_)) => self.merge_map(mapping, id, depth),
            (_, Content::List(children)) if matches!(self.nodes[id].content, Content::List(_)) => {
                for child in children.iter().rev() {
                    self.merge_map(mapping, *child, depth)?;
                }
                Ok(())
            }
            _ => self.fail(id, NOT_MERGEABLE),
        }
    }

    fn merge_map(&mut self, mapping: &mut Mapping, id: NodeId, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return self.fail(id, format!("exceeded max depth of {MAX_DEPTH}"));
        }
        let nodes = self.nodes;
        if !self.budget.spend(&nodes[id].content, !self.following.is_empty()) {
            return self.fail(id, EXCESSIVE);
        }
        match &nodes[id].content {
            Content::Map(_) => self.fill(mapping, id, depth + 1),
            Content::Alias { name, target } if matches!(nodes[*target].content, Content::Map(_)) => {
                self.follow(id, name, *target, |decoder| decoder.merge_map(mapping, *target, depth))
            }
            _ => self.fail(id, NOT_MERGEABLE),
        }
    }
}

const EXCESSIVE: &str = "document contains excessive aliasing";
const NOT_MERGEABLE: &str = "map merge requires map or sequence of maps as the value";

/// A mapping that is being filled.
#[derive(Default)]
struct Mapping {
    entries: BTreeMap<String, Value>,
    /// The keys so far, where it matters.
    seen: HashSet<Key>,
}

fn is_merge(node: &Node<'_>) -> bool {
    let Content::Scalar { value, plain } = &node.content else { return false };
    value == "<<"
        && match node.tag.as_deref() {
            None => *plain,
            Some(tag) => matches!(tag, "!" | "tag:yaml.org,2002:merge"),
        }
}

fn refuse_special_numbers(value: &Value) -> Result<()> {
    match value {
        Value::Float(number) if !number.is_finite() => {
            let name = number::special_name(*number);
            Err(Error::Json(format!("json: unsupported value: {name}")))
        }
        Value::List(list) => list.iter().try_for_each(refuse_special_numbers),
        Value::Map(map) => map.values().try_for_each(refuse_special_numbers),
        _ => Ok(()),
    }
}

impl From<Scalar<'_>> for Value {
    fn from(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Bool(truth) => Self::Bool(truth),
            Scalar::Int(number) => Self::Int(number),
            Scalar::Uint(number) => Self::Uint(number),
            Scalar::Float(number) => Self::Float(number),
            Scalar::String(text) => Self::String(text.into_owned()),
        }
    }
}
