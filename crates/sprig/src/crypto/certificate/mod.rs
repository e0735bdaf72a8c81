//! Certificates: authorities, self-signed ones, and those that an authority signs.

mod issue;
mod names;
mod object;
mod parse;
mod validity;

use std::rc::Rc;

use chartroom_gotemplate::{CallError, Value};

use self::issue::{Issuer, Request};
use self::names::Names;
pub(super) use self::object::Certificate;
use self::parse::ParsedCertificate;
use super::der::read::Problem;
use super::pem;
use super::private_key::PrivateKey;
use crate::arguments::{int, text};
use crate::encoding::decode_base64;

type Answer = Result<Value, CallError>;

/// `genCA cn days`
pub(super) fn gen_ca(arguments: &[Value]) -> Answer {
    authority(arguments, PrivateKey::generate()?)
}

/// `genCAWithKey cn days key`
pub(super) fn gen_ca_with_key(arguments: &[Value]) -> Answer {
    authority(arguments, given_key(arguments, 2)?)
}

/// `genSelfSignedCert cn ips names days`
pub(super) fn gen_self_signed_cert(arguments: &[Value]) -> Answer {
    self_signed(arguments, PrivateKey::generate()?)
}

/// `genSelfSignedCertWithKey cn ips names days key`
pub(super) fn gen_self_signed_cert_with_key(arguments: &[Value]) -> Answer {
    self_signed(arguments, given_key(arguments, 4)?)
}

/// `genSignedCert cn ips names days ca`
pub(super) fn gen_signed_cert(arguments: &[Value]) -> Answer {
    signed(arguments, PrivateKey::generate()?)
}

/// `genSignedCertWithKey cn ips names days ca key`
pub(super) fn gen_signed_cert_with_key(arguments: &[Value]) -> Answer {
    signed(arguments, given_key(arguments, 5)?)
}

/// `buildCustomCert cert key`, both PEM in base64. They may be of different pairs.
pub(super) fn build_custom_cert(arguments: &[Value]) -> Answer {
    let decode = |index, name: &str| {
        decode_base64(text(arguments, index))
            .map_err(|_| CallError::new(format!("unable to decode base64 {name}")))
    };
    let certificate = decode(0, "certificate")?;
    let key = decode(1, "private key")?;
    let Some(block) = pem::decode(&certificate) else {
        return Err(CallError::new("unable to decode certificate"));
    };
    ParsedCertificate::read(&block.bytes).map_err(|problem| {
        CallError::new(format!("error parsing certificate: decodedCert.Bytes: {problem}"))
    })?;
    PrivateKey::from_pem(&key)
        .map_err(|problem| CallError::new(format!("error parsing private key: {problem}")))?;
    Ok(Certificate { cert: certificate.into(), key: key.into() }.into())
}

fn authority(arguments: &[Value], key: PrivateKey) -> Answer {
    let request = Request {
        common_name: text(arguments, 0),
        names: Names::default(),
        days: int(arguments, 1),
        is_ca: true,
    };
    finish(request.issue(&key, Issuer::Itself), &key)
}

fn self_signed(arguments: &[Value], key: PrivateKey) -> Answer {
    finish(request(arguments)?.issue(&key, Issuer::Itself), &key)
}

fn signed(arguments: &[Value], key: PrivateKey) -> Answer {
    let Some(Value::Object(ca)) = arguments.get(4) else {
        return Err(CallError::new("unable to decode certificate"));
    };
    let Some(ca) = ca.as_any().downcast_ref::<Certificate>() else {
        return Err(CallError::new("unable to decode certificate"));
    };
    let Some(block) = pem::decode(&ca.cert) else {
        return Err(CallError::new("unable to decode certificate"));
    };
    let certificate = ParsedCertificate::read(&block.bytes).map_err(|problem| {
        CallError::new(format!("error parsing certificate: decodedSignerCert.Bytes: {problem}"))
    })?;
    let ca_key = PrivateKey::from_pem(&ca.key)
        .map_err(|problem| CallError::new(format!("error parsing private key: {problem}")))?;
    let issuer = Issuer::Authority { certificate: &certificate, key: &ca_key };
    finish(request(arguments)?.issue(&key, issuer), &key)
}

fn request(arguments: &[Value]) -> Result<Request<'_>, CallError> {
    Ok(Request {
        common_name: text(arguments, 0),
        names: Names::read(arguments.get(1), arguments.get(2)).map_err(CallError::new)?,
        days: int(arguments, 3),
        is_ca: false,
    })
}

fn given_key(arguments: &[Value], index: usize) -> Result<PrivateKey, CallError> {
    PrivateKey::from_pem(text(arguments, index))
        .map_err(|problem| CallError::new(format!("parsing private key: {problem}")))
}

fn finish(der: Result<Vec<u8>, Problem>, key: &PrivateKey) -> Answer {
    let der = der.map_err(|problem| CallError::new(format!("error creating certificate: {problem}")))?;
    Ok(Certificate { cert: pem::encode("CERTIFICATE", &der).into(), key: key.to_pem().into() }.into())
}

impl From<Certificate> for Value {
    fn from(certificate: Certificate) -> Self {
        Self::Object(Rc::new(certificate))
    }
}
