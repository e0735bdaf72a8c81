//! Client certificates: which authorities are believed, and what a certificate calls its holder.
//!
//! The name is the common name of the certificate's subject (X.520 §6.2.2), or, where there is none, its
//! first DNS name. TLS has checked the certificate before anything here reads it; all the same, nothing
//! is trusted to be well formed.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use webpki::EndEntityCert;

use super::{Error, Result};

/// The attribute type `commonName`, 2.5.4.3, in DER.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// What believes certificates of the authorities in a PEM file. Clients without one are let in, too:
/// they may have other credentials.
pub(super) fn verifier(path: &Path, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>> {
    let bad = |reason: String| Error::Pem { what: "certificate authority", path: path.to_owned(), reason };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))? {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots.add(certificate).map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(bad("there is none".to_owned()));
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = verifier.allow_unauthenticated().build();
    verifier.map_err(|error| bad(error.to_string()))
}

/// What a certificate calls its holder.
pub(super) fn name(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    common_name(certificate.subject())
        .or_else(|| certificate.valid_dns_names().next().map(str::to_owned))
        .filter(|name| !name.is_empty() && name.len() <= 255 && !name.contains(char::is_control))
}

/// The common name in a distinguished name: the content of a SEQUENCE of SETs of pairs of an attribute's
/// type and its value (RFC 5280 §4.1.2.4).
fn common_name(mut rest: &[u8]) -> Option<String> {
    // Some give the content alone, some with the head of the SEQUENCE around it.
    if let Some((0x30, content, [])) = element(rest)
        && content.first() == Some(&0x31)
    {
        rest = content;
    }
    while let Some((_, set, after)) = element(rest) {
        rest = after;
        let mut pairs = set;
        while let Some((_, pair, after)) = element(pairs) {
            pairs = after;
            let Some((0x06, kind, value)) = element(pair) else { continue };
            if kind != COMMON_NAME {
                continue;
            }
            // UTF8String, PrintableString, IA5String; what others there were are out of use.
            return match element(value)? {
                (0x0c | 0x13 | 0x16, text, _) => String::from_utf8(text.to_vec()).ok(),
                _ => None,
            };
        }
    }
    None
}

/// The tag and the content of the first DER element, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => {
            let (&length, rest) = rest.split_first()?;
            (usize::from(length), rest)
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        // No name is as long as that.
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn certificate(names: &[(rcgen::DnType, &str)], dns: &[&str]) -> CertificateDer<'static> {
        let mut parameters =
            rcgen::CertificateParams::new(dns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
                .unwrap();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, value) in names {
            parameters.distinguished_name.push(kind.clone(), *value);
        }
        let key = rcgen::KeyPair::generate().unwrap();
        parameters.self_signed(&key).unwrap().der().clone()
    }

    #[test]
    fn a_certificate_is_called_by_its_common_name() {
        use rcgen::DnType::{CommonName, OrganizationName};
        let both = certificate(&[(OrganizationName, "Example"), (CommonName, "ci.example.com")], &["other"]);
        assert_eq!(name(&both).as_deref(), Some("ci.example.com"));
        let dns = certificate(&[(OrganizationName, "Example")], &["robot.example.com"]);
        assert_eq!(name(&dns).as_deref(), Some("robot.example.com"));
        assert_eq!(name(&certificate(&[], &[])), None);
        assert_eq!(name(&certificate(&[(CommonName, "ä\u{7}")], &[])), None, "no control characters");
        let long = "x".repeat(200);
        assert_eq!(name(&certificate(&[(CommonName, &long)], &[])).as_deref(), Some(&*long));
        assert_eq!(name(&CertificateDer::from(&b"nonsense"[..])), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = common_name(&bytes);
        }
    }
}
