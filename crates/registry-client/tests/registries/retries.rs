//! What passes is tried again, what doesn't isn't, and nothing for ever.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chartroom_oci::{MediaType, Reference};
use chartroom_registry_client::{Error, Proxies, RetryPolicy, StaticCredential};

use crate::script::{Reply, Script};
use crate::support::{anonymous, with_options};

/// Fails so often, then works.
fn failing(times: usize, reply: impl Fn() -> Reply + Send + Sync + 'static) -> Script {
    let count = AtomicUsize::new(0);
    Script::start(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) < times {
            reply()
        } else {
            Reply::new(200).json(r#"{"tags":["a"]}"#)
        }
    })
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for status in [408, 429, 500, 502, 503, 504] {
        let script = failing(3, move || Reply::new(status));
        let setup = anonymous();
        setup.repository(&script.host(), "a").tags().await.unwrap();
        let waits = setup.clock.waits();
        assert_eq!(waits, [250, 500, 1000].map(Duration::from_millis), "{status}");
        assert_eq!(setup.diary.text().matches("RetryEvent").count(), 3);
    }
    let script = failing(2, Reply::hang_up);
    anonymous().repository(&script.host(), "a").tags().await.unwrap();
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn what_does_not_pass_is_not() {
    for status in [400, 403, 404, 405, 413, 416, 418, 501] {
        let script = failing(9, move || Reply::new(status));
        assert!(anonymous().repository(&script.host(), "a").tags().await.is_err());
        assert_eq!(script.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn it_ends() {
    let script =
        failing(99, || Reply::new(503).json(r#"{"errors":[{"code":"UNAVAILABLE","message":"soon"}]}"#));
    let error = anonymous().repository(&script.host(), "a").tags().await.unwrap_err();
    assert!(matches!(&error, Error::Registry(answer) if answer.code() == Some("UNAVAILABLE")), "{error:?}");
    assert_eq!(script.requests().len(), 6);
    let never =
        with_options(Arc::new(StaticCredential::anonymous()), |options| options.retry = RetryPolicy::NEVER);
    assert!(never.repository(&script.host(), "a").tags().await.is_err());
    assert_eq!(script.requests().len(), 7);
}

#[tokio::test]
async fn what_the_registry_asks_for_is_waited_for() {
    let script = failing(1, || Reply::new(429).header("Retry-After", "7"));
    let setup = anonymous();
    setup.repository(&script.host(), "a").tags().await.unwrap();
    assert!(setup.clock.waits()[0] >= Duration::from_secs(7), "{:?}", setup.clock.waits());
    let script = failing(1, || Reply::new(503).header("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"));
    let setup = anonymous();
    setup.repository(&script.host(), "a").tags().await.unwrap();
    assert!(setup.clock.waits()[0] >= Duration::from_secs(10), "{:?}", setup.clock.waits());
    // Six hours are not.
    let script = failing(9, || Reply::new(429).header("Retry-After", "21600").body("pull rate limit"));
    let setup = anonymous();
    let error = setup.repository(&script.host(), "a").tags().await.unwrap_err();
    assert!(
        matches!(error, Error::RateLimited { retry_after: Some(wait), .. } if wait.as_secs() == 21600),
        "{error:?}"
    );
    assert!(setup.clock.waits().is_empty() && error.hint().unwrap().contains("21600"));
}

#[tokio::test]
async fn a_token_service_is_tried_again_too() {
    let count = AtomicUsize::new(0);
    let script = crate::auth::bearer(move |_| {
        if count.fetch_add(1, Ordering::SeqCst) < 2 {
            Reply::new(503)
        } else {
            Reply::new(200).json(r#"{"token":"good"}"#)
        }
    });
    anonymous().repository(&script.host(), "a").tags().await.unwrap();
    assert_eq!(script.count("GET /token"), 3);
}

#[tokio::test]
async fn nobody_there_is_said_at_once() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let setup = anonymous();
    let error = setup.repository(&format!("127.0.0.1:{port}"), "a").tags().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { connected: false, .. }), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(setup.clock.waits().is_empty());
}

#[tokio::test]
async fn somebody_who_went_away_may_come_back() {
    let script = failing(0, || Reply::new(200));
    let host = script.host();
    let setup = anonymous();
    let repository = setup.repository(&host, "a");
    repository.tags().await.unwrap();
    drop(script);
    assert!(matches!(repository.tags().await, Err(Error::Unreachable { .. })));
    assert_eq!(setup.clock.waits().len(), 5);
}

#[tokio::test]
async fn a_manifest_that_is_refused_is_not_stored_again() {
    let script =
        Script::start(|_| Reply::new(400).json(r#"{"errors":[{"code":"MANIFEST_INVALID","message":"no"}]}"#));
    let tag: Reference = "a".parse().unwrap();
    let repository = anonymous().repository(&script.host(), "a");
    let error = repository.put_manifest(&tag, &MediaType::OCI_MANIFEST, "{}").await.unwrap_err();
    assert!(matches!(error, Error::Registry(_)), "{error:?}");
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn silence_ends_too() {
    // It accepts, and says nothing.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let setup = with_options(Arc::new(StaticCredential::anonymous()), |options| {
        options.timeouts.idle = Duration::from_millis(50);
        options.retry.retries = 1;
    });
    let error = setup.repository(&host, "a").tags().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { connected: true, .. }), "{error:?}");
    assert_eq!(setup.clock.waits().len(), 1);
}

#[tokio::test]
async fn requests_go_through_the_proxy_that_is_set() {
    let proxy = Script::start(|_| Reply::new(200).json(r#"{"tags":["a"]}"#));
    let proxies = Proxies::new(Some(&format!("http://u:pw@{}", proxy.host())), None, Some("direct.test"));
    let setup = with_options(Arc::new(StaticCredential::anonymous()), |options| options.proxies = proxies);
    setup.repository("registry.test", "a").tags().await.unwrap();
    let request = &proxy.requests()[0];
    assert_eq!(request.line(), "GET http://registry.test/v2/a/tags/list");
    assert_eq!(request.header("proxy-authorization"), Some("Basic dTpwdw=="));
    // Not for this machine.
    let script = failing(0, || Reply::new(200));
    setup.repository(&script.host(), "a").tags().await.unwrap();
    assert_eq!((proxy.requests().len(), script.requests().len()), (1, 1));
}
