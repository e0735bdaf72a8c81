//! Who belongs together: where a credential may go, and where it may not.

use std::net::IpAddr;

use reqwest::Url;

use crate::reference::is_loopback;

/// Token services that belong to registries of another name.
const PAIRS: [(&str, &str); 2] = [("docker.io", "auth.docker.io"), ("scw.cloud", "api.scaleway.com")];

/// Names under which strangers have names of their own, beyond those of countries (`co.uk`).
const SHARED: [&str; 16] = [
    "amazonaws.com",
    "azurecr.cn",
    "azurecr.io",
    "azurecr.us",
    "cloudfront.net",
    "cr.aliyuncs.com",
    "dkr.ecr",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "jfrog.io",
    "pages.dev",
    "pkg.dev",
    "run.app",
    "workers.dev",
];

/// Whether two addresses are the same server: scheme, host and port.
pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
}

/// Why a token service may not be asked, to be read after "which"; nothing if it may.
///
/// `secret` says whether a credential would be sent. `trusted` are hosts that the user allows.
pub(crate) fn refuse_realm(
    registry: &Url,
    realm: &Url,
    secret: bool,
    trusted: &[String],
) -> Option<&'static str> {
    let (Some(own), Some(host)) = (registry.host_str(), realm.host_str()) else {
        return Some("has no host");
    };
    match realm.scheme() {
        "https" => {}
        "http" if registry.scheme() == "http" => {}
        "http" => return Some("is not encrypted while the registry is"),
        _ => return Some("is no address of a web server"),
    }
    if !realm.username().is_empty() || realm.password().is_some() {
        return Some("has a user name in its address");
    }
    if own == host || trusted.iter().any(|trusted| trusted.eq_ignore_ascii_case(host)) {
        return None;
    }
    if is_inside(host) && !is_inside(own) {
        return Some("is within a private network that the registry isn't in");
    }
    if secret && !same_site(own, host) {
        return Some("belongs to another site, so your login is not sent there");
    }
    None
}

/// Whether a redirect may be followed; why not, to be read after "which".
pub(crate) fn refuse_redirect(from: &Url, to: &Url) -> Option<&'static str> {
    let (Some(own), Some(host)) = (from.host_str(), to.host_str()) else {
        return Some("has no host");
    };
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return Some("is not encrypted while the registry is"),
        _ => return Some("is no address of a web server"),
    }
    if own != host && is_inside(host) && !is_inside(own) {
        return Some("is within a private network that the registry isn't in");
    }
    None
}

/// Whether a host is, by its own account, this machine or one in a private network.
fn is_inside(host: &str) -> bool {
    let name = host.trim_start_matches('[').trim_end_matches(']');
    match name.parse() {
        Ok(IpAddr::V4(v4)) => {
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified()
        }
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => is_inside(&v4.to_string()),
            None => {
                v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
            }
        },
        Err(_) => is_loopback(name),
    }
}

/// Whether two names belong to the same people, as far as names can tell.
fn same_site(own: &str, other: &str) -> bool {
    if own == other {
        return true;
    }
    let below = |name: &str, parent: &str| {
        name == parent || name.strip_suffix(parent).is_some_and(|front| front.ends_with('.'))
    };
    let known = PAIRS.iter().any(|(registry, realm)| below(own, registry) && other == *realm);
    if known {
        return true;
    }
    if own.parse::<IpAddr>().is_ok() || other.parse::<IpAddr>().is_ok() || own.starts_with('[') {
        return false;
    }
    // `registry.example.com` trusts `example.com` and what is below it, `example.com` what is
    // below itself.
    let parent = own.split_once('.').map_or(own, |(_, parent)| parent);
    let site = if is_shared(parent) { own } else { parent };
    !is_shared(site) && below(other, site)
}

