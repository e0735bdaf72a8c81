//! Functions that templates call.

use std::fmt;
use std::rc::Rc;

use crate::error::CallError;
use crate::exec::Exec;
use crate::go_type::Type;
use crate::value::Value;

/// A function: its name, what it takes and gives, and what it does.
///
/// The executor checks number and types of the arguments against the signature, with Go's errors,
/// and converts constants (`5` is a `float64` for a parameter of that type). So a body can rely on
/// getting what its signature says: a [`Type::String`] parameter is a [`Value::String`], a
/// [`Type::Any`] may be anything, nil too, and a map or slice may be a nil one.
pub struct Function {
    /// The name that templates use.
    pub name: &'static str,
    /// What it takes and gives.
    pub signature: Signature,
    /// What it does.
    pub body: Body,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.name, self.signature)
    }
}

/// What a function or method takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The types of its parameters. Of a variadic one, the last is the type of each argument that
    /// is left.
    pub parameters: Vec<Type>,
    /// Whether the last parameter takes any number of arguments.
    pub variadic: bool,
    /// The static type of the result. Errors name it: what an `interface {}` holds is told
    /// otherwise than what is known to be a string.
    pub result: Type,
    /// The types of its results, if there are several, and not just a result and an error. Nothing can
    /// call it then, and Go says why.
    pub several: &'static [&'static str],
}

impl Signature {
    /// A function with a fixed number of parameters.
    pub fn new(parameters: impl Into<Vec<Type>>, result: Type) -> Self {
        Self { parameters: parameters.into(), variadic: false, result, several: &[] }
    }

    /// A function whose last parameter takes any number of arguments.
    pub fn variadic(parameters: impl Into<Vec<Type>>, result: Type) -> Self {
        Self { parameters: parameters.into(), variadic: true, result, several: &[] }
    }

    /// A method that templates can't call, because it has several results.
    pub fn several(results: &'static [&'static str]) -> Self {
        Self { several: results, ..Self::new([], Type::Any) }
    }
}

/// What a function does.
pub enum Body {
    /// From arguments to a result, with nothing else.
    Pure(fn(&[Value]) -> Result<Value, CallError>),
    /// The same, with something that it remembers.
    Closure(Rc<Closure>),
    /// The same, with the execution in which it is called: what executes templates itself.
    Executor(Rc<Executor>),
}

/// A function that remembers something.
pub type Closure = dyn Fn(&[Value]) -> Result<Value, CallError>;

/// A function that executes templates.
pub type Executor = dyn Fn(&mut Exec<'_>, &[Value]) -> Result<Value, CallError>;
