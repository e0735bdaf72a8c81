//! Registries with certificates: of a private authority, for another name, and such that want one of the
//! client; all commands, beside Helm's.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use chartroom_test_support::{ChartBuilder, Peer, TestServer, eventually};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use tempfile::TempDir;

use crate::desk::{Desk, finish};
use crate::{HELM, charts, server};

/// A folder with the certificate of an authority (`ca.pem`), and with certificates that it issued.
pub(crate) struct Authority {
    folder: TempDir,
    root: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "the authority");
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("ca.pem"), root.pem()).unwrap();
        Self { folder, root }
    }

    fn path(&self, file: &str) -> String {
        self.folder.path().join(file).display().to_string()
    }

    /// Writes `NAME.pem` and `NAME.key`.
    fn issue(&self, name: &str, hosts: &[&str], purpose: ExtendedKeyUsagePurpose) {
        let names = hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.root).unwrap();
        fs::write(self.path(&format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// A registry that shows a certificate for these hosts.
    pub(crate) fn registry(&self, hosts: &[&str]) -> TestServer {
        self.issue("registry", hosts, ExtendedKeyUsagePurpose::ServerAuth);
        let (certificate, key) = (self.path("registry.pem"), self.path("registry.key"));
        let tls = format!("[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
        TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).config(&tls).start()
    }

    /// Fills in paths.
    pub(crate) fn fill(&self, line: &str) -> String {
        line.replace("FOLDER", &self.folder.path().display().to_string())
    }
}

/// What every command does with a registry. `@` is where flags go.
const COMMANDS: [&str; 6] = [
    "push webapp-1.0.0.tgz REGISTRY/charts @",
    "pull REGISTRY/charts/webapp --version 1.0.0 @",
    "show values REGISTRY/charts/webapp --version 1.0.0 @",
    "registry login HOST -u dev -p x @",
    "tags REGISTRY/charts/webapp --short @",
    "copy REGISTRY/charts/webapp:1.0.0 REGISTRY/mirror/webapp @",
];

fn desk_with_chart(registry: SocketAddr) -> Desk {
    let desk = Desk::at(registry);
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    desk.write("webapp-1.0.0.tgz", &chart.archive);
    desk.set_modified("webapp-1.0.0.tgz", charts::MODIFIED);
    desk
}

/// Runs all commands with these flags, and those that Helm has with Helm, too; all must end alike.
fn all(desk: &Desk, authority: &Authority, flags: &str, succeed: bool) -> Vec<String> {
    let helm = Peer::find(HELM);
    let mut told = Vec::new();
    for command in COMMANDS {
        // Helm has another name for it there.
        let flags = match command.starts_with("registry") {
            true => flags.replace("--insecure-skip-tls-verify", "--insecure"),
            false => flags.to_owned(),
        };
        let line = authority.fill(&command.replace('@', &flags));
        let run = desk.run(&line);
        assert_eq!(run.status.success(), succeed, "{line}: {run:?}");
        let own = command.starts_with("tags") || command.starts_with("copy");
        if let Some(helm) = helm.as_ref().filter(|_| !own) {
            let theirs = desk.try_helm(helm, &line);
            assert_eq!(theirs.status.success(), succeed, "{line}: {theirs:?}");
            assert_eq!(run.stdout, theirs.stdout, "{line}");
        }
        told.push(run.stderr);
    }
    told
}

#[test]
fn a_private_authority_has_to_be_named() {
    let authority = Authority::new();
    let registry = authority.registry(&["127.0.0.1", "localhost"]);
    let desk = desk_with_chart(registry.addr());
    for told in all(&desk, &authority, "", false) {
        assert!(told.contains("unknown authority") && told.contains("hint: "), "{told}");
    }
    all(&desk, &authority, "--ca-file FOLDER/ca.pem", true);
    all(&desk, &authority, "--insecure-skip-tls-verify", true);
    // It takes the place of the system's: another one is of no use.
    let other = Authority::new();
    all(&desk, &other, "--ca-file FOLDER/ca.pem", false);
    // As with all programs that use OpenSSL's variables, the system's can be said to be it.
    let line = "pull REGISTRY/charts/webapp --version 1.0.0";
    let run = finish(desk.command(line).env("SSL_CERT_FILE", authority.path("ca.pem")), b"");
    assert!(run.status.success(), "{run:?}");
}

#[test]
fn a_certificate_for_another_name_is_refused_unless_nothing_is_checked() {
    let authority = Authority::new();
    let registry = authority.registry(&["other.example.com"]);
    let desk = desk_with_chart(registry.addr());
    for told in all(&desk, &authority, "--ca-file FOLDER/ca.pem", false) {
        assert!(told.contains("certificate is") && told.contains("hint: "), "{told}");
    }
    all(&desk, &authority, "--ca-file FOLDER/ca.pem --insecure-skip-tls-verify", true);
}

/// nginx with a certificate in front of a registry, which lets in who has one, too.
struct Guard {
    addr: SocketAddr,
    child: Child,
    _peer: Peer,
    _registry: TestServer,
}

impl Guard {
    #[track_caller]
    fn start(authority: &Authority) -> Option<Self> {
        let registry = server();
        authority.issue("registry", &["127.0.0.1"], ExtendedKeyUsagePurpose::ServerAuth);
        for _ in 0..5 {
            let peer = Peer::find("nginx")?;
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let addr = listener.local_addr().unwrap();
            drop(listener);
            let config = authority.fill(&format!(
                "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{ worker_connections 256; }}\n\
                 http {{\n  access_log off;\n  client_max_body_size 0;\n  client_body_temp_path body;\n  \
                 proxy_temp_path proxy;\n  fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  \
                 scgi_temp_path scgi;\n  server {{\n    listen {addr} ssl;\n    \
                 ssl_certificate FOLDER/registry.pem;\n    ssl_certificate_key FOLDER/registry.key;\n    \
                 ssl_client_certificate FOLDER/ca.pem;\n    ssl_verify_client on;\n    \
                 proxy_set_header Host $http_host;\n    location / {{ proxy_pass {}; }}\n  }}\n}}\n",
                registry.url()
            ));
            let config = peer.write("nginx.conf", config);
            let home = peer.home().to_string_lossy().into_owned();
            let words = ["-e", "error.log", "-p", &home, "-c", config.to_str().unwrap()];
            let mut command = peer.command(&words);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let serves = eventually("nginx listens", Duration::from_secs(30), || {
                if child.try_wait().unwrap().is_some() {
                    return Some(false);
                }
                TcpStream::connect(addr).is_ok().then_some(true)
            });
            if serves {
                return Some(Self { addr, child, _peer: peer, _registry: registry });
            }
        }
        panic!("nginx does not start");
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_registry_may_want_a_certificate_of_the_client() {
    let authority = Authority::new();
    authority.issue("client", &["client"], ExtendedKeyUsagePurpose::ClientAuth);
    let Some(guard) = Guard::start(&authority) else { return };
    let desk = desk_with_chart(guard.addr);
    all(&desk, &authority, "--ca-file FOLDER/ca.pem", false);
    let flags = "--ca-file FOLDER/ca.pem --cert-file FOLDER/client.pem --key-file FOLDER/client.key";
    all(&desk, &authority, flags, true);
    // One of somebody else is of no use.
    let other = Authority::new();
    other.issue("client", &["client"], ExtendedKeyUsagePurpose::ClientAuth);
    let of_others = other.fill("--cert-file FOLDER/client.pem --key-file FOLDER/client.key --ca-file ")
        + &authority.path("ca.pem");
    all(&desk, &authority, &of_others, false);
    // A key that doesn't belong to the certificate is found out before anything is sent.
    let mixed = authority.fill("--cert-file FOLDER/client.pem --key-file FOLDER/registry.key");
    let run = desk.fails(&format!("pull REGISTRY/charts/webapp:1.0.0 {mixed}"));
    let wanted = "Error: missing registry client: can't create TLS config for client: unable to load cert from \
                  key pair: tls: private key does not match public key\n";
    assert_eq!(run.stderr, wanted);
}
