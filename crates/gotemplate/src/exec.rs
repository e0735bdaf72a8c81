//! Executing templates.

mod call;
mod evaluate;
mod field;
pub(crate) mod typed;
mod walk;

use crate::error::{CallError, ExecError, Failure, Limit, Reason};
use crate::format::Printer;
use crate::set::TemplateSet;
use crate::stack::Stack;
use crate::tree::{Place, ROOT_VARIABLE, Tree};
use crate::value::Value;
use typed::Typed;

/// What an execution may use. All that it calls shares it.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many nodes may be evaluated, each time that one is. This bounds memory too: a step makes
    /// no more than a value of some hundred bytes, where functions do not make larger ones.
    ///
    /// The default is some ten seconds' work.
    pub steps: u64,
    /// How many bytes may be written, by all templates together. No text that a function gives may
    /// be longer either.
    pub output: usize,
    /// How many bytes of the stack may be used, from the call that begins the execution. When they
    /// are used up no deeper call is made; what is done then, printing a value or parsing a template
    /// above all, needs up to a megabyte more. Two megabytes, what threads have by default, are
    /// enough for the default.
    ///
    /// A template that includes itself needs two kilobytes a level where nothing is in between, six
    /// where it does so from within `if`, `with`, `range` and parentheses; without optimization,
    /// three times as much. So 64 MiB are plenty for the 1000 levels that Helm allows one template.
    pub stack: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 100_000_000, output: 256 << 20, stack: 1 << 20 }
    }
}

/// An execution under way. Functions get it that execute templates themselves.
pub struct Exec<'l> {
    limits: &'l Limits,
    set: TemplateSet,
    out: Vec<u8>,
    /// The variables of all templates that are being executed, innermost last.
    variables: Vec<(u32, Typed)>,
    /// How many templates have called each other since the last that was executed by itself.
    depth: usize,
    steps_left: u64,
    output_left: usize,
    stack: Stack,
    /// Room for arguments, to be used again.
    spare: Vec<Vec<Value>>,
    spare_typed: Vec<Vec<Typed>>,
}

/// A template that is being executed.
struct Frame<'t> {
    tree: &'t Tree,
    /// The node that was looked at last: errors are there.
    at: Option<Place<'t>>,
    /// Where its variables begin.
    variables: usize,
}

type Executed<T> = Result<T, Box<Failure>>;

impl<'l> Exec<'l> {
    /// An execution of templates of a set, one after the other, which share the limits.
    pub fn new(set: TemplateSet, limits: &'l Limits) -> Self {
        Self {
            limits,
            set,
            out: Vec::new(),
            variables: Vec::new(),
            depth: 0,
            steps_left: limits.steps,
            output_left: limits.output,
            stack: Stack::new(limits.stack),
            spare: Vec::new(),
            spare_typed: Vec::new(),
        }
    }

    /// The templates of which one is being executed.
    pub fn templates(&self) -> &TemplateSet {
        &self.set
    }

    /// What the execution may use in all.
    pub fn limits(&self) -> &Limits {
        self.limits
    }

    /// Counts steps of a function that takes long for few arguments, such as one that makes a list
    /// of a given length or parses a template. A step is about what evaluating a field takes.
    ///
    /// # Errors
    ///
    /// [`Limit::Steps`], if that many are not left. To be given back by the function.
    pub fn spend(&mut self, steps: u64) -> Result<(), CallError> {
        match self.steps_left.checked_sub(steps) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => Err(ExecError::Exceeded { name: None, limit: Limit::Steps }.into()),
        }
    }

    /// Executes another template of the set, and gives what it writes.
    ///
    /// # Errors
    ///
    /// What failed in it. To be told as the error of the calling function, see
    /// [`CallError::wrap`].
    pub fn execute(&mut self, name: impl AsRef<[u8]>, data: Value) -> Result<Vec<u8>, ExecError> {
        let set = self.set.clone();
        self.execute_in(&set, name, data)
    }

    /// Executes a template of another set.
    ///
    /// # Errors
    ///
    /// What failed in it.
    pub fn execute_in(
        &mut self,
        set: &TemplateSet,
        name: impl AsRef<[u8]>,
        data: Value,
    ) -> Result<Vec<u8>, ExecError> {
        let name = name.as_ref();
        let Some(tree) = set.tree(name) else {
            let name = String::from_utf8_lossy(name).into_owned();
            return Err(ExecError::NoTemplate { name, set: set.name().to_owned() });
        };
        if self.stack.is_used_up() {
            let name = Some(String::from_utf8_lossy(name).into_owned());
            return Err(ExecError::Exceeded { name, limit: Limit::Depth });
        }
        let outer_set = std::mem::replace(&mut self.set, set.clone());
        let outer_out = std::mem::take(&mut self.out);
        let outer_depth = std::mem::take(&mut self.depth);
        let result = self.run(tree, Typed::known(data));
        self.depth = outer_depth;
        self.set = outer_set;
        let out = std::mem::replace(&mut self.out, outer_out);
        match result {
            Ok(()) => Ok(out),
            Err(failure) => Err(ExecError::Failed(failure)),
        }
    }

    /// Executes a template, with variables of its own.
    fn run(&mut self, tree: &Tree, data: Typed) -> Executed<()> {
        let variables = self.variables.len();
        self.variables.push((ROOT_VARIABLE, data.clone()));
        let mut frame = Frame { tree, at: None, variables };
        let result = self.list(&mut frame, &data, &tree.root);
        self.variables.truncate(variables);
        result.map(|_| ())
    }
}

