//! Follows the guide: block by block, command by command, with one tool at one registry, and notes
//! what came of it, so that it can be compared with what came of it elsewhere.

use std::collections::BTreeMap;

use chartroom_chart::{Limits, read_archive};
use chartroom_oci::Digest;
use serde_json::Value;

use crate::place::{Desk, Place, Run, Tool};

/// A block of commands under a heading of the guide.
pub(crate) struct Block {
    /// The guide's headings.
    pub(crate) heading: &'static str,
    /// What the guide's reader has before.
    pub(crate) given: fn(&Desk<'_>),
    pub(crate) environment: &'static [(&'static str, &'static str)],
    pub(crate) steps: &'static [Step],
    /// What must be there after it.
    pub(crate) then: fn(&mut Checks<'_>),
}

/// One command of a block, with the comment above it.
pub(crate) struct Step {
    /// The text of the guide, to the letter.
    pub(crate) text: &'static str,
    pub(crate) how: How,
}

/// What is to be done with the text.
pub(crate) enum How {
    /// Run as it stands.
    AsIs,
    /// Run as it stands, and what it prints is each tool's own.
    OwnWords,
    /// Run another text, for a reason.
    Instead {
        text: &'static str,
        #[expect(dead_code, reason = "it is for readers")]
        why: &'static str,
    },
    /// Run at a terminal, with what is typed there after each prompt.
    Asked { text: &'static str, dialogue: &'static [(&'static str, &'static str)] },
    /// Stock Helm can't do it, and says this; Chartroom does it, by these words if not by the same.
    HelmFails { says: &'static str, chartroom: Option<&'static str> },
    /// Not run: it needs a cluster.
    NeedsCluster,
    /// Not run: no command, but what one prints.
    Shown,
}

/// A step that is run as it stands.
pub(crate) const fn run(text: &'static str) -> Step {
    Step { text, how: How::AsIs }
}

/// A step that is run as it stands, and at which each tool says something of its own.
pub(crate) const fn own_words(text: &'static str) -> Step {
    Step { text, how: How::OwnWords }
}

pub(crate) const fn needs_cluster(text: &'static str) -> Step {
    Step { text, how: How::NeedsCluster }
}

pub(crate) const fn instead(text: &'static str, why: &'static str, other: &'static str) -> Step {
    Step { text, how: How::Instead { text: other, why } }
}

/// A step at which Helm fails with these words.
pub(crate) const fn helm_fails(text: &'static str, says: &'static str) -> Step {
    Step { text, how: How::HelmFails { says, chartroom: None } }
}

/// What came of a walk: charts in the registry and words on the screen, without what must differ.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// By block and reference.
    pub(crate) charts: BTreeMap<String, Stored>,
    /// By block and step, where both tools are to say the same: the standard output.
    pub(crate) words: BTreeMap<String, String>,
    /// By block, where both tools can do all of it: the hosts that were reached.
    pub(crate) hosts: BTreeMap<String, Vec<String>>,
}

/// A chart in a registry.
#[derive(Debug, PartialEq)]
pub(crate) struct Stored {
    /// The manifest; where the archive was the tool's own work, without what depends on when it was
    /// made and how it was compressed.
    pub(crate) manifest: String,
    pub(crate) config: String,
    /// The files of the archive.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Follows these blocks. Each has a folder of its own; logins last, as they are kept in the home.
#[track_caller]
pub(crate) fn walk(place: &Place, blocks: &[Block]) -> Record {
    let mut record = Record::default();
    for block in blocks {
        let desk = place.desk(&format!("work/{}", block.heading.replace('/', "_")));
        (block.given)(&desk);
        let before = desk.names();
        let runs = carry_out(&desk, block);
        for (number, (text, run)) in runs.iter().enumerate() {
            let step = block.steps.iter().find(|step| step.text == *text).unwrap();
            if matches!(step.how, How::AsIs) {
                let words = plain(&run.stdout, place);
                record.words.insert(format!("{} #{number} {text}", block.heading), words);
            }
        }
        let hosts = place.road.reached().into_iter().collect::<Vec<_>>();
        if block.steps.iter().all(|step| !matches!(step.how, How::HelmFails { .. })) {
            record.hosts.insert(block.heading.to_owned(), hosts);
        }
        let runs = runs.into_iter().map(|(_, run)| run).collect::<Vec<_>>();
        let mut checks = Checks { desk: &desk, runs: &runs, before, block, record: &mut record };
        checks.announcements();
        (block.then)(&mut checks);
        assert_eq!(place.road.strayed(), [""; 0], "{}", block.heading);
    }
    record
}

/// Runs the steps of a block. Each must end as it should.
#[track_caller]
fn carry_out(desk: &Desk<'_>, block: &Block) -> Vec<(&'static str, Run)> {
    let helm = desk.place.tool == Tool::Helm;
    let mut done = Vec::new();
    let mut waiting = Vec::new();
    let flush = |waiting: &mut Vec<(&'static str, &'static str, Option<&'static str>)>, done: &mut Vec<_>| {
        let steps = waiting.iter().map(|(_, text, _)| *text).collect::<Vec<_>>();
        let runs = desk.run(&steps, block.environment);
        for ((original, text, failure), run) in waiting.drain(..).zip(runs) {
            let context =
                format!("{:?} {:?} {}: {text}: {run:#?}", desk.place.tool, desk.place.kind, block.heading);
            match failure {
                None => assert_eq!(run.code, 0, "{context}"),
                Some(says) => {
                    assert_ne!(run.code, 0, "{context}");
                    assert!(run.stderr.contains(says), "{context}");
                }
            }
            assert!(!run.stderr.contains("panicked"), "{context}");
            done.push((original, run));
        }
    };
    for Step { text, how } in block.steps {
        match how {
            How::AsIs | How::OwnWords => waiting.push((*text, *text, None)),
            How::Instead { text: other, .. } => waiting.push((*text, *other, None)),
            How::HelmFails { says, .. } if helm => waiting.push((*text, *text, Some(*says))),
            How::HelmFails { chartroom, .. } => waiting.push((*text, chartroom.unwrap_or(text), None)),
            How::Asked { text: other, dialogue } => {
                flush(&mut waiting, &mut done);
                let run = desk.at_terminal(other, dialogue).unwrap_or_else(|| {
                    // Without a terminal, what comes after still needs the login.
                    let [(_, user), (_, password)] = dialogue else { panic!("a name and a password") };
                    let line = format!("{other} --username {user} --password-stdin <<< '{password}'");
                    desk.run(&[&line], &[]).remove(0)
                });
                assert_eq!(run.code, 0, "{}: {other}: {run:#?}", block.heading);
                done.push((*text, run));
            }
            How::NeedsCluster | How::Shown => {}
        }
    }
    flush(&mut waiting, &mut done);
    done
}

/// What was printed, without what differs by its nature: digests and where the home is.
fn plain(text: &str, place: &Place) -> String {
    let text = text.replace(&place.home().display().to_string(), "~");
    let mut parts = text.split("sha256:");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str("sha256:…");
        plain.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    plain
}

/// What can be asked after a block.
pub(crate) struct Checks<'a> {
    pub(crate) desk: &'a Desk<'a>,
    pub(crate) runs: &'a [Run],
    before: Vec<String>,
    block: &'a Block,
    record: &'a mut Record,
}

impl Checks<'_> {
    pub(crate) fn is_helm(&self) -> bool {
        self.desk.place.tool == Tool::Helm
    }

