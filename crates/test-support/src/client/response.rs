//! Answers, and what is expected of them.

use chartroom_oci::Digest;

/// An answer, wholly read.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The body; empty if it was written elsewhere.
    pub body: Vec<u8>,
    /// How long the body was.
    pub body_length: u64,
    pub(super) request: String,
    headers: Vec<(String, Vec<u8>)>,
}

impl Response {
    pub(super) fn from_head(head: &httparse::Response<'_, '_>) -> Self {
        let headers = head.headers.iter().map(|header| (header.name.to_owned(), header.value.to_owned()));
        Self { status: head.code.unwrap_or_default(), headers: headers.collect(), ..Self::default() }
    }

    /// The values of a header, in the order in which they came.
    #[track_caller]
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| std::str::from_utf8(value).expect("header values are ASCII")).collect()
    }

    /// The only value of a header, if it is there.
    ///
    /// # Panics
    ///
    /// When it is there more than once.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        match self.headers(name).as_slice() {
            [] => None,
            [value] => Some(value),
            several => panic!("{}: {name} comes {} times: {several:?}", self.request, several.len()),
        }
    }

    /// The value of a header that must be there.
    #[track_caller]
    pub fn need(&self, name: &str) -> &str {
        self.header(name).unwrap_or_else(|| panic!("there is no {name} in {}", self.describe()))
    }

    /// The `Location` header.
    #[track_caller]
    pub fn location(&self) -> &str {
        self.need("Location")
    }

    /// The `Docker-Content-Digest` header.
    #[track_caller]
    pub fn digest(&self) -> Digest {
        self.need("Docker-Content-Digest").parse().expect("a digest")
    }

    /// The `Content-Length` header.
    #[track_caller]
    pub fn content_length(&self) -> u64 {
        self.need("Content-Length").parse().expect("a length")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}) in {}", self.describe()))
    }

    /// The texts of the warnings (`Warning: 299 - "…"`).
    #[track_caller]
    pub fn warnings(&self) -> Vec<String> {
        let values = self.headers("Warning");
        let text = |value: &&str| {
            let quoted = value.strip_prefix("299 - \"").and_then(|rest| rest.strip_suffix('"'));
            quoted.unwrap_or_else(|| panic!("not of the form 299 - \"…\": {value}")).to_owned()
        };
        assert!(values.iter().map(|value| value.len()).sum::<usize>() <= 4096, "warnings are too long");
        values.iter().map(text).collect()
    }

    /// The codes in a body of the specification's form for errors; none if it is not one.
    pub fn error_codes(&self) -> Vec<String> {
        let body = serde_json::from_slice::<serde_json::Value>(&self.body).unwrap_or_default();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Checks the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "status of {}", self.describe());
        self
    }

    /// Checks that this is an error with this status and the specification's body for it, with
    /// one of these codes.
    #[track_caller]
    pub fn expect_error(self, status: u16, codes: &[&str]) -> Self {
        let answer = self.expect(status);
        let content_type = answer.need("Content-Type");
        assert!(
            content_type == "application/json" || content_type.starts_with("application/json;"),
            "Content-Type of {}",
            answer.describe()
        );
        assert_eq!(answer.content_length(), answer.body.len() as u64);
        assert!(answer.body.len() <= 8 * 1024, "an error body of {} bytes", answer.body.len());
        let body = answer.json();
        let errors = body["errors"].as_array().filter(|errors| !errors.is_empty());
        for error in errors.unwrap_or_else(|| panic!("no errors in {}", answer.describe())) {
            let code = error["code"].as_str().unwrap_or_default();
            assert!(codes.contains(&code), "{code} is none of {codes:?} in {}", answer.describe());
            let message = error["message"].as_str().unwrap_or_default();
            assert!(!message.is_empty(), "no message in {}", answer.describe());
        }
        answer
    }

    /// The request, the status, the headers and the start of the body, for messages.
    pub fn describe(&self) -> String {
        let mut text = format!("{} → {}", self.request, self.status);
        for (name, value) in &self.headers {
            text.push_str(&format!("\n    {name}: {}", String::from_utf8_lossy(value)));
        }
        let body = self.text();
        if !body.is_empty() {
            text.push_str(&format!("\n    {}", body.chars().take(600).collect::<String>()));
        }
        text
    }
}
