//! A login that is refused where everybody may read.

use std::sync::Arc;

use chartroom_oci::Digest;
use chartroom_registry_client::{Content, Credential, Error, PushOptions, StaticCredential};

use crate::script::{Reply, Request, Script};
use crate::support::{Setup, alice, with_options};

fn setup(credential: Credential, forgo: bool) -> Setup {
    with_options(Arc::new(StaticCredential(credential)), |options| options.forgo_refused_login = forgo)
}

/// A registry whose token service knows nobody any more, and gives strangers a token for `public`.
fn outdated() -> Script {
    Script::start(|request: &Request| {
        let public = request.target.contains("public");
        if request.path() == "/token" {
            return match request.header("authorization") {
                None if public => Reply::new(200).json(r#"{"token":"stranger"}"#),
                None => Reply::new(401).json(r#"{"errors":[{"code":"UNAUTHORIZED","message":"who?"}]}"#),
                Some(_) => Reply::new(403).json(r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#),
            };
        }
        if request.header("authorization") == Some("Bearer stranger") {
            return Reply::new(200).json(r#"{"name":"public","tags":["1.0.0"]}"#);
        }
        let host = request.header("host").unwrap();
        Reply::new(401)
            .header("WWW-Authenticate", format!("Bearer realm=\"http://{host}/token\",service=\"s\""))
    })
}

#[tokio::test]
async fn what_everybody_may_read_is_read_without_it() {
    let script = outdated();
    let setup = setup(alice(), true);
    let repository = setup.repository(&script.host(), "public");
    assert_eq!(repository.tags().await.unwrap().len(), 1);
    let warnings = setup.diary.warnings.lock().unwrap().clone();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("the stored login is refused"), "{warnings:?}");
    // From then on it isn't shown again.
    let before = script.requests().len();
    repository.tags().await.unwrap();
    assert_eq!(script.requests().len(), before + 1);
    assert_eq!(setup.diary.warnings.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_said_to_the_login_stands_where_strangers_are_refused_too() {
    let script = outdated();
    let error = setup(alice(), true).repository(&script.host(), "private").tags().await.unwrap_err();
    assert!(error.to_string().contains("403") && error.to_string().contains("denied"), "{error}");
}

#[tokio::test]
async fn a_push_and_a_login_that_was_named_are_not_tried_without() {
    let script = outdated();
    let repository = setup(alice(), true).repository(&script.host(), "public");
    let (digest, content) = (Digest::sha256(b"x"), Content::from(b"x".to_vec()));
    let pushed = repository.push_blob(&digest, &content, &PushOptions::default()).await;
    assert!(matches!(pushed.unwrap_err(), Error::Denied(_)));
    assert!(setup(alice(), false).repository(&script.host(), "public").tags().await.is_err());
    let strangers = |script: &Script| {
        let requests = script.requests();
        requests.iter().filter(|request| request.header("authorization") == Some("Bearer stranger")).count()
    };
    assert_eq!(strangers(&script), 0);
    // Who has no login is a stranger to begin with, and asks once.
    let repository = setup(Credential::Anonymous, true).repository(&script.host(), "private");
    let before = script.requests().len();
    repository.tags().await.unwrap_err();
    assert_eq!(script.requests().len(), before + 2);
}

#[tokio::test]
async fn basic_is_the_same() {
    let script = Script::start(|request| match request.header("authorization") {
        Some(_) => Reply::new(403),
        None => Reply::new(200).json(r#"{"name":"public","tags":["1.0.0"]}"#),
    });
    // A registry that asks nobody is shown nothing.
    let setup = setup(alice(), true);
    assert_eq!(setup.repository(&script.host(), "public").tags().await.unwrap().len(), 1);
    assert_eq!(script.requests().len(), 1);
}
