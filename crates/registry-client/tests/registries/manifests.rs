//! Manifests: honest, lying, and too large.

use chartroom_oci::{Digest, MediaType, Reference};
use chartroom_registry_client::Error;

use crate::script::{Reply, Script};
use crate::support::anonymous;

const MANIFEST: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#;
const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

fn tag() -> Reference {
    "1.0.0".parse().unwrap()
}

async fn get(
    reply: impl Fn() -> Reply + Send + Sync + 'static,
    reference: &Reference,
) -> Result<chartroom_registry_client::FetchedManifest, Error> {
    let script = Script::start(move |_| reply());
    anonymous().repository(&script.host(), "a").manifest(reference).await
}

#[tokio::test]
async fn a_manifest_comes_with_its_digest_and_type() {
    let digest = Digest::sha256(MANIFEST.as_bytes());
    let script = Script::start(move |_| {
        let header = digest.to_string();
        Reply::new(200)
            .header("Content-Type", format!("{OCI}; charset=utf-8"))
            .header("Docker-Content-Digest", header)
            .body(MANIFEST)
    });
    let repository = anonymous().repository(&script.host(), "a");
    for reference in [tag(), Reference::Digest(digest)] {
        let found = repository.manifest(&reference).await.unwrap();
        assert_eq!(
            (found.digest, found.media_type, &*found.bytes),
            (digest, MediaType::OCI_MANIFEST, MANIFEST.as_bytes())
        );
        let head = repository.head_manifest(&reference).await.unwrap();
        assert_eq!((head.digest, head.size), (Some(digest), Some(MANIFEST.len() as u64)));
    }
    let requests = script.requests();
    assert!(requests[0].header("accept").unwrap().contains("application/vnd.oci.image.index.v1+json"));
    assert!(requests[0].header("user-agent").unwrap().starts_with("chartroom/"));
    assert_eq!(requests[0].header("accept-encoding"), None);
}

#[tokio::test]
async fn a_lying_digest_is_found_out() {
    let other = Digest::sha256(b"other");
    let error = get(
        move || {
            Reply::new(200)
                .header("Docker-Content-Digest", other.to_string())
                .header("Content-Type", OCI)
                .body(MANIFEST)
        },
        &tag(),
    )
    .await;
    assert!(matches!(error, Err(Error::DigestMismatch { .. })), "{error:?}");
    let error =
        get(|| Reply::new(200).header("Content-Type", OCI).body(MANIFEST), &Reference::Digest(other)).await;
    assert!(matches!(error, Err(Error::DigestMismatch { .. })), "{error:?}");
    // A digest that can't be read is no claim.
    let found = get(
        || {
            Reply::new(200)
                .header("Docker-Content-Digest", "md5:x")
                .header("Content-Type", OCI)
                .body(MANIFEST)
        },
        &tag(),
    )
    .await;
    assert_eq!(found.unwrap().digest, Digest::sha256(MANIFEST.as_bytes()));
}

#[tokio::test]
async fn the_type_is_the_headers_or_the_manifests_own_but_not_two() {
    let found =
        get(|| Reply::new(200).header("Content-Type", "application/json").body(MANIFEST), &tag()).await;
    assert_eq!(found.unwrap().media_type, MediaType::OCI_MANIFEST);
    let found = get(|| Reply::new(200).header("Content-Type", OCI).body("{}"), &tag()).await;
    assert_eq!(found.unwrap().media_type, MediaType::OCI_MANIFEST);
    let index = "application/vnd.oci.image.index.v1+json";
    let error = get(move || Reply::new(200).header("Content-Type", index).body(MANIFEST), &tag()).await;
    assert!(matches!(error, Err(Error::Protocol { .. })), "{error:?}");
    let error = get(|| Reply::new(200).body("<html>"), &tag()).await;
    assert!(matches!(error, Err(Error::Protocol { .. })), "{error:?}");
}

#[tokio::test]
async fn a_manifest_has_a_limit_said_or_not() {
    let error =
        get(|| Reply::new(200).header("Content-Type", OCI).body(vec![b' '; (4 << 20) + 1]), &tag()).await;
    assert!(matches!(error, Err(Error::TooLarge { .. })), "{error:?}");
    let endless = || {
        let chunk = format!("100000\r\n{}\r\n", " ".repeat(0x100000));
        Reply::new(200).header("Content-Type", OCI).header("Content-Length", "99999999999").body(chunk)
    };
    let error = get(endless, &tag()).await;
    assert!(matches!(error, Err(Error::TooLarge { .. })), "{error:?}");
}

#[tokio::test]
async fn a_manifest_that_breaks_off_is_read_again() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let script = Script::start(move |_| {
        let reply = Reply::new(200).header("Content-Type", OCI).body(MANIFEST);
        if first.swap(false, std::sync::atomic::Ordering::SeqCst) { reply.cut_after(10) } else { reply }
    });
    let found = anonymous().repository(&script.host(), "a").manifest(&tag()).await.unwrap();
    assert_eq!(&*found.bytes, MANIFEST.as_bytes());
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn storing_checks_what_the_registry_says_it_stored() {
    let digest = Digest::sha256(MANIFEST.as_bytes());
    let script = Script::start(move |request| {
        let said = if request.path().ends_with("/liar") { Digest::sha256(b"other") } else { digest };
        Reply::new(201)
            .header("Docker-Content-Digest", said.to_string())
            .header("OCI-Subject", digest.to_string())
    });
    let repository = anonymous().repository(&script.host(), "a");
    let put = |reference: Reference| repository.put_manifest_of(reference);
    let stored = put(tag()).await.unwrap();
    assert_eq!((stored.digest, stored.subject), (digest, Some(digest)));
    put(Reference::Digest(digest)).await.unwrap();
    let request = &script.requests()[0];
    assert_eq!((request.header("content-type"), &*request.body), (Some(OCI), MANIFEST.as_bytes()));
    assert!(matches!(put("liar".parse().unwrap()).await, Err(Error::DigestMismatch { .. })));
    let before = script.requests().len();
    assert!(matches!(
        put(Reference::Digest(Digest::sha256(b"other"))).await,
        Err(Error::DigestMismatch { .. })
    ));
    assert_eq!(script.requests().len(), before, "nothing is sent under a wrong digest");
}

trait Put {
    async fn put_manifest_of(
        &self,
        reference: Reference,
    ) -> Result<chartroom_registry_client::StoredManifest, Error>;
}

impl Put for chartroom_registry_client::Repository {
    async fn put_manifest_of(
        &self,
        reference: Reference,
    ) -> Result<chartroom_registry_client::StoredManifest, Error> {
        self.put_manifest(&reference, &MediaType::OCI_MANIFEST, MANIFEST).await
    }
}

#[tokio::test]
async fn deleting_is_one_request() {
    let script =
        Script::start(|request| Reply::new(if request.path().contains("/gone") { 404 } else { 202 }));
    let repository = anonymous().repository(&script.host(), "a");
    repository.delete_manifest(&tag()).await.unwrap();
    repository.delete_blob(&Digest::sha256(b"")).await.unwrap();
    assert!(repository.delete_manifest(&"gone".parse().unwrap()).await.unwrap_err().is_not_found());
    assert_eq!(script.requests()[0].line(), "DELETE /v2/a/manifests/1.0.0");
}
