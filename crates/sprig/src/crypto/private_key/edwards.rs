//! Keys on Curve25519: Ed25519, which signs, and X25519, which Go reads and can do nothing with here.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use chartroom_gotemplate::CallError;

use super::super::der::read::{Problem, Reader};
use super::super::der::{oid, tag, write};
use super::super::random;
use super::{Pkcs8, PublicKey};

/// A key that signs.
pub(crate) struct Ed25519Key {
    seed: Vec<u8>,
    pair: Ed25519KeyPair,
}

/// A key for agreements. Nothing of it is needed.
pub(crate) struct X25519Key;

impl Ed25519Key {
    pub(super) fn generate() -> Result<Self, CallError> {
        let mut seed = [0; 32];
        random::fill(&mut seed)?;
        Self::from_seed(&seed)
            .map_err(|problem| CallError::new(format!("failed to generate private key: {problem}")))
    }

    pub(super) fn from_seed(seed: &[u8]) -> Result<Self, Problem> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|error| format!("ed25519: {error}"))?;
        Ok(Self { seed: seed.to_vec(), pair })
    }

    pub(super) fn to_pkcs8(&self) -> Vec<u8> {
        write::sequence(&[
            &write::integer(&[]),
            &write::sequence(&[&write::object_identifier(oid::ED25519)]),
            &write::octet_string(&write::octet_string(&self.seed)),
        ])
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey {
            algorithm: write::sequence(&[&write::object_identifier(oid::ED25519)]),
            bytes: self.pair.public_key().as_ref().to_vec(),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Problem> {
        let signature = self.pair.try_sign(message).map_err(|error| format!("ed25519: {error}"))?;
        Ok(signature.as_ref().to_vec())
    }
}

/// The 32 bytes that such a key consists of, if they are as many.
pub(super) fn seed<'a>(key: &Pkcs8<'a>, name: &str) -> Result<&'a [u8], Problem> {
    if !key.parameters.is_empty() {
        return Err(format!("x509: invalid {name} private key parameters"));
    }
    Reader::new(key.content)
        .expect(tag::OCTET_STRING, "")
        .map_err(|problem| format!("x509: invalid {name} private key: {problem}"))
}