    /// Every digest that was announced is the one of the manifest that stands there.
    #[track_caller]
    fn announcements(&self) {
        for run in self.runs {
            let lines = run.stdout.lines().chain(run.stderr.lines()).collect::<Vec<_>>();
            for pair in lines.windows(2) {
                let announced = ["Pushed: ", "Pulled: "].iter().find_map(|word| pair[0].strip_prefix(word));
                let (Some(reference), Some(digest)) = (announced, pair[1].strip_prefix("Digest: ")) else {
                    continue;
                };
                let (_, path) = reference.split_once('/').unwrap();
                let (repository, tag) = path.rsplit_once(':').unwrap();
                let manifest = self.desk.place.witness.manifest(repository, tag);
                // What an earlier step pushed may have been replaced by a later one.
                let replaced = self.runs.iter().filter(|run| run.stdout.contains(pair[0])).count() > 1;
                assert!(replaced || Digest::sha256(&manifest).to_string() == digest, "{run:?}");
            }
        }
    }

    /// A chart is under this tag, whole: its config and archive agree with it.
    #[track_caller]
    pub(crate) fn tagged(&mut self, repository: &str, tag: &str) {
        self.stored(repository, tag, true);
    }

    /// The same for an archive that all tools were given: its manifest is the same to the byte.
    #[track_caller]
    pub(crate) fn tagged_exactly(&mut self, repository: &str, tag: &str) {
        self.stored(repository, tag, false);
    }

