//! Tags, repositories and referrers, in pages and otherwise.

use chartroom_oci::{Descriptor, Digest, MediaType};
use chartroom_registry_client::{Error, StaticCredential};
use std::sync::Arc;

use crate::script::{Reply, Request, Script};
use crate::support::{anonymous, with_options};

async fn tags(script: &Script, page_size: Option<u32>) -> Result<Vec<String>, Error> {
    let setup =
        with_options(Arc::new(StaticCredential::anonymous()), |options| options.page_size = page_size);
    let tags = setup.repository(&script.host(), "a").tags().await?;
    Ok(tags.iter().map(ToString::to_string).collect())
}

/// Serves one tag a page.
fn pages(request: &Request, link: impl Fn(&str) -> Option<String>) -> Reply {
    let last = request.target.split("last=").nth(1).map(|rest| rest.split('&').next().unwrap());
    let tag = match last {
        None => "a",
        Some("a") => "b",
        Some("b") => "c",
        _ => return Reply::new(200).json(r#"{"name":"a","tags":null}"#),
    };
    let reply = Reply::new(200).json(&format!(r#"{{"tags":["{tag}"]}}"#));
    match link(tag) {
        Some(link) => reply.header("Link", link),
        None => reply,
    }
}

#[tokio::test]
async fn links_are_followed_in_all_their_forms() {
    let forms: [fn(&str) -> String; 5] = [
        |last| format!("</v2/a/tags/list?last={last}&n=1>; rel=\"next\""),
        |last| format!("<list?n=1&last={last}>;rel=next"),
        |last| format!("<?last={last}>; rel=\"next\""),
        // Artifactory leaves the beginning out, proxies write another.
        |last| format!("</a/tags/list?last={last}&n=1>; rel=\"next\""),
        |last| format!("<x>; rel=prev, </artifactory/v2/a/tags/list?last={last}>; rel=\"next\""),
    ];
    for form in forms {
        let script = Script::start(move |request| pages(request, |tag| Some(form(tag))));
        assert_eq!(tags(&script, None).await.unwrap(), ["a", "b", "c"], "{}", form("x"));
        assert!(script.requests().iter().all(|request| request.path() == "/v2/a/tags/list"));
    }
}

#[tokio::test]
async fn a_link_to_another_host_is_refused() {
    for link in [
        "<http://localhost:1/v2/a/tags/list?last=a>; rel=next",
        "<//evil.test/x>; rel=next",
        "<http://[>; rel=next",
    ] {
        let script = Script::start(move |request| pages(request, |_| Some(link.to_owned())));
        assert!(matches!(tags(&script, None).await, Err(Error::Protocol { .. })), "{link}");
        assert_eq!(script.requests().len(), 1);
    }
}

#[tokio::test]
async fn without_links_a_full_page_means_that_there_may_be_more() {
    let script = Script::start(|request| pages(request, |_| None));
    assert_eq!(tags(&script, Some(1)).await.unwrap(), ["a", "b", "c"]);
    assert_eq!(script.lines()[..2], ["GET /v2/a/tags/list?n=1", "GET /v2/a/tags/list?n=1&last=a"]);
    // One that doesn't know of pages at all says the same again.
    let script = Script::start(|_| Reply::new(200).json(r#"{"tags":["a","b"]}"#));
    assert_eq!(tags(&script, Some(2)).await.unwrap(), ["a", "b"]);
    assert_eq!(script.requests().len(), 2);
    assert_eq!(tags(&script, None).await.unwrap(), ["a", "b"]);
    assert_eq!(script.requests().len(), 3);
    assert_eq!(tags(&script, Some(100)).await.unwrap(), ["a", "b"]);
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn lists_that_go_round_in_circles_end() {
    let script = Script::start(|_| {
        Reply::new(200).header("Link", "</v2/a/tags/list?last=x>; rel=\"next\"").json(r#"{"tags":["a"]}"#)
    });
    assert_eq!(tags(&script, None).await.unwrap(), ["a"]);
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn what_is_no_tag_is_left_out_and_what_is_no_list_an_error() {
    let script = Script::start(|_| Reply::new(200).json(r#"{"tags":["ok","-no","a b",""]}"#));
    assert_eq!(tags(&script, None).await.unwrap(), ["ok"]);
    for body in ["\"x\"", "nonsense", r#"{"tags":[1]}"#] {
        let script = Script::start(move |_| Reply::new(200).json(body));
        assert!(matches!(tags(&script, None).await, Err(Error::Protocol { .. })), "{body}");
    }
    let script =
        Script::start(|_| Reply::new(200).json(&format!(r#"{{"tags":["{}"]}}"#, "a".repeat(9 << 20))));
    assert!(matches!(tags(&script, None).await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn the_catalog_has_a_scope_of_its_own() {
    let script = Script::start(|request| match request.header("authorization") {
        Some("Bearer t") => Reply::new(200).json(r#"{"repositories":["a/b","c","BAD"]}"#),
        _ if request.path() == "/token" => Reply::new(200).json(r#"{"token":"t"}"#),
        _ => crate::auth::unauthorized(&format!(
            r#"Bearer realm="http://{}/token""#,
            request.header("host").unwrap()
        )),
    });
    let names = anonymous().registry(&script.host()).catalog().await.unwrap();
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["a/b", "c"]);
    assert_eq!(script.lines()[1], "GET /token?scope=registry%3Acatalog%3A%2A");
}

fn descriptor(content: &str, artifact_type: &str) -> Descriptor {
    Descriptor {
        media_type: MediaType::OCI_MANIFEST,
        digest: Digest::sha256(content.as_bytes()),
        size: content.len() as u64,
        annotations: None,
        artifact_type: Some(artifact_type.to_owned()),
    }
}

fn index(manifests: &[Descriptor]) -> String {
    serde_json::json!({"schemaVersion": 2, "mediaType": MediaType::OCI_INDEX, "manifests": manifests})
        .to_string()
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

#[tokio::test]
async fn referrers_come_from_the_registry_or_from_the_tag() {
    let subject = Digest::sha256(b"subject");
    let (one, two) = (descriptor("1", "a/sig"), descriptor("2", "a/sbom"));
    let both = index(&[one.clone(), two.clone()]);
    // A registry that knows of them, filters or not, in pages.
    let (first, second) = (index(std::slice::from_ref(&one)), index(std::slice::from_ref(&two)));
    let native = Script::start(move |request| {
        let reply = Reply::new(200).header("Content-Type", INDEX);
        if request.target.contains("page=2") {
            return reply.body(second.clone());
        }
        reply.header("Link", format!("<{}?page=2>; rel=\"next\"", request.path())).body(first.clone())
    });
    let repository = anonymous().repository(&native.host(), "a");
    assert_eq!(repository.referrers(&subject, None).await.unwrap(), [one.clone(), two.clone()]);
    assert_eq!(repository.referrers(&subject, Some("a/sbom")).await.unwrap(), std::slice::from_ref(&two));
    assert!(native.lines().contains(&format!("GET /v2/a/referrers/{subject}?artifactType=a%2Fsbom")));
    // One that doesn't, in several ways.
    for (status, kind) in [(404, "text/plain"), (405, "text/plain"), (400, "text/plain"), (200, "text/html")]
    {
        let both = both.clone();
        let tag = format!("/v2/a/manifests/sha256-{}", subject.hex());
        let script = Script::start(move |request| {
            if request.path() == tag {
                Reply::new(200).header("Content-Type", INDEX).body(both.clone())
            } else {
                Reply::new(status).header("Content-Type", kind)
            }
        });
        let repository = anonymous().repository(&script.host(), "a");
        assert_eq!(repository.referrers(&subject, Some("a/sig")).await.unwrap(), std::slice::from_ref(&one));
    }
    // GitLab gives the subject for the tag; others have nothing at all.
    let script = Script::start(|request| {
        if request.path().contains("/referrers/") {
            return Reply::new(404);
        }
        Reply::new(200).header("Content-Type", "application/vnd.oci.image.manifest.v1+json").body("subject")
    });
    assert_eq!(anonymous().repository(&script.host(), "a").referrers(&subject, None).await.unwrap(), []);
    let script = Script::start(|_| Reply::new(404));
    assert_eq!(anonymous().repository(&script.host(), "a").referrers(&subject, None).await.unwrap(), []);
    let script = Script::start(|_| Reply::new(403));
    assert!(matches!(
        anonymous().repository(&script.host(), "a").referrers(&subject, None).await,
        Err(Error::Denied(_))
    ));
}

#[tokio::test]
async fn a_referrer_is_added_to_the_tag_once() {
    let subject = Digest::sha256(b"subject");
    let stored = std::sync::Mutex::new(None::<Vec<u8>>);
    let script = Script::start(move |request| {
        let mut stored = stored.lock().unwrap();
        match request.method.as_str() {
            "GET" if stored.is_some() => {
                Reply::new(200).header("Content-Type", INDEX).body(stored.clone().unwrap())
            }
            "PUT" => {
                *stored = Some(request.body.clone());
                Reply::new(201)
            }
            _ => Reply::new(404),
        }
    });
    let repository = anonymous().repository(&script.host(), "a");
    let (one, two) = (descriptor("1", "a/sig"), descriptor("2", "a/sbom"));
    for referrer in [&one, &two, &one] {
        repository.add_referrer(&subject, referrer).await.unwrap();
    }
    assert_eq!(script.count("PUT"), 2);
    assert_eq!(repository.referrers(&subject, None).await.unwrap(), [one, two]);
}
