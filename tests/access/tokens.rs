//! Docker's token protocol, by GET and POST, and how long its tokens hold.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chartroom_test_support::{Client, Response, TestServer, encode, signal};
use serde_json::Value;

use crate::accounts::{Caller, Office};

const RULES: &str = r#"
[auth]
[[access]]
who = ["anonymous"]
repositories = ["public/**"]
actions = ["pull"]
[[access]]
who = ["user:anna"]
repositories = ["charts/**"]
actions = ["pull", "push", "overwrite"]
"#;

const PASSWORD: &str = "correct horse";

fn setup() -> (Office, TestServer) {
    let office = Office::new();
    office.add("anna", PASSWORD, &[]);
    let server = office.serve(RULES);
    (office, server)
}

#[track_caller]
fn form(client: &Client, pairs: &[(&str, &str)]) -> Response {
    let body: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
    let body = body.join("&");
    client.post("/token").content_type("application/x-www-form-urlencoded").body(&body).send()
}

/// What a token says.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn a_client_that_was_challenged_comes_back_with_a_token() {
    let (_office, server) = setup();
    let client = server.client();
    let answer = client.head("/v2/charts/app/manifests/v1").send().expect(401);
    let challenge = answer.headers("WWW-Authenticate");
    let realm = format!(
        "Bearer realm=\"{}/token\",service=\"chartroom\",scope=\"repository:charts/app:pull\"",
        server.url()
    );
    assert_eq!(challenge, [realm.as_str(), "Basic realm=\"chartroom\""], "Bearer first: some read only that");
    let answer = client.post("/v2/charts/app/blobs/uploads/").send().expect(401);
    assert!(answer.headers("WWW-Authenticate")[0].contains("scope=\"repository:charts/app:pull,push\""));

    let anna = Caller::basic("anna", PASSWORD);
    let scope = encode("repository:charts/app:pull,push");
    let answer =
        anna.request(&client, "GET", &format!("/token?service=chartroom&scope={scope}")).send().expect(200);
    let issued = answer.json();
    assert_eq!(issued["token"], issued["access_token"]);
    assert!(issued["expires_in"].as_i64().unwrap() <= 300);
    assert!(issued["issued_at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    assert!(issued.get("refresh_token").is_none(), "nobody asked for one");
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    let said = claims(issued["token"].as_str().unwrap());
    assert_eq!(said["access"][0]["actions"], serde_json::json!(["pull", "push"]));
    let token = Caller::bearer(issued["token"].as_str().unwrap());
    token.push_blob(&client, "charts/app", b"blob");
}

#[test]
fn a_token_is_good_for_what_it_was_asked_for_and_allowed() {
    let (_office, server) = setup();
    let client = server.client();
    let anna = Caller::basic("anna", PASSWORD);
    let pull = anna.with_scope(&client, "repository:charts/app:pull");
    pull.request(&client, "HEAD", "/v2/charts/app/manifests/v1").send().expect(404);
    let refused = pull.request(&client, "POST", "/v2/charts/app/blobs/uploads/").send().expect(401);
    assert!(refused.headers("WWW-Authenticate")[0].contains("error=\"insufficient_scope\""));
    // Another repository, and one where nothing is allowed, which is left out of the token.
    pull.request(&client, "HEAD", "/v2/charts/other/manifests/v1").send().expect(401);
    let several = anna.with_scope(&client, "repository:charts/a:pull repository:secret/b:pull");
    several.request(&client, "HEAD", "/v2/charts/a/manifests/v1").send().expect(404);
    several.request(&client, "HEAD", "/v2/secret/b/manifests/v1").send().expect(403);
    // What everybody may needs no scope.
    several.request(&client, "HEAD", "/v2/public/c/manifests/v1").send().expect(404);
}

#[test]
fn a_token_gives_no_other_token() {
    let (_office, server) = setup();
    let client = server.client();
    let anna = Caller::basic("anna", PASSWORD);
    for caller in [
        anna.with_scope(&client, "repository:charts/app:pull"),
        anna.with_scope(&client, "registry:catalog:*"),
        Caller::anonymous().with_scope(&client, "repository:public/app:pull"),
    ] {
        for scope in ["repository:charts/app:pull", "repository:charts/other:pull,push", ""] {
            let target = format!("/token?service=chartroom&offline_token=true&scope={}", encode(scope));
            let refused = caller.request(&client, "GET", &target).send().expect(401);
            assert!(refused.text().contains("gives no other token"), "{}", refused.describe());
        }
    }
}

#[test]
fn a_token_without_a_scope_says_that_one_is_let_in() {
    let (_office, server) = setup();
    let client = server.client();
    let login = form(
        &client,
        &[
            ("grant_type", "password"),
            ("username", "anna"),
            ("password", PASSWORD),
            ("service", "chartroom"),
            ("client_id", "oras-go"),
        ],
    );
    let login = login.expect(200).json();
    assert_eq!(login["scope"], "");
    Caller::bearer(login["access_token"].as_str().unwrap())
        .request(&client, "GET", "/v2/")
        .send()
        .expect(200);
    // Nobody in particular is challenged, and then let in, or clients would never learn to ask for tokens.
    client.get("/v2/").send().expect(401);
    let nobody = Caller::anonymous().with_scope(&client, "repository:public/app:pull");
    nobody.request(&client, "GET", "/v2/").send().expect(200);
    nobody.request(&client, "HEAD", "/v2/public/app/manifests/v1").send().expect(404);
    nobody.request(&client, "HEAD", "/v2/charts/app/manifests/v1").send().expect(401);
}

#[test]
fn a_session_goes_on_without_the_password_until_that_changes() {
    let (office, server) = setup();
    let client = server.client();
    let login = form(
        &client,
        &[
            ("grant_type", "password"),
            ("username", "anna"),
            ("password", PASSWORD),
            ("access_type", "offline"),
            ("scope", "repository:charts/a:pull repository:charts/b:pull"),
        ],
    );
    let login = login.expect(200).json();
    assert_eq!(login["scope"], "repository:charts/a:pull repository:charts/b:pull");
    let refresh = login["refresh_token"].as_str().unwrap();
    let again = || {
        form(
            &client,
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh),
                ("scope", "repository:charts/a:push"),
            ],
        )
    };
    let token = again().expect(200).json();
    let token = Caller::bearer(token["access_token"].as_str().unwrap());
    token.push_blob(&client, "charts/a", b"blob");
    // It is no password.
    Caller::basic("anna", refresh).request(&client, "GET", "/v2/").send().expect(401);
    Caller::bearer(refresh).request(&client, "GET", "/v2/").send().expect(401);
    office.run(&["user", "passwd", "anna", "--no-password"]);
    again().expect_error(401, &["UNAUTHORIZED"]);
}

