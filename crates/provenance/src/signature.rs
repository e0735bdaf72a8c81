//! Signature packets (RFC 9580, section 5.2): what they say, and what is hashed for them. Whether to
//! believe them is for others to say.

use pgp::bytes::Bytes;
use pgp::crypto::hash::HashAlgorithm;
use pgp::types::{Mpi, SignatureBytes};

use crate::cursor::Cursor;
use crate::error::Error;
use crate::public_key::algorithm;

/// What a signature is about.
pub(crate) mod kind {
    pub(crate) const BINARY: u8 = 0x00;
    pub(crate) const TEXT: u8 = 0x01;
    pub(crate) const CERTIFICATIONS: std::ops::RangeInclusive<u8> = 0x10..=0x13;
    pub(crate) const SUBKEY_BINDING: u8 = 0x18;
    pub(crate) const PRIMARY_KEY_BINDING: u8 = 0x19;
    pub(crate) const DIRECT_KEY: u8 = 0x1f;
    pub(crate) const KEY_REVOCATION: u8 = 0x20;
    pub(crate) const SUBKEY_REVOCATION: u8 = 0x28;
    pub(crate) const CERTIFICATION_REVOCATION: u8 = 0x30;
}

/// The flag of keys that may sign data.
const MAY_SIGN: u8 = 0x02;
/// The reason of a revocation by which nothing that the key ever signed holds any more.
const COMPROMISED: u8 = 2;

/// A signature.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) version: u8,
    pub(crate) kind: u8,
    /// Of the key that made it.
    pub(crate) algorithm: u8,
    pub(crate) hash: HashAlgorithm,
    /// In seconds since 1970, as all times here.
    created: Option<u32>,
    lifetime: Option<u32>,
    /// How long the key that this is about lives, from when that was made.
    pub(crate) key_lifetime: Option<u32>,
    /// The id of the key that made it.
    pub(crate) issuer: Option<u64>,
    issuer_fingerprint: Option<Vec<u8>>,
    pub(crate) is_primary: bool,
    /// What the key that this is about may be used for.
    flags: Option<u8>,
    revocation_reason: Option<u8>,
    /// Names of notations that must be understood. We understand none.
    pub(crate) critical_notation: Option<String>,
    /// The subkey's own word, within a binding.
    pub(crate) embedded: Option<Box<Self>>,
    salt: Vec<u8>,
    /// What is hashed after the data.
    suffix: Vec<u8>,
    /// The first bytes of the digest.
    digest_start: [u8; 2],
    pub(crate) value: SignatureBytes,
}

impl Signature {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Error> {
        Self::parse_within(body, false)
    }

