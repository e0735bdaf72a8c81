//! The cases: what each is called, counts, and is held against.

use clap::ValueEnum;

use super::servers::Peer;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Case {
    /// Pushes of 20 kB charts, as Helm 4 makes them
    Push,
    /// A manifest by tag
    ManifestGet,
    /// The same, by HEAD
    ManifestHead,
    /// A manifest by tag, of a registry with accounts, with user name and password
    ManifestGetBasic,
    /// The same, with a token of the registry's token service
    ManifestGetToken,
    /// The same, while others try wrong passwords
    ManifestGetGuessing,
    /// Blobs of 20 kB
    BlobGet,
    /// The same, of more blobs than a server may want to keep in memory
    BlobGetMany,
    /// A blob of 100 MB
    BlobGetLarge,
    /// Pushing a blob of 100 MB
    BlobPutLarge,
    /// The tags of a repository with 1,000 of them
    #[value(name = "tags-1000")]
    Tags1000,
    /// The same, just after one of them was changed
    #[value(name = "tags-1000-changed")]
    Tags1000Changed,
    /// The first 1,000 tags of a repository with 100,000
    #[value(name = "tags-100000-first")]
    Tags100000First,
    /// All tags of a repository with 100,000, page after page
    #[value(name = "tags-100000-whole")]
    Tags100000Whole,
    /// The same, just after one of them was changed
    #[value(name = "tags-100000-changed")]
    Tags100000Changed,
    /// Resident memory after all that
    Memory,
    /// The most it has been
    MemoryPeak,
    /// Starting with 100,000 manifests after a SIGKILL
    Startup,
    /// Starting with 100,000 manifests after an orderly end
    StartupClean,
}

/// What a figure counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    PerSecond,
    MegabytesPerSecond,
    Milliseconds,
    Megabytes,
}

impl Unit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::MegabytesPerSecond => "MB/s",
            Self::Milliseconds => "ms",
            Self::Megabytes => "MB",
        }
    }

    pub(super) fn more_is_better(self) -> bool {
        matches!(self, Self::PerSecond | Self::MegabytesPerSecond)
    }
}

/// What Chartroom's figure is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rival {
    Peer(Peer),
    /// The time of sha256sum, and of writing and syncing the same bytes.
    Baseline,
    /// The same requests to Chartroom without accounts.
    Open,
    /// The time that it takes to find out that a password is wrong.
    PasswordCheck,
}

impl Rival {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Peer(peer) => peer.name(),
            Self::Baseline => "sha256sum + fsync",
            Self::Open => "without accounts",
            Self::PasswordCheck => "a password check",
        }
    }
}

/// What is to hold.
#[derive(Clone, Copy)]
pub(super) enum Bar {
    /// So many times as good as the rival.
    Times(f64, Rival),
    /// Below this, in the case's unit.
    Below(f64),
    /// At most so many times what a request costs the rival, both in time and in the server's CPU time.
    Cost(f64, Rival),
}

