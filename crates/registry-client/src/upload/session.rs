//! An upload session: the address that the registry gave for it, which changes with every answer.

use chartroom_oci::Digest;
use reqwest::Url;
use reqwest::header::{LOCATION, RANGE};

use crate::error::{Error, Result};
use crate::site;
use crate::transport::Incoming;

/// An upload session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Where it goes on.
    pub(super) url: Url,
    /// The least that a piece must have, except the last one.
    pub(super) least: Option<u64>,
}

impl Session {
    /// From the answer that opened it.
    pub(super) fn open(incoming: &Incoming, base: &Url) -> Result<Self> {
        let Some(location) = incoming.header(LOCATION.as_str()) else {
            return Err(Error::protocol(incoming.shown_url(), "it opens an upload, but doesn't say where"));
        };
        let url = resolve(&incoming.url, base, location).map_err(|what| {
            Error::protocol(incoming.shown_url(), format!("it opens an upload at an address which {what}"))
        })?;
        let least = incoming.header("oci-chunk-min-length").and_then(|least| least.trim().parse().ok());
        Ok(Self { url, least })
    }

    /// Takes over the address of a later answer, where there is one.
    pub(super) fn follow(&mut self, incoming: &Incoming, base: &Url) -> Result<()> {
        if incoming.header(LOCATION.as_str()).is_some() {
            self.url = Self::open(incoming, base)?.url;
        }
        Ok(())
    }

    /// The address that closes it. What the registry put into the query stays as it is.
    pub(super) fn closing(&self, digest: &Digest) -> Url {
        let digest = format!("digest={}", super::escaped(digest));
        let query = match self.url.query() {
            Some(query) if !query.is_empty() => format!("{query}&{digest}"),
            _ => digest,
        };
        let mut url = self.url.clone();
        url.set_query(Some(&query));
        url
    }
}

/// The address of a `Location`, which may be relative, against the address that answered.
fn resolve(answered: &Url, base: &Url, location: &str) -> Result<Url, &'static str> {
    let mut url = answered.join(location).map_err(|_| "is none")?;
    // A registry behind a proxy that doesn't know of it writes http for its own https.
    let own = url.host_str() == base.host_str() && url.port().is_none();
    if own && url.scheme() == "http" && base.scheme() == "https" {
        let port = base.port();
        if url.set_scheme("https").is_err() || url.set_port(port).is_err() {
            return Err("is none");
        }
    }
    match site::refuse_redirect(base, &url) {
        Some(reason) => Err(reason),
        None => Ok(url),
    }
}

/// How many bytes a registry says it has: `0-9` is ten. `0-0` is written for none, too.
pub(super) fn taken(incoming: &Incoming) -> Option<u64> {
    parse_taken(incoming.header(RANGE.as_str())?)
}

fn parse_taken(range: &str) -> Option<u64> {
    let range = range.trim();
    let range = range.strip_prefix("bytes=").or_else(|| range.strip_prefix("bytes ")).unwrap_or(range);
    let (start, end) = range.split_once('-')?;
    let end = end.parse::<u64>().ok()?;
    (start == "0" && end > 0).then(|| end.saturating_add(1))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn locations_of_all_kinds() {
        let base = Url::parse("https://h:5000/").unwrap();
        let answered = Url::parse("https://h:5000/v2/a/blobs/uploads/").unwrap();
        let at = |location: &str| resolve(&answered, &base, location).map(String::from);
        assert_eq!(at("/v2/a/blobs/uploads/x").unwrap(), "https://h:5000/v2/a/blobs/uploads/x");
        assert_eq!(at("x?_state=a%2Bb").unwrap(), "https://h:5000/v2/a/blobs/uploads/x?_state=a%2Bb");
        assert_eq!(at("//h:5000/x").unwrap(), "https://h:5000/x");
        assert_eq!(at("https://other.test/x").unwrap(), "https://other.test/x");
        assert_eq!(at("http://h/x").unwrap(), "https://h:5000/x");
        assert!(at("http://other.test/x").is_err());
        assert!(at("https://169.254.169.254/x").is_err());
        assert!(at("http://[").is_err());
    }

    #[test]
    fn a_query_is_kept_as_it_is() {
        let digest = Digest::sha256(b"");
        let closing = |url: &str| {
            let session = Session { url: Url::parse(url).unwrap(), least: None };
            session.closing(&digest).to_string()
        };
        let escaped = digest.to_string().replace(':', "%3A");
        assert_eq!(closing("https://h/x"), format!("https://h/x?digest={escaped}"));
        assert_eq!(closing("https://h/x?_s=a%2Bb+c"), format!("https://h/x?_s=a%2Bb+c&digest={escaped}"));
    }

    #[test]
    fn how_much_is_there() {
        assert_eq!(parse_taken("0-9"), Some(10));
        assert_eq!(parse_taken("bytes=0-9"), Some(10));
        for none in ["0-0", "", "5-9", "0-", "a-b", "0-99999999999999999999"] {
            assert_eq!(parse_taken(none), None, "{none}");
        }
    }
}
