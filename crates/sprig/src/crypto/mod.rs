//! Digests, passwords, keys and certificates: the table of Sprig's cryptographic functions.

mod aes;
mod certificate;
mod der;
mod derive;
mod digest;
mod passwords;
mod pem;
mod private_key;
mod random;

use std::rc::Rc;

use chartroom_gotemplate::{Body, CallError, Function, IntType, Signature, Type};

use self::certificate::Certificate;
use crate::declare::{Call, INT, fixed};

const TEXT: Type = Type::String;
const CERTIFICATE: Type = Type::Named(Certificate::TYPE_NAME);

/// What a call costs in steps of the executor, of which some ten million take a second: a hash of a
/// password, or a new RSA key of 2048 bits.
const HASH: u64 = 500_000;
const RSA_2048: u64 = 1_000_000;

pub(crate) fn functions() -> Vec<Function> {
    let uint32 = Type::Int(IntType::Uint32);
    let names = Type::list;
    vec![
        fixed("sha1sum", [TEXT], TEXT, digest::sha1sum),
        fixed("sha256sum", [TEXT], TEXT, digest::sha256sum),
        fixed("sha512sum", [TEXT], TEXT, digest::sha512sum),
        fixed("adler32sum", [TEXT], TEXT, digest::adler32sum),
        costly(HASH, "bcrypt", [TEXT], TEXT, passwords::bcrypt),
        costly(HASH, "htpasswd", [TEXT, TEXT], TEXT, passwords::htpasswd),
        costly(HASH, "derivePassword", [uint32, TEXT, TEXT, TEXT, TEXT], TEXT, derive::derive_password),
        fixed("encryptAES", [TEXT, TEXT], TEXT, aes::encrypt),
        fixed("decryptAES", [TEXT, TEXT], TEXT, aes::decrypt),
        fixed("randBytes", [INT], TEXT, random::rand_bytes),
        private_key::function(),
        costly(RSA_2048, "genCA", [TEXT, INT], CERTIFICATE, certificate::gen_ca),
        fixed("genCAWithKey", [TEXT, INT, TEXT], CERTIFICATE, certificate::gen_ca_with_key),
        costly(
            RSA_2048,
            "genSelfSignedCert",
            [TEXT, names(), names(), INT],
            CERTIFICATE,
            certificate::gen_self_signed_cert,
        ),
        fixed(
            "genSelfSignedCertWithKey",
            [TEXT, names(), names(), INT, TEXT],
            CERTIFICATE,
            certificate::gen_self_signed_cert_with_key,
        ),
        costly(
            RSA_2048,
            "genSignedCert",
            [TEXT, names(), names(), INT, CERTIFICATE],
            CERTIFICATE,
            certificate::gen_signed_cert,
        ),
        fixed(
            "genSignedCertWithKey",
            [TEXT, names(), names(), INT, CERTIFICATE, TEXT],
            CERTIFICATE,
            certificate::gen_signed_cert_with_key,
        ),
        fixed("buildCustomCert", [TEXT, TEXT], CERTIFICATE, certificate::build_custom_cert),
    ]
}

/// A function that takes so long that a template may not call it as often as it likes.
fn costly<const N: usize>(
    steps: u64,
    name: &'static str,
    parameters: [Type; N],
    result: Type,
    body: Call,
) -> Function {
    let body = Body::Executor(Rc::new(move |executor, arguments| {
        executor.spend(steps)?;
        body(arguments)
    }));
    Function { name, signature: Signature::new(parameters, result), body }
}

/// Where the one provider of cryptography gives up, without a reason of its own.
fn provider_failed(_: aws_lc_rs::error::Unspecified) -> CallError {
    CallError::new("the cryptographic library failed")
}
