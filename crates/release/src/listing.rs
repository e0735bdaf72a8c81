//! Which releases there are: filters, order and pages, as `helm list` has them.

use chartroom_sprig::Pattern;

use crate::error::Result;
use crate::record::{Status, Summary};
use crate::storage::{Selector, Storage};

/// What is to be listed.
#[derive(Debug, Default)]
pub struct Listing {
    /// Only releases whose names fit.
    pub filter: Option<Pattern>,
    /// Only releases that stand like this; all, if empty.
    pub states: Vec<Status>,
    /// Only releases whose labels are like this; all, if empty.
    pub selector: String,
    /// In which order.
    pub sort: SortBy,
    /// How many at most; 0 is all.
    pub limit: usize,
    /// How many are left out at the start.
    pub offset: usize,
}

/// The order of releases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what their names say")]
pub enum SortBy {
    #[default]
    Name,
    NameDescending,
    /// Oldest first.
    Date,
    DateDescending,
}

impl Listing {
    /// Asks a storage.
    ///
    /// # Errors
    ///
    /// For a selector that makes no sense, and those of the cluster.
    pub async fn of(&self, storage: &Storage) -> Result<Vec<Summary>> {
        // What is superseded is never the last of its release.
        let every_revision = self.states == [Status::Superseded];
        let mut found = storage.summaries(every_revision).await?;
        let selector = Selector::parse(&self.selector)?;
        found.retain(|one| {
            self.filter.as_ref().is_none_or(|filter| filter.is_match(one.summary.name.as_bytes()))
                && (self.states.is_empty() || self.states.contains(&one.summary.status))
                && selector.matches(&one.labels)
        });
        let mut found: Vec<Summary> = found.into_iter().map(|one| one.summary).collect();
        self.sort(&mut found);
        let limit = if self.limit == 0 { usize::MAX } else { self.limit };
        Ok(found.into_iter().skip(self.offset).take(limit).collect())
    }

    fn sort(&self, found: &mut [Summary]) {
        // Helm leaves the order of those that are equal to chance.
        let place = |one: &Summary| (one.name.clone(), one.namespace.clone(), one.revision);
        let date = |one: &Summary| (one.updated.unix(), one.name.clone(), one.namespace.clone());
        match self.sort {
            SortBy::Name => found.sort_by_cached_key(place),
            SortBy::NameDescending => {
                found.sort_by_cached_key(place);
                found.reverse();
            }
            SortBy::Date => found.sort_by_cached_key(date),
            SortBy::DateDescending => {
                found.sort_by_cached_key(date);
                found.reverse();
            }
        }
    }
}
