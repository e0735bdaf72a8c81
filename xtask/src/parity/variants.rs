//! Ways to render a chart: with its values, with each of its ci files, with its switches turned over, with
//! other settings changed, for other clusters.
//!
//! A switch is a boolean, in `values.yaml` or in a table of the README. A setting is anything else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use chartroom_goyaml::Value;

/// Which ways.
pub(super) struct Ways {
    pub(super) defaults: bool,
    pub(super) ci: bool,
    /// How many switches, one at a time.
    pub(super) switches: usize,
    /// How many settings, one at a time.
    pub(super) settings: usize,
    /// How many mixtures of switches and settings.
    pub(super) mixtures: usize,
    pub(super) flags: bool,
}

/// One way.
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
}

/// How long an argument may be: the kernel has a limit.
const LONGEST: usize = 100_000;

/// Other clusters.
const FLAGS: [&[&str]; 4] = [
    &["--kube-version", "1.18.0", "--is-upgrade", "--no-hooks"],
    &["--kube-version", "v1.31.2-eks-1", "--include-crds", "--skip-tests", "--namespace", "other"],
    &[
        "--api-versions",
        "monitoring.coreos.com/v1,monitoring.coreos.com/v1/ServiceMonitor,cert-manager.io/v1,policy/v1beta1",
        "--api-versions",
        "route.openshift.io/v1,security.openshift.io/v1,autoscaling.k8s.io/v1,gateway.networking.k8s.io/v1",
    ],
    &["--name-template", "a-very-long-release-name-{{ \"that\" | upper | lower }}"],
];

pub(super) fn of(chart: &Path, ways: &Ways) -> Result<Vec<Variant>> {
    let mut variants = Vec::new();
    if ways.defaults {
        variants.push(Variant { name: "defaults".to_owned(), arguments: Vec::new() });
    }
    if ways.ci {
        variants.extend(ci_files(chart)?);
    }
    let values = fs::read_to_string(chart.join("values.yaml")).unwrap_or_default();
    // What is no YAML has no switches.
    let values = chartroom_goyaml::decode(&values).unwrap_or_default();
    let mut found = Found::default();
    found.collect(&values, "");
    if ways.switches > 0 {
        found.add_documented(&fs::read(chart.join("README.md")).unwrap_or_default());
        for (name, now) in [("all on", true), ("all off", false)] {
            let all: Vec<_> = found.switches.iter().map(|(path, _)| format!("{path}={now}")).collect();
            if all.len() > 1 && all.iter().map(|one| one.len() + 1).sum::<usize>() < LONGEST {
                variants.push(Variant {
                    name: name.to_owned(),
                    arguments: vec!["--set".to_owned(), all.join(",")],
                });
            }
        }
        variants.extend(spread(&found.switches, ways.switches).map(|(path, now)| {
            let setting = format!("{path}={}", !now);
            Variant { name: setting.clone(), arguments: vec!["--set".to_owned(), setting] }
        }));
    }
    variants.extend(spread(&found.settings, ways.settings).map(|(path, other)| {
        let setting = format!("{path}={other}");
        Variant { name: setting.clone(), arguments: vec!["--set-json".to_owned(), setting] }
    }));
    variants.extend((0..ways.mixtures).filter_map(|number| found.mixture(number)));
    if ways.flags {
        variants.extend(FLAGS.iter().map(|flags| Variant {
            name: flags.join(" "),
            arguments: flags.iter().map(|&flag| flag.to_owned()).collect(),
        }));
    }
    Ok(variants)
}

fn ci_files(chart: &Path) -> Result<Vec<Variant>> {
    let mut files = Vec::new();
    if let Ok(entries) = fs::read_dir(chart.join("ci")) {
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read {}", chart.display()))?.path();
            if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                files.push(path);
            }
        }
    }
    files.sort();
    let variant = |path: std::path::PathBuf| Variant {
        name: format!("ci/{}", path.file_name().unwrap_or_default().to_string_lossy()),
        arguments: vec!["--values".to_owned(), path.display().to_string()],
    };
    Ok(files.into_iter().map(variant).collect())
}

/// So many, spread over the whole, not all from its beginning.
fn spread<T>(all: &[T], count: usize) -> impl Iterator<Item = &T> {
    let step = all.len().div_ceil(count.max(1)).max(1);
    all.iter().step_by(step).take(count)
}

/// What can be set, with the paths that `--set` knows it by.
#[derive(Default)]
struct Found {
    /// With what they are.
    switches: Vec<(String, bool)>,
    /// With what they may become, as JSON.
    settings: Vec<(String, String)>,
}

