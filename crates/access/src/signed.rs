//! Tokens that we sign: short-lived, good for the scopes that were asked for.
//!
//! Ed25519, with a key that lives in memory and is replaced every day; the one before is believed for as
//! long as its last token may live. A restart forgets both, and clients then ask for a new token, as they
//! do when one has expired.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Actions};
use crate::caller::{Caller, Credential};
use crate::error::{Error, Refusal};
use crate::identity::{Claims, Identity, Limits, Subject};
use crate::scope::Scope;

/// The longest time that a token may be good for.
pub const MAX_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// For how long a key signs.
const ROTATION: SignedDuration = SignedDuration::from_hours(24);

/// Signs tokens and believes them.
pub(crate) struct Signer {
    keys: RwLock<Vec<Arc<Key>>>,
}

struct Key {
    id: String,
    made_at: Timestamp,
    signing: EncodingKey,
    verifying: DecodingKey,
    public: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    nbf: i64,
    iat: i64,
    jti: String,
    access: Vec<Scope>,
    /// Who it is, for our own rules.
    who: Who,
}

#[derive(Serialize, Deserialize)]
struct Who {
    subject: Subject,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Claims::is_empty")]
    claims: Claims,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limits: Option<LimitsText>,
}

#[derive(Serialize, Deserialize)]
struct LimitsText {
    repositories: Vec<String>,
    actions: Vec<String>,
}

impl From<&Limits> for LimitsText {
    fn from(limits: &Limits) -> Self {
        Self {
            repositories: limits.repositories.iter().map(ToString::to_string).collect(),
            actions: limits.actions.iter().map(|action| action.to_string()).collect(),
        }
    }
}

impl LimitsText {
    fn read(&self) -> Option<Limits> {
        let repositories = self.repositories.iter().map(|pattern| pattern.parse().ok());
        let actions = self.actions.iter().map(|action| action.parse::<Action>().ok());
        Some(Limits {
            repositories: repositories.collect::<Option<_>>()?,
            actions: actions.collect::<Option<Actions>>()?,
        })
    }
}

impl Key {
    fn generate(now: Timestamp) -> Result<Self, Error> {
        let failed = |_| Error::Cryptography("no key can be made");
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(failed)?;
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref())
            .map_err(|_| Error::Cryptography("no key can be made"))?;
        let public = pair.public_key().as_ref().to_vec();
        Ok(Self {
            id: random_text(12)?,
            made_at: now,
            signing: EncodingKey::from_ed_der(document.as_ref()),
            verifying: DecodingKey::from_ed_der(&public),
            public,
        })
    }
}

fn random_text(bytes: usize) -> Result<String, Error> {
    let mut random = vec![0; bytes];
    let filled = SystemRandom::new().fill(&mut random);
    filled.map_err(|_| Error::Cryptography("there are no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(random))
}

impl Signer {
    pub(crate) fn new(now: Timestamp) -> Result<Self, Error> {
        Ok(Self { keys: RwLock::new(vec![Arc::new(Key::generate(now)?)]) })
    }

    /// The key to sign with now: the newest, or a new one if that has served its time.
    fn current(&self, now: Timestamp) -> Result<Arc<Key>, Error> {
        let is_fresh = |key: &Arc<Key>| now.duration_since(key.made_at) < ROTATION;
        let newest = |keys: &Vec<Arc<Key>>| keys.last().filter(|key| is_fresh(key)).cloned();
        if let Some(key) = newest(&self.keys.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(key);
        }
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = newest(&keys) {
            return Ok(key);
        }
        let key = Arc::new(Key::generate(now)?);
        keys.push(Arc::clone(&key));
        // The one before may have signed a moment ago.
        let old = keys.len().saturating_sub(2);
        keys.drain(..old);
        Ok(key)
    }

    /// Signs a token for a caller.
    pub(crate) fn sign(
        &self,
        caller: &Caller,
        service: &str,
        scopes: Vec<Scope>,
        lifetime: SignedDuration,
        now: Timestamp,
    ) -> Result<String, Error> {
        let key = self.current(now)?;
        let Identity { subject, groups, claims, limits } = &caller.identity;
        let payload = Payload {
            iss: service.to_owned(),
            sub: subject.to_string(),
            aud: service.to_owned(),
            exp: (now + lifetime.min(MAX_LIFETIME)).as_second(),
            nbf: now.as_second() - 5,
            iat: now.as_second(),
            jti: random_text(12)?,
            access: scopes,
            who: Who {
                subject: subject.clone(),
                groups: groups.clone(),
                claims: claims.clone(),
                limits: limits.as_ref().map(LimitsText::from),
            },
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.id.clone());
        jsonwebtoken::encode(&header, &payload, &key.signing)
            .map_err(|_| Error::Cryptography("the token can't be signed"))
    }

    /// Whether a token names one of our keys.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.key(key).is_some()
    }

    fn key(&self, id: &str) -> Option<Arc<Key>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|key| key.id == id).cloned()
    }

    /// Believes a token that we signed, and says until when.
    pub(crate) fn verify(
        &self,
        token: &str,
        key: &str,
        service: &str,
    ) -> Result<(Caller, Timestamp), Refusal> {
        let key = self.key(key).ok_or_else(|| Refusal::Token("its key is not ours".to_owned()))?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[service]);
        validation.set_audience(&[service]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        let payload = jsonwebtoken::decode::<Payload>(token, &key.verifying, &validation);
        let payload = payload.map_err(|error| refusal(&error))?.claims;
        let unreadable = || Refusal::Token("its limits can't be read".to_owned());
        let limits = match payload.who.limits {
            Some(limits) => Some(limits.read().ok_or_else(unreadable)?),
            None => None,
        };
        let Who { subject, groups, claims, .. } = payload.who;
        let until = Timestamp::from_second(payload.exp).map_err(|_| Refusal::Expired)?;
        let identity = Identity { subject, groups, claims, limits };
        Ok((Caller { identity, credential: Credential::Scoped(payload.access) }, until))
    }

    /// The public keys, as a JSON Web Key Set.
    pub(crate) fn key_set(&self) -> serde_json::Value {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let keys = keys.iter().map(|key| {
            serde_json::json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": key.id,
                "x": URL_SAFE_NO_PAD.encode(&key.public),
            })
        });
        serde_json::json!({ "keys": keys.collect::<Vec<_>>() })
    }
}

