//! The JSONPath templates of Kubernetes (`{range .items[*]}{.name}{"\n"}{end}`), as `helm show values
//! --jsonpath` and `kubectl` take them: text, and paths in braces whose findings are put in their place.
//!
//! This is not the JSONPath of RFC 9535: `$` and `@` both stand for the value at hand, strings are
//! printed without quotes, and numbers as Go prints a `float64`. Where a path finds nothing, that is an
//! error, as in Helm. What Helm makes of such an error (it prints nothing and succeeds) is left to who
//! calls this.
//!
//! Where this differs from Helm, knowingly:
//! - A number in a filter is compared by its value; in Helm `@.port==80` never holds, because 80 is an
//!   integer and `port` is not.
//! - The elements of a map come in the order of their keys; in Helm chance decides.
//! - Filters and ranges inside each other end at [`MAX_DEPTH`], findings at [`MAX_FINDINGS`].
//!
//! Pure computation. Templates may come from anyone.

mod evaluate;
mod parse;
mod print;

#[cfg(test)]
mod tests;

use chartroom_goyaml::Value;

/// How deep filters, lists of paths and ranges may be inside each other.
pub const MAX_DEPTH: usize = 64;

/// How many values a template may find in all.
pub const MAX_FINDINGS: usize = 1 << 20;

/// Why a template can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no template.
    #[error("error parsing jsonpath {template}: {reason}")]
    Syntax {
        /// The whole template.
        template: String,
        /// What is wrong with it.
        reason: String,
    },

    /// It doesn't fit the value: something isn't there, or is of another kind.
    #[error("{0}")]
    Unfit(String),

    /// It finds more than [`MAX_FINDINGS`].
    #[error("the template finds more than {MAX_FINDINGS} values")]
    TooMuch,
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    blocks: Vec<parse::Block>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`].
    pub fn parse(template: &str) -> Result<Self, Error> {
        let blocks = parse::template(template)
            .map_err(|reason| Error::Syntax { template: template.to_owned(), reason })?;
        Ok(Self { blocks })
    }

    /// Fills it in. Nothing is added at its end.
    ///
    /// # Errors
    ///
    /// [`Error::Unfit`] and [`Error::TooMuch`].
    pub fn render(&self, value: &Value) -> Result<String, Error> {
        evaluate::template(&self.blocks, value)
    }
}