    #[track_caller]
    fn stored(&mut self, repository: &str, tag: &str, own_archive: bool) {
        let witness = &self.desk.place.witness;
        let tags = witness.tags(repository);
        assert!(tags.iter().any(|there| there == tag), "{repository} has {tags:?}, not {tag}");
        let manifest = String::from_utf8(witness.manifest(repository, tag)).unwrap();
        let json = serde_json::from_str::<Value>(&manifest).unwrap();
        let digest = |of: &Value| of["digest"].as_str().unwrap().to_owned();
        let config = String::from_utf8(witness.blob(repository, &digest(&json["config"]))).unwrap();
        let layers = json["layers"].as_array().unwrap();
        assert_eq!(layers.len(), 1, "{manifest}");
        let archive = witness.blob(repository, &digest(&layers[0]));
        assert_eq!(layers[0]["size"], archive.len(), "{manifest}");
        let files = read_archive(&archive[..], &Limits::default()).unwrap();
        let files = files.into_iter().map(|file| (file.name, file.data.to_vec())).collect();
        let mut plain = manifest.clone();
        if own_archive {
            let created = json["annotations"]["org.opencontainers.image.created"].as_str().unwrap();
            let size = format!("\"size\":{}}}]", archive.len());
            plain =
                plain.replace(created, "…").replace(&digest(&layers[0]), "…").replace(&size, "\"size\":…}]");
        }
        let stored = Stored { manifest: plain, config, files };
        self.record.charts.insert(format!("{} {repository}:{tag}", self.block.heading), stored);
    }

    /// The chart that `create` made is under this tag. Its files are each tool's own.
    #[track_caller]
    pub(crate) fn tagged_scaffold(&mut self, repository: &str, tag: &str) {
        self.stored(repository, tag, true);
        let key = format!("{} {repository}:{tag}", self.block.heading);
        let stored = self.record.charts.remove(&key).unwrap();
        for file in ["Chart.yaml", "values.yaml", "templates/deployment.yaml", "templates/service.yaml"] {
            assert!(stored.files.contains_key(file), "{file} in {:?}", stored.files.keys());
        }
        let config = serde_json::from_str::<Value>(&stored.config).unwrap();
        assert_eq!((&config["name"], &config["version"]), (&"webapp".into(), &tag.into()));
    }

    /// Two tags of a repository name the same manifest.
    #[track_caller]
    pub(crate) fn same(&self, repository: &str, one: &str, other: &str) {
        let witness = &self.desk.place.witness;
        assert_eq!(witness.manifest(repository, one), witness.manifest(repository, other));
    }

    #[track_caller]
    pub(crate) fn tags_are(&self, repository: &str, tags: &[&str]) {
        assert_eq!(self.desk.place.witness.tags(repository), tags, "{repository}");
    }

    /// This file is the archive of the chart under this tag, to the byte.
    #[track_caller]
    pub(crate) fn saved(&self, file: &str, repository: &str, tag: &str) {
        let manifest = self.desk.place.witness.manifest(repository, tag);
        let json = serde_json::from_slice::<Value>(&manifest).unwrap();
        let found = Digest::sha256(&self.desk.read(file)).to_string();
        assert_eq!(json["layers"][0]["digest"], found, "{file} {repository}:{tag}");
    }

    /// These files and folders have appeared, and no others.
    #[track_caller]
    pub(crate) fn appeared(&self, expected: &[&str]) {
        let mut names = self.desk.names();
        names.retain(|name| !self.before.contains(name));
        assert_eq!(names, expected, "{}", self.block.heading);
    }

    /// A login is stored under this key, or none is.
    #[track_caller]
    pub(crate) fn login(&self, key: &str, stored: bool) {
        let file = self.desk.place.home().join(".helm/config/registry/config.json");
        let logins = std::fs::read_to_string(file).unwrap_or_else(|_| "{}".to_owned());
        let logins = serde_json::from_str::<Value>(&logins).unwrap();
        assert_eq!(logins["auths"].get(key).is_some(), stored, "{key} in {logins}");
    }
}
