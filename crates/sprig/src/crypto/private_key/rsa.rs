//! RSA keys: PKCS #1, checked as Go checks it, and signed with by the provider.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature;
use chartroom_gotemplate::CallError;
use num_bigint::BigUint;

use super::super::der::read::{Problem, Reader};
use super::super::der::{oid, tag, write};
use super::super::provider_failed;
use super::{Pkcs8, PublicKey};

/// Keys that the provider can work with, in bits. Go begins with 1024.
const SUPPORTED: std::ops::RangeInclusive<u64> = 2048..=8192;
/// Nothing larger is looked at: checking it would take long.
const MAX_BITS: u64 = 16_384;

/// A key. All numbers are positive.
pub(crate) struct RsaKey {
    modulus: BigUint,
    public_exponent: BigUint,
    exponent: BigUint,
    p: BigUint,
    q: BigUint,
    exponent_p: BigUint,
    exponent_q: BigUint,
    coefficient: BigUint,
}

impl RsaKey {
    pub(super) fn generate(size: KeySize) -> Result<Self, CallError> {
        let key = KeyPair::generate(size).map_err(provider_failed)?;
        let der = key.as_der().map_err(provider_failed)?;
        let der: &Pkcs8V1Der<'_> = &der;
        Pkcs8::read(der.as_ref())
            .and_then(|key| Self::from_pkcs1(key.content))
            .map_err(|problem| CallError::new(format!("error generating rsa key: {problem}")))
    }

    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, Problem> {
        let mut outer = Reader::new(der);
        let mut fields = Reader::new(outer.expect(tag::SEQUENCE, "pkcs1PrivateKey")?);
        if !outer.is_empty() {
            return Err("asn1: syntax error: trailing data".to_owned());
        }
        let version = fields.integer("int")?;
        let mut numbers = Vec::with_capacity(8);
        for index in 0..8 {
            // The last three may be left out.
            if index >= 5 && fields.peek() != Some(tag::INTEGER) {
                break;
            }
            numbers.push(fields.integer(if index == 1 { "int" } else { "" })?);
        }
        if numbers.get(1).is_some_and(|exponent| exponent.is_some_and(|bytes| bytes.len() > 8)) {
            return Err("asn1: structure error: integer too large".to_owned());
        }
        match version {
            Some([]) => {}
            Some([1]) => return Err("crypto/rsa: keys of more than two primes are not supported".to_owned()),
            _ => return Err("x509: unsupported private key version".to_owned()),
        }
        let positive =
            |number: &Option<&[u8]>| number.map(BigUint::from_bytes_be).filter(|n| *n != BigUint::ZERO);
        let mut positives = Vec::with_capacity(8);
        for (index, number) in numbers.iter().enumerate() {
            match positive(number) {
                Some(number) => positives.push(number),
                None if index == 1 => {
                    return Err("crypto/rsa: public exponent too small or negative".to_owned());
                }
                None => return Err("x509: private key contains zero or negative value".to_owned()),
            }
        }
        Self::checked(positives)
    }

    /// Puts the numbers together, with those that are left out, if they fit each other.
    fn checked(numbers: Vec<BigUint>) -> Result<Self, Problem> {
        let mut numbers = numbers.into_iter();
        let (Some(modulus), Some(public_exponent), Some(exponent), Some(p), Some(q)) =
            (numbers.next(), numbers.next(), numbers.next(), numbers.next(), numbers.next())
        else {
            return Err("asn1: syntax error: sequence truncated".to_owned());
        };
        if modulus.bits() > MAX_BITS {
            return Err(format!("crypto/rsa: keys of more than {MAX_BITS} bits are not supported"));
        }
        let one = BigUint::from(1_u8);
        match () {
            () if !modulus.bit(0) => return Err("crypto/rsa: public modulus is even".to_owned()),
            () if public_exponent <= one => {
                return Err("crypto/rsa: public exponent too small or negative".to_owned());
            }
            () if !public_exponent.bit(0) => return Err("crypto/rsa: public exponent is even".to_owned()),
            () if public_exponent.bits() > 31 => {
                return Err("crypto/rsa: public exponent too large".to_owned());
            }
            () if &p * &q != modulus => return Err("crypto/rsa: p * q != n".to_owned()),
            () if p <= one || q <= one => return Err("crypto/rsa: invalid prime".to_owned()),
            () => {}
        }
        let (below_p, below_q) = (&p - &one, &q - &one);
        let exponent_p = numbers.next().unwrap_or_else(|| &exponent % &below_p);
        let exponent_q = numbers.next().unwrap_or_else(|| &exponent % &below_q);
        let coefficient = match numbers.next() {
            Some(coefficient) => coefficient,
            None => q.modinv(&p).ok_or("crypto/rsa: invalid CRT coefficient")?,
        };
        let is_inverse = |left: &BigUint, right: &BigUint, modulus: &BigUint| left * right % modulus == one;
        match () {
            () if !is_inverse(&public_exponent, &exponent_p, &below_p)
                || !is_inverse(&public_exponent, &exponent_q, &below_q) =>
            {
                Err("crypto/rsa: invalid CRT exponent".to_owned())
            }
            () if !is_inverse(&coefficient, &q, &p) => Err("crypto/rsa: invalid CRT coefficient".to_owned()),
            () if &exponent % &below_p != exponent_p => Err("crypto/rsa: d does not match dP".to_owned()),
            () if &exponent % &below_q != exponent_q => Err("crypto/rsa: d does not match dQ".to_owned()),
            () => Ok(Self { modulus, public_exponent, exponent, p, q, exponent_p, exponent_q, coefficient }),
        }
    }

    pub(super) fn to_pkcs1(&self) -> Vec<u8> {
        let mut parts = vec![write::integer(&[])];
        parts.extend(
            [
                &self.modulus,
                &self.public_exponent,
                &self.exponent,
                &self.p,
                &self.q,
                &self.exponent_p,
                &self.exponent_q,
                &self.coefficient,
            ]
            .map(|number| write::integer(&number.to_bytes_be())),
        );
        write::sequence(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey {
            algorithm: write::sequence(&[&write::object_identifier(oid::RSA), write::NULL]),
            bytes: write::sequence(&[
                &write::integer(&self.modulus.to_bytes_be()),
                &write::integer(&self.public_exponent.to_bytes_be()),
            ]),
        }
    }

    /// PKCS #1 version 1.5 with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Problem> {
        let bits = self.modulus.bits();
        if bits < 1024 {
            return Err(format!(
                "crypto/rsa: {bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
            ));
        }
        if !SUPPORTED.contains(&bits) {
            return Err(format!(
                "crypto/rsa: signing with keys of {bits} bits is not supported (only {} to {})",
                SUPPORTED.start(),
                SUPPORTED.end()
            ));
        }
        let key = KeyPair::from_der(&self.to_pkcs1()).map_err(|error| format!("crypto/rsa: {error}"))?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|error| format!("crypto/rsa: {error}"))?;
        Ok(signature)
    }
}

/// Whether it has the shape of PKCS #1, whatever its numbers are.
pub(super) fn looks_like_pkcs1(der: &[u8]) -> bool {
    let fields = Reader::new(der).expect(tag::SEQUENCE, "").map(Reader::new);
    fields.is_ok_and(|mut fields| (0..6).all(|_| fields.integer("").is_ok()))
}
