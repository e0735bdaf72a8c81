//! What is secret stays so: nothing of it is in a log, whatever goes wrong.

use std::fs;

use crate::accounts::{Caller, Office};
use chartroom_test_support::{Issuer, IssuerKey as Key};

#[test]
fn no_credential_is_in_any_log() {
    let office = Office::new();
    let issuer = Issuer::start(Key::ecdsa("first"));
    let audit = office.path("audit.log");
    let config = format!(
        "[log]\nlevel = \"trace\"\n[audit]\nfile = {audit:?}\nreads = true\n[auth]\n\
         [[auth.issuer]]\nname = \"ci\"\nissuer = \"{}\"\naudience = \"here\"\n\
         [[access]]\nwho = [\"*\"]\nrepositories = [\"charts/**\"]\nactions = [\"pull\", \"push\"]\n",
        issuer.url()
    );
    let password = "planted-password-of-anna";
    office.add("anna", password, &[]);
    let token = office.token("anna", &[]);
    let server = office.serve(&config);
    let client = server.client();
    let identity = issuer.token("here", &serde_json::json!({ "repository": "x" }));
    let wrong = "planted-wrong-password";
    let form = format!("grant_type=password&username=anna&password={password}&access_type=offline");
    let login = client.post("/token").body(&form).send().expect(200).json();
    let mut secrets = vec![password, wrong, token.rsplit('_').next().unwrap(), &identity];
    for name in ["token", "refresh_token"] {
        secrets.push(login[name].as_str().unwrap());
    }
    for caller in [
        Caller::basic("anna", password),
        Caller::basic("anna", &token),
        Caller::basic("x", &identity),
        Caller::bearer(login["token"].as_str().unwrap()),
        Caller::basic("anna", wrong),
        Caller::bearer(wrong),
    ] {
        for path in [
            "/v2/",
            "/token?scope=repository:charts/app:pull",
            "/v2/charts/app/tags/list",
            "/v2/secret/tags/list",
        ] {
            caller.request(&client, "GET", path).send();
        }
        caller.request(&client, "POST", "/v2/charts/app/blobs/uploads/").send();
    }
    // In a query, where nobody should put it.
    client.get(&format!("/token?password={password}")).send();
    client.post("/token").body(&format!("grant_type=refresh_token&refresh_token={wrong}")).send();
    let mut server = server;
    server.terminate();
    let log = format!("{}{}", server.stderr(), fs::read_to_string(&audit).unwrap());
    assert!(log.contains("user:anna") && log.contains("unknown user or wrong password"), "{log}");
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in a log");
        // Nor as it is sent.
        let sent = crate::basic("anna", secret);
        assert!(!log.contains(sent.trim_start_matches("Basic ")), "{secret} is in a log, encoded");
    }
}

#[test]
fn the_audit_log_says_who_did_what_and_by_which_rule() {
    let office = Office::new();
    let audit = office.path("audit.log");
    let token = office.robot("ci", &[], &[]);
    let mut server = office.serve(&format!(
        "[audit]\nfile = {audit:?}\n[auth]\ntrusted_proxies = [\"127.0.0.1\"]\n\
         [[access]]\nwho = [\"user:nobody\"]\nrepositories = [\"**\"]\nactions = [\"pull\"]\n\
         [[access]]\nwho = [\"user:ci\"]\nrepositories = [\"charts/**\"]\nactions = [\"pull\", \"push\"]\n"
    ));
    let client = server.client();
    let ci = Caller::basic("ci", &token);
    let from =
        |request: chartroom_test_support::Request<'_>| request.header("X-Forwarded-For", "192.0.2.7").send();
    from(ci.request(&client, "POST", "/v2/charts/app/blobs/uploads/?secret=1")).expect(202);
    from(ci.request(&client, "DELETE", "/v2/charts/app/manifests/v1")).expect(403);
    from(ci.request(&client, "GET", "/v2/charts/app/tags/list")).expect(404);
    from(Caller::basic("ci", "wrong").request(&client, "GET", "/v2/")).expect(401);
    server.terminate();
    let lines: Vec<serde_json::Value> =
        fs::read_to_string(&audit).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "reading is not recorded unless that is asked for: {lines:?}");
    let [pushed, refused, unknown] = &lines[..] else { unreachable!() };
    assert_eq!(pushed["who"], "user:ci");
    assert_eq!(pushed["credential"], "access-token");
    assert_eq!(pushed["address"], "192.0.2.7");
    assert_eq!(pushed["path"], "/v2/charts/app/blobs/uploads/", "without the query");
    assert_eq!(
        (&pushed["action"], &pushed["allowed"], &pushed["rule"]),
        (&"push".into(), &true.into(), &2.into())
    );
    assert_eq!((&refused["action"], &refused["allowed"]), (&"delete".into(), &false.into()));
    assert_eq!(refused["repository"], "charts/app");
    assert_eq!((&unknown["who"], &unknown["allowed"]), (&"unknown".into(), &false.into()));
    assert!(unknown["reason"].as_str().unwrap().contains("wrong password"));
}
