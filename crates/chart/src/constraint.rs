//! Version constraints with the meaning that they have in Helm (`>=1.2, <2`, `~1.4`, `1.x`,
//! `1.0 - 2.0`, `^1 || ^2`): that of Masterminds' semver library for Go, version 3.5.
//!
//! It is no other ecosystem's. A range that names a pre-release admits pre-releases everywhere
//! in it; `~1` and `1` are `1.x`; commas and spaces both mean "and".

use std::cmp::Ordering;
use std::str::FromStr;

use crate::go_text::quote;
use crate::version::Version;

/// A condition on versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint(Vec<Group>);

/// A text that is no constraint, in Helm's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// More than 512 bytes.
    #[error("constraint string is too long (max 512 bytes)")]
    TooLong,
    /// More than 32 alternatives.
    #[error("too many constraint groups (max 32)")]
    TooManyGroups,
    /// One of the alternatives is no constraint.
    #[error("improper constraint: {}", quote(.0))]
    Improper(String),
    /// It has a version such as `1x`.
    #[error("constraint parser error")]
    Version,
}

/// What one of the alternatives asks for, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    conditions: Vec<Condition>,
    /// One of them names a pre-release, so that pre-releases are looked at.
    prereleases: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    version: semver::Version,
    open: Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// `=` or none.
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// From where on a version was left open, by a missing number or an `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Nowhere,
    /// `x`
    Major,
    /// `1.x`
    Minor,
    /// `1.2.x`
    Patch,
}

impl Constraint {
    /// Whether a version satisfies it.
    pub fn matches(&self, version: &Version) -> bool {
        let version = version.parts();
        self.0.iter().any(|group| {
            (version.pre.is_empty() || group.prereleases)
                && group.conditions.iter().all(|condition| condition.matches(version))
        })
    }
}

impl FromStr for Constraint {
    type Err = ConstraintError;

