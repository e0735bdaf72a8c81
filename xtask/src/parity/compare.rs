//! One rendering by both programs, and what differs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::variants::Variant;

/// How often Helm is asked again for what it prints differently each time.
const AGAIN: usize = 2;

/// What Helm says when it fetches a part of a schema, as Chartroom does not.
const FETCHED: [&str; 2] = ["failing loading \"http://", "failing loading \"https://"];

pub(super) struct Programs {
    pub(super) chartroom: PathBuf,
    pub(super) helm: PathBuf,
    pub(super) home: PathBuf,
    pub(super) command: String,
}

/// What came of a rendering by both.
pub(super) struct Outcome {
    pub(super) difference: Option<Difference>,
    /// Whether Helm failed.
    pub(super) refused: bool,
    /// What Helm said of it in its first lines.
    pub(super) reason: String,
    /// Whether it differs as it is meant to: what was compared is without the check of values.
    pub(super) on_purpose: bool,
    /// Whether there was something to mask.
    pub(super) random: bool,
    pub(super) helm: Duration,
    pub(super) chartroom: Duration,
}

impl Outcome {
    pub(super) fn is_identical(&self) -> bool {
        self.difference.is_none()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// One succeeded, the other did not.
    ExitCode,
    /// Both succeeded, or both failed, with another output.
    Output,
    /// What is said on the standard error is not the same.
    ErrorText,
}

/// The first line that differs.
pub(super) struct Difference {
    pub(super) kind: Kind,
    pub(super) line: usize,
    pub(super) helm: String,
    pub(super) chartroom: String,
}

struct Said {
    success: bool,
    stdout: String,
    stderr: String,
    time: Duration,
}

impl Programs {
    pub(super) fn compare(&self, chart: &Path, variant: &Variant) -> Result<Outcome> {
        let mut helm = self.ask(&self.helm, chart, &variant.arguments)?;
        let mut arguments = variant.arguments.clone();
        let on_purpose = FETCHED.iter().any(|part| helm.stderr.contains(part));
        if on_purpose {
            arguments.push("--skip-schema-validation".to_owned());
            helm = self.ask(&self.helm, chart, &arguments)?;
        }
        let chartroom = self.ask(&self.chartroom, chart, &arguments)?;
        let mut difference = difference(&[&helm], &chartroom);
        let mut random = false;
        if difference.is_some() {
            // Perhaps Helm does not agree with itself.
            let mut again = Vec::new();
            for _ in 0..AGAIN {
                again.push(self.ask(&self.helm, chart, &arguments)?);
            }
            let all: Vec<_> = std::iter::once(&helm).chain(&again).collect();
            random = again.iter().any(|one| one.stdout != helm.stdout || one.stderr != helm.stderr);
            difference = self::difference(&all, &chartroom);
        }
        Ok(Outcome {
            difference,
            refused: !helm.success,
            reason: if helm.success { String::new() } else { helm.stderr },
            on_purpose,
            random,
            helm: helm.time,
            chartroom: chartroom.time,
        })
    }

