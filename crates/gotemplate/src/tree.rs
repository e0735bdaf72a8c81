//! Templates as trees, and their nodes as text again, which errors quote.

use std::ops::Range;
use std::rc::Rc;

use crate::builtin::Builtin;
use crate::complex::Complex;
use crate::function::Function;
use crate::quote;
use crate::text::Text;
use crate::value::Value;

/// A template: what it is called, where it was, what it does.
pub(crate) struct Tree {
    /// The name under which it can be called.
    pub(crate) name: Text,
    /// The name of the source that it was in, which errors give.
    pub(crate) file: Text,
    /// All of that source.
    pub(crate) source: Text,
    pub(crate) root: List,
}

/// Nodes, one after another.
pub(crate) type List = Vec<Node>;

/// A part of a template.
pub(crate) enum Node {
    /// Text, as its place in the source.
    Text(Range<usize>),
    Action(Pipe),
    If(Box<Branch>),
    With(Box<Branch>),
    Range(Box<Branch>),
    Template(Box<Invocation>),
    Break(usize),
    Continue(usize),
}

/// `if`, `with` or `range`.
pub(crate) struct Branch {
    pub(crate) pipe: Pipe,
    pub(crate) list: List,
    pub(crate) otherwise: Option<List>,
}

/// `{{template "name" pipeline}}`.
pub(crate) struct Invocation {
    pub(crate) position: usize,
    pub(crate) name: Text,
    pub(crate) pipe: Option<Pipe>,
}

/// Commands, each of which gets what the one before it gave; and variables for the result.
pub(crate) struct Pipe {
    pub(crate) position: usize,
    /// Whether the variables are assigned to, not declared.
    pub(crate) assigns: bool,
    pub(crate) variables: Vec<Variable>,
    pub(crate) commands: Vec<Command>,
}

/// A function, field, constant or pipeline, and arguments.
pub(crate) struct Command {
    pub(crate) position: usize,
    /// At least one.
    pub(crate) operands: Vec<Operand>,
}

/// A variable's name with its `$`, and the number that it has in its source.
#[derive(Clone)]
pub(crate) struct Variable {
    pub(crate) id: u32,
    pub(crate) name: Text,
}

/// The number of `$`.
pub(crate) const ROOT_VARIABLE: u32 = 0;

/// A word of a command.
pub(crate) struct Operand {
    pub(crate) position: usize,
    pub(crate) term: Term,
}

pub(crate) enum Term {
    Bool(bool),
    Dot,
    Nil,
    Number(Box<Number>),
    String { quoted: Range<usize>, value: Value },
    Field(Box<[Text]>),
    Variable(Variable, Box<[Text]>),
    Function(Text, Callee),
    Chain(Box<Operand>, Box<[Text]>),
    Pipe(Box<Pipe>),
}

/// What a function's name stands for.
pub(crate) enum Callee {
    Builtin(Builtin),
    Host(Rc<Function>),
}

/// A number, as all the types that can hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Number {
    pub(crate) text: Text,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<Complex>,
}

/// Whether nodes hold nothing but white space. Comments are no nodes.
pub(crate) fn is_blank(list: &[Node], source: &[u8]) -> bool {
    list.iter().all(|node| match node {
        Node::Text(range) => is_space(source.get(range.clone()).unwrap_or_default()),
        _ => false,
    })
}

/// Whether a text is white space, of any script.
fn is_space(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.trim().is_empty())
}

/// A node of any kind, for errors to point to.
#[derive(Clone, Copy)]
pub(crate) enum Place<'t> {
    Node(&'t Node),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Operand(&'t Operand),
}

impl Place<'_> {
    /// Where it is in the source.
    pub(crate) fn position(self) -> usize {
        match self {
            Self::Node(node) => node.position(),
            Self::Pipe(pipe) => pipe.position,
            Self::Command(command) => command.position,
            Self::Operand(operand) => operand.position,
        }
    }

    /// The node as text.
    pub(crate) fn write(self, source: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Node(node) => node.write(source, out),
            Self::Pipe(pipe) => pipe.write(source, out),
            Self::Command(command) => command.write(source, out),
            Self::Operand(operand) => operand.write(source, out),
        }
    }
}

