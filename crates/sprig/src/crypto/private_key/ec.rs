//! Keys on the curves P-224, P-256, P-384 and P-521: SEC 1. The provider has no P-224; such keys can
//! be passed through, but not signed with.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _};
use chartroom_gotemplate::CallError;

use super::super::der::read::{self, Problem, Reader};
use super::super::der::{oid, tag, write};
use super::super::provider_failed;
use super::PublicKey;

#[derive(Clone, Copy, PartialEq)]
enum Curve {
    P224,
    P256,
    P384,
    P521,
}

impl Curve {
    fn from_identifier(identifier: &[u8]) -> Option<Self> {
        [Self::P224, Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.identifier() == identifier)
    }

    fn identifier(self) -> &'static [u8] {
        match self {
            Self::P224 => oid::P224,
            Self::P256 => oid::P256,
            Self::P384 => oid::P384,
            Self::P521 => oid::P521,
        }
    }

    /// The length of a scalar in bytes.
    fn length(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    fn signing(self) -> Option<&'static EcdsaSigningAlgorithm> {
        match self {
            Self::P224 => None,
            Self::P256 => Some(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            Self::P384 => Some(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
            Self::P521 => Some(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        }
    }
}

/// A key.
pub(crate) struct EcKey {
    curve: Curve,
    /// As long as the curve's order.
    scalar: Vec<u8>,
    /// Uncompressed. `None` where it isn't known.
    point: Option<Vec<u8>>,
}

impl EcKey {
    pub(super) fn generate_p256() -> Result<Self, CallError> {
        let key =
            EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).map_err(provider_failed)?;
        let document = key.to_pkcs8v1().map_err(provider_failed)?;
        super::Pkcs8::read(document.as_ref())
            .and_then(|key| Self::from_sec1(key.content, Some(oid::P256)))
            .map_err(|problem| CallError::new(format!("failed to generate private key: {problem}")))
    }

    /// Reads SEC 1. The curve is the one that PKCS #8 has told, or else the one that is named here.
    pub(super) fn from_sec1(der: &[u8], curve: Option<&[u8]>) -> Result<Self, Problem> {
        let key = Sec1::read(der)?;
        let Some(curve) = Curve::from_identifier(curve.or(key.curve).unwrap_or_default()) else {
            return Err("x509: unknown elliptic curve".to_owned());
        };
        // Some programs pad with zeros, and some leave out those that belong there.
        let length = curve.length();
        let surplus = key.scalar.len().saturating_sub(length);
        if key.scalar[..surplus].iter().any(|byte| *byte != 0) {
            return Err("x509: invalid private key length".to_owned());
        }
        let significant = &key.scalar[surplus..];
        let mut scalar = vec![0; length - significant.len()];
        scalar.extend_from_slice(significant);
        let mut read = Self { curve, scalar, point: key.point };
        if let Some(algorithm) = curve.signing() {
            read.point = None;
            let pair = EcdsaKeyPair::from_private_key_der(algorithm, &read.to_sec1())
                .map_err(|_| "ecdsa: invalid private key".to_owned())?;
            read.point = Some(pair.public_key().as_ref().to_vec());
        }
        Ok(read)
    }

    pub(super) fn to_sec1(&self) -> Vec<u8> {
        let curve = write::element(
            tag::context_constructed(0),
            &[&write::object_identifier(self.curve.identifier())],
        );
        let point = self
            .point
            .as_ref()
            .map(|point| write::element(tag::context_constructed(1), &[&write::bit_string(point)]));
        write::sequence(&[
            &write::integer(&[1]),
            &write::octet_string(&self.scalar),
            &curve,
            point.as_deref().unwrap_or_default(),
        ])
    }

    pub(super) fn public(&self) -> Result<PublicKey, Problem> {
        let Some(point) = &self.point else {
            return Err("x509: the public half of the key on P-224 is missing".to_owned());
        };
        Ok(PublicKey {
            algorithm: write::sequence(&[
                &write::object_identifier(oid::EC),
                &write::object_identifier(self.curve.identifier()),
            ]),
            bytes: point.clone(),
        })
    }

    /// The identifier of what [`Self::sign`] makes.
    pub(super) fn signature_algorithm(&self) -> &'static [u8] {
        match self.curve {
            Curve::P224 | Curve::P256 => oid::ECDSA_WITH_SHA256,
            Curve::P384 => oid::ECDSA_WITH_SHA384,
            Curve::P521 => oid::ECDSA_WITH_SHA512,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Problem> {
        let Some(algorithm) = self.curve.signing() else {
            return Err("ecdsa: signing with keys on P-224 is not supported".to_owned());
        };
        let key = EcdsaKeyPair::from_private_key_der(algorithm, &self.to_sec1())
            .map_err(|error| format!("ecdsa: {error}"))?;
        let signature = key.sign(&SystemRandom::new(), message).map_err(|error| format!("ecdsa: {error}"))?;
        Ok(signature.as_ref().to_vec())
    }
}

/// Whether it has the shape of SEC 1, whatever it holds.
pub(super) fn looks_like_sec1(der: &[u8]) -> bool {
    let fields = Reader::new(der).expect(tag::SEQUENCE, "").map(Reader::new);
    fields.is_ok_and(|mut fields| fields.integer("").is_ok() && fields.expect(tag::OCTET_STRING, "").is_ok())
}

struct Sec1<'a> {
    scalar: &'a [u8],
    curve: Option<&'a [u8]>,
    point: Option<Vec<u8>>,
}

impl<'a> Sec1<'a> {
    fn read(der: &'a [u8]) -> Result<Self, Problem> {
        let mut fields = Reader::new(Reader::new(der).expect(tag::SEQUENCE, "ecPrivateKey")?);
        let version = fields.integer("int")?;
        let scalar = fields.expect(tag::OCTET_STRING, "")?;
        let curve = match fields.optional(tag::context_constructed(0))? {
            Some(content) => Some(Reader::new(content).expect(tag::OBJECT_IDENTIFIER, "ObjectIdentifier")?),
            None => None,
        };
        let point = match fields.optional(tag::context_constructed(1))? {
            Some(content) => read::bits(Reader::new(content).expect(tag::BIT_STRING, "BitString")?),
            None => None,
        };
        if version != Some(&[1]) {
            let version =
                version.map_or(-1, |bytes| bytes.iter().fold(0, |n, byte| n << 8 | i64::from(*byte)));
            return Err(format!("x509: unknown EC private key version {version}"));
        }
        Ok(Self { scalar, curve, point })
    }
}
