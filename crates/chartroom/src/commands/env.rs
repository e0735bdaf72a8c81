//! `chartroom env`

use anyhow::Result;
use chartroom_cli::{Env, Globals};

use super::Outcome;
use crate::{environment, printer};

/// Prints the settings that hold, or one of them.
pub(crate) fn env(flags: &Env, globals: &Globals) -> Result<Outcome> {
    let program = std::env::args_os().next().unwrap_or_default();
    let all = environment::all(globals, &program.to_string_lossy());
    match &flags.name {
        // As with Helm, what is not known is empty.
        Some(name) => printer::result(all.get(name.as_str()).map_or("", String::as_str))?,
        None => {
            let lines: Vec<String> = all.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
            printer::result(&lines.join("\n"))?;
        }
    }
    Ok(Outcome::Success)
}