    fn from_str(text: &str) -> Result<Self, ConstraintError> {
        if text.len() > 512 {
            return Err(ConstraintError::TooLong);
        }
        let text = rewrite_ranges(text);
        let groups: Vec<&str> = text.split("||").collect();
        if groups.len() > 32 {
            return Err(ConstraintError::TooManyGroups);
        }
        groups.into_iter().map(Group::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl Group {
    fn parse(text: &str) -> Result<Self, ConstraintError> {
        let improper = || ConstraintError::Improper(text.to_owned());
        let mut conditions = Vec::new();
        let mut rest = skip_spaces(text);
        loop {
            let (operator, tail) = Operator::parse(rest);
            let (version, tail) = Text::parse(skip_spaces(tail)).ok_or_else(improper)?;
            conditions.push((operator, version));
            rest = skip_spaces(tail);
            if rest.is_empty() {
                break;
            }
            rest = match rest.strip_prefix(',') {
                Some(rest) => skip_spaces(rest),
                // Conditions stand apart by a space at least.
                None if rest.len() < tail.len() => rest,
                None => return Err(improper()),
            };
        }
        let conditions = conditions.into_iter().map(|(operator, text)| text.condition(operator));
        let conditions: Vec<Condition> = conditions.collect::<Option<_>>().ok_or(ConstraintError::Version)?;
        let prereleases = conditions.iter().any(|condition| !condition.version.pre.is_empty());
        Ok(Self { conditions, prereleases })
    }
}

impl Operator {
    fn parse(text: &str) -> (Self, &str) {
        const OPERATORS: [(&str, Operator); 11] = [
            ("!=", Operator::NotEqual),
            (">=", Operator::GreaterOrEqual),
            ("=>", Operator::GreaterOrEqual),
            ("<=", Operator::LessOrEqual),
            ("=<", Operator::LessOrEqual),
            ("~>", Operator::Tilde),
            ("=", Operator::Equal),
            (">", Operator::Greater),
            ("<", Operator::Less),
            ("~", Operator::Tilde),
            ("^", Operator::Caret),
        ];
        for (sign, operator) in OPERATORS {
            if let Some(rest) = text.strip_prefix(sign) {
                return (operator, rest);
            }
        }
        (Self::Equal, text)
    }
}

/// The space of Go's regular expressions.
fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

fn skip_spaces(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

/// A version in a constraint, as it is written.
#[derive(Clone, Copy, Debug)]
struct Text<'a> {
    whole: &'a str,
    numbers: [Option<&'a str>; 3],
    /// With its hyphen, or empty.
    pre: &'a str,
}

impl<'a> Text<'a> {
    /// Takes as much from the start of a text as can be a version.
    fn parse(text: &'a str) -> Option<(Self, &'a str)> {
        // Upstream's class of digits has a bar in it, probably unmeant.
        let is_number = |letter: char| letter.is_ascii_digit() || matches!(letter, 'x' | 'X' | '*' | '|');
        let mut rest = text.strip_prefix('v').unwrap_or(text);
        let mut numbers = [None; 3];
        for (index, number) in numbers.iter_mut().enumerate() {
            let after_point = if index == 0 { Some(rest) } else { rest.strip_prefix('.') };
            let Some(after_point) = after_point else { break };
            let end = after_point.find(|letter| !is_number(letter)).unwrap_or(after_point.len());
            let (digits, tail) = after_point.split_at(end);
            if digits.is_empty() {
                break;
            }
            *number = Some(digits);
            rest = tail;
        }
        numbers[0]?;
        let before = rest;
        rest = identifiers('-', rest);
        let pre = before.get(..before.len() - rest.len())?;
        rest = identifiers('+', rest);
        let whole = text.get(..text.len() - rest.len())?;
        Some((Self { whole, numbers, pre }, rest))
    }

    fn condition(self, operator: Operator) -> Option<Condition> {
        let open = |number: Option<&str>| number.is_none_or(|number| matches!(number, "x" | "X" | "*"));
        let pre = self.pre;
        let (version, open) = match self.numbers {
            [major, ..] if open(major) => (format!("0.0.0{pre}"), Open::Major),
            [Some(major), minor, _] if open(minor) => (format!("{major}.0.0{pre}"), Open::Minor),
            [Some(major), Some(minor), patch] if open(patch) => {
                (format!("{major}.{minor}.0{pre}"), Open::Patch)
            }
            _ => (self.whole.to_owned(), Open::Nowhere),
        };
        let version = Version::coerce(&version).ok()?.parts().clone();
        Some(Condition { operator, version, open })
    }
}

/// Skips a mark and the identifiers after it, with points between them, if they are there.
fn identifiers(mark: char, text: &str) -> &str {
    let Some(mut rest) = text.strip_prefix(mark) else { return text };
    let mut taken = text;
    loop {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        let tail = rest.trim_start_matches(is_letter);
        if tail.len() == rest.len() {
            return taken;
        }
        taken = tail;
        match tail.strip_prefix('.') {
            Some(more) => rest = more,
            None => return taken,
        }
    }
}

/// Writes every `1.0 - 2.0` as `>= 1.0, <= 2.0 `.
fn rewrite_ranges(text: &str) -> String {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        match range(rest) {
            Some((range, tail)) => {
                let matched = rest.get(..rest.len() - tail.len()).unwrap_or(rest);
                found.push((matched, range));
                rest = tail;
            }
            None => {
                let mut letters = rest.chars();
                letters.next();
                rest = letters.as_str();
            }
        }
    }
    let mut rewritten = text.to_owned();
    for (matched, (low, high)) in found {
        rewritten = rewritten.replacen(matched, &format!(">= {low}, <= {high} "), 1);
    }
    rewritten
}

/// The two ends of a range at the start of a text, and what follows it.
fn range(text: &str) -> Option<((&str, &str), &str)> {
    let (low, rest) = Text::parse(skip_spaces(text))?;
    let hyphen = skip_spaces(rest);
    let after = hyphen.strip_prefix('-').filter(|_| hyphen.len() < rest.len())?;
    let spaced = skip_spaces(after);
    if spaced.len() == after.len() {
        return None;
    }
    let (high, rest) = Text::parse(spaced)?;
    Some(((low.whole, high.whole), skip_spaces(rest)))
}

impl Condition {
    /// Whether a version satisfies it, once it is settled that pre-releases are looked at.
    fn matches(&self, version: &semver::Version) -> bool {
        let order = version.cmp_precedence(&self.version);
        match self.operator {
            Operator::Equal if self.open == Open::Nowhere => order == Ordering::Equal,
            Operator::Equal | Operator::Tilde => self.tilde(version, order),
            Operator::NotEqual => self.not_equal(version, order),
            Operator::Greater => self.greater(version, order),
            Operator::Less => order == Ordering::Less,
            Operator::GreaterOrEqual => order != Ordering::Less,
            Operator::LessOrEqual => self.less_or_equal(version, order),
            Operator::Caret => self.caret(version, order),
        }
    }

    fn tilde(&self, version: &semver::Version, order: Ordering) -> bool {
        let wanted = &self.version;
        if order == Ordering::Less {
            return false;
        }
        let zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0);
        if zero && matches!(self.open, Open::Nowhere | Open::Major) {
            return true;
        }
        version.major == wanted.major && (self.open == Open::Minor || version.minor == wanted.minor)
    }

    fn not_equal(&self, version: &semver::Version, order: Ordering) -> bool {
        let wanted = &self.version;
        match self.open {
            Open::Minor => version.major != wanted.major,
            Open::Patch => {
                (version.major, version.minor) != (wanted.major, wanted.minor) || version.pre != wanted.pre
            }
            Open::Nowhere | Open::Major => order != Ordering::Equal,
        }
    }

    fn greater(&self, version: &semver::Version, order: Ordering) -> bool {
        let wanted = &self.version;
        match self.open {
            Open::Minor => version.major > wanted.major,
            Open::Patch => (version.major, version.minor) > (wanted.major, wanted.minor),
            Open::Nowhere | Open::Major => order == Ordering::Greater,
        }
    }

    fn less_or_equal(&self, version: &semver::Version, order: Ordering) -> bool {
        let wanted = &self.version;
        match self.open {
            Open::Nowhere => order != Ordering::Greater,
            Open::Minor => version.major <= wanted.major,
            Open::Major | Open::Patch => (version.major, version.minor) <= (wanted.major, wanted.minor),
        }
    }

    fn caret(&self, version: &semver::Version, order: Ordering) -> bool {
        let wanted = &self.version;
        if order == Ordering::Less {
            return false;
        }
        if wanted.major > 0 || self.open == Open::Minor {
            return version.major == wanted.major;
        }
        if version.major > 0 {
            return false;
        }
        if wanted.minor > 0 || self.open == Open::Patch {
            return version.minor == wanted.minor;
        }
        version.minor == 0 && version.patch == wanted.patch
    }
}
