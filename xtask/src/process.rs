//! Running other programs so that a failure says which one, how, and why.

use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// How much of a failed program's output is worth repeating.
const TAIL: usize = 1500;

/// Runs the command quietly and gives its output; fails if it fails.
pub(crate) fn capture(command: &mut Command) -> Result<Output> {
    let output = any_outcome(command)?;
    if !output.status.success() {
        bail!("{} failed ({}): {}", describe(command), output.status, tail(&output));
    }
    Ok(output)
}

/// Runs the command quietly and gives its output, whatever its exit code.
pub(crate) fn any_outcome(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {}", describe(command)))
}

/// Runs the command with our own standard output and error.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command.status().with_context(|| format!("cannot run {}", describe(command)))?;
    Ok(status.success())
}

/// The command's program and arguments, for messages.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}

/// Both streams as text: some programs print their version on standard error.
pub(crate) fn text(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

fn tail(output: &Output) -> String {
    let text = text(output);
    let text = text.trim();
    // Count from the end, where programs say what stopped them.
    let start = text.char_indices().rev().nth(TAIL).map_or(0, |(index, _)| index);
    text[start..].to_owned()
}
