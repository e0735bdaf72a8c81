//! Events to a tree of nodes, with anchors bound to what they name.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::parser::{EventKind, Parser, Properties};
use crate::reader::Mark;
use crate::{Error, MAX_DEPTH, Result};

/// The place of a node in its document.
pub(crate) type NodeId = usize;

/// A document: its nodes, each before those inside it. The first is the root.
pub(crate) struct Document<'t> {
    pub(crate) nodes: Vec<Node<'t>>,
}

pub(crate) struct Node<'t> {
    pub(crate) start: Mark,
    pub(crate) tag: Option<Cow<'t, str>>,
    pub(crate) content: Content<'t>,
}

pub(crate) enum Content<'t> {
    Scalar {
        value: Cow<'t, str>,
        plain: bool,
    },
    List(Vec<NodeId>),
    /// Keys and values in turn.
    Map(Vec<NodeId>),
    Alias {
        name: &'t str,
        target: NodeId,
    },
}

/// Composes the next document. None at the end of the text.
pub(crate) fn document<'t>(parser: &mut Parser<'t>) -> Result<Option<Document<'t>>> {
    if let EventKind::StreamEnd = parser.next()?.kind {
        return Ok(None);
    }
    let mut composer = Composer { nodes: Vec::new(), anchors: HashMap::new(), open: Vec::new() };
    loop {
        let event = parser.next()?;
        match event.kind {
            EventKind::DocumentEnd | EventKind::StreamEnd => break,
            EventKind::DocumentStart => {}
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                composer.open.pop();
            }
            EventKind::Alias(name) => {
                let Some(target) = composer.anchors.get(name).copied() else {
                    return Err(Error::Meaning {
                        problem: format!("unknown anchor '{name}' referenced"),
                        position: Some(event.start.position()),
                    });
                };
                composer.add(event.start, Properties::default(), Content::Alias { name, target });
            }
            EventKind::Scalar { properties, value, plain } => {
                composer.add(event.start, properties, Content::Scalar { value, plain });
            }
            EventKind::SequenceStart(properties) => {
                composer.open(event.start, properties, Content::List(Vec::new()))?;
            }
            EventKind::MappingStart(properties) => {
                composer.open(event.start, properties, Content::Map(Vec::new()))?;
            }
        }
    }
    Ok(Some(Document { nodes: composer.nodes }))
}

struct Composer<'t> {
    nodes: Vec<Node<'t>>,
    anchors: HashMap<&'t str, NodeId>,
    open: Vec<NodeId>,
}

impl<'t> Composer<'t> {
    fn add(&mut self, start: Mark, properties: Properties<'t>, content: Content<'t>) -> NodeId {
        let id = self.nodes.len();
        if let Some(parent) = self.open.last()
            && let Content::List(children) | Content::Map(children) = &mut self.nodes[*parent].content
        {
            children.push(id);
        }
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, id);
        }
        self.nodes.push(Node { start, tag: properties.tag, content });
        id
    }

    fn open(&mut self, start: Mark, properties: Properties<'t>, content: Content<'t>) -> Result<()> {
        let id = self.add(start, properties, content);
        self.open.push(id);
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::Syntax {
                problem: format!("exceeded max depth of {MAX_DEPTH}"),
                position: Some(start.position()),
                reported: (start.line > 0).then_some(start.line + 1),
            });
        }
        Ok(())
    }
}
