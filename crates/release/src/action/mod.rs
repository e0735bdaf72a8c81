//! What is done with releases: objects come into the cluster and go out of it, with hooks before and after.

mod apply;
mod hooks;
mod install;
mod prepare;
mod rollback;
mod uninstall;

use std::time::Duration;

use crate::cluster::{Cluster, Discovery};
use crate::error::Result;
use crate::record::Release;
use crate::storage::Storage;

pub use install::{Checked, Conflicts, Install, Installed};
pub use prepare::{Parts, lookup, make};
pub use rollback::Rollback;
pub use uninstall::{Cascade, Uninstall, Uninstalled};

/// What is waited for after objects were brought into the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// Hooks only.
    #[default]
    Hooks,
    /// Everything, by watching.
    Watch,
}

/// With what an action works.
struct Context<'a> {
    storage: &'a Storage,
    discovery: &'a Discovery,
    /// How long each wait may take.
    patience: Duration,
}

impl Context<'_> {
    fn cluster(&self) -> &Cluster {
        self.storage.cluster()
    }

    /// Stores how a release stands.
    async fn record(&self, release: &Release) -> Result<()> {
        self.storage.update(release, now()).await
    }
}

/// This moment, as labels have it.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
