//! Files of web servers that are no registries: retries, redirects, limits, and what is shown to whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chartroom_registry_client::{Error, Get, Getter, Secret, Url};

use crate::script::{Reply, Script};
use crate::support::{Diary, anonymous};

fn getter() -> (Getter, Arc<Diary>) {
    let setup = anonymous();
    (Getter::new(setup.client.options().clone()).unwrap(), setup.diary)
}

fn get(url: &Url) -> Get<'_> {
    Get { url, what: "the file", accept: None, credential: None, gzip: false, limit: 100 }
}

fn url(script: &Script, path: &str) -> Url {
    Url::parse(&format!("http://{}{path}", script.host())).unwrap()
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_does_not_is_not() {
    let count = AtomicUsize::new(0);
    let script = Script::start(move |request| match request.target.as_str() {
        "/busy" if count.fetch_add(1, Ordering::SeqCst) < 3 => Reply::new(503),
        "/busy" => Reply::new(200).body("there"),
        "/empty" => Reply::new(204),
        _ => Reply::new(404),
    });
    let (getter, diary) = getter();
    assert_eq!(&getter.get(&get(&url(&script, "/busy"))).await.unwrap().bytes[..], b"there");
    assert_eq!(diary.text().matches("RetryEvent").count(), 3);
    let gone = getter.get(&get(&url(&script, "/gone"))).await.unwrap_err();
    assert!(matches!(gone, Error::NotFound { .. }), "{gone:?}");
    // Only 200 is the file.
    assert!(getter.get(&get(&url(&script, "/empty"))).await.is_err());
    assert_eq!(script.requests().len(), 6);
}

#[tokio::test]
async fn no_more_is_read_than_may_be() {
    let script = Script::start(|request| match request.target.as_str() {
        "/right" => Reply::new(200).body(vec![0; 100]),
        _ => Reply::new(200).body(vec![0; 101]),
    });
    let (getter, _) = getter();
    assert_eq!(getter.get(&get(&url(&script, "/right"))).await.unwrap().bytes.len(), 100);
    let large = getter.get(&get(&url(&script, "/large"))).await.unwrap_err();
    assert!(matches!(large, Error::TooLarge { limit: 100, .. }), "{large:?}");
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn a_credential_stays_with_the_server_that_was_asked() {
    let other = Script::start(|_| Reply::new(200).body("elsewhere"));
    let away = format!("http://{}/file", other.host());
    let script = Script::start(move |request| match request.target.as_str() {
        "/own" => Reply::new(302).header("Location", "/file"),
        "/away" => Reply::new(302).header("Location", &away),
        "/round" => Reply::new(302).header("Location", "/round"),
        "/odd" => Reply::new(302).header("Location", "file:///etc/passwd"),
        _ => Reply::new(200).body("here"),
    });
    let (getter, diary) = getter();
    let password = Secret::new("hidden");
    for (path, body) in [("/own", "here"), ("/away", "elsewhere")] {
        let url = url(&script, path);
        let get = Get { credential: Some(("u", &password)), accept: Some("text/plain"), ..get(&url) };
        assert_eq!(getter.get(&get).await.unwrap().bytes, body);
    }
    let shown = |script: &Script| {
        script.requests().iter().map(|request| request.header("authorization").is_some()).collect::<Vec<_>>()
    };
    assert_eq!((shown(&script), shown(&other)), (vec![true; 3], vec![false]));
    assert!(other.requests()[0].header("accept") == Some("text/plain"));
    for path in ["/round", "/odd"] {
        let error = getter.get(&get(&url(&script, path))).await.unwrap_err();
        assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
    }
    assert!(!diary.text().contains("hidden") && !diary.text().contains("dTpoaWRkZW4="));
}
