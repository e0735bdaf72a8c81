//! What users can do about an error: the row of the table that fits, and what is filled into it.

mod table;

use reqwest::Url;
use table::Kind::{self, NoLogin, NoRepository, NotAllowed, NotFound, Refused, TooMany, WrongLogin};
use table::Owner::{self, Any, Azure, DockerHub, Ecr, EcrPublic, GitHub, GitLab, Google};
use table::{Row, TABLE};

use crate::error::Error;

/// What the user can do, where that is known. May have several lines.
pub(crate) fn remedy(error: &Error) -> Option<String> {
    if let Error::Credential(error) = error {
        return error.hint().map(str::to_owned);
    }
    let kind = kind(error)?;
    let place = Place::of(error);
    let said = error.to_string().to_lowercase();
    let fits = |row: &&Row| {
        (row.owner == Any || row.owner == place.owner)
            && (row.kinds.is_empty() || row.kinds.contains(&kind))
            && (row.says.is_empty() || row.says.iter().any(|words| said.contains(words)))
    };
    let row = TABLE.iter().find(fits)?;
    let wait = match error {
        Error::RateLimited { retry_after: Some(wait), .. } => {
            format!("; wait {} seconds, then try again", wait.as_secs().max(1))
        }
        _ => "; wait a while, then try again".to_owned(),
    };
    let filled = row.hint.replace("{host}", &place.host).replace("{repository}", &place.repository);
    Some(filled.replace("{region}", &place.region).replace("{wait}", &wait))
}

fn kind(error: &Error) -> Option<Kind> {
    Some(match error {
        Error::Unauthorized { wrong: true, .. } => WrongLogin,
        Error::Unauthorized { shown: false, .. } => NoLogin,
        Error::Unauthorized { .. } | Error::Denied(_) => NotAllowed,
        Error::NameUnknown { .. } => NoRepository,
        Error::NotFound { .. } => NotFound,
        Error::RateLimited { .. } => TooMany,
        Error::Unreachable { connected: false, .. } => Kind::NoConnection,
        Error::Unreachable { .. } => Kind::BrokenConnection,
        Error::Tls { problem, .. } => Kind::Tls(*problem),
        Error::RealmRefused { .. } => Kind::RealmRefused,
        Error::DigestMismatch { .. } | Error::SizeMismatch { .. } => Kind::Altered,
        Error::Registry(answer) if answer.status.is_server_error() => Kind::Failed,
        Error::Registry(_) => Refused,
        _ => return None,
    })
}

/// Where it went wrong, as the request's address tells.
struct Place {
    owner: Owner,
    host: String,
    repository: String,
    region: String,
}

impl Place {
    fn of(error: &Error) -> Self {
        let url = match error {
            Error::Unreachable { url, .. } | Error::Tls { url, .. } => Some(url.as_str()),
            _ => error.answer().map(|answer| answer.url.as_str()),
        };
        let url = url.and_then(|url| Url::parse(url).ok());
        let name = url.as_ref().and_then(Url::host_str).unwrap_or("HOST").to_ascii_lowercase();
        let port = url.as_ref().and_then(Url::port).map(|port| format!(":{port}")).unwrap_or_default();
        let owner = owner(&name);
        let host = match (owner, name.as_str()) {
            (DockerHub, _) => "docker.io".to_owned(),
            (GitLab, "gitlab.com") => "registry.gitlab.com".to_owned(),
            _ => format!("{name}{port}"),
        };
        let region = name.split('.').skip_while(|part| !part.starts_with("ecr") && *part != "dkr-ecr").nth(1);
        let region = region.unwrap_or("REGION").to_owned();
        let repository = url.as_ref().and_then(repository).unwrap_or_else(|| "the repository".to_owned());
        Self { owner, host, repository, region }
    }
}

