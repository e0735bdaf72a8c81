//! Nodes: text, actions, control structures, calls of templates.

use super::typed::Typed;
use super::{Exec, Executed, Frame, fail};
use crate::container::List;
use crate::format;
use crate::go_type::Type;
use crate::int_type::IntType;
use crate::object::Kind;
use crate::quote;
use crate::tree::{Branch, Invocation, Node, Pipe, Place};
use crate::truth::truth;
use crate::value::Value;

/// How deep templates may call each other, in Go as here.
const MAX_TEMPLATES: usize = 100_000;

/// What comes after a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

/// Which of the two that are alike.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conditional {
    If,
    With,
}

impl Exec<'_> {
    pub(super) fn list<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        list: &'t [Node],
    ) -> Executed<Flow> {
        self.check_depth(frame)?;
        for node in list {
            match self.node(frame, dot, node)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn node<'t>(&mut self, frame: &mut Frame<'t>, dot: &Typed, node: &'t Node) -> Executed<Flow> {
        frame.at = Some(Place::Node(node));
        self.step(frame)?;
        match node {
            Node::Text(range) => {
                let tree = frame.tree;
                self.write(frame, tree.source.get(range.clone()).unwrap_or_default())?;
            }
            Node::Action(pipe) => {
                let value = self.pipeline(frame, dot, pipe)?;
                if pipe.variables.is_empty() {
                    frame.at = Some(Place::Node(node));
                    self.print_action(frame, node, &value)?;
                }
            }
            Node::If(branch) => return self.conditional(frame, dot, branch, Conditional::If),
            Node::With(branch) => return self.conditional(frame, dot, branch, Conditional::With),
            Node::Range(branch) => return self.range(frame, dot, branch),
            Node::Template(invocation) => self.invoke(frame, dot, invocation)?,
            Node::Break(_) => return Ok(Flow::Break),
            Node::Continue(_) => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn print_action(&mut self, frame: &Frame<'_>, node: &Node, value: &Typed) -> Executed<()> {
        match value {
            Typed::Invalid => self.write(frame, b"<no value>"),
            Typed::Known(Value::Function(_)) => {
                let text = super::node_text(frame, Place::Node(node));
                Err(fail(frame, [b"can't print ", &text[..], b" of type func"].concat()))
            }
            value => self.print(frame, value.value()),
        }
    }

    fn conditional<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        dot: &Typed,
        branch: &'t Branch,
        which: Conditional,
    ) -> Executed<Flow> {
        let variables = self.variables.len();
        let value = self.pipeline(frame, dot, &branch.pipe)?;
        let flow = if truth(value.value()) {
            let dot = if which == Conditional::With { &value } else { dot };
            self.list(frame, dot, &branch.list)?
        } else if let Some(otherwise) = &branch.otherwise {
            self.list(frame, dot, otherwise)?
        } else {
            Flow::Next
        };
        self.variables.truncate(variables);
        Ok(flow)
    }

    fn range<'t>(&mut self, frame: &mut Frame<'t>, dot: &Typed, branch: &'t Branch) -> Executed<Flow> {
        let variables = self.variables.len();
        let value = self.pipeline(frame, dot, &branch.pipe)?;
        let flow = match self.iterate(frame, branch, &value)? {
            true => Flow::Next,
            // Go takes a `break` of the `else` as one of this range.
            false => match &branch.otherwise {
                Some(otherwise) => match self.list(frame, dot, otherwise)? {
                    Flow::Continue => Flow::Continue,
                    Flow::Next | Flow::Break => Flow::Next,
                },
                None => Flow::Next,
            },
        };
        self.variables.truncate(variables);
        Ok(flow)
    }

    /// Executes the list for each element; whether there was any.
    fn iterate<'t>(&mut self, frame: &mut Frame<'t>, branch: &'t Branch, value: &Typed) -> Executed<bool> {
        match value.value() {
            Value::Nil => Ok(false),
            Value::Int(kind, count) => {
                self.count(frame, branch, value, u64::try_from(*count).unwrap_or(0), *kind)
            }
            Value::Uint64(count) => self.count(frame, branch, value, *count, IntType::Uint64),
            Value::List(list) => self.elements(frame, branch, list),
            Value::Bytes(bytes) => {
                let items = bytes.iter().map(|&byte| Value::Int(IntType::Uint8, byte.into())).collect();
                self.elements(frame, branch, &List::of(Type::Int(IntType::Uint8), items))
            }
            Value::Map(map) => {
                // What the body does to the map must not show.
                let entries = {
                    let entries = map.entries();
                    entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>()
                };
                let any = !entries.is_empty();
                for (key, value) in entries {
                    let element = Typed::of(map.element(), value);
                    if !self.iteration(frame, branch, Typed::Known(Value::String(key)), element)? {
                        break;
                    }
                }
                Ok(any)
            }
            Value::Object(object) => match object.kind() {
                Kind::Pointer if object.is_nil() => Ok(false),
                Kind::Map | Kind::Slice | Kind::Int | Kind::Uint => match object.underlying() {
                    Some(plain) if !matches!(plain, Value::Object(_)) => {
                        self.iterate(frame, branch, &Typed::Known(plain))
                    }
                    _ => Err(no_range(frame, value.value())),
                },
                _ => Err(no_range(frame, value.value())),
            },
            value => Err(no_range(frame, value)),
        }
    }

    fn count<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        branch: &'t Branch,
        value: &Typed,
        count: u64,
        kind: IntType,
    ) -> Executed<bool> {
        if branch.pipe.variables.len() > 1 {
            let value = format::display(value.value());
            let message = [b"can't use ", &value[..], b" to iterate over more than one variable"].concat();
            return Err(fail(frame, message));
        }
        for number in 0..count {
            let element = match i64::try_from(number) {
                Ok(number) => Value::Int(kind, number),
                Err(_) => Value::Uint64(number),
            };
            if !self.iteration(frame, branch, Typed::Invalid, Typed::Known(element))? {
                break;
            }
        }
        Ok(count > 0)
    }

    fn elements<'t>(&mut self, frame: &mut Frame<'t>, branch: &'t Branch, list: &List) -> Executed<bool> {
        // Each is looked for at its turn: the list may have been sorted since.
        for index in 0..list.len() {
            let item = list.items().get(index).cloned().unwrap_or_default();
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            let element = Typed::of(list.element(), item);
            if !self.iteration(frame, branch, Typed::Known(Value::int(index)), element)? {
                break;
            }
        }
        Ok(!list.is_empty())
    }

    /// Executes the list for one element; whether there may be another.
    fn iteration<'t>(
        &mut self,
        frame: &mut Frame<'t>,
        branch: &'t Branch,
        index: Typed,
        element: Typed,
    ) -> Executed<bool> {
        self.step(frame)?;
        let mark = self.variables.len();
        self.set_range_variables(frame, &branch.pipe, index, &element)?;
        let flow = self.list(frame, &element, &branch.list)?;
        self.variables.truncate(mark);
        Ok(flow != Flow::Break)
    }

    fn set_range_variables(
        &mut self,
        frame: &Frame<'_>,
        pipe: &Pipe,
        index: Typed,
        element: &Typed,
    ) -> Executed<()> {
        if pipe.assigns {
            return match pipe.variables.as_slice() {
                [] => Ok(()),
                [only] => self.assign(frame, only, element.clone()),
                [first, second, ..] => {
                    self.assign(frame, first, index)?;
                    self.assign(frame, second, element.clone())
                }
            };
        }
        // The pipeline declared them, so they are the last ones.
        let mut values = [Some(element.clone()), Some(index)];
        let last = self.variables.iter_mut().rev().take(pipe.variables.len());
        for (variable, value) in last.zip(&mut values) {
            variable.1 = value.take().unwrap_or(Typed::Invalid);
        }
        Ok(())
    }

    fn invoke<'t>(&mut self, frame: &mut Frame<'t>, dot: &Typed, invocation: &'t Invocation) -> Executed<()> {
        let Some(tree) = self.set.tree(&invocation.name).cloned() else {
            let name = quote::quote(&invocation.name);
            return Err(fail(frame, [b"template ", &name[..], b" not defined"].concat()));
        };
        if self.depth >= MAX_TEMPLATES || self.stack.is_used_up() {
            return Err(fail(frame, format!("exceeded maximum template depth ({MAX_TEMPLATES})")));
        }
        let data = match &invocation.pipe {
            Some(pipe) => self.pipeline(frame, dot, pipe)?,
            None => Typed::Invalid,
        };
        self.depth += 1;
        let result = self.run(&tree, data);
        self.depth -= 1;
        result
    }
}

fn no_range(frame: &Frame<'_>, value: &Value) -> Box<crate::error::Failure> {
    let text = match value {
        Value::Object(object) if object.kind() == Kind::Pointer => {
            let text = format::display(value);
            text.strip_prefix(b"&").map(<[u8]>::to_vec).unwrap_or_else(|| text.to_vec())
        }
        value => format::display(value).to_vec(),
    };
    fail(frame, [b"range can't iterate over ", &text[..]].concat())
}
