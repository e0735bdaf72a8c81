//! Reading a certificate, as far as signing in its name needs it, with the checks and the words of
//! Go's `x509.ParseCertificate` for what every certificate has. Extensions that play no part here
//! are not looked into.

use super::super::der::read::{self, Problem, Reader};
use super::super::der::{oid, tag};
use super::super::private_key::PublicKey;

/// What is needed of a certificate.
#[derive(Debug)]
pub(super) struct ParsedCertificate {
    /// The subject's name, in DER.
    pub(super) subject: Vec<u8>,
    /// `None` where the algorithm isn't known.
    pub(super) public_key: Option<PublicKey>,
    pub(super) subject_key_id: Option<Vec<u8>>,
}

fn fail<T>(problem: &str) -> Result<T, Problem> {
    Err(format!("x509: {problem}"))
}

/// The content of the next element, which must have a tag.
fn take<'a>(reader: &mut Reader<'a>, tag: u8, problem: &str) -> Result<&'a [u8], Problem> {
    reader.expect(tag, "").or_else(|_| fail(problem))
}

impl ParsedCertificate {
    pub(super) fn read(der: &[u8]) -> Result<Self, Problem> {
        let mut outer = Reader::new(der);
        let mut parts = Reader::new(take(&mut outer, tag::SEQUENCE, "malformed certificate")?);
        let mut fields = Reader::new(take(&mut parts, tag::SEQUENCE, "malformed tbs certificate")?);
        let version = version(&mut fields)?;
        match fields.integer("") {
            Ok(Some(_)) => {}
            Ok(None) => return fail("negative serial number"),
            Err(_) => return fail("malformed serial number"),
        }
        let inner = take(&mut fields, tag::SEQUENCE, "malformed signature algorithm identifier")?;
        let stated = take(&mut parts, tag::SEQUENCE, "malformed algorithm identifier")?;
        if inner != stated {
            return fail("inner and outer signature algorithm identifiers don't match");
        }
        algorithm(inner)?;
        name(&mut fields)?;
        let mut validity = Reader::new(take(&mut fields, tag::SEQUENCE, "malformed validity")?);
        time(&mut validity)?;
        time(&mut validity)?;
        let subject = name(&mut fields)?.to_vec();
        let public_key = public_key(&mut fields)?;
        let mut subject_key_id = None;
        if version > 1 {
            for (number, problem) in [(1, "malformed issuerUniqueID"), (2, "malformed subjectUniqueID")] {
                fields.optional(tag::context(number)).or_else(|_| fail(problem))?;
            }
        }
        if version == 3
            && let Some(content) =
                fields.optional(tag::context_constructed(3)).or_else(|_| fail("malformed extensions"))?
        {
            subject_key_id = extensions(content)?;
        }
        if parts.expect(tag::BIT_STRING, "").ok().and_then(read::bits).is_none() {
            return fail("malformed signature");
        }
        if !outer.is_empty() {
            return fail("trailing data");
        }
        Ok(Self { subject, public_key, subject_key_id })
    }
}

fn version(fields: &mut Reader<'_>) -> Result<u8, Problem> {
    let Some(content) =
        fields.optional(tag::context_constructed(0)).or_else(|_| fail("malformed version"))?
    else {
        return Ok(1);
    };
    match Reader::new(content).integer("") {
        Ok(Some([])) => Ok(1),
        Ok(Some([version @ 0..=2])) => Ok(version + 1),
        Ok(Some(_)) => fail("invalid version"),
        Ok(None) | Err(_) => fail("malformed version"),
    }
}

/// Identifier and parameters.
fn algorithm(content: &[u8]) -> Result<(&[u8], &[u8]), Problem> {
    let mut reader = Reader::new(content);
    let identifier = take(&mut reader, tag::OBJECT_IDENTIFIER, "malformed OID")?;
    if reader.is_empty() {
        return Ok((identifier, &[]));
    }
    let parameters = reader.any().or_else(|_| fail("malformed parameters"))?;
    Ok((identifier, parameters.whole))
}

