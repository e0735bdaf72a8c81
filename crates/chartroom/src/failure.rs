//! What people are told when something failed: `Error: …` as Helm has it, and `hint: …` where the
//! remedy is known.

use std::error::Error;
use std::fmt;

use chartroom_cli::Program;
use chartroom_server::{data_folder, listen, settings};

use crate::printer;

/// Prints an error with everything that led to it. Hints name the program as it was called.
pub(crate) fn report(error: &anyhow::Error, program: Program) {
    printer::aside(&format!("Error: {}\n", text(error)));
    if let Some(explained) = error.downcast_ref::<Explained>() {
        printer::aside(&format!("\n{}", explained.explanation));
    }
    if let Some(hint) = error.chain().find_map(hint) {
        let named = |hint: String, command: &str| {
            hint.replace(&format!("chartroom {command}"), &format!("{} {command}", program.name()))
        };
        let commands = ["registry ", "tags ", "repo ", "dependency "];
        let hint = commands.into_iter().fold(hint, named);
        for line in hint.lines() {
            printer::aside(&format!("hint: {line}\n"));
        }
    }
}

/// An error with the remedy for it, where only the command knows it.
#[derive(Debug)]
pub(crate) struct Hinted {
    error: anyhow::Error,
    hint: String,
}

impl Hinted {
    pub(crate) fn new(error: impl Into<anyhow::Error>, hint: impl Into<String>) -> Self {
        Self { error: error.into(), hint: hint.into() }
    }
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl Error for Hinted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// An error with a text of several lines that helps to find the mistake.
#[derive(Debug)]
pub(crate) struct Explained {
    error: anyhow::Error,
    explanation: String,
}

impl Explained {
    pub(crate) fn new(error: anyhow::Error, explanation: String) -> Self {
        Self { error, explanation }
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl Error for Explained {}

fn hint(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<Hinted>() {
        return Some(error.hint.clone());
    }
    if let Some(error) = error.downcast_ref::<settings::Error>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<data_folder::Error>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<listen::Error>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<chartroom_registry_client::Error>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<chartroom_chart_repository::Error>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<chartroom_registry_client::credentials::Error>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<chartroom_registry_client::LocationError>() {
        return error.hint();
    }
    if let Some(chartroom_chart::Error::NoMatch(_) | chartroom_chart::Error::NoTags(_)) = error.downcast_ref()
    {
        return Some("list the tags to see what is there: chartroom tags oci://…".to_owned());
    }
    if let Some(chartroom_catalog::Error::NewerSchema { .. }) = error.downcast_ref() {
        let this = env!("CARGO_PKG_VERSION");
        return Some(format!("this is chartroom {this}; use the version that worked on this data last"));
    }
    None
}

/// The error and its causes. Some errors repeat their cause in their own text; people need it once.
pub(crate) fn text(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !says(&text, &cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Whether a text ends in what its cause says, in the words of the system or in those of Go.
fn says(text: &str, cause: &str) -> bool {
    let plain = cause.split(" (os error").next().unwrap_or(cause);
    text.ends_with(cause) || text.to_lowercase().ends_with(&plain.to_lowercase())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn causes_are_told_once() {
        let error = anyhow!("disk on fire").context("can't write: disk on fire").context("can't push");
        assert_eq!(text(&error), "can't push: can't write: disk on fire");
        let error =
            anyhow!("No such file or directory (os error 2)").context("stat x: no such file or directory");
        assert_eq!(text(&error), "stat x: no such file or directory");
    }

    #[test]
    fn the_commands_own_hint_goes_first() {
        let error = data_folder::Error::NoRegistry { path: "x".into() };
        let error = anyhow::Error::from(Hinted::new(error, "look elsewhere")).context("can't check");
        assert_eq!(error.chain().find_map(hint).as_deref(), Some("look elsewhere"));
        assert_eq!(text(&error), "can't check: there is no registry in `x`");
    }
}
