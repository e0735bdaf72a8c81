//! The client, and one registry as it sees it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chartroom_oci::RepositoryName;
use reqwest::{Method, Url};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::auth::{Identity, lock};
use crate::challenge::Challenge;
use crate::credential::{Credential, CredentialSource, StaticCredential};
use crate::error::{Error, Result, Subject};
use crate::exchange::Call;
use crate::options::Options;
use crate::reference::{Host, Location};
use crate::repository::Repository;
use crate::scope::Scopes;
use crate::transport::Transport;

/// Talks to registries. Keeps connections, tokens and what it learned of each registry, so make
/// one and use it for everything that has the same options. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Arc<Transport>,
    source: Arc<dyn CredentialSource>,
    registries: Mutex<HashMap<Host, Arc<State>>>,
}

/// One registry. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    client: Client,
    state: Arc<State>,
}

struct State {
    host: Host,
    base: Url,
    identity: Identity,
    strangers: Strangers,
    requests: Semaphore,
    transfers: Semaphore,
    /// Whether it ever answered.
    there: AtomicBool,
    warned: Mutex<HashSet<String>>,
}

/// Those who show nothing.
pub(crate) struct Strangers {
    pub(crate) identity: Identity,
    /// The repositories that they may read although a login for them was refused.
    pub(crate) welcome: Mutex<HashSet<RepositoryName>>,
}

/// How a registry knows its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// It doesn't: everybody may do everything, or at least look in.
    Open,
    /// By user name and password with each request.
    Basic,
    /// By tokens of a token service.
    Bearer,
}

impl Client {
    /// Sets up a client. Reads the files that the options name.
    pub fn new(options: Options, credentials: Arc<dyn CredentialSource>) -> Result<Self> {
        let transport = Arc::new(Transport::new(options)?);
        let registries = Mutex::default();
        Ok(Self { inner: Arc::new(Inner { transport, source: credentials, registries }) })
    }

    /// The options that it was set up with.
    pub fn options(&self) -> &Options {
        &self.inner.transport.options
    }

    /// A registry. Nothing is sent yet.
    pub fn registry(&self, host: &Host) -> Result<Registry> {
        let mut registries = lock(&self.inner.registries);
        if let Some(state) = registries.get(host) {
            return Ok(Registry { client: self.clone(), state: Arc::clone(state) });
        }
        let state = Arc::new(self.state(host)?);
        registries.insert(host.clone(), Arc::clone(&state));
        Ok(Registry { client: self.clone(), state })
    }

    fn state(&self, host: &Host) -> Result<State> {
        let options = self.options();
        let scheme = if options.plain_http { "http" } else { "https" };
        let base = Url::parse(&format!("{scheme}://{}/", host.api()));
        let base = base.map_err(|error| Error::setup(format!("invalid registry {host}: {error}")))?;
        let source = Arc::clone(&self.inner.source);
        let most = options.parallelism.max(1);
        let identity = Identity::new(host.clone(), base.clone(), source, options.trusted_realms.clone());
        let nobody = identity.with_source(Arc::new(StaticCredential::anonymous()));
        Ok(State {
            host: host.clone(),
            base,
            identity,
            strangers: Strangers { identity: nobody, welcome: Mutex::default() },
            requests: Semaphore::new(most),
            transfers: Semaphore::new(most),
            there: AtomicBool::new(false),
            warned: Mutex::default(),
        })
    }

    /// The repository of a location.
    pub fn repository(&self, location: &Location) -> Result<Repository> {
        Ok(self.registry(&location.host)?.repository(&location.repository))
    }
}

impl Registry {
    /// Its name as it was given.
    pub fn host(&self) -> &Host {
        &self.state.host
    }

    /// One of its repositories, which need not exist.
    pub fn repository(&self, name: &RepositoryName) -> Repository {
        Repository::new(self.clone(), name.clone())
    }

    /// Checks that it answers, with the stored credential if it asks for one.
    pub async fn ping(&self) -> Result<Scheme> {
        self.look_in(self.identity()).await
    }

    /// Checks a credential the way a login does: gets a token without any rights where there is a
    /// token service, then looks whether the registry lets us in with it.
    ///
    /// Fails with [`Error::Unauthorized`] and the server's own words if the credential is wrong. A
    /// registry without authentication takes any.
    pub async fn login(&self, credential: &Credential) -> Result<Scheme> {
        let source = Arc::new(StaticCredential(credential.clone()));
        let scheme = self.look_in(&self.identity().with_source(source)).await;
        scheme.map_err(|error| match error {
            Error::Unauthorized { answer, shown: true, .. } => {
                Error::Unauthorized { answer, shown: true, wrong: true }
            }
            other => other,
        })
    }

    async fn look_in(&self, identity: &Identity) -> Result<Scheme> {
        let mut call = Call::new(Method::GET, self.url("v2/"), Scopes::none(), Subject::registry());
        call.ping = true;
        let incoming = self.send_as(identity, &call).await?;
        if !incoming.status.is_success() {
            return Err(crate::exchange::refusal(incoming, &call.subject).await);
        }
        Ok(match identity.challenge() {
            None => Scheme::Open,
            Some(Challenge::Basic) => Scheme::Basic,
            Some(Challenge::Bearer(_)) => Scheme::Bearer,
        })
    }

    /// Whether the two share their connections and their turns.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }

    pub(crate) fn options(&self) -> &Options {
        self.client.options()
    }

    pub(crate) fn transport(&self) -> &Arc<Transport> {
        &self.client.inner.transport
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.state.identity
    }

    pub(crate) fn strangers(&self) -> &Strangers {
        &self.state.strangers
    }

    pub(crate) fn base(&self) -> &Url {
        &self.state.base
    }

    /// An address below the registry's root. The path is made of names that were parsed.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.state.base.clone();
        url.set_path(path);
        url
    }

    /// Waits until there are few enough requests under way.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        self.state.requests.acquire().await.ok()
    }

    /// Waits until there are few enough whole downloads under way.
    pub(crate) async fn transfer(&self) -> Option<SemaphorePermit<'_>> {
        self.state.transfers.acquire().await.ok()
    }

    pub(crate) fn note_answer(&self) {
        self.state.there.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_there(&self) -> bool {
        self.state.there.load(Ordering::Relaxed)
    }

    /// Passes on a warning, once.
    pub(crate) fn warn(&self, text: &str) {
        let mut warned = lock(&self.state.warned);
        // A registry can't make us remember without end.
        if warned.len() < 100 && warned.insert(text.to_owned()) {
            self.options().observer.warning(self.state.host.as_str(), text);
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("options", self.options()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({})", self.state.base)
    }
}
