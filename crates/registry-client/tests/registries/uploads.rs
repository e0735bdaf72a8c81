//! Uploads: the ladder of ways, and sessions that break.

use std::sync::Mutex;

use chartroom_oci::Digest;
use chartroom_registry_client::{Content, Error, PushOptions, Pushed, Repository};

use crate::script::{Reply, Request, Script};
use crate::support::anonymous;

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 31 / 7) as u8).collect()
}

async fn push(repository: &Repository, blob: &[u8], options: &PushOptions) -> Result<Pushed, Error> {
    repository.push_blob(&Digest::sha256(blob), &Content::from(blob.to_vec()), options).await
}

async fn push_to(script: &Script, blob: &[u8]) -> Result<Pushed, Error> {
    push(&anonymous().repository(&script.host(), "a"), blob, &PushOptions::default()).await
}

/// A registry with one session at a time, which works as the specification says.
#[derive(Default)]
pub struct Sessions {
    pub session: u32,
    pub received: Vec<u8>,
    pub stored: Option<Vec<u8>>,
}

impl Sessions {
    fn location(&self) -> String {
        format!("/v2/a/blobs/uploads/{}?_state={}%2B", self.session, self.received.len())
    }

    fn range(&self, reply: Reply) -> Reply {
        let end = self.received.len().saturating_sub(1);
        reply.header("Location", self.location()).header("Range", format!("0-{end}"))
    }

    pub fn answer(&mut self, request: &Request) -> Reply {
        match request.method.as_str() {
            "HEAD" if self.stored.is_some() => Reply::new(200),
            "HEAD" => Reply::new(404),
            "POST" => {
                self.session += 1;
                self.received.clear();
                Reply::new(202).header("Location", self.location()).header("OCI-Chunk-Min-Length", "1000")
            }
            "GET" => self.range(Reply::new(204)),
            "PATCH" => {
                if let Some(range) = request.header("content-range") {
                    let start = range.split('-').next().unwrap().parse::<usize>().unwrap();
                    if start != self.received.len() {
                        return self.range(Reply::new(416));
                    }
                }
                self.received.extend_from_slice(&request.body);
                self.range(Reply::new(202))
            }
            "PUT" => {
                self.received.extend_from_slice(&request.body);
                let digest = Digest::sha256(&self.received).to_string().replace(':', "%3A");
                if !request.target.ends_with(&format!("&digest={digest}")) {
                    return Reply::new(400).json(r#"{"errors":[{"code":"DIGEST_INVALID","message":"no"}]}"#);
                }
                self.stored = Some(self.received.clone());
                Reply::new(201)
            }
            _ => Reply::new(405),
        }
    }
}

#[tokio::test]
async fn the_usual_upload_is_three_requests() {
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| sessions.lock().unwrap().answer(request));
    assert_eq!(push_to(&script, b"hello").await.unwrap(), Pushed::Uploaded);
    assert_eq!(push_to(&script, b"hello").await.unwrap(), Pushed::Existed);
    let requests = script.requests();
    assert_eq!(
        requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(),
        ["HEAD", "POST", "PUT", "HEAD"]
    );
    assert_eq!(requests[1].header("content-length"), Some("0"));
    assert_eq!(requests[2].header("content-length"), Some("5"));
    // GitHub takes a small part only of what comes with a range.
    assert_eq!(requests[2].header("content-range"), None);
    assert_eq!(requests[2].header("content-type"), Some("application/octet-stream"));
    assert!(
        requests[2].target.contains("_state=0%2B&digest=sha256%3A"),
        "the query is kept: {}",
        requests[2].target
    );
}

#[tokio::test]
async fn blobs_of_all_sizes_arrive() {
    for len in [0, 1, 300_000, 3_000_000] {
        let blob = content(len);
        let sessions = Mutex::new(Sessions::default());
        let script = Script::start(move |request| sessions.lock().unwrap().answer(request));
        let setup = anonymous();
        let repository = setup.repository(&script.host(), "a");
        push(&repository, &blob, &PushOptions { assume_missing: true, ..PushOptions::default() })
            .await
            .unwrap();
        assert_eq!(script.requests()[1].body, blob);
        assert_eq!(script.requests().len(), 2);
        if len > 300_000 {
            assert_eq!(setup.diary.progress.lock().unwrap().last().unwrap().done, len as u64);
        }
    }
}