impl Node {
    pub(crate) fn position(&self) -> usize {
        match self {
            Self::Text(range) => range.start,
            Self::Action(pipe) => pipe.position,
            Self::If(branch) | Self::With(branch) | Self::Range(branch) => branch.pipe.position,
            Self::Template(invocation) => invocation.position,
            Self::Break(position) | Self::Continue(position) => *position,
        }
    }

    fn write(&self, source: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Text(range) => out.extend_from_slice(source.get(range.clone()).unwrap_or_default()),
            Self::Action(pipe) => {
                out.extend_from_slice(b"{{");
                pipe.write(source, out);
                out.extend_from_slice(b"}}");
            }
            Self::If(branch) => branch.write(b"if", source, out),
            Self::With(branch) => branch.write(b"with", source, out),
            Self::Range(branch) => branch.write(b"range", source, out),
            Self::Template(invocation) => {
                out.extend_from_slice(b"{{template ");
                out.extend_from_slice(&quote::quote(&invocation.name));
                if let Some(pipe) = &invocation.pipe {
                    out.push(b' ');
                    pipe.write(source, out);
                }
                out.extend_from_slice(b"}}");
            }
            Self::Break(_) => out.extend_from_slice(b"{{break}}"),
            Self::Continue(_) => out.extend_from_slice(b"{{continue}}"),
        }
    }
}

impl Branch {
    fn write(&self, name: &[u8], source: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"{{");
        out.extend_from_slice(name);
        out.push(b' ');
        self.pipe.write(source, out);
        out.extend_from_slice(b"}}");
        self.list.iter().for_each(|node| node.write(source, out));
        if let Some(otherwise) = &self.otherwise {
            out.extend_from_slice(b"{{else}}");
            otherwise.iter().for_each(|node| node.write(source, out));
        }
        out.extend_from_slice(b"{{end}}");
    }
}

impl Pipe {
    fn write(&self, source: &[u8], out: &mut Vec<u8>) {
        for (index, variable) in self.variables.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b", ");
            }
            out.extend_from_slice(&variable.name);
        }
        if !self.variables.is_empty() {
            out.extend_from_slice(if self.assigns { b" = " } else { b" := " });
        }
        for (index, command) in self.commands.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b" | ");
            }
            command.write(source, out);
        }
    }
}

impl Command {
    fn write(&self, source: &[u8], out: &mut Vec<u8>) {
        for (index, operand) in self.operands.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            operand.write_within(source, out);
        }
    }
}

impl Operand {
    /// The operand as part of a command, where a pipeline is in parentheses.
    fn write_within(&self, source: &[u8], out: &mut Vec<u8>) {
        if let Term::Pipe(pipe) = &self.term {
            out.push(b'(');
            pipe.write(source, out);
            out.push(b')');
        } else {
            self.write(source, out);
        }
    }

    /// The operand by itself.
    pub(crate) fn write(&self, source: &[u8], out: &mut Vec<u8>) {
        match &self.term {
            Term::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
            Term::Dot => out.push(b'.'),
            Term::Nil => out.extend_from_slice(b"nil"),
            Term::Number(number) => out.extend_from_slice(&number.text),
            Term::String { quoted, .. } => {
                out.extend_from_slice(source.get(quoted.clone()).unwrap_or_default());
            }
            Term::Field(names) => write_fields(names, out),
            Term::Variable(variable, names) => {
                out.extend_from_slice(&variable.name);
                write_fields(names, out);
            }
            Term::Function(name, _) => out.extend_from_slice(name),
            Term::Chain(operand, names) => {
                operand.write_within(source, out);
                write_fields(names, out);
            }
            Term::Pipe(pipe) => pipe.write(source, out),
        }
    }
}

fn write_fields(names: &[Text], out: &mut Vec<u8>) {
    for name in names {
        out.push(b'.');
        out.extend_from_slice(name);
    }
}
