//! `chartroom registry login` and `logout`, and what a stored login is good for.

use std::os::unix::fs::PermissionsExt as _;

use chartroom_test_support::Peer;

use crate::desk::Desk;
use crate::distribution::{Distribution, PASSWORD, USER};
use crate::{HELM, charts, server};

/// Where Helm keeps logins.
const LOGINS: &str = ".helm/config/registry/config.json";

#[test]
fn a_stored_login_is_used_by_all_commands() {
    let Some(registry) = Distribution::with_accounts() else { return };
    let desk = Desk::at(registry.addr());
    charts::plain(&desk, "webapp", "1.0.0", "a: 1\n");
    desk.ok("package webapp");
    let push = "push webapp-1.0.0.tgz REGISTRY/charts --plain-http";
    let refused = desk.fails(push);
    assert!(refused.stderr.contains("hint: ") && refused.stderr.contains("log in"), "{refused:?}");

    let login = format!("registry login HOST --plain-http -u {USER} --password-stdin");
    let run = desk.run_with_input(&login, format!("{PASSWORD}\n").as_bytes());
    assert!(run.status.success(), "{run:?}");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("Login Succeeded\n", ""));
    let mode = desk.path(LOGINS).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    desk.ok(push);
    desk.folder("out");
    desk.remote("pull REGISTRY/charts/webapp -d out");
    assert_eq!(desk.read("out/webapp-1.0.0.tgz"), desk.read("webapp-1.0.0.tgz"));
    assert_eq!(desk.remote("tags REGISTRY/charts/webapp --short").stdout, "1.0.0\n");
    desk.remote("show values REGISTRY/charts/webapp:1.0.0");
    desk.remote("copy REGISTRY/charts/webapp:1.0.0 REGISTRY/mirror/webapp --from-plain-http");

    let run = desk.ok("registry logout HOST");
    assert_eq!(run.stdout, format!("Removing login credentials for {}\n", desk.host()));
    desk.fails("pull REGISTRY/charts/webapp --plain-http");
    // Once more does no harm.
    desk.ok("registry logout HOST");

    // Without a login, but with a name and a password.
    desk.remote(&format!("pull REGISTRY/charts/webapp --username {USER} --password '{PASSWORD}'"));
    desk.fails(&format!("pull REGISTRY/charts/webapp --username {USER} --password wrong --plain-http"));
}

#[test]
fn a_wrong_password_is_said_and_not_stored() {
    let Some(registry) = Distribution::with_accounts() else { return };
    let desk = Desk::at(registry.addr());
    let login = format!("registry login HOST --plain-http -u {USER} --password-stdin");
    for before in [None, Some("{\n\t\"auths\": {},\n\t\"kept\": [1, 2]\n}")] {
        if let Some(before) = before {
            desk.write(LOGINS, before);
        }
        let run = desk.run_with_input(&login, b"hunter2-is-wrong\n");
        assert_eq!(run.status.code(), Some(1), "{run:?}");
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("Error: ") && run.stderr.contains("401"), "{run:?}");
        assert!(run.stderr.contains("hint: "), "{run:?}");
        assert!(!run.stderr.contains("hunter2"), "{run:?}");
        match before {
            None => assert!(!desk.exists(LOGINS)),
            Some(before) => assert_eq!(desk.text(LOGINS), before),
        }
    }
    // A login that succeeds keeps what it does not know.
    let run = desk.run_with_input(&login, PASSWORD.as_bytes());
    assert!(run.status.success(), "{run:?}");
    let stored = serde_json::from_str::<serde_json::Value>(&desk.text(LOGINS)).unwrap();
    assert_eq!(stored["kept"], serde_json::json!([1, 2]));
    assert!(stored["auths"][desk.host()].is_object(), "{stored}");
    desk.ok("registry logout HOST");
    let stored = serde_json::from_str::<serde_json::Value>(&desk.text(LOGINS)).unwrap();
    assert_eq!((&stored["kept"], &stored["auths"]), (&serde_json::json!([1, 2]), &serde_json::json!({})));
}

#[test]
fn helm_and_chartroom_share_their_logins() {
    let Some(registry) = Distribution::with_accounts() else { return };
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::at(registry.addr());
    charts::plain(&desk, "webapp", "1.0.0", "a: 1\n");
    desk.ok("package webapp");
    let login = format!("registry login HOST --plain-http -u {USER} --password-stdin");
    assert!(desk.run_with_input(&login, PASSWORD.as_bytes()).status.success());
    desk.helm(&helm, "push webapp-1.0.0.tgz REGISTRY/charts --plain-http");
    desk.helm(&helm, "registry logout HOST");
    desk.fails("pull REGISTRY/charts/webapp --plain-http");

    desk.helm(&helm, &format!("registry login HOST --plain-http -u {USER} -p '{PASSWORD}'"));
    desk.remote("pull REGISTRY/charts/webapp");
    desk.ok("registry logout HOST");
    assert!(!desk.try_helm(&helm, "pull REGISTRY/charts/webapp --plain-http").status.success());

    // Docker's login counts where Helm has none.
    let auth = "ZGV2OmNvcnJlY3QgaG9yc2U=";
    let docker = serde_json::json!({ "auths": { desk.host(): { "auth": auth } } });
    desk.write(".docker/config.json", docker.to_string());
    desk.remote("pull REGISTRY/charts/webapp");
    desk.ok("registry logout HOST");
    assert!(desk.text(".docker/config.json").contains(auth));
}

#[test]
fn a_password_on_the_command_line_is_warned_of() {
    let Some(registry) = Distribution::with_accounts() else { return };
    let desk = Desk::at(registry.addr());
    let run = desk.ok(&format!("registry login HOST --plain-http -u {USER} -p '{PASSWORD}'"));
    assert_eq!(run.stdout, "Login Succeeded\n");
    assert!(run.stderr.contains("--password-stdin") && !run.stderr.contains(PASSWORD), "{run:?}");
}

#[test]
fn a_login_that_can_not_be_is_refused() {
    let server = server();
    let desk = Desk::at(server.addr());
    for line in [
        "registry login HOST --plain-http -u dev",
        "registry login HOST --plain-http",
        "registry login HOST --plain-http -u dev -p ''",
        "registry login HOST --plain-http -u dev -p x --password-stdin",
        "registry login REGISTRY --plain-http -u dev -p x",
        "registry login '' --plain-http -u dev -p x",
        "registry login 'no host' --plain-http -u dev -p x",
        "registry login HOST -u dev -p x",
        "registry login",
        "registry logout",
    ] {
        desk.fails(line);
    }
}

#[test]
fn a_malformed_file_breaks_only_what_needs_it() {
    let server = server();
    let desk = Desk::at(server.addr());
    charts::plain(&desk, "webapp", "1.0.0", "");
    desk.write(LOGINS, "{\n  \"auths\": {\n    \"x\": oops\n  }\n}\n");
    desk.ok("version");
    desk.ok("package webapp");
    desk.ok("create other");
    desk.ok("show chart webapp");
    let file = desk.path(LOGINS);
    for line in ["push webapp-1.0.0.tgz REGISTRY/charts --plain-http", "registry logout HOST"] {
        let run = desk.fails(line);
        assert!(run.stderr.contains(&*file.to_string_lossy()), "{line}: {run:?}");
        assert!(run.stderr.contains("line 3"), "{line}: {run:?}");
    }
    assert!(desk.text(LOGINS).contains("oops"));
    // Another file can be named, and one that is given by hand needs none.
    desk.write("mine.json", "{}");
    desk.remote("push webapp-1.0.0.tgz REGISTRY/charts --registry-config mine.json");
}