/// Whether everybody can have a name under this one.
fn is_shared(name: &str) -> bool {
    let labels = name.split('.').collect::<Vec<_>>();
    let second_level =
        ["ac", "co", "com", "edu", "gov", "go", "gob", "net", "ne", "nom", "org", "or", "gr", "ltd"];
    match labels.as_slice() {
        [_] => true,
        [second, country] if country.len() == 2 && second_level.contains(second) => true,
        _ => SHARED.iter().any(|shared| name == *shared || name.ends_with(&format!(".{shared}"))),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn refused(registry: &str, realm: &str, secret: bool) -> bool {
        let url = |text: &str| Url::parse(text).unwrap();
        refuse_realm(&url(registry), &url(realm), secret, &["sso.trusted.test".to_owned()]).is_some()
    }

    #[test]
    fn a_login_goes_to_its_own_site_only() {
        for (registry, realm) in [
            ("https://ghcr.io/v2/", "https://ghcr.io/token"),
            ("https://registry-1.docker.io/v2/", "https://auth.docker.io/token"),
            ("https://registry.gitlab.com/v2/", "https://gitlab.com/jwt/auth"),
            ("https://registry.example.co.uk/v2/", "https://auth.example.co.uk/t"),
            ("https://example.com/v2/", "https://auth.example.com/t"),
            ("https://rg.fr-par.scw.cloud/v2/", "https://api.scaleway.com/x"),
            ("https://registry.corp.test:5000/v2/", "https://registry.corp.test:5001/auth"),
            ("https://10.0.0.1/v2/", "https://10.0.0.1:8443/auth"),
            ("http://127.0.0.1:5000/v2/", "http://127.0.0.1:5001/auth"),
            ("https://registry.example.com/v2/", "https://sso.trusted.test/t"),
        ] {
            assert!(!refused(registry, realm, true), "{registry} {realm}");
        }
        for (registry, realm) in [
            ("https://registry.example.com/v2/", "https://evil.test/token"),
            ("https://registry.example.com/v2/", "https://badexample.com/token"),
            ("https://example.co.uk/v2/", "https://evil.co.uk/token"),
            ("https://example.com/v2/", "https://evil.com/token"),
            ("https://mine.azurecr.io/v2/", "https://yours.azurecr.io/token"),
            ("https://1.dkr.ecr.us-east-1.amazonaws.com/v2/", "https://evil.us-east-1.amazonaws.com/t"),
            ("https://10.0.0.1/v2/", "https://10.0.0.2/token"),
            ("https://docker.io.evil.test/v2/", "https://auth.docker.io/token"),
            ("https://evildocker.io/v2/", "https://auth.docker.io/token"),
        ] {
            assert!(refused(registry, realm, true), "{registry} {realm}");
            assert_eq!(
                refused(registry, realm, false),
                realm.contains("10.0.0.2") && !registry.contains("10.")
            );
        }
    }

    #[test]
    fn nothing_goes_where_it_can_be_read_or_do_harm() {
        for (registry, realm) in [
            ("https://registry.example.com/v2/", "http://registry.example.com/token"),
            ("https://registry.example.com/v2/", "http://127.0.0.1/token"),
            ("https://registry.example.com/v2/", "https://169.254.169.254/latest"),
            ("https://registry.example.com/v2/", "https://localhost/token"),
            ("https://registry.example.com/v2/", "https://[::1]/token"),
            ("https://registry.example.com/v2/", "https://[::ffff:10.0.0.1]/token"),
            ("https://registry.example.com/v2/", "https://u:p@registry.example.com/token"),
            ("http://registry.example.com/v2/", "ftp://registry.example.com/token"),
        ] {
            assert!(refused(registry, realm, false), "{registry} {realm}");
        }
    }

    #[test]
    fn redirects_never_leave_encryption_or_enter_a_private_network() {
        let refused = |from: &str, to: &str| {
            refuse_redirect(&Url::parse(from).unwrap(), &Url::parse(to).unwrap()).is_some()
        };
        assert!(!refused("https://ghcr.io/", "https://pkg-containers.githubusercontent.com/x"));
        assert!(!refused("http://10.0.0.1/", "http://10.0.0.2/"));
        assert!(refused("https://ghcr.io/", "http://ghcr.io/"));
        assert!(refused("https://ghcr.io/", "https://169.254.169.254/"));
        assert!(refused("https://ghcr.io/", "file:///etc/passwd"));
    }
}
