//! Secret keys: whether a passphrase is needed, and opening them. Reckoning with them is rPGP's.

use pgp::packet::{PacketHeader, SecretKey as Material};
use pgp::types::{Password, Tag};

use crate::cursor::Cursor;
use crate::error::Error;
use crate::public_key::PublicKey;

/// How GnuPG marks keys whose secret is on a card, or nowhere at all.
const GNU: u8 = 101;

/// A secret key.
#[derive(Debug)]
pub(crate) struct SecretKey {
    protection: Protection,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    None,
    Passphrase,
    /// The secret is not here.
    Elsewhere,
}

impl SecretKey {
    /// Reads a secret key and its public half.
    pub(crate) fn parse(body: &[u8], is_cut_off: bool) -> Result<(PublicKey, Self), Error> {
        let mut cursor = Cursor::new(body);
        let public = PublicKey::parse(&mut cursor)?;
        let protection = protection(public.version, &mut cursor)?;
        if is_cut_off {
            return Err(Error::Truncated);
        }
        Ok((public, Self { protection, body: body.to_vec() }))
    }

    pub(crate) fn is_elsewhere(&self) -> bool {
        self.protection == Protection::Elsewhere
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.protection == Protection::Passphrase
    }

    /// The key, ready to sign.
    pub(crate) fn open(&self, passphrase: &[u8]) -> Result<Material, Error> {
        if self.is_elsewhere() {
            return Err(Error::SecretElsewhere);
        }
        let broken = |error: pgp::errors::Error| Error::malformed(format!("secret key: {error}"));
        let length = u32::try_from(self.body.len()).map_err(|_| Error::malformed("secret key too long"))?;
        let header = PacketHeader::new_fixed(Tag::SecretKey, length);
        let mut material = Material::try_from_reader(header, self.body.as_slice()).map_err(broken)?;
        if self.is_locked() {
            material.remove_password(&Password::from(passphrase)).map_err(|_| Error::WrongPassphrase)?;
        }
        Ok(material)
    }
}

/// What stands between the public half and the secret (RFC 9580, section 5.5.3).
fn protection(version: u8, cursor: &mut Cursor<'_>) -> Result<Protection, Error> {
    let usage = cursor.u8()?;
    match usage {
        0 => return Ok(Protection::None),
        253..=255 => {}
        _ => return Err(Error::unsupported("deprecated s2k function in private key")),
    }
    if version == 6 {
        cursor.u8()?;
    }
    cursor.u8()?;
    if usage == 253 {
        cursor.u8()?;
    }
    if version == 6 {
        cursor.u8()?;
    }
    Ok(if cursor.u8()? == GNU { Protection::Elsewhere } else { Protection::Passphrase })
}