impl Found {
    fn collect(&mut self, value: &Value, path: &str) {
        let mut setting = |other: &str| {
            if !path.is_empty() {
                self.settings.push((path.to_owned(), other.to_owned()));
            }
        };
        match value {
            Value::Bool(now) => self.switches.push((path.to_owned(), *now)),
            Value::Map(map) if map.is_empty() => setting("{\"x\": \"y\"}"),
            Value::Map(map) => {
                // Something of another kind, which most templates fail with.
                setting("\"x\"");
                for (key, value) in map {
                    let mut name = String::with_capacity(key.len());
                    for letter in key.chars() {
                        if matches!(letter, '.' | ',' | '=' | '[' | ']' | '{' | '}' | '\\') {
                            name.push('\\');
                        }
                        name.push(letter);
                    }
                    let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                    self.collect(value, &path);
                }
            }
            Value::List(items) if items.is_empty() => setting("[\"x\"]"),
            Value::List(_) => setting("[]"),
            Value::String(text) if text.is_empty() => setting("\"x\""),
            Value::String(_) => setting("\"\""),
            Value::Null => setting("\"x\""),
            _ => setting("7"),
        }
    }

    /// Some of the switches turned over, and a few settings changed; the same ones each time.
    fn mixture(&self, number: usize) -> Option<Variant> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number as u64 + 1);
        let mut one_in = |count: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32).is_multiple_of(count)
        };
        let switches =
            self.switches.iter().filter(|_| one_in(3)).map(|(path, now)| format!("{path}={}", !now));
        let switches: Vec<_> = switches.collect();
        // Most settings of another kind end the rendering: there must not be many.
        let often = 4 + self.settings.len() as u64 / 4;
        let settings =
            self.settings.iter().filter(|_| one_in(often)).map(|(path, other)| format!("{path}={other}"));
        let mut arguments = Vec::new();
        if !switches.is_empty() {
            arguments.extend(["--set".to_owned(), switches.join(",")]);
        }
        arguments.extend(settings.flat_map(|setting| ["--set-json".to_owned(), setting]));
        let short = arguments.iter().map(String::len).max()? < LONGEST;
        short.then(|| Variant { name: format!("mixture {number}"), arguments })
    }

    /// Adds the switches that a README has in its tables, but the values have not.
    fn add_documented(&mut self, readme: &[u8]) {
        let mut known: BTreeSet<_> = self.switches.iter().map(|(path, _)| path.clone()).collect();
        for line in String::from_utf8_lossy(readme).lines() {
            let cells = line.trim().strip_prefix('|').unwrap_or_default().split('|');
            let mut cells = cells.map(|cell| cell.trim().trim_matches(['`', '"', '*', ' ']));
            let path = cells.next().unwrap_or_default();
            let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
            if path.is_empty() || !path.chars().all(plain) || path.split('.').any(str::is_empty) {
                continue;
            }
            let now = cells.find_map(|cell| cell.parse::<bool>().ok());
            if let Some(now) = now
                && known.insert(path.to_owned())
            {
                self.switches.push((path.to_owned(), now));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_and_settings_are_found_with_their_paths() -> Result<()> {
        let values = "a: {b: true, c.d: false, e: 1}\nf: [true]\ng: no\nh: ''\ni: x\nj: {}\nk: []\nl:\n";
        let mut found = Found::default();
        found.collect(&chartroom_goyaml::decode(values)?, "");
        found.add_documented(
            b"# c\n| Key | Default |\n|---|---|\n| `a.b` | x | `true` |\n| m.n | `false` | x |\n| o p | true |\nq | true",
        );
        let expected = [("a.b", true), ("a.c\\.d", false), ("g", false), ("m.n", false)];
        assert_eq!(found.switches, expected.map(|(path, now)| (path.to_owned(), now)));
        let expected = [
            ("a", "\"x\""),
            ("a.e", "7"),
            ("f", "[]"),
            ("h", "\"x\""),
            ("i", "\"\""),
            ("j", "{\"x\": \"y\"}"),
            ("k", "[\"x\"]"),
            ("l", "\"x\""),
        ];
        assert_eq!(found.settings, expected.map(|(path, other)| (path.to_owned(), other.to_owned())));
        Ok(())
    }

    #[test]
    fn mixtures_can_be_repeated() -> Result<()> {
        let mut found = Found::default();
        found.collect(
            &chartroom_goyaml::decode("a: true\nb: false\nc: {d: true, e: true, f: true}\ng: x\n")?,
            "",
        );
        let mixtures = || (0..4).filter_map(|number| found.mixture(number)).map(|mixture| mixture.arguments);
        assert!(mixtures().count() > 1 && mixtures().eq(mixtures()));
        let all: Vec<_> = mixtures().collect();
        assert!(all.iter().any(|one| *one != all[0]));
        Ok(())
    }

    #[test]
    fn a_few_are_spread_over_all() {
        let spread = |count| spread(&[1, 2, 3, 4, 5, 6, 7], count).copied().collect::<Vec<_>>();
        assert!(spread(0).is_empty());
        assert_eq!(spread(2), [1, 5]);
        assert_eq!(spread(100), [1, 2, 3, 4, 5, 6, 7]);
    }
}
