//! Why executing a template failed, as Go's text and as its parts.

use std::fmt;
use std::sync::Arc;

use crate::quote;

/// Why a template failed. Its display is what Go says, with the errors of all templates on the
/// way, outermost first.
#[derive(Clone, PartialEq, Eq)]
pub enum ExecError {
    /// There is no template of that name in the set of the other name.
    NoTemplate {
        /// The name that was asked for.
        name: String,
        /// The name of the set.
        set: String,
    },
    /// Something in a template failed.
    Failed(Box<Failure>),
    /// A limit was reached between templates: when one was to be executed, or in a function.
    Exceeded {
        /// The template that was to be executed.
        name: Option<String>,
        /// The limit.
        limit: Limit,
    },
}

/// What failed, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// The template that was executed.
    pub template: String,
    /// The name of the source that it was in.
    pub file: String,
    /// The line in that source, from 1.
    pub line: usize,
    /// The byte in that line, from 0.
    pub column: usize,
    /// The node that was evaluated, as text; `None` where none was yet.
    pub node: Option<String>,
    /// What went wrong there.
    pub reason: Reason,
}

/// What went wrong at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// What Go says.
    Message(String),
    /// A function or method failed.
    Call {
        /// Its name.
        function: String,
        /// What it said.
        error: CallError,
    },
    /// A limit was reached that Go does not have.
    Limit(Limit),
}

/// A limit of executions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Too many steps.
    Steps,
    /// Too much output, or too long a text.
    Output,
    /// Too deep.
    Depth,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "the template takes too many steps",
            Self::Output => "the template writes too much",
            Self::Depth => "the template is nested too deeply",
        })
    }
}

/// Why a function failed: an error that it returned, or what a panic of its Go counterpart says.
/// The executor puts place and function before it.
#[derive(Clone, PartialEq, Eq)]
pub struct CallError {
    message: String,
    cause: Option<Arc<ExecError>>,
}

impl CallError {
    /// An error with a text, in Go's words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), cause: None }
    }

    /// The error of a template that the function executed, with a text before it that ends as it
    /// should, mostly with a colon and a space.
    pub fn wrap(prefix: impl Into<String>, error: ExecError) -> Self {
        Self { message: prefix.into(), cause: Some(Arc::new(error)) }
    }

    /// The text, without what a template's error says after it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The error of the template that the function executed.
    pub fn exec_error(&self) -> Option<&ExecError> {
        self.cause.as_deref()
    }
}

impl From<ExecError> for CallError {
    fn from(error: ExecError) -> Self {
        Self::wrap("", error)
    }
}

impl ExecError {
    /// The failure, if this is one.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// The error of the template that was called and failed, if that is why this one did.
    pub fn inner(&self) -> Option<&Self> {
        self.failure()?.call_error()?.exec_error()
    }

    /// The limit that was reached, here or in a template that was called.
    pub fn limit(&self) -> Option<Limit> {
        let mut error = self;
        while let Some(inner) = error.inner() {
            error = inner;
        }
        match error {
            Self::Exceeded { limit, .. } => Some(*limit),
            Self::Failed(failure) => match failure.reason {
                Reason::Limit(limit) => Some(limit),
                _ => None,
            },
            Self::NoTemplate { .. } => None,
        }
    }
}

impl Failure {
    fn call_error(&self) -> Option<&CallError> {
        match &self.reason {
            Reason::Call { error, .. } => Some(error),
            _ => None,
        }
    }

    /// What comes before the error of another template.
    fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            None => write!(f, "template: {}: ", self.template)?,
            Some(node) => {
                let template = quote::quote(self.template.as_bytes());
                let template = String::from_utf8_lossy(&template);
                let Self { file, line, column, .. } = self;
                write!(f, "template: {file}:{line}:{column}: executing {template} at <{node}>: ")?;
            }
        }
        match &self.reason {
            Reason::Message(message) => f.write_str(message),
            Reason::Limit(limit) => write!(f, "{limit}"),
            Reason::Call { function, error } => write!(f, "error calling {function}: {}", error.message),
        }
    }
}

// Templates may call each other a thousand times and more before they fail, and the errors of all
// are kept. So these go along the chain in a loop: recursion would need as much stack again.

impl fmt::Display for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = Some(self);
        while let Some(error) = next {
            match error {
                Self::NoTemplate { name, set } => {
                    let (name, set) = (quote::quote(name.as_bytes()), quote::quote(set.as_bytes()));
                    let (name, set) = (String::from_utf8_lossy(&name), String::from_utf8_lossy(&set));
                    write!(f, "template: no template {name} associated with template {set}")?;
                }
                Self::Exceeded { name: Some(name), limit } => write!(f, "template: {name}: {limit}")?,
                Self::Exceeded { name: None, limit } => write!(f, "{limit}")?,
                Self::Failed(failure) => failure.write_head(f)?,
            }
            next = error.inner();
        }
        Ok(())
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.cause.as_ref().map_or(Ok(()), |cause| cause.fmt(f))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_head(f)?;
        self.call_error().and_then(CallError::exec_error).map_or(Ok(()), |inner| inner.fmt(f))
    }
}

impl fmt::Debug for ExecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl std::error::Error for ExecError {}

impl std::error::Error for CallError {}

impl Drop for CallError {
    fn drop(&mut self) {
        let mut cause = self.cause.take();
        while let Some(error) = cause {
            cause = match Arc::into_inner(error) {
                Some(ExecError::Failed(failure)) => match failure.reason {
                    Reason::Call { mut error, .. } => error.cause.take(),
                    _ => None,
                },
                _ => None,
            };
        }
    }
}
