//! Flags of every command that talks to a registry, named as Helm names them.

use std::path::PathBuf;

use clap::Args;

use crate::Globals;

/// How to reach a registry.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Registry options")]
pub struct Transport {
    /// Use plain HTTP instead of HTTPS
    #[arg(long)]
    pub plain_http: bool,

    /// Certificates that the registry's certificate is checked against (PEM), instead of the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,

    /// Certificate to show to the registry (PEM)
    #[arg(long, value_name = "FILE")]
    pub cert_file: Option<PathBuf>,

    /// Key of that certificate (PEM)
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}

/// How to reach a registry, and as whom.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Registry options")]
pub struct Connection {
    /// How to reach it.
    #[command(flatten)]
    pub transport: Transport,

    /// Accept any certificate of the registry
    #[arg(long, help_heading = "Registry options")]
    pub insecure_skip_tls_verify: bool,

    /// User name, instead of a stored login
    #[arg(long, value_name = "NAME", help_heading = "Registry options")]
    pub username: Option<String>,

    /// Password or token of that user; better log in once with `registry login --password-stdin`
    #[arg(long, value_name = "PASSWORD", help_heading = "Registry options")]
    pub password: Option<String>,
}