    fn parse_within(body: &[u8], embedded: bool) -> Result<Self, Error> {
        let mut cursor = Cursor::new(body);
        let version = cursor.u8()?;
        if version != 4 && version != 6 {
            return Err(Error::unsupported(format!("signature packet version {version}")));
        }
        let [kind, algorithm, hash] = cursor.array()?;
        if !algorithm::can_sign(algorithm) {
            return Err(Error::unsupported(format!("public key algorithm {algorithm}")));
        }
        let hash = hash_of(version, hash)?;
        let length = |cursor: &mut Cursor<'_>| {
            if version == 6 {
                cursor.u32().map(|length| length as usize)
            } else {
                cursor.u16().map(usize::from)
            }
        };
        let hashed_length = length(&mut cursor)?;
        let hashed = cursor.take(hashed_length)?;
        let suffix = suffix(body, cursor.rest().len());
        let mut signature = Self {
            version,
            kind,
            algorithm,
            hash,
            created: None,
            lifetime: None,
            key_lifetime: None,
            issuer: None,
            issuer_fingerprint: None,
            is_primary: false,
            flags: None,
            revocation_reason: None,
            critical_notation: None,
            embedded: None,
            salt: Vec::new(),
            suffix,
            digest_start: [0; 2],
            value: SignatureBytes::Mpis(Vec::new()),
        };
        signature.subpackets(hashed, true, embedded)?;
        if signature.created.is_none() {
            return Err(Error::malformed("no creation time in signature"));
        }
        let unhashed_length = length(&mut cursor)?;
        signature.subpackets(cursor.take(unhashed_length)?, false, embedded)?;
        signature.digest_start = cursor.array()?;
        if version == 6 {
            let length = usize::from(cursor.u8()?);
            if hash.salt_len() != Some(length) {
                return Err(Error::malformed("unexpected salt size for the given hash algorithm"));
            }
            signature.salt = cursor.take(length)?.to_vec();
        }
        signature.value = value(algorithm, &mut cursor)?;
        Ok(signature)
    }

    fn subpackets(&mut self, bytes: &[u8], hashed: bool, embedded: bool) -> Result<(), Error> {
        let mut cursor = Cursor::new(bytes);
        while !cursor.is_empty() {
            let content = subpacket(&mut cursor).map_err(|error| match error {
                Error::Truncated => Error::malformed("signature subpacket truncated"),
                error => error,
            })?;
            let [first, content @ ..] = content else {
                return Err(Error::malformed("zero length signature subpacket"));
            };
            self.subpacket(first & 0x7f, first & 0x80 != 0, content, hashed, embedded)?;
        }
        Ok(())
    }

    /// What is not hashed, anyone can have put there; only what proves itself counts.
    fn subpacket(
        &mut self,
        kind: u8,
        critical: bool,
        content: &[u8],
        hashed: bool,
        embedded: bool,
    ) -> Result<(), Error> {
        if !hashed && !matches!(kind, 16 | 32 | 33) {
            return Ok(());
        }
        let seconds =
            |problem: &str| content.try_into().map(u32::from_be_bytes).map_err(|_| Error::malformed(problem));
        match kind {
            2 => self.created = Some(seconds("signature creation time not four bytes")?),
            3 => self.lifetime = Some(seconds("expiration subpacket with bad length")?),
            4 if content.first().is_none_or(|exportable| *exportable == 0) => {
                return Err(Error::unsupported("signature with non-exportable certification"));
            }
            5 if content.len() != 2 => return Err(Error::malformed("trust subpacket with bad length")),
            6 if content.last() != Some(&0) => {
                return Err(Error::malformed("expected regular expression to be null-terminated"));
            }
            9 => self.key_lifetime = Some(seconds("key expiration subpacket with bad length")?),
            16 => self.issued_by_id(content, hashed)?,
            20 => self.notation(content, critical)?,
            25 => match content {
                [primary] => self.is_primary = *primary != 0,
                _ => return Err(Error::malformed("primary user id subpacket with bad length")),
            },
            27 => self.flags = Some(content.first().copied().unwrap_or(0)),
            29 => {
                let reason =
                    content.first().ok_or_else(|| Error::malformed("empty revocation reason subpacket"))?;
                self.revocation_reason = Some(*reason);
            }
            32 => self.embedded_in_it(content, embedded)?,
            33 => self.issued_by(content)?,
            // What it says of preferences and policies is no concern of ours.
            4..=6 | 11 | 21..=24 | 26 | 28 | 30 | 35 | 39 => {}
            _ if critical => {
                return Err(Error::unsupported(format!("unknown critical signature subpacket type {kind}")));
            }
            _ => {}
        }
        Ok(())
    }

    fn issued_by_id(&mut self, content: &[u8], hashed: bool) -> Result<(), Error> {
        if self.version > 4 && hashed {
            return Err(Error::malformed("issuer subpacket found in v6 key"));
        }
        let id = content.try_into().map_err(|_| Error::malformed("issuer subpacket with bad length"))?;
        if self.version == 4 {
            self.issuer = Some(u64::from_be_bytes(id));
        }
        Ok(())
    }

    fn issued_by(&mut self, content: &[u8]) -> Result<(), Error> {
        let [version, fingerprint @ ..] = content else {
            return Err(Error::malformed("empty issuer fingerprint subpacket"));
        };
        if fingerprint.len() != if *version >= 5 { 32 } else { 20 } {
            return Err(Error::malformed("bad fingerprint length"));
        }
        let id = if *version >= 5 { fingerprint.first_chunk() } else { fingerprint.last_chunk() };
        self.issuer = id.copied().map(u64::from_be_bytes);
        self.issuer_fingerprint = Some(fingerprint.to_vec());
        Ok(())
    }

    fn notation(&mut self, content: &[u8], critical: bool) -> Result<(), Error> {
        let bad = || Error::malformed("notation data subpacket with bad length");
        let mut cursor = Cursor::new(content);
        let (_, name, value) =
            (|| Ok((cursor.u32()?, cursor.u16()?, cursor.u16()?)))().map_err(|_: Error| bad())?;
        if cursor.rest().len() != usize::from(name) + usize::from(value) {
            return Err(bad());
        }
        let name = cursor.take(name.into())?;
        if critical && self.critical_notation.is_none() {
            self.critical_notation = Some(String::from_utf8_lossy(name).into_owned());
        }
        Ok(())
    }

    fn embedded_in_it(&mut self, content: &[u8], embedded: bool) -> Result<(), Error> {
        if embedded || self.embedded.is_some() {
            return Err(Error::malformed("Cannot have multiple embedded signatures"));
        }
        let signature = Self::parse_within(content, true)?;
        if signature.kind != kind::PRIMARY_KEY_BINDING {
            return Err(Error::malformed(format!("cross-signature has unexpected type {}", signature.kind)));
        }
        self.embedded = Some(Box::new(signature));
        Ok(())
    }

    /// When it was made.
    pub(crate) fn created(&self) -> u32 {
        self.created.unwrap_or_default()
    }

    /// Whether it claims to be made by the key with this fingerprint and id.
    pub(crate) fn claims(&self, fingerprint: &[u8], id: u64) -> bool {
        match &self.issuer_fingerprint {
            Some(issuer) => issuer == fingerprint,
            None => self.issuer == Some(id),
        }
    }

    /// Whether it says that its key may sign data. Without any word on uses it may not.
    pub(crate) fn allows_signing(&self) -> bool {
        self.flags.is_some_and(|flags| flags & MAY_SIGN != 0)
    }

    /// Whether it says anything of what its key may be used for.
    pub(crate) fn limits_uses(&self) -> bool {
        self.flags.is_some()
    }

    /// Whether it holds no more, or not yet.
    pub(crate) fn has_expired(&self, now: u64) -> bool {
        let created = u64::from(self.created());
        let ends = |lifetime: &u32| *lifetime != 0 && now > created + u64::from(*lifetime);
        created > now || self.lifetime.as_ref().is_some_and(ends)
    }

    /// Whether it, being a revocation, holds.
    pub(crate) fn revokes(&self, now: u64) -> bool {
        self.revocation_reason == Some(COMPROMISED) || !self.has_expired(now)
    }

    /// The digest that was signed, of what the parts of the data are.
    pub(crate) fn digest(&self, data: &[&[u8]]) -> Result<Vec<u8>, Error> {
        let unknown = |_| Error::unsupported("hash function");
        let mut hasher = self.hash.new_hasher().map_err(unknown)?;
        for part in [self.salt.as_slice()].iter().chain(data).chain([&self.suffix.as_slice()]) {
            hasher.update(part);
        }
        let digest = hasher.finalize().into_vec();
        // Signatures of version 4 need not have it right.
        if self.version == 6 && !digest.starts_with(&self.digest_start) {
            return Err(Error::BadSignature("hash tag doesn't match".to_owned()));
        }
        Ok(digest)
    }
}

