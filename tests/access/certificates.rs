//! Client certificates instead of passwords.

use std::process::{Command, Output};

use chartroom_test_support::clean_environment;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::accounts::Office;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "authority");
        Self(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate and its key (PEM).
    fn issue(&self, name: &str, hosts: &[&str]) -> (String, String) {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut parameters = CertificateParams::new(hosts).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        (parameters.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

#[test]
fn the_holder_of_a_certificate_gets_in_by_its_name() {
    let office = Office::new();
    let (ours, theirs) = (Authority::new(), Authority::new());
    let write = |name: &str, text: &str| {
        let path = office.path(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let authority = write("authority.pem", &ours.0.pem());
    let (certificate, key) = ours.issue("server", &["127.0.0.1"]);
    let server = office.serve(&format!(
        "[tls]\ncertificate = {:?}\nkey = {:?}\nclient_authority = {authority:?}\n\
         [[access]]\nwho = [\"cert:*.ci.example.com\"]\nrepositories = [\"charts/**\"]\nactions = [\"pull\"]\n",
        write("server.pem", &certificate),
        write("server.key", &key),
    ));
    let tags = |holder: Option<(&Authority, &str)>| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chartroom"));
        clean_environment(&mut command);
        let repository = format!("oci://{}/charts/app", server.addr());
        command.args(["tags", &repository, "--ca-file"]).arg(&authority).env("HOME", office.path(""));
        if let Some((authority, name)) = holder {
            let (certificate, key) = authority.issue(name, &[]);
            command.arg("--cert-file").arg(write("client.pem", &certificate));
            command.arg("--key-file").arg(write("client.key", &key));
        }
        command.output().unwrap()
    };
    let said = |output: Output| {
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    // Let in, and nothing there yet.
    let known = said(tags(Some((&ours, "runner.ci.example.com"))));
    assert!(known.contains("404") || known.contains("there is no repository"), "{known}");
    let other = said(tags(Some((&ours, "ci.example.org"))));
    assert!(other.contains("may not pull in charts/app"), "{other}");
    let none = said(tags(None));
    assert!(none.contains("401") || none.contains("authentication required"), "{none}");
    let foreign = said(tags(Some((&theirs, "runner.ci.example.com"))));
    assert!(!foreign.contains("404") && !foreign.contains("there is no repository"), "{foreign}");
}
