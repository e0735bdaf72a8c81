//! Public keys (RFC 9580, section 5.5): their shape, their fingerprints, and whether a signature is
//! theirs. The mathematics is rPGP's, and is begun only when a signature is to be checked: a keyring
//! holds many keys, and one is needed.

use std::cell::OnceCell;

use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{PacketHeader, PublicKey as Material};
use pgp::types::{Tag, VerifyingKey as _};

use crate::cursor::Cursor;
use crate::error::Error;
use crate::secp256k1;
use crate::signature::Signature;

/// The numbers of algorithms (RFC 9580, section 9.1).
pub(crate) mod algorithm {
    pub(crate) const RSA: u8 = 1;
    pub(crate) const RSA_ENCRYPT: u8 = 2;
    pub(crate) const RSA_SIGN: u8 = 3;
    pub(crate) const ELGAMAL: u8 = 16;
    pub(crate) const DSA: u8 = 17;
    pub(crate) const ECDH: u8 = 18;
    pub(crate) const ECDSA: u8 = 19;
    /// As it was before RFC 9580, and is with GnuPG.
    pub(crate) const EDDSA: u8 = 22;
    pub(crate) const X25519: u8 = 25;
    pub(crate) const X448: u8 = 26;
    pub(crate) const ED25519: u8 = 27;
    pub(crate) const ED448: u8 = 28;

    pub(crate) fn can_sign(algorithm: u8) -> bool {
        matches!(algorithm, RSA | RSA_SIGN | DSA | ECDSA | EDDSA | ED25519 | ED448)
    }
}

/// The shortest modulus of which a signature is believed, in bytes.
const SHORTEST_MODULUS: usize = 128;
/// Curves by the bytes of their names that Helm knows and we don't.
const BRAINPOOL: &[u8] = &[0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01];
const ED448_LEGACY: &[u8] = &[0x2b, 0x65, 0x71];
/// The others.
const CURVES: [&[u8]; 4] = [
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
    &[0x2b, 0x81, 0x04, 0x00, 0x22],
    &[0x2b, 0x81, 0x04, 0x00, 0x23],
    SECP256K1,
];
const SECP256K1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x0a];
const CURVE25519: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01];
const CURVE448: &[u8] = &[0x2b, 0x65, 0x6f];
const ED25519: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

/// A public key.
#[derive(Debug)]
pub(crate) struct PublicKey {
    pub(crate) version: u8,
    /// In seconds since 1970.
    created: u32,
    pub(crate) algorithm: u8,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) id: u64,
    /// Whether it lies on a curve that we can't do.
    on_unknown_curve: bool,
    on_secp256k1: bool,
    body: Vec<u8>,
    material: OnceCell<Option<Material>>,
}

impl PublicKey {
    /// Reads a key, and leaves what follows it: in a secret key that is the secret.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let whole = cursor.rest();
        let version = cursor.u8()?;
        let created = cursor.u32()?;
        let algorithm = cursor.u8()?;
        if version != 4 && version != 6 {
            return Err(Error::unsupported(format!("public key version {version}")));
        }
        if version == 6 {
            // The length of what follows, which that says itself.
            cursor.u32()?;
        }
        let curve = numbers(version, algorithm, cursor)?;
        let on_unknown_curve = curve.starts_with(BRAINPOOL) || curve == ED448_LEGACY;
        let on_secp256k1 = curve == SECP256K1;
        let body = whole.get(..whole.len() - cursor.rest().len()).unwrap_or_default().to_vec();
        let (fingerprint, id) = fingerprint(version, &body)?;
        let material = OnceCell::new();
        Ok(Self {
            version,
            created,
            algorithm,
            fingerprint,
            id,
            on_unknown_curve,
            on_secp256k1,
            body,
            material,
        })
    }

    /// What is hashed of the key where a signature is about it.
    pub(crate) fn hashed(&self) -> Vec<u8> {
        prefixed(self.version, &self.body)
    }

    /// Whether it has expired by what its self-signature says, or is from the future.
    pub(crate) fn has_expired(&self, signature: &Signature, now: u64) -> bool {
        let created = u64::from(self.created);
        let ends = |lifetime: u32| lifetime != 0 && now > created + u64::from(lifetime);
        created > now || signature.key_lifetime.is_some_and(ends)
    }

    /// The reason why nothing can be said of its signatures, if we can't do its kind of key.
    pub(crate) fn unknown_curve(&self) -> Option<Error> {
        self.on_unknown_curve.then(|| Error::unsupported("keys on Brainpool's curves and Ed448 of old"))
    }

    /// Checks that a signature is of this key and of this data.
    pub(crate) fn verify(&self, signature: &Signature, data: &[&[u8]]) -> Result<(), Error> {
        if !algorithm::can_sign(self.algorithm) {
            return Err(Error::Mismatch("public key cannot generate signatures"));
        }
        if let Some(error) = self.unknown_curve() {
            return Err(error);
        }
        let digest = signature.digest(data)?;
        if self.algorithm != signature.algorithm {
            return Err(Error::Mismatch("public key and signature use different algorithms"));
        }
        let fits = (self.version == 6) == (signature.version == 6);
        let value = if self.on_secp256k1 { secp256k1::with_low_s(&signature.value) } else { None };
        let value = value.as_ref().unwrap_or(&signature.value);
        let holds = |key: &Material| key.verify(signature.hash, &digest, value).is_ok();
        let holds = fits && self.material().is_some_and(holds);
        if holds { Ok(()) } else { Err(Error::BadSignature(format!("{} verification failure", self.name()))) }
    }

    fn name(&self) -> &'static str {
        match self.algorithm {
            algorithm::DSA => "DSA",
            algorithm::ECDSA => "ECDSA",
            algorithm::EDDSA => "EdDSA",
            algorithm::ED25519 => "Ed25519",
            algorithm::ED448 => "ed448",
            _ => "RSA",
        }
    }

    /// The numbers of the key, checked to be ones that can be reckoned with.
    fn material(&self) -> Option<&Material> {
        self.material
            .get_or_init(|| {
                self.is_sound().then(|| {
                    let length = u32::try_from(self.body.len()).ok()?;
                    let header = PacketHeader::new_fixed(Tag::PublicKey, length);
                    Material::try_from_reader(header, self.body.as_slice()).ok()
                })?
            })
            .as_ref()
    }

    /// Even moduli, and those that are too short, are no keys.
    fn is_sound(&self) -> bool {
        if !matches!(self.algorithm, algorithm::RSA | algorithm::RSA_SIGN | algorithm::DSA) {
            return true;
        }
        let start = if self.version == 6 { 10 } else { 6 };
        let mut cursor = Cursor::new(self.body.get(start..).unwrap_or_default());
        let mut odd = |shortest: usize| {
            let number = cursor.mpi().unwrap_or_default();
            let length = number.len() - number.iter().take_while(|byte| **byte == 0).count();
            length >= shortest && number.last().is_some_and(|last| last % 2 == 1)
        };
        odd(SHORTEST_MODULUS) && (self.algorithm != algorithm::DSA || odd(1))
    }
}

