//! Taking secrets out of what is shown.

use reqwest::Url;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// What stands in a secret's place.
const REDACTED: &str = "<redacted>";

/// The most of a text body that is shown.
const BODY_LIMIT: usize = 16 << 10;

/// Headers whose values nobody is to see.
const HEADERS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-amz-security-token",
    "authentication-info",
];

/// Whether a query parameter, form field or JSON field of this name holds a secret. Signed
/// addresses are secrets too: whoever has one can read what it leads to.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    ["token", "password", "secret", "signature", "credential", "authorization", "apikey", "accesskey"]
        .iter()
        .any(|part| name.contains(part))
        || matches!(&*name, "sig" | "auth" | "code" | "key" | "policy" | "jwt" | "assertion")
}

/// An address without user name, password and secret parameters.
pub(crate) fn url(url: &Url) -> String {
    let mut url = url.clone();
    if !url.username().is_empty() || url.password().is_some() {
        // Both only fail for addresses that have no host, and those have no user either.
        let _ = url.set_password(None);
        let _ = url.set_username("");
    }
    if url.query().is_some() {
        let query = form(url.query().unwrap_or_default());
        url.set_query(Some(&query));
    }
    // Angle brackets are escaped in addresses.
    url.to_string().replace("%3Credacted%3E", REDACTED)
}

/// A form or query without its secrets.
pub(crate) fn form(form: &str) -> String {
    let field = |field: &str| match field.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={REDACTED}"),
        _ => field.to_owned(),
    };
    form.split('&').map(field).collect::<Vec<_>>().join("&")
}

/// Headers without their secrets.
pub(crate) fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = headers.iter().map(|(name, value)| {
        let name = name.as_str();
        let value = if HEADERS.contains(&name) {
            REDACTED.to_owned()
        } else {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if name == "location" || name == "link" { address(&text) } else { text }
        };
        (name.to_owned(), value)
    });
    shown.collect()
}

/// An address within a header: perhaps relative, perhaps in angle brackets and with parameters.
fn address(text: &str) -> String {
    let Some((path, rest)) = text.split_once('?') else {
        return without_user(text);
    };
    let (query, tail) = rest.split_at(rest.find(['>', '#']).unwrap_or(rest.len()));
    format!("{}?{}{tail}", without_user(path), form(query))
}

fn without_user(text: &str) -> String {
    if let Some((scheme, rest)) = text.split_once("://") {
        let authority = rest.find('/').unwrap_or(rest.len());
        if let Some(at) = rest[..authority].rfind('@') {
            return format!("{scheme}://{}", &rest[at + 1..]);
        }
    }
    text.to_owned()
}

/// A JSON or plain text without the fields that hold secrets, and not too long.
pub(crate) fn body(bytes: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(bytes) {
        Ok(mut json) => {
            redact_json(&mut json);
            json.to_string()
        }
        Err(_) => {
            let text = String::from_utf8_lossy(bytes);
            // A form, or JSON that was cut off.
            if text.contains("token") || text.contains("password") {
                REDACTED.to_owned()
            } else {
                text.into()
            }
        }
    };
    match text.char_indices().nth(BODY_LIMIT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn redact_json(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                // `code` is that of an error here, and errors are what one looks for.
                if is_secret(name) && name != "code" && value.is_string() {
                    *value = Value::from(REDACTED);
                } else {
                    redact_json(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact_json),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_secret_is_left() {
        let shown = url(&Url::parse(
            "https://u:hunter2@h/v2/?scope=a%3Ab&X-Amz-Signature=hunter2&sig=hunter2&_state=x",
        )
        .unwrap());
        assert_eq!(shown, "https://h/v2/?scope=a%3Ab&X-Amz-Signature=<redacted>&sig=<redacted>&_state=x");
        let shown = form("grant_type=password&password=hunter2&refresh_token=hunter2&username=alice");
        assert_eq!(shown, "grant_type=password&password=<redacted>&refresh_token=<redacted>&username=alice");
        let json = br#"{"token":"hunter2","a":[{"access_token":"hunter2"}],"errors":[{"code":"X"}],"expires_in":60}"#;
        assert_eq!(
            body(json),
            r#"{"a":[{"access_token":"<redacted>"}],"errors":[{"code":"X"}],"expires_in":60,"token":"<redacted>"}"#
        );
        assert_eq!(body(br#"{"token":"hunt"#), REDACTED);
        let mut all = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Basic hunter2"),
            ("set-cookie", "sid=hunter2"),
            ("location", "/x?sig=hunter2&a=b#f"),
            ("link", "<https://u:hunter2@h/x?last=a&token=hunter2>; rel=\"next\""),
        ] {
            all.insert(name, value.parse().unwrap());
        }
        let shown = format!("{:?}", headers(&all));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("a=b") && shown.contains("last=a") && shown.contains("rel="), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            form(&text);
            address(&text);
            body(text.as_bytes());
        }
    }
}
