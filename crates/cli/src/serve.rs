//! `chartroom serve`

use std::net::SocketAddr;

use clap::Args;

use crate::Storage;

/// Flags of `chartroom serve`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Run the registry

Prints `chartroom listening on http://…` on the standard output once it accepts connections, and logs
to the standard error. On SIGTERM or SIGINT it finishes the requests under way and ends; on a second
one it ends at once. On SIGHUP it reads its TLS certificate anew, as it does when the files change,
and its rules of access.

Without accounts (the configuration's [auth] and [[access]]), whoever reaches the server may read and
write everything. That is why it then listens on this machine only, and refuses any other address
without --allow-anonymous.",
    after_help = "\
Examples:

    # A registry on this machine, with its data in ./chartroom-data
    chartroom serve

    # On all addresses, open to everybody who can reach them
    chartroom serve --listen 0.0.0.0:5000 --data /var/lib/chartroom --allow-anonymous

    # With settings from a file, one of which is overridden
    CHARTROOM_CHARTS__IMMUTABLE_VERSIONS=true chartroom serve --config /etc/chartroom.toml"
)]
pub struct Serve {
    /// Where settings and data are.
    #[command(flatten)]
    pub storage: Storage,

    /// IP address and port to listen on; port 0 picks a free one [default: 127.0.0.1:5000]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,

    /// Let anybody who reaches the server read and write
    #[arg(long)]
    pub allow_anonymous: bool,
}
