//! A key with all that belongs to it: names, subkeys, and the signatures that hold them together. The
//! rules by which it is believed are those of ProtonMail's OpenPGP, on which Helm stands.

use std::collections::HashSet;

use crate::error::Error;
use crate::parts::{Part, Parts};
use crate::public_key::{PublicKey, algorithm};
use crate::secret_key::SecretKey;
use crate::signature::{Signature, kind};

/// How many signatures of its own a key may have. Each takes time to check, and nobody has so many.
const MOST_SIGNATURES: usize = 1000;

/// A key, its names and its subkeys.
#[derive(Debug)]
pub(crate) struct Entity {
    pub(crate) primary: PublicKey,
    pub(crate) secret: Option<SecretKey>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) subkeys: Vec<Subkey>,
    revocations: Vec<Signature>,
    /// What a key of version 6 says of itself.
    direct: Option<Signature>,
}

/// A name that the key gives itself.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) name: Vec<u8>,
    /// Its own signatures, all of them.
    signatures: Vec<Signature>,
}

/// A subkey.
#[derive(Debug)]
pub(crate) struct Subkey {
    pub(crate) key: PublicKey,
    pub(crate) secret: Option<SecretKey>,
    signatures: Vec<Signature>,
}

impl Entity {
    /// Puts the next key together from its parts. That its signatures hold is for [`Self::check`] to
    /// say: it takes time, and most keys of a keyring are never asked for.
    pub(crate) fn read(parts: &mut Parts<'_>) -> Result<Option<Self>, Error> {
        let (primary, secret) = match parts.next()? {
            Some(Part::Key(primary, secret)) => (*primary, secret),
            Some(other) => {
                parts.put_back(other);
                return Err(Error::malformed("first packet was not a public/private key"));
            }
            None => return Ok(None),
        };
        if !algorithm::can_sign(primary.algorithm) {
            return Err(Error::malformed("primary key cannot be used for signatures"));
        }
        let mut entity = Self {
            primary,
            secret,
            identities: Vec::new(),
            subkeys: Vec::new(),
            revocations: Vec::new(),
            direct: None,
        };
        while let Some(part) = parts.next()? {
            match part {
                Part::Key(..) => {
                    parts.put_back(part);
                    break;
                }
                Part::Subkey(key, secret) => entity.subkeys.push(Subkey::read(*key, secret, parts)?),
                Part::UserId(name) => entity.add_identity(name, parts)?,
                Part::Signature(signature) => entity.add_signature(*signature),
                Part::Other => {}
            }
        }
        let version = entity.primary.version;
        if entity.identities.is_empty() && version < 6 {
            return Err(Error::malformed(format!("v{version} entity without any identities")));
        }
        if entity.direct.is_none() && version == 6 {
            return Err(Error::malformed("v6 entity without a valid direct-key signature"));
        }
        Ok(Some(entity))
    }

    /// Names that the key does not call its own are none.
    fn add_identity(&mut self, name: Vec<u8>, parts: &mut Parts<'_>) -> Result<(), Error> {
        let mut signatures = Vec::new();
        while let Some(signature) = following_signature(parts)? {
            let kind = signature.kind;
            if !kind::CERTIFICATIONS.contains(&kind) && kind != kind::CERTIFICATION_REVOCATION {
                return Err(Error::malformed("user ID signature with wrong type"));
            }
            if self.is_own(&signature) {
                signatures.push(signature);
            }
        }
        if !signatures.is_empty() {
            self.identities.push(Identity { name, signatures });
        }
        Ok(())
    }

    fn add_signature(&mut self, signature: Signature) {
        let newer = |signature: &Signature| {
            self.direct.as_ref().is_none_or(|direct| signature.created() > direct.created())
        };
        match signature.kind {
            kind::KEY_REVOCATION => self.revocations.push(signature),
            kind::DIRECT_KEY if self.primary.version == 6 && self.is_own(&signature) && newer(&signature) => {
                self.direct = Some(signature);
            }
            _ => {}
        }
    }

    fn is_own(&self, signature: &Signature) -> bool {
        signature.claims(&self.primary.fingerprint, self.primary.id)
    }

