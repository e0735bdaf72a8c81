//! The program by the name that it was called by, and its commands as that name has them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Args as _, CommandFactory as _, FromArgMatches as _};

use crate::command_line::{self, Reading};
use crate::commands::{ENTRIES, Entry};
use crate::{Cli, Globals, mistake};

/// The commands that run or look after a registry. They take no flags of the client.
const SERVER: [&str; 6] = ["serve", "gc", "fsck", "user", "token", "access"];

/// Which program this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `chartroom`
    Chartroom,
    /// Called by the name `helm`, in place of Helm.
    Helm,
}

/// Why there is nothing to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The user asked for this text.
    Asked(String),
    /// The command line is wrong, in these words.
    Mistake(String),
}

impl Program {
    /// The program of this name, as it stands first among the words of a process.
    pub fn called(name: &OsStr) -> Self {
        let stem = Path::new(name).file_stem().unwrap_or_default();
        if stem == "helm" { Self::Helm } else { Self::Chartroom }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chartroom => "chartroom",
            Self::Helm => "helm",
        }
    }

    /// Its commands, each with all its flags: what help and completions are made of.
    pub fn commands(self) -> clap::Command {
        self.tree(|_| true)
    }

    /// Its commands, of which those whose name is wanted have their flags.
    fn tree(self, wanted: impl Fn(&Entry) -> bool) -> clap::Command {
        let mut root = Cli::command().name(self.name()).bin_name(self.name()).args_override_self(true);
        if self == Self::Helm {
            root = root.disable_version_flag(true);
        }
        let mut root = root.mut_subcommands(|outline| {
            match ENTRIES.iter().find(|entry| entry.name == outline.get_name() && wanted(entry)) {
                Some(entry) => self.settle(entry.declare(outline)),
                None => outline,
            }
        });
        root.build();
        root
    }

    /// Gives every command of the client the client's flags, and every text the right name.
    fn settle(self, command: clap::Command) -> clap::Command {
        let server = SERVER.contains(&command.get_name());
        let mut command = command.args_override_self(true);
        if let Some(text) = command.get_after_help().filter(|_| self == Self::Helm && !server) {
            let text = text.to_string().replace("chartroom ", "helm ");
            command = command.after_help(text);
        }
        if command.has_subcommands() {
            return command.mut_subcommands(|inner| self.settle(inner));
        }
        if server { command } else { with_globals(command) }
    }

    /// Reads the words after the program's name.
    ///
    /// # Errors
    ///
    /// [`Stop`], when there is nothing to carry out.
    pub fn read(self, words: impl IntoIterator<Item = OsString>) -> Result<Cli, Stop> {
        let words: Vec<OsString> = words.into_iter().collect();
        let root = self
            .tree(|entry| words.iter().filter_map(|word| word.to_str()).any(|word| entry.is_called(word)));
        let mut globals = Globals::augment_args(clap::Command::new("globals"));
        globals.build();
        match command_line::read(&root, &globals, words) {
            Ok(Reading::Words(words)) => Self::carry(root, words),
            Ok(Reading::Help(text)) => Err(Stop::Asked(text)),
            Ok(Reading::Version) => Err(Stop::Asked(root.render_version())),
            Err(mistake) => Err(Stop::Mistake(mistake)),
        }
    }

    fn carry(mut root: clap::Command, words: Vec<OsString>) -> Result<Cli, Stop> {
        let wrong = |root: &clap::Command, error: &clap::Error, words: &[OsString]| {
            let mut command = root;
            for word in &words[1..] {
                match word.to_str().and_then(|word| command.find_subcommand(word)) {
                    Some(inner) => command = inner,
                    None => break,
                }
            }
            Stop::Mistake(mistake::of_values(command, error))
        };
        let matches = root.try_get_matches_from_mut(&words).map_err(|error| wrong(&root, &error, &words))?;
        let mut leaf = &matches;
        let mut server = false;
        while let Some((name, inner)) = leaf.subcommand() {
            server |= SERVER.contains(&name);
            leaf = inner;
        }
        let globals = if server { Ok(Globals::default()) } else { Globals::from_arg_matches(leaf) };
        let globals = globals.map_err(|error| wrong(&root, &error, &words))?;
        let cli = Cli::from_arg_matches(&matches).map_err(|error| wrong(&root, &error, &words))?;
        Ok(Cli { globals, ..cli })
    }
}

/// Adds the flags that the command doesn't have of its own.
fn with_globals(command: clap::Command) -> clap::Command {
    let globals = Globals::augment_args(clap::Command::new("globals"));
    let missing: Vec<clap::Arg> = globals
        .get_arguments()
        .filter(|flag| command.get_arguments().all(|own| own.get_id() != flag.get_id()))
        .cloned()
        .collect();
    command.args(missing)
}
