//! `chartroom registry login`, `chartroom registry logout`

use clap::{Args, Subcommand};

use crate::{Globals, Transport};

/// `chartroom registry …`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:

    # Log in; the password is asked for
    chartroom registry login registry.example.com

    # In a pipeline
    echo $TOKEN | chartroom registry login ghcr.io --username ci --password-stdin

    # Forget it
    chartroom registry logout ghcr.io")]
pub struct Registry {
    /// What to do.
    #[command(subcommand)]
    pub command: RegistryCommand,
}

/// The commands of `chartroom registry`.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Log in to a registry
    Login(Login),
    /// Forget a login
    Logout(Logout),
}

/// Flags of `chartroom registry login`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Log in to a registry

The login is tried, and stored only if the registry accepts it. It is stored where Helm stores it, so
that `helm` finds it too; a credential helper is used where one is set up.

HOST may go on with a path (ghcr.io/org): the login then holds for what is below it. The longest one
that fits is used.",
    after_help = "\
Examples:

    chartroom registry login registry.example.com
    echo $TOKEN | chartroom registry login ghcr.io --username ci --password-stdin
    chartroom registry login 127.0.0.1:5000 --plain-http --username dev --password-stdin < secret"
)]
pub struct Login {
    /// Host of the registry, with its port if it has one
    #[arg(value_name = "HOST")]
    pub host: String,

    /// User name; asked for if it is not given
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,

    /// Password or token; anybody who lists processes sees it
    #[arg(short, long, value_name = "PASSWORD", conflicts_with = "password_stdin")]
    pub password: Option<String>,

    /// Read the password or token from the standard input
    #[arg(long)]
    pub password_stdin: bool,

    /// Accept any certificate of the registry
    #[arg(long)]
    pub insecure: bool,

    /// How to reach it.
    #[command(flatten)]
    pub transport: Transport,
}

/// Flags of `chartroom registry logout`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n\n    chartroom registry logout ghcr.io")]
pub struct Logout {
    /// Host of the registry, as it was given at login
    #[arg(value_name = "HOST")]
    pub host: String,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}
