//! Private keys in PEM: made, read, written again, and asked for their public half.

mod dsa;
mod ec;
mod edwards;
mod primes;
mod rsa;

use std::rc::Rc;

use aws_lc_rs::rsa::KeySize;
use chartroom_gotemplate::{Body, CallError, Function, Signature, Type, Value};

use self::dsa::DsaKey;
use self::ec::EcKey;
use self::edwards::{Ed25519Key, X25519Key};
use self::rsa::RsaKey;
use super::der::read::{Problem, Reader};
use super::der::{oid, tag, write};
use super::pem;
use crate::arguments::text;

/// A private key of one of the kinds that Go reads.
pub(super) enum PrivateKey {
    Rsa(RsaKey),
    Ec(EcKey),
    Ed25519(Ed25519Key),
    X25519(X25519Key),
    Dsa(DsaKey),
}

/// The public half, as certificates hold it.
#[derive(Debug, PartialEq)]
pub(super) struct PublicKey {
    /// The `AlgorithmIdentifier`, in DER.
    pub(super) algorithm: Vec<u8>,
    /// What the bit string holds.
    pub(super) bytes: Vec<u8>,
}

/// What a new key of 4096 bits costs in steps of the executor, and a group for DSA.
const STEPS: u64 = 5_000_000;

/// `genPrivateKey`.
pub(super) fn function() -> Function {
    let body = Body::Executor(Rc::new(|executor, arguments| {
        if matches!(text(arguments, 0), b"" | b"rsa" | b"dsa") {
            executor.spend(STEPS)?;
        }
        gen_private_key(arguments)
    }));
    Function { name: "genPrivateKey", signature: Signature::new([Type::String], Type::String), body }
}

/// An unknown kind is told in the place of the key.
fn gen_private_key(arguments: &[Value]) -> Result<Value, CallError> {
    let key = match text(arguments, 0) {
        b"" | b"rsa" => PrivateKey::Rsa(RsaKey::generate(KeySize::Rsa4096)?),
        b"dsa" => PrivateKey::Dsa(DsaKey::generate()?),
        b"ecdsa" => PrivateKey::Ec(EcKey::generate_p256()?),
        b"ed25519" => PrivateKey::Ed25519(Ed25519Key::generate()?),
        other => return Ok(Value::String([&b"Unknown type "[..], other].concat().into())),
    };
    Ok(key.to_pem().into())
}

impl PrivateKey {
    /// A new RSA key of 2048 bits: what certificates get that are given no key.
    pub(super) fn generate() -> Result<Self, CallError> {
        RsaKey::generate(KeySize::Rsa2048).map(Self::Rsa)
    }

