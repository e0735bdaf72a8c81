//! The client against real registries: our own in this process, and distribution.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use chartroom_blobs::BlobStore;
use chartroom_catalog::sqlite::SqliteCatalog;
use chartroom_oci::{Algorithm, Descriptor, Digest, MediaType, Reference};
use chartroom_registry_client::{Content, Credential, Error, Missing, PushOptions, Pushed, Scheme};
use chartroom_server::Registry;
use chartroom_server::listen::{Lifecycle, Server};
use chartroom_server::settings::Settings;
use chartroom_test_support::{ChaosProxy, Peer};
use tempfile::TempDir;

use crate::support::{Setup, alice, anonymous, with};

/// Our own registry.
struct Own {
    address: SocketAddr,
    _folder: TempDir,
    _serving: tokio::task::JoinHandle<()>,
}

impl Own {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings { listen: "127.0.0.1:0".parse().unwrap(), ..Settings::default() };
        let catalog = Arc::new(SqliteCatalog::open(&folder.path().join("catalog.db")).unwrap());
        let blobs = BlobStore::open(folder.path()).unwrap();
        let lifecycle = Lifecycle::new();
        let server = Server::bind(&settings).await.unwrap();
        let address = server.address();
        let registry = Registry::new(catalog, blobs, &settings, lifecycle.clone(), None);
        let router = registry.router();
        let serving = tokio::spawn(async move {
            server.serve(router, lifecycle).await;
            drop(registry);
        });
        Self { address, _folder: folder, _serving: serving }
    }
}

/// Distribution, as Debian packs it.
struct Distribution {
    address: SocketAddr,
    process: Child,
    _peer: Peer,
}

impl Distribution {
    fn start(accounts: &str) -> Option<Self> {
        let peer = Peer::find("docker-registry")?;
        let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let data = peer.home().join("data");
        let auth = if accounts.is_empty() {
            String::new()
        } else {
            let file = peer.write("htpasswd", accounts);
            format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", file.display())
        };
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  delete:\n    enabled: true\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {address}\n{auth}",
            data.display()
        );
        let config = peer.write("config.yml", config);
        let mut command = peer.command(&["serve", config.to_str().unwrap()]);
        // It takes every such variable for a part of its configuration.
        command.env_remove("REGISTRY_AUTH_FILE");
        let process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut own = Self { address, process, _peer: peer };
        own.wait();
        Some(own)
    }

    /// Until it listens: it says so nowhere.
    fn wait(&mut self) {
        let end = std::time::Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.process.try_wait().unwrap() {
                let mut text = String::new();
                self.process.stderr.take().unwrap().read_to_string(&mut text).unwrap();
                panic!("docker-registry: {status}: {text}");
            }
            assert!(std::time::Instant::now() < end, "docker-registry does not listen");
            std::thread::yield_now();
        }
    }
}

impl Drop for Distribution {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn content(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn descriptor(media_type: MediaType, content: &[u8]) -> Descriptor {
    let (digest, size) = (Digest::sha256(content), content.len() as u64);
    Descriptor { media_type, digest, size, annotations: None, artifact_type: None }
}

/// Everything that the client can do, on a registry that can do it too.
async fn everything(setup: &Setup, host: &str) {
    let registry = setup.registry(host);
    registry.ping().await.unwrap();
    let repository = setup.repository(host, "team/app");
    let tag: Reference = "1.0.0".parse().unwrap();
    let missing = repository.manifest(&tag).await.unwrap_err();
    assert!(missing.is_not_found(), "{missing:?}");

    // Blobs of all sizes, by all ways.
    let config = b"{}".to_vec();
    for (blob, options) in [
        (config.clone(), PushOptions::default()),
        (content(0), PushOptions::default()),
        (content(3_000_000), PushOptions::default()),
        (content(2_500_000), PushOptions { piece: Some(1_000_000), ..PushOptions::default() }),
    ] {
        let digest = Digest::sha256(&blob);
        let push =
            || async { repository.push_blob(&digest, &Content::from(blob.clone()), &options).await.unwrap() };
        assert_eq!((push().await, push().await), (Pushed::Uploaded, Pushed::Existed), "{}", blob.len());
        assert_eq!(repository.head_blob(&digest).await.unwrap().size, Some(blob.len() as u64));
        assert_eq!(repository.blob(&digest, 4 << 20).await.unwrap(), blob);
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let layer = content(1_234_567);
    std::fs::write(file.path(), &layer).unwrap();
    let from_file = Content::from_file(file.path()).await.unwrap();
    repository.push_blob(&Digest::sha256(&layer), &from_file, &PushOptions::default()).await.unwrap();
    let absent = repository.blob(&Digest::sha256(b"absent"), 9).await.unwrap_err();
    assert!(matches!(absent, Error::NotFound { what: Missing::Blob(_), .. }), "{absent:?}");

    // Mounting.
    let other = setup.repository(host, "team/other");
    let options = PushOptions { mount_from: vec!["team/app".parse().unwrap()], ..PushOptions::default() };
    let mounted =
        other.push_blob(&Digest::sha256(&layer), &Content::from(layer.clone()), &options).await.unwrap();
    assert_eq!(mounted, Pushed::Mounted);
    let options = PushOptions { mount_from: vec!["team/none".parse().unwrap()], ..PushOptions::default() };
    let blob = content(10);
    let pushed = other.push_blob(&Digest::sha256(&blob), &Content::from(blob), &options).await.unwrap();
    assert_eq!(pushed, Pushed::Uploaded);

    // A manifest, by digest and then by tag, as Helm does.
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_MANIFEST,
        "config": descriptor(MediaType::OCI_EMPTY, &config),
        "layers": [descriptor("application/x.test".parse().unwrap(), &layer)],
    })
    .to_string();
    let digest = Digest::sha256(manifest.as_bytes());
    for reference in [Reference::Digest(digest), tag.clone(), "1.0.1".parse().unwrap()] {
        let stored =
            repository.put_manifest(&reference, &MediaType::OCI_MANIFEST, manifest.clone()).await.unwrap();
        assert_eq!(stored.digest, digest);
        let found = repository.manifest(&reference).await.unwrap();
        assert_eq!((found.digest, &*found.bytes), (digest, manifest.as_bytes()));
        assert_eq!(repository.head_manifest(&reference).await.unwrap().digest, Some(digest));
    }
    let tags = repository.tags().await.unwrap();
    assert_eq!(tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), ["1.0.0", "1.0.1"]);

