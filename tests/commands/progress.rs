//! Bars for what takes longer than a moment: at a terminal, and nowhere else.

use chartroom_test_support::{ChartBuilder, Terminal};

use crate::desk::Desk;
use crate::front::{Answer, Front, Gate};
use crate::server;

/// What goes back to the beginning of a line and empties it.
const ERASED: &str = "\r\u{1b}[2K";

/// A desk whose registry holds every blob of 1 MB and more back half way, and what opens the way.
fn slow() -> (chartroom_test_support::TestServer, Front, Gate, Desk) {
    let server = server();
    for name in ["webapp", "worker"] {
        let chart = ChartBuilder::new(name, "1.0.0").padding(2_000_000).build();
        chart.push(&server.client(), &format!("charts/{name}"));
    }
    let gate = Gate::default();
    let held = gate.clone();
    let front = Front::start(server.addr(), move |seen| {
        if seen.line.starts_with("GET ") && seen.line.contains("/blobs/") {
            return Answer::Hold(1_000_000, held.clone());
        }
        Answer::Pass
    });
    let desk = Desk::at(front.addr());
    (server, front, gate, desk)
}

/// What a terminal shows in the end: its lines, without those that were erased again.
fn left(screen: &str) -> Vec<String> {
    let lines = screen.split('\n').map(|line| line.rsplit(ERASED).next().unwrap_or_default());
    let lines = lines.map(|line| line.trim_matches('\r').to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn a_download_that_takes_long_shows_a_bar_and_takes_it_away() {
    let (_server, _front, gate, desk) = slow();
    let terminal = Terminal::start(&desk.command("pull REGISTRY/charts/webapp:1.0.0 --plain-http"));
    terminal.shows("MiB");
    let shown = terminal.screen();
    assert!(shown.contains("/charts/webapp:1.0.0 ["), "{shown:?}");
    gate.open();
    let (status, screen, _) = terminal.finish();
    assert!(status.success(), "{screen:?}");
    let left = left(&screen);
    assert_eq!(left.len(), 2, "{left:?} of {screen:?}");
    assert!(left[0].starts_with("Pulled: ") && left[1].starts_with("Digest: "), "{left:?}");
    assert!(desk.exists("webapp-1.0.0.tgz"));
}

#[test]
fn several_at_once_have_a_bar_each() {
    let (_server, _front, gate, desk) = slow();
    let line = "pull REGISTRY/charts/webapp:1.0.0 REGISTRY/charts/worker:1.0.0 --plain-http";
    let terminal = Terminal::with_piped_output(&desk.command(line));
    terminal.shows("/charts/webapp:1.0.0 ");
    terminal.shows("/charts/worker:1.0.0 ");
    gate.open();
    let (status, screen, output) = terminal.finish();
    assert!(status.success(), "{screen:?}");
    // The result is in the pipe, to the byte.
    assert_eq!(output.lines().count(), 4, "{output:?}");
    assert!(!output.contains('\u{1b}') && !output.contains("MiB"), "{output:?}");
    assert_eq!(left(&screen), Vec::<String>::new(), "{screen:?}");
}

#[test]
fn an_upload_has_a_bar_too_and_errors_stand_alone() {
    let server = server();
    let gate = Gate::default();
    let held = gate.clone();
    let front = Front::start(server.addr(), move |seen| {
        if seen.line.starts_with("PUT ") && seen.line.contains("/blobs/uploads/") {
            return Answer::Refrain(held.clone());
        }
        if seen.line.starts_with("PUT ") {
            return Answer::Own(403, String::new(), "not today".to_owned());
        }
        Answer::Pass
    });
    let desk = Desk::at(front.addr());
    // More than networks take in by themselves.
    let chart = ChartBuilder::new("webapp", "1.0.0").padding(60_000_000).build();
    desk.write("webapp-1.0.0.tgz", chart.archive);
    let terminal = Terminal::start(&desk.command("push webapp-1.0.0.tgz REGISTRY/charts --plain-http"));
    terminal.shows("/charts/webapp:1.0.0 [");
    gate.open();
    let (status, screen, _) = terminal.finish();
    assert_eq!(status.code(), Some(1), "{screen:?}");
    let left = left(&screen);
    assert!(left[0].starts_with("Error: ") && left.iter().all(|line| !line.contains("MiB")), "{left:?}");
}

#[test]
fn nobody_sees_bars_in_pipes_under_debug_or_at_a_dumb_terminal() {
    let (_server, _front, gate, desk) = slow();
    let line = "pull REGISTRY/charts/webapp:1.0.0 --plain-http";
    let mut piped = desk.command(line);
    piped.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    let piped = piped.spawn().unwrap();
    let debug = Terminal::start(&desk.command(&format!("{line} --debug")));
    let dumb = Terminal::start(desk.command(line).env("TERM", "dumb"));
    debug.shows("/blobs/");
    // Who begins last and has a bar: the others would have had theirs for long.
    let last = Terminal::start(&desk.command(line));
    last.shows("MiB");
    gate.open();
    for (what, terminal) in [("debug", debug), ("dumb", dumb)] {
        let (status, screen, _) = terminal.finish();
        assert!(status.success() && screen.contains("Pulled: "), "{what}: {screen:?}");
        assert!(!screen.contains("MiB") && !screen.contains('\u{1b}'), "{what}: {screen:?}");
    }
    assert_eq!(String::from_utf8(piped.wait_with_output().unwrap().stderr).unwrap(), "");
    assert!(last.finish().0.success());
}

#[test]
fn a_copy_shows_one_bar_for_what_passes_through() {
    let (_server, front, gate, _desk) = slow();
    let target = server();
    let desk = Desk::at(target.addr());
    let line = format!("copy oci://{}/charts/webapp:1.0.0 REGISTRY/mirror/webapp", front.addr());
    let command = desk.command(&format!("{line} --from-plain-http --plain-http"));
    let terminal = Terminal::start(&command);
    terminal.shows("webapp (chart)");
    terminal.shows("MiB");
    let drawn = terminal.screen();
    let last = drawn.rsplit(ERASED).next().unwrap_or_default();
    assert!(last.matches("webapp (chart)").count() <= 1, "{drawn:?}");
    gate.open();
    let (status, screen, _) = terminal.finish();
    let left = left(&screen);
    assert!(status.success() && left.len() == 2 && left[0].starts_with("Copied: "), "{left:?}");
}
