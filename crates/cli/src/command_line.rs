//! From the words of a command line to the command and its flags, by the rules that Helm's users are
//! used to (those of Go's `pflag`), which differ from clap's: `--flag=false`, a flag given twice,
//! flags of the client before the command's name, values that start with a dash, empty values.
//!
//! The words are brought into a form that clap reads without doubt. What a flag is, and what its value
//! means, is clap's matter.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use clap::builder::ValueRange;
use clap::{Arg, ArgAction, Command};

use crate::{go, mistake};

/// What a command line comes to.
#[derive(Debug)]
pub(crate) enum Reading {
    /// A command, in words that clap takes, starting with the program's name.
    Words(Vec<OsString>),
    /// Help was asked for: at length, or in short.
    Help(String),
    /// The version of the program was asked for.
    Version,
}

/// Reads the words after the program's name. The command is the whole tree, and built.
///
/// # Errors
///
/// With what is to be told of a command line that is wrong.
pub(crate) fn read<'a>(
    root: &'a Command,
    globals: &'a Command,
    words: Vec<OsString>,
) -> Result<Reading, String> {
    let found = Found::among(root, globals, words)?;
    let Found { command, path, rest, help } = found;
    if help {
        return topic(root, &rest).map(Reading::Help);
    }
    // A group of commands has no flags of its own, and takes those of all.
    let flags = if command.has_subcommands() { vec![command, globals] } else { vec![command] };
    let mut given = Given::default();
    given.take(&flags, rest)?;
    if let Some(long) = given.help {
        return Ok(Reading::Help(help_text(command, long)));
    }
    if given.version {
        return Ok(Reading::Version);
    }
    if command.has_subcommands() {
        return match given.positionals.first() {
            Some(wrong) if !given.after_dashes => {
                Err(mistake::unknown_command(command, &wrong.to_string_lossy()))
            }
            _ => Ok(Reading::Help(help_text(command, false))),
        };
    }
    let wanted = positionals(command);
    let count = given.positionals.len();
    if count < wanted.min_values() || count > wanted.max_values() {
        return Err(mistake::wrong_count(command, wanted));
    }
    let mut words = vec![OsString::from(root.get_name())];
    words.extend(path.into_iter().map(OsString::from));
    words.extend(given.flags(command));
    words.push("--".into());
    words.extend(given.positionals);
    Ok(Reading::Words(words))
}

/// The help of what `help …` names.
fn topic(root: &Command, words: &[OsString]) -> Result<String, String> {
    let mut command = root;
    for word in words.iter().filter(|word| !word.as_bytes().starts_with(b"-")) {
        match word.to_str().and_then(|word| command.find_subcommand(word)) {
            Some(inner) => command = inner,
            // As with Helm, what follows a command's name is not looked at.
            None if !command.has_subcommands() => break,
            None => {
                let wrong = word.to_string_lossy();
                return Err(format!(
                    "Unknown help topic [`{wrong}`]\n{}",
                    mistake::unknown_command(command, &wrong)
                ));
            }
        }
    }
    Ok(help_text(command, true))
}

fn help_text(command: &Command, long: bool) -> String {
    let mut command = command.clone();
    let help = if long { command.render_long_help() } else { command.render_help() };
    help.to_string()
}

/// The command that a line names, and the words that are left.
struct Found<'a> {
    command: &'a Command,
    path: Vec<&'a str>,
    rest: Vec<OsString>,
    /// Whether the line starts with `help`.
    help: bool,
}

impl<'a> Found<'a> {
    fn among(root: &'a Command, globals: &Command, words: Vec<OsString>) -> Result<Self, String> {
        let mut command = root;
        let mut path = Vec::new();
        let mut rest = Vec::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--" {
                rest.push(word);
                break;
            }
            if is_flag(&word) {
                let takes_next = takes_next(&[command, globals, root], &word);
                rest.push(word);
                if takes_next {
                    rest.extend(words.next());
                }
                continue;
            }
            match word.to_str().and_then(|word| command.find_subcommand(word)) {
                Some(inner) => {
                    path.push(inner.get_name());
                    command = inner;
                    if !command.has_subcommands() {
                        break;
                    }
                }
                None if path.is_empty() && word == "help" => {
                    rest = words.collect();
                    return Ok(Self { command, path, rest, help: true });
                }
                None => return Err(mistake::unknown_command(command, &word.to_string_lossy())),
            }
        }
        rest.extend(words);
        Ok(Self { command, path, rest, help: false })
    }
}