    /// Reads the first PEM block of a text.
    pub(super) fn from_pem(text: &[u8]) -> Result<Self, Problem> {
        let Some(block) = pem::decode(text) else { return Err("no PEM data in input".to_owned()) };
        let kind = String::from_utf8_lossy(&block.kind);
        if kind == "PRIVATE KEY" {
            return Self::from_pkcs8(&block.bytes)
                .map_err(|problem| format!("decoding PEM as PKCS#8: {problem}"));
        }
        let from_pem =
            |name: &str, problem: Problem| format!("parsing {name} private key from PEM: {problem}");
        match kind.strip_suffix(" PRIVATE KEY") {
            None => Err(format!("no private key data in PEM block of type {kind}")),
            Some("RSA") => {
                Self::from_pkcs1(&block.bytes).map(Self::Rsa).map_err(|problem| from_pem("RSA", problem))
            }
            Some("EC") => {
                Self::from_sec1(&block.bytes).map(Self::Ec).map_err(|problem| from_pem("EC", problem))
            }
            Some("DSA") => {
                DsaKey::from_der(&block.bytes).map(Self::Dsa).map_err(|problem| from_pem("DSA", problem))
            }
            Some(_) => Err(format!("invalid private key type {kind}")),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<RsaKey, Problem> {
        RsaKey::from_pkcs1(der).map_err(|problem| match () {
            () if !problem.starts_with("asn1: ") => problem,
            () if ec::looks_like_sec1(der) => other_format("ParseECPrivateKey"),
            () if Pkcs8::read(der).is_ok() => other_format("ParsePKCS8PrivateKey"),
            () => problem,
        })
    }

    fn from_sec1(der: &[u8]) -> Result<EcKey, Problem> {
        EcKey::from_sec1(der, None).map_err(|problem| match () {
            () if !problem.starts_with("asn1: ") => problem,
            () if Pkcs8::read(der).is_ok() => other_format("ParsePKCS8PrivateKey"),
            () if rsa::looks_like_pkcs1(der) => other_format("ParsePKCS1PrivateKey"),
            () => format!("x509: failed to parse EC private key: {problem}"),
        })
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, Problem> {
        let key = Pkcs8::read(der).map_err(|problem| match () {
            () if ec::looks_like_sec1(der) => other_format("ParseECPrivateKey"),
            () if rsa::looks_like_pkcs1(der) => other_format("ParsePKCS1PrivateKey"),
            () => problem,
        })?;
        match key.algorithm {
            oid::RSA => Self::from_pkcs1(key.content).map(Self::Rsa).map_err(|problem| {
                format!("x509: failed to parse RSA private key embedded in PKCS#8: {problem}")
            }),
            oid::EC => {
                let curve = Reader::new(key.parameters).expect(tag::OBJECT_IDENTIFIER, "").ok();
                EcKey::from_sec1(key.content, curve).map(Self::Ec).map_err(|problem| {
                    format!("x509: failed to parse EC private key embedded in PKCS#8: {problem}")
                })
            }
            oid::ED25519 => edwards::seed(&key, "Ed25519").and_then(|seed| match seed.len() {
                32 => Ed25519Key::from_seed(seed).map(Self::Ed25519),
                length => Err(format!("x509: invalid Ed25519 private key length: {length}")),
            }),
            oid::X25519 => edwards::seed(&key, "X25519").and_then(|seed| match seed.len() {
                32 => Ok(Self::X25519(X25519Key)),
                _ => Err("crypto/ecdh: invalid private key size".to_owned()),
            }),
            other => Err(format!(
                "x509: PKCS#8 wrapping contained private key with unknown algorithm: {}",
                oid::dotted(other)
            )),
        }
    }

    /// Writes it in the form that its kind has since long: PKCS #1, SEC 1, OpenSSL's form for DSA,
    /// and PKCS #8 for what is younger.
    pub(super) fn to_pem(&self) -> String {
        match self {
            Self::Rsa(key) => pem::encode("RSA PRIVATE KEY", &key.to_pkcs1()),
            Self::Ec(key) => pem::encode("EC PRIVATE KEY", &key.to_sec1()),
            Self::Dsa(key) => pem::encode("DSA PRIVATE KEY", &key.to_der()),
            Self::Ed25519(key) => pem::encode("PRIVATE KEY", &key.to_pkcs8()),
            // No certificate can be made with one, so none is ever written.
            Self::X25519(_) => pem::encode("PRIVATE KEY", &[]),
        }
    }

    /// The public half.
    ///
    /// # Errors
    ///
    /// For keys that certificates can't be made for.
    pub(super) fn public(&self) -> Result<PublicKey, Problem> {
        match self {
            Self::Rsa(key) => Ok(key.public()),
            Self::Ec(key) => key.public(),
            Self::Ed25519(key) => Ok(key.public()),
            Self::X25519(_) => Err("x509: unsupported public key type: *ecdh.PublicKey".to_owned()),
            Self::Dsa(_) => Err("x509: unsupported public key type: *dsa.PublicKey".to_owned()),
        }
    }

    /// The `AlgorithmIdentifier` of the signatures that it makes, in DER.
    ///
    /// # Errors
    ///
    /// For keys that can't sign.
    pub(super) fn signature_algorithm(&self) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Rsa(_) => {
                Ok(write::sequence(&[&write::object_identifier(oid::SHA256_WITH_RSA), write::NULL]))
            }
            Self::Ec(key) => Ok(write::sequence(&[&write::object_identifier(key.signature_algorithm())])),
            Self::Ed25519(_) => Ok(write::sequence(&[&write::object_identifier(oid::ED25519)])),
            Self::X25519(_) | Self::Dsa(_) => {
                Err("x509: certificate private key does not implement crypto.Signer".to_owned())
            }
        }
    }

    /// Signs, with what [`Self::signature_algorithm`] says.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Rsa(key) => key.sign(message),
            Self::Ec(key) => key.sign(message),
            Self::Ed25519(key) => key.sign(message),
            Self::X25519(_) | Self::Dsa(_) => self.signature_algorithm(),
        }
    }
}

fn other_format(function: &str) -> Problem {
    format!("x509: failed to parse private key (use {function} instead for this key format)")
}

/// PKCS #8, before its content is looked at.
struct Pkcs8<'a> {
    algorithm: &'a [u8],
    parameters: &'a [u8],
    content: &'a [u8],
}

impl<'a> Pkcs8<'a> {
    fn read(der: &'a [u8]) -> Result<Self, Problem> {
        let mut key = Reader::new(Reader::new(der).expect(tag::SEQUENCE, "pkcs8")?);
        key.integer("int")?;
        let mut algorithm = Reader::new(key.expect(tag::SEQUENCE, "AlgorithmIdentifier")?);
        let identifier = algorithm.expect(tag::OBJECT_IDENTIFIER, "ObjectIdentifier")?;
        let parameters = if algorithm.is_empty() { &[][..] } else { algorithm.any()?.whole };
        Ok(Self { algorithm: identifier, parameters, content: key.expect(tag::OCTET_STRING, "")? })
    }
}