impl Case {
    pub(super) const ALL: &[Self] = &[
        Self::Push,
        Self::ManifestGet,
        Self::ManifestHead,
        Self::ManifestGetBasic,
        Self::ManifestGetToken,
        Self::ManifestGetGuessing,
        Self::BlobGet,
        Self::BlobGetMany,
        Self::BlobGetLarge,
        Self::BlobPutLarge,
        Self::Tags1000,
        Self::Tags1000Changed,
        Self::Tags100000First,
        Self::Tags100000Whole,
        Self::Tags100000Changed,
        Self::Memory,
        Self::MemoryPeak,
        Self::Startup,
        Self::StartupClean,
    ];

    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// What the case does, for the reader of the results.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Push => {
                "a fresh push of a chart of 20 kB that doesn't compress, each a new one, in the ten requests \
                 that Helm 4 makes; 4 connections, 20 repositories"
            }
            Self::ManifestGet => "GET of a manifest by tag, 100 tags in turn; 16 connections",
            Self::ManifestHead => "HEAD of a manifest by tag, 100 tags in turn; 16 connections",
            Self::ManifestGetBasic => {
                "manifest-get of a second Chartroom that has accounts, with user name and password on each \
                 request; against manifest-get of the first, run by run"
            }
            Self::ManifestGetToken => "the same with a token of the token service on each request",
            Self::ManifestGetGuessing => {
                "the 99th percentile of the latency of that, while 4 more connections try passwords for \
                 names that are not there, each as soon as the last was refused"
            }
            Self::BlobGet => "GET of a blob of 20 kB, 100 blobs in turn; 16 connections",
            Self::BlobGetMany => "the same with 2,000 blobs, 40 MB in all",
            Self::BlobGetLarge => "GET of a blob of 100 MB; 2 connections",
            Self::BlobPutLarge => {
                "POST and a single PUT of a blob of 100 MB, a new one in each run; 1 connection"
            }
            Self::Tags1000 => "the tag list of a repository with 1,000 tags; 16 connections",
            Self::Tags1000Changed => {
                "the time of that just after one of the tags was made to name another manifest; 1 connection"
            }
            Self::Tags100000First => {
                "the first page, `n=1000`, of the tags of a repository with 100,000; 4 connections"
            }
            Self::Tags100000Whole => {
                "all tags of a repository with 100,000, following `Link` from page to page; 1 connection"
            }
            Self::Tags100000Changed => {
                "the same just after one of the tags was made to name another manifest; 1 connection"
            }
            Self::Memory => "resident memory of the server's process after all of the above",
            Self::MemoryPeak => "the most that it was at any time",
            Self::Startup => {
                "from starting the program to its first answer on `/v2/`, with 100,000 manifests in the data \
                 folder, after a SIGKILL"
            }
            Self::StartupClean => "the same after a SIGTERM and an orderly end",
        }
    }

    pub(super) fn unit(self) -> Unit {
        match self {
            Self::BlobGetLarge | Self::BlobPutLarge => Unit::MegabytesPerSecond,
            Self::Memory | Self::MemoryPeak => Unit::Megabytes,
            Self::ManifestGetGuessing
            | Self::Tags1000Changed
            | Self::Tags100000Whole
            | Self::Tags100000Changed
            | Self::Startup
            | Self::StartupClean => Unit::Milliseconds,
            _ => Unit::PerSecond,
        }
    }

    pub(super) fn bars(self) -> &'static [Bar] {
        const REGISTRY: Rival = Rival::Peer(Peer::DockerRegistry);
        const FILES: Rival = Rival::Peer(Peer::Nginx);
        match self {
            Self::Push => &[Bar::Times(6.0, REGISTRY)],
            Self::ManifestGet => &[Bar::Times(30.0, REGISTRY)],
            Self::ManifestGetBasic => &[Bar::Cost(1.3, Rival::Open)],
            Self::ManifestGetToken => &[Bar::Cost(1.15, Rival::Open)],
            Self::ManifestGetGuessing => &[Bar::Times(1.0, Rival::PasswordCheck)],
            Self::BlobGet => &[Bar::Times(50.0, REGISTRY), Bar::Times(0.35, FILES)],
            Self::BlobGetLarge => &[Bar::Times(0.8, FILES)],
            Self::BlobPutLarge => &[Bar::Times(0.7, Rival::Baseline)],
            Self::Tags1000 => &[Bar::Times(15.0, REGISTRY)],
            Self::Memory => &[Bar::Below(60.0)],
            Self::Startup | Self::StartupClean => &[Bar::Below(100.0)],
            _ => &[],
        }
    }

    /// Whether the case is measured with this server: nginx only gives files
    /// away, the accounts are Chartroom's, and docker-registry would take too long to store 100,000
    /// manifests.
    pub(super) fn is_for(self, peer: Peer) -> bool {
        match peer {
            Peer::Chartroom => true,
            Peer::DockerRegistry => !matches!(
                self,
                Self::ManifestGetBasic
                    | Self::ManifestGetToken
                    | Self::ManifestGetGuessing
                    | Self::Tags100000First
                    | Self::Tags100000Whole
                    | Self::Tags100000Changed
                    | Self::Startup
                    | Self::StartupClean
            ),
            Peer::Nginx => {
                matches!(
                    self,
                    Self::ManifestGet
                        | Self::ManifestHead
                        | Self::BlobGet
                        | Self::BlobGetMany
                        | Self::BlobGetLarge
                )
            }
        }
    }

    /// Whether it is about a registry with accounts.
    pub(super) fn wants_accounts(self) -> bool {
        matches!(self, Self::ManifestGetBasic | Self::ManifestGetToken | Self::ManifestGetGuessing)
    }

    /// Whether measuring it again in the same process would tell more.
    pub(super) fn repeats(self) -> bool {
        !matches!(self, Self::Memory | Self::MemoryPeak)
    }
}
