//! What is shown to one registry: which credential, in which form, and what was learned from
//! its challenges.

mod cache;
mod token;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_oci::RepositoryName;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

use crate::challenge::{self, BearerChallenge, Challenge};
use crate::credential::{Credential, CredentialSource};
use crate::error::{Error, Result};
use crate::reference::Host;
use crate::scope::Scopes;
use crate::site;
pub(crate) use cache::TokenCache;
pub(crate) use token::TokenAnswer;

/// What is shown with a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// The `Authorization` header.
    pub(crate) header: Option<HeaderValue>,
    /// Whether a credential stands behind it, rather than an anonymous token.
    pub(crate) credential: bool,
    /// Whether it is a password, whose refusal can mean one thing only.
    pub(crate) basic: bool,
}

/// A token that is to be fetched.
pub(crate) struct TokenRequest {
    pub(crate) realm: Url,
    pub(crate) service: Option<String>,
    pub(crate) scopes: Scopes,
    /// Those that the registry has just asked for.
    pub(crate) first: Scopes,
    pub(crate) credential: Credential,
}

/// Who we are to one registry.
pub(crate) struct Identity {
    host: Host,
    base: Url,
    source: Arc<dyn CredentialSource>,
    trusted: Vec<String>,
    /// What the registry asks for, once it has asked.
    challenge: Mutex<Option<Challenge>>,
    credentials: Mutex<HashMap<Option<RepositoryName>, Credential>>,
    pub(crate) tokens: TokenCache,
    /// One token is fetched at a time: whoever comes second mostly finds it in the cache.
    fetching: tokio::sync::Mutex<()>,
    /// Whether the registry takes the password. Until that is known, requests with it go one by one: a
    /// wrong one that is shown several times at once locks accounts.
    proven: tokio::sync::Mutex<bool>,
}

impl Identity {
    pub(crate) fn new(
        host: Host,
        base: Url,
        source: Arc<dyn CredentialSource>,
        trusted: Vec<String>,
    ) -> Self {
        Self {
            host,
            base,
            source,
            trusted,
            challenge: Mutex::default(),
            credentials: Mutex::default(),
            tokens: TokenCache::default(),
            fetching: tokio::sync::Mutex::default(),
            proven: tokio::sync::Mutex::default(),
        }
    }

    /// The same registry, with another credential and nothing learned yet.
    pub(crate) fn with_source(&self, source: Arc<dyn CredentialSource>) -> Self {
        Self::new(self.host.clone(), self.base.clone(), source, self.trusted.clone())
    }

    pub(crate) fn challenge(&self) -> Option<Challenge> {
        lock(&self.challenge).clone()
    }

    /// The credential for a repository, asked for once.
    pub(crate) async fn credential(&self, repository: Option<&RepositoryName>) -> Result<Credential> {
        let key = repository.cloned();
        if let Some(known) = lock(&self.credentials).get(&key) {
            return Ok(known.clone());
        }
        let credential = self.source.credential(self.host.as_str(), repository).await?;
        lock(&self.credentials).insert(key, credential.clone());
        Ok(credential)
    }

    /// Learns from a refusal. Gives whether there is something to answer to it.
    pub(crate) fn learn(&self, headers: &HeaderMap) -> Option<Challenge> {
        let offered = headers.get_all(WWW_AUTHENTICATE).iter();
        let offered = offered.flat_map(|value| challenge::parse(&String::from_utf8_lossy(value.as_bytes())));
        let challenge = Challenge::choose(&offered.collect::<Vec<_>>()).ok()?;
        *lock(&self.challenge) = Some(challenge.clone());
        Some(challenge)
    }

    /// Prepares what a token service is to be asked.
    pub(crate) fn token_request(
        &self,
        challenge: &BearerChallenge,
        credential: &Credential,
        scopes: &Scopes,
        first: &Scopes,
    ) -> Result<TokenRequest> {
        let refused = |reason| Error::RealmRefused {
            registry: self.host.to_string(),
            realm: Url::parse(&challenge.realm).map_or_else(
                |_| crate::answer::printable(&challenge.realm, 200),
                |realm| crate::redact::url(&realm),
            ),
            reason,
        };
        let realm = self.base.join(&challenge.realm).map_err(|_| refused("is no address"))?;
        let secret = !credential.is_anonymous();
        if let Some(reason) = site::refuse_realm(&self.base, &realm, secret, &self.trusted) {
            return Err(refused(reason));
        }
        Ok(TokenRequest {
            realm,
            service: challenge.service.clone(),
            scopes: scopes.clone().union(first),
            first: first.clone(),
            credential: credential.clone(),
        })
    }

    /// Waits until it is known whether the password is right, or for one's turn to find out: then there is
    /// something to tell it to.
    pub(crate) async fn proving(&self) -> Option<tokio::sync::MutexGuard<'_, bool>> {
        Some(self.proven.lock().await).filter(|proven| !**proven)
    }

    /// Waits until nobody else fetches a token.
    pub(crate) async fn fetching(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.fetching.lock().await
    }
}

/// A header with a user's name and password.
pub(crate) fn basic(username: &str, password: &str) -> Result<HeaderValue> {
    sensitive(format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}

/// A header with a token.
pub(crate) fn bearer(token: &str) -> Result<HeaderValue> {
    sensitive(format!("Bearer {token}"))
}

fn sensitive(text: String) -> Result<HeaderValue> {
    let header = HeaderValue::try_from(text);
    let mut header = header.map_err(|_| Error::setup("the token holds characters that can't be sent"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// Whoever panicked while holding a lock left nothing half-done: these are plain inserts.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
