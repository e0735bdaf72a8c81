//! Two desks side by side, one for Chartroom by the name `helm` and one for stock Helm: the same lines on
//! both must print the same, end the same, and leave the same files.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use chartroom_chart::{Limits, read_archive};
use chartroom_test_support::{Peer, Website};

use crate::HELM;
use crate::desk::{Desk, Run};

/// The two, a registry for both, and a web server that `WEBSITE` stands for in lines and files.
pub(crate) struct Twins {
    pub(crate) ours: Desk,
    pub(crate) theirs: Desk,
    helm: Peer,
    pub(crate) website: Website,
}

impl Twins {
    /// With this registry; nothing where Helm is not there.
    #[track_caller]
    pub(crate) fn at(registry: SocketAddr, website: Website) -> Option<Self> {
        let helm = Peer::find(HELM)?;
        Some(Self { ours: Desk::at(registry), theirs: Desk::at(registry), helm, website })
    }

    /// Without a registry.
    #[track_caller]
    pub(crate) fn alone(website: Website) -> Option<Self> {
        let helm = Peer::find(HELM)?;
        let ours = Desk::alone();
        let theirs = Desk::at(ours.host().parse().unwrap());
        Some(Self { ours, theirs, helm, website })
    }

    fn filled(&self, text: &str) -> String {
        let registry = format!("oci://{}", self.ours.host());
        text.replace("WEBSITE", &self.website.url()).replace("REGISTRY", &registry)
    }

    /// Writes a file on both; `WEBSITE` and `REGISTRY` are filled in.
    pub(crate) fn write(&self, path: &str, text: &str) {
        for desk in [&self.ours, &self.theirs] {
            desk.write(path, self.filled(text));
            desk.set_modified(path, 1_700_000_000);
        }
    }

    /// Writes bytes on both.
    pub(crate) fn put(&self, path: &str, content: &[u8]) {
        for desk in [&self.ours, &self.theirs] {
            desk.write(path, content);
        }
    }

    /// Does the same with both.
    pub(crate) fn each(&self, change: impl Fn(&Desk)) {
        change(&self.ours);
        change(&self.theirs);
    }

    /// Runs a line on both.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> (Run, Run) {
        let line = self.filled(line);
        (self.ours.as_helm(&line), self.theirs.try_helm(&self.helm, &line))
    }

    /// Runs a line that must do the same on both, and gives what it printed here.
    #[track_caller]
    pub(crate) fn same(&self, line: &str) -> Run {
        self.compared(line, &|text| text)
    }

    /// The same, where Helm prints in an order that chance decides.
    #[track_caller]
    pub(crate) fn same_in_any_order(&self, line: &str) -> Run {
        self.compared(line, &|text| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            lines.join("\n")
        })
    }

    #[track_caller]
    fn compared(&self, line: &str, ordered: &dyn Fn(String) -> String) -> Run {
        let (ours, theirs) = self.run(line);
        assert!(!ours.stderr.contains("panicked"), "{line}: {ours:?}");
        assert_eq!(ours.status.code(), theirs.status.code(), "{line}\n{ours:#?}\n{theirs:#?}");
        let here = |text: &str| ordered(plain(text, &self.ours));
        let there = |text: &str| ordered(plain(text, &self.theirs));
        assert_eq!(here(&ours.stdout), there(&theirs.stdout), "{line}\n{ours:#?}\n{theirs:#?}");
        // Remedies are ours alone.
        let errors: String = ours
            .stderr
            .lines()
            .filter(|line| !line.starts_with("hint: "))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(here(&errors), there(&theirs.stderr), "{line}\n{ours:#?}\n{theirs:#?}");
        self.same_files(line);
        ours
    }

    /// Runs a line that must fail on both, and say this among words of their own.
    #[track_caller]
    pub(crate) fn both_fail(&self, line: &str, says: &str) -> Run {
        let (ours, theirs) = self.run(line);
        let says = self.filled(says);
        for run in [&ours, &theirs] {
            assert_eq!(run.status.code(), Some(1), "{line}: {run:?}");
            assert!(run.stderr.contains(&says), "{line}: {says:?} is not in {run:?}");
        }
        assert!(!ours.stderr.contains("panicked"), "{line}: {ours:?}");
        ours
    }

    /// The files on both are the same: archives by what is in them, locks and indexes without times.
    #[track_caller]
    pub(crate) fn same_files(&self, line: &str) {
        let (ours, theirs) = (files(&self.ours), files(&self.theirs));
        let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&ours), names(&theirs), "{line}");
        for (name, content) in ours {
            assert_eq!(content, theirs[&name], "{line}: {name}");
        }
    }
}

fn plain(text: &str, desk: &Desk) -> String {
    text.replace(desk.path("").to_str().unwrap().trim_end_matches('/'), "~")
}

fn files(desk: &Desk) -> BTreeMap<String, String> {
    let contents = desk.contents("").into_iter();
    // What is kept of downloads is each program's own affair.
    let contents = contents.filter(|(name, _)| !name.contains("/cache/content"));
    contents.map(|(name, content)| (name.clone(), readable(&name, &content))).collect()
}

fn readable(name: &str, content: &[u8]) -> String {
    if name.ends_with(".tgz")
        && let Ok(files) = read_archive(content, &Limits::default())
    {
        let shown =
            |file: &chartroom_chart::File| format!("{}: {}", file.name, readable(&file.name, &file.data));
        let mut files: Vec<String> = files.iter().map(shown).collect();
        files.sort();
        return files.join("\n");
    }
    let text = String::from_utf8_lossy(content);
    let timed = |line: &str| {
        ["generated:", "created:", "\"generated\":", "\"created\":"]
            .iter()
            .any(|key| line.trim_start().starts_with(key))
    };
    let mut lines: Vec<&str> = text.lines().filter(|line| !timed(line)).collect();
    if name.ends_with("-charts.txt") {
        lines.sort_unstable();
    }
    lines.join("\n")
}
