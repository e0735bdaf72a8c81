//! One entry of `auths`: what it holds, and how a credential is written into it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::error::{Error, Result};
use super::json::{Object, quote};
use crate::credential::{Credential, Secret};

/// The user name that marks an identity token where only user and password fit.
pub(super) const TOKEN_USER: &str = "<token>";

/// The fields of an entry that belong to the credential; all others are kept.
const FIELDS: [&str; 5] = ["auth", "username", "password", "identitytoken", "registrytoken"];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The credential in an entry; anonymous if there is none (Docker leaves empty entries
/// behind for what a helper keeps).
pub(super) fn decode(json: &str) -> Result<Credential, &'static str> {
    let entry = Object::parse(json).map_err(|_| "it is not an object")?;
    let text = |field| entry.text(field).map(Option::unwrap_or_default);
    let not_text = "a field of it is not a text";
    let token = text("registrytoken").map_err(|_| not_text)?;
    if !token.is_empty() {
        return Ok(Credential::RegistryToken(token.into()));
    }
    let token = text("identitytoken").map_err(|_| not_text)?;
    if !token.is_empty() {
        return Ok(Credential::IdentityToken(token.into()));
    }
    let auth = text("auth").map_err(|_| not_text)?;
    let (username, password) = if auth.is_empty() {
        (text("username").map_err(|_| not_text)?, text("password").map_err(|_| not_text)?)
    } else {
        decode_auth(&auth)?
    };
    Ok(from_user_and_secret(username, password.into()))
}

/// A credential from what fits into two fields.
pub(super) fn from_user_and_secret(username: String, secret: Secret) -> Credential {
    match username.as_str() {
        "" if secret.is_empty() => Credential::Anonymous,
        TOKEN_USER => Credential::IdentityToken(secret),
        _ => Credential::Basic { username, password: secret },
    }
}

/// User and password from the field `auth`: base64, padded or not, of `user:password`, behind
/// which Docker once wrote zero bytes.
fn decode_auth(auth: &str) -> Result<(String, String), &'static str> {
    let decoded = BASE64.decode(auth.trim()).map_err(|_| "its field `auth` is not base64")?;
    let decoded = String::from_utf8(decoded).map_err(|_| "its field `auth` is not UTF-8")?;
    let (username, password) =
        decoded.split_once(':').ok_or("its field `auth` has no `:` between user and password")?;
    Ok((username.to_owned(), password.trim_matches('\0').to_owned()))
}

/// Writes a credential over that of an entry, if there was one, and keeps its other fields.
pub(super) fn encode(previous: Option<&str>, credential: &Credential) -> String {
    let mut entry = stripped(previous);
    match credential {
        Credential::Anonymous => {}
        Credential::Basic { username, password } => {
            let auth = BASE64.encode(format!("{username}:{}", password.expose()));
            entry.set("auth", quote(&auth));
        }
        Credential::IdentityToken(token) => entry.set("identitytoken", quote(token.expose())),
        Credential::RegistryToken(token) => entry.set("registrytoken", quote(token.expose())),
    }
    entry.compact()
}

/// The entry without its credential. What is no entry has nothing to keep.
fn stripped(entry: Option<&str>) -> Object<'_> {
    let mut entry = Object::parse(entry.unwrap_or_default()).unwrap_or_default();
    entry.remove(|key| FIELDS.iter().any(|field| key.eq_ignore_ascii_case(field)));
    entry
}

