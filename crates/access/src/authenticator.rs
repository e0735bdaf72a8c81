//! From what a request carries to who it is.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use arc_swap::ArcSwap;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use chartroom_catalog::accounts::{AccessToken, Accounts, Purpose};
use chartroom_oci::RepositoryName;
use jiff::Timestamp;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use crate::action::{Action, Actions};
use crate::caller::{Caller, Credential};
use crate::error::{AuthError, Error, Refusal};
use crate::federation::Fetch;
use crate::header::{Read, issuer_of, jwt_header, read};
use crate::identity::{Identity, Limits, Subject};
use crate::password_check::{Found, OfFile, check_password, unavailable};
use crate::policy::{Config, ExternalText, Policy};
use crate::rules::Decision;
use crate::scope::Scope;
use crate::secret::TokenSecret;
use crate::signed::Signer;
use crate::throttle::Throttle;

/// How many credentials are remembered as proved.
const REMEMBERED: usize = 10_000;

/// Finds out who is asking. One for a registry; shared by all its requests.
pub struct Authenticator {
    pub(crate) accounts: Arc<dyn Accounts>,
    fetch: Arc<dyn Fetch>,
    policy: ArcSwap<Policy>,
    /// Changes with the policy: what was proved under another one is proved anew.
    generation: AtomicU64,
    pub(crate) signer: Signer,
    throttle: Throttle,
    /// By a keyed hash of the credential, so that memory holds no password for longer than a request.
    remembered: Cache<[u8; 32], Remembered>,
    hash_key: [u8; 32],
    /// Hashing a password takes a core for tens of milliseconds: the others go on with the rest.
    hashing: Semaphore,
}

/// A credential that was proved.
#[derive(Clone)]
struct Remembered {
    caller: Arc<Caller>,
    generation: u64,
    /// The state of accounts under which it holds, if it depends on them.
    version: Option<u64>,
    until: Option<Timestamp>,
    /// What was found in the accounts. As long as it is the same, it holds under other states, too.
    found: Option<Arc<Found>>,
}

/// What is remembered of a credential.
enum Recalled {
    /// Whose it is.
    Caller(Arc<Caller>),
    /// Whose it was, before something in the accounts was changed.
    Outdated(Remembered, Arc<Found>),
    Nothing,
}

/// What proving a credential came to.
pub(crate) struct Proved {
    pub(crate) identity: Identity,
    pub(crate) credential: Credential,
    /// The state of accounts under which it holds, if it depends on them.
    pub(crate) version: Option<u64>,
    pub(crate) until: Option<Timestamp>,
    pub(crate) found: Option<Arc<Found>>,
}

/// What a request carries.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The value of `Authorization`.
    pub authorization: Option<&'a [u8]>,
    /// The common name of the client's certificate, which TLS has checked.
    pub certificate: Option<&'a str>,
    /// Where the request came from.
    pub address: IpAddr,
}

