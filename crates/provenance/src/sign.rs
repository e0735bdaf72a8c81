//! Signing: which key, and the provenance file that it makes.

use std::time::SystemTime;

use pgp::bytes::Bytes;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{
    Notation, PacketTrait as _, SecretKey as Material, SignatureConfig, SignatureType, Subpacket,
    SubpacketData,
};
use pgp::types::{KeyDetails as _, Password, Timestamp};
use rand::RngCore as _;

use crate::cleartext::{compose, prepare};
use crate::document::signed_text;
use crate::entity::Entity;
use crate::error::Error;
use crate::keyring::Keyring;
use crate::secret_key::SecretKey;
use crate::signature::Signature;
use crate::verify::seconds;

/// The digest that is signed. All that read provenance files know it.
const HASH: HashAlgorithm = HashAlgorithm::Sha512;
/// Under this name every signature gets random bytes, as with Helm: that the same text never has the same
/// signature protects keys from faults of the machine.
const SALT: &str = "salt@notations.openpgpjs.org";
const SALT_LENGTH: usize = 32;

/// Somebody who signs charts.
#[derive(Debug)]
pub struct Signer {
    entity: Entity,
    /// Which of its keys signs: a subkey, or the key itself.
    subkey: Option<usize>,
    /// Once it is open.
    material: Option<Material>,
}

/// Why nobody may believe what a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caveat {
    /// It was revoked.
    Revoked,
    /// It has expired.
    Expired,
    /// It says itself that it is not for signing.
    NotForSigning,
}

impl Signer {
    /// Finds the key in whose names `id` is. A key that has exactly this name is taken before others.
    ///
    /// Of a key that is not meant to sign itself, or whose secret is kept elsewhere, the newest subkey
    /// that may sign is used.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchKey`]; [`Error::Ambiguous`] if several keys have such names; [`Error::NotSecret`] and
    /// [`Error::SecretElsewhere`], if there is nothing to sign with; [`Error::Unsupported`].
    pub fn find(keyring: &Keyring, id: &str) -> Result<Self, Error> {
        let mut found = Vec::<Entity>::new();
        for entity in keyring.with_name(id) {
            let entity = entity?;
            if entity.identities.iter().any(|identity| identity.name == id.as_bytes()) {
                found = vec![entity];
                break;
            }
            // A key that is there twice, with and without its secret half, is one key.
            match found.iter_mut().find(|known| known.primary.fingerprint == entity.primary.fingerprint) {
                Some(known) if known.secret.is_none() => *known = entity,
                Some(_) => {}
                None => found.push(entity),
            }
        }
        if found.len() > 1 {
            return Err(Error::Ambiguous(id.to_owned()));
        }
        let entity = found.pop().ok_or(Error::NoSuchKey)?;
        let secret = entity.secret.as_ref().ok_or(Error::NotSecret)?;
        let now = seconds(SystemTime::now());
        let own = entity.self_signature().0;
        let signs_itself = own.is_none_or(|own| own.allows_signing() || !own.limits_uses());
        let subkey = if signs_itself && !secret.is_elsewhere() { None } else { entity.signing_subkey(now) };
        if subkey.is_none() && secret.is_elsewhere() {
            return Err(Error::SecretElsewhere);
        }
        Ok(Self { entity, subkey, material: None })
    }

    /// Its name, to ask for the passphrase with.
    pub fn name(&self) -> String {
        let name = self.entity.identities.first().map(|identity| identity.name.as_slice());
        String::from_utf8_lossy(name.unwrap_or(b"Unknown")).into_owned()
    }

    /// Whether a passphrase is needed before it can sign.
    pub fn is_locked(&self) -> bool {
        self.material.is_none() && self.secret().is_some_and(SecretKey::is_locked)
    }

    /// Opens the key. A key without a passphrase needs none.
    ///
    /// # Errors
    ///
    /// [`Error::WrongPassphrase`]; [`Error::Malformed`] if the secret key is damaged.
    pub fn unlock(&mut self, passphrase: &[u8]) -> Result<(), Error> {
        if self.material.is_none() {
            self.material = Some(self.secret().ok_or(Error::NotSecret)?.open(passphrase)?);
        }
        Ok(())
    }

    /// What to warn of. Signing goes on, but verifying won't.
    pub fn caveat(&self) -> Option<Caveat> {
        let now = seconds(SystemTime::now());
        let (own, identity) = self.entity.self_signature();
        let subkey = self.subkey.and_then(|number| self.entity.subkeys.get(number));
        let of_use = subkey.map_or(own, |subkey| subkey.binding());
        if self.entity.is_revoked(now) || identity.is_some_and(|identity| identity.is_revoked(now)) {
            return Some(Caveat::Revoked);
        }
        if own.is_some_and(|own| self.entity.primary.has_expired(own, now)) {
            return Some(Caveat::Expired);
        }
        (!of_use.is_some_and(Signature::allows_signing)).then_some(Caveat::NotForSigning)
    }

    fn secret(&self) -> Option<&SecretKey> {
        match self.subkey {
            Some(number) => self.entity.subkeys.get(number)?.secret.as_ref(),
            None => self.entity.secret.as_ref(),
        }
    }

    /// Makes the provenance file of an archive.
    ///
    /// `metadata` is what `Chart.yaml` in the archive says, as YAML; `digest` is `sha256:…`.
    ///
    /// # Errors
    ///
    /// [`Error::WrongPassphrase`] if the key was not opened; [`Error::Unsigned`].
    pub fn sign(&self, metadata: &str, file_name: &str, digest: &str) -> Result<String, Error> {
        let material = self.material.as_ref().ok_or(Error::WrongPassphrase)?;
        let text = signed_text(metadata, file_name, digest)?;
        let (signed, written) = prepare(&text);
        let signature = signature(material, &signed).map_err(|error| Error::Unsigned(error.to_string()))?;
        // Of version 6 no hash is said in advance.
        let hash = (self.entity.primary.version < 6).then_some("SHA512");
        Ok(compose(hash, &written, &signature))
    }
}

/// A packet with a signature of this data.
fn signature(key: &Material, signed: &[u8]) -> pgp::errors::Result<Vec<u8>> {
    let mut rng = rand::rngs::OsRng;
    let own = key.public_key();
    let is_new = u8::from(own.version()) >= 6;
    let mut config = if is_new {
        SignatureConfig::v6(rng, SignatureType::Text, own.algorithm(), HASH)?
    } else {
        SignatureConfig::v4(SignatureType::Text, own.algorithm(), HASH)
    };
    let mut said = vec![Subpacket::critical(SubpacketData::SignatureCreationTime(Timestamp::now()))?];
    if !is_new {
        // Helm 3 knows keys by their ids only.
        said.push(Subpacket::regular(SubpacketData::IssuerKeyId(own.legacy_key_id()))?);
        let mut value = vec![0; SALT_LENGTH];
        rng.fill_bytes(&mut value);
        let (name, value) = (Bytes::from_static(SALT.as_bytes()), Bytes::from(value));
        said.push(Subpacket::regular(SubpacketData::Notation(Notation { readable: false, name, value }))?);
    }
    said.push(Subpacket::regular(SubpacketData::IssuerFingerprint(own.fingerprint()))?);
    config.hashed_subpackets = said;
    let signature = config.sign(key, &Password::empty(), signed)?;
    let mut packet = Vec::new();
    signature.to_writer_with_header(&mut packet)?;
    Ok(packet)
}