#[test]
fn wrong_credentials_are_refused_even_where_nobody_needs_any() {
    let (_office, server) = setup();
    let client = server.client();
    let wrong = Caller::basic("anna", "wrong");
    for path in ["/token", "/token?scope=repository:public/app:pull", "/v2/", "/v2/public/app/tags/list"] {
        wrong.request(&client, "GET", path).send().expect_error(401, &["UNAUTHORIZED"]);
    }
    let unknown = Caller::basic("nobody", "wrong").request(&client, "GET", "/v2/").send().expect(401);
    let known = Caller::basic("anna", "wrong again").request(&client, "GET", "/v2/").send().expect(401);
    assert_eq!(unknown.text(), known.text(), "whether there is such a user is not told");
    for header in
        ["", "Basic", "Basic !", "Bearer", "Bearer x", "Digest x", "Basic YW5uYQ==", "Bearer eyJ.eyJ.x"]
    {
        let answer = client.get("/v2/").header("Authorization", header).send();
        assert_eq!(answer.status, 401, "{header:?}");
    }
}

#[test]
fn forms_that_make_no_sense_are_refused() {
    let (_office, server) = setup();
    let client = server.client();
    for pairs in [
        &[][..],
        &[("grant_type", "password")],
        &[("grant_type", "client_credentials")],
        &[("grant_type", "refresh_token")],
        &[("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), ("subject_token_type", "x")],
    ] {
        let status = form(&client, pairs).status;
        assert_eq!(status, 400, "{pairs:?}");
    }
    let huge = "x".repeat(100_000);
    assert_eq!(client.post("/token").body(&huge).send().status, 413);
    client.get("/healthz").send().expect(200);
}

#[test]
fn whoever_guesses_has_to_wait() {
    let (_office, server) = setup();
    let client = server.client();
    let mut waits = 0;
    for attempt in 0..8 {
        let answer =
            Caller::basic("anna", &format!("guess {attempt}")).request(&client, "GET", "/v2/").send();
        if answer.status == 429 {
            assert!(answer.need("Retry-After").parse::<u64>().unwrap() >= 1);
            assert_eq!(answer.error_codes(), ["TOOMANYREQUESTS"]);
            waits += 1;
        } else {
            assert_eq!(answer.status, 401);
        }
    }
    assert!(waits >= 2, "{waits}");
    // Others go on.
    client.get("/healthz").send().expect(200);
}

#[test]
fn what_is_revoked_is_refused_from_the_next_request_on() {
    let (office, server) = setup();
    let client = server.client();
    let token = office.token("anna", &["--repositories", "charts/**", "--actions", "pull"]);
    let caller = Caller::basic("x", &token);
    for _ in 0..3 {
        caller.request(&client, "HEAD", "/v2/charts/app/manifests/v1").send().expect(404);
    }
    caller.request(&client, "POST", "/v2/charts/app/blobs/uploads/").send().expect_error(403, &["DENIED"]);
    let id = token.split('_').nth(1).unwrap();
    office.run(&["token", "revoke", id]);
    caller.request(&client, "HEAD", "/v2/charts/app/manifests/v1").send().expect(401);
    let password = Caller::basic("anna", PASSWORD);
    password.request(&client, "HEAD", "/v2/charts/app/manifests/v1").send().expect(404);
    office.run(&["user", "remove", "anna"]);
    password.request(&client, "HEAD", "/v2/charts/app/manifests/v1").send().expect(401);
}

#[test]
fn rules_are_read_anew_and_hold_for_tokens_from_before() {
    let office = Office::new();
    let token = office.robot("ci", &[], &[]);
    let file = office.path("chartroom.toml");
    let rules = |action: &str| {
        format!(
            "[auth]\n[[access]]\nwho = [\"user:ci\"]\nrepositories = [\"**\"]\nactions = [\"{action}\"]\n"
        )
    };
    std::fs::write(&file, rules("pull")).unwrap();
    let server = office.builder("").arg("--config").arg(&file).start();
    let client = server.client();
    let scoped = Caller::basic("ci", &token).with_scope(&client, "repository:app:pull,push");
    scoped.request(&client, "HEAD", "/v2/app/manifests/v1").send().expect(404);
    scoped.request(&client, "GET", "/v2/app/tags/list").send().expect(404);

    std::fs::write(&file, rules("nonsense")).unwrap();
    signal(server.pid(), "HUP");
    let said = server.says("the rules were not read anew");
    assert!(said.contains("nonsense"), "{said}");
    scoped.request(&client, "GET", "/v2/app/tags/list").send().expect(404);

    std::fs::write(&file, rules("delete")).unwrap();
    signal(server.pid(), "HUP");
    server.says("the rules were read anew");
    scoped.request(&client, "GET", "/v2/app/tags/list").send().expect(403);
}

#[test]
fn after_a_restart_clients_get_new_tokens_with_what_they_have() {
    let office = Office::new();
    let token = office.robot("ci", &[], &[]);
    let mut server = office
        .serve("[[access]]\nwho = [\"user:ci\"]\nrepositories = [\"**\"]\nactions = [\"pull\", \"push\"]\n");
    let client = server.client();
    let access = Caller::basic("ci", &token);
    let before = access.with_scope(&client, "repository:app:pull");
    before.request(&client, "GET", "/v2/app/tags/list").send().expect(404);
    server.restart();
    let client = server.client();
    let refused = before.request(&client, "GET", "/v2/app/tags/list").send().expect(401);
    let challenge = refused.headers("WWW-Authenticate").join(" ");
    assert!(
        challenge.contains("Bearer realm=") && challenge.contains("error=\"invalid_token\""),
        "{challenge}"
    );
    let after = access.with_scope(&client, "repository:app:pull");
    after.request(&client, "GET", "/v2/app/tags/list").send().expect(404);
}

#[test]
fn keys_are_published_and_tokens_name_theirs() {
    let (_office, server) = setup();
    let client = server.client();
    let keys = client.get("/.well-known/jwks.json").send().expect(200).json();
    let token = client.get("/token").send().expect(200).json();
    let header = token["token"].as_str().unwrap().split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(keys["keys"][0]["kid"], header["kid"]);
    assert_eq!(header["alg"], "EdDSA");
    assert!(keys["keys"][0].get("d").is_none(), "the private part stays here");
}
