//! Identities for which others vouch: jobs of GitHub Actions and GitLab CI, without a stored secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chartroom_test_support::{Client, TestServer, encode};
use serde_json::{Value, json};

use crate::accounts::{Caller, Office};
use chartroom_test_support::{Issuer, IssuerKey as Key};

const AUDIENCE: &str = "https://charts.example.com";

fn serve(office: &Office, issuers: &[(&str, &Issuer)], rules: &str) -> TestServer {
    let issuers = issuers.iter().map(|(name, issuer)| {
        format!(
            "[[auth.issuer]]\nname = \"{name}\"\nissuer = \"{}\"\naudience = \"{AUDIENCE}\"\n",
            issuer.url()
        )
    });
    office.serve(&format!("{}{rules}", issuers.collect::<String>()))
}

/// What GitHub says of a job.
fn github(repository: &str, reference: &str) -> Value {
    json!({
        "sub": format!("repo:{repository}:ref:{reference}"),
        "repository": repository,
        "repository_owner": repository.split('/').next(),
        "ref": reference,
        "environment": "production",
        "run_attempt": 1,
        "event_name": "push",
    })
}

const GITHUB_RULES: &str = r#"
[[access]]
who = ["*"]
repositories = ["shared/**"]
actions = ["pull"]
[[access]]
who = ["ci:github"]
repositories = ["charts/**"]
actions = ["pull", "push"]
when = { repository = "myorg/charts", ref = ["refs/heads/main", "refs/tags/*"] }
"#;

fn may_push(client: &Client, caller: &Caller) -> bool {
    let answer = caller.request(client, "POST", "/v2/charts/app/blobs/uploads/").send();
    assert!([202, 403].contains(&answer.status), "{}", answer.describe());
    answer.status == 202
}

