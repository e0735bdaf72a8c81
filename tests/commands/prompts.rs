//! `chartroom registry login` at a terminal: what is asked, and that a secret is not shown.

use chartroom_test_support::{Peer, Terminal};

use crate::HELM;
use crate::desk::Desk;
use crate::distribution::{Distribution, PASSWORD, USER};
use crate::front::{Answer, Front};
use crate::server;

const LOGINS: &str = ".helm/config/registry/config.json";

/// Logs in at a terminal, answering what is asked; gives what was on the screen.
fn log_in(terminal: Terminal, answers: &[(&str, &str, bool)]) -> (bool, String) {
    let mut terminal = terminal;
    for (question, answer, shown) in answers {
        terminal.shows(question);
        if !shown {
            terminal.hides();
        }
        terminal.types(&format!("{answer}\n"));
    }
    let (status, screen, _) = terminal.finish();
    (status.success(), screen)
}

#[test]
fn the_user_is_asked_and_the_password_is_not_shown() {
    let Some(registry) = Distribution::with_accounts() else { return };
    let desk = Desk::at(registry.addr());
    let line = "registry login HOST --plain-http";
    let both = [("Username: ", USER, true), ("Password: ", PASSWORD, false)];
    let (done, screen) = log_in(Terminal::start(&desk.command(line)), &both);
    assert!(done && screen.contains("Login Succeeded") && screen.contains(USER), "{screen:?}");
    assert!(!screen.contains(PASSWORD), "{screen:?}");
    assert!(desk.text(LOGINS).contains("ZGV2OmNvcnJlY3QgaG9yc2U="), "{}", desk.text(LOGINS));

    // What is said on the command line is not asked.
    desk.ok("registry logout HOST");
    let command = desk.command(&format!("{line} -u {USER}"));
    let (done, screen) = log_in(Terminal::start(&command), &both[1..]);
    assert!(done && !screen.contains("Username"), "{screen:?}");

    // A wrong one fails, and stays hidden too.
    let wrong = [("Username: ", USER, true), ("Password: ", "hunter2", false)];
    let (done, screen) = log_in(Terminal::start(&desk.command(line)), &wrong);
    assert!(
        !done && screen.contains("Error: authenticating to") && !screen.contains("hunter2"),
        "{screen:?}"
    );
}

#[test]
fn helm_asks_the_same() {
    let Some(helm) = Peer::find(HELM) else { return };
    let Some(registry) = Distribution::with_accounts() else { return };
    let both = [("Username: ", USER, true), ("Password: ", PASSWORD, false)];
    let line = "registry login HOST --plain-http";
    let mut screens = Vec::new();
    for theirs in [false, true] {
        let desk = Desk::at(registry.addr());
        let command = if theirs { desk.helm_command(&helm, line) } else { desk.command(line) };
        let (done, screen) = log_in(Terminal::start(&command), &both);
        assert!(done, "{screen:?}");
        screens.push((screen, desk.text(LOGINS)));
    }
    assert_eq!(screens[0], screens[1]);
}

#[test]
fn without_a_user_a_token_is_asked_for() {
    let server = server();
    let front = Front::start(server.addr(), |seen| {
        let host = seen.header("Host").unwrap();
        if seen.line == "POST /token" {
            let headers = "Content-Type: application/json\r\n".to_owned();
            return Answer::Own(200, headers, r#"{"access_token":"good"}"#.to_owned());
        }
        if seen.header("Authorization") == Some("Bearer good") {
            return Answer::Pass;
        }
        let challenge =
            format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"test\"\r\n");
        Answer::Own(401, challenge, String::new())
    });
    let desk = Desk::at(front.addr());
    let command = desk.command("registry login HOST --plain-http");
    let answers = [("Username: ", "", true), ("Token: ", "an-identity-token", false)];
    let (done, screen) = log_in(Terminal::start(&command), &answers);
    assert!(done && !screen.contains("an-identity-token"), "{screen:?}");
    let asked = front.seen("POST /token");
    let form = String::from_utf8(asked[0].body.clone()).unwrap();
    assert!(form.contains("grant_type=refresh_token&refresh_token=an-identity-token&"), "{form}");
    let stored = serde_json::from_str::<serde_json::Value>(&desk.text(LOGINS)).unwrap();
    assert_eq!(stored["auths"][desk.host()], serde_json::json!({ "identitytoken": "an-identity-token" }));
    // It is what later commands log in with.
    chartroom_test_support::ChartBuilder::new("webapp", "1.0.0")
        .build()
        .push(&server.client(), "charts/webapp");
    desk.remote("pull REGISTRY/charts/webapp:1.0.0");
    assert!(front.seen("POST /token").len() >= 2);
}
