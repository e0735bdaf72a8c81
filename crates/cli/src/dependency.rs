//! `chartroom dependency list`, `chartroom dependency update`, `chartroom dependency build`

use clap::{Args, Subcommand};

use crate::{Connection, Globals, Verification};

/// `chartroom dependency …`
#[derive(Debug, Args)]
#[command(
    long_about = "\
Manage the charts that a chart depends on

They are declared in Chart.yaml, each with the version that is wanted, or a range, and a repository:

    dependencies:
    - name: postgresql
      version: ^15
      repository: oci://registry.example.com/charts
    - name: redis
      version: ~18.1
      repository: https://charts.example.com

A repository can be in a registry (oci://…), classic (https://…), a classic one by the name that `repo
add` gave it (@name), a folder (file://../redis), or nothing: the chart is then in charts/ already.
`dependency update` finds the versions, puts the archives into charts/ and notes the versions in
Chart.lock; `dependency build` gets the very versions that Chart.lock has.",
    after_help = "\
Examples:

    chartroom dependency list charts/webapp
    chartroom dependency update charts/webapp
    chartroom dependency build charts/webapp"
)]
pub struct Dependency {
    /// What to do.
    #[command(subcommand)]
    pub command: DependencyCommand,
}

/// The commands of `chartroom dependency`.
#[derive(Debug, Subcommand)]
pub enum DependencyCommand {
    /// List the dependencies of a chart, and how they stand in charts/
    List(DependencyList),
    /// Bring charts/ up to what Chart.yaml asks for
    Update(DependencyUpdate),
    /// Fill charts/ with the versions that Chart.lock has
    Build(DependencyBuild),
}

/// Flags of `chartroom dependency list`.
#[derive(Debug, Args)]
#[command(
    visible_alias = "ls",
    after_help = "\
Examples:

    chartroom dependency list
    chartroom dependency list charts/webapp"
)]
pub struct DependencyList {
    /// Chart: a folder or an archive [default: here]
    #[arg(value_name = "CHART")]
    pub chart: Option<String>,

    /// The widest that a column may be; 0 is as wide as it takes
    #[arg(long, value_name = "NUMBER", default_value_t = 80)]
    pub max_col_width: u64,

    /// The flags that every command of the client takes.
    #[command(flatten)]
    pub globals: Globals,
}

/// Flags of `chartroom dependency update`.
#[derive(Debug, Args)]
#[command(
    visible_alias = "up",
    long_about = "\
Bring charts/ up to what Chart.yaml asks for

The newest versions that fit are found and downloaded. Only when all of them are there do they go into
charts/, and the archives of other versions out of it. Chart.lock is written if something has changed.

With --pin-digests, Chart.lock also gets the digest of each archive that was downloaded. From then on
archives must have these digests: `dependency build` and `dependency update` refuse a version whose
archive has become another one. Helm reads such a lock as any other, and overlooks the digests.

With --verify, every archive that is downloaded must have a provenance file.",
    after_help = "\
Examples:

    chartroom dependency update charts/webapp
    chartroom dependency update charts/webapp --skip-refresh
    chartroom dependency update charts/webapp --pin-digests"
)]
pub struct DependencyUpdate {
    /// Folder of the chart [default: here]
    #[arg(value_name = "CHART")]
    pub chart: Option<String>,

    /// Note the digests of the archives in Chart.lock, even where others are noted
    #[arg(long)]
    pub pin_digests: bool,

    /// How to get them.
    #[command(flatten)]
    pub download: Download,
}

/// Flags of `chartroom dependency build`.
#[derive(Debug, Args)]
#[command(
    long_about = "\
Fill charts/ with the versions that Chart.lock has

Chart.lock must belong to the dependencies in Chart.yaml. Where it has the digest of an archive, the
archive must have it. A chart without a Chart.lock is updated instead, as by `dependency update`.

With --verify, archives that have a provenance file are verified; of others, a warning tells.",
    after_help = "\
Examples:

    chartroom dependency build charts/webapp
    chartroom dependency build charts/webapp --skip-refresh"
)]
pub struct DependencyBuild {
    /// Folder of the chart [default: here]
    #[arg(value_name = "CHART")]
    pub chart: Option<String>,

    /// How to get them.
    #[command(flatten)]
    pub download: Download,
}

/// How dependencies are downloaded.
#[derive(Clone, Debug, Default, Args)]
pub struct Download {
    /// Take the indexes of classic repositories as they are here, without asking for newer ones
    #[arg(long)]
    pub skip_refresh: bool,

    /// Whether to verify what is downloaded.
    #[command(flatten)]
    pub verification: Verification,

    /// How to reach registries.
    #[command(flatten)]
    pub connection: Connection,
}
