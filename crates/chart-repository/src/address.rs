//! Addresses as Helm compares, joins and resolves them, with the habits of Go's `net/url`: an address
//! may be relative, or a mere path.

use chartroom_chart::go_path;
use chartroom_registry_client::Url;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{Error, Result};

/// What Go escapes in the path of an address.
const PATH: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// The scheme of an address in small letters, empty if it has none.
///
/// # Errors
///
/// For a text that starts with a colon.
pub fn scheme(text: &str) -> Result<String> {
    match text.split_once(':') {
        Some(("", _)) => Err(Error::NoUrl(text.to_owned())),
        Some((scheme, _)) if is_scheme(scheme) => Ok(scheme.to_ascii_lowercase()),
        _ => Ok(String::new()),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// An address in its parts: scheme and host, path, query and fragment.
fn split(text: &str) -> (&str, &str, &str) {
    let scheme = match text.split_once(':') {
        Some((scheme, _)) if is_scheme(scheme) => scheme.len() + 1,
        _ => 0,
    };
    let (_, rest) = text.split_at(scheme);
    let host = rest.strip_prefix("//").map_or(0, |tail| 2 + tail.find(['/', '?', '#']).unwrap_or(tail.len()));
    let (front, rest) = text.split_at(scheme + host);
    let (path, tail) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    (front, path, tail)
}

/// Whether two addresses mean the same: scheme and host in any case, `/` at the end or not.
pub fn equal(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let (front, path, tail) = split(text);
        let path = if path.is_empty() { "/".to_owned() } else { go_path::clean(path) };
        let scheme = front.split_once(':').map_or(0, |(scheme, _)| scheme.len());
        let (scheme, host) = front.split_at(scheme);
        (scheme.to_ascii_lowercase(), host.to_owned(), path, tail.to_owned())
    };
    plain(one) == plain(other)
}

/// The address below another one: `https://e.x/charts?q` and `a.tgz` give `https://e.x/charts/a.tgz?q`.
pub fn join(base: &str, part: &str) -> String {
    if scheme(base).is_err() {
        return go_path::join(&[base, part]);
    }
    let (front, path, tail) = split(base);
    let path = percent_decode_str(path).decode_utf8_lossy();
    let path = go_path::join(&[&path, part]);
    let slash = if front.contains("//") && !path.is_empty() && !path.starts_with('/') { "/" } else { "" };
    format!("{front}{slash}{}{tail}", utf8_percent_encode(&path, &PATH))
}

/// Where something is that an index names, be it by a whole address or by one relative to the
/// repository's, which counts as a folder. What the repository's address has after its `?` is kept.
///
/// # Errors
///
/// When one of the two is no address.
pub fn resolve(base: &str, reference: &str) -> Result<Url> {
    let no_url = |text: &str| Error::NoUrl(text.to_owned());
    if !scheme(reference)?.is_empty() {
        return Url::parse(reference).map_err(|_| no_url(reference));
    }
    let mut base = Url::parse(base).map_err(|_| no_url(base))?;
    if base.cannot_be_a_base() {
        return Err(no_url(base.as_str()));
    }
    let folder = format!("{}/", base.path().trim_end_matches('/'));
    base.set_path(&folder);
    let mut resolved = base.join(reference).map_err(|_| no_url(reference))?;
    resolved.set_query(base.query());
    Ok(resolved)
}

/// The address of a web server's file.
///
/// # Errors
///
/// For other schemes, and for what is no address.
pub fn web(text: &str) -> Result<Url> {
    match scheme(text)?.as_str() {
        "http" | "https" => Url::parse(text).map_err(|_| Error::NoUrl(text.to_owned())),
        other => Err(Error::NoHandler(other.to_owned())),
    }
}

/// Whether two addresses lead to the same server: scheme, host and port.
pub fn same_server(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// The name under which a file of this address is saved: the last part of its path, which may come
/// from a stranger and is a plain file name. Nothing if there is none.
pub fn file_name(url: &Url) -> Option<String> {
    let path = percent_decode_str(url.path()).decode_utf8().ok()?;
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let plain = !matches!(name, "" | "." | "..") && !name.contains(['\0', '\\']);
    plain.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn addresses_that_mean_the_same() {
        for (one, other, same) in [
            ("https://e.x", "https://e.x/", true),
            ("https://e.x/a/", "HTTPS://e.x/a", true),
            ("https://e.x/a/b/..", "https://e.x/a", true),
            ("https://e.x/a", "http://e.x/a", false),
            ("https://e.x/a?q", "https://e.x/a", false),
            ("https://e.x", "https://e.x:443", false),
            ("a/./b", "a/b", true),
        ] {
            assert_eq!(equal(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn joins_as_helm_does() {
        for (base, part, joined) in [
            ("https://e.x/c", "a.tgz", "https://e.x/c/a.tgz"),
            ("https://e.x/c/?q=1", "a.tgz", "https://e.x/c/a.tgz?q=1"),
            ("https://e.x", "a b.tgz", "https://e.x/a%20b.tgz"),
            ("https://e.x/c", "", "https://e.x/c"),
            ("", "", ""),
            ("", "sub", "sub"),
            ("not a url", "a+b.tgz", "not%20a%20url/a+b.tgz"),
            ("://", "a.tgz", ":/a.tgz"),
            ("/abs/", "a.tgz", "/abs/a.tgz"),
            ("https://e.x/a%2Fb", "c", "https://e.x/a/b/c"),
        ] {
            assert_eq!(join(base, part), joined, "{base} {part}");
        }
    }

    #[test]
    fn relative_addresses_are_below_the_repository() {
        for (base, reference, resolved) in [
            ("https://e.x/c", "a.tgz", "https://e.x/c/a.tgz"),
            ("https://e.x/c/", "a.tgz", "https://e.x/c/a.tgz"),
            ("https://e.x/c?key=1", "../a.tgz", "https://e.x/a.tgz?key=1"),
            ("https://e.x", "a+b.tgz", "https://e.x/a+b.tgz"),
            ("https://e.x/c", "/a.tgz", "https://e.x/a.tgz"),
            ("https://e.x/c", "//other.x/a.tgz", "https://other.x/a.tgz"),
            ("https://e.x/c", "http://other.x/a.tgz?z", "http://other.x/a.tgz?z"),
        ] {
            assert_eq!(resolve(base, reference).unwrap().as_str(), resolved, "{base} {reference}");
        }
        assert!(resolve("https://e.x", ":").is_err() && resolve("c", "a").is_err());
        assert!(matches!(web("ftp://a/b"), Err(Error::NoHandler(scheme)) if scheme == "ftp"));
        assert!(matches!(web("a/b"), Err(Error::NoHandler(scheme)) if scheme.is_empty()));
    }

    #[test]
    fn file_names_are_plain() {
        let name = |text: &str| file_name(&Url::parse(text).unwrap());
        assert_eq!(name("https://e.x/c/a-1.0.0%2Bb.tgz?x=/y").as_deref(), Some("a-1.0.0+b.tgz"));
        assert_eq!(name("https://e.x/c/%2e%2e%2f%2e%2e%2fetc%2fpasswd").as_deref(), Some("passwd"));
        assert_eq!(name("https://e.x/c/a%2f%2e%2e"), None);
        assert_eq!(name("https://e.x/"), None);
        assert_eq!(name("https://e.x/%00"), None);
    }
}
