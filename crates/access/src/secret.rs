//! The secrets of access tokens: made at random, shown once, kept as hashes.
//!
//! A token is `crt_<id>_<secret>`: the prefix lets scanners of leaked secrets know it, the id (12
//! letters and digits) says which it is, and the secret has 43 letters and digits, more than 250 bits.

use std::str::FromStr as _;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use chartroom_catalog::accounts::TokenId;
use sha2::{Digest as _, Sha256};

use crate::Error;

const PREFIX: &str = "crt_";
const SECRET: usize = 43;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token with its secret, as its owner gets it. Not printed by `{:?}`.
pub struct TokenSecret {
    /// Which token it is.
    pub id: TokenId,
    secret: String,
}

impl TokenSecret {
    /// A new token.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers.
    pub fn generate() -> Result<Self, Error> {
        let id = TokenId::from_str(&random(TokenId::LENGTH)?);
        Ok(Self { id: id.map_err(|_| Error::Cryptography("no id"))?, secret: random(SECRET)? })
    }

    /// Reads a token. `None` for anything else, such as a password.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let well_formed = secret.len() == SECRET && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        well_formed.then_some(())?;
        Some(Self { id: id.parse().ok()?, secret: secret.to_owned() })
    }

    /// The whole token, to be shown to its owner and to nobody else.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret)
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.as_bytes()).into()
    }

    /// Whether this is the token of which that was kept. Takes the same time whatever differs.
    pub(crate) fn has_hash(&self, hash: &[u8; 32]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.hash(), hash).is_ok()
    }
}

/// Letters and digits, each as likely as any other.
fn random(length: usize) -> Result<String, Error> {
    let random = SystemRandom::new();
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        random.fill(&mut bytes).map_err(|_| Error::Cryptography("there are no random numbers"))?;
        // 248 is a multiple of 62; what is above would make some characters likelier.
        let fair = bytes.iter().filter(|byte| **byte < 248).map(|byte| ALPHABET[usize::from(byte % 62)]);
        text.extend(fair.take(length - text.len()).map(char::from));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_shown() {
        let token = TokenSecret::generate().unwrap();
        let shown = token.reveal();
        assert_eq!(shown.len(), 4 + 12 + 1 + 43);
        let read = TokenSecret::parse(&shown).unwrap();
        assert_eq!(read.id, token.id);
        assert!(read.has_hash(&token.hash()));
        assert!(!read.has_hash(&TokenSecret::generate().unwrap().hash()));
        assert_ne!(shown, TokenSecret::generate().unwrap().reveal());
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let shown = TokenSecret::generate().unwrap().reveal();
        for text in
            ["", "password", "crt_", "crt_a_b", &shown[1..], &shown[..shown.len() - 1], &format!("{shown}x")]
        {
            assert!(TokenSecret::parse(text).is_none(), "{text}");
        }
    }
}
