//! What is secret in the tests, and the search for it where it must not be: in the log of any server.
//!
//! Tests tell what they use as a secret ([`plant`]); the [`Client`](crate::Client) tells by itself what it
//! sends as `Authorization`. Beside that, what looks like a secret of Chartroom's own (access tokens, JSON
//! Web Tokens, hashes of passwords, private keys, credentials behind their scheme) is found without having
//! been told of. Each [`TestServer`](crate::TestServer) searches all that it wrote when it ends, so that every
//! test of the suite fails that finds a way to get a secret logged.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::encode;

/// A shorter text may well be in a log by chance.
const SHORTEST: usize = 8;

static PLANTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on, this must be in no log of this process's servers: neither as it is, nor as a URL or a form
/// has it, nor within the credentials of HTTP Basic.
///
/// # Panics
///
/// If it is so short that it could be in a log by chance.
#[track_caller]
pub fn plant(secret: &str) {
    assert!(secret.len() >= SHORTEST, "{secret:?} may be in a log by chance: take a longer one");
    PLANTED.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned());
}

/// Plants what is in the value of an `Authorization` header.
pub(crate) fn plant_authorization(value: &[u8]) {
    let Ok(value) = std::str::from_utf8(value) else { return };
    let Some((scheme, credentials)) = value.split_once(' ') else { return };
    let long = |text: &str| text.len() >= SHORTEST;
    if long(credentials) {
        plant(credentials);
    }
    if scheme.eq_ignore_ascii_case("basic")
        && let Ok(pair) = STANDARD.decode(credentials)
        && let Ok(pair) = String::from_utf8(pair)
        && let Some((_, password)) = pair.split_once(':')
        && long(password)
    {
        plant(password);
    }
}

/// What of a log is a secret, with what stands before it; nothing if all is well.
pub fn spilled(log: &str) -> Vec<String> {
    let planted = PLANTED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let planted = planted.iter().flat_map(|secret| {
        let forms = forms(secret).into_iter();
        forms.filter_map(move |form| Some(excerpt(log, log.find(&form)?, form.len())))
    });
    planted.chain(shaped(log)).collect()
}

/// How a secret may look in a log.
fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned(), encode(secret), encode(secret).replace("%20", "+")]);
    // In Base64 it depends on what stands before it; its first and last characters depend on the neighbours.
    for before in 0..3 {
        let text = [&b"abc"[..before], secret.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&text);
        let (begin, end) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        forms.insert(encoded[begin..end].to_owned());
    }
    forms
}

/// What a kind of secret begins with, how long it is at least after that, and which bytes it has there.
struct Shape(&'static str, usize, fn(u8) -> bool);

/// What looks like a secret.
fn shaped(log: &str) -> Vec<String> {
    fn base64(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || b"+/_-=".contains(&byte)
    }
    let graphic = |byte: u8| byte.is_ascii_graphic();
    let shapes = [
        // An access token, its id and a part of the secret.
        Shape("crt_", 20, |byte| byte.is_ascii_alphanumeric() || byte == b'_'),
        // A JSON Web Token: three parts, each the Base64 of JSON or of a signature.
        Shape("eyJ", 60, |byte| base64(byte) || byte == b'.'),
        Shape("basic ", 12, base64),
        Shape("bearer ", 12, |byte| base64(byte) || byte == b'.'),
        Shape("$argon2", 20, graphic),
        Shape("$2y$", 20, graphic),
        Shape("$2b$", 20, graphic),
        Shape("PRIVATE KEY-----", 0, |_| false),
    ];
    // ASCII letters only, so that all places stay the same.
    let lower = log.to_ascii_lowercase();
    let mut found = Vec::new();
    for Shape(begin, least, belongs) in shapes {
        for (at, _) in lower.match_indices(&begin.to_ascii_lowercase()) {
            let rest = &log.as_bytes()[at + begin.len()..];
            let length = rest.iter().take_while(|byte| belongs(**byte)).count();
            // Words have neither capitals within them nor digits.
            let random = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            if least > 0 && !rest[..length].iter().any(random) {
                continue;
            }
            let exact = begin.bytes().any(|byte| byte.is_ascii_uppercase());
            if length >= least && (!exact || log[at..].starts_with(begin)) {
                found.push(excerpt(log, at, begin.len() + length));
            }
        }
    }
    found
}

/// The line in which it stands, up to its end.
fn excerpt(log: &str, at: usize, length: usize) -> String {
    let begin = log[..at].rfind('\n').map_or(0, |end| end + 1);
    log[begin..at + length].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log with something in it that should not be there.
    fn log(what: &str) -> String {
        format!("INFO serving\nWARN refused what={what} status=401\nINFO done\n")
    }

    #[test]
    fn what_was_planted_is_found_in_every_form() {
        let secret = "fünf planted +words";
        assert!(spilled(&log(secret)).is_empty(), "nobody has told of it yet");
        plant(secret);
        for form in [secret.to_owned(), encode(secret), encode(secret).replace("%20", "+")] {
            assert_eq!(spilled(&log(&form)).len(), 1, "{form}");
        }
        for user in ["", "a", "anna", "bob", "reader", "somebody"] {
            let sent = STANDARD.encode(format!("{user}:{secret}"));
            let spilled = spilled(&log(&sent));
            assert!(
                !spilled.is_empty() && spilled[0].starts_with("WARN refused what="),
                "{user}: {spilled:?}"
            );
        }
        assert!(spilled(&log("fünf other +words")).is_empty());
        assert!(spilled("").is_empty());
    }

    #[test]
    fn what_is_sent_is_planted() {
        let sent = format!("Basic {}", STANDARD.encode("dora:sent-by-the-client"));
        plant_authorization(sent.as_bytes());
        assert!(!spilled(&log("sent-by-the-client")).is_empty());
        plant_authorization(b"Bearer opaque-token-of-somebody");
        assert!(!spilled(&log("opaque-token-of-somebody")).is_empty());
        // What is no credential is nothing to look for.
        for odd in [&b"Basic"[..], b"Basic !", b"Bearer x", b"\xff\xff", b""] {
            plant_authorization(odd);
        }
        assert!(spilled(&log("x")).is_empty());
    }

    #[test]
    fn what_looks_like_a_secret_is_found_without_being_told_of() {
        for secret in [
            "crt_0123456789ab_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
            "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJjaGFydHJvb20iLCJzdWIiOiJ1c2VyOmEifQ.c2lnbmF0dXJl",
            "Basic YW5uYTpzZWNyZXQ=",
            "\"authorization: bearer abcdefghijkLmnop\"",
            "$argon2id$v=19$m=19456,t=2,p=1$q4TzHDXxS5eC$ZbyC3JhK",
            "$2y$05$abcdefghijklmnopqrstuu0qg3TXHQ3KDOqe4O",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(!spilled(&log(secret)).is_empty(), "{secret}");
        }
        for innocent in
            ["crt_", "a bearer of news", "basic authentication", "Basic realm=\"x\"", "eyJhIjoxfQ"]
        {
            assert_eq!(spilled(&log(innocent)), Vec::<String>::new(), "{innocent}");
        }
    }

    #[test]
    #[should_panic(expected = "may be in a log by chance")]
    fn a_word_is_no_secret() {
        plant("wrong");
    }
}
