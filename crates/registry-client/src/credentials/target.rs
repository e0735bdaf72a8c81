//! What a login is for: a registry, or a part of it; and how credential files spell that.

use std::fmt;
use std::str::FromStr;

use chartroom_oci::RepositoryName;

/// What files and helpers call Docker Hub. Docker, Helm and podman all read it.
const HUB_KEY: &str = "https://index.docker.io/v1/";
/// The one name that we compare Docker Hub's by.
const HUB: &str = "docker.io";
const HUB_ALIASES: [&str; 3] = [HUB, "index.docker.io", "registry-1.docker.io"];

/// What a login is for: a registry (`ghcr.io`, `localhost:5000`), or all repositories below
/// one path of it (`ghcr.io/org`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginTarget {
    host: String,
    path: Option<RepositoryName>,
}

/// Why a text is not something to log in to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginTargetError {
    /// It starts with `https://`, `oci://` or the like.
    #[error("`{given}` has a scheme, which a login doesn't; leave it at `{without}`")]
    Scheme {
        /// The text.
        given: String,
        /// The text without its scheme.
        without: String,
    },
    /// What stands before the first `/` is no host.
    #[error("`{}` is not a registry's host name, with its port if it has one", .0.escape_debug())]
    Host(String),
    /// What stands after the first `/` names no part of a registry.
    #[error("`{}` is not a path in a registry: {source}", path.escape_debug())]
    Path {
        /// The path.
        path: String,
        /// Why not.
        source: chartroom_oci::RepositoryNameError,
    },
}

impl LoginTarget {
    /// The registry's host, with its port if it has one. All names of Docker Hub are `docker.io`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path below which the login holds; all of the registry if there is none.
    pub fn path(&self) -> Option<&RepositoryName> {
        self.path.as_ref()
    }

    /// The key under which credential files and helpers keep the login.
    pub fn key(&self) -> String {
        if self.path.is_none() && self.host == HUB { HUB_KEY.to_owned() } else { self.to_string() }
    }

    /// What a key of a credential file stands for: hosts may come with a scheme and what
    /// Docker appended to it (`https://HOST/v1/`, `http://HOST`, `HOST/`), paths only without.
    pub(super) fn from_key(key: &str) -> Option<Self> {
        let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://"));
        let (host, path) = split(bare.unwrap_or(key));
        let path = path.strip_suffix('/').unwrap_or(path);
        let path = match path {
            "" | "v1" | "v2" => None,
            _ if bare.is_some() => None,
            _ => Some(path.parse().ok()?),
        };
        is_host(host).then(|| Self { host: canonical(host), path })
    }

    /// How many characters of the repository's name the login's path covers, if the login holds
    /// for it at all.
    pub(super) fn covers(&self, host: &str, repository: &str) -> Option<usize> {
        let path = self.path.as_ref()?.as_str();
        let rest = repository.strip_prefix(path)?;
        (self.host == host && (rest.is_empty() || rest.starts_with('/'))).then_some(path.len())
    }
}

impl FromStr for LoginTarget {
    type Err = LoginTargetError;

    fn from_str(text: &str) -> Result<Self, LoginTargetError> {
        if let Some((_, without)) = text.split_once("://") {
            let without = LoginTarget::from_key(text)
                .map_or_else(|| without.trim_end_matches('/').to_owned(), |target| target.to_string());
            return Err(LoginTargetError::Scheme { given: text.to_owned(), without });
        }
        let (host, path) = split(text);
        if !is_host(host) {
            return Err(LoginTargetError::Host(host.to_owned()));
        }
        let path = match path.strip_suffix('/').unwrap_or(path) {
            "" => None,
            path => Some(
                path.parse().map_err(|source| LoginTargetError::Path { path: path.to_owned(), source })?,
            ),
        };
        Ok(Self { host: canonical(host), path })
    }
}

impl fmt::Display for LoginTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.path.as_ref().map_or(Ok(()), |path| write!(f, "/{}", path.as_str()))
    }
}