fn is_flag(word: &OsStr) -> bool {
    word.len() > 1 && word.as_bytes().starts_with(b"-")
}

/// Whether a flag before the command's name has its value in the next word. A flag that only commands
/// further down have is looked for there.
fn takes_next(commands: &[&Command; 3], word: &OsStr) -> bool {
    let bytes = word.as_bytes();
    let find = |wanted: &dyn Fn(&Arg) -> bool| {
        let near = find(commands, wanted);
        near.map(takes_value).or_else(|| below(commands[0], wanted)).unwrap_or(false)
    };
    match bytes.strip_prefix(b"--") {
        Some(name) => !name.contains(&b'=') && find(&|arg| has_long(arg, name)),
        None => {
            // Of several letters in one word, a flag with a value takes the rest of the word.
            let letters = String::from_utf8_lossy(&bytes[1..]);
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                if find(&|arg| has_short(arg, letter)) {
                    return letters.as_str().is_empty();
                }
            }
            false
        }
    }
}

fn below(command: &Command, wanted: &dyn Fn(&Arg) -> bool) -> Option<bool> {
    command.get_subcommands().find_map(|inner| {
        let own = inner.get_arguments().find(|arg| wanted(arg)).map(takes_value);
        own.or_else(|| below(inner, wanted))
    })
}

fn find<'a>(commands: &[&'a Command], wanted: impl Fn(&Arg) -> bool) -> Option<&'a Arg> {
    commands.iter().find_map(|command| command.get_arguments().find(|arg| wanted(arg)))
}

fn has_long(arg: &Arg, name: &[u8]) -> bool {
    let aliases = arg.get_all_aliases().unwrap_or_default();
    !arg.is_positional()
        && (arg.get_long().is_some_and(|long| long.as_bytes() == name)
            || aliases.iter().any(|alias| alias.as_bytes() == name))
}

fn has_short(arg: &Arg, letter: char) -> bool {
    let aliases = arg.get_all_short_aliases().unwrap_or_default();
    arg.get_short() == Some(letter) || aliases.contains(&letter)
}

/// Whether a flag needs a value.
fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !value_may_be_left_out(arg)
}

fn value_may_be_left_out(arg: &Arg) -> bool {
    arg.get_num_args().is_some_and(|range| range.min_values() == 0)
}

/// The flags and arguments that a command was given.
#[derive(Default)]
struct Given<'a> {
    /// From a flag's id to the values it was given, in order; `None` is a flag without one.
    values: BTreeMap<&'a str, Vec<Option<OsString>>>,
    positionals: Vec<OsString>,
    after_dashes: bool,
    /// Whether help was asked for, and then whether at length.
    help: Option<bool>,
    version: bool,
}

