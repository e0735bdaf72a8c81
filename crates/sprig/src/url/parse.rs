//! Taking a URL apart.

use chartroom_gotemplate::quote::quote;

use super::address::check_ipv6;
use super::escape::{Part, unescape};

/// The parts of a URL, not escaped but for the query and the opaque part.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// Before the first colon, in small letters; empty if there is none.
    pub scheme: Vec<u8>,
    /// What follows the scheme if that is no slash.
    pub opaque: Vec<u8>,
    /// Who asks.
    pub user: Option<User>,
    /// With its port.
    pub host: Vec<u8>,
    /// What follows the host.
    pub path: Vec<u8>,
    /// Behind the first `?`.
    pub query: Vec<u8>,
    /// Behind the first `#`.
    pub fragment: Vec<u8>,
}

/// What stands before the `@` of a host.
#[derive(Debug, PartialEq, Eq)]
pub struct User {
    /// Who it is.
    pub name: Vec<u8>,
    /// Where there is a colon, what is behind it.
    pub password: Option<Vec<u8>>,
}

fn quoted(text: &[u8]) -> String {
    String::from_utf8_lossy(&quote(text)).into_owned()
}

/// What is before and after the first occurrence of a byte.
fn cut(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let position = memchr::memchr(at, text)?;
    Some((text.get(..position)?, text.get(position + 1..)?))
}

/// Takes a URL apart; the error has the URL in it.
pub fn parse(text: &[u8]) -> Result<Url, String> {
    let (main, fragment) = cut(text, b'#').unwrap_or((text, b""));
    let mut url = without_fragment(main).map_err(|error| format!("parse {}: {error}", quoted(main)))?;
    url.fragment =
        unescape(fragment, Part::Fragment).map_err(|error| format!("parse {}: {error}", quoted(text)))?;
    Ok(url)
}

/// Takes a URL apart as a request names one: it has no fragment, and is no relative path.
///
/// # Errors
/// In Go's words, without the URL.
pub fn parse_request(text: &[u8]) -> Result<Url, String> {
    if text.is_empty() {
        return Err("empty url".to_owned());
    }
    let url = without_fragment(text)?;
    if url.scheme.is_empty() && !text.starts_with(b"/") && text != b"*" {
        return Err("invalid URI for request".to_owned());
    }
    Ok(url)
}

fn without_fragment(text: &[u8]) -> Result<Url, String> {
    if text.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let mut url = Url::default();
    if text == b"*" {
        url.path = text.to_vec();
        return Ok(url);
    }
    let (scheme, rest) = scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (rest, query) = cut(rest, b'?').unwrap_or((rest, b""));
    url.query = query.to_vec();
    let mut path = rest;
    if !rest.starts_with(b"/") {
        if !scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        // It would look like a scheme.
        if cut(rest, b'/').map_or(rest, |(first, _)| first).contains(&b':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    if let Some(authority) = rest.strip_prefix(b"//")
        && (!scheme.is_empty() || !authority.starts_with(b"/"))
    {
        let end = memchr::memchr(b'/', authority).unwrap_or(authority.len());
        let (authority, after) = authority.split_at(end);
        path = after;
        (url.user, url.host) = user_and_host(&url.scheme, authority)?;
    }
    url.path = unescape(path, Part::Path)?;
    Ok(url)
}

/// The scheme, which may be missing, and what is after its colon.
fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => {
                let (scheme, rest) = text.split_at(index);
                return Ok((scheme, rest.get(1..).unwrap_or_default()));
            }
            _ => break,
        }
    }
    Ok((b"", text))
}

fn user_and_host(scheme: &[u8], authority: &[u8]) -> Result<(Option<User>, Vec<u8>), String> {
    let Some(at) = memchr::memrchr(b'@', authority) else { return Ok((None, host(scheme, authority)?)) };
    let host = host(scheme, authority.get(at + 1..).unwrap_or_default())?;
    let userinfo = authority.get(..at).unwrap_or_default();
    let allowed = |&byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !userinfo.iter().all(allowed) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let user = match cut(userinfo, b':') {
        Some((name, password)) => {
            User { name: unescape(name, Part::User)?, password: Some(unescape(password, Part::User)?) }
        }
        None => User { name: unescape(userinfo, Part::User)?, password: None },
    };
    Ok((Some(user), host))
}

fn host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let invalid_literal = || "invalid IP-literal".to_owned();
    match memchr::memrchr(b'[', host) {
        Some(0) => return ip_literal(host),
        Some(_) => return Err(invalid_literal()),
        None => {}
    }
    // The web's schemes have one colon at most; elsewhere lists of hosts are in use.
    let colon = if matches!(scheme, b"http" | b"https") {
        memchr::memchr(b':', host)
    } else {
        memchr::memrchr(b':', host)
    };
    if let Some(port) = colon.and_then(|colon| host.get(colon..))
        && !is_port(port)
    {
        return Err(format!("invalid port {} after host", quoted(port)));
    }
    unescape(host, Part::Host)
}

/// An IPv6 address in brackets, perhaps with a zone, and a port.
fn ip_literal(host: &[u8]) -> Result<Vec<u8>, String> {
    let Some(end) = memchr::memrchr(b']', host) else { return Err("missing ']' in host".to_owned()) };
    let (address, port) = host.split_at(end);
    let (address, port) = (address.get(1..).unwrap_or_default(), port.get(1..).unwrap_or_default());
    if !is_port(port) {
        return Err(format!("invalid port {} after host", quoted(port)));
    }
    let port = unescape(port, Part::Host)?;
    let address = match memchr::memmem::find(address, b"%25") {
        Some(zone) => {
            let (address, zone) = address.split_at(zone);
            let mut address = unescape(address, Part::Host)?;
            address.extend(unescape(zone, Part::Zone)?);
            address
        }
        None => unescape(address, Part::Host)?,
    };
    check_ipv6(&address)?;
    Ok([b"[", address.as_slice(), b"]", &port].concat())
}

/// Nothing, or a colon and digits, if only none.
pub(super) fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((colon, digits)) => *colon == b':' && digits.iter().all(u8::is_ascii_digit),
    }
}