impl Authenticator {
    /// Reads the configuration.
    ///
    /// # Errors
    ///
    /// What can't be understood or read in it.
    pub fn new(config: Config, accounts: Arc<dyn Accounts>, fetch: Arc<dyn Fetch>) -> Result<Self, Error> {
        let mut hash_key = [0; 32];
        let filled = SystemRandom::new().fill(&mut hash_key);
        filled.map_err(|_| Error::Cryptography("there are no random numbers"))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            accounts,
            fetch,
            policy: ArcSwap::from_pointee(Policy::read(config)?),
            generation: AtomicU64::new(0),
            signer: Signer::new(Timestamp::now())?,
            throttle: Throttle::new(),
            remembered: Cache::new(REMEMBERED),
            hash_key,
            hashing: Semaphore::new(cores.saturating_sub(1).max(1)),
        })
    }

    /// Takes another configuration, for all requests from now on.
    ///
    /// # Errors
    ///
    /// What can't be understood or read in it; then the one before stays.
    pub fn reload(&self, config: Config) -> Result<(), Error> {
        self.replace(Policy::read(config)?);
        Ok(())
    }

    fn replace(&self, policy: Policy) {
        self.policy.store(Arc::new(policy));
        self.generation.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn policy(&self) -> arc_swap::Guard<Arc<Policy>> {
        self.policy.load()
    }

    /// Whether a caller may do something in a repository, and by which rule.
    pub fn decide(&self, caller: &Caller, repository: &RepositoryName, action: Action) -> Decision {
        caller.decide(&self.policy.load().rules, repository, action)
    }

    /// Whether a repository may be shown to a caller in listings.
    pub fn sees(&self, caller: &Caller, repository: &RepositoryName) -> bool {
        caller.sees(&self.policy.load().rules, repository)
    }

    /// What this registry is called in tokens.
    pub fn service(&self) -> String {
        self.policy.load().service.clone()
    }

    /// The other token service to which clients are sent, if there is one.
    pub fn external(&self) -> Option<ExternalText> {
        self.policy.load().external.as_ref().map(|external| external.text.clone())
    }

    /// Takes a changed htpasswd file; a file with a mistake in it changes nothing.
    fn refresh(&self) {
        match self.policy.load().with_fresh_htpasswd() {
            None => {}
            Some(Ok(policy)) => self.replace(policy),
            Some(Err(error)) => {
                tracing::warn!(%error, "the htpasswd file is not taken; the users before stay")
            }
        }
    }

    /// Who is asking with the value of `Authorization`, if that was proved before and nothing has changed
    /// since.
    pub fn known(&self, authorization: &[u8]) -> Option<Arc<Caller>> {
        match self.recall(&self.remember_as(authorization)) {
            Recalled::Caller(caller) => Some(caller),
            Recalled::Outdated(..) | Recalled::Nothing => None,
        }
    }

    /// Who is asking.
    ///
    /// # Errors
    ///
    /// Credentials that prove nothing are an error, also where nobody needs any.
    pub async fn authenticate(&self, presented: Presented<'_>) -> Result<Arc<Caller>, AuthError> {
        let Some(header) = presented.authorization else {
            return Ok(Arc::new(match presented.certificate {
                Some(name) => Caller {
                    identity: Identity {
                        subject: Subject::Certificate(name.to_owned()),
                        ..Identity::default()
                    },
                    credential: Credential::Direct("certificate"),
                },
                None => Caller::default(),
            }));
        };
        let key = self.remember_as(header);
        match self.recall(&key) {
            Recalled::Caller(caller) => return Ok(caller),
            Recalled::Outdated(remembered, found) => {
                if let Some(caller) = self.confirm(key, remembered, found).await? {
                    return Ok(caller);
                }
            }
            Recalled::Nothing => {}
        }
        let generation = self.generation.load(Ordering::Acquire);
        let proved = match read(std::str::from_utf8(header).map_err(|_| Refusal::Malformed)?)? {
            Read::Basic(user, password) => self.basic(&user, &password, presented.address, &key).await?,
            Read::Bearer(token) => self.bearer(token, presented.address).await?,
        };
        let Proved { identity, credential, version, until, found } = proved;
        let caller = Arc::new(Caller { identity: self.policy().with_groups(identity), credential });
        let remembered = Remembered { caller: Arc::clone(&caller), generation, version, until, found };
        self.remembered.insert(key, remembered);
        Ok(caller)
    }

    fn remember_as(&self, header: &[u8]) -> [u8; 32] {
        // The key first, and of a fixed length: nothing can be appended to a header to get another's hash.
        Sha256::new().chain_update(self.hash_key).chain_update(header).finalize().into()
    }

    fn recall(&self, key: &[u8; 32]) -> Recalled {
        let Some(remembered) = self.remembered.get(key) else { return Recalled::Nothing };
        // Issued tokens have their own end.
        if remembered.version.is_some() && self.policy.load().htpasswd.is_some() {
            self.refresh();
        }
        let holds = remembered.generation == self.generation.load(Ordering::Acquire)
            && remembered.until.is_none_or(|until| Timestamp::now() < until);
        if !holds {
            self.remembered.remove(key);
            return Recalled::Nothing;
        }
        let same = |version| self.accounts.version().is_ok_and(|now| now == version);
        if remembered.version.is_none_or(same) {
            return Recalled::Caller(remembered.caller);
        }
        match remembered.found.clone() {
            Some(found) => Recalled::Outdated(remembered, found),
            None => {
                self.remembered.remove(key);
                Recalled::Nothing
            }
        }
    }

    /// Whose password it is, if only others' accounts were changed: then there is no need to hash it again,
    /// and those who make many changes don't keep everybody else waiting.
    async fn confirm(
        &self,
        key: [u8; 32],
        remembered: Remembered,
        found: Arc<Found>,
    ) -> Result<Option<Arc<Caller>>, AuthError> {
        let version = self.version()?;
        let (accounts, name) = (Arc::clone(&self.accounts), found.name.clone());
        let now = tokio::task::spawn_blocking(move || accounts.user(&name)).await;
        let now = now.map_err(|_| AuthError::Unavailable("reading the user failed".to_owned()))?;
        if now.map_err(|error| unavailable(&error))? != found.user {
            self.remembered.remove(&key);
            return Ok(None);
        }
        let caller = Arc::clone(&remembered.caller);
        self.remembered.insert(key, Remembered { version, ..remembered });
        Ok(Some(caller))
    }

    async fn basic(
        &self,
        user: &str,
        password: &str,
        address: IpAddr,
        key: &[u8; 32],
    ) -> Result<Proved, AuthError> {
        // A token says itself whose it is, whatever name is sent along with it.
        if let Some(secret) = TokenSecret::parse(password) {
            return self
                .guarded(Some(secret.id.as_str()), address, || self.access_token(&secret, Purpose::Access))
                .await;
        }
        if let Some(header) = jwt_header(password) {
            return self.guarded(None, address, || self.identity_token(password, &header)).await;
        }
        self.guarded(Some(user), address, || self.user(user, password, key)).await
    }

    async fn bearer(&self, token: &str, address: IpAddr) -> Result<Proved, AuthError> {
        if let Some(secret) = TokenSecret::parse(token) {
            return self
                .guarded(Some(secret.id.as_str()), address, || self.access_token(&secret, Purpose::Access))
                .await;
        }
        let Some(header) = jwt_header(token) else { return Err(Refusal::Malformed.into()) };
        let policy = self.policy.load_full();
        if let Some(key) = header.kid.as_deref().filter(|key| self.signer.knows(key)) {
            let (caller, until) = self.signer.verify(token, key, &policy.service)?;
            let Caller { identity, credential } = caller;
            return Ok(Proved { identity, credential, version: None, until: Some(until), found: None });
        }
        if let Some(external) = &policy.external
            && issuer_of(token).is_some_and(|issuer| issuer == external.issuer.url())
        {
            let (claims, until) = external.issuer.claims(token, &header, &*self.fetch).await?;
            let name = claims.get("sub").and_then(serde_json::Value::as_str).unwrap_or_default();
            let access = claims.get("access").cloned().unwrap_or_default();
            let scopes = serde_json::from_value::<Option<Vec<Scope>>>(access);
            let scopes = scopes.map_err(|_| Refusal::Token("its `access` can't be read".to_owned()))?;
            return Ok(Proved {
                identity: Identity {
                    subject: Subject::Federated(external.issuer.name().to_owned(), name.to_owned()),
                    ..Identity::default()
                },
                credential: Credential::Foreign(scopes.unwrap_or_default()),
                version: None,
                until: Some(until),
                found: None,
            });
        }
        self.guarded(None, address, || self.identity_token(token, &header)).await
    }

    /// Does what checks a credential, unless too many wrong ones came before, and counts.
    async fn guarded<F>(
        &self,
        account: Option<&str>,
        address: IpAddr,
        check: impl FnOnce() -> F,
    ) -> Result<Proved, AuthError>
    where
        F: Future<Output = Result<Proved, AuthError>>,
    {
        if let Some(wait) = self.throttle.wait(account, address, Instant::now()) {
            return Err(AuthError::Throttled(wait));
        }
        let outcome = check().await;
        match &outcome {
            Ok(_) => self.throttle.succeeded(account),
            // What has expired was once right, and what an issuer vouches for is: nobody guesses that.
            Err(AuthError::Refused(Refusal::Expired | Refusal::Stranger(_))) => {}
            Err(AuthError::Refused(_)) => self.throttle.failed(account, address, Instant::now()),
            Err(_) => {}
        }
        outcome
    }

    async fn user(&self, user: &str, password: &str, key: &[u8; 32]) -> Result<Proved, AuthError> {
        let Ok(_turn) = self.hashing.acquire().await else {
            return Err(AuthError::Unavailable("shutting down".to_owned()));
        };
        // Somebody with the same password may have been before us in the queue.
        if let Recalled::Caller(caller) = self.recall(key)
            && let Some(remembered) = self.remembered.get(key)
        {
            let Caller { identity, credential } = (*caller).clone();
            let Remembered { version, found, .. } = remembered;
            return Ok(Proved { identity, credential, version, until: None, found });
        }
        self.refresh();
        let of_file = self.policy.load().htpasswd.as_ref().map(|file| OfFile {
            hash: file.users.hash(user).map(str::to_owned),
            slowest: file.users.slowest().map(str::to_owned),
        });
        let of_file = of_file.unwrap_or_default();
        let accounts = Arc::clone(&self.accounts);
        let (name, password) = (user.to_owned(), password.to_owned());
        let check =
            tokio::task::spawn_blocking(move || check_password(&*accounts, &name, &password, of_file));
        match check.await {
            Ok(proved) => proved,
            Err(_) => Err(AuthError::Unavailable("checking the password failed".to_owned())),
        }
    }

    fn version(&self) -> Result<Option<u64>, AuthError> {
        Ok(Some(self.accounts.version().map_err(|error| unavailable(&error))?))
    }

    /// Whose token it is, if it is good for `purpose`. Any token is good for going on with a session.
    async fn access_token(&self, secret: &TokenSecret, purpose: Purpose) -> Result<Proved, AuthError> {
        let version = self.version()?;
        let accounts = Arc::clone(&self.accounts);
        let id = secret.id.clone();
        let found = tokio::task::spawn_blocking(move || {
            let token = accounts.token(&id)?;
            let user = token.as_ref().map(|token| accounts.user(&token.user)).transpose()?.flatten();
            Ok::<_, chartroom_catalog::Error>(token.zip(user))
        });
        let found = found.await.map_err(|_| AuthError::Unavailable("reading the token failed".to_owned()))?;
        let Some((token, user)) = found.map_err(|error| unavailable(&error))? else {
            return Err(Refusal::UnknownToken.into());
        };
        if !secret.has_hash(&token.secret_hash)
            || (token.purpose == Purpose::Session && purpose == Purpose::Access)
        {
            return Err(Refusal::UnknownToken.into());
        }
        if token.expires_at.is_some_and(|until| until <= Timestamp::now()) {
            return Err(Refusal::Expired.into());
        }
        let limits = limits(&token)?;
        let identity = Identity { limits, ..Identity::user(user.name.as_str(), user.groups) };
        Ok(Proved {
            identity,
            credential: Credential::Direct("access-token"),
            version,
            until: token.expires_at,
            found: None,
        })
    }

    /// For whom an issuer vouches.
    async fn identity_token(&self, token: &str, header: &jsonwebtoken::Header) -> Result<Proved, AuthError> {
        let policy = self.policy.load_full();
        let named = issuer_of(token).ok_or_else(|| Refusal::Token("it has no `iss`".to_owned()))?;
        let issuer = policy.issuers.iter().find(|issuer| issuer.url() == named);
        let issuer = issuer.ok_or_else(|| Refusal::Token("its issuer is not trusted here".to_owned()))?;
        let (identity, until) = issuer.verify(token, header, &*self.fetch).await?;
        // Anybody on GitHub can have a token made for us: only rules say whose job is one of ours.
        if !policy.rules.name(&identity) {
            return Err(Refusal::Stranger(identity.subject.to_string()).into());
        }
        Ok(Proved {
            identity,
            credential: Credential::Direct("identity-token"),
            version: None,
            until: Some(until),
            found: None,
        })
    }

    /// Who goes on with a session: whoever has a refresh token, or another credential in its place.
    pub(crate) async fn session(&self, token: &str, address: IpAddr) -> Result<Caller, AuthError> {
        let proved = match TokenSecret::parse(token) {
            Some(secret) => {
                self.guarded(Some(secret.id.as_str()), address, || {
                    self.access_token(&secret, Purpose::Session)
                })
                .await?
            }
            None => return self.token(token, address).await,
        };
        Ok(Caller { identity: self.policy().with_groups(proved.identity), credential: proved.credential })
    }

    /// Who has a token that an issuer made.
    pub(crate) async fn token(&self, token: &str, address: IpAddr) -> Result<Caller, AuthError> {
        let Some(header) = jwt_header(token) else { return Err(Refusal::Malformed.into()) };
        let proved = self.guarded(None, address, || self.identity_token(token, &header)).await?;
        Ok(Caller { identity: proved.identity, credential: proved.credential })
    }
}

fn limits(token: &AccessToken) -> Result<Option<Limits>, AuthError> {
    if token.repositories.is_empty() && token.actions.is_empty() {
        return Ok(None);
    }
    // Written by this program; if it can't be read, a newer one wrote it, and less is safer than more.
    let unreadable = || AuthError::from(Refusal::Token("its limits can't be read".to_owned()));
    let repositories = token.repositories.iter().map(|text| text.parse().map_err(|_| unreadable()));
    let actions = token.actions.iter().map(|text| text.parse::<Action>().map_err(|_| unreadable()));
    let actions = actions.collect::<Result<Actions, _>>()?;
    let actions = if token.actions.is_empty() { Actions::all() } else { actions };
    Ok(Some(Limits { repositories: repositories.collect::<Result<_, _>>()?, actions }))
}

#[cfg(test)]
mod tests;
