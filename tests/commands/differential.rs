//! Every command beside Helm 4.3.1: one line, given to both, each at a desk of its own and with a registry
//! of its own that hold the same. What both print, how they end, what they write, what they ask the
//! registry for and what is in it afterwards has to be the same. Where we differ on purpose, the case says
//! in what, and names the row of `docs/compatibility.md` that says so; and then it does have to differ.

mod cases;
mod compare;
mod create;
mod package;
mod plain;
mod pull;
mod push;
mod registry;
mod show;
mod stock;

use std::fmt::Write as _;
use std::os::unix::process::CommandExt as _;

use chartroom_test_support::{Peer, TestServer};

use crate::desk::{Desk, Run, finish};
use crate::distribution::Distribution;
use crate::front::{Answer, Front};
use crate::{HELM, server};
use cases::Case;
use compare::{Trace, differences};

/// Who runs a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Chartroom,
    Helm,
}

/// What there is for one of the two.
struct Side {
    who: Who,
    front: Front,
    /// What runs as long as it is held.
    _registry: (Option<TestServer>, Option<Distribution>),
}

impl Side {
    fn open(who: Who) -> Self {
        let registry = server();
        let client = registry.client();
        stock::fill(&client);
        let front = Front::start(registry.addr(), |_| Answer::Pass);
        Self { who, front, _registry: (Some(registry), None) }
    }

    /// One with accounts; nothing where there is no such registry.
    fn with_accounts(who: Who) -> Option<Self> {
        let registry = Distribution::with_accounts()?;
        let front = Front::start(registry.addr(), |_| Answer::Pass);
        Some(Self { who, front, _registry: (None, Some(registry)) })
    }

    /// Runs a case at a desk that was not used before.
    fn run(&self, helm: &Peer, case: &Case) -> Trace {
        let desk = Desk::at(self.front.addr());
        stock::lay_out(&desk);
        for line in case.before {
            self.line(helm, &desk, line, case);
        }
        let before = self.front.seen("").len();
        let run = self.line(helm, &desk, case.line, case);
        let requests = self.front.seen("").split_off(before);
        Trace::of(&desk, run, &requests)
    }

    fn line(&self, helm: &Peer, desk: &Desk, line: &str, case: &Case) -> Run {
        let mut command = match self.who {
            Who::Chartroom => {
                let mut command = desk.command(line);
                command.arg0("helm");
                command
            }
            Who::Helm => desk.helm_command(helm, line),
        };
        command.envs(case.variables.iter().copied());
        finish(&mut command, case.input.as_bytes())
    }
}

/// Runs all cases on both sides, and tells all that differ.
fn check(cases: &[Case], sides: Option<[Side; 2]>) {
    let Some(helm) = Peer::find(HELM) else { return };
    let Some([ours, theirs]) = sides else { return };
    let told = include_str!("../../docs/compatibility.md");
    let mut report = String::new();
    for case in cases {
        let (ours, theirs) = std::thread::scope(|scope| {
            let ours = scope.spawn(|| ours.run(&helm, case));
            let theirs = theirs.run(&helm, case);
            (ours.join().unwrap(), theirs)
        });
        let found = differences(&ours, &theirs, case);
        for (aspect, text) in &found {
            if !case.accepts(*aspect) {
                let _ = writeln!(report, "\n==== {}\n{aspect:?} differ:\n{text}", case.line);
            }
        }
        for (aspect, row) in case.accepted() {
            if !told.contains(&format!("\n| {row} |")) {
                let _ = writeln!(report, "\n==== {}\nno row of docs/compatibility.md says: {row}", case.line);
            }
            if !found.iter().any(|(differing, _)| *differing == aspect) {
                let _ = writeln!(report, "\n==== {}\n{aspect:?} no longer differ ({row})", case.line);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

fn open_sides() -> Option<[Side; 2]> {
    Some([Side::open(Who::Chartroom), Side::open(Who::Helm)])
}

#[test]
fn there_are_enough_cases() {
    let all = [
        create::CASES,
        package::CASES,
        plain::CASES,
        pull::CASES,
        push::CASES,
        registry::CASES,
        registry::WITH_ACCOUNTS,
        show::CASES,
    ];
    let count = all.iter().map(|cases| cases.len()).sum::<usize>();
    assert!(count >= 150, "{count}");
}

#[test]
fn create() {
    check(create::CASES, open_sides());
}

#[test]
fn package() {
    check(package::CASES, open_sides());
}

#[test]
fn env_completion_and_version() {
    check(plain::CASES, open_sides());
}

#[test]
fn pull() {
    check(pull::CASES, open_sides());
}

#[test]
fn push() {
    check(push::CASES, open_sides());
}

#[test]
fn registry_login_and_logout() {
    check(registry::CASES, open_sides());
    let accounts = Side::with_accounts(Who::Chartroom).zip(Side::with_accounts(Who::Helm));
    check(registry::WITH_ACCOUNTS, accounts.map(|(ours, theirs)| [ours, theirs]));
}

#[test]
fn show() {
    check(show::CASES, open_sides());
}
