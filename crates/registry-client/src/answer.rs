//! An answer that refuses: what the registry said, whatever form it said it in.

use std::fmt::{self, Write as _};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

/// The most characters of a body that is no JSON which are kept.
const TEXT_LIMIT: usize = 500;

/// Headers that name a request in the registry's own logs.
const REQUEST_IDS: [&str; 5] = [
    "x-request-id",
    "x-github-request-id",
    "x-ms-correlation-request-id",
    "x-amzn-requestid",
    "docker-request-id",
];

/// One error as the registry words it.
#[derive(Clone, Debug, PartialEq)]
pub struct Complaint {
    /// The code, such as `NAME_UNKNOWN`; empty if there is none.
    pub code: String,
    /// The text for people; may be empty.
    pub message: String,
    /// More for programs, `null` if there is none.
    pub detail: Value,
}

/// An answer with a status that is no success.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The request's method.
    pub method: Method,
    /// The request's URL, without anything secret.
    pub url: String,
    /// The status.
    pub status: StatusCode,
    /// What the registry said, in its order; may be empty.
    pub complaints: Vec<Complaint>,
    /// The body, where it is text of no known form.
    pub text: String,
    /// How long the registry asks us to wait.
    pub retry_after: Option<Duration>,
    /// The request's name in the registry's logs (`header: value`).
    pub request_id: Option<String>,
}

impl Answer {
    /// The first code, in the registry's own spelling.
    pub fn code(&self) -> Option<&str> {
        self.complaints.iter().map(|complaint| complaint.code.as_str()).find(|code| !code.is_empty())
    }

    /// The first message.
    pub fn message(&self) -> Option<&str> {
        self.complaints.iter().map(|complaint| complaint.message.as_str()).find(|text| !text.is_empty())
    }

    /// Whether any of the complaints has this code, however it is spelled.
    pub fn has_code(&self, code: &str) -> bool {
        let plain = |text: &str| text.replace(['_', ' '], "").to_ascii_uppercase();
        let code = plain(code);
        self.complaints.iter().any(|complaint| plain(&complaint.code) == code)
    }

    /// What the registry said, as Helm prints it: `name unknown: repository name not known to
    /// registry: map[name:x]`; without complaints the text of the body, and without that the
    /// status's own words.
    pub fn words(&self) -> String {
        if !self.complaints.is_empty() {
            return self.complaints.iter().map(Complaint::to_string).collect::<Vec<_>>().join("; ");
        }
        if !self.text.is_empty() {
            return self.text.clone();
        }
        self.status.canonical_reason().unwrap_or_default().to_owned()
    }

    pub(crate) fn read(
        method: Method,
        url: String,
        status: StatusCode,
        headers: &reqwest::header::HeaderMap,
        body: &[u8],
    ) -> Self {
        let (complaints, text) = read_body(headers, body);
        let request_id = REQUEST_IDS.iter().find_map(|name| {
            let value = headers.get(*name)?.to_str().ok()?;
            Some(format!("{name}: {}", printable(value, 128)))
        });
        Self { method, url, status, complaints, text, retry_after: None, request_id }
    }
}

/// As Helm 4 has it: `GET "URL": response status code 404: name unknown: …`.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, url, status, .. } = self;
        write!(f, "{method} {url:?}: response status code {}: {}", status.as_u16(), self.words())
    }
}

/// As Helm 4 has it: the code in small letters, the message, the detail as Go prints it.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.replace('_', " ").to_lowercase();
        let separator = if code.is_empty() || self.message.is_empty() { "" } else { ": " };
        write!(f, "{code}{separator}{}", self.message)?;
        if !self.message.is_empty() && !self.detail.is_null() {
            write!(f, ": {}", GoValue(&self.detail))?;
        }
        Ok(())
    }
}

/// A JSON value as Go's `%v` prints it.
struct GoValue<'a>(&'a Value);

impl fmt::Display for GoValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("<nil>"),
            Value::String(text) => f.write_str(text),
            Value::Bool(_) | Value::Number(_) => write!(f, "{}", self.0),
            Value::Array(items) => {
                f.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    let space = if at == 0 { "" } else { " " };
                    write!(f, "{space}{}", GoValue(item))?;
                }
                f.write_char(']')
            }
            Value::Object(fields) => {
                // Go sorts a map's keys when it prints it.
                let mut fields = fields.iter().collect::<Vec<_>>();
                fields.sort_by_key(|(name, _)| name.as_str());
                f.write_str("map[")?;
                for (at, (name, value)) in fields.into_iter().enumerate() {
                    let space = if at == 0 { "" } else { " " };
                    write!(f, "{space}{name}:{}", GoValue(value))?;
                }
                f.write_char(']')
            }
        }
    }
}

