//! Talking to a token service (distribution, "Token Authentication Specification" and
//! "OAuth2 Token Authentication").

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;
use serde::Deserialize;

use super::TokenRequest;
use crate::credential::{Credential, Secret};

/// What a token is good for when the service doesn't say.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// How long before its end a token is no longer used.
const LEEWAY: Duration = Duration::from_secs(10);

/// The longest that a token is kept, whatever the service says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What we call ourselves before a token service.
const CLIENT_ID: &str = "chartroom";

/// Characters that stay as they are in a form.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A token service's answer. Only these fields are read; any of them may be missing.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
}

impl TokenAnswer {
    /// The token, under either of its names.
    pub(crate) fn token(&self) -> Option<Secret> {
        let filled = |text: &&String| !text.is_empty();
        let token = self.token.as_ref().filter(filled).or(self.access_token.as_ref().filter(filled));
        token.map(|token| Secret::new(token.as_str()))
    }

    /// How long it is to be used.
    pub(crate) fn lifetime(&self) -> Duration {
        let seconds = self.expires_in.as_ref().and_then(|value| match value {
            serde_json::Value::String(text) => text.parse::<u64>().ok(),
            value => value.as_f64().filter(|seconds| *seconds >= 0.0).map(|seconds| seconds as u64),
        });
        let whole = seconds.filter(|seconds| *seconds > 0).map_or(DEFAULT_LIFETIME, Duration::from_secs);
        // A token that lives for seconds only is used for most of them.
        whole.min(LONGEST).saturating_sub(LEEWAY.min(whole / 5))
    }
}

fn field(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    form.push_str(name);
    form.push('=');
    form.extend(utf8_percent_encode(value, FORM));
}

impl TokenRequest {
    /// The address of the GET form: scopes are repeated, since some services take no other form.
    pub(crate) fn get_url(&self) -> Url {
        let mut query = self.realm.query().unwrap_or_default().to_owned();
        if let Some(service) = &self.service {
            field(&mut query, "service", service);
        }
        for scope in self.scopes.texts(&self.first) {
            field(&mut query, "scope", &scope);
        }
        let mut url = self.realm.clone();
        url.set_query((!query.is_empty()).then_some(&query));
        url
    }

    /// The body of the POST form; nothing for a credential that there is no such form for.
    pub(crate) fn post_form(&self) -> Option<String> {
        let mut form = String::new();
        match &self.credential {
            Credential::Basic { username, password } => {
                field(&mut form, "grant_type", "password");
                field(&mut form, "username", username);
                field(&mut form, "password", password.expose());
            }
            Credential::IdentityToken(token) => {
                field(&mut form, "grant_type", "refresh_token");
                field(&mut form, "refresh_token", token.expose());
            }
            Credential::Anonymous | Credential::RegistryToken(_) => return None,
        }
        field(&mut form, "client_id", CLIENT_ID);
        if let Some(service) = &self.service {
            field(&mut form, "service", service);
        }
        let scopes = self.scopes.texts(&self.first).join(" ");
        if !scopes.is_empty() {
            field(&mut form, "scope", &scopes);
        }
        Some(form)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::scope::Scopes;

    fn answer(json: &str) -> TokenAnswer {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn answers_of_all_kinds() {
        let token = |json: &str| answer(json).token().map(|token| token.expose().to_owned());
        assert_eq!(token(r#"{"token":"a","access_token":"b"}"#).as_deref(), Some("a"));
        assert_eq!(token(r#"{"token":"","access_token":"b"}"#).as_deref(), Some("b"));
        assert_eq!(token(r#"{"token":null}"#), None);
        let lifetime = |json: &str| answer(json).lifetime().as_secs();
        assert_eq!(lifetime("{}"), 50);
        assert_eq!(lifetime(r#"{"expires_in":300}"#), 290);
        assert_eq!(lifetime(r#"{"expires_in":"300"}"#), 290);
        assert_eq!(lifetime(r#"{"expires_in":5}"#), 4);
        assert_eq!(lifetime(r#"{"expires_in":0}"#), 50);
        assert_eq!(lifetime(r#"{"expires_in":-5}"#), 50);
        assert_eq!(lifetime(r#"{"expires_in":1e300}"#), 24 * 60 * 60 - 10);
    }

    #[test]
    fn both_forms() {
        let mut request = TokenRequest {
            realm: Url::parse("https://h/token?x=y").unwrap(),
            service: Some("my service".to_owned()),
            scopes: Scopes::parse("repository:b:pull,push repository:a:pull"),
            first: Scopes::parse("repository:b:pull"),
            credential: Credential::basic("a&b", "p=w +%"),
        };
        assert_eq!(
            request.get_url().as_str(),
            "https://h/token?x=y&service=my%20service&scope=repository%3Ab%3Apull%2Cpush&scope=repository%3Aa%3Apull"
        );
        assert_eq!(
            request.post_form().unwrap(),
            "grant_type=password&username=a%26b&password=p%3Dw%20%2B%25&client_id=chartroom\
             &service=my%20service&scope=repository%3Ab%3Apull%2Cpush%20repository%3Aa%3Apull"
        );
        request.credential = Credential::IdentityToken("r".into());
        request.scopes = Scopes::none();
        request.service = None;
        assert_eq!(request.get_url().as_str(), "https://h/token?x=y");
        assert_eq!(
            request.post_form().unwrap(),
            "grant_type=refresh_token&refresh_token=r&client_id=chartroom"
        );
    }
}
