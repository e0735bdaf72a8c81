//! Where a credential must not go, and what must not be shown.

use chartroom_oci::Digest;
use chartroom_registry_client::{Content, Credential, Error, PushOptions, StaticCredential};
use std::sync::Arc;

use crate::auth::{registry, unauthorized};
use crate::script::{Reply, Script};
use crate::support::{ALICE, alice, anonymous, with, with_options};

#[tokio::test]
async fn a_login_is_not_sent_to_another_sites_token_service() {
    let thief = Script::start(|_| Reply::new(200).json(r#"{"token":"t"}"#));
    let realm = format!(r#"Bearer realm="http://{}/token",service="s""#, thief.other_name());
    let script = Script::start(move |request| {
        if request.header("authorization") == Some("Bearer t") {
            registry(request)
        } else {
            unauthorized(&realm)
        }
    });
    let error = with(alice()).repository(&script.host(), "a").tags().await.unwrap_err();
    assert!(matches!(error, Error::RealmRefused { .. }), "{error:?}");
    assert!(thief.requests().is_empty());
    let identity = Credential::IdentityToken("r".into());
    assert!(with(identity).repository(&script.host(), "a").tags().await.is_err());
    assert!(thief.requests().is_empty());
    // Without a login there is nothing to lose.
    anonymous().repository(&script.host(), "a").tags().await.unwrap();
    // A service that the user trusts gets it.
    let setup = with_options(Arc::new(StaticCredential(alice())), |options| {
        options.trusted_realms = vec!["localhost".to_owned()];
    });
    setup.repository(&script.host(), "a").tags().await.unwrap();
    assert_eq!(thief.requests().last().unwrap().header("authorization"), Some(ALICE));
}

#[tokio::test]
async fn redirects_to_another_host_get_no_authorization() {
    let blob = b"content".to_vec();
    let digest = Digest::sha256(&blob);
    let store = Script::start({
        let blob = blob.clone();
        move |_| Reply::new(200).body(blob.clone())
    });
    let target = format!("http://{}/blob?sig=secret", store.other_name());
    let script = Script::start(move |request| match request.header("authorization") {
        Some(ALICE) => Reply::new(307).header("Location", target.clone()).header("Set-Cookie", "sid=1"),
        _ => unauthorized("Basic realm=\"x\""),
    });
    let setup = with(alice());
    let repository = setup.repository(&script.host(), "a");
    assert_eq!(repository.blob(&digest, 100).await.unwrap(), blob);
    assert_eq!(repository.blob(&digest, 100).await.unwrap(), blob);
    assert_eq!(store.requests().len(), 2);
    for request in store.requests().iter().chain(&script.requests()) {
        assert_eq!(request.header("cookie"), None);
    }
    assert!(store.requests().iter().all(|request| request.header("authorization").is_none()));
    assert!(!setup.diary.text().contains("sig=secret"));
}

#[tokio::test]
async fn redirects_on_the_same_host_keep_it_and_do_not_go_on_for_ever() {
    let digest = Digest::sha256(b"x");
    let script = Script::start(move |request| match (request.header("authorization"), request.path()) {
        (None, _) => unauthorized("Basic realm=\"x\""),
        (_, "/moved") => Reply::new(200).body("x"),
        (_, path) if path.starts_with("/v2/loop/") => Reply::new(302).header("Location", path),
        _ => Reply::new(302).header("Location", "/moved"),
    });
    let setup = with(alice());
    assert_eq!(setup.repository(&script.host(), "a").blob(&digest, 9).await.unwrap(), "x");
    let error = setup.repository(&script.host(), "loop").blob(&digest, 9).await.unwrap_err();
    assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
    assert!(script.requests().len() < 20);
}

#[tokio::test]
async fn redirects_out_of_the_web_are_refused() {
    for target in ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[", "data:,x"] {
        let script = Script::start(move |_| Reply::new(307).header("Location", target));
        let error =
            anonymous().repository(&script.host(), "a").blob(&Digest::sha256(b""), 9).await.unwrap_err();
        assert!(matches!(error, Error::Protocol { .. }), "{target}: {error:?}");
    }
}

#[tokio::test]
async fn an_upload_to_another_host_gets_no_authorization() {
    let store = Script::start(|_| Reply::new(201));
    let location = format!("http://{}/up?x=y", store.other_name());
    let script =
        Script::start(move |request| match (request.header("authorization"), request.method.as_str()) {
            (None, _) => unauthorized("Basic realm=\"x\""),
            (_, "POST") => Reply::new(202).header("Location", location.clone()),
            _ => Reply::new(404),
        });
    let digest = Digest::sha256(b"x");
    let repository = with(alice()).repository(&script.host(), "a");
    repository.push_blob(&digest, &Content::from(b"x".to_vec()), &PushOptions::default()).await.unwrap();
    let put = &store.requests()[0];
    assert!(put.target.starts_with("/up?x=y&digest=sha256%3A"), "{}", put.target);
    assert_eq!(put.header("authorization"), None);
}

#[tokio::test]
async fn a_store_that_asks_for_a_login_gets_none() {
    let store = Script::start(|_| unauthorized("Basic realm=\"give\""));
    let target = format!("http://{}/blob", store.other_name());
    let script = Script::start(move |_| Reply::new(307).header("Location", target.clone()));
    let error =
        with(alice()).repository(&script.host(), "a").blob(&Digest::sha256(b""), 9).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error:?}");
    assert!(store.requests().iter().all(|request| request.header("authorization").is_none()));
}

#[tokio::test]
async fn whoever_watches_sees_everything_but_secrets() {
    let script = crate::auth::bearer(|_| {
        Reply::new(200)
            .header("Set-Cookie", "hunter3")
            .json(r#"{"token":"good-hunter3","refresh_token":"hunter3"}"#)
    });
    let setup = with(alice());
    setup.repository(&script.host(), "a").tags().await.unwrap();
    let setup2 = with(Credential::IdentityToken("hunter2".into()));
    setup2.repository(&script.host(), "a").tags().await.unwrap();
    for text in [setup.diary.text(), setup2.diary.text()] {
        for secret in ["hunter2", "hunter3", ALICE.trim_start_matches("Basic ")] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        assert!(text.contains("authorization") && text.contains("<redacted>"), "{text}");
        assert!(text.contains("/tags/list") && text.contains("1.0.0"), "{text}");
    }
    assert!(!format!("{:?} {:?}", setup.client, setup.registry("h")).contains("hunter"));
}

#[tokio::test]
async fn warnings_come_once_and_without_control_characters() {
    let script = Script::start(|request| {
        registry(request).header("Warning", r#"299 - "pay \"now\"""#).header("Warning", "110 - \"stale\"")
    });
    let setup = anonymous();
    let repository = setup.repository(&script.host(), "a");
    repository.tags().await.unwrap();
    repository.tags().await.unwrap();
    assert_eq!(*setup.diary.warnings.lock().unwrap(), [format!("{}: pay \"now\"", script.host())]);
}
