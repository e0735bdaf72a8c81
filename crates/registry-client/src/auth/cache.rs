//! Tokens that are still good.

use std::sync::Mutex;
use std::time::Instant;

use reqwest::Url;
use reqwest::header::HeaderValue;

use super::{TokenRequest, lock};
use crate::credential::Credential;
use crate::scope::Scopes;

/// The most tokens that are kept for a registry.
const LIMIT: usize = 64;

/// Tokens by realm, service, credential and scopes.
#[derive(Default)]
pub(crate) struct TokenCache(Mutex<Vec<Entry>>);

struct Entry {
    realm: Url,
    service: Option<String>,
    credential: Credential,
    scopes: Scopes,
    header: HeaderValue,
    expires: Instant,
}

impl TokenCache {
    /// A token that allows all that is asked for, perhaps more.
    pub(crate) fn find(&self, request: &TokenRequest, now: Instant) -> Option<HeaderValue> {
        let mut entries = lock(&self.0);
        entries.retain(|entry| entry.expires > now);
        let fits = |entry: &&Entry| {
            entry.realm == request.realm
                && entry.service == request.service
                && entry.credential == request.credential
                && entry.scopes.covers(&request.scopes)
                // A login is tried with a token of its own.
                && (request.scopes != Scopes::none() || entry.scopes == Scopes::none())
        };
        // The latest one that fits.
        entries.iter().rev().find(fits).map(|entry| entry.header.clone())
    }

    pub(crate) fn insert(&self, request: &TokenRequest, header: HeaderValue, expires: Instant) {
        let mut entries = lock(&self.0);
        if entries.len() >= LIMIT {
            entries.remove(0);
        }
        entries.push(Entry {
            realm: request.realm.clone(),
            service: request.service.clone(),
            credential: request.credential.clone(),
            scopes: request.scopes.clone(),
            header,
            expires,
        });
    }

    /// Forgets a token that was refused.
    pub(crate) fn forget(&self, header: &HeaderValue) {
        lock(&self.0).retain(|entry| entry.header != *header);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::time::Duration;

    fn request(service: &str, scopes: &str, credential: Credential) -> TokenRequest {
        TokenRequest {
            realm: Url::parse("https://h/token").unwrap(),
            service: Some(service.to_owned()),
            scopes: Scopes::parse(scopes),
            first: Scopes::none(),
            credential,
        }
    }

    #[test]
    fn a_token_serves_whoever_may_have_it() {
        let (cache, now) = (TokenCache::default(), Instant::now());
        let alice = || Credential::basic("alice", "pw");
        let token = HeaderValue::from_static("Bearer t");
        let expires = now + Duration::from_secs(50);
        cache.insert(&request("s", "repository:a:pull,push", alice()), token.clone(), expires);
        let find = |request: &TokenRequest, now| cache.find(request, now);
        assert_eq!(find(&request("s", "repository:a:pull", alice()), now), Some(token.clone()));
        assert_eq!(find(&request("s", "repository:a:delete", alice()), now), None);
        assert_eq!(find(&request("s", "repository:b:pull", alice()), now), None);
        assert_eq!(find(&request("t", "repository:a:pull", alice()), now), None);
        assert_eq!(find(&request("s", "repository:a:pull", Credential::Anonymous), now), None);
        assert_eq!(find(&request("s", "repository:a:pull", Credential::basic("alice", "other")), now), None);
        assert_eq!(find(&request("s", "", alice()), now), None);
        cache.forget(&token);
        assert_eq!(find(&request("s", "repository:a:pull", alice()), now), None);
        cache.insert(&request("s", "repository:a:pull", alice()), token, expires);
        assert_eq!(find(&request("s", "repository:a:pull", alice()), expires), None);
    }
}
