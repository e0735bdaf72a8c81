//! Where logins are found: files of Helm, Docker and podman, a variable, credential helpers, paths.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chartroom_test_support::{ChartBuilder, TestServer};
use serde_json::json;

use crate::desk::{Desk, finish};
use crate::front::{Answer, Front};
use crate::{charts, server};

/// `user:password` as Basic has it, for users that are called like their password.
const ANN: &str = "YW5uOmFubg==";
const BOB: &str = "Ym9iOmJvYg==";

/// A registry that lets `ann` into what is below `a/`, and `bob` into all else.
fn guarded() -> (TestServer, Front, Desk) {
    let server = server();
    for repository in ["a/webapp", "a/deep/webapp", "b/webapp"] {
        ChartBuilder::new("webapp", "1.0.0").build().push(&server.client(), repository);
    }
    let front = Front::start(server.addr(), |seen| {
        let wanted = if seen.line.contains("/v2/a/") { ANN } else { BOB };
        if seen.header("Authorization") == Some(&format!("Basic {wanted}")) {
            return Answer::Pass;
        }
        Answer::Own(401, "WWW-Authenticate: Basic realm=\"test\"\r\n".to_owned(), String::new())
    });
    let desk = Desk::at(front.addr());
    (server, front, desk)
}

fn auths(entries: &[(String, &str)]) -> String {
    let entries = entries.iter().map(|(key, auth)| (key.clone(), json!({ "auth": auth })));
    json!({ "auths": entries.collect::<serde_json::Map<_, _>>() }).to_string()
}

#[test]
fn a_path_has_its_own_login() {
    let (_server, _front, desk) = guarded();
    let pull = |repository: &str| {
        let folder = repository.replace('/', "-");
        desk.folder(&folder);
        let line = format!("pull REGISTRY/{repository}:1.0.0 -d {folder} --plain-http");
        desk.run(&line).status.success()
    };
    assert!(!pull("a/webapp") && !pull("b/webapp"));
    // Written by hand, as podman would have it.
    let host = desk.host().to_owned();
    let logins = auths(&[(format!("{host}/a"), ANN), (host, BOB)]);
    desk.write(".helm/config/registry/config.json", logins);
    for repository in ["a/webapp", "a/deep/webapp", "b/webapp"] {
        assert!(pull(repository), "{repository}");
    }
}

