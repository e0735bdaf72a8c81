//! A classic repository behind nginx, with TLS and gzip: whose certificates are trusted, and where that is
//! remembered.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use chartroom_test_support::{Peer, Website, eventually};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::dependency::{chart, website};
use crate::twins::Twins;

/// An nginx that serves a folder over TLS, and ends when this is dropped.
struct Nginx {
    addr: SocketAddr,
    child: Child,
    /// The certificate of the authority that has signed its own.
    authority: String,
    _peer: Peer,
}

impl Nginx {
    #[track_caller]
    fn start(folder: &std::path::Path) -> Option<Self> {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = vec!["127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        // The port may be taken by somebody else before it gets there; then another is.
        for _ in 0..5 {
            let peer = Peer::find("nginx")?;
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let addr = listener.local_addr().unwrap();
            drop(listener);
            let (pem, secret) =
                (peer.write("a.pem", certificate.pem()), peer.write("a.key", key.serialize_pem()));
            let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .iter()
                .map(|kind| format!("{kind}_temp_path tmp-{kind};\n"))
                .collect();
            let config = peer.write(
                "nginx.conf",
                format!(
                    "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log error.log;\nevents {{}}\nhttp {{\n\
                     access_log off;\ngzip on;\ngzip_types *;\ngzip_min_length 1;\n{temporary}server {{\n\
                     listen {addr} ssl;\nssl_certificate {pem:?};\nssl_certificate_key {secret:?};\nroot {folder:?};\n}}\n}}\n"
                ),
            );
            let home = peer.home().to_string_lossy().into_owned();
            let mut command = peer.command(&["-e", "error.log", "-p", &home, "-c", config.to_str().unwrap()]);
            let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let authority = authority.pem();
            let mut running = Self { addr, child, authority, _peer: peer };
            let answers = eventually("nginx listens", Duration::from_secs(30), || {
                if running.child.try_wait().unwrap().is_some() {
                    return Some(false);
                }
                TcpStream::connect(addr).is_ok().then_some(true)
            });
            if answers {
                return Some(running);
            }
        }
        panic!("nginx does not start");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn certificates_are_trusted_as_the_repository_has_it() {
    let website = website();
    // Served by somebody else, who may not be the owner of the folder.
    fs::set_permissions(website.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(nginx) = Nginx::start(website.folder()) else { return };
    let Some(twins) = Twins::alone(Website::start()) else { return };
    let charts = format!("https://{}/charts", nginx.addr);
    twins.write("ca.pem", &nginx.authority);
    let unknown = "x509: certificate signed by unknown authority";
    twins.both_fail(&format!("repo add safe {charts}"), unknown);
    twins.same(&format!("repo add safe {charts} --ca-file ca.pem"));
    twins.same("repo update");
    twins.same("pull safe/web");
    twins.same("show chart safe/db");
    twins.both_fail(&format!("pull web --repo {charts}"), unknown);
    twins.same(&format!("pull web --repo {charts} --ca-file ca.pem --version 1.0.0"));
    twins.same(&format!("pull {charts}/db-0.1.0.tgz --insecure-skip-tls-verify"));
    chart(&twins, "app", &[("web", "~1.1", "@safe"), ("db", "*", &charts)]);
    twins.same("dependency update app");
    twins.same("dependency build app --skip-refresh");
    // By another name the same server is not trusted, and that is no harm to the first.
    twins.both_fail(&format!("repo add bare {charts}"), unknown);
    twins.same(&format!("repo add bare {charts} --insecure-skip-tls-verify"));
    twins.same_in_any_order("repo update");
}

#[test]
fn an_index_comes_gzipped_where_that_is_possible() {
    let website = website();
    fs::set_permissions(website.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(nginx) = Nginx::start(website.folder()) else { return };
    let Some(twins) = Twins::alone(Website::start()) else { return };
    let charts = format!("https://{}/charts", nginx.addr);
    let added = twins.same(&format!("repo add zipped {charts} --insecure-skip-tls-verify"));
    assert!(added.status.success(), "{added:?}");
    let cached = twins.ours.read(".helm/cache/repository/zipped-index.yaml");
    assert_eq!(cached, fs::read(website.folder().join("charts/index.yaml")).unwrap());
    let shown = twins.ours.as_helm("repo update --debug");
    assert!(shown.stderr.to_lowercase().contains("< content-encoding: gzip"), "{shown:?}");
}
