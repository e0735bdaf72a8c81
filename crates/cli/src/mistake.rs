//! What is said of a command line that can't be carried out, in the words that scripts know from Helm.

use std::any::TypeId;
use std::error::Error as _;

use clap::builder::ValueRange;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::go;

/// Names that nearly are the wrong one, or begin with it.
fn similar<'a>(command: &'a Command, wrong: &str) -> Vec<&'a str> {
    let wrong = wrong.to_lowercase();
    let mut names: Vec<&str> =
        command.get_subcommands().filter(|known| !known.is_hide_set()).map(Command::get_name).collect();
    // Of a short name, something has to be left.
    let near = |name: &str| distance(name, &wrong) <= 2.min(name.len().saturating_sub(1));
    names.retain(|name| name.starts_with(&wrong) || near(name));
    names.sort_unstable();
    names
}

/// How many letters have to be put in, taken out or changed to get from one word to the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (done, letter) in one.chars().enumerate() {
        let mut diagonal = done;
        let mut left = done + 1;
        for (at, compared) in other.iter().enumerate() {
            let above = row[at + 1];
            let best = if letter == *compared { diagonal } else { 1 + diagonal.min(above).min(left) };
            (diagonal, row[at], left) = (above, left, best);
        }
        row[other.len()] = left;
    }
    row[other.len()]
}

/// There is no such command.
pub(crate) fn unknown_command(parent: &Command, wrong: &str) -> String {
    let path = path(parent);
    let names = similar(parent, wrong);
    let suggestions = if names.is_empty() {
        String::new()
    } else {
        format!("\nDid you mean this?\n\t{}\n\n", names.join("\n\t"))
    };
    format!("unknown command {wrong:?} for {path:?}\n{suggestions}Run '{path} --help' for usage.")
}

/// Too few or too many arguments.
pub(crate) fn wrong_count(command: &Command, wanted: ValueRange) -> String {
    let path = path(command);
    let (least, most) = (wanted.min_values(), wanted.max_values());
    let some = |number: usize| format!("{number} argument{}", if number == 1 { "" } else { "s" });
    let wants = match (least, most) {
        (0, 0) => "accepts no arguments".to_owned(),
        (least, most) if least == most => format!("requires {}", some(least)),
        (0, most) => format!("accepts at most {}", some(most)),
        (least, usize::MAX) => format!("requires at least {}", some(least)),
        (least, most) => format!("requires {least} to {}", some(most)),
    };
    format!("{path:?} {wants}\n\nUsage:  {path}{} [flags]", arguments(command))
}

/// ` CHART REMOTE`
fn arguments(command: &Command) -> String {
    let mut text = String::new();
    for positional in command.get_positionals() {
        let names = positional.get_value_names().unwrap_or_default();
        // Helm has brackets around those that stand for several (`template [NAME] [CHART]`), and around
        // all of `show`.
        let bare = positional.is_required_set() && names.len() == 1 && !path(command).contains(" show ");
        let name = |name: &_| if bare { format!(" {name}") } else { format!(" [{name}]") };
        text.extend(names.iter().map(name));
        // Where fewer than those that have names are enough, nobody wants more.
        let more = |range: ValueRange| range.max_values() == usize::MAX && range.min_values() >= names.len();
        if positional.get_num_args().is_some_and(more) {
            text.push_str(" [...]");
        }
    }
    text
}

/// The command's name with those before it.
pub(crate) fn path(command: &Command) -> &str {
    command.get_bin_name().unwrap_or_else(|| command.get_name())
}

/// What clap found wrong with values and their combination.
pub(crate) fn of_values(command: &Command, error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let flag = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    match (error.kind(), flag, value) {
        (ErrorKind::ValueValidation | ErrorKind::InvalidValue, Some(flag), Some(value)) => {
            let named = flag.split([' ', '=', '[']).next().unwrap_or(flag);
            let arg = command.get_arguments().find(|arg| is_named(arg, named));
            let reason = reason(arg, value, error);
            match arg {
                Some(arg) if !arg.is_positional() => {
                    format!("invalid argument {value:?} for {:?} flag: {reason}", both_names(arg))
                }
                _ => format!("invalid argument {value:?}: {reason}"),
            }
        }
        _ => {
            // The rest of what clap says is its usage.
            let text = error.render().to_string();
            let first = text.split("\n\n").next().unwrap_or(&text);
            first.strip_prefix("error: ").unwrap_or(first).trim_end().to_owned()
        }
    }
}

fn is_named(arg: &Arg, name: &str) -> bool {
    let long = name.strip_prefix("--").is_some_and(|name| arg.get_long() == Some(name));
    long || name
        .strip_prefix('-')
        .is_some_and(|name| arg.get_short().is_some_and(|short| name == short.to_string()))
}

/// `-o, --output`
pub(crate) fn both_names(arg: &Arg) -> String {
    let long = arg.get_long().map(|long| format!("--{long}"));
    let short = arg.get_short().map(|short| format!("-{short}"));
    short.into_iter().chain(long).collect::<Vec<_>>().join(", ")
}

fn reason(arg: Option<&Arg>, value: &str, error: &clap::Error) -> String {
    if let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) {
        // Helm's words, and then what would be right.
        let format = if arg.is_some_and(|arg| arg.get_long() == Some("output")) {
            "invalid format type, "
        } else {
            ""
        };
        return format!("{format}must be one of: {}", valid.join(", "));
    }
    let kind = arg.map(|arg| arg.get_value_parser().type_id());
    let is = |types: &[TypeId]| kind.is_some_and(|kind| types.iter().any(|known| kind == *known));
    if is(&[
        TypeId::of::<u8>(),
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
    ]) {
        return go::no_syntax("ParseUint", value);
    }
    if is(&[TypeId::of::<i8>(), TypeId::of::<i16>(), TypeId::of::<i32>(), TypeId::of::<i64>()]) {
        // What is a number to Go may be too large here.
        return go::integer(value).err().unwrap_or_else(|| reason_given(error));
    }
    reason_given(error)
}

fn reason_given(error: &clap::Error) -> String {
    error.source().map_or_else(|| "invalid value".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn letters_apart() {
        for (one, other, apart) in [
            ("push", "push", 0),
            ("push", "pus", 1),
            ("push", "pull", 2),
            ("", "abc", 3),
            ("tags", "gats", 2),
        ] {
            assert_eq!(distance(one, other), apart, "{one} {other}");
            assert_eq!(distance(other, one), apart, "{other} {one}");
        }
    }
}
