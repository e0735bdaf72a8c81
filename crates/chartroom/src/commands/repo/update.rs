//! `chartroom repo update`, and refreshing indexes for other commands.

use std::io;

use anyhow::{Context as _, Result, bail};
use chartroom_chart_repository::{Entry, Error, Index, IndexCache, ReadIndex, Repositories, Web, address};
use chartroom_cli::RepoUpdate;
use futures_util::{StreamExt as _, stream};

use crate::commands::{Outcome, run_client};
use crate::printer;
use crate::remote::{Classic, tell_skipped};

/// How many indexes are downloaded at a time.
const AT_A_TIME: usize = 8;

/// Gets the newest indexes.
pub(super) fn update(flags: &RepoUpdate) -> Result<Outcome> {
    let classic = Classic::plain(&flags.globals);
    let loaded = Repositories::load(&classic.file)
        .with_context(|| format!("failed loading file: {}", classic.file.display()))?;
    let repositories = loaded.unwrap_or_default().repositories;
    if repositories.is_empty() {
        bail!("no repositories found. You must add one before updating");
    }
    for name in &flags.names {
        if repositories.iter().all(|entry| entry.name != *name) {
            bail!("no repositories found matching '{name}'.  Nothing will be updated");
        }
    }
    let chosen: Vec<Entry> = repositories
        .into_iter()
        .filter(|entry| flags.names.is_empty() || flags.names.contains(&entry.name))
        .collect();
    for entry in &chosen {
        address::web(&entry.url)?;
    }
    printer::result("Hang tight while we grab the latest from your chart repositories...")?;
    let web = classic.web.timeout(flags.timeout);
    let refreshed = run_client(refresh(&web, &classic.cache, &chosen, Named::ByName, &printer::result))?;
    let failed: Vec<&str> =
        refreshed.iter().filter(|(_, index)| index.is_none()).map(|(entry, _)| entry.url.as_str()).collect();
    if !failed.is_empty() {
        bail!("failed to update the following repositories: [{}]", failed.join(" "));
    }
    printer::result("Update Complete. ⎈Happy Helming!⎈")?;
    Ok(Outcome::Success)
}

/// How repositories are called in what is said of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Named {
    /// By their names.
    ByName,
    /// By their addresses: nobody knows their names.
    ByUrl,
}

/// Repositories with their new indexes; nothing for those that have none.
pub(in crate::commands) type Refreshed<'e> = Vec<(&'e Entry, Option<Index>)>;

/// Gets the newest indexes of repositories, several at a time, and says of each in turn what came of it.
pub(in crate::commands) async fn refresh<'e>(
    web: &Web,
    cache: &IndexCache,
    entries: &'e [Entry],
    named: Named,
    say: &dyn Fn(&str) -> io::Result<()>,
) -> Result<Refreshed<'e>> {
    let requests = entries.iter().map(|entry| async move { (entry, web.refresh(entry, cache).await) });
    let mut answers = stream::iter(requests).buffered(AT_A_TIME);
    let mut refreshed = Vec::new();
    while let Some((entry, answer)) = answers.next().await {
        refreshed.push((entry, told(entry, answer, named, say)?));
    }
    Ok(refreshed)
}

fn told(
    entry: &Entry,
    answer: Result<ReadIndex, Error>,
    named: Named,
    say: &dyn Fn(&str) -> io::Result<()>,
) -> Result<Option<Index>> {
    let Entry { name, url, .. } = entry;
    let called = if named == Named::ByName { name } else { url };
    match answer {
        Ok(read) => {
            tell_skipped(&read.skipped, url);
            say(&format!("...Successfully got an update from the {called:?} chart repository"))?;
            Ok(Some(read.index))
        }
        Err(error) => {
            let place = if named == Named::ByName { format!(" ({url})") } else { String::new() };
            say(&format!(
                "...Unable to get an update from the {called:?} chart repository{place}:\n\t{error}"
            ))?;
            Ok(None)
        }
    }
}
