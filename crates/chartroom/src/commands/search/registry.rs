//! `chartroom search repo oci://…`: the versions of charts in registries.

use anyhow::{Result, bail};
use chartroom_cli::SearchRepo;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::Found;
use super::repo::{constraint, form};
use crate::commands::tags::{AT_A_TIME, examine, order};
use crate::commands::{Outcome, run_client};
use crate::remote;

/// Lists the versions of each chart: all of them, or the newest.
pub(super) fn search(flags: &SearchRepo) -> Result<Outcome> {
    if flags.regexp {
        bail!("a registry can't be searched with a regular expression: leave out --regexp");
    }
    let constraint = constraint(flags)?;
    let found = run_client(async {
        let client = remote::client(&flags.connection)?;
        let mut found = Vec::new();
        for chart in &flags.keywords {
            let (parts, repository) = remote::locate(&client, chart)?;
            if parts.tag.is_some() || parts.digest.is_some() {
                bail!("{chart} has a version already: leave it out, and use --version");
            }
            let name = format!("oci://{}/{}", parts.host, repository.name());
            let mut ordered = order(repository.tags().await?, Some(&constraint));
            if !flags.versions {
                ordered.truncate(1);
            }
            let entries = ordered.into_iter().map(|(tag, version)| examine(&repository, tag, version));
            let entries: Vec<_> = stream::iter(entries).buffered(AT_A_TIME).try_collect().await?;
            found.extend(entries.into_iter().map(|entry| Found {
                name: name.clone(),
                version: entry.version.unwrap_or(entry.tag),
                app_version: entry.app_version.unwrap_or_default(),
                description: entry.description.unwrap_or_default(),
            }));
        }
        Ok(found)
    })?;
    form(flags).print(&found, Found::HEADINGS, Found::row)
}