impl<'a> Given<'a> {
    fn take(&mut self, commands: &[&'a Command], words: Vec<OsString>) -> Result<(), String> {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--" {
                self.after_dashes = self.positionals.is_empty();
                self.positionals.extend(words);
                return Ok(());
            }
            if !is_flag(&word) {
                self.positionals.push(word);
            } else if let Some(flag) = word.as_bytes().strip_prefix(b"--") {
                self.take_long(commands, flag, &mut words)?;
            } else {
                self.take_shorts(commands, &word, &mut words)?;
            }
        }
        Ok(())
    }

    fn take_long(
        &mut self,
        commands: &[&'a Command],
        flag: &[u8],
        words: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), String> {
        let shown = String::from_utf8_lossy(flag);
        if flag.starts_with(b"-") || flag.starts_with(b"=") {
            return Err(format!("bad flag syntax: --{shown}"));
        }
        let mut parts = flag.splitn(2, |byte| *byte == b'=');
        let name = parts.next().unwrap_or_default();
        let value = parts.next().map(|value| OsString::from_vec(value.to_vec()));
        let shown = String::from_utf8_lossy(name);
        let arg = find(commands, |arg| has_long(arg, name));
        let arg = arg.ok_or_else(|| format!("unknown flag: --{shown}"))?;
        let value = match value {
            None if takes_value(arg) => {
                Some(words.next().ok_or_else(|| format!("flag needs an argument: --{shown}"))?)
            }
            value => value,
        };
        self.note(arg, value, true)
    }

    fn take_shorts(
        &mut self,
        commands: &[&'a Command],
        word: &OsStr,
        words: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), String> {
        let bytes = &word.as_bytes()[1..];
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let rest = &bytes[at + 1..];
            let shown = String::from_utf8_lossy(&bytes[at..]);
            let letter = char::from(byte);
            let arg = find(commands, |arg| has_short(arg, letter));
            let arg = arg.ok_or_else(|| format!("unknown shorthand flag: {letter:?} in -{shown}"))?;
            let inline = rest.strip_prefix(b"=").filter(|value| !value.is_empty());
            let value = match inline {
                Some(value) => Some(value),
                None if takes_value(arg) && !rest.is_empty() => Some(rest),
                None => None,
            };
            if let Some(value) = value {
                return self.note(arg, Some(OsString::from_vec(value.to_vec())), false);
            }
            if takes_value(arg) {
                let value = words.next();
                let missing = || format!("flag needs an argument: {letter:?} in -{shown}");
                return self.note(arg, Some(value.ok_or_else(missing)?), false);
            }
            self.note(arg, None, false)?;
            at += 1;
        }
        Ok(())
    }

    fn note(&mut self, arg: &'a Arg, value: Option<OsString>, long: bool) -> Result<(), String> {
        match arg.get_action() {
            ArgAction::Help => self.help = truth(arg, value.as_deref())?.then_some(long),
            ArgAction::HelpShort => self.help = Some(false),
            ArgAction::HelpLong => self.help = Some(true),
            ArgAction::Version => self.version = truth(arg, value.as_deref())?,
            action => {
                if !action.takes_values() {
                    truth(arg, value.as_deref())?;
                }
                self.values.entry(arg.get_id().as_str()).or_default().push(value);
            }
        }
        Ok(())
    }

    /// The flags as clap takes them: each as `--flag` or `--flag=value`.
    fn flags(&mut self, command: &Command) -> Vec<OsString> {
        let mut words = Vec::new();
        for arg in command.get_arguments() {
            let Some(mut values) = self.values.remove(arg.get_id().as_str()) else { continue };
            let name = match (arg.get_long(), arg.get_short()) {
                (Some(long), _) => format!("--{long}"),
                (None, Some(short)) => format!("-{short}"),
                (None, None) => continue,
            };
            let list = matches!(arg.get_action(), ArgAction::Append);
            // The last one counts.
            if !list {
                values.drain(..values.len() - 1);
            }
            for value in values {
                match value {
                    _ if !arg.get_action().takes_values() => {
                        if truth(arg, value.as_deref()) == Ok(true) {
                            words.push(OsString::from(&name));
                        }
                    }
                    None => words.push(OsString::from(&name)),
                    // What is empty is not given: scripts write `--ca-file "$CA"`.
                    Some(value) if value.is_empty() && (is_path(arg) || is_text(arg) && !list) => {}
                    Some(value) => {
                        let mut word = OsString::from(&name);
                        word.push("=");
                        word.push(value);
                        words.push(word);
                    }
                }
            }
        }
        words
    }
}

fn is_text(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<String>()
}

fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<std::path::PathBuf>()
}

/// What a flag that needs no value says.
fn truth(arg: &Arg, value: Option<&OsStr>) -> Result<bool, String> {
    let Some(value) = value else { return Ok(true) };
    let value = value.to_string_lossy();
    go::boolean(&value).map_err(|reason| {
        format!("invalid argument {value:?} for {:?} flag: {reason}", mistake::both_names(arg))
    })
}

/// How many arguments a command takes.
fn positionals(command: &Command) -> ValueRange {
    let (mut least, mut most) = (0, 0_usize);
    for arg in command.get_positionals() {
        let range = arg.get_num_args().unwrap_or(ValueRange::SINGLE);
        if arg.is_required_set() {
            least += range.min_values().max(1);
        }
        most = most.saturating_add(range.max_values());
    }
    ValueRange::new(least..=most)
}