/// Checks a name, and gives the whole element.
fn name<'a>(fields: &mut Reader<'a>) -> Result<&'a [u8], Problem> {
    let element = match fields.any() {
        Ok(element) if element.tag == tag::SEQUENCE => element,
        _ => return fail("malformed issuer"),
    };
    let invalid = |what: &str| format!("x509: invalid RDNSequence{what}");
    let mut sets = Reader::new(element.content);
    while !sets.is_empty() {
        let mut set = Reader::new(sets.expect(tag::SET, "").map_err(|_| invalid(""))?);
        while !set.is_empty() {
            let attribute = set.expect(tag::SEQUENCE, "").map_err(|_| invalid(": invalid attribute"))?;
            let mut attribute = Reader::new(attribute);
            attribute.expect(tag::OBJECT_IDENTIFIER, "").map_err(|_| invalid(": invalid attribute type"))?;
            let value = attribute.any().map_err(|_| invalid(": invalid attribute value"))?;
            check_string(value.tag, value.content)
                .map_err(|problem| invalid(&format!(": invalid attribute value: {problem}")))?;
        }
    }
    Ok(element.whole)
}

fn check_string(tag: u8, content: &[u8]) -> Result<(), String> {
    let (fits, name) = match tag {
        tag::T61_STRING => (true, ""),
        tag::PRINTABLE_STRING => {
            let printable = |byte: &u8| {
                byte.is_ascii_alphanumeric()
                    || matches!(
                        byte,
                        b' ' | b'\'' | b'(' | b')' | b'*' | b'&' | b':' | b'=' | b'?' | b'+'..=b'/'
                    )
            };
            (content.iter().all(printable), "PrintableString")
        }
        tag::UTF8_STRING => (std::str::from_utf8(content).is_ok(), "UTF-8 string"),
        tag::IA5_STRING => (content.is_ascii(), "IA5String"),
        tag::NUMERIC_STRING => {
            (content.iter().all(|byte| byte.is_ascii_digit() || *byte == b' '), "NumericString")
        }
        tag::BMP_STRING => {
            let stray = |pair: &[u8]| matches!(u16::from_be_bytes([pair[0], pair[1]]), 0xD800..=0xDFFF | 0xFDD0..=0xFDEF | 0xFFFE..);
            (content.len().is_multiple_of(2) && !content.chunks_exact(2).any(stray), "BMPString")
        }
        other => return Err(format!("unsupported string type: {other}")),
    };
    if fits { Ok(()) } else { Err(format!("invalid {name}")) }
}

fn time(validity: &mut Reader<'_>) -> Result<(), Problem> {
    let digits = |content: &[u8], count: usize| {
        content.len() == count + 1
            && content[..count].iter().all(u8::is_ascii_digit)
            && content.ends_with(b"Z")
    };
    match validity.any() {
        Ok(element) if element.tag == tag::UTC_TIME => {
            // Seconds may be left out.
            let fits = digits(element.content, 12) || digits(element.content, 10);
            if fits { Ok(()) } else { fail("malformed UTCTime") }
        }
        Ok(element) if element.tag == tag::GENERALIZED_TIME => {
            if digits(element.content, 14) {
                Ok(())
            } else {
                fail("malformed GeneralizedTime")
            }
        }
        _ => fail("unsupported time format"),
    }
}