fn owner(host: &str) -> Owner {
    let below = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    if below("docker.io") {
        DockerHub
    } else if host == "public.ecr.aws" {
        EcrPublic
    } else if host.contains(".dkr.ecr") || host.contains(".dkr-ecr.") {
        Ecr
    } else if below("pkg.dev") || below("gcr.io") {
        Google
    } else if ["azurecr.io", "azurecr.cn", "azurecr.us", "azurecr.de"].into_iter().any(below) {
        Azure
    } else if below("ghcr.io") {
        GitHub
    } else if below("gitlab.com") {
        GitLab
    } else {
        Any
    }
}

/// The repository in `/v2/NAME/…`, or in the scope of a request for a token.
fn repository(url: &Url) -> Option<String> {
    if let Some(rest) = url.path().strip_prefix("/v2/") {
        let end =
            ["/manifests/", "/blobs/", "/tags/", "/referrers/"].iter().find_map(|part| rest.find(part))?;
        return Some(rest[..end].to_owned());
    }
    let scope = url.query_pairs().find(|(key, _)| key == "scope")?.1.into_owned();
    Some(scope.strip_prefix("repository:")?.rsplit_once(':')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::TlsProblem;

    #[test]
    fn owners_are_known_by_their_names() {
        for (host, expected) in [
            ("registry-1.docker.io", DockerHub),
            ("auth.docker.io", DockerHub),
            ("notdocker.io", Any),
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", Ecr),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", Ecr),
            ("public.ecr.aws", EcrPublic),
            ("europe-docker.pkg.dev", Google),
            ("eu.gcr.io", Google),
            ("team.azurecr.io", Azure),
            ("ghcr.io", GitHub),
            ("registry.gitlab.com", GitLab),
            ("127.0.0.1", Any),
        ] {
            assert_eq!(owner(host), expected, "{host}");
        }
    }

    #[test]
    fn what_happens_without_an_answer_has_its_remedy_too() {
        let url = || "https://registry.example.com:5000/v2/a/b/manifests/1".to_owned();
        let tls =
            |problem| Error::Tls { method: reqwest::Method::GET, url: url(), problem, reason: String::new() };
        let broken = |connected| Error::Unreachable {
            method: reqwest::Method::GET,
            url: url(),
            reason: String::new(),
            connected,
        };
        let refused = Error::RealmRefused { registry: url(), realm: url(), reason: "is far away" };
        for (error, expected) in [
            (tls(TlsProblem::NotTls), "--plain-http"),
            (tls(TlsProblem::UnknownAuthority), "--ca-file"),
            (tls(TlsProblem::WrongName), "name that the registry's certificate is for"),
            (tls(TlsProblem::NotValidNow), "check the clock"),
            (tls(TlsProblem::ClientCertificate), "--cert-file FILE --key-file FILE"),
            (broken(false), "name and port"),
            (broken(true), "try again"),
            (refused, "allow its host"),
            (Error::SizeMismatch { what: "a blob", expected: 1, found: 2 }, "do not use it"),
        ] {
            let hint = remedy(&error);
            assert!(hint.as_deref().is_some_and(|hint| hint.contains(expected)), "{error:?}: {hint:?}");
        }
        assert_eq!(remedy(&tls(TlsProblem::Other)), None);
        let Place { host, repository, .. } = Place::of(&broken(true));
        assert_eq!((host.as_str(), repository.as_str()), ("registry.example.com:5000", "a/b"));
    }

    #[test]
    fn rows_for_all_hide_no_row_after_them() {
        for (at, row) in TABLE.iter().enumerate() {
            let hides = |before: &Row| {
                let contained = row.kinds.iter().all(|kind| before.kinds.contains(kind));
                let kinds = before.kinds.is_empty() || (!row.kinds.is_empty() && contained);
                (before.owner == Any || before.owner == row.owner) && before.says.is_empty() && kinds
            };
            assert!(!TABLE[..at].iter().any(hides), "{:?} {:?} {:?}", row.owner, row.kinds, row.says);
        }
    }
}
