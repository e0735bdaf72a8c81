//! Regular expressions in schemas, as Go's `regexp` takes them.

use chartroom_sprig::Pattern as Compiled;

/// How much memory the patterns of a schema may still take.
#[derive(Debug)]
pub(super) struct PatternBudget(usize);

impl Default for PatternBudget {
    fn default() -> Self {
        Self(64 << 20)
    }
}

/// A pattern, as it is written and compiled.
#[derive(Debug)]
pub(super) struct Pattern {
    text: String,
    compiled: Compiled,
}

impl Pattern {
    /// Compiles one; the error is Go's.
    pub(super) fn compile(text: &str, budget: &mut PatternBudget) -> Result<Self, String> {
        let compiled = Compiled::new(text.as_bytes()).map_err(|error| error.to_string())?;
        let left = budget.0.checked_sub(compiled.memory_usage() + text.len());
        budget.0 = left.ok_or("the patterns of the schema are too large")?;
        Ok(Self { text: text.to_owned(), compiled })
    }

    /// How many steps it takes to compile it.
    pub(super) fn weight(&self) -> usize {
        self.compiled.memory_usage() / 32
    }

    /// Whether it is found in a text.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.compiled.is_match(text.as_bytes())
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends() {
        let mut budget = PatternBudget(100_000);
        let mut compile = |text: &str| Pattern::compile(text, &mut budget).map(drop);
        assert_eq!(compile("^a+$"), Ok(()));
        assert_eq!(compile("("), Err("error parsing regexp: missing closing ): `(`".into()));
        let failed = (0..1000).find_map(|count| compile(&format!("x{{{count}}}")).err());
        assert_eq!(failed.as_deref(), Some("the patterns of the schema are too large"));
    }
}