fn public_key(fields: &mut Reader<'_>) -> Result<Option<PublicKey>, Problem> {
    let mut info = Reader::new(take(fields, tag::SEQUENCE, "malformed spki")?);
    let start = info.clone();
    let content = take(&mut info, tag::SEQUENCE, "malformed public key algorithm identifier")?;
    let (identifier, parameters) = algorithm(content)?;
    let Some(bytes) = info.expect(tag::BIT_STRING, "").ok().and_then(read::bits) else {
        return fail("malformed subjectPublicKey");
    };
    match identifier {
        oid::RSA => {
            if parameters != super::super::der::write::NULL {
                return fail("RSA key missing NULL parameters");
            }
            let mut numbers =
                Reader::new(take(&mut Reader::new(&bytes), tag::SEQUENCE, "invalid RSA public key")?);
            for (name, name_of_sign) in [("modulus", "modulus"), ("public exponent", "public exponent")] {
                match numbers.integer("") {
                    Ok(Some([])) | Ok(None) => {
                        return fail(&format!("RSA {name_of_sign} is not a positive number"));
                    }
                    Ok(Some(_)) => {}
                    Err(_) => return fail(&format!("invalid RSA {name}")),
                }
            }
        }
        oid::EC => {
            let curve =
                take(&mut Reader::new(parameters), tag::OBJECT_IDENTIFIER, "invalid ECDSA parameters")?;
            let length = match curve {
                oid::P224 => 57,
                oid::P256 => 65,
                oid::P384 => 97,
                oid::P521 => 133,
                _ => return fail("unsupported elliptic curve"),
            };
            if bytes.len() != length || bytes.first() != Some(&4) {
                return Err("ecdsa: invalid uncompressed public key".to_owned());
            }
        }
        oid::ED25519 => {
            if !parameters.is_empty() {
                return fail("Ed25519 key encoded with illegal parameters");
            }
            if bytes.len() != 32 {
                return fail("wrong Ed25519 public key size");
            }
        }
        // Of keys that can't sign, nothing is known but that they aren't the signer's.
        oid::DSA | oid::X25519 => {}
        _ => return Ok(None),
    }
    let algorithm = start.clone().any().map(|element| element.whole.to_vec()).unwrap_or_default();
    Ok(Some(PublicKey { algorithm, bytes }))
}

/// Goes through the extensions, and gives the identifier of the subject's key.
fn extensions(content: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
    let mut list = Reader::new(take(&mut Reader::new(content), tag::SEQUENCE, "malformed extensions")?);
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut values = Vec::new();
    while !list.is_empty() {
        let mut fields = Reader::new(take(&mut list, tag::SEQUENCE, "malformed extension")?);
        let identifier = take(&mut fields, tag::OBJECT_IDENTIFIER, "malformed extension OID field")?;
        let critical = match fields.optional(tag::BOOLEAN) {
            Ok(None | Some([0])) => false,
            Ok(Some([0xFF])) => true,
            _ => return fail("malformed extension critical field"),
        };
        let value = take(&mut fields, tag::OCTET_STRING, "malformed extension value field")?;
        if seen.contains(&identifier) {
            let dotted = oid::dotted(identifier);
            return fail(&format!("certificate contains duplicate extension with OID \"{dotted}\""));
        }
        if seen.len() >= MAX_EXTENSIONS {
            return fail("too many extensions");
        }
        seen.push(identifier);
        values.push((identifier, critical, value));
    }
    let mut subject_key_id = None;
    for (identifier, critical, value) in values {
        let mut value = Reader::new(value);
        match identifier {
            oid::SUBJECT_KEY_ID => {
                if critical {
                    return fail("subject key identifier incorrectly marked critical");
                }
                subject_key_id =
                    Some(take(&mut value, tag::OCTET_STRING, "invalid subject key identifier")?.to_vec());
            }
            oid::AUTHORITY_KEY_ID => {
                if critical {
                    return fail("authority key identifier incorrectly marked critical");
                }
                take(&mut value, tag::SEQUENCE, "invalid authority key identifier")?;
            }
            oid::KEY_USAGE => {
                let usage = take(&mut value, tag::BIT_STRING, "invalid key usage")?;
                read::bits(usage).ok_or("x509: invalid key usage")?;
            }
            oid::BASIC_CONSTRAINTS => {
                take(&mut value, tag::SEQUENCE, "invalid basic constraints")?;
            }
            oid::EXTENDED_KEY_USAGE => {
                take(&mut value, tag::SEQUENCE, "invalid extended key usages")?;
            }
            oid::SUBJECT_ALT_NAME => {
                take(&mut value, tag::SEQUENCE, "invalid subject alternative names")?;
            }
            _ => {}
        }
    }
    Ok(subject_key_id)
}

/// Looking for duplicates takes the square of this; no certificate has more.
const MAX_EXTENSIONS: usize = 1024;