#[tokio::test]
async fn mounting_falls_back_to_uploading() {
    let options = PushOptions { mount_from: vec!["b/c".parse().unwrap()], ..PushOptions::default() };
    // 201 is done; 202 is a session; whatever else is no reason to give up.
    for (status, methods, outcome) in [
        (201, vec!["HEAD", "POST"], Pushed::Mounted),
        (202, vec!["HEAD", "POST", "PUT"], Pushed::Uploaded),
        (401, vec!["HEAD", "POST", "GET", "POST", "PUT"], Pushed::Uploaded),
        (404, vec!["HEAD", "POST", "POST", "PUT"], Pushed::Uploaded),
        (500, vec!["HEAD", "POST", "POST", "POST", "POST", "POST", "POST", "POST", "PUT"], Pushed::Uploaded),
    ] {
        let sessions = Mutex::new(Sessions::default());
        let script = Script::start(move |request| {
            if request.target.contains("mount=") && status != 202 {
                return Reply::new(status);
            }
            if request.path() == "/v2/" {
                return Reply::new(200);
            }
            sessions.lock().unwrap().answer(request)
        });
        let setup = anonymous();
        let pushed = push(&setup.repository(&script.host(), "a"), b"x", &options).await.unwrap();
        assert_eq!(pushed, outcome, "{status}");
        let requests = script.requests();
        let found = requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>();
        assert_eq!(found, methods, "{status}");
        let digest = Digest::sha256(b"x").to_string().replace(':', "%3A");
        assert_eq!(requests[1].target, format!("/v2/a/blobs/uploads/?mount={digest}&from=b%2Fc"));
    }
}

#[tokio::test]
async fn a_registry_that_refuses_one_put_gets_a_stream() {
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| {
        if request.method == "PUT" && !request.body.is_empty() {
            return Reply::new(405);
        }
        sessions.lock().unwrap().answer(request)
    });
    let blob = content(300_000);
    push_to(&script, &blob).await.unwrap();
    let requests = script.requests();
    assert_eq!(
        requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>(),
        ["HEAD", "POST", "PUT", "POST", "PATCH", "PUT"]
    );
    assert_eq!((requests[4].header("content-range"), requests[4].body.len()), (None, 300_000));
}

#[tokio::test]
async fn a_proxy_that_limits_requests_gets_pieces() {
    let limit = 9 << 20;
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| {
        if request.body.len() > limit {
            Reply::new(413).body("<html><title>413 Request Entity Too Large</title>")
        } else {
            sessions.lock().unwrap().answer(request)
        }
    });
    let blob = content(20 << 20);
    push_to(&script, &blob).await.unwrap();
    let ranges = script.requests();
    let ranges = ranges.iter().filter_map(|request| request.header("content-range")).collect::<Vec<_>>();
    assert_eq!(ranges, ["0-8388607", "8388608-16777215", "16777216-20971519"]);
    // One that is too small for that is told so.
    let script = Script::start(|request| match request.method.as_str() {
        "PUT" => Reply::new(413),
        "POST" => Reply::new(202).header("Location", "/up"),
        _ => Reply::new(404),
    });
    let error = push_to(&script, b"x").await.unwrap_err();
    assert!(matches!(&error, Error::Registry(_)) && error.hint().unwrap().contains("limit"), "{error:?}");
}

#[tokio::test]
async fn pieces_are_no_smaller_than_the_registry_wants() {
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| sessions.lock().unwrap().answer(request));
    let options = PushOptions { piece: Some(10), ..PushOptions::default() };
    let blob = content(2500);
    push(&anonymous().repository(&script.host(), "a"), &blob, &options).await.unwrap();
    let requests = script.requests();
    let pieces =
        requests.iter().filter(|request| request.method == "PATCH").map(|request| request.body.len());
    assert_eq!(pieces.collect::<Vec<_>>(), [1000, 1000, 500]);
}

#[tokio::test]
async fn a_registry_that_takes_less_gets_the_rest_again() {
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| {
        let mut request = request.clone();
        if request.method == "PATCH" {
            request.body.truncate(700);
        }
        sessions.lock().unwrap().answer(&request)
    });
    let options = PushOptions { piece: Some(1000), ..PushOptions::default() };
    push(&anonymous().repository(&script.host(), "a"), &content(2000), &options).await.unwrap();
    let requests = script.requests();
    let ranges = requests.iter().filter_map(|request| request.header("content-range")).collect::<Vec<_>>();
    assert_eq!(ranges, ["0-999", "700-1699", "1400-1999"]);
}

#[tokio::test]
async fn a_broken_upload_goes_on_where_the_registry_stands() {
    let blob = content(2_000_000);
    for at in [1, 700_000, 1_999_999] {
        let sessions = std::sync::Arc::new(Mutex::new(Sessions::default()));
        let broken = Mutex::new(false);
        let script = Script::reluctant(
            {
                let sessions = std::sync::Arc::clone(&sessions);
                let blob = blob.clone();
                move |request| {
                    if request.method != "PUT" || std::mem::replace(&mut *broken.lock().unwrap(), true) {
                        return None;
                    }
                    // It kept what came.
                    sessions.lock().unwrap().received = blob[..at].to_vec();
                    Some(at)
                }
            },
            {
                let sessions = std::sync::Arc::clone(&sessions);
                move |request| sessions.lock().unwrap().answer(request)
            },
        );
        push_to(&script, &blob).await.unwrap();
        assert_eq!(sessions.lock().unwrap().stored.as_deref(), Some(&*blob));
        let requests = script.requests();
        let found = requests.iter().map(|request| request.method.as_str()).collect::<Vec<_>>();
        if at > 1 {
            assert_eq!(found, ["HEAD", "POST", "PUT", "GET", "PATCH", "PUT"], "{at}");
            assert_eq!(requests[4].header("content-range").unwrap(), format!("{at}-1999999"));
        } else {
            // A range of 0-0 is what registries say of nothing, too.
            assert_eq!(found, ["HEAD", "POST", "PUT", "GET", "HEAD", "POST", "PUT"], "{at}");
        }
    }
}

