//! Patterns of `.Files.Glob`, with the meaning of the Go library `gobwas/glob` and `/` as separator.

use std::iter::Peekable;
use std::str::Chars;

/// A pattern: `*` and `?` stop at `/`, `**` does not, `[ab]`, `[a-z]`, `[!a]`, `{one,two}`, `\` escapes.
///
/// Compiled to a machine of states without back-tracking: matching takes time in proportion to
/// pattern and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    states: Vec<State>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// One letter that fits, then the next state.
    One(Letters),
    /// Any number of letters that fit, then the next state.
    Many(Letters),
    /// Any of these states.
    Split(Vec<usize>),
    /// That state.
    Jump(usize),
    /// The end of the pattern.
    End,
}

/// Which letters fit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Letters {
    All,
    NoSeparator,
    Only(char),
    List { letters: String, negated: bool },
    Range { low: char, high: char, negated: bool },
}

impl Letters {
    fn fit(&self, letter: char) -> bool {
        match self {
            Self::All => true,
            Self::NoSeparator => letter != '/',
            Self::Only(wanted) => letter == *wanted,
            Self::List { letters, negated } => letters.contains(letter) != *negated,
            Self::Range { low, high, negated } => (*low <= letter && letter <= *high) != *negated,
        }
    }
}

/// The pattern is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BadPattern;

/// Where alternatives begin and end while a pattern is read.
#[derive(Default)]
struct Alternatives {
    /// The state that leads to all of them.
    split: usize,
    /// Where each begins.
    starts: Vec<usize>,
    /// The jumps at their ends.
    ends: Vec<usize>,
}

impl Pattern {
    /// Reads a pattern. What is none matches everything, as in Helm.
    pub(super) fn new(pattern: &str) -> Self {
        Self::parse(pattern).unwrap_or_else(|_| Self { states: vec![State::Many(Letters::All), State::End] })
    }

    fn parse(pattern: &str) -> Result<Self, BadPattern> {
        // The library takes a NUL for the end.
        let pattern = pattern.split('\0').next().unwrap_or_default();
        let mut letters = pattern.chars().peekable();
        let mut states = Vec::new();
        let mut open: Vec<Alternatives> = Vec::new();
        while let Some(letter) = letters.next() {
            match letter {
                '*' if letters.next_if_eq(&'*').is_some() => states.push(State::Many(Letters::All)),
                '*' => states.push(State::Many(Letters::NoSeparator)),
                '?' => states.push(State::One(Letters::NoSeparator)),
                '[' => states.push(State::One(class(&mut letters)?)),
                '{' => {
                    let split = states.len();
                    states.push(State::Split(Vec::new()));
                    open.push(Alternatives { split, starts: vec![states.len()], ends: Vec::new() });
                }
                ',' | '}' if !open.is_empty() => {
                    let at = states.len();
                    states.push(State::Jump(0));
                    let last = open.last_mut().ok_or(BadPattern)?;
                    last.ends.push(at);
                    if letter == ',' {
                        last.starts.push(at + 1);
                    } else if let Some(last) = open.pop() {
                        last.close(&mut states);
                    }
                }
                // At the very end it stands for nothing.
                '\\' => states.extend(letters.next().map(|letter| State::One(Letters::Only(letter)))),
                letter => states.push(State::One(Letters::Only(letter))),
            }
        }
        // Braces need not be closed.
        while let Some(last) = open.pop() {
            last.close(&mut states);
        }
        states.push(State::End);
        Ok(Self { states })
    }

    /// Whether the whole name is matched.
    pub(super) fn matches(&self, name: &str) -> bool {
        let mut current = Reached::new(self.states.len());
        let mut next = Reached::new(self.states.len());
        self.reach(0, &mut current);
        for letter in name.chars() {
            next.clear();
            for &at in &current.order {
                match self.states.get(at) {
                    Some(State::One(letters)) if letters.fit(letter) => self.reach(at + 1, &mut next),
                    Some(State::Many(letters)) if letters.fit(letter) => self.reach(at, &mut next),
                    _ => {}
                }
            }
            std::mem::swap(&mut current, &mut next);
        }
        current.order.iter().any(|&at| self.states.get(at) == Some(&State::End))
    }

