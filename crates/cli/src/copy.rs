//! `chartroom copy`

use clap::Args;

use crate::{Connection, OutputFormat};

/// Flags of `chartroom copy`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Copy a chart from one registry to another

Its manifest, and what it is made of, arrive byte for byte, so that the digest stays the same and
signatures of it stay valid. What refers to it (signatures, SBOMs, also by the tags of cosign) goes
along. Blobs that the target has, or can link from another repository, are not sent; others pass through
without being kept, however large they are.",
    after_help = "\
Examples:

    chartroom copy oci://ghcr.io/org/charts/webapp:1.0.0 oci://registry.example.com/charts/webapp
    chartroom copy oci://127.0.0.1:5000/charts/webapp:1.0.0 oci://ghcr.io/org/charts/webapp:stable --from-plain-http"
)]
pub struct Copy {
    /// Chart to copy (oci://…/NAME:TAG or @DIGEST)
    #[arg(value_name = "FROM")]
    pub from: String,

    /// Repository to copy it to, with a tag if it is to get another one (oci://…/NAME)
    #[arg(value_name = "TO")]
    pub to: String,

    /// Leave out what refers to the chart
    #[arg(long)]
    pub no_referrers: bool,

    /// Format of the result
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t)]
    pub output: OutputFormat,

    /// Use plain HTTP for the registry that is copied from
    #[arg(long)]
    pub from_plain_http: bool,

    /// How to reach the registries; --plain-http counts for the one that is copied to.
    #[command(flatten)]
    pub connection: Connection,
}
