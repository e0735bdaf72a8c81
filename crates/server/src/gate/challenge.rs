//! The `WWW-Authenticate` headers of a 401: how to come back with credentials.
//!
//! Docker's token protocol, with every parameter quoted, and Basic after it for clients that know
//! nothing else. The order matters: some read only the first.

use chartroom_access::Scope;
use http::HeaderValue;

/// How to come back with credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The URL of the token service.
    pub(crate) realm: String,
    /// What the token service calls this registry.
    pub(crate) service: String,
    /// What the token has to be good for.
    pub(crate) scope: Option<Scope>,
    /// What was wrong with the token that came (RFC 6750 §3.1).
    pub(crate) error: Option<&'static str>,
    /// Whether a password is taken here, too.
    pub(crate) basic: bool,
}

impl Challenge {
    /// The headers, in their order.
    pub(crate) fn headers(&self) -> Vec<HeaderValue> {
        let mut bearer =
            format!("Bearer realm=\"{}\",service=\"{}\"", quoted(&self.realm), quoted(&self.service));
        if let Some(scope) = &self.scope {
            bearer.push_str(&format!(",scope=\"{}\"", quoted(&scope.to_string())));
        }
        if let Some(error) = self.error {
            bearer.push_str(&format!(",error=\"{error}\""));
        }
        let basic = format!("Basic realm=\"{}\"", quoted(&self.service));
        let texts = std::iter::once(bearer).chain(self.basic.then_some(basic));
        texts.filter_map(|text| HeaderValue::try_from(text).ok()).collect()
    }

    /// Only that a password is wanted, as the token service says it.
    pub(crate) fn basic_only(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("Basic realm=\"{}\"", quoted(&self.service))).ok()
    }
}

/// What stands between quotes (RFC 9110 §5.6.4).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
