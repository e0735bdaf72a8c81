//! The command line: names, flags and help, one file per command, and the rules by which lines are read.
//! What the commands do is in the crate `chartroom`.

mod access;
mod chart_repository;
mod chart_source;
mod command_line;
mod commands;
mod completion;
mod connection;
mod copy;
mod create;
mod dependency;
mod env;
mod fsck;
mod gc;
mod get;
mod globals;
pub mod go;
mod history;
mod install;
mod lint;
mod list;
mod mistake;
mod output;
mod package;
mod program;
mod pull;
mod push;
mod registry;
mod release_flags;
mod repo;
mod rollback;
mod search;
mod serve;
mod show;
mod status;
mod storage;
mod tags;
mod template;
mod token;
mod uninstall;
mod user;
mod value_flags;
mod verify;
mod version;

use clap::Parser;

pub use access::{Access, AccessCommand, Explain};
pub use chart_repository::ChartRepository;
pub use chart_source::ChartSource;
pub use commands::Command;
pub use completion::{Completion, Shell, ShellScript};
pub use connection::{Connection, Transport};
pub use copy::Copy;
pub use create::Create;
pub use dependency::{
    Dependency, DependencyBuild, DependencyCommand, DependencyList, DependencyUpdate, Download,
};
pub use env::Env;
pub use fsck::Fsck;
pub use gc::Gc;
pub use get::{Get, GetAll, GetCommand, GetMetadata, GetValues, ReleaseRevision};
pub use globals::{Globals, Kube};
pub use history::History;
pub use install::Install;
pub use lint::Lint;
pub use list::List;
pub use output::OutputFormat;
pub use package::Package;
pub use program::{Program, Stop};
pub use pull::Pull;
pub use push::Push;
pub use registry::{Login, Logout, Registry, RegistryCommand};
pub use release_flags::ReleaseFlags;
pub use repo::{Repo, RepoAdd, RepoCommand, RepoIndex, RepoList, RepoRemove, RepoUpdate};
pub use rollback::Rollback;
pub use search::{Search, SearchCommand, SearchHub, SearchRepo};
pub use serve::Serve;
pub use show::{Show, ShowChart, ShowCommand, ShowValues};
pub use status::Status;
pub use storage::Storage;
pub use tags::Tags;
pub use template::Template;
pub use token::{Token, TokenCommand, TokenCreate, TokenList, TokenRevoke};
pub use uninstall::Uninstall;
pub use user::{NewPassword, User, UserAdd, UserCommand, UserList, UserPasswd, UserRemove};
pub use value_flags::ValueFlags;
pub use verify::{Verification, Verify};
pub use version::Version;

/// Helm charts in OCI registries: the registry and the client in one binary
#[derive(Debug, Parser)]
#[command(
    name = "chartroom",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Start a registry on this machine, and use it, here or with Helm:

    chartroom serve
    chartroom create app
    chartroom push app oci://127.0.0.1:5000/charts --plain-http
    chartroom tags oci://127.0.0.1:5000/charts/app --plain-http
    helm install app oci://127.0.0.1:5000/charts/app --version 0.1.0 --plain-http"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// The flags that every command of the client takes.
    #[arg(skip)]
    pub globals: Globals,
}

#[cfg(test)]
mod tests;
