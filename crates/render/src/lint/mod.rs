//! What `helm lint` finds in a chart: the rules of Helm 4.3.1, in its order and its words.
//!
//! [`Linter::lint`] looks at a folder; what it finds is data. Whoever prints it displays each
//! [`Message`] on a line.

mod chart_file;
mod crds;
mod dependencies;
mod deprecations;
mod file;
mod object;
mod object_name;
mod stream;
mod templates;
mod urls;
mod values;

use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use chartroom_chart::{Chart, Limits};
use chartroom_gotemplate::Map;
use chartroom_goyaml::Value as Plain;

use crate::kubernetes_version::KubernetesVersion;
use crate::log::LogLine;
use crate::values::user_table;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Against custom.
    Warning,
    /// It will not work.
    Error,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub severity: Severity,
    /// Where: a file below the chart's folder, the folder itself, or nothing.
    pub path: String,
    /// What.
    pub text: String,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        write!(f, "[{severity}] {}: {}", self.path, self.text)
    }
}

/// All that was found in a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order of the rules.
    pub messages: Vec<Message>,
    /// What Helm logs meanwhile.
    pub log: Vec<LogLine>,
}

impl Report {
    /// The worst of all messages.
    pub fn worst(&self) -> Option<Severity> {
        self.messages.iter().map(|message| message.severity).max()
    }

    /// Notes a message where a rule is broken; whether it isn't.
    fn check(&mut self, severity: Severity, path: &str, rule: Result<(), String>) -> bool {
        match rule {
            Ok(()) => true,
            Err(text) => {
                self.messages.push(Message { severity, path: path.to_owned(), text });
                false
            }
        }
    }
}

/// How to lint.
#[derive(Clone, Debug, Default)]
pub struct LintOptions {
    /// The namespace that templates are told.
    pub namespace: String,
    /// `--kube-version`
    pub kubernetes: Option<KubernetesVersion>,
    /// `--skip-schema-validation`
    pub skip_schema_validation: bool,
}

/// Why a folder is no chart at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unable to check Chart.yaml file in chart: {0}")]
pub struct LintError(String);

/// Looks at charts, one after the other.
///
/// As in Helm, the values of the user are the same for all of them: tables inside of tables get
/// what the `values.yaml` of each chart has for them, and the next chart is looked at with that.
pub struct Linter {
    values: Map,
    options: LintOptions,
}

impl Linter {
    /// One that uses these values of a user.
    pub fn new(values: &Plain, options: LintOptions) -> Self {
        Self { values: user_table(values), options }
    }

    /// Looks at the chart in a folder. Templates are executed, so this needs a large stack: see
    /// [`on_large_stack`](crate::on_large_stack).
    ///
    /// # Errors
    ///
    /// When there is no `Chart.yaml`.
    pub fn lint(&self, folder: &Path) -> Result<Report, LintError> {
        let named = clean(&folder.join("Chart.yaml"));
        fs::metadata(&named).map_err(|error| LintError(file::problem("stat", &named, &error)))?;
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let mut check = Check { linter: self, folder: clean(&folder), report: Report::default() };
        check.chart_file();
        check.values();
        check.templates();
        check.dependencies();
        check.crds();
        Ok(check.report)
    }
}

/// One chart while it is looked at.
struct Check<'a> {
    linter: &'a Linter,
    folder: PathBuf,
    report: Report,
}

impl Check<'_> {
    /// The whole chart. Helm reads it anew for each group of rules, and logs each time.
    fn load(&mut self) -> Result<Chart, String> {
        let chart = Chart::from_directory(&self.folder, &Limits::default());
        let chart = chart.map_err(|error| error.to_string())?;
        self.report.log.extend(chart.warnings().iter().map(LogLine::from));
        Ok(chart)
    }
}

/// A path without `.` and `..`, as Go's `filepath.Clean` writes it.
pub fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match clean.components().next_back() {
                Some(Component::Normal(_)) => drop(clean.pop()),
                Some(Component::RootDir) => {}
                _ => clean.push(part),
            },
            _ => clean.push(part),
        }
    }
    if clean.as_os_str().is_empty() { PathBuf::from(".") } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, expected) in [
            ("./a/../b/", "b"),
            ("/../a", "/a"),
            ("../a", "../a"),
            ("a/..", "."),
            ("../../b/./c", "../../b/c"),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
