//! `format`: what texts look like that are dates, hosts, addresses and the like. Whether one does is
//! decided as the Go library does it, which is not always what the standards say.

mod address;
mod pointer;
mod time;
mod url;
mod version;

use super::pattern::{Pattern, PatternBudget};

/// A format that is known. Others say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format(&'static (&'static str, Check));

type Check = fn(&str) -> Result<(), String>;

const FORMATS: &[(&str, Check)] = &[
    ("date", time::date),
    ("date-time", time::date_time),
    ("duration", time::duration),
    ("email", address::email),
    ("hostname", address::hostname),
    ("ipv4", address::ipv4),
    ("ipv6", address::ipv6),
    ("iri", url::absolute),
    ("iri-reference", url::reference),
    ("json-pointer", pointer::json_pointer),
    ("period", time::period),
    ("regex", |_| Ok(())),
    ("relative-json-pointer", pointer::relative),
    ("semver", version::semver),
    ("time", time::time),
    ("uri", url::absolute),
    ("uri-reference", url::reference),
    ("uri-template", url::template),
    ("uuid", version::uuid),
];

impl Format {
    /// The format of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        FORMATS.iter().find(|(known, _)| *known == name).map(Self)
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        self.0.0
    }

    /// Whether a text is of it, and how many steps it took to know; the error says why not.
    pub(super) fn check(self, text: &str) -> (usize, Result<(), String>) {
        let mut steps = 1 + text.len() / 64;
        if self.name() == "regex" {
            // A few characters may be much work.
            let pattern = Pattern::compile(text, &mut PatternBudget::default());
            steps += pattern.as_ref().map_or(0, Pattern::weight);
            return (steps, pattern.map(drop));
        }
        (steps, (self.0.1)(text))
    }
}

/// An error without anything to fill in.
fn fail(problem: &str) -> Result<(), String> {
    Err(problem.to_owned())
}