/// Makes something that came from outside fit for a terminal and a line.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let clean = clean.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    match clean.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &clean[..at]),
        None => clean,
    }
}

fn read_body(headers: &reqwest::header::HeaderMap, body: &[u8]) -> (Vec<Complaint>, String) {
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        let complaints = complaints(&json);
        if !complaints.is_empty() {
            return (complaints, String::new());
        }
    }
    let html = headers
        .get(reqwest::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("text/html"));
    let text = String::from_utf8_lossy(body);
    let text = if html || text.trim_start().starts_with('<') {
        title(&text).unwrap_or_default()
    } else {
        text.into()
    };
    (Vec::new(), printable(&text, TEXT_LIMIT))
}

/// A proxy's error page says what it has to say in its title.
fn title(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower[start..].find("</title>")?;
    Some(html[start..end].to_owned())
}

/// Finds complaints in the forms that registries and token services use.
fn complaints(json: &Value) -> Vec<Complaint> {
    let text = |value: &Value| match value {
        Value::String(text) => printable(text, TEXT_LIMIT),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let field = |object: &Value, names: &[&str]| {
        names.iter().map(|name| text(&object[*name])).find(|text| !text.is_empty()).unwrap_or_default()
    };
    let complaint = |entry: &Value| {
        let detail = if entry["detail"].is_null() { Value::Null } else { bounded(&entry["detail"]) };
        // Artifactory writes `{"status":404,"message":…}`.
        Complaint { code: field(entry, &["code"]), message: field(entry, &["message"]), detail }
    };
    if let Value::Array(errors) = &json["errors"] {
        let known = |complaint: &Complaint| !complaint.code.is_empty() || !complaint.message.is_empty();
        return errors.iter().take(16).map(complaint).filter(known).collect();
    }
    // Token services: OAuth 2, Docker Hub, GitLab, containers/image's own `details`.
    let message = field(json, &["error_description", "message", "details", "detail", "error"]);
    let code = field(json, &["code", "error"]);
    if message.is_empty() {
        return Vec::new();
    }
    let code = if code == message { String::new() } else { code };
    vec![Complaint { code, message, detail: Value::Null }]
}

/// Details can be as large as the registry likes; what can't be printed on a line is dropped.
fn bounded(detail: &Value) -> Value {
    let text = detail.to_string();
    if text.len() <= 4 << 10 && !text.chars().any(char::is_control) { detail.clone() } else { Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

    fn words(body: &str) -> String {
        answer(body, "application/json").words()
    }

    fn answer(body: &str, content_type: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let url = "https://h/v2/a/tags/list".to_owned();
        Answer::read(Method::GET, url, StatusCode::NOT_FOUND, &headers, body.as_bytes())
    }

    #[test]
    fn helms_words() {
        let body = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry","detail":{"name":"a","b":[1,"x",null]}}]}"#;
        assert_eq!(
            answer(body, "application/json").to_string(),
            "GET \"https://h/v2/a/tags/list\": response status code 404: \
             name unknown: repository name not known to registry: map[b:[1 x <nil>] name:a]"
        );
        assert_eq!(words(r#"{"errors":[{"code":"A_B","message":"x"},{"code":"C"}]}"#), "a b: x; c");
    }

    #[test]
    fn bodies_of_other_forms() {
        assert_eq!(words(r#"{"errors":[{"status":404,"message":"Not here"}]}"#), "Not here");
        assert_eq!(
            words(r#"{"details":"incorrect username or password"}"#),
            "incorrect username or password"
        );
        assert_eq!(words(r#"{"error":"invalid_grant","error_description":"no"}"#), "invalid grant: no");
        assert_eq!(words(r#"{"error":"denied"}"#), "denied");
        assert_eq!(words("Not Authorized\n"), "Not Authorized");
        assert_eq!(words(""), "Not Found");
        assert_eq!(words("{}"), "{}");
        let page = answer("<html><head><title>502 Bad Gateway</title></head>", "text/html");
        assert_eq!(page.words(), "502 Bad Gateway");
        assert_eq!(words(&"x".repeat(1000)).chars().count(), TEXT_LIMIT + 1);
        assert_eq!(words("a\u{1b}[31mb\r\nc"), "a [31mb c");
    }

    #[test]
    fn codes_are_known_however_they_are_spelled() {
        let answer = answer(r#"{"errors":[{"code":"TOO_MANY_REQUESTS","message":""}]}"#, "application/json");
        assert!(answer.has_code("TOOMANYREQUESTS") && !answer.has_code("DENIED"));
    }
}
