//! The keys and certificates of a test cluster.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};

/// An authority that everybody in the cluster trusts.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    root: String,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Authority of the test cluster");
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let root = issuer.pem();
        Self { issuer, root }
    }

    pub(super) fn root_pem(&self) -> &str {
        &self.root
    }

    pub(super) fn root(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// Puts what the server needs into its folder.
    pub(super) fn write(&self, folder: &Path) {
        let names = ["localhost", "127.0.0.1", "kubernetes.default.svc", "other-name.test"];
        let params = CertificateParams::new(names.map(str::to_owned)).expect("names");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let accounts = KeyPair::generate().expect("a key");
        for (name, text) in [
            ("root.crt", self.root.clone()),
            ("server.crt", certificate.pem()),
            ("server.key", key.serialize_pem()),
            ("accounts.key", accounts.serialize_pem()),
            ("accounts.pub", accounts.public_key_pem()),
        ] {
            fs::write(folder.join(name), text).expect("the file is written");
        }
    }

    /// A certificate and key of a member of a group.
    pub(super) fn client(&self, name: &str, group: &str) -> (String, String) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, group);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}