    /// Notes a state and all that it leads to without a letter.
    fn reach(&self, at: usize, reached: &mut Reached) {
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            if !reached.add(at) {
                continue;
            }
            match self.states.get(at) {
                Some(State::Many(_)) => open.push(at + 1),
                Some(State::Split(to)) => open.extend(to),
                Some(State::Jump(to)) => open.push(*to),
                _ => {}
            }
        }
    }
}

impl Alternatives {
    fn close(self, states: &mut [State]) {
        let after = states.len();
        for end in self.ends {
            if let Some(state) = states.get_mut(end) {
                *state = State::Jump(after);
            }
        }
        if let Some(state) = states.get_mut(self.split) {
            *state = State::Split(self.starts);
        }
    }
}

/// The states that are reached.
struct Reached {
    order: Vec<usize>,
    known: Vec<bool>,
}

impl Reached {
    fn new(states: usize) -> Self {
        Self { order: Vec::new(), known: vec![false; states] }
    }

    fn add(&mut self, at: usize) -> bool {
        match self.known.get_mut(at) {
            Some(known) if !*known => *known = true,
            _ => return false,
        }
        self.order.push(at);
        true
    }

    fn clear(&mut self) {
        self.order.clear();
        self.known.fill(false);
    }
}

/// What is between `[` and `]`: a range or a list of letters, not both.
fn class(letters: &mut Peekable<Chars<'_>>) -> Result<Letters, BadPattern> {
    let negated = letters.next_if_eq(&'!').is_some();
    let first = *letters.peek().ok_or(BadPattern)?;
    let mut ahead = letters.clone();
    ahead.next();
    if ahead.next_if_eq(&'-').is_some() {
        *letters = ahead;
        let high = letters.next().ok_or(BadPattern)?;
        let closed = letters.next() == Some(']');
        return if closed && first <= high {
            Ok(Letters::Range { low: first, high, negated })
        } else {
            Err(BadPattern)
        };
    }
    let mut list = String::new();
    loop {
        match letters.next().ok_or(BadPattern)? {
            ']' => break,
            '\\' => list.push(letters.next().ok_or(BadPattern)?),
            letter => list.push(letter),
        }
    }
    if list.is_empty() { Err(BadPattern) } else { Ok(Letters::List { letters: list, negated }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn matches_as_the_library_does() {
        // From gobwas/glob 0.2.3, which is in Helm 4.3.1.
        for (pattern, name, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "a.txt", true),
            ("*", "a/b.txt", false),
            ("**", "a/b.txt", true),
            ("a/*", "a/b", true),
            ("a/*", "a/b/c", false),
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("**.yaml", "a/b.yaml", true),
            ("**/b.yaml", "a/b.yaml", true),
            ("**/b.yaml", "b.yaml", false),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("[ab]c", "bc", true),
            ("[!ab]c", "bc", false),
            ("[!ab]c", "cc", true),
            ("[a-c]c", "bc", true),
            ("[^a]c", "^c", true),
            ("[^a]c", "bc", false),
            ("{a,b}/c", "b/c", true),
            ("{a,b/*}/c", "b/x/c", true),
            ("{a,}c", "c", true),
            ("{a,{b,c}d}e", "cde", true),
            ("{*.json,*.yaml}", "x.yaml", true),
            ("{a", "a", true),
            ("a}", "a}", true),
            ("a,b", "a,b", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("a\\", "a", true),
            ("we ird\\[1\\].txt", "we ird[1].txt", true),
            // No pattern at all: everything fits.
            ("[", "a/b", true),
            ("[]a]", "zz", true),
            ("[z-a]", "zz", true),
            ("[a-cx]", "zz", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_text_without_marks_matches_itself(name in "[a-z/.]{0,20}") {
            prop_assert!(Pattern::new(&name).matches(&name));
            prop_assert!(Pattern::new("**").matches(&name));
            prop_assert_eq!(Pattern::new("*").matches(&name), !name.contains('/'));
        }

        #[test]
        fn nothing_panics(pattern in "[]*?a!{},\\[/-]{0,16}", name in "[a/b]{0,16}") {
            let _ = Pattern::new(&pattern).matches(&name);
        }
    }
}
