//! Which proxy a request goes through: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` as Go reads
//! them (`golang.org/x/net/http/httpproxy`), so that what works for Helm works here.

use std::env;
use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::reference::is_loopback;

/// The proxies that are set, and where they are not used.
#[derive(Clone, Default)]
pub struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    except: Vec<Exception>,
}

#[derive(Clone, Debug, PartialEq)]
enum Exception {
    All,
    /// An address, or all those with the same first bits.
    Network {
        address: IpAddr,
        bits: u8,
        port: Option<u16>,
    },
    /// A name and all below it, or, after a dot, all below it only.
    Domain {
        name: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl Proxies {
    /// No proxy for anything.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the environment says. Values that are no address of a proxy are ignored.
    pub fn from_env() -> Self {
        let get = |upper: &str| {
            let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
            text(upper).or_else(|| text(&upper.to_lowercase()))
        };
        // A CGI program gets HTTP_PROXY from whoever sends it a `Proxy:` header.
        let http = if env::var_os("REQUEST_METHOD").is_some() { None } else { get("HTTP_PROXY") };
        Self::new(http.as_deref(), get("HTTPS_PROXY").as_deref(), get("NO_PROXY").as_deref())
    }

    /// From the values of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
    pub fn new(http: Option<&str>, https: Option<&str>, except: Option<&str>) -> Self {
        let except = except.unwrap_or_default().split(',');
        Self {
            http: http.and_then(proxy),
            https: https.and_then(proxy),
            except: except.filter_map(exception).collect(),
        }
    }

    /// The proxy for a request, if there is to be one. Never for this machine itself.
    pub(crate) fn of(&self, url: &Url) -> Option<&Url> {
        let proxy = match url.scheme() {
            "http" => self.http.as_ref(),
            "https" => self.https.as_ref(),
            _ => None,
        }?;
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        let excepted = || self.except.iter().any(|except| except.covers(host, url.port_or_known_default()));
        if is_loopback(host) || excepted() { None } else { Some(proxy) }
    }
}

impl Exception {
    fn covers(&self, host: &str, port: Option<u16>) -> bool {
        match self {
            Self::All => true,
            Self::Network { address, bits, port: own } => {
                own.is_none_or(|own| Some(own) == port)
                    && host.parse().is_ok_and(|host| same_network(*address, host, *bits))
            }
            Self::Domain { name, itself, port: own } => {
                let below = host.strip_suffix(name.as_str()).is_some_and(|front| front.ends_with('.'));
                own.is_none_or(|own| Some(own) == port) && (below || (*itself && host == name))
            }
        }
    }
}

fn same_network(a: IpAddr, b: IpAddr, bits: u8) -> bool {
    let (a, b, width) = match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    let shift = u32::from(width - bits.min(width));
    a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
}

fn proxy(text: &str) -> Option<Url> {
    let known = |url: &Url| {
        matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") && url.host_str().is_some()
    };
    // `proxy:3128` parses as an address with the scheme `proxy`.
    let with_scheme = || {
        let bare = !text.contains("://");
        Url::parse(&format!("http://{text}")).ok().filter(|_| bare)
    };
    Url::parse(text).ok().filter(known).or_else(with_scheme).filter(known)
}

fn exception(text: &str) -> Option<Exception> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return None;
    }
    if text == "*" {
        return Some(Exception::All);
    }
    if let Some((address, bits)) = text.split_once('/') {
        let (address, bits) = (address.parse().ok()?, bits.parse().ok()?);
        return Some(Exception::Network { address, bits, port: None });
    }
    if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse() {
        return Some(Exception::Network { address, bits: 128, port: None });
    }
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (text.as_str(), None),
    };
    if let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse() {
        return Some(Exception::Network { address, bits: 128, port });
    }
    let name = name.strip_prefix('*').unwrap_or(name);
    let (name, itself) = name.strip_prefix('.').map_or((name, true), |name| (name, false));
    (!name.is_empty()).then(|| Exception::Domain { name: name.to_owned(), itself, port })
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address of a proxy may hold a password.
        let shown = |url: &Option<Url>| url.as_ref().map(crate::redact::url);
        f.debug_struct("Proxies")
            .field("http", &shown(&self.http))
            .field("https", &shown(&self.https))
            .field("except", &self.except)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn used(except: &str, url: &str) -> bool {
        let proxies = Proxies::new(Some("p:1"), Some("http://q:2"), Some(except));
        proxies.of(&Url::parse(url).unwrap()).is_some()
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let proxies = Proxies::new(Some("proxy:3128"), Some("http://u:pw@q:2"), None);
        let of = |url| proxies.of(&Url::parse(url).unwrap()).map(Url::to_string);
        assert_eq!(of("http://a/").as_deref(), Some("http://proxy:3128/"));
        assert_eq!(of("https://a/").as_deref(), Some("http://u:pw@q:2/"));
        assert!(!format!("{proxies:?}").contains("pw"));
        assert!(Proxies::none().of(&Url::parse("http://a/").unwrap()).is_none());
        assert!(Proxies::new(Some("ftp://x"), None, None).of(&Url::parse("http://a/").unwrap()).is_none());
    }

    #[test]
    fn this_machine_needs_no_proxy() {
        for url in ["http://localhost:5000/", "http://127.0.0.1/", "https://[::1]/", "http://127.3.2.1:80/"] {
            assert!(!used("", url), "{url}");
        }
        assert!(used("", "http://10.0.0.1/"));
    }

    #[test]
    fn exceptions_are_those_of_go() {
        for (except, url, expected) in [
            ("*", "http://a/", false),
            ("example.com", "https://example.com/", false),
            ("example.com", "https://a.example.com/", false),
            ("example.com", "https://badexample.com/", true),
            (".example.com", "https://example.com/", true),
            (".example.com", "https://a.example.com/", false),
            ("*.example.com", "https://a.example.com/", false),
            ("a, EXAMPLE.com ,b", "https://example.COM/", false),
            ("example.com:8443", "https://example.com/", true),
            ("example.com:8443", "https://example.com:8443/", false),
            ("10.0.0.0/8", "http://10.1.2.3/", false),
            ("10.0.0.0/8", "http://11.1.2.3/", true),
            ("10.1.2.3", "http://10.1.2.3:5000/", false),
            ("10.1.2.3:5000", "http://10.1.2.3/", true),
            ("2001:db8::/32", "http://[2001:db8::5]/", false),
            ("0.0.0.0/0", "http://9.9.9.9/", false),
        ] {
            assert_eq!(used(except, url), expected, "{except} {url}");
        }
    }
}
