//! Registries, as commands reach them: from flags to a client, from what a user wrote to a chart.

mod fetch;
mod nearby;
mod voice;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chartroom_cli::{Connection, Transport};
use chartroom_registry_client::credentials::Store;
use chartroom_registry_client::{Client, Credential, CredentialSource, Options, StaticCredential};

pub(crate) use fetch::{Fetched, chart_of, fetch, locate, pick};
pub(crate) use voice::Voice;

use crate::environment;

/// A client that does what the flags say.
pub(crate) fn client(connection: &Connection) -> Result<Client> {
    let credentials: Arc<dyn CredentialSource> = match (&connection.username, &connection.password) {
        (Some(username), Some(password)) => {
            Arc::new(StaticCredential(Credential::basic(username.clone(), password.clone())))
        }
        _ => Arc::new(store(&connection.transport)),
    };
    let options = options(&connection.transport, connection.insecure_skip_tls_verify);
    Client::new(options, credentials).context("can't set up the connection")
}

/// The options that the flags stand for.
pub(crate) fn options(transport: &Transport, insecure: bool) -> Options {
    Options {
        plain_http: transport.plain_http,
        insecure_skip_tls_verify: insecure,
        ca_file: transport.ca_file.clone(),
        cert_file: transport.cert_file.clone(),
        key_file: transport.key_file.clone(),
        observer: Arc::new(Voice { debug: environment::debug(&transport.globals) }),
        ..Options::default()
    }
}

/// The logins that are stored.
pub(crate) fn store(transport: &Transport) -> Store {
    Store::from_environment(&|name| std::env::var_os(name), transport.globals.registry_config.clone())
}
