//! What a case is.

use super::compare::Aspect;

/// A line that both programs run. `REGISTRY` and `HOST` are those of each.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) line: &'static str,
    /// Lines that are run before, whose outcome isn't looked at.
    pub(super) before: &'static [&'static str],
    pub(super) input: &'static str,
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// Words that both must have on the standard error. All of it is compared where there are none.
    pub(super) words: &'static str,
    accepted: [Option<(Aspect, &'static str)>; 5],
}

impl Case {
    /// Whether a difference in this is meant.
    pub(super) fn accepts(&self, aspect: Aspect) -> bool {
        self.accepted().any(|(accepted, _)| accepted == aspect)
    }

    /// What is meant to differ, and the row that says so.
    pub(super) fn accepted(&self) -> impl Iterator<Item = (Aspect, &'static str)> {
        self.accepted.into_iter().flatten()
    }

    pub(super) const fn after(mut self, lines: &'static [&'static str]) -> Self {
        self.before = lines;
        self
    }

    pub(super) const fn input(mut self, input: &'static str) -> Self {
        self.input = input;
        self
    }

    pub(super) const fn with(mut self, variables: &'static [(&'static str, &'static str)]) -> Self {
        self.variables = variables;
        self
    }

    /// Both say this on the standard error; the rest of it is each one's own.
    pub(super) const fn says(mut self, words: &'static str) -> Self {
        self.words = words;
        self
    }

    /// We differ in this, for this reason.
    pub(super) const fn but(mut self, aspect: Aspect, row: &'static str) -> Self {
        let mut at = 0;
        while self.accepted[at].is_some() {
            at += 1;
        }
        self.accepted[at] = Some((aspect, row));
        self
    }
}

/// A line.
pub(super) const fn case(line: &'static str) -> Case {
    Case { line, before: &[], input: "", variables: &[], words: "", accepted: [None; 5] }
}