/// SHA-1 is accepted in signatures of version 4 only, MD5 and RIPEMD never.
fn hash_of(version: u8, number: u8) -> Result<HashAlgorithm, Error> {
    match number {
        8..=12 | 14 => Ok(HashAlgorithm::from(number)),
        2 if version == 4 => Ok(HashAlgorithm::Sha1),
        _ => Err(Error::unsupported(format!("hash function {number}"))),
    }
}

/// The packet up to the end of what is hashed, and its length.
fn suffix(body: &[u8], rest: usize) -> Vec<u8> {
    let hashed = body.get(..body.len().saturating_sub(rest)).unwrap_or_default();
    let version = body.first().copied().unwrap_or_default();
    let length = u32::try_from(hashed.len()).unwrap_or(u32::MAX);
    [hashed, &[version, 0xff], &length.to_be_bytes()].concat()
}

fn subpacket<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Error> {
    let length = match cursor.u8()? {
        short @ ..192 => usize::from(short),
        high @ 192..255 => (usize::from(high) - 192) * 256 + usize::from(cursor.u8()?) + 192,
        255 => cursor.u32()? as usize,
    };
    cursor.take(length)
}

fn value(algorithm: u8, cursor: &mut Cursor<'_>) -> Result<SignatureBytes, Error> {
    let mut numbers = |count: usize| {
        let numbers = (0..count).map(|_| cursor.mpi().map(Mpi::from_slice)).collect::<Result<Vec<_>, _>>();
        numbers.map(SignatureBytes::Mpis)
    };
    match algorithm {
        algorithm::RSA | algorithm::RSA_SIGN => numbers(1),
        algorithm::DSA | algorithm::ECDSA | algorithm::EDDSA => numbers(2),
        algorithm::ED25519 => Ok(SignatureBytes::Native(Bytes::copy_from_slice(cursor.take(64)?))),
        _ => Ok(SignatureBytes::Native(Bytes::copy_from_slice(cursor.take(114)?))),
    }
}
