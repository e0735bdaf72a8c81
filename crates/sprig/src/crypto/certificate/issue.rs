//! Writing a certificate and signing it: the fields, extensions and their order that Go's
//! `x509.CreateCertificate` gives to what Sprig asks of it.

use aws_lc_rs::digest;

use super::super::der::read::Problem;
use super::super::der::{oid, tag, write};
use super::super::private_key::{PrivateKey, PublicKey};
use super::super::random;
use super::names::Names;
use super::parse::ParsedCertificate;
use super::validity;

/// What a certificate is made from.
pub(super) struct Request<'a> {
    pub(super) common_name: &'a [u8],
    pub(super) names: Names,
    pub(super) days: i64,
    pub(super) is_ca: bool,
}

/// Who signs it.
#[derive(Clone, Copy)]
pub(super) enum Issuer<'a> {
    /// The key that it is for.
    Itself,
    Authority {
        certificate: &'a ParsedCertificate,
        key: &'a PrivateKey,
    },
}

/// So many bytes of a digest identify a key (RFC 7093, section 2, method 1).
const KEY_ID: usize = 20;

impl Request<'_> {
    /// The certificate in DER.
    pub(super) fn issue(&self, key: &PrivateKey, issuer: Issuer<'_>) -> Result<Vec<u8>, Problem> {
        let signer = match issuer {
            Issuer::Itself => key,
            Issuer::Authority { key, .. } => key,
        };
        let algorithm = signer.signature_algorithm()?;
        let public = key.public()?;
        let (issuer_name, authority_key_id) = match issuer {
            Issuer::Itself => (self.subject()?, None),
            Issuer::Authority { certificate, .. } => {
                (certificate.subject.clone(), certificate.subject_key_id.as_deref())
            }
        };
        let subject = self.subject()?;
        if let Issuer::Authority { certificate, key } = issuer
            && let Some(expected) = &certificate.public_key
            && *expected != key.public()?
        {
            return Err("x509: provided PrivateKey doesn't match parent's PublicKey".to_owned());
        }
        // Who has the issuer's name is taken for the issuer itself.
        let authority_key_id = authority_key_id.filter(|id| !id.is_empty() && issuer_name != subject);
        let extensions = self.extensions(&public, &subject, authority_key_id)?;
        let unsigned = write::sequence(&[
            &write::element(tag::context_constructed(0), &[&write::integer(&[2])]),
            &serial_number()?,
            &algorithm,
            &issuer_name,
            &validity::from_now(self.days)?,
            &subject,
            &write::sequence(&[&public.algorithm, &write::bit_string(&public.bytes)]),
            &write::element(tag::context_constructed(3), &[&extensions]),
        ]);
        let signature = signer.sign(&unsigned)?;
        Ok(write::sequence(&[&unsigned, &algorithm, &write::bit_string(&signature)]))
    }

    /// The name: the common name alone, or nothing at all where that is empty.
    fn subject(&self) -> Result<Vec<u8>, Problem> {
        if self.common_name.is_empty() {
            return Ok(write::sequence(&[]));
        }
        let text = std::str::from_utf8(self.common_name).map_err(|_| "asn1: string not valid UTF-8")?;
        let printable = text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b' ' | b'\'' | b'(' | b')' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b'=' | b'?'
                )
        });
        let tag = if printable { tag::PRINTABLE_STRING } else { tag::UTF8_STRING };
        let attribute = write::sequence(&[
            &write::object_identifier(oid::COMMON_NAME),
            &write::element(tag, &[self.common_name]),
        ]);
        Ok(write::sequence(&[&write::element(tag::SET, &[&attribute])]))
    }

    fn extensions(
        &self,
        public: &PublicKey,
        subject: &[u8],
        authority_key_id: Option<&[u8]>,
    ) -> Result<Vec<u8>, Problem> {
        // Digital signature and key encipherment; for authorities also the signing of certificates.
        let usage: &[u8] = if self.is_ca { &[2, 0xA4] } else { &[5, 0xA0] };
        let is_ca: &[u8] = if self.is_ca { write::TRUE } else { &[] };
        let mut extensions = vec![
            extension(oid::KEY_USAGE, true, &write::element(tag::BIT_STRING, &[usage])),
            extension(
                oid::EXTENDED_KEY_USAGE,
                false,
                &write::sequence(&[
                    &write::object_identifier(oid::SERVER_AUTH),
                    &write::object_identifier(oid::CLIENT_AUTH),
                ]),
            ),
            extension(oid::BASIC_CONSTRAINTS, true, &write::sequence(&[is_ca])),
        ];
        if self.is_ca {
            let digest = digest::digest(&digest::SHA256, &public.bytes);
            let id = digest.as_ref().get(..KEY_ID).unwrap_or_default();
            extensions.push(extension(oid::SUBJECT_KEY_ID, false, &write::octet_string(id)));
        }
        if let Some(id) = authority_key_id {
            let id = write::sequence(&[&write::element(tag::context(0), &[id])]);
            extensions.push(extension(oid::AUTHORITY_KEY_ID, false, &id));
        }
        if let Some(names) = self.names.extension()? {
            let nameless = *subject == *write::sequence(&[]);
            extensions.push(extension(oid::SUBJECT_ALT_NAME, nameless, &names));
        }
        Ok(write::sequence(&extensions.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }
}

fn extension(identifier: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    write::sequence(&[
        &write::object_identifier(identifier),
        if critical { write::TRUE } else { &[] },
        &write::octet_string(value),
    ])
}

/// 128 random bits.
fn serial_number() -> Result<Vec<u8>, Problem> {
    let mut bytes = [0; 16];
    random::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(write::integer(&bytes))
}
