//! Classic repositories, as commands reach them: from flags and the environment to the files about them
//! and to requests.

use std::path::PathBuf;

use anyhow::Result;
use chartroom_chart_repository::{Entry, IndexCache, ReadIndex, Repositories, Skipped, Web};
use chartroom_cli::{ChartRepository, Connection, Globals, Transport};
use chartroom_registry_client::Options;

use super::Voice;
use crate::content_cache::ContentCache;
use crate::home::Home;
use crate::{environment, helm_log};

/// What is known of classic repositories on this machine, and a way to them.
pub(crate) struct Classic {
    /// Makes the requests.
    pub(crate) web: Web,
    /// The indexes that are here.
    pub(crate) cache: IndexCache,
    /// The file with the repositories that have names.
    pub(crate) file: PathBuf,
    /// The archives that are here.
    pub(crate) content: ContentCache,
    /// Says what is done.
    pub(crate) voice: Voice,
}

impl Classic {
    /// As the flags and the environment have it. The options are for the requests.
    pub(crate) fn new(globals: &Globals, options: Options) -> Self {
        let home = Home::from_environment();
        let folder = globals.repository_cache.clone();
        let folder = folder.unwrap_or_else(|| home.repository_cache().to_owned());
        let file = globals.repository_config.clone();
        let file = file.unwrap_or_else(|| home.repository_config().to_owned());
        let content = ContentCache::at(environment::content_cache(globals));
        let voice = Voice::new(globals);
        Self { web: Web::new(options), cache: IndexCache::new(folder), file, content, voice }
    }

    /// With no other options than those that the environment and the client's flags give.
    pub(crate) fn plain(globals: &Globals) -> Self {
        let transport = Transport { globals: globals.clone(), ..Transport::default() };
        Self::new(globals, super::options(&transport, false))
    }

    /// With the options of a connection.
    pub(crate) fn over(connection: &Connection) -> Self {
        let insecure = connection.insecure_skip_tls_verify;
        Self::new(&connection.transport.globals, super::options(&connection.transport, insecure))
    }

    /// The repositories that have names.
    pub(crate) fn repositories(&self) -> Result<Repositories> {
        Ok(Repositories::load(&self.file)?.unwrap_or_default())
    }
}

/// A repository without a name, with the login of the command line.
pub(crate) fn given(url: &str, flags: &ChartRepository, connection: &Connection) -> Entry {
    Entry {
        url: url.to_owned(),
        username: connection.username.clone().unwrap_or_default(),
        password: connection.password.clone().unwrap_or_default(),
        pass_credentials_all: flags.pass_credentials,
        ..Entry::default()
    }
}

/// Says what was left out of an index.
pub(crate) fn tell_skipped(skipped: &[Skipped], source: &str) {
    for Skipped { name, problem } in skipped {
        match problem {
            Some((version, problem)) => helm_log::warn(
                "skipping loading invalid entry for chart",
                &[("name", name), ("version", version), ("source", source), ("error", problem)],
            ),
            None => helm_log::warn(
                "skipping loading invalid entry for chart: empty entry",
                &[("name", name), ("source", source)],
            ),
        }
    }
}

/// The index of a repository that is on this machine; what was left out of it is told.
pub(crate) fn load(cache: &IndexCache, name: &str) -> Result<ReadIndex, chartroom_chart_repository::Error> {
    let (read, path) = cache.load(name)?;
    tell_skipped(&read.skipped, &path.display().to_string());
    Ok(read)
}