/// What everything that is executed needs.
impl Exec<'_> {
    /// Counts a step.
    fn step(&mut self, frame: &Frame<'_>) -> Executed<()> {
        match self.steps_left.checked_sub(1) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => Err(limit(frame, Limit::Steps)),
        }
    }

    /// Makes sure that there is stack left for what is nested.
    fn check_depth(&self, frame: &Frame<'_>) -> Executed<()> {
        if self.stack.is_used_up() { Err(limit(frame, Limit::Depth)) } else { Ok(()) }
    }

    fn write(&mut self, frame: &Frame<'_>, bytes: &[u8]) -> Executed<()> {
        match self.output_left.checked_sub(bytes.len()) {
            Some(left) => {
                self.output_left = left;
                self.out.extend_from_slice(bytes);
                Ok(())
            }
            None => Err(limit(frame, Limit::Output)),
        }
    }

    fn print(&mut self, frame: &Frame<'_>, value: &Value) -> Executed<()> {
        if let Value::String(text) = value {
            return self.write(frame, text);
        }
        let before = self.out.len();
        let mut printer = Printer::new(&mut self.out, before.saturating_add(self.output_left));
        printer.print_pointee(value);
        if printer.overflowed() {
            return Err(limit(frame, Limit::Output));
        }
        self.output_left = self.output_left.saturating_sub(self.out.len() - before);
        Ok(())
    }

    /// Makes a text with a printer, which may get as long as the output.
    fn text(&self, frame: &Frame<'_>, print: impl FnOnce(&mut Printer<'_>)) -> Executed<Value> {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, self.output_left);
        print(&mut printer);
        if printer.overflowed() { Err(limit(frame, Limit::Output)) } else { Ok(Value::String(out.into())) }
    }
}

/// An error at the node that was looked at last.
#[cold]
fn fail(frame: &Frame<'_>, message: impl AsRef<[u8]>) -> Box<Failure> {
    failure(frame, Reason::Message(String::from_utf8_lossy(message.as_ref()).into_owned()))
}

#[cold]
fn limit(frame: &Frame<'_>, limit: Limit) -> Box<Failure> {
    failure(frame, Reason::Limit(limit))
}

/// The error of a function or method, which is at the node that calls it.
#[cold]
fn call_failure<'t>(frame: &mut Frame<'t>, at: Place<'t>, function: &[u8], error: CallError) -> Box<Failure> {
    frame.at = Some(at);
    let function = String::from_utf8_lossy(function).into_owned();
    failure(frame, Reason::Call { function, error })
}

fn failure(frame: &Frame<'_>, reason: Reason) -> Box<Failure> {
    let tree = frame.tree;
    let position = frame.at.map_or(0, Place::position);
    let before = tree.source.get(..position).unwrap_or_default();
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    Box::new(Failure {
        template: tree.name.to_string(),
        file: tree.file.to_string(),
        line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
        column: position - line_start,
        node: frame.at.map(|place| {
            let mut text = Vec::new();
            place.write(&tree.source, &mut text);
            String::from_utf8_lossy(&text).into_owned()
        }),
        reason,
    })
}

/// A node as text, for a message.
fn node_text(frame: &Frame<'_>, place: Place<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    place.write(&frame.tree.source, &mut text);
    text
}
