//! Verifying: whose signature stands around a text, whether it still counts, and whether the text speaks
//! of the archive at hand. The order of the checks is that of Helm 4.3.1, and with it the errors.

use std::fmt;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::cleartext::Cleartext;
use crate::document::Checksums;
use crate::entity::{Entity, Subkey};
use crate::error::Error;
use crate::keyring::Keyring;
use crate::parts::{Part, Parts};
use crate::public_key::PublicKey;
use crate::signature::{Signature, kind};

/// That an archive is what somebody signed. Its text is the three lines that Helm prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The names of the key that signed, in the order in which it has them.
    pub signed_by: Vec<String>,
    /// Its fingerprint: 40 or 64 hexadecimal digits, in capitals.
    pub fingerprint: String,
    /// The archive's digest, `sha256:…`.
    pub digest: String,
    /// The archive's name.
    pub file_name: String,
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for name in &self.signed_by {
            writeln!(f, "Signed by: {name}")?;
        }
        writeln!(f, "Using Key With Fingerprint: {}", self.fingerprint)?;
        writeln!(f, "Chart Hash Verified: {}", self.digest)
    }
}

/// The digest of an archive as provenance files have it.
pub fn sha256(archive: &[u8]) -> String {
    written(&Sha256::digest(archive))
}

pub(crate) fn written(digest: &[u8]) -> String {
    digest.iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// Verifies that a provenance file speaks of an archive with this name and this digest (`sha256:…`), and
/// that a key of the keyring has signed it.
///
/// # Errors
///
/// Everything that [`Error`] lists above its errors of signing. Nothing but the signature and the digest
/// is looked at: what is in the archive, others have to say.
pub fn verify(
    provenance: &[u8],
    file_name: &str,
    digest: &str,
    keyring: &Keyring,
) -> Result<Verification, Error> {
    verify_at(provenance, file_name, digest, keyring, SystemTime::now())
}

/// The same as [`verify`], as if it were this time.
///
/// # Errors
///
/// As [`verify`].
pub fn verify_at(
    provenance: &[u8],
    file_name: &str,
    digest: &str,
    keyring: &Keyring,
    time: SystemTime,
) -> Result<Verification, Error> {
    let now = seconds(time);
    let text = Cleartext::parse(provenance).ok_or(Error::NoSignature)?;
    let signer = signer(&text, keyring, now)?;
    Checksums::parse(&text.text)?.check(file_name, digest)?;
    Ok(Verification {
        signed_by: signer.names(),
        fingerprint: signer.primary.fingerprint.iter().map(|byte| format!("{byte:02X}")).collect(),
        digest: digest.to_owned(),
        file_name: file_name.to_owned(),
    })
}

/// Seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The key that signed. Of several signatures the first counts whose key we have.
fn signer(text: &Cleartext<'_>, keyring: &Keyring, now: u64) -> Result<Entity, Error> {
    let bytes = text.signature()?;
    let mut parts = Parts::new(&bytes);
    while let Some(part) = parts.next()? {
        let Part::Signature(signature) = part else {
            return Err(Error::malformed("non signature packet found"));
        };
        let issuer = signature.issuer.ok_or_else(|| Error::malformed("signature doesn't have an issuer"))?;
        let mut problem = None;
        for entity in keyring.with_id(issuer) {
            let entity = entity?;
            match check(&entity, &signature, issuer, &text.signed, now) {
                None => {}
                Some(Ok(())) => return Ok(entity),
                Some(Err(Outcome::NotItsSignature(error))) => problem = Some(error),
                Some(Err(Outcome::NoLonger(error))) => return Err(error),
            }
        }
        if let Some(problem) = problem {
            return Err(problem);
        }
    }
    Err(Error::UnknownSigner)
}

enum Outcome {
    NotItsSignature(Error),
    /// It is the key's signature, and counts no more.
    NoLonger(Error),
}

/// Checks a signature with the keys of an entity that have this id and may sign; none if none may.
fn check(
    entity: &Entity,
    signature: &Signature,
    id: u64,
    signed: &[u8],
    now: u64,
) -> Option<Result<(), Outcome>> {
    let (own, _) = entity.self_signature();
    let primary = (entity.primary.id == id).then_some((&entity.primary, own, None));
    let subkeys = entity.subkeys.iter().filter(|subkey| subkey.key.id == id);
    let subkeys = subkeys.map(|subkey| (&subkey.key, subkey.binding(), Some(subkey)));
    let mut outcome = None;
    for (key, own, subkey) in primary.into_iter().chain(subkeys) {
        if !own.is_some_and(Signature::allows_signing) {
            continue;
        }
        if !matches!(signature.kind, kind::BINARY | kind::TEXT) {
            let kind = Error::unsupported(format!("unsupported signature type: {}", signature.kind));
            return Some(Err(Outcome::NotItsSignature(kind)));
        }
        match key.verify(signature, &[signed]) {
            Ok(()) => return Some(still_counts(entity, signature, subkey, now).map_err(Outcome::NoLonger)),
            Err(error) => outcome = Some(Err(Outcome::NotItsSignature(error))),
        }
    }
    outcome
}

/// Whether a signature and all on which it rests still count.
fn still_counts(
    entity: &Entity,
    signature: &Signature,
    subkey: Option<&Subkey>,
    now: u64,
) -> Result<(), Error> {
    let (own, identity) = entity.self_signature();
    // A key that says nothing of itself says nothing of its subkeys.
    let own = own.ok_or(Error::UnknownSigner)?;
    let binding = subkey.and_then(Subkey::binding);
    let embedded = binding.and_then(|binding| binding.embedded.as_deref());
    let all = [Some(signature), Some(own), binding, embedded];
    let mut all = all.into_iter().flatten();
    if let Some(name) = all.clone().find_map(|signature| signature.critical_notation.as_ref()) {
        return Err(Error::BadSignature(format!("unknown critical notation: {name}")));
    }
    if entity.is_revoked(now)
        || subkey.is_some_and(|subkey| subkey.is_revoked(now))
        || identity.is_some_and(|identity| identity.is_revoked(now))
    {
        return Err(Error::Revoked);
    }
    let expired = |key: &PublicKey, own: Option<&Signature>| own.is_some_and(|own| key.has_expired(own, now));
    if expired(&entity.primary, Some(own)) || subkey.is_some_and(|subkey| expired(&subkey.key, binding)) {
        return Err(Error::KeyExpired);
    }
    if all.any(|signature| signature.has_expired(now)) {
        return Err(Error::SignatureExpired);
    }
    Ok(())
}