    fn ask(&self, program: &Path, chart: &Path, arguments: &[String]) -> Result<Said> {
        let mut command = Command::new(program);
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HOME", &self.home).env("TZ", "UTC").current_dir(chart.parent().unwrap_or(chart));
        command.arg(&self.command).arg(chart.file_name().unwrap_or_default()).args(arguments);
        let started = Instant::now();
        let output = command.output().with_context(|| format!("cannot run {}", program.display()))?;
        Ok(Said {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            time: started.elapsed(),
        })
    }
}

fn difference(helm: &[&Said], chartroom: &Said) -> Option<Difference> {
    let first = helm.first()?;
    if first.success != chartroom.success {
        let told = |said: &Said| match said.success {
            true => "succeeds".to_owned(),
            false => said.stderr.trim().to_owned(),
        };
        return Some(Difference {
            kind: Kind::ExitCode,
            line: 0,
            helm: told(first),
            chartroom: told(chartroom),
        });
    }
    [Kind::Output, Kind::ErrorText].into_iter().find_map(|kind| {
        let stream = |said: &Said| match kind {
            Kind::ErrorText => with_sorted_log(&said.stderr),
            _ => said.stdout.clone(),
        };
        let texts: Vec<_> = helm.iter().map(|said| stream(said)).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let (line, helm, chartroom) = first_difference(&texts, &stream(chartroom))?;
        Some(Difference { kind, line, helm, chartroom })
    })
}

/// The lines, with those in order whose order is chance in Helm: warnings of values, and properties that
/// don't fit a schema.
fn with_sorted_log(text: &str) -> String {
    let chance = |line: &str| match line.trim_start() {
        log if log.starts_with("level=") => 1,
        property if property.starts_with("- at '") => 2,
        _ => 0,
    };
    let mut lines: Vec<&str> = text.split('\n').collect();
    for run in lines.chunk_by_mut(|one, other| chance(one) == chance(other)) {
        if run.first().is_some_and(|line| chance(line) > 0) {
            run.sort_unstable();
        }
    }
    lines.join("\n")
}

/// The first line of `other` that is none of those that all of `texts` have there, from 1.
///
/// Where the texts differ from each other, anything of the same shape goes: that is random.
fn first_difference(texts: &[&str], other: &str) -> Option<(usize, String, String)> {
    if texts.contains(&other) {
        return None;
    }
    let lines: Vec<Vec<&str>> = texts.iter().map(|text| text.split('\n').collect()).collect();
    let other: Vec<&str> = other.split('\n').collect();
    let longest = lines.iter().map(Vec::len).chain([other.len()]).max()?;
    for number in 0..longest {
        let there: Vec<_> = lines.iter().map(|lines| lines.get(number).copied()).collect();
        let own = other.get(number).copied();
        let first = there.first().copied()?;
        if own == first {
            continue;
        }
        let agreed = there.iter().all(|line| *line == first);
        if !agreed
            && let (Some(first), Some(own)) = (first, own)
            && alike(first, own)
        {
            continue;
        }
        let text = |line: Option<&str>| line.map_or("(no more lines)".to_owned(), str::to_owned);
        return Some((number + 1, text(first), text(own)));
    }
    None
}

/// Whether two lines may be the same one with other random parts: same indentation, same key.
fn alike(one: &str, other: &str) -> bool {
    let head = |line: &str| {
        let indentation = line.len() - line.trim_start().len();
        let key = line.split_once(':').map(|(key, _)| key.to_owned());
        (indentation, key)
    };
    head(one) == head(other) && one.len().abs_diff(other.len()) <= one.len() / 2 + 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_warnings_is_chance() {
        let text = "x\nlevel=b\nlevel=a\n- at '/b'\n- at '/a'\ny\na\nlevel=c\n";
        assert_eq!(with_sorted_log(text), "x\nlevel=a\nlevel=b\n- at '/a'\n- at '/b'\ny\na\nlevel=c\n");
    }

    #[test]
    fn lines_that_helm_does_not_repeat_are_masked() {
        let texts = ["a: 1\nkey: abcd\nz: 9\n", "a: 1\nkey: efgh\nz: 9\n"];
        assert_eq!(first_difference(&texts, "a: 1\nkey: wxyz\nz: 9\n"), None);
        let found = first_difference(&texts, "a: 1\nkey: wxyz\nz: 8\n").map(|(line, ..)| line);
        assert_eq!(found, Some(3));
        let found = first_difference(&texts, "a: 1\nother: wxyz\nz: 9\n").map(|(line, ..)| line);
        assert_eq!(found, Some(2));
        assert_eq!(first_difference(&texts[..1], "a: 1\nkey: wxyz\nz: 9\n").map(|(line, ..)| line), Some(2));
        let found = first_difference(&texts[..1], "a: 1\nkey: abcd\nz: 9\nmore");
        assert_eq!(found.map(|(line, ..)| line), Some(4));
    }
}