/// The name to compare a host by: in lower case, and one for all of Docker Hub's.
pub(super) fn canonical(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if HUB_ALIASES.contains(&host.as_str()) { HUB.to_owned() } else { host }
}

fn split(text: &str) -> (&str, &str) {
    text.split_once('/').unwrap_or((text, ""))
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rfind(']') {
        // An IPv6 address has colons of its own.
        Some(end) => host.split_at(end + 1),
        None => host.find(':').map_or((host, ""), |colon| host.split_at(colon)),
    };
    let name_holds = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => {
            address.contains(':')
                && address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.%".contains(&byte))
        }
        None => {
            name.starts_with(|first: char| first.is_ascii_alphanumeric())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        }
    };
    let port_holds =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    name_holds && port_holds
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn target(text: &str) -> LoginTarget {
        text.parse().unwrap()
    }

    #[test]
    fn what_one_can_log_in_to() {
        for (text, shown, key) in [
            ("ghcr.io", "ghcr.io", "ghcr.io"),
            ("GHCR.io/", "ghcr.io", "ghcr.io"),
            ("ghcr.io/org/team", "ghcr.io/org/team", "ghcr.io/org/team"),
            ("localhost:5000", "localhost:5000", "localhost:5000"),
            ("[::1]:5000", "[::1]:5000", "[::1]:5000"),
            ("docker.io", "docker.io", "https://index.docker.io/v1/"),
            ("registry-1.docker.io", "docker.io", "https://index.docker.io/v1/"),
            ("index.docker.io", "docker.io", "https://index.docker.io/v1/"),
            ("docker.io/org", "docker.io/org", "docker.io/org"),
        ] {
            assert_eq!(target(text).to_string(), shown);
            assert_eq!(target(text).key(), key);
        }
    }

    #[test]
    fn what_one_cannot() {
        for text in ["", "/org", "a b", "host:port", "host:99999", "[::1", "-x", "user@host", "ho\nst", "[]"]
        {
            assert!(matches!(text.parse::<LoginTarget>(), Err(LoginTargetError::Host(_))), "{text:?}");
        }
        assert!(matches!("ghcr.io/Org".parse::<LoginTarget>(), Err(LoginTargetError::Path { .. })));
        for (text, remedy) in [
            ("https://ghcr.io/", "ghcr.io"),
            ("oci://ghcr.io/org", "ghcr.io/org"),
            ("https://index.docker.io/v1/", "docker.io"),
        ] {
            let error = text.parse::<LoginTarget>().unwrap_err();
            assert!(
                matches!(&error, LoginTargetError::Scheme { without, .. } if without == remedy),
                "{error}"
            );
        }
    }

    #[test]
    fn what_keys_of_files_stand_for() {
        for (key, means) in [
            ("https://index.docker.io/v1/", Some("docker.io")),
            ("index.docker.io/v1/", Some("docker.io")),
            ("http://localhost:5000", Some("localhost:5000")),
            ("https://ghcr.io/v2/", Some("ghcr.io")),
            ("https://ghcr.io/some/path", Some("ghcr.io")),
            ("ghcr.io/", Some("ghcr.io")),
            ("ghcr.io/org/", Some("ghcr.io/org")),
            ("Quay.IO", Some("quay.io")),
            ("", None),
            ("https://", None),
        ] {
            let target = LoginTarget::from_key(key).map(|target| target.to_string());
            assert_eq!(target.as_deref(), means, "{key}");
        }
    }

    #[test]
    fn a_path_covers_whole_components() {
        let login = target("ghcr.io/org/team");
        assert_eq!(login.covers("ghcr.io", "org/team/chart"), Some(8));
        assert_eq!(login.covers("ghcr.io", "org/team"), Some(8));
        assert_eq!(login.covers("ghcr.io", "org/teams"), None);
        assert_eq!(login.covers("ghcr.io", "org"), None);
        assert_eq!(login.covers("quay.io", "org/team"), None);
    }
}
