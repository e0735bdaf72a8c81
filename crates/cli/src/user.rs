//! `chartroom user`

use clap::{Args, Subcommand};

use crate::{OutputFormat, Storage};

/// `chartroom user …`
#[derive(Debug, Args)]
#[command(
    long_about = "\
Add, list and remove the users of a registry

Works on the registry's data folder, also while a server is using it: what is changed holds from the
next request on. What users may do is said by the rules in the server's configuration; without one that
allows it, a user may do nothing.",
    after_help = "\
Examples:

    # Somebody with a password, which is asked for
    chartroom user add anna --group platform

    # A robot that has access tokens only
    chartroom user add ci --no-password
    chartroom token create --user ci --repositories 'charts/**' --actions pull,push"
)]
pub struct User {
    /// What to do.
    #[command(subcommand)]
    pub command: UserCommand,
}

/// The commands of `chartroom user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user
    Add(UserAdd),
    /// List the users
    List(UserList),
    /// Remove a user and all their tokens
    Remove(UserRemove),
    /// Change a user's password, or groups
    Passwd(UserPasswd),
}

/// How a password is given.
#[derive(Debug, Args)]
pub struct NewPassword {
    /// Read the password from the standard input instead of asking for it
    #[arg(long, conflicts_with = "no_password")]
    pub password_stdin: bool,

    /// No password: the user has access tokens only
    #[arg(long)]
    pub no_password: bool,
}

/// Flags of `chartroom user add`.
#[derive(Debug, Args)]
pub struct UserAdd {
    /// The user's name
    #[arg(value_name = "NAME")]
    pub name: String,

    /// A group that the user is in; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    pub groups: Vec<String>,

    /// How the password is given.
    #[command(flatten)]
    pub password: NewPassword,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}

/// Flags of `chartroom user list`.
#[derive(Debug, Args)]
pub struct UserList {
    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}

/// Flags of `chartroom user remove`.
#[derive(Debug, Args)]
pub struct UserRemove {
    /// The user's name
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}

/// Flags of `chartroom user passwd`.
#[derive(Debug, Args)]
#[command(long_about = "\
Change a user's password, or groups

A new password ends the sessions that were begun with the old one. Access tokens stay; revoke them with
`chartroom token revoke`. With --group or --no-groups, only the groups are changed.")]
pub struct UserPasswd {
    /// The user's name
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Put the user into these groups, and no others
    #[arg(long = "group", value_name = "GROUP", conflicts_with_all = ["password_stdin", "no_password"])]
    pub groups: Vec<String>,

    /// Take the user out of all groups
    #[arg(long, conflicts_with_all = ["groups", "password_stdin", "no_password"])]
    pub no_groups: bool,

    /// How the password is given.
    #[command(flatten)]
    pub password: NewPassword,

    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,
}
