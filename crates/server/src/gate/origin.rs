//! Where a request came from and what its client calls this server, also behind a proxy.
//!
//! `X-Forwarded-For` and `X-Forwarded-Proto` are believed of proxies that the operator trusts, and of
//! nobody else: anybody can write them.

use std::net::IpAddr;

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::listen::Peer;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The networks of trusted proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

/// A text that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("auth.trusted_proxies: `{0}` is no address or network such as 10.0.0.0/8")]
pub struct ProxyError(String);

impl Proxies {
    /// Reads networks: `10.0.0.0/8`, `2001:db8::/32`, or single addresses.
    pub fn parse(texts: &[String]) -> Result<Self, ProxyError> {
        let network = |text: &String| {
            let fault = || ProxyError(text.clone());
            let (address, bits) = text.split_once('/').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
            let address: IpAddr = address.parse().map_err(|_| fault())?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).map_err(|_| fault())?;
            if bits <= most { Ok((address, bits)) } else { Err(fault()) }
        };
        texts.iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| within(address, *network, *bits))
    }

    /// The address of the client behind the proxies that are trusted: the last in the list that is none
    /// of theirs.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.trusts(peer) {
            return client;
        }
        let lists = headers.get_all(&FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = lists.flat_map(|list| list.split(',')).map(str::trim).collect();
        for hop in hops.iter().rev() {
            let Ok(address) = hop.parse::<IpAddr>() else { break };
            client = address.to_canonical();
            if !self.trusts(client) {
                break;
            }
        }
        client
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            (address.to_bits() ^ network.to_bits()) & mask == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            (address.to_bits() ^ network.to_bits()) & mask == 0
        }
        _ => false,
    }
}

/// The URL of this server, as the client of a request calls it.
pub(super) fn url(parts: &Parts, encrypted: bool, proxies: &Proxies) -> String {
    let trusted = parts.extensions.get::<Peer>().is_some_and(|peer| proxies.trusts(peer.0.ip()));
    let text = |name: &HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let forwarded = |name: &HeaderName| text(name).filter(|_| trusted);
    let scheme = match forwarded(&FORWARDED_PROTO) {
        Some("https") => "https",
        Some("http") => "http",
        _ if encrypted => "https",
        _ => "http",
    };
    let host = forwarded(&FORWARDED_HOST)
        .or_else(|| text(&HOST))
        .or_else(|| parts.uri.authority().map(http::uri::Authority::as_str))
        .filter(|host| is_host(host))
        .unwrap_or("localhost");
    format!("{scheme}://{host}")
}

/// Whether a text is a host with or without a port, and nothing that would mean more in a URL.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 261
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn proxies(texts: &[&str]) -> Proxies {
        Proxies::parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    fn client(proxies: &Proxies, peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = proxies(&["10.0.0.0/8", "2001:db8::1"]);
        assert_eq!(client(&trusted, "192.0.2.1", &["1.2.3.4"]), "192.0.2.1", "anybody can write that");
        assert_eq!(client(&trusted, "10.1.2.3", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(
            client(&trusted, "10.1.2.3", &["6.6.6.6, 1.2.3.4"]),
            "1.2.3.4",
            "what the client wrote itself"
        );
        assert_eq!(client(&trusted, "10.1.2.3", &["6.6.6.6", "1.2.3.4, 10.9.9.9"]), "1.2.3.4");
        assert_eq!(client(&trusted, "10.1.2.3", &["nonsense"]), "10.1.2.3");
        assert_eq!(client(&trusted, "2001:db8::1", &["2001:db8::2"]), "2001:db8::2");
        assert_eq!(client(&Proxies::default(), "10.1.2.3", &["1.2.3.4"]), "10.1.2.3");
    }

    #[test]
    fn networks_are_compared_by_their_bits() {
        for (address, network, bits, expected) in [
            ("10.255.0.1", "10.0.0.0", 8, true),
            ("11.0.0.1", "10.0.0.0", 8, false),
            ("1.2.3.4", "0.0.0.0", 0, true),
            ("1.2.3.4", "1.2.3.4", 32, true),
            ("1.2.3.5", "1.2.3.4", 32, false),
            ("::1", "::", 0, true),
            ("::1", "0.0.0.0", 0, false),
        ] {
            let found = within(address.parse().unwrap(), network.parse().unwrap(), bits);
            assert_eq!(found, expected, "{address} {network}/{bits}");
        }
        for text in ["", "x", "10.0.0.0/33", "10.0.0.0/x", "::/129"] {
            assert!(Proxies::parse(&[text.to_owned()]).is_err(), "{text}");
        }
    }
}