/// What is wrong with a token, as far as its owner needs to know.
pub(crate) fn refusal(error: &jsonwebtoken::errors::Error) -> Refusal {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => Refusal::Expired,
        ErrorKind::ImmatureSignature => Refusal::Token("it is not valid yet".to_owned()),
        ErrorKind::InvalidSignature => Refusal::Token("its signature is wrong".to_owned()),
        ErrorKind::InvalidIssuer => Refusal::Token("its issuer is another".to_owned()),
        ErrorKind::InvalidAudience => Refusal::Token("it was made for another audience".to_owned()),
        ErrorKind::InvalidAlgorithm => Refusal::Token("its algorithm is not allowed".to_owned()),
        ErrorKind::MissingRequiredClaim(claim) => Refusal::Token(format!("it has no `{claim}`")),
        _ => Refusal::Token("it can't be read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const SERVICE: &str = "charts.example.com";

    fn caller() -> Caller {
        let limits = Limits {
            repositories: vec!["charts/**".parse().unwrap()],
            actions: [Action::Pull, Action::Push].into_iter().collect(),
        };
        let identity = Identity { limits: Some(limits), ..Identity::user("ci", vec!["robots".to_owned()]) };
        Caller { identity, credential: Credential::Direct("access-token") }
    }

    fn key_of(token: &str) -> String {
        jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
    }

    #[test]
    fn what_was_signed_is_believed_as_it_was() {
        let now = Timestamp::now();
        let signer = Signer::new(now).unwrap();
        let scopes = Scope::parse_all(["repository:charts/app:pull,push"]);
        let token = signer.sign(&caller(), SERVICE, scopes.clone(), MAX_LIFETIME * 10, now).unwrap();
        let (read, until) = signer.verify(&token, &key_of(&token), SERVICE).unwrap();
        assert_eq!(read.identity, caller().identity);
        assert_eq!(read.credential, Credential::Scoped(scopes));
        assert!(until <= now + MAX_LIFETIME, "no token lives longer than five minutes");
    }

    #[test]
    fn what_we_did_not_sign_is_refused() {
        let now = Timestamp::now();
        let signer = Signer::new(now).unwrap();
        let token = signer.sign(&caller(), SERVICE, Vec::new(), MAX_LIFETIME, now).unwrap();
        let key = key_of(&token);
        assert!(signer.verify(&token, &key, "other.example.com").is_err(), "another service");
        assert!(signer.verify(&token, "unknown", SERVICE).is_err());
        assert!(Signer::new(now).unwrap().verify(&token, &key, SERVICE).is_err(), "another key");
        let (head, rest) = token.split_at(token.len() - 8);
        assert!(
            signer
                .verify(&format!("{head}{}", rest.to_uppercase().replace('A', "B")), &key, SERVICE)
                .is_err()
        );
        let old =
            signer.sign(&caller(), SERVICE, Vec::new(), MAX_LIFETIME, now - SignedDuration::from_mins(6));
        assert_eq!(signer.verify(&old.unwrap(), &key, SERVICE), Err(Refusal::Expired));
        let none = token.split('.').collect::<Vec<_>>();
        let none = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), none[1]);
        assert!(signer.verify(&none, &key, SERVICE).is_err());
    }

    #[test]
    fn keys_are_replaced_and_the_last_one_is_still_believed() {
        let now = Timestamp::now();
        // A day ago, so that what is signed now is with the second key.
        let signer = Signer::new(now - ROTATION).unwrap();
        let first = signer.keys.read().unwrap()[0].id.clone();
        let token = signer.sign(&caller(), SERVICE, Vec::new(), MAX_LIFETIME, now).unwrap();
        assert_ne!(key_of(&token), first);
        assert!(signer.knows(&first));
        assert_eq!(signer.key_set()["keys"].as_array().unwrap().len(), 2);
        let later = signer.sign(&caller(), SERVICE, Vec::new(), MAX_LIFETIME, now + ROTATION).unwrap();
        assert_ne!(key_of(&later), key_of(&token));
        assert!(!signer.knows(&first), "two keys at most");
    }
}
