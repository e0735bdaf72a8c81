//! `chartroom search …`: in classic repositories, in a registry, in a hub.

mod hub;
mod registry;
mod repo;

use anyhow::{Result, bail};
use chartroom_cli::{OutputFormat, Search, SearchCommand};
use serde::Serialize;

use super::Outcome;
use crate::{columns, output, printer};

/// Searches.
pub(crate) fn search(flags: &Search) -> Result<Outcome> {
    match &flags.command {
        SearchCommand::Repo(repo) => match repo.keywords.first() {
            Some(chart) if chart.starts_with("oci://") => registry::search(repo),
            _ => repo::search(repo),
        },
        SearchCommand::Hub(hub) => hub::search(hub),
    }
}

/// How what is found is printed.
struct Form {
    format: OutputFormat,
    widest: u64,
    fail_on_nothing: bool,
}

impl Form {
    /// Prints what was found: each as it is for programs, or as a row under headings.
    fn print<T: Serialize, const N: usize>(
        &self,
        found: &[T],
        headings: [&str; N],
        row: impl Fn(&T) -> [String; N],
    ) -> Result<Outcome> {
        if found.is_empty() && self.fail_on_nothing {
            bail!("no results found");
        }
        if output::as_helm(self.format, found)? {
            return Ok(Outcome::Success);
        }
        if found.is_empty() {
            printer::result("No results found")?;
            return Ok(Outcome::Success);
        }
        let mut rows = vec![headings.map(str::to_owned)];
        rows.extend(found.iter().map(row));
        printer::result(&columns::render(&rows, self.widest))?;
        Ok(Outcome::Success)
    }
}

/// A version of a chart, as it is printed.
#[derive(Serialize)]
struct Found {
    name: String,
    version: String,
    app_version: String,
    description: String,
}

impl Found {
    const HEADINGS: [&str; 4] = ["NAME", "CHART VERSION", "APP VERSION", "DESCRIPTION"];

    fn row(&self) -> [String; 4] {
        [self.name.clone(), self.version.clone(), self.app_version.clone(), self.description.clone()]
    }
}
