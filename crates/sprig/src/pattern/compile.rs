//! Patterns that are ready for use, and remembered for the next.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex_automata::meta::{Config, Regex};

use super::syntax::{SyntaxError, parse};

/// How many patterns a thread remembers.
const REMEMBERED: usize = 128;
/// How much memory one of them may take.
const SMALL: usize = 1 << 20;
/// How much memory a pattern may take that is used at all.
const LARGE: usize = 64 << 20;

/// A pattern that is ready for use.
#[derive(Debug)]
pub struct Pattern {
    pub(super) regex: Regex,
    /// The names of the groups, from the first on.
    pub(super) names: Vec<Option<String>>,
}

impl Pattern {
    /// Compiles a pattern of Go's `regexp`.
    ///
    /// # Errors
    /// Those of Go, and when the pattern would take more than 64 MiB.
    pub fn new(pattern: &[u8]) -> Result<Self, SyntaxError> {
        let syntax = parse(pattern)?;
        // Automata that are built in advance cost more than they save in the few texts of a chart.
        let config = Config::new().utf8_empty(true).nfa_size_limit(Some(LARGE)).dfa(false).onepass(false);
        let regex = Regex::builder()
            .configure(config)
            .build_from_hir(&syntax.root.into_hir())
            .map_err(|_| SyntaxError::too_large(pattern))?;
        Ok(Self { regex, names: syntax.names })
    }

    /// Whether it would be one, as far as its syntax tells.
    ///
    /// # Errors
    /// Those of Go.
    pub fn check(pattern: &[u8]) -> Result<(), SyntaxError> {
        parse(pattern).map(drop)
    }

    /// Whether it is found anywhere in a text.
    pub fn is_match(&self, text: &[u8]) -> bool {
        super::search::is_match(self, text)
    }

    /// About how many bytes it takes.
    pub fn memory_usage(&self) -> usize {
        self.regex.memory_usage()
    }

    /// The pattern for a text. Those of a chart are few, and used again and again.
    pub(super) fn compile(pattern: &[u8]) -> Result<Rc<Self>, SyntaxError> {
        thread_local! {
            static KNOWN: RefCell<HashMap<Box<[u8]>, Rc<Pattern>>> = RefCell::default();
        }
        if let Some(known) = KNOWN.with_borrow(|known| known.get(pattern).cloned()) {
            return Ok(known);
        }
        let compiled = Rc::new(Self::new(pattern)?);
        if compiled.regex.memory_usage() + pattern.len() <= SMALL {
            KNOWN.with_borrow_mut(|known| {
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(pattern.into(), Rc::clone(&compiled));
            });
        }
        Ok(compiled)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn patterns_are_remembered() {
        let first = Pattern::compile(b"a+").unwrap();
        assert!(Rc::ptr_eq(&first, &Pattern::compile(b"a+").unwrap()));
        for number in 0..1000 {
            Pattern::compile(format!("a{number}").as_bytes()).unwrap();
        }
    }

    #[test]
    fn patterns_have_limits() {
        let nested = |depth| [vec![b'('; depth], vec![b')'; depth]].concat();
        assert!(Pattern::compile(&nested(98)).is_ok());
        let error = Pattern::compile(&nested(100_000)).unwrap_err().to_string();
        assert!(error.starts_with("error parsing regexp: expression nests too deeply: `"), "{error}");
        let error = Pattern::compile("(?i)\\pL{900}".repeat(300).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("error parsing regexp: expression too large: `"), "{error}");
        // Neither does what stands on the stack.
        assert!(Pattern::compile(&vec![b'('; 1_000_000]).is_err());
        assert!(Pattern::compile("a?".repeat(10_000).as_bytes()).is_ok());
    }
}
