//! Accounts and rules of a server: setting them up, and reading the rules anew.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use chartroom_access::{Audit, Authenticator};
use chartroom_cli::Storage;
use chartroom_server::gate::Gate;
use chartroom_server::settings::Settings;
use tokio::signal::unix::{SignalKind, signal};

use crate::key_sets::Fetcher;
use crate::{accounts, storage};

/// What lets in whoever may, if the settings say that there are accounts.
pub(crate) fn gate(settings: &Settings, data: &Path) -> Result<Option<(Gate, Arc<Authenticator>)>> {
    if !settings.has_accounts() {
        return Ok(None);
    }
    let accounts = accounts::of_folder(data)?;
    let auth = settings.auth.clone().unwrap_or_default();
    if accounts.users()?.is_empty()
        && auth.htpasswd.is_none()
        && auth.issuer.is_empty()
        && auth.external.is_none()
    {
        tracing::warn!(
            "there are no users yet; add one with `chartroom user add NAME --data {}`",
            data.display()
        );
    }
    if settings.access.is_empty() && auth.external.is_none() {
        tracing::warn!("there are no [[access]] rules, so that nobody may do anything");
    }
    if settings.tls.files().is_none() && !settings.listen.ip().to_canonical().is_loopback() {
        tracing::warn!(
            "passwords and tokens come unencrypted; set [tls], or put a proxy with TLS before this server"
        );
    }
    let fetch = Arc::new(Fetcher::new()?);
    let authenticator = Arc::new(Authenticator::new(settings.access_config(), accounts, fetch)?);
    let audit = match &settings.audit.file {
        Some(file) => {
            let audit = Audit::open(file, settings.audit.max_bytes.bytes(), settings.audit.keep)?;
            Some((audit, settings.audit.reads))
        }
        None => None,
    };
    let gate = Gate::new(Arc::clone(&authenticator), audit, &auth, settings.tls.files().is_some())?;
    Ok(Some((gate, authenticator)))
}

/// Reads the rules anew on each SIGHUP. A file with a mistake changes nothing, and the log says why.
pub(crate) fn follow_hangups(authenticator: Arc<Authenticator>, flags: Storage) -> Result<()> {
    let mut hangup = signal(SignalKind::hangup()).context("can't receive SIGHUP")?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match reload(&authenticator, &flags) {
                Ok(rules) => tracing::info!(rules, "the rules were read anew"),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(error, "the rules were not read anew; those before stay");
                }
            }
        }
    });
    Ok(())
}

fn reload(authenticator: &Authenticator, flags: &Storage) -> Result<usize> {
    let settings = storage::settings(flags)?;
    authenticator.reload(settings.access_config())?;
    Ok(settings.access.len())
}
