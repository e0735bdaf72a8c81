//! Stored credentials: where Helm, Docker and podman keep logins, and the programs that keep
//! them for these.
//!
//! Helm's file comes first, and is the only one that is ever written; then what the variable
//! `DOCKER_AUTH_CONFIG` holds, as pipelines have it, then Docker's file, then podman's. Within a file, a login for a path of the repository (`ghcr.io/org`) wins, the
//! longest first; then what is there for the host: its own helper (`credHelpers`), the common
//! helper (`credsStore`), its entry in `auths`. The first that has a credential is taken; a file
//! that can't be understood is an error, not skipped, or a typing error would look like a
//! missing login.
//!
//! Nothing is read before somebody asks for a credential, and each file and each helper is
//! asked once. What a credential is used for is left to the rest of this crate.

mod credential_helper;
mod entry;
mod error;
mod file;
mod json;
mod login;
mod places;
mod target;
mod write;

#[cfg(all(test, unix))]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chartroom_oci::RepositoryName;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use crate::credential::{Credential, CredentialError, CredentialSource, Secret};

pub use error::{Error, Result};
pub use login::Login;
pub use target::{LoginTarget, LoginTargetError};

use credential_helper::{Helper, Helpers};
use file::{CredentialFile, Step};
use places::Places;

/// The logins that are stored for a user.
#[derive(Debug)]
pub struct Store {
    places: Places,
    files: Vec<Slot>,
    helpers: Helpers,
}

/// A file that is read when it is first needed, or what stands in for one.
#[derive(Debug)]
struct Slot {
    origin: Origin,
    loaded: Mutex<Option<Arc<CredentialFile>>>,
}

enum Origin {
    File(PathBuf),
    /// The text of a variable, which holds secrets.
    Variable(Secret),
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Variable(_) => f.write_str("Variable"),
        }
    }
}

/// What stands for a variable where files have their path.
const VARIABLE: &str = "$DOCKER_AUTH_CONFIG";

/// Where a login is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavedWhere {
    /// In a file, readable for whoever may read the file.
    File(PathBuf),
    /// With a credential helper.
    Helper {
        /// The program, such as `docker-credential-pass`.
        program: String,
        /// The file that names it.
        file: PathBuf,
    },
}

/// A credential, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What to show to the registry; never [`Credential::Anonymous`].
    pub credential: Credential,
    /// Who keeps it: for messages, when the registry doesn't take it.
    pub place: SavedWhere,
}

impl Store {
    /// The store that these environment variables lead to: `HELM_REGISTRY_CONFIG`,
    /// `HELM_CONFIG_HOME`, `DOCKER_AUTH_CONFIG` (the text of a file, not its path), `DOCKER_CONFIG`, `REGISTRY_AUTH_FILE`, `XDG_CONFIG_HOME`,
    /// `XDG_RUNTIME_DIR`, `HOME`, and `PATH` for credential helpers. Empty ones count as unset.
    /// `explicit`, if given, takes the place of Helm's file. Nothing is read yet.
    pub fn from_environment(env: &dyn Fn(&str) -> Option<OsString>, explicit: Option<PathBuf>) -> Self {
        let places = Places::from_environment(env, explicit, cfg!(target_os = "macos"));
        let slot = |origin| Slot { origin, loaded: Mutex::default() };
        let mut files: Vec<Slot> =
            places.all().into_iter().map(|path| slot(Origin::File(path.to_owned()))).collect();
        if let Some(text) = env("DOCKER_AUTH_CONFIG").filter(|text| !text.is_empty()) {
            let text = Secret::new(text.to_string_lossy().into_owned());
            files.insert(usize::from(places.own.is_some()), slot(Origin::Variable(text)));
        }
        Self { places, files, helpers: Helpers::new(env("PATH")) }
    }

    /// The credential for a repository of a registry, or for the registry as a whole, and who
    /// keeps it; nothing if there is none.
    pub async fn find(&self, host: &str, repository: Option<&RepositoryName>) -> Result<Option<Found>> {
        let host = target::canonical(host);
        for slot in &self.files {
            let file = slot.load().await?;
            let steps = file.document()?.steps(&host, repository.map(RepositoryName::as_str));
            for step in steps {
                let (credential, place) = match step {
                    Step::Entry(key) => (file.credential(&key)?, SavedWhere::File(file.path.clone())),
                    Step::Helper { name, key } => {
                        let helper = Helper { name: &name, file: &file.path };
                        (self.helpers.get(helper, &key).await?, SavedWhere::helper(helper))
                    }
                };
                if !credential.is_anonymous() {
                    return Ok(Some(Found { credential, place }));
                }
            }
        }
        Ok(None)
    }
}

impl CredentialSource for Store {
    fn credential<'a>(
        &'a self,
        host: &'a str,
        repository: Option<&'a RepositoryName>,
    ) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        Box::pin(async move {
            let found = self.find(host, repository).await?;
            Ok(found.map(|found| found.credential).unwrap_or_default())
        })
    }
}

impl SavedWhere {
    fn helper(helper: Helper<'_>) -> Self {
        Self::Helper { program: helper.program(), file: helper.file.to_owned() }
    }
}

impl std::fmt::Display for SavedWhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Helper { program, file } => write!(f, "{program} (named in {})", file.display()),
        }
    }
}

impl CredentialFile {
    /// The credential in an entry of `auths`.
    fn credential(&self, key: &str) -> Result<Credential> {
        let document = self.document()?;
        let Some(json) = document.entry(key) else { return Ok(Credential::Anonymous) };
        entry::decode(json).map_err(|message| Error::Entry {
            path: self.path.clone(),
            key: key.to_owned(),
            message,
        })
    }
}

impl Slot {
    async fn load(&self) -> Result<Arc<CredentialFile>> {
        let mut loaded = self.loaded.lock().await;
        if let Some(file) = &*loaded {
            return Ok(Arc::clone(file));
        }
        let file = match &self.origin {
            Origin::File(path) => {
                let path = path.clone();
                blocking(move || CredentialFile::load(&path)).await?
            }
            Origin::Variable(text) => CredentialFile::given(Path::new(VARIABLE), text.expose())?,
        };
        let file = Arc::new(file);
        *loaded = Some(Arc::clone(&file));
        Ok(file)
    }
}

/// Does what blocks where nobody waits for it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Interrupted)?
}
