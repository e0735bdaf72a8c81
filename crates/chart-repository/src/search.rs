//! Searching the indexes of repositories as `helm search repo` does: where the words stand decides
//! how high a chart ranks.

use chartroom_chart::{Constraint, Version};
use regex::Regex;

use crate::error::{Error, Result};
use crate::index::Index;
use crate::locate::full_name;

/// The most memory that a compiled pattern may take.
const PATTERN_SIZE: usize = 1 << 20;

/// What is searched for.
#[derive(Debug)]
pub struct Query(Kind);

#[derive(Debug)]
enum Kind {
    /// Everything.
    All,
    /// A text in any case; here it is in small letters.
    Words(String),
    Pattern(Box<Regex>),
}

impl Query {
    /// Every chart.
    pub fn all() -> Self {
        Self(Kind::All)
    }

    /// A text, in capitals or small letters.
    pub fn words(text: &str) -> Self {
        Self(Kind::Words(text.to_lowercase()))
    }

    /// A regular expression.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn pattern(text: &str) -> Result<Self> {
        let built = regex::RegexBuilder::new(text).size_limit(PATTERN_SIZE).build();
        built.map(|regex| Self(Kind::Pattern(Box::new(regex)))).map_err(|error| {
            // Go says what is wrong, and then the pattern.
            let what = error.to_string();
            let what = match what.rsplit("error: ").next().unwrap_or(&what) {
                "unclosed group" => "missing closing )".to_owned(),
                "unopened group" => "unexpected )".to_owned(),
                "unclosed character class" => "missing closing ]".to_owned(),
                "repetition operator missing expression" => {
                    "missing argument to repetition operator".to_owned()
                }
                other => other.to_owned(),
            };
            Error::Pattern(format!("{what}: `{text}`"))
        })
    }

    /// Where it is in a line: how many of the line's parts come before it.
    fn rank(&self, parts: &[&str; 4]) -> Option<usize> {
        let line = parts.join("\x0b");
        let at = match &self.0 {
            Kind::All => return Some(0),
            Kind::Words(words) => {
                let line = line.to_lowercase();
                let at = line.find(words.as_str())?;
                return Some(line.get(..at).unwrap_or_default().matches('\x0b').count());
            }
            Kind::Pattern(pattern) => pattern.find(&line)?.start(),
        };
        Some(line.get(..at).unwrap_or_default().matches('\x0b').count())
    }
}

/// A version of a chart that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// `repository/chart`
    pub name: String,
    /// The chart's version.
    pub version: String,
    /// The version of what it installs.
    pub app_version: String,
    /// What it is.
    pub description: String,
    rank: usize,
    read: Version,
}

/// A search under way: indexes are added, and then there are hits.
#[derive(Debug)]
pub struct Search {
    query: Query,
    versions: Constraint,
    all: bool,
    hits: Vec<Hit>,
}

impl Search {
    /// Searches for versions that satisfy a constraint: all of them, or of each chart the first.
    pub fn new(query: Query, versions: Constraint, all: bool) -> Self {
        Self { query, versions, all, hits: Vec::new() }
    }

    /// Searches an index, under the name of its repository.
    pub fn add(&mut self, repository: &str, index: &Index) {
        for (name, versions) in &index.entries {
            let full = full_name(repository, name);
            for version in versions {
                let chart = &version.chart;
                if !self.versions.matches(version.version()) {
                    continue;
                }
                let named = format!("{repository}/{}", chart.name);
                let keywords = chart.keywords.join(" ");
                let Some(rank) = self.query.rank(&[&chart.name, &named, &chart.description, &keywords])
                else {
                    continue;
                };
                self.hits.push(Hit {
                    name: full.clone(),
                    version: chart.version.clone(),
                    app_version: chart.app_version.clone(),
                    description: chart.description.clone(),
                    rank,
                    read: version.version().clone(),
                });
            }
        }
    }

    /// What was found, the best first; of charts that are as good as each other by name, and of each
    /// the newest first.
    pub fn hits(self) -> Vec<Hit> {
        let mut hits = self.hits;
        hits.sort_by(|one, other| {
            (one.rank, &one.name)
                .cmp(&(other.rank, &other.name))
                .then_with(|| other.read.cmp_precedence(&one.read))
        });
        if !self.all {
            let mut seen = std::collections::HashSet::new();
            hits.retain(|hit| seen.insert(hit.name.clone()));
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn hits(query: Query, range: &str, all: bool) -> Vec<String> {
        let text = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, description: A server}\n  - {name: web, version: 2.0.0-rc.1, description: A server}\n  - {name: web, version: 1.2.0, description: A server}\n  db:\n  - {name: db, version: 0.1.0, description: For the Web, keywords: [sql]}\n  cache:\n  - {name: cache, version: 3.0.0, keywords: [web, mem]}\n";
        let index = Index::read(text.as_bytes()).unwrap().index;
        let mut search = Search::new(query, range.parse().unwrap(), all);
        search.add("z", &index);
        search.add("a", &index);
        search.hits().iter().map(|hit| format!("{} {}", hit.name, hit.version)).collect()
    }

    #[test]
    fn what_stands_further_ahead_ranks_higher() {
        let found = hits(Query::words("WEB"), ">0.0.0", false);
        let expected =
            ["a/web 1.2.0", "z/web 1.2.0", "a/db 0.1.0", "z/db 0.1.0", "a/cache 3.0.0", "z/cache 3.0.0"];
        assert_eq!(found, expected);
        assert_eq!(hits(Query::words("a/w"), ">0.0.0-0", false), ["a/web 2.0.0-rc.1"]);
        assert_eq!(hits(Query::pattern("^web").unwrap(), "<1.2", true), ["a/web 1.0.0", "z/web 1.0.0"]);
        assert_eq!(hits(Query::pattern("s.l$").unwrap(), "*", true), ["a/db 0.1.0", "z/db 0.1.0"]);
        assert_eq!(hits(Query::all(), ">=1", false).len(), 4);
        assert!(hits(Query::words("nothing"), "*", true).is_empty());
    }

    #[test]
    fn a_pattern_that_is_none_is_told_as_go_does() {
        for (pattern, text) in [
            ("(", "error parsing regexp: missing closing ): `(`"),
            ("a)", "error parsing regexp: unexpected ): `a)`"),
        ] {
            assert_eq!(Query::pattern(pattern).unwrap_err().to_string(), text);
        }
        assert!(Query::pattern(&"(a{1000}){1000}".repeat(3)).is_err());
    }
}
