//! `/token` and `/.well-known/jwks.json`: the token service.
//!
//! Docker's protocol by `GET` (with Basic, or nobody in particular), OAuth's by `POST` (a password, a
//! refresh token, or another issuer's identity token by RFC 8693). Credentials that are wrong are an error
//! here even where everybody may read: whoever logs in wants to know.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_access::{AuthError, Caller, Presented, Scope, TokenRequest};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use http::request::Parts;

use super::json;
use crate::Error;
use crate::body::Incoming;
use crate::gate::{Demand, Gate};
use crate::query::Query;
use crate::registry::RequestId;

/// The largest form that is read.
const MAX_FORM: u64 = 64 << 10;

/// OAuth's token exchange (RFC 8693 §2.1).
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Another issuer's identity token (RFC 8693 §3).
const IDENTITY_TOKENS: [&str; 2] =
    ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];

/// `GET`: a token for whoever the `Authorization` header says, or for nobody in particular.
pub(crate) async fn get(gate: &Arc<Gate>, request: &Parts, id: RequestId) -> Result<Response, Error> {
    let query = Query::parse(request.uri.query())?;
    let asked = TokenRequest {
        scopes: scopes(query.all("scope")),
        offline: query.get("offline_token").is_some_and(|value| value == "true"),
        exchange: false,
    };
    let outcome = gate.identify(request).await;
    let caller = outcome.map_err(|error| refuse(gate, request, id, error))?;
    issue(gate, request, id, &caller, asked).await
}

/// `POST`: a token for whoever the form says.
pub(crate) async fn post(
    gate: &Arc<Gate>,
    (request, body): (Parts, Body),
    id: RequestId,
) -> Result<Response, Error> {
    let form = Incoming::new(body).whole(MAX_FORM, "form").await?;
    let form = std::str::from_utf8(&form);
    let form = form.map_err(|_| Error::InvalidParameter("the form is not text".to_owned()))?;
    // In forms, unlike in our own queries, a plus is a space.
    let form = form.replace('+', "%20");
    let form = Query::parse(Some(&form))?;
    let needed = |name: &'static str| {
        form.get(name).ok_or_else(|| Error::InvalidParameter(format!("`{name}` is missing in the form")))
    };
    let address = gate.address(&request);
    let authenticator = gate.authenticator();
    let grant = needed("grant_type")?;
    let outcome = match grant {
        "password" => {
            let pair = format!("{}:{}", needed("username")?, needed("password")?);
            let header = format!("Basic {}", STANDARD.encode(pair));
            let presented = Presented { authorization: Some(header.as_bytes()), certificate: None, address };
            authenticator.authenticate(presented).await.map(|caller| (*caller).clone())
        }
        "refresh_token" => authenticator.refresh_token(needed("refresh_token")?, address).await,
        EXCHANGE => {
            let kind = needed("subject_token_type")?;
            if !IDENTITY_TOKENS.contains(&kind) {
                return Err(Error::InvalidParameter(format!(
                    "`subject_token_type` has to be {}",
                    IDENTITY_TOKENS.join(" or ")
                )));
            }
            authenticator.subject_token(needed("subject_token")?, address).await
        }
        _ => {
            return Err(Error::InvalidParameter(
                "`grant_type` has to be password, refresh_token or \
                 urn:ietf:params:oauth:grant-type:token-exchange"
                    .to_owned(),
            ));
        }
    };
    let caller = outcome.map_err(|error| refuse(gate, &request, id, error))?;
    let asked = TokenRequest {
        scopes: scopes(form.all("scope")),
        offline: form.get("access_type").is_some_and(|value| value == "offline"),
        exchange: grant == EXCHANGE,
    };
    issue(gate, &request, id, &caller, asked).await
}

/// What stands in `scope` parameters: each may have several, separated by spaces, which some clients
/// write as a plus.
fn scopes<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Scope> {
    let texts: Vec<String> = values.map(|value| value.replace('+', " ")).collect();
    Scope::parse_all(texts.iter().map(String::as_str))
}

async fn issue(
    gate: &Arc<Gate>,
    request: &Parts,
    id: RequestId,
    caller: &Caller,
    asked: TokenRequest,
) -> Result<Response, Error> {
    let issued = gate.authenticator().issue(caller, asked).await;
    let issued = issued.map_err(|error| refuse(gate, request, id, error))?;
    if !caller.identity.is_anonymous() {
        gate.record_login(request, id, Ok(caller));
    }
    let mut response = json(&issued)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn refuse(gate: &Gate, request: &Parts, id: RequestId, error: AuthError) -> Error {
    gate.record_login(request, id, Err(&error));
    match gate.refuse(error, &Demand::Known, request) {
        Error::Unauthorized { message, challenge } => Error::LoginRefused { message, challenge },
        other => other,
    }
}

/// `GET /.well-known/jwks.json`: the keys that our tokens are signed with.
pub(crate) fn keys(gate: &Gate) -> Result<Response, Error> {
    json(&gate.authenticator().key_set())
}