    /// Checks that the key's own signatures are its own. One that isn't spoils the key.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(error) = self.primary.unknown_curve() {
            return Err(error);
        }
        let names = self.identities.iter().map(|identity| identity.signatures.len());
        let subkeys = self.subkeys.iter().map(|subkey| subkey.signatures.len());
        if names.chain(subkeys).sum::<usize>() + self.revocations.len() > MOST_SIGNATURES {
            return Err(Error::malformed("too many signatures"));
        }
        let primary = self.primary.hashed();
        for identity in &self.identities {
            let length = u32::try_from(identity.name.len()).unwrap_or(u32::MAX).to_be_bytes();
            let data = [&primary[..], &[0xb4], &length, &identity.name];
            for signature in &identity.signatures {
                let invalid = |error| Error::malformed(format!("user ID self-signature invalid: {error}"));
                self.primary.verify(signature, &data).map_err(invalid)?;
            }
        }
        for subkey in &self.subkeys {
            let invalid = |error| Error::malformed(format!("subkey signature invalid: {error}"));
            subkey.check(&self.primary, &primary).map_err(invalid)?;
        }
        if let Some(direct) = &self.direct {
            let invalid = |_| Error::malformed("invalid direct-key self-signature for v6 primary key");
            self.primary.verify(direct, &[&primary]).map_err(invalid)?;
        }
        for revocation in &self.revocations {
            let other = |_| Error::malformed("revocation signature signed by alternate key");
            self.primary.verify(revocation, &[&primary]).map_err(other)?;
        }
        Ok(())
    }

    /// What the key says of itself, and under which name.
    pub(crate) fn self_signature(&self) -> (Option<&Signature>, Option<&Identity>) {
        if self.primary.version == 6 {
            return (self.direct.as_ref(), None);
        }
        let better = |best: &Identity, next: &Identity| next.is_preferred_to(best);
        let identity =
            self.identities.iter().reduce(|best, next| if better(best, next) { next } else { best });
        (identity.and_then(Identity::self_signature), identity)
    }

    /// Its names, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut known = HashSet::new();
        let names = self.identities.iter().filter(|identity| known.insert(&identity.name));
        names.map(|identity| String::from_utf8_lossy(&identity.name).into_owned()).collect()
    }

    pub(crate) fn is_revoked(&self, now: u64) -> bool {
        self.revocations.iter().any(|revocation| revocation.revokes(now))
    }

    /// The newest subkey that may sign, still counts, and has its secret here.
    pub(crate) fn signing_subkey(&self, now: u64) -> Option<usize> {
        let fit = self.subkeys.iter().enumerate().filter_map(|(number, subkey)| {
            let binding = subkey.binding().filter(|binding| binding.allows_signing())?;
            let counts = !subkey.is_revoked(now)
                && !subkey.key.has_expired(binding, now)
                && !binding.has_expired(now)
                && subkey.secret.as_ref().is_some_and(|secret| !secret.is_elsewhere());
            counts.then_some((binding.created(), number))
        });
        fit.max_by_key(|(created, number)| (*created, std::cmp::Reverse(*number))).map(|(_, number)| number)
    }
}

impl Identity {
    fn revocations(&self) -> impl Iterator<Item = &Signature> {
        self.signatures.iter().filter(|signature| signature.kind == kind::CERTIFICATION_REVOCATION)
    }

    pub(crate) fn is_revoked(&self, now: u64) -> bool {
        self.revocations().any(|revocation| revocation.revokes(now))
    }

    /// The newest; the first of several that are equally new.
    pub(crate) fn self_signature(&self) -> Option<&Signature> {
        let own = self.signatures.iter().filter(|own| own.kind != kind::CERTIFICATION_REVOCATION);
        own.reduce(|best, next| if next.created() > best.created() { next } else { best })
    }

    /// One that was revoked less often, then one that is called the primary one, then a newer one.
    fn is_preferred_to(&self, other: &Self) -> bool {
        let (revoked, others) = (self.revocations().count(), other.revocations().count());
        if revoked != others {
            return revoked < others;
        }
        match (self.self_signature(), other.self_signature()) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) if own.is_primary != other.is_primary => own.is_primary,
            (Some(own), Some(other)) => own.created() > other.created(),
        }
    }
}

impl Subkey {
    fn read(key: PublicKey, secret: Option<SecretKey>, parts: &mut Parts<'_>) -> Result<Self, Error> {
        let mut subkey = Self { key, secret, signatures: Vec::new() };
        let invalid = |error| Error::malformed(format!("subkey signature invalid: {error}"));
        while let Some(signature) = following_signature(parts).map_err(invalid)? {
            if !matches!(signature.kind, kind::SUBKEY_BINDING | kind::SUBKEY_REVOCATION) {
                return Err(Error::malformed("subkey signature with wrong type"));
            }
            subkey.signatures.push(signature);
        }
        if subkey.binding().is_none() {
            return Err(Error::malformed("subkey packet not followed by signature"));
        }
        Ok(subkey)
    }

    /// The newest; the first of several that are equally new.
    pub(crate) fn binding(&self) -> Option<&Signature> {
        let bindings = self.signatures.iter().filter(|signature| signature.kind == kind::SUBKEY_BINDING);
        bindings.reduce(|best, next| if next.created() > best.created() { next } else { best })
    }

    pub(crate) fn is_revoked(&self, now: u64) -> bool {
        let revocations =
            self.signatures.iter().filter(|signature| signature.kind == kind::SUBKEY_REVOCATION);
        revocations.into_iter().any(|revocation| revocation.revokes(now))
    }

    /// A subkey that signs must say itself whose it is, or anyone could call it theirs.
    fn check(&self, primary: &PublicKey, hashed: &[u8]) -> Result<(), Error> {
        let own = self.key.hashed();
        let data = [hashed, &own];
        for signature in &self.signatures {
            primary.verify(signature, &data)?;
            if signature.allows_signing() {
                let embedded = signature.embedded.as_ref();
                let embedded =
                    embedded.ok_or_else(|| Error::malformed("signing subkey is missing cross-signature"))?;
                let wrong =
                    |error| Error::malformed(format!("error while verifying cross-signature: {error}"));
                self.key.verify(embedded, &data).map_err(wrong)?;
            }
        }
        Ok(())
    }
}

/// The next part, if it is a signature.
fn following_signature(parts: &mut Parts<'_>) -> Result<Option<Signature>, Error> {
    match parts.next()? {
        Some(Part::Signature(signature)) => Ok(Some(*signature)),
        Some(other) => {
            parts.put_back(other);
            Ok(None)
        }
        None => Ok(None),
    }
}
