//! The command line: names, flags and help, one file per command. What the commands do is in
//! the crate `chartroom`.

mod connection;
mod copy;
mod create;
mod fsck;
mod gc;
mod output;
mod package;
mod pull;
mod push;
mod registry;
mod serve;
mod show;
mod storage;
mod tags;
mod version;

use clap::{Parser, Subcommand};

pub use connection::{Connection, Transport};
pub use copy::Copy;
pub use create::Create;
pub use fsck::Fsck;
pub use gc::Gc;
pub use output::OutputFormat;
pub use package::Package;
pub use pull::Pull;
pub use push::Push;
pub use registry::{Login, Logout, Registry, RegistryCommand};
pub use serve::Serve;
pub use show::{Show, ShowChart, ShowCommand};
pub use storage::Storage;
pub use tags::Tags;
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
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the registry
    Serve(Serve),
    /// Reclaim the space of what is no longer used
    Gc(Gc),
    /// Check that everything stored is intact
    Fsck(Fsck),
    /// Log in to a registry, or out of it
    Registry(Registry),
    /// Make a new chart
    Create(Create),
    /// Make archives of charts
    Package(Package),
    /// Push charts to a registry
    Push(Push),
    /// Download charts from a registry
    Pull(Pull),
    /// Show what is in a chart
    Show(Show),
    /// List the versions of a chart in a registry
    Tags(Tags),
    /// Copy a chart from one registry to another
    Copy(Copy),
    /// Print the version
    Version(Version),
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_reach_their_commands() {
        let Command::Serve(serve) = Cli::try_parse_from(
            "chartroom serve --config c.toml --listen [::1]:0 --data d --allow-anonymous".split(' '),
        )
        .unwrap()
        .command
        else {
            panic!("serve");
        };
        assert_eq!(serve.storage.config.unwrap().to_str(), Some("c.toml"));
        assert_eq!(serve.storage.data.unwrap().to_str(), Some("d"));
        assert_eq!(serve.listen.unwrap().to_string(), "[::1]:0");
        assert!(serve.allow_anonymous);

        let Command::Gc(gc) =
            Cli::try_parse_from(["chartroom", "gc", "--dry-run", "-ojson"]).unwrap().command
        else {
            panic!("gc");
        };
        assert!(gc.dry_run && gc.output == OutputFormat::Json);
    }

    #[test]
    fn every_command_explains_itself() {
        let mut cli = Cli::command();
        for command in cli.get_subcommands_mut() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            assert!(command.get_after_help().is_some(), "{} shows no example", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {argument}", command.get_name());
            }
        }
    }
}
