//! Logging in, tokens, and what is shown with which request.

use std::sync::Arc;
use std::time::Duration;

use chartroom_oci::{Digest, Reference};
use chartroom_registry_client::{Content, Credential, Error, PushOptions, Scheme};

use crate::script::{Reply, Request, Script};
use crate::support::{ALICE, Counting, alice, anonymous, with, with_options};

/// A registry with a token service of its own. `grant` says what the service answers.
pub fn bearer(grant: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Script {
    Script::start(move |request| {
        if request.path() == "/token" {
            return grant(request);
        }
        if request.header("authorization").is_some_and(|shown| shown.starts_with("Bearer good")) {
            return registry(request);
        }
        let host = request.header("host").unwrap();
        unauthorized(&format!(
            r#"Bearer realm="http://{host}/token",service="reg",scope="repository:user/image:pull""#
        ))
    })
}

pub fn unauthorized(challenge: &str) -> Reply {
    Reply::new(401)
        .header("WWW-Authenticate", challenge)
        .json(r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#)
}

pub fn registry(request: &Request) -> Reply {
    let host = request.header("host").unwrap();
    match (request.method.as_str(), request.path()) {
        ("GET", "/v2/") => Reply::new(200),
        ("GET", path) if path.ends_with("/tags/list") => Reply::new(200).json(r#"{"tags":["1.0.0"]}"#),
        ("HEAD", path) if path.contains("/blobs/") => Reply::new(404),
        ("POST", path) => Reply::new(202).header("Location", format!("http://{host}{path}session")),
        ("PUT", _) => Reply::new(201),
        _ => Reply::new(404).json(r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#),
    }
}

fn good(_: &Request) -> Reply {
    Reply::new(200).json(r#"{"token":"good","expires_in":300}"#)
}

fn scopes(script: &Script) -> Vec<String> {
    let requests = script.requests();
    let asked = requests.iter().filter(|request| request.path() == "/token");
    asked
        .map(|request| {
            request
                .target
                .split_once('?')
                .unwrap()
                .1
                .replace("%3A", ":")
                .replace("%2C", ",")
                .replace("%2F", "/")
        })
        .collect()
}

#[tokio::test]
async fn an_open_registry_gets_no_credential() {
    let script = Script::start(registry);
    assert_eq!(with(alice()).registry(&script.host()).ping().await.unwrap(), Scheme::Open);
    assert_eq!(script.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn basic_is_shown_once_asked_for_and_then_at_once() {
    let script = Script::start(|request| {
        if request.header("authorization") == Some(ALICE) {
            registry(request)
        } else {
            unauthorized("Basic realm=\"x\"")
        }
    });
    let setup = with(alice());
    let repository = setup.repository(&script.host(), "a/b");
    repository.tags().await.unwrap();
    repository.tags().await.unwrap();
    assert_eq!(script.requests().len(), 3);

    let error = anonymous().repository(&script.host(), "a/b").tags().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { shown: false, wrong: false, .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("log in"));
}

#[tokio::test]
async fn tokens_are_got_with_get_and_the_right_scopes_and_kept() {
    let script = bearer(good);
    let setup = with(alice());
    let repository = setup.repository(&script.host(), "a/b");
    repository.tags().await.unwrap();
    repository.tags().await.unwrap();
    let tokens = script.requests();
    let token = tokens.iter().find(|request| request.path() == "/token").unwrap();
    assert_eq!((token.method.as_str(), token.header("authorization")), ("GET", Some(ALICE)));
    // The scope of the challenge is asked for too, ours need not come first.
    assert_eq!(scopes(&script).len(), 1);
    assert!(scopes(&script)[0].contains("scope=repository:a/b:pull"), "{:?}", scopes(&script));
}

#[tokio::test]
async fn a_push_asks_for_push_from_the_first_request_on() {
    let script = bearer(good);
    let setup = with(alice());
    let repository = setup.repository(&script.host(), "a/b");
    let digest = Digest::sha256(b"x");
    repository.push_blob(&digest, &Content::from(b"x".to_vec()), &PushOptions::default()).await.unwrap();
    assert_eq!(scopes(&script).len(), 1, "{:?}", script.lines());
    assert!(scopes(&script)[0].contains("scope=repository:a/b:pull,push"));
    // A token that allows more serves.
    repository.tags().await.unwrap();
    assert_eq!(scopes(&script).len(), 1);
    // Mounting needs a second scope.
    let options = PushOptions { mount_from: vec!["c".parse().unwrap()], ..PushOptions::default() };
    repository.push_blob(&digest, &Content::from(b"x".to_vec()), &options).await.unwrap();
    let last = scopes(&script).pop().unwrap();
    assert!(last.contains("scope=repository:a/b:pull,push&scope=repository:c:pull"), "{last}");
}

#[tokio::test]
async fn tokens_end_before_the_service_ends_them() {
    let script = bearer(good);
    let setup = anonymous();
    let repository = setup.repository(&script.host(), "a");
    repository.tags().await.unwrap();
    setup.clock.pass(Duration::from_secs(280));
    repository.tags().await.unwrap();
    assert_eq!(script.count("GET /token"), 1);
    setup.clock.pass(Duration::from_secs(11));
    repository.tags().await.unwrap();
    assert_eq!(script.count("GET /token"), 2);
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let script = bearer(move |_| {
        let n = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Reply::new(200).json(if n == 1 { r#"{"access_token":"good"}"# } else { r#"{"token":"bad"}"# })
    });
    let setup = anonymous();
    let repository = setup.repository(&script.host(), "a");
    // The first token is bad, and that is that for the request.
    let error = repository.tags().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { shown: false, .. }), "{error:?}");
    assert_eq!((script.count("GET /v2/"), script.count("GET /token")), (2, 1));
    // The next request starts with the cached one, and replaces it.
    repository.tags().await.unwrap();
    assert_eq!((script.count("GET /v2/"), script.count("GET /token")), (4, 2));
}

#[tokio::test]
async fn services_that_want_post_get_it_after_get() {
    for status in [404, 405] {
        let script =
            bearer(move |request| if request.method == "POST" { good(request) } else { Reply::new(status) });
        with(alice()).repository(&script.host(), "a").tags().await.unwrap();
        let requests = script.requests();
        let post = requests.iter().find(|request| request.method == "POST").unwrap();
        let form = String::from_utf8(post.body.clone()).unwrap();
        assert!(form.starts_with("grant_type=password&username=alice&password=hunter2&client_id="), "{form}");
        assert_eq!(post.header("content-type"), Some("application/x-www-form-urlencoded"));
    }
}

#[tokio::test]
async fn identity_tokens_are_exchanged_with_post_only() {
    let script = bearer(|request| if request.method == "POST" { good(request) } else { Reply::new(405) });
    let setup = with(Credential::IdentityToken("refresh".into()));
    setup.repository(&script.host(), "a").tags().await.unwrap();
    let requests = script.requests();
    let post = requests.iter().find(|request| request.path() == "/token").unwrap();
    let form = String::from_utf8(post.body.clone()).unwrap();
    assert!(form.contains("grant_type=refresh_token&refresh_token=refresh&"), "{form}");
    assert!(requests.iter().all(|request| request.header("authorization") != Some("Bearer refresh")));
    assert_eq!(script.count("GET /token"), 0);
}

#[tokio::test]
async fn registry_tokens_are_sent_as_they_are() {
    let script = bearer(|_| panic!("nobody asks"));
    with(Credential::RegistryToken("good-x".into())).repository(&script.host(), "a").tags().await.unwrap();
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_reported_at_once_in_the_servers_words() {
    let script = bearer(|_| Reply::new(401).json(r#"{"details":"incorrect username or password"}"#));
    let registry = anonymous().registry(&script.host());
    let error = registry.login(&alice()).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { shown: true, wrong: true, .. }), "{error:?}");
    assert!(
        error.to_string().ends_with("response status code 401: incorrect username or password"),
        "{error}"
    );
    assert_eq!(script.lines(), ["GET /v2/", "GET /token?service=reg"]);
    // The same for an operation.
    let error = with(alice()).repository(&script.host(), "a").tags().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { wrong: true, .. }), "{error:?}");

    let basic = Script::start(|_| unauthorized("Basic realm=\"x\""));
    let error = anonymous().registry(&basic.host()).login(&alice()).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { shown: true, wrong: true, .. }), "{error:?}");
    assert_eq!(basic.requests().len(), 2);
}

#[tokio::test]
async fn a_login_asks_for_a_token_without_rights() {
    let script = bearer(good);
    let scheme = anonymous().registry(&script.host()).login(&alice()).await.unwrap();
    assert_eq!(scheme, Scheme::Bearer);
    assert_eq!(script.lines(), ["GET /v2/", "GET /token?service=reg", "GET /v2/"]);
}

#[tokio::test]
async fn a_right_that_is_missing_is_not_a_wrong_password() {
    let script = bearer(|_| Reply::new(200).json(r#"{"token":"weak"}"#));
    let error = with(alice()).repository(&script.host(), "a").tags().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { shown: true, wrong: false, .. }), "{error:?}");
    let script = Script::start(|_| Reply::new(403).json(r#"{"errors":[{"code":"DENIED","message":"no"}]}"#));
    let error = anonymous().repository(&script.host(), "a").tags().await.unwrap_err();
    assert!(matches!(error, Error::Denied(_)), "{error:?}");
}

#[tokio::test]
async fn a_refusal_without_a_challenge_sends_us_to_the_front_page() {
    let script = Script::start(|request| match (request.header("authorization"), request.path()) {
        (Some(ALICE), _) => registry(request),
        (_, "/v2/") => unauthorized("Basic realm=\"x\""),
        _ => Reply::new(403).json(r#"{"errors":[{"code":"DENIED","message":"Unauthenticated request"}]}"#),
    });
    with(alice()).repository(&script.host(), "a").tags().await.unwrap();
    assert_eq!(script.lines(), ["GET /v2/a/tags/list", "GET /v2/", "GET /v2/a/tags/list"]);
}

#[tokio::test]
async fn a_challenge_that_nobody_can_answer_is_no_loop() {
    let script = Script::start(|_| unauthorized("Negotiate"));
    let error = with(alice()).repository(&script.host(), "a").tags().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error:?}");
    assert!(script.requests().len() <= 3);
}

#[tokio::test]
async fn a_service_that_gives_no_token_breaks_the_protocol() {
    for answer in [r#"{}"#, "no json", r#"{"token":"a\nb"}"#] {
        let script = bearer(move |_| Reply::new(200).json(answer));
        let error = anonymous().repository(&script.host(), "a").tags().await.unwrap_err();
        assert!(matches!(error, Error::Protocol { .. } | Error::Setup { .. }), "{answer}: {error:?}");
    }
}

#[tokio::test]
async fn parallel_requests_share_one_token_and_one_credential() {
    let script = bearer(good);
    let source = Arc::new(Counting::default());
    let setup = with_options(Arc::clone(&source) as _, |_| {});
    let repository = setup.repository(&script.host(), "a/b");
    // So that the challenge is known.
    repository.tags().await.unwrap();
    setup.clock.pass(Duration::from_secs(1000));
    futures_util::future::join_all((0..8).map(|_| repository.tags())).await.into_iter().for_each(|tags| {
        tags.unwrap();
    });
    assert_eq!(script.count("GET /token"), 2);
    assert_eq!(*source.0.lock().unwrap(), [format!("{} a/b", script.host())]);
}

#[tokio::test]
async fn the_right_to_delete_is_asked_for_if_the_registry_demands_it() {
    let script = Script::start(|request| match (request.path(), request.header("authorization")) {
        ("/token", _) if request.target.contains("delete") => Reply::new(200).json(r#"{"token":"strong"}"#),
        ("/token", _) => Reply::new(200).json(r#"{"token":"weak"}"#),
        (_, Some("Bearer strong")) => Reply::new(202),
        (_, Some("Bearer weak")) if request.method != "DELETE" => registry(request),
        _ => unauthorized(&format!(
            r#"Bearer realm="http://{}/token",scope="repository:a:{}",error="insufficient_scope""#,
            request.header("host").unwrap(),
            if request.method == "DELETE" { "delete" } else { "pull" },
        )),
    });
    let repository = with(alice()).repository(&script.host(), "a");
    repository.tags().await.unwrap();
    repository.delete_manifest(&"1.0.0".parse().unwrap()).await.unwrap();
    let asked = scopes(&script);
    assert_eq!(
        asked,
        ["scope=repository:a:pull", "scope=repository:a:pull,push", "scope=repository:a:pull,push,delete"]
    );
}

#[tokio::test]
async fn an_unknown_manifest_is_told_from_an_unknown_repository() {
    let script = Script::start(|request| {
        if request.path().starts_with("/v2/none/") {
            Reply::new(404).json(r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry","detail":{"name":"none"}}]}"#)
        } else {
            registry(request)
        }
    });
    let setup = anonymous();
    let tag: Reference = "1.0.0".parse().unwrap();
    let error = setup.repository(&script.host(), "a").manifest(&tag).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }) && error.is_not_found(), "{error:?}");
    let error = setup.repository(&script.host(), "none").tags().await.unwrap_err();
    assert!(matches!(&error, Error::NameUnknown { repository: Some(name), .. } if name.as_str() == "none"));
    assert_eq!(
        error.to_string(),
        format!(
            "GET \"http://{}/v2/none/tags/list\": response status code 404: name unknown: \
             repository name not known to registry: map[name:none]",
            script.host()
        )
    );
}

#[tokio::test]
async fn a_password_is_tried_once_before_it_is_used_at_once() {
    let right = |request: &Request| request.header("authorization") == Some(ALICE);
    // The second request with the password waits for what comes of the first.
    let script = Script::start(move |request| match request.header("authorization") {
        None => Reply::new(401).header("WWW-Authenticate", "Basic realm=\"r\""),
        Some(_) if right(request) => Reply::new(404),
        Some(_) => Reply::new(401).header("WWW-Authenticate", "Basic realm=\"r\""),
    });
    for (credential, shown) in [(Credential::basic("alice", "wrong"), 1), (alice(), 4)] {
        let before = script.requests().len();
        let setup = with(credential);
        let repository = setup.repository(&script.host(), "a");
        let heads = (0..4).map(|number| {
            let repository = repository.clone();
            async move {
                let digest = Digest::sha256(&[number]);
                match repository.head_blob(&digest).await {
                    Err(error) if error.is_not_found() => Ok(()),
                    other => other.map(drop),
                }
            }
        });
        let outcome = futures_util::future::try_join_all(heads).await;
        assert_eq!(outcome.is_ok(), shown == 4, "{outcome:?}");
        let requests = script.requests().split_off(before);
        let with_password = requests.iter().filter(|request| request.header("authorization").is_some());
        assert_eq!(with_password.count(), shown);
    }
}
