//! `chartroom repo …`: the names of classic repositories, their indexes, and making an index.

mod add;
mod index;
mod list;
mod remove;
mod update;

use anyhow::Result;
use chartroom_cli::{Repo, RepoCommand};

use super::Outcome;

pub(super) use update::{Named, refresh};

/// Adds, lists, updates, removes repositories, or makes an index.
pub(crate) fn repo(flags: &Repo) -> Result<Outcome> {
    match &flags.command {
        RepoCommand::Add(add) => add::add(add),
        RepoCommand::List(list) => list::list(list),
        RepoCommand::Update(update) => update::update(update),
        RepoCommand::Remove(remove) => remove::remove(remove),
        RepoCommand::Index(index) => index::index(index),
    }
}