    // What refers to it, by whatever means the registry has.
    let referrer = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_MANIFEST,
        "artifactType": "application/x.signature",
        "config": descriptor(MediaType::OCI_EMPTY, &config),
        "layers": [],
        "subject": descriptor(MediaType::OCI_MANIFEST, manifest.as_bytes()),
    })
    .to_string();
    let own = Descriptor {
        artifact_type: Some("application/x.signature".to_owned()),
        ..descriptor(MediaType::OCI_MANIFEST, referrer.as_bytes())
    };
    let stored =
        repository.put_manifest(&Reference::Digest(own.digest), &own.media_type, referrer).await.unwrap();
    if stored.subject.is_none() {
        repository.add_referrer(&digest, &own).await.unwrap();
    }
    let found = repository.referrers(&digest, Some("application/x.signature")).await.unwrap();
    assert_eq!(found.iter().map(|one| one.digest).collect::<Vec<_>>(), [own.digest]);
    assert!(repository.referrers(&digest, Some("application/x.other")).await.unwrap().is_empty());

    let names = registry.catalog().await.unwrap();
    assert!(names.contains(repository.name()), "{names:?}");
    repository.delete_manifest(&Reference::Digest(digest)).await.unwrap();
    assert!(repository.manifest(&tag).await.unwrap_err().is_not_found());
}

/// Uploads and downloads through a network that cuts every connection somewhere.
async fn through_a_bad_network(server: SocketAddr) {
    let proxy = ChaosProxy::start(server);
    let setup = anonymous();
    let repository = setup.repository(&proxy.addr().to_string(), "bad/network");
    for (at, cut) in [0_u64, 100, 1000, 700_000, 1_500_000].into_iter().enumerate() {
        let mut blob = content(2_000_000);
        blob.push(at as u8);
        let digest = Digest::sha256(&blob);
        for piece in [None, Some(500_000)] {
            blob.push(0);
            let digest = Digest::sha256(&blob);
            proxy.cut_after_to_server(cut);
            let options = PushOptions { piece, ..PushOptions::default() };
            repository.push_blob(&digest, &Content::from(blob.clone()), &options).await.unwrap();
            let mut out = Vec::new();
            proxy.cut_after_to_client(cut);
            repository.copy_blob(&digest, Some(blob.len() as u64), &mut out).await.unwrap();
            assert!(out == blob, "{cut} {piece:?}");
        }
        assert!(repository.head_blob(&digest).await.is_err());
    }
    assert!(proxy.cuts() >= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_registry() {
    let own = Own::start().await;
    everything(&anonymous(), &own.address.to_string()).await;
    // It takes the other algorithm too.
    let repository = anonymous().repository(&own.address.to_string(), "wide");
    let blob = content(100_000);
    let digest = Digest::of(Algorithm::Sha512, &blob);
    repository.push_blob(&digest, &Content::from(blob.clone()), &PushOptions::default()).await.unwrap();
    assert_eq!(repository.blob(&digest, 1 << 20).await.unwrap(), blob);
    through_a_bad_network(own.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn distribution() {
    let Some(own) = Distribution::start("") else { return };
    everything(&anonymous(), &own.address.to_string()).await;
    through_a_bad_network(own.address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn distribution_with_accounts() {
    // alice:hunter2, by bcrypt with the least cost.
    let Some(own) =
        Distribution::start("alice:$2b$04$n40ZxOzdk8iumfU0fpytbOZOWyptNfLrYvorntzclfSRgBrMqWbMG\n")
    else {
        return;
    };
    let host = own.address.to_string();
    everything(&with(alice()), &host).await;
    let registry = anonymous().registry(&host);
    assert_eq!(registry.login(&alice()).await.unwrap(), Scheme::Basic);
    let wrong = registry.login(&Credential::basic("alice", "wrong")).await.unwrap_err();
    assert!(matches!(wrong, Error::Unauthorized { wrong: true, .. }), "{wrong:?}");
    assert!(wrong.to_string().contains("unauthorized: authentication required"), "{wrong}");
    assert!(matches!(registry.ping().await, Err(Error::Unauthorized { shown: false, .. })));
}