/// Reads over the numbers of a key, and gives the curve on which one that signs lies.
fn numbers<'a>(version: u8, algorithm: u8, cursor: &mut Cursor<'a>) -> Result<&'a [u8], Error> {
    let several = |count: usize, cursor: &mut Cursor<'_>| (0..count).try_for_each(|_| cursor.mpi().map(drop));
    match algorithm {
        algorithm::RSA | algorithm::RSA_ENCRYPT | algorithm::RSA_SIGN => {
            cursor.mpi()?;
            if cursor.mpi()?.len() > 3 {
                return Err(Error::unsupported("large public exponent"));
            }
        }
        algorithm::DSA => several(4, cursor)?,
        algorithm::ELGAMAL => several(3, cursor)?,
        algorithm::ECDSA => {
            let curve = cursor.short_field()?;
            if !CURVES.contains(&curve) && !curve.starts_with(BRAINPOOL) {
                return Err(Error::unsupported("unknown oid"));
            }
            cursor.mpi()?;
            return Ok(curve);
        }
        algorithm::ECDH => {
            let curve = cursor.short_field()?;
            let known = CURVES.contains(&curve) || curve == CURVE25519 || curve == CURVE448;
            if !known && !curve.starts_with(BRAINPOOL) {
                return Err(Error::unsupported("unknown oid"));
            }
            if version == 6 && curve == CURVE25519 {
                return Err(Error::malformed("cannot read v6 key with deprecated OID: Curve25519Legacy"));
            }
            cursor.mpi()?;
            cursor.short_field()?;
        }
        algorithm::EDDSA if version == 6 => {
            return Err(Error::malformed("cannot generate v6 key with deprecated algorithm: EdDSALegacy"));
        }
        algorithm::EDDSA => {
            let curve = cursor.short_field()?;
            if curve != ED25519 && curve != ED448_LEGACY {
                return Err(Error::unsupported("unknown oid"));
            }
            match cursor.mpi()?.first() {
                Some(0x40) => {}
                Some(form) => {
                    return Err(Error::unsupported(format!("unsupported EdDSA compression: {form}")));
                }
                None => return Err(Error::malformed("empty EdDSA public key")),
            }
            return Ok(curve);
        }
        algorithm::X25519 | algorithm::ED25519 => drop(cursor.take(32)?),
        algorithm::X448 => drop(cursor.take(56)?),
        algorithm::ED448 => drop(cursor.take(57)?),
        _ => return Err(Error::unsupported(format!("public key type: {algorithm}"))),
    }
    Ok(&[])
}

/// A key with what stands before it where it is hashed.
fn prefixed(version: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    if version == 6 {
        return [&[0x9b], &length[..], body].concat();
    }
    [&[0x99], &length[2..], body].concat()
}

/// A key's fingerprint, and the part of it that is the id.
fn fingerprint(version: u8, body: &[u8]) -> Result<(Vec<u8>, u64), Error> {
    let hash = if version == 6 { HashAlgorithm::Sha256 } else { HashAlgorithm::Sha1 };
    // A key made so that its SHA-1 is that of another is no key.
    let fingerprint = hash
        .digest(&prefixed(version, body))
        .map_err(|error| Error::malformed(format!("key without a fingerprint: {error}")))?;
    let id = if version == 6 { fingerprint.first_chunk() } else { fingerprint.last_chunk() };
    let id = id.copied().map(u64::from_be_bytes).unwrap_or_default();
    Ok((fingerprint, id))
}
