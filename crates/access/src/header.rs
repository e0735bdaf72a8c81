//! What an `Authorization` header and the tokens in it say, before anything of it is proved.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{AuthError, Refusal};
use crate::federation::MAX_TOKEN;

/// An `Authorization` header, taken apart.
pub(crate) enum Read<'a> {
    Basic(String, String),
    Bearer(&'a str),
}

/// Takes the value of a header apart.
pub(crate) fn read(header: &str) -> Result<Read<'_>, AuthError> {
    let (scheme, rest) = header.split_once(' ').ok_or(Refusal::Malformed)?;
    let rest = rest.trim();
    if rest.len() > MAX_TOKEN * 2 {
        return Err(Refusal::Malformed.into());
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Read::Bearer(rest));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::Malformed.into());
    }
    let decoded = STANDARD.decode(rest).map_err(|_| Refusal::Malformed)?;
    let decoded = String::from_utf8(decoded).map_err(|_| Refusal::Malformed)?;
    let (user, password) = decoded.split_once(':').ok_or(Refusal::Malformed)?;
    if user.len() > 256 {
        return Err(Refusal::Malformed.into());
    }
    Ok(Read::Basic(user.to_owned(), password.to_owned()))
}

/// The head of a JSON Web Token, if it is one of a length that is looked at.
pub(crate) fn jwt_header(token: &str) -> Option<jsonwebtoken::Header> {
    let looks_so = token.len() <= MAX_TOKEN && token.starts_with("eyJ") && token.matches('.').count() == 2;
    looks_so.then(|| jsonwebtoken::decode_header(token).ok()).flatten()
}

/// Who claims to have made a token; nothing is proved by it.
pub(crate) fn issuer_of(token: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Issuer {
        iss: String,
    }
    jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(token).ok().map(|claims| claims.iss)
}
