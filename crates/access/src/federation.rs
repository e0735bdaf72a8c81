//! Identities for which others vouch: tokens of OpenID Connect issuers, such as those that GitHub Actions
//! and GitLab CI give to their jobs.
//!
//! A token is believed if an issuer of the configuration has signed it with a key of its key set, for
//! an audience of ours, and it is valid now. Keys that a token brings along or points to (`jwk`, `jku`,
//! `x5u`) are not looked at. Key sets are fetched by whoever started the registry.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{AuthError, Error, Refusal};
use crate::identity::{Claims, Identity, Subject};
use crate::rules::OneOrMore;
use crate::signed::refusal;

/// The largest token that is looked at.
pub(crate) const MAX_TOKEN: usize = 16 << 10;
/// The largest discovery document or key set.
const MAX_DOCUMENT: usize = 1 << 20;
/// How long a key set is used before it is fetched again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How soon it may be fetched again for a key that it doesn't have, or after a failure.
const PATIENCE: Duration = Duration::from_secs(60);
/// How far clocks may be apart.
const LEEWAY: u64 = 60;

/// Fetches documents over HTTPS.
pub trait Fetch: Send + Sync + 'static {
    /// The document at a URL, of at most `limit` bytes; or what went wrong, in words.
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, String>>;
}

/// An issuer as it is written: one `[[auth.issuer]]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerText {
    /// What rules call it: `ci:NAME`. `github`, `gitlab` and `google` need nothing else but an audience.
    pub name: String,
    /// Its URL, which its tokens have as `iss`.
    pub issuer: Option<String>,
    /// For whom its tokens have to be made: `aud`. One of them is enough.
    pub audience: OneOrMore,
    /// Where its key set is; without it, where its discovery document says.
    pub jwks: Option<String>,
    /// The signatures that are accepted. Default: RS256, ES256, ES384, PS256, EdDSA.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// The claim that has the groups. Default: `groups`.
    pub groups_claim: Option<String>,
}

/// The issuers that everybody knows.
const KNOWN: [(&str, &str); 3] = [
    ("github", "https://token.actions.githubusercontent.com"),
    ("gitlab", "https://gitlab.com"),
    ("google", "https://accounts.google.com"),
];

/// An issuer that is trusted.
pub(crate) struct Issuer {
    name: String,
    url: String,
    audience: Vec<String>,
    jwks: Option<String>,
    algorithms: Vec<Algorithm>,
    groups_claim: String,
    keys: tokio::sync::Mutex<()>,
    cached: Mutex<Cached>,
}

#[derive(Default)]
struct Cached {
    keys: Option<(Arc<JwkSet>, Instant)>,
    tried: Option<Instant>,
}