#[test]
fn a_login_for_a_path_is_stored_and_forgotten_under_it() {
    let server = server();
    let desk = Desk::at(server.addr());
    desk.ok("registry login HOST/team -u ann --password x --plain-http");
    desk.ok("registry login HOST -u bob --password y --plain-http");
    let stored = || {
        let text = desk.text(".helm/config/registry/config.json");
        let stored = serde_json::from_str::<serde_json::Value>(&text).unwrap();
        stored["auths"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let (host, path) = (desk.host().to_owned(), format!("{}/team", desk.host()));
    assert_eq!(stored(), [host.clone(), path]);
    desk.ok("registry logout HOST/team");
    assert_eq!(stored(), [host]);
}

#[test]
fn the_logins_of_others_and_a_pipelines_variable_are_used() {
    let (_server, _front, desk) = guarded();
    let host = desk.host().to_owned();
    let line = "pull REGISTRY/b/webapp:1.0.0 --plain-http";
    let logins = auths(&[(host.clone(), BOB)]);
    let wrong = auths(&[(host, ANN)]);
    for place in [".docker/config.json", ".run/containers/auth.json", ".config/containers/auth.json"] {
        desk.fails(line);
        desk.write(place, &logins);
        let run = desk.ok(&format!("{line} --debug"));
        assert!(run.stderr.contains(&format!("login for {}: ", desk.host())), "{place}: {run:?}");
        assert!(run.stderr.contains(place), "{place}: {run:?}");
        fs::remove_file(desk.path(place)).unwrap();
        fs::remove_file(desk.path("webapp-1.0.0.tgz")).unwrap();
    }
    // podman's own variable.
    desk.write("mine.json", &logins);
    let with =
        |name: &str, value: &str| finish(desk.command(&format!("{line} --debug")).env(name, value), b"");
    assert!(with("REGISTRY_AUTH_FILE", desk.path("mine.json").to_str().unwrap()).status.success());
    // Docker's variable, which holds the text itself, wins over Docker's file and over podman's.
    desk.write(".docker/config.json", &wrong);
    desk.fails(line);
    let run = with("DOCKER_AUTH_CONFIG", &logins);
    assert!(run.status.success() && run.stderr.contains("$DOCKER_AUTH_CONFIG"), "{run:?}");
    assert!(!run.stderr.contains(BOB), "{run:?}");
    // Helm's own file wins over that.
    desk.write(".helm/config/registry/config.json", &wrong);
    assert!(!with("DOCKER_AUTH_CONFIG", &logins).status.success());
    let run = with("DOCKER_AUTH_CONFIG", "{");
    assert!(!run.stderr.contains("malformed"), "what is found before doesn't need it: {run:?}");
    fs::remove_file(desk.path(".helm/config/registry/config.json")).unwrap();
    let run = with("DOCKER_AUTH_CONFIG", "{");
    assert!(run.stderr.contains("`$DOCKER_AUTH_CONFIG` is malformed"), "{run:?}");
}

#[test]
fn a_credential_helper_keeps_the_login() {
    let (_server, _front, desk) = guarded();
    desk.write(
        "bin/docker-credential-drawer",
        "#!/bin/sh\nkept=$HOME/drawer\ncase $1 in\nstore) cat >\"$kept\" ;;\nget) cat \"$kept\" 2>/dev/null || \
         { echo 'credentials not found in native keychain'; exit 1; } ;;\nerase) rm -f \"$kept\" ;;\nesac\n",
    );
    let program = desk.path("bin/docker-credential-drawer");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", desk.path("bin").display(), std::env::var("PATH").unwrap());
    let run = |line: &str, input: &str| finish(desk.command(line).env("PATH", &path), input.as_bytes());
    let config = ".helm/config/registry/config.json";
    // Its own helper counts for the host, whatever else is there.
    let host = desk.host().to_owned();
    let mut logins = serde_json::from_str::<serde_json::Value>(&auths(&[(host.clone(), ANN)])).unwrap();
    logins["credsStore"] = "nowhere".into();
    logins["credHelpers"] = json!({ host: "drawer" });
    desk.write(config, logins.to_string());
    let pull = "pull REGISTRY/b/webapp:1.0.0 --plain-http";
    assert!(!run(pull, "").status.success());
    let login = run("registry login HOST -u bob --password-stdin --plain-http", "bob");
    assert!(login.status.success(), "{login:?}");
    assert!(desk.text("drawer").contains("\"Secret\":\"bob\"") && !desk.text(config).contains(BOB));
    let pulled = run(&format!("{pull} --debug"), "");
    assert!(pulled.status.success() && pulled.stderr.contains("docker-credential-drawer"), "{pulled:?}");
    assert!(run("registry logout HOST", "").status.success());
    assert!(!desk.exists("drawer"));
    assert!(!run(pull, "").status.success());
}

#[test]
fn an_outdated_login_does_not_keep_one_from_what_everybody_may_read() {
    let server = server();
    ChartBuilder::new("webapp", "1.0.0").build().push(&server.client(), "charts/webapp");
    let front = Front::start(server.addr(), |seen| {
        if seen.line.contains(" /token") {
            return match seen.header("Authorization") {
                Some(_) => Answer::Own(403, String::new(), "{\"errors\":[{\"code\":\"DENIED\"}]}".to_owned()),
                None => Answer::Own(200, String::new(), "{\"token\":\"stranger\"}".to_owned()),
            };
        }
        if seen.header("Authorization") == Some("Bearer stranger") {
            return Answer::Pass;
        }
        let realm = format!("http://{}/token", seen.header("Host").unwrap());
        Answer::Own(401, format!("WWW-Authenticate: Bearer realm=\"{realm}\"\r\n"), String::new())
    });
    let desk = Desk::at(front.addr());
    let line = "pull REGISTRY/charts/webapp:1.0.0 --plain-http";
    desk.ok(line);
    desk.write(".docker/config.json", auths(&[(desk.host().to_owned(), ANN)]));
    let run = desk.ok(line);
    assert!(run.stderr.contains("the stored login is refused"), "{run:?}");
    // Who names a login wants that one.
    desk.fails(&format!("{line} --username ann --password ann"));
}

#[test]
fn a_wrong_password_is_shown_once_however_many_charts_there_are() {
    let (_server, front, desk) = guarded();
    for number in 0..6 {
        charts::plain(&desk, &format!("many/chart-{number}"), "1.0.0", "");
    }
    desk.write(".docker/config.json", auths(&[(desk.host().to_owned(), ANN)]));
    let charts = (0..6).map(|number| format!("many/chart-{number}")).collect::<Vec<_>>().join(" ");
    let run = desk.fails(&format!("push {charts} REGISTRY/b --plain-http"));
    assert!(run.stderr.starts_with("Error: ") && run.stderr.contains("401"), "{run:?}");
    let shown = front.seen("").iter().filter(|seen| seen.header("Authorization").is_some()).count();
    assert_eq!(shown, 1, "{:?}", front.seen(""));
}
