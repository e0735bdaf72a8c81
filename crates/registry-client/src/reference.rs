//! Where something is: `oci://host[:port]/path/name[:tag][@digest]`, as people write it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use chartroom_oci::{Digest, DigestError, Reference, RepositoryName, RepositoryNameError, Tag, TagError};

/// The scheme that references to registries begin with.
pub const SCHEME: &str = "oci://";

/// A registry's name as it is written in references: a DNS name or an address, with a port
/// if it is not the scheme's own. In lower case; cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(Arc<str>);

/// Why a text doesn't say where something is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// It has another scheme, or none.
    #[error("a reference to a registry begins with oci://")]
    Scheme,
    /// There is no host.
    #[error("the reference names no registry: write oci://HOST/REPOSITORY")]
    NoHost,
    /// What stands for the host is none.
    #[error("invalid registry {0:?}: write HOST or HOST:PORT")]
    Host(String),
    /// The host has a user's name, and perhaps a password, before it.
    #[error("a reference holds no user name or password")]
    UserInfo,
    /// There is a host, and nothing after it.
    #[error("invalid reference: missing registry or repository")]
    NoRepository,
    /// The path is no repository's name.
    #[error("invalid reference: invalid repository {name:?}")]
    Repository {
        /// What was written.
        name: String,
        /// What is wrong with it.
        reason: RepositoryNameError,
    },
    /// What follows the `:` is no tag.
    #[error("invalid reference: invalid tag {tag:?}")]
    Tag {
        /// What was written.
        tag: String,
        /// What is wrong with it.
        reason: TagError,
    },
    /// What follows the `@` is no digest.
    #[error("invalid reference: invalid digest {digest:?}: {}", in_gos_words(*reason))]
    Digest {
        /// What was written.
        digest: String,
        /// What is wrong with it.
        reason: DigestError,
    },
}

impl LocationError {
    /// What would be right, where the error doesn't say it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoRepository => Some(format!("write {SCHEME}HOST/REPOSITORY")),
            Self::Repository { reason, .. } => Some(reason.to_string()),
            Self::Tag { reason, .. } => Some(reason.to_string()),
            Self::Digest { reason, .. } => Some(reason.to_string()),
            _ => None,
        }
    }
}

/// What the library that Helm uses says of a digest.
fn in_gos_words(error: DigestError) -> &'static str {
    match error {
        DigestError::UnsupportedAlgorithm => "unsupported digest algorithm",
        DigestError::Length(_) => "invalid checksum digest length",
        _ => "invalid checksum digest format",
    }
}

impl Host {
    /// The name as it is written, `docker.io` for instance.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that requests go to: `registry-1.docker.io` for Docker Hub's other names.
    pub fn api(&self) -> &str {
        if matches!(self.as_str(), "docker.io" | "index.docker.io") {
            "registry-1.docker.io"
        } else {
            &self.0
        }
    }

    /// Whether this is Docker Hub, under any of its names.
    pub fn is_docker_hub(&self) -> bool {
        self.api() == "registry-1.docker.io"
    }

    /// The name without the port, and without the brackets of an IPv6 address.
    pub fn name(&self) -> &str {
        split_port(&self.0).map_or(&*self.0, |(name, _)| name)
    }

    /// The port, where one is written.
    pub fn port(&self) -> Option<u16> {
        split_port(&self.0).and_then(|(_, port)| port)
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.name())
    }
}

/// Whether a host (without a port) is this machine, going by its name alone.
pub(crate) fn is_loopback(name: &str) -> bool {
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The host without brackets, and the port; nothing if it is not of that form.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (address, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        },
    };
    match port {
        None => Some((name, None)),
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let port = digits.parse::<u16>().ok().filter(|port| *port != 0)?;
            Some((name, Some(port)))
        }
        Some(_) => None,
    }
}

fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A name whose last label is a number is taken for an IPv4 address by all who resolve it.
    let numeric = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= 253 && text.split('.').all(label) && (!numeric || text.parse::<Ipv4Addr>().is_ok())
}

impl FromStr for Host {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        if text.is_empty() {
            return Err(LocationError::NoHost);
        }
        if text.contains('@') {
            return Err(LocationError::UserInfo);
        }
        let error = || LocationError::Host(text.to_owned());
        let (name, _) = split_port(text).ok_or_else(error)?;
        if text.starts_with('[') || is_name(name) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(error())
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The parts of a reference before they are understood: for callers to whom some of them
/// mean more than to a registry, such as a version within a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The registry.
    pub host: Host,
    /// What stands between the host and the tag, without the slashes at its ends. May be empty.
    pub path: &'a str,
    /// What follows the last `:`, where that is not part of the path.
    pub tag: Option<&'a str>,
    /// What follows the last `@`.
    pub digest: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Takes a reference apart. Only the host is checked.
    pub fn parse(text: &'a str) -> Result<Self, LocationError> {
        let rest = text.strip_prefix(SCHEME).ok_or(LocationError::Scheme)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.parse()?;
        let (path, digest) = match path.rsplit_once('@') {
            Some((path, digest)) => (path, Some(digest)),
            None => (path, None),
        };
        let (path, tag) = match path.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (path, None),
        };
        Ok(Self { host, path: path.trim_end_matches('/'), tag, digest })
    }

    /// The repository that the path names: with `library/` before a name of one component
    /// where Docker puts it.
    pub fn repository(&self) -> Result<RepositoryName, LocationError> {
        if self.path.is_empty() {
            return Err(LocationError::NoRepository);
        }
        let library =
            matches!(self.host.as_str(), "docker.io" | "index.docker.io") && !self.path.contains('/');
        let name = if library { format!("library/{}", self.path) } else { self.path.to_owned() };
        name.parse().map_err(|reason| LocationError::Repository { name: self.path.to_owned(), reason })
    }
}

/// A repository of a registry, and mostly something in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The registry.
    pub host: Host,
    /// The repository.
    pub repository: RepositoryName,
    /// The tag, if one is named.
    pub tag: Option<Tag>,
    /// The digest, if one is named. With a tag beside it, it is what the tag has to name.
    pub digest: Option<Digest>,
}

impl Location {
    /// What to ask the registry for: the digest if there is one, else the tag.
    pub fn reference(&self) -> Option<Reference> {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => Some(Reference::Digest(*digest)),
            (None, Some(tag)) => Some(Reference::Tag(tag.clone())),
            (None, None) => None,
        }
    }
}

impl TryFrom<&Parts<'_>> for Location {
    type Error = LocationError;

    fn try_from(parts: &Parts<'_>) -> Result<Self, LocationError> {
        let tag = |tag: &str| {
            tag.parse::<Tag>().map_err(|reason| LocationError::Tag { tag: tag.to_owned(), reason })
        };
        let digest = |digest: &str| {
            let digest_error = |reason| LocationError::Digest { digest: digest.to_owned(), reason };
            digest.parse::<Digest>().map_err(digest_error)
        };
        Ok(Self {
            host: parts.host.clone(),
            repository: parts.repository()?,
            tag: parts.tag.map(tag).transpose()?,
            digest: parts.digest.map(digest).transpose()?,
        })
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        Self::try_from(&Parts::parse(text)?)
    }
}

/// Without the scheme, the way clients print references.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{self}")
    }
}

#[cfg(test)]
#[path = "reference/tests.rs"]
mod tests;