impl Issuer {
    pub(crate) fn parse(text: &IssuerText) -> Result<Self, Error> {
        let fault = |message: &str| Error::Issuer { name: text.name.clone(), message: message.to_owned() };
        if text.name.is_empty() {
            return Err(fault("`name` is empty"));
        }
        let known = KNOWN.iter().find(|(name, _)| *name == text.name).map(|(_, url)| (*url).to_owned());
        let url = text
            .issuer
            .clone()
            .or(known)
            .ok_or_else(|| fault("`issuer` is missing: the URL that its tokens have as `iss`"))?;
        for url in std::iter::once(&url).chain(&text.jwks) {
            if !is_safe(url) {
                return Err(fault("its URLs have to begin with https:// (or be on this machine)"));
            }
        }
        let audience = match &text.audience {
            OneOrMore::One(one) => vec![one.clone()],
            OneOrMore::More(more) => more.clone(),
        };
        if audience.is_empty() || audience.iter().any(String::is_empty) {
            return Err(fault(
                "`audience` is empty; any token of this issuer would be good, whoever it was made for",
            ));
        }
        let algorithms = if text.algorithms.is_empty() {
            vec![Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::PS256, Algorithm::EdDSA]
        } else {
            let parsed = text.algorithms.iter().map(|name| name.parse::<Algorithm>());
            parsed.collect::<Result<_, _>>().map_err(|_| fault("`algorithms` has one that is not known"))?
        };
        let shared = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        if algorithms.iter().any(|algorithm| shared.contains(algorithm)) {
            return Err(fault(
                "`algorithms` must not have HS256, HS384 or HS512: they sign with a shared secret",
            ));
        }
        Ok(Self {
            name: text.name.clone(),
            url,
            audience,
            jwks: text.jwks.clone(),
            algorithms,
            groups_claim: text.groups_claim.clone().unwrap_or_else(|| "groups".to_owned()),
            keys: tokio::sync::Mutex::default(),
            cached: Mutex::default(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Believes a token of this issuer, and says until when.
    pub(crate) async fn verify(
        &self,
        token: &str,
        header: &Header,
        fetch: &dyn Fetch,
    ) -> Result<(Identity, Timestamp), AuthError> {
        let (claims, until) = self.claims(token, header, fetch).await?;
        let subject = claims.get("sub").and_then(Value::as_str);
        let subject = subject.ok_or_else(|| Refusal::Token("it has no `sub`".to_owned()))?.to_owned();
        let texts: Claims = claims
            .iter()
            .map(|(name, value)| (name.clone(), texts(value)))
            .filter(|(_, said)| !said.is_empty())
            .collect();
        let groups = texts.get(&self.groups_claim).cloned().unwrap_or_default();
        let subject = Subject::Federated(self.name.clone(), subject);
        Ok((Identity { subject, groups, claims: texts, limits: None }, until))
    }

    /// What a token says, once it is believed.
    pub(crate) async fn claims(
        &self,
        token: &str,
        header: &Header,
        fetch: &dyn Fetch,
    ) -> Result<(BTreeMap<String, Value>, Timestamp), AuthError> {
        if !self.algorithms.contains(&header.alg) {
            return Err(Refusal::Token("its algorithm is not allowed".to_owned()).into());
        }
        let key = self.key(header, fetch).await?;
        let mut validation = Validation::new(header.alg);
        validation.algorithms = vec![header.alg];
        validation.set_issuer(&[&self.url]);
        validation.set_audience(&self.audience);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        let decoded = jsonwebtoken::decode::<BTreeMap<String, Value>>(token, &key, &validation);
        let claims = decoded.map_err(|error| refusal(&error))?.claims;
        let until = claims.get("exp").and_then(Value::as_f64);
        #[expect(clippy::cast_possible_truncation, reason = "what is beyond is refused as no time")]
        let until = until.and_then(|until| Timestamp::from_second(until as i64).ok());
        Ok((claims, until.ok_or(Refusal::Expired)?))
    }

    async fn key(&self, header: &Header, fetch: &dyn Fetch) -> Result<DecodingKey, AuthError> {
        for attempt in 0..2 {
            let keys = self.key_set(fetch, attempt > 0).await?;
            let found = match &header.kid {
                Some(kid) => keys.find(kid),
                // Without a name it can only be the one that there is.
                None => keys.keys.first().filter(|_| keys.keys.len() == 1),
            };
            if let Some(key) = found {
                let unusable = |_| Refusal::Token("its issuer's key can't be used".to_owned());
                return Ok(DecodingKey::from_jwk(key).map_err(unusable)?);
            }
        }
        Err(Refusal::Token("its issuer has no such key".to_owned()).into())
    }

    /// The issuer's keys. `anew`: the token's key was not among those that are remembered.
    async fn key_set(&self, fetch: &dyn Fetch, anew: bool) -> Result<Arc<JwkSet>, AuthError> {
        // One fetch at a time; the others then find what it brought.
        let asked = Instant::now();
        let _turn = self.keys.lock().await;
        let remembered = {
            let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
            let patient = cached.tried.is_some_and(|tried| tried.elapsed() < PATIENCE || tried >= asked);
            match &cached.keys {
                Some((keys, at)) if patient || (!anew && at.elapsed() < FRESH) => Some(Ok(Arc::clone(keys))),
                None if patient => Some(Err(())),
                _ => None,
            }
        };
        match remembered {
            Some(Ok(keys)) => return Ok(keys),
            Some(Err(())) => return Err(self.unavailable("its keys could not be fetched a moment ago")),
            None => {}
        }
        let fetched = self.fetch_keys(fetch).await;
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        cached.tried = Some(Instant::now());
        match fetched {
            Ok(keys) => {
                let keys = Arc::new(keys);
                cached.keys = Some((Arc::clone(&keys), Instant::now()));
                Ok(keys)
            }
            Err(message) => {
                tracing::warn!(issuer = self.name, error = message, "an issuer's keys can't be fetched");
                // Old keys are better than none: an issuer that is down for an hour must not stop pipelines.
                cached
                    .keys
                    .as_ref()
                    .map(|(keys, _)| Arc::clone(keys))
                    .ok_or_else(|| self.unavailable(&message))
            }
        }
    }

    fn unavailable(&self, message: &str) -> AuthError {
        AuthError::Unavailable(format!("issuer `{}`: {message}", self.name))
    }

    async fn fetch_keys(&self, fetch: &dyn Fetch) -> Result<JwkSet, String> {
        let url = match &self.jwks {
            Some(url) => url.clone(),
            None => self.discover(fetch).await?,
        };
        let document = fetch.fetch(&url, MAX_DOCUMENT).await?;
        let mut keys: Value =
            serde_json::from_slice(&document).map_err(|error| format!("key set: {error}"))?;
        // A key of a kind that we don't know must not hide the others.
        if let Some(list) = keys.get_mut("keys").and_then(Value::as_array_mut) {
            list.retain(|key| serde_json::from_value::<jsonwebtoken::jwk::Jwk>(key.clone()).is_ok());
        }
        serde_json::from_value(keys).map_err(|error| format!("key set: {error}"))
    }

    async fn discover(&self, fetch: &dyn Fetch) -> Result<String, String> {
        #[derive(Deserialize)]
        struct Discovery {
            issuer: String,
            jwks_uri: String,
        }
        let url = format!("{}/.well-known/openid-configuration", self.url.trim_end_matches('/'));
        let document = fetch.fetch(&url, MAX_DOCUMENT).await?;
        let found: Discovery =
            serde_json::from_slice(&document).map_err(|error| format!("discovery document: {error}"))?;
        if found.issuer != self.url {
            return Err(format!("its discovery document is that of `{}`", found.issuer));
        }
        if !is_safe(&found.jwks_uri) {
            return Err("its discovery document leads to a key set without encryption".to_owned());
        }
        Ok(found.jwks_uri)
    }
}

/// Whether what is fetched from a URL can't be changed on its way.
fn is_safe(url: &str) -> bool {
    let host = |rest: &str| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // Somebody's name before an @ is no host.
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
            host.strip_prefix(local).is_some_and(|port| {
                port.is_empty()
                    || port
                        .strip_prefix(':')
                        .is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
            })
        })
    };
    url.starts_with("https://") || url.strip_prefix("http://").is_some_and(host)
}

/// A claim as texts: what rules compare with. Objects and nulls have none.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Array(items) => items.iter().filter(|item| !item.is_array()).flat_map(texts).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn keys_are_fetched_over_https_or_from_this_machine() {
        for (url, safe) in [
            ("https://example.com", true),
            ("http://127.0.0.1:8080/x", true),
            ("http://localhost", true),
            ("http://[::1]:1", true),
            ("http://example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost@example.com", false),
            ("http://localhost:x@example.com", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }
}
