//! `chartroom repo list`

use anyhow::Result;
use chartroom_chart_repository::Repositories;
use chartroom_cli::{OutputFormat, RepoList};
use serde::Serialize;

use crate::commands::Outcome;
use crate::remote::Classic;
use crate::{columns, output, printer};

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    url: &'a str,
}

/// Lists the repositories. As with Helm, a file that can't be read has none.
pub(super) fn list(flags: &RepoList) -> Result<Outcome> {
    let file = Classic::plain(&flags.globals).file;
    let loaded = Repositories::load(&file);
    if let Err(error) = &loaded {
        printer::aside(&format!("WARNING: {}: {error}\n", file.display()));
    }
    let repositories = loaded.ok().flatten().unwrap_or_default().repositories;
    let named: Vec<Named<'_>> =
        repositories.iter().map(|entry| Named { name: &entry.name, url: &entry.url }).collect();
    if output::as_helm(flags.output, &named)? {
        return Ok(Outcome::Success);
    }
    debug_assert_eq!(flags.output, OutputFormat::Table);
    if named.is_empty() {
        printer::aside("no repositories to show\n");
        return Ok(Outcome::Success);
    }
    let mut rows = Vec::new();
    if !flags.no_headers {
        rows.push(["NAME".to_owned(), "URL".to_owned()]);
    }
    rows.extend(repositories.into_iter().map(|entry| [entry.name, entry.url]));
    printer::result(&columns::render(&rows, 0))?;
    Ok(Outcome::Success)
}
