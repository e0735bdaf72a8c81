//! Where schemas are: URLs and JSON pointers, as the Go library writes and joins them.

use std::fmt::Write as _;

/// A name in a JSON pointer.
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Back from [`escape`]; none where it is no such name.
pub(super) fn unescape(name: &str) -> Option<String> {
    let mut text = String::with_capacity(name.len());
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '~' => match letters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return None,
            },
            letter => letter,
        });
    }
    Some(text)
}

/// A pointer to what has this name in what a pointer leads to.
pub(super) fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", escape(name))
}

/// A pointer as it stands behind a `#`.
pub(super) fn encode(pointer: &str) -> String {
    encode_but(pointer, b"-_.~$&+=:@/")
}

/// A path as Go writes it in a URL.
pub(super) fn encode_path(path: &str) -> String {
    encode_but(path, b"-_.~$&+=:@/,;")
}

fn encode_but(text: &str, plain: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Back from percent signs.
pub(super) fn decode(fragment: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let digit = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                let shown = tail.get(..2).unwrap_or(tail);
                let shown = format!("%{}", String::from_utf8_lossy(shown));
                return Err(format!("invalid URL escape {}", chartroom_chart::go_text::quote(&shown)));
            }
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is before the first `#`, and what is behind it.
pub(super) fn split(url: &str) -> (&str, &str) {
    url.split_once('#').unwrap_or((url, ""))
}

/// The scheme of a URL; empty if it has none.
pub(super) fn scheme(url: &str) -> &str {
    let Some((scheme, _)) = url.split_once(':') else { return "" };
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'));
    if is_scheme { scheme } else { "" }
}

/// The parts of a URL without fragment.
#[derive(Default)]
struct Parts<'a> {
    scheme: &'a str,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let scheme = scheme(url);
        let rest = if scheme.is_empty() { url } else { url.get(scheme.len() + 1..).unwrap_or_default() };
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                (Some(authority), path)
            }
            None => (None, rest),
        };
        Self { scheme, authority, path, query }
    }

    fn text(&self, path: &str) -> String {
        // What Go has to escape in a path, it escapes when it joins.
        let path = match path
            .contains(|letter: char| !letter.is_ascii_graphic() || "\"<>\\^`{|}".contains(letter))
        {
            true => encode_path(&decode(path).unwrap_or_default()),
            false => path.to_owned(),
        };
        let mut text = String::new();
        if !self.scheme.is_empty() {
            let _ = write!(text, "{}:", self.scheme.to_ascii_lowercase());
        }
        if let Some(authority) = self.authority {
            let _ = write!(text, "//{authority}");
        }
        text.push_str(&path);
        if let Some(query) = self.query {
            let _ = write!(text, "?{query}");
        }
        text
    }
}

/// What a reference without fragment means beside a URL (RFC 3986, 5.2).
pub(super) fn join(base: &str, reference: &str) -> String {
    let (base_parts, parts) = (Parts::of(base), Parts::of(reference));
    if !parts.scheme.is_empty() {
        return if parts.path.starts_with('/') {
            parts.text(&without_dots(parts.path))
        } else {
            reference.to_owned()
        };
    }
    let is_opaque = base_parts.authority.is_none() && !base_parts.path.starts_with('/');
    if parts.authority.is_some() {
        return Parts { scheme: base_parts.scheme, ..parts }.text(&without_dots(parts.path));
    }
    if is_opaque && !base_parts.scheme.is_empty() {
        return base.to_owned();
    }
    if parts.path.is_empty() {
        let query = parts.query.or(base_parts.query);
        return Parts { query, ..base_parts }.text(base_parts.path);
    }
    let path = if parts.path.starts_with('/') {
        without_dots(parts.path)
    } else {
        let folder =
            base_parts.path.rfind('/').map_or("", |at| base_parts.path.get(..=at).unwrap_or_default());
        without_dots(&format!("{folder}{}", parts.path))
    };
    Parts { query: parts.query, ..base_parts }.text(&path)
}

fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let ends_in_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let mut text = format!("/{}", parts.join("/"));
    if ends_in_folder && !text.ends_with('/') {
        text.push('/');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_escaped() {
        assert_eq!(below("/a", "b/c~d"), "/a/b~1c~0d");
        assert_eq!(unescape("b~1c~0d").as_deref(), Some("b/c~d"));
        assert!(unescape("a~2").is_none() && unescape("a~").is_none());
        assert_eq!(encode("/a b/é/$defs"), "/a%20b/%C3%A9/$defs");
        assert_eq!(decode("a%20b%C3%A9"), Ok("a bé".into()));
        assert_eq!(decode("a%2"), Err("invalid URL escape \"%2\"".into()));
    }

    #[test]
    fn references_are_joined() {
        let base = "https://a.example/b/c.json";
        for (reference, url) in [
            ("d.json", "https://a.example/b/d.json"),
            ("./d.json", "https://a.example/b/d.json"),
            ("../d.json", "https://a.example/d.json"),
            ("../../d.json", "https://a.example/d.json"),
            ("/d", "https://a.example/d"),
            ("//e.example/d", "https://e.example/d"),
            ("http://e.example/d/../f", "http://e.example/f"),
            ("", base),
            ("?q", "https://a.example/b/c.json?q"),
            ("urn:x:y", "urn:x:y"),
        ] {
            assert_eq!(join(base, reference), url, "{reference}");
        }
        assert_eq!(join("file:///values.schema.json", "x.json"), "file:///x.json");
        assert_eq!(join("urn:x:y", ""), "urn:x:y");
    }
}
