//! Registries, as commands reach them: from flags to a client, from what a user wrote to a chart.

mod classic;
mod fetch;
mod nearby;
mod source;
mod stored;
mod voice;

use std::ops::Deref;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use chartroom_cli::{Connection, Transport};
use chartroom_oci::RepositoryName;
use chartroom_registry_client::credentials::Store;
use chartroom_registry_client::{
    Client, Credential, CredentialError, CredentialSource, Options, StaticCredential,
};
use futures_util::future::BoxFuture;

pub(crate) use classic::{Classic, load, tell_skipped};
pub(crate) use fetch::{Fetched, MAX_ARCHIVE, chart_of, fetch, locate, no_provenance, pick};
pub(crate) use source::{Downloaded, Obtained, Sources, Wanted};
pub(crate) use voice::Voice;

use crate::content_cache::ContentCache;
use crate::environment;

/// A client, and what was downloaded before.
pub(crate) struct Remote {
    client: Client,
    cache: ContentCache,
    voice: Voice,
}

impl Deref for Remote {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A client that does what the flags say.
pub(crate) fn client(connection: &Connection) -> Result<Remote> {
    with_voice(connection, Voice::new(&connection.transport.globals))
}

/// A client that does what the flags say, and doesn't show how far transfers are: the other end of them
/// does.
pub(crate) fn source(connection: &Connection) -> Result<Remote> {
    with_voice(connection, Voice { progress: false, ..Voice::new(&connection.transport.globals) })
}

fn with_voice(connection: &Connection, voice: Voice) -> Result<Remote> {
    let (credentials, stored): (Arc<dyn CredentialSource>, bool) =
        match (&connection.username, &connection.password) {
            (Some(username), Some(password)) => {
                let credential = Credential::basic(username.clone(), password.clone());
                (Arc::new(StaticCredential(credential)), false)
            }
            _ => (Arc::new(Logins { store: store(&connection.transport), voice }), true),
        };
    let options = options(&connection.transport, connection.insecure_skip_tls_verify);
    let options = Options { observer: Arc::new(voice), forgo_refused_login: stored, ..options };
    let client = Client::new(options, credentials).context("missing registry client")?;
    let cache = ContentCache::at(environment::content_cache(&connection.transport.globals));
    Ok(Remote { client, cache, voice })
}

/// The options that the flags stand for.
pub(crate) fn options(transport: &Transport, insecure: bool) -> Options {
    Options {
        plain_http: transport.plain_http,
        insecure_skip_tls_verify: insecure,
        ca_file: transport.ca_file.clone(),
        cert_file: transport.cert_file.clone(),
        key_file: transport.key_file.clone(),
        observer: Arc::new(Voice::new(&transport.globals)),
        ..Options::default()
    }
}

/// The logins that are stored, and somebody who says where each was found.
struct Logins {
    store: Store,
    voice: Voice,
}

impl CredentialSource for Logins {
    fn credential<'a>(
        &'a self,
        host: &'a str,
        repository: Option<&'a RepositoryName>,
    ) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        Box::pin(async move {
            let found = self.store.find(host, repository).await?;
            let place = found.as_ref().map_or("none".to_owned(), |found| found.place.to_string());
            self.voice.detail(&format!("login for {host}: {place}"));
            Ok(found.map(|found| found.credential).unwrap_or_default())
        })
    }
}

/// The logins that are stored.
pub(crate) fn store(transport: &Transport) -> Store {
    Store::from_environment(&|name| std::env::var_os(name), transport.globals.registry_config.clone())
}