/// Refuses what would be read back as something else.
pub(super) fn check_storable(credential: &Credential) -> Result<()> {
    match credential {
        Credential::Anonymous => Err(Error::Unstorable("there is neither a user nor a secret")),
        Credential::IdentityToken(token) | Credential::RegistryToken(token) if token.is_empty() => {
            Err(Error::Unstorable("the token is empty"))
        }
        Credential::IdentityToken(_) | Credential::RegistryToken(_) => Ok(()),
        Credential::Basic { username, .. } if username.contains(':') => {
            Err(Error::Unstorable("user names with a `:` can't be told from the password"))
        }
        Credential::Basic { username, password } if username.is_empty() && password.is_empty() => {
            Err(Error::Unstorable("user and password are empty"))
        }
        Credential::Basic { username, password } => {
            if username.contains('\0') || password.expose().contains('\0') {
                return Err(Error::Unstorable("user and password can't have zero bytes"));
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_entry() {
        let alice = Credential::basic("alice", "s3:cret");
        for (entry, credential) in [
            (r#"{"auth":"YWxpY2U6czM6Y3JldA=="}"#, alice.clone()),
            (r#"{"auth":"YWxpY2U6czM6Y3JldA"}"#, alice.clone()),
            (r#"{"auth":"YWxpY2U6czM6Y3JldAAAAA=="}"#, alice.clone()),
            (r#"{"Auth":" YWxpY2U6czM6Y3JldA==\n"}"#, alice.clone()),
            (r#"{"username":"alice","password":"s3:cret"}"#, alice.clone()),
            (r#"{"auth":"YWxpY2U6czM6Y3JldA==","username":"bob","password":"x"}"#, alice),
            (r#"{"auth":"","username":"bob","password":"x"}"#, Credential::basic("bob", "x")),
            (r#"{"auth":"eDo=","identitytoken":"t"}"#, Credential::IdentityToken("t".into())),
            (r#"{"identitytoken":"i","registrytoken":"r"}"#, Credential::RegistryToken("r".into())),
            (r#"{"username":"<token>","password":"t"}"#, Credential::IdentityToken("t".into())),
            (r#"{"auth":"Og=="}"#, Credential::Anonymous),
            (r#"{"auth":null}"#, Credential::Anonymous),
            ("{}", Credential::Anonymous),
            ("null", Credential::Anonymous),
        ] {
            assert_eq!(decode(entry), Ok(credential), "{entry}");
        }
        for entry in
            ["5", r#""YWxpY2U6czM6Y3JldA==""#, r#"{"auth":5}"#, r#"{"auth":"!"}"#, r#"{"auth":"YQ"}"#]
        {
            assert!(decode(entry).is_err(), "{entry}");
        }
        assert!(decode(r#"{"auth":"gICAgDo="}"#).is_err(), "not UTF-8");
    }

    #[test]
    fn fields_of_others_are_kept() {
        let entry = r#"{"email":"a@b","AUTH":"eDp5","identitytoken":"t","n":1.50}"#;
        assert_eq!(
            encode(Some(entry), &Credential::basic("u", "p")),
            r#"{"email":"a@b","n":1.50,"auth":"dTpw"}"#
        );
        assert_eq!(encode(Some(entry), &Credential::Anonymous), r#"{"email":"a@b","n":1.50}"#);
        assert_eq!(encode(Some("5"), &Credential::Anonymous), "{}");
    }

    fn credential() -> impl Strategy<Value = Credential> {
        prop_oneof![
            ("\\PC{0,12}", "\\PC{0,40}").prop_map(|(user, password)| Credential::basic(user, password)),
            "\\PC{0,80}".prop_map(|token| Credential::IdentityToken(token.into())),
            "\\PC{0,80}".prop_map(|token| Credential::RegistryToken(token.into())),
        ]
    }

    proptest! {
        #[test]
        fn what_is_stored_is_read_back(credential in credential()) {
            prop_assume!(check_storable(&credential).is_ok());
            prop_assert_eq!(decode(&encode(None, &credential)), Ok(credential));
        }

        #[test]
        fn no_auth_field_makes_it_panic(auth in "[A-Za-z0-9+/=_ \\-]{0,40}", text in "\\PC{0,40}") {
            let _ = decode_auth(&auth);
            let _ = decode_auth(&text);
            let _ = decode(&text);
        }
    }
}