#[tokio::test]
async fn a_session_that_is_lost_is_replaced() {
    for (status, code) in [(404, "BLOB_UPLOAD_UNKNOWN"), (416, "RANGE_INVALID"), (500, "UNKNOWN"), (502, "")]
    {
        let sessions = Mutex::new(Sessions::default());
        let first = Mutex::new(true);
        let script = Script::start(move |request| match request.method.as_str() {
            "PUT" if std::mem::replace(&mut *first.lock().unwrap(), false) => {
                Reply::new(status).json(&format!(r#"{{"errors":[{{"code":"{code}","message":"lost"}}]}}"#))
            }
            "GET" => Reply::new(404),
            _ => sessions.lock().unwrap().answer(request),
        });
        push_to(&script, b"hello").await.unwrap();
        assert_eq!((script.count("POST"), script.count("PUT")), (2, 2), "{status}");
        // Never to the same session twice.
        let puts = script.lines().into_iter().filter(|line| line.starts_with("PUT")).collect::<Vec<_>>();
        assert_ne!(puts[0], puts[1]);
    }
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_found_to_be_there() {
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| {
        let reply = sessions.lock().unwrap().answer(request);
        match request.method.as_str() {
            "PUT" => Reply::hang_up(),
            "GET" => Reply::new(404),
            _ => reply,
        }
    });
    push_to(&script, b"hello").await.unwrap();
    assert_eq!(script.count("PUT"), 1);
}

#[tokio::test]
async fn pieces_out_of_order_are_put_right() {
    // Another writer, or our own lost answer: the registry stands elsewhere.
    let sessions = Mutex::new(Sessions::default());
    let meddled = Mutex::new(false);
    let blob = content(3000);
    let ahead = blob[..1500].to_vec();
    let script = Script::start(move |request| {
        let mut sessions = sessions.lock().unwrap();
        if request.header("content-range") == Some("1000-1999")
            && !std::mem::replace(&mut *meddled.lock().unwrap(), true)
        {
            sessions.received = ahead.clone();
        }
        sessions.answer(request)
    });
    let options = PushOptions { piece: Some(1000), ..PushOptions::default() };
    push(&anonymous().repository(&script.host(), "a"), &blob, &options).await.unwrap();
    let requests = script.requests();
    let ranges = requests.iter().filter_map(|request| request.header("content-range")).collect::<Vec<_>>();
    assert_eq!(ranges, ["0-999", "1000-1999", "1500-2499", "2500-2999"]);
}

#[tokio::test]
async fn wrong_content_and_missing_rights_are_final() {
    let blob = b"hello".to_vec();
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| sessions.lock().unwrap().answer(request));
    let repository = anonymous().repository(&script.host(), "a");
    let error = repository
        .push_blob(&Digest::sha256(b"other"), &Content::from(blob.clone()), &PushOptions::default())
        .await;
    assert!(matches!(error, Err(Error::Registry(_))), "{error:?}");
    assert_eq!(script.count("PUT"), 1);
    for status in [401, 403] {
        let script =
            Script::start(
                move |request| if request.method == "HEAD" { Reply::new(404) } else { Reply::new(status) },
            );
        let error = push_to(&script, &blob).await.unwrap_err();
        assert!(matches!(error, Error::Denied(_) | Error::Unauthorized { .. }), "{error:?}");
        assert_eq!(script.count("POST"), 1);
    }
    // Artifactory: no right to look, but to write.
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| {
        if request.method == "HEAD" { Reply::new(403) } else { sessions.lock().unwrap().answer(request) }
    });
    assert_eq!(push_to(&script, &blob).await.unwrap(), Pushed::Uploaded);
}

#[tokio::test]
async fn an_upload_that_never_works_is_given_up() {
    let sessions = Mutex::new(Sessions::default());
    let script = Script::start(move |request| match request.method.as_str() {
        "PUT" => Reply::hang_up(),
        _ => sessions.lock().unwrap().answer(request),
    });
    let error = push_to(&script, b"hello").await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(script.count("PUT"), 6);
    let script =
        Script::start(|request| if request.method == "POST" { Reply::new(202) } else { Reply::new(404) });
    assert!(matches!(push_to(&script, b"x").await, Err(Error::Protocol { .. })));
}
