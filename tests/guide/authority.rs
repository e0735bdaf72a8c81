//! A private certificate authority, and the certificate that it issues for the guide's hosts.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::names::HOSTS;

/// What a registry shows, and what its users have to trust.
pub(crate) struct Authority {
    /// The authority's own certificate (PEM): what `SSL_CERT_FILE` names.
    pub(crate) root: String,
    /// The same as bytes (DER).
    pub(crate) root_der: Vec<u8>,
    /// The registry's certificate (PEM).
    pub(crate) certificate: String,
    /// Its key (PEM).
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = HOSTS.map(str::to_owned).to_vec();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &root).unwrap();
        Self {
            root: root.pem(),
            root_der: root.der().to_vec(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}
