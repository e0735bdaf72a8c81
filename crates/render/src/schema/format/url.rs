//! URLs, as Go's `net/url` takes them.

use chartroom_sprig::url::{Url, check_address, parse};

use super::fail;
use crate::schema::location;

/// An IP address of any kind, with the error of Go's `netip`.
pub(super) fn ip_address(text: &str) -> Result<(), String> {
    check_address(text.as_bytes())
}

fn url(text: &str) -> Result<Url, String> {
    let url = parse(text.as_bytes())?;
    let name = String::from_utf8_lossy(url.hostname()).into_owned();
    if name.contains(':') {
        if !url.host.contains(&b'[') || !url.host.contains(&b']') {
            return Err("ipv6 address not enclosed in brackets".into());
        }
        super::address::ipv6(&name).map_err(|error| format!("invalid ipv6 address: {error}"))?;
    }
    Ok(url)
}

pub(super) fn absolute(text: &str) -> Result<(), String> {
    let url = url(text)?;
    if url.scheme.is_empty() { fail("relative url") } else { Ok(()) }
}

pub(super) fn reference(text: &str) -> Result<(), String> {
    if text.contains('\\') {
        return fail("contains \\");
    }
    url(text).map(drop)
}

/// The braces in the path are looked at, and only where Go keeps the path as it is written.
pub(super) fn template(text: &str) -> Result<(), String> {
    url(text)?;
    let text = location::split(text).0;
    let text = text.split_once('?').map_or(text, |(text, _)| text);
    let scheme = location::scheme(text);
    let rest = if scheme.is_empty() { text } else { text.get(scheme.len() + 1..).unwrap_or_default() };
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
        None if !scheme.is_empty() && !rest.starts_with('/') => return Ok(()),
        None => rest,
    };
    let plain = location::decode(path).unwrap_or_default();
    if location::encode_path(&plain) == path {
        return Ok(());
    }
    for part in path.split('/') {
        let part = location::decode(part).map_err(|error| format!("percent decode failed: {error}"))?;
        let mut is_open = false;
        for letter in part.chars().filter(|letter| matches!(letter, '{' | '}')) {
            if is_open == (letter == '{') {
                return fail("nested curly braces");
            }
            is_open = !is_open;
        }
        if is_open {
            return fail("no matching closing brace");
        }
    }
    Ok(())
}