#[test]
fn a_job_of_github_gets_in_with_its_own_token() {
    let office = Office::new();
    let issuer = Issuer::start(Key::rsa("github-1"));
    let server = serve(&office, &[("github", &issuer)], GITHUB_RULES);
    let client = server.client();
    for (repository, reference, allowed) in [
        ("myorg/charts", "refs/heads/main", true),
        ("myorg/charts", "refs/tags/v1.0.0", true),
        ("myorg/charts", "refs/heads/dev", false),
        ("other/charts", "refs/heads/main", false),
        ("myorg/charts-evil", "refs/heads/main", false),
    ] {
        let token = issuer.token(AUDIENCE, &github(repository, reference));
        // As a password, as a bearer token, and for a token of the token service.
        let basic = Caller::basic("github", &token);
        if !allowed {
            is_no_member(&client, &token);
            continue;
        }
        assert!(may_push(&client, &basic), "{repository} {reference}");
        assert!(may_push(&client, &Caller::bearer(&token)));
        let scoped = basic.with_scope(&client, "repository:charts/app:pull,push");
        assert!(may_push(&client, &scoped));
        let form = format!(
            "grant_type={}&subject_token_type={}&subject_token={token}&scope={}",
            encode("urn:ietf:params:oauth:grant-type:token-exchange"),
            encode("urn:ietf:params:oauth:token-type:jwt"),
            encode("repository:charts/app:pull,push"),
        );
        let exchanged = client.post("/token").body(&form).send().expect(200).json();
        assert_eq!(exchanged["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
        assert_eq!(exchanged["token_type"], "Bearer");
        let exchanged = Caller::bearer(exchanged["access_token"].as_str().unwrap());
        assert!(may_push(&client, &exchanged));
    }
    assert_eq!(issuer.fetched(), 1, "keys are remembered");
}

/// Nobody for whom there is a rule: anybody on GitHub can have a token made for this registry, and doesn't
/// become one of those who have signed in by that.
#[track_caller]
fn is_no_member(client: &Client, token: &str) {
    for caller in [Caller::basic("github", token), Caller::bearer(token)] {
        for path in ["/v2/", "/metrics", "/token", "/v2/shared/app/tags/list", "/v2/_catalog"] {
            let refused = caller.request(client, "GET", path).send().expect(401);
            assert!(refused.text().contains("no rule here is for it"), "{}", refused.describe());
        }
    }
    let form = format!(
        "grant_type={}&subject_token_type={}&subject_token={token}",
        encode("urn:ietf:params:oauth:grant-type:token-exchange"),
        encode("urn:ietf:params:oauth:token-type:jwt"),
    );
    client.post("/token").body(&form).send().expect(401);
}

#[test]
fn a_job_of_gitlab_gets_in_with_its_own_token() {
    let office = Office::new();
    let issuer = Issuer::start(Key::ecdsa("gitlab-1"));
    let rules = r#"
        [[access]]
        who = ["ci:gitlab"]
        repositories = ["charts/**"]
        actions = ["pull", "push"]
        when = { project_path = "mygroup/charts", ref_protected = "true" }
        [[access]]
        who = ["group:maintainers"]
        repositories = ["**"]
        actions = ["pull", "push"]
        "#;
    let server = serve(&office, &[("gitlab", &issuer)], rules);
    let client = server.client();
    let job = |path: &str, protected: &str| json!({ "project_path": path, "ref_protected": protected });
    for (claims, allowed) in [
        (job("mygroup/charts", "true"), true),
        (job("mygroup/charts", "false"), false),
        (job("mygroup/other", "true"), false),
        (json!({ "project_path": "mygroup/charts" }), false),
        (json!({ "groups": ["readers", "maintainers"] }), true),
        (json!({ "groups": "maintainers" }), true),
        (json!({ "groups": [["maintainers"]] }), false),
    ] {
        let token = issuer.token(AUDIENCE, &claims);
        if allowed {
            assert!(may_push(&client, &Caller::basic("gitlab-ci-token", &token)), "{claims}");
        } else {
            is_no_member(&client, &token);
        }
    }
}

#[test]
fn what_nobody_vouches_for_is_refused() {
    let office = Office::new();
    let issuer = Issuer::start(Key::rsa("github-1"));
    let stranger = Issuer::start(Key::rsa("github-1"));
    let server = serve(&office, &[("github", &issuer)], GITHUB_RULES);
    let client = server.client();
    let job = github("myorg/charts", "refs/heads/main");
    let now = jiff::Timestamp::now().as_second();
    let with = |more: Value| {
        let mut claims = issuer.claims(AUDIENCE, &job);
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        issuer.key().sign(&issuer.key().header(), &claims)
    };
    let without = |claim: &str| {
        let mut claims = issuer.claims(AUDIENCE, &job);
        claims.as_object_mut().unwrap().remove(claim);
        issuer.key().sign(&issuer.key().header(), &claims)
    };
    let good = issuer.token(AUDIENCE, &job);
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), parts[1]);
    // Signed with the public key as if it was a shared secret.
    let shared = {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.kid = Some("github-1".to_owned());
        let key = jsonwebtoken::EncodingKey::from_secret(b"public");
        jsonwebtoken::encode(&header, &issuer.claims(AUDIENCE, &job), &key).unwrap()
    };
    // With a key of its own, which it brings along.
    let own_key = {
        let key = Key::rsa("mine");
        let mut header = key.header();
        header.jku = Some(format!("{}/keys", stranger.url()));
        key.sign(&header, &issuer.claims(AUDIENCE, &job))
    };
    let fake = stranger.key().sign(&stranger.key().header(), &issuer.claims(AUDIENCE, &job));
    for (what, token) in [
        ("another audience", issuer.token("https://other.example.com", &job)),
        ("another issuer", stranger.token(AUDIENCE, &job)),
        ("another's key under the same name", fake),
        ("expired", with(json!({ "exp": now - 120 }))),
        ("not yet valid", with(json!({ "nbf": now + 120 }))),
        ("no expiry", without("exp")),
        ("no audience", without("aud")),
        ("no subject", without("sub")),
        ("no signature", unsigned),
        ("a shared secret", shared),
        ("a key of its own", own_key),
        ("another's claims", format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode("{}"), parts[2])),
        ("too long", with(json!({ "padding": "x".repeat(20_000) }))),
    ] {
        for caller in [Caller::basic("github", &token), Caller::bearer(&token)] {
            let answer = caller.request(&client, "POST", "/v2/charts/app/blobs/uploads/").send();
            // What is guessed too often has to wait.
            assert!([401, 429].contains(&answer.status), "{what}: {}", answer.describe());
        }
    }
    assert_eq!(stranger.fetched(), 0, "nobody is sent anywhere by a token");
    assert!(may_push(&client, &Caller::basic("github", &issuer.token(AUDIENCE, &job))));
}

#[test]
fn an_issuer_that_is_down_is_said_so_and_one_that_comes_back_is_believed() {
    let office = Office::new();
    let mut issuer = Issuer::start(Key::ecdsa("first"));
    let server = serve(&office, &[("github", &issuer)], GITHUB_RULES);
    let client = server.client();
    let job = github("myorg/charts", "refs/heads/main");
    assert!(may_push(&client, &Caller::basic("github", &issuer.token(AUDIENCE, &job))));
    // A new key is asked for, but not over and over: a token with a made-up key must not make us a nuisance.
    issuer.replace(Key::ecdsa("second"));
    for _ in 0..5 {
        let token = issuer.token(AUDIENCE, &json!({ "repository": "x" }));
        Caller::bearer(&token).request(&client, "GET", "/v2/").send().expect(401);
    }
    assert!(issuer.fetched() <= 2, "{}", issuer.fetched());
}
