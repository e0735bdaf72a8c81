//! The commands by their names, and how a line is read as one of them.
//!
//! The flags of a command are declared only when they are wanted: to declare those of all commands
//! takes longer than `chartroom version` takes as a whole.

use clap::{Args, FromArgMatches, Subcommand};

use crate::{
    Access, Completion, Copy, Create, Dependency, Env, Fsck, Gc, Get, History, Install, Lint, List, Package,
    Pull, Push, Registry, Repo, Rollback, Search, Serve, Show, Status, Tags, Template, Token, Uninstall,
    User, Verify, Version,
};

/// A command before its flags are declared.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) aliases: &'static [&'static str],
    about: &'static str,
    augment: fn(clap::Command) -> clap::Command,
}

impl Entry {
    /// Whether it is called so.
    pub(crate) fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// With no flags, as it stands in the list of commands.
    fn outline(&self) -> clap::Command {
        clap::Command::new(self.name).visible_aliases(self.aliases).about(self.about)
    }

    /// Declares the flags.
    pub(crate) fn declare(&self, outline: clap::Command) -> clap::Command {
        // The text of the list wins over that of the flags' type.
        (self.augment)(outline).about(self.about).long_about(None)
    }
}

macro_rules! commands {
    ($(
        #[doc = $about:literal]
        $variant:ident($args:ty): $name:literal $(| $alias:literal)*,
    )+) => {
        /// The commands.
        #[derive(Debug)]
        pub enum Command {
            $(
                #[doc = $about]
                $variant($args),
            )+
        }

        /// All of them, in the order of the help.
        pub(crate) const ENTRIES: &[Entry] = &[$(
            Entry {
                name: $name,
                aliases: &[$($alias),*],
                about: $about.trim_ascii(),
                augment: <$args as Args>::augment_args,
            },
        )+];

        impl FromArgMatches for Command {
            fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
                match matches.subcommand() {
                    $(Some(($name, inner)) => <$args>::from_arg_matches(inner).map(Self::$variant),)+
                    _ => Err(clap::Error::new(clap::error::ErrorKind::MissingSubcommand)),
                }
            }

            fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

commands! {
    /// Run the registry
    Serve(Serve): "serve",
    /// Reclaim the space of what is no longer used
    Gc(Gc): "gc",
    /// Check that everything stored is intact
    Fsck(Fsck): "fsck",
    /// Add, list and remove users
    User(User): "user",
    /// Make, list and revoke access tokens
    Token(Token): "token",
    /// Explain who may do what
    Access(Access): "access",
    /// Log in to a registry, or out of it
    Registry(Registry): "registry",
    /// Make a new chart
    Create(Create): "create",
    /// Make archives of charts
    Package(Package): "package",
    /// Push charts to a registry
    Push(Push): "push",
    /// Download charts
    Pull(Pull): "pull" | "fetch",
    /// Show what is in a chart
    Show(Show): "show" | "inspect",
    /// Look for mistakes in charts
    Lint(Box<Lint>): "lint",
    /// Render a chart's templates
    Template(Box<Template>): "template",
    /// Manage the charts that a chart depends on
    Dependency(Dependency): "dependency" | "dep" | "dependencies",
    /// Search for charts
    Search(Search): "search",
    /// Give names to classic chart repositories
    Repo(Repo): "repo",
    /// Verify that a chart is what somebody signed
    Verify(Verify): "verify",
    /// List the versions of a chart in a registry
    Tags(Tags): "tags",
    /// Copy a chart from one registry to another
    Copy(Copy): "copy",
    /// Install a chart
    Install(Box<Install>): "install",
    /// Go back to an earlier revision of a release
    Rollback(Rollback): "rollback",
    /// Uninstall releases
    Uninstall(Uninstall): "uninstall" | "del" | "delete" | "un",
    /// List releases
    List(List): "list" | "ls",
    /// Show how a release stands
    Status(Status): "status",
    /// Show the revisions of a release
    History(History): "history" | "hist",
    /// Show what is known of a release
    Get(Get): "get",
    /// Print the settings that hold
    Env(Env): "env",
    /// Print a script that completes command lines in a shell
    Completion(Completion): "completion",
    /// Print the version
    Version(Version): "version",
}

impl Subcommand for Command {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        command.subcommands(ENTRIES.iter().map(Entry::outline))
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        ENTRIES.iter().any(|entry| entry.is_called(name))
    }
}
