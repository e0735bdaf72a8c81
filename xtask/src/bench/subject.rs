//! A server with what has been stored in it, and how each case is measured.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::Signal;

use super::cases::{Case, Unit};
use super::charts::{Blob, Chart, Random};
use super::figures::Measurement;
use super::listing::{self, MANY, SOME};
use super::load::{self, Ask};
use super::proc;
use super::push::{self, ACCEPT, Prepared, Tags};
use super::servers::{Peer, Server};
use super::wire::{self, Connection};

pub(super) const READERS: usize = 16;
const PUSHERS: usize = 4;
/// Over how many repositories the pushed charts are spread.
const REPOSITORIES: usize = 20;
/// Charts to read, all of one repository.
const READ: usize = 100;
/// Blobs of the size of charts, in all 40 MB.
const BLOBS: usize = 2_000;
pub(super) const LARGE: usize = 100_000_000;
/// More charts than this are not kept ready: each takes 20 kB.
const MOST: usize = 15_000;

/// How long storing what is to be read may take.
const STORING: Duration = Duration::from_secs(600);

/// What is stored in every server to be read from it.
pub(super) struct Corpus {
    charts: Vec<Arc<Chart>>,
    blobs: Arc<Vec<Blob>>,
    large: Blob,
}

impl Corpus {
    pub(super) fn new(random: &mut Random) -> Result<Self> {
        let chart = |number| Ok(Arc::new(Chart::new(random, "read", &push::tag(number))?));
        let charts = (0..READ).map(chart).collect::<Result<_>>()?;
        let blobs = (0..BLOBS).map(|_| Blob::random(random, 20_000)).collect();
        Ok(Self { charts, blobs: Arc::new(blobs), large: Blob::random(random, LARGE) })
    }

    pub(super) fn repository(&self) -> &str {
        &self.charts[0].repository
    }

    /// Stores the charts in a server.
    pub(super) async fn push_charts(&self, server: &Server) -> Result<()> {
        let charts = self.charts.iter();
        let charts = charts.map(|chart| Prepared::new(chart.clone(), server.address)).collect();
        load::push(server, charts, PUSHERS, STORING).await?;
        Ok(())
    }

    /// Requests for the manifests of the charts.
    pub(super) fn manifests(&self, server: &Server, method: &str, authorization: Option<&str>) -> Vec<Ask> {
        let mut fields = vec![("Accept", ACCEPT)];
        fields.extend(authorization.map(|value| ("Authorization", value)));
        let ask = |chart: &Arc<Chart>| Ask {
            request: wire::request(method, &manifest_target(chart), server.address, &fields),
            head: method == "HEAD",
            body: chart.manifest.bytes.clone(),
        };
        self.charts.iter().map(ask).collect()
    }
}

pub(super) struct Subject {
    pub(super) server: Server,
    read: bool,
    blobs: bool,
    large: bool,
    some: bool,
    many: bool,
    /// Charts pushed so far, from which the next are named.
    pushed: usize,
    /// Pushes a second, as far as is known.
    rate: f64,
    /// Manifests pushed so that there is something to recover.
    unsettled: usize,
}

impl Subject {
    pub(super) fn new(server: Server) -> Self {
        Self {
            server,
            read: false,
            blobs: false,
            large: false,
            some: false,
            many: false,
            pushed: 0,
            rate: 0.0,
            unsettled: 0,
        }
    }

    /// Stores what the case reads, unless another case has done it.
    pub(super) async fn prepare(&mut self, case: Case, corpus: &Corpus, random: &mut Random) -> Result<()> {
        let address = self.server.address;
        match case {
            Case::Push if self.rate == 0.0 => {
                // Also the warm-up. The first pushes are slower than the rest.
                let charts = self.charts(100, random)?;
                let sample = load::push(&self.server, charts, PUSHERS, STORING).await?;
                self.rate = 2.0 * sample.per_second();
            }
            Case::ManifestGet
            | Case::ManifestHead
            | Case::ManifestGetBasic
            | Case::ManifestGetToken
            | Case::BlobGet
                if !self.read =>
            {
                if self.server.peer == Peer::Nginx {
                    put_files(&self.server.files(), corpus)?;
                } else {
                    corpus.push_charts(&self.server).await?;
                }
                self.read = true;
            }
            Case::BlobGetMany if !self.blobs => {
                if self.server.peer == Peer::Nginx {
                    for blob in corpus.blobs.iter() {
                        put_file(&self.server.files(), &blob_target(corpus, blob), blob)?;
                    }
                } else {
                    push::blobs(address, READERS, corpus.repository(), &corpus.blobs).await?;
                }
                self.blobs = true;
            }
            Case::BlobGetLarge if !self.large => {
                if self.server.peer == Peer::Nginx {
                    put_file(&self.server.files(), &blob_target(corpus, &corpus.large), &corpus.large)?;
                } else {
                    self.put_large(corpus.repository(), &corpus.large).await?;
                }
                self.large = true;
            }
            Case::Tags1000 | Case::Tags1000Changed if !self.some => {
                push::tags(address, READERS, SOME).await?;
                self.some = true;
            }
            Case::Tags100000First
            | Case::Tags100000Whole
            | Case::Tags100000Changed
            | Case::Startup
            | Case::StartupClean
                if !self.many =>
            {
                push::tags(address, READERS, MANY).await?;
                self.many = true;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) async fn measure(
        &mut self,
        case: Case,
        corpus: &Corpus,
        time: Duration,
        random: &mut Random,
    ) -> Result<Measurement> {
        let readers = match case {
            Case::BlobGetLarge => 2,
            Case::Tags100000First => 4,
            _ => READERS,
        };
        let asks = match case {
            Case::Push => {
                let wanted = (self.rate * time.as_secs_f64() * 1.3) as usize;
                let charts = self.charts(wanted.clamp(PUSHERS, MOST), random)?;
                settle();
                let sample = load::push(&self.server, charts, PUSHERS, time).await?;
                self.rate = sample.per_second();
                return Ok(Measurement::of(&sample, Unit::PerSecond));
            }
            Case::ManifestGet => corpus.manifests(&self.server, "GET", None),
            Case::ManifestHead => corpus.manifests(&self.server, "HEAD", None),
            Case::ManifestGetBasic | Case::ManifestGetToken | Case::ManifestGetGuessing => {
                bail!("this is measured at a registry with accounts")
            }
            Case::BlobGet => self.blobs(corpus, corpus.charts.iter().map(|chart| &chart.archive)),
            Case::BlobGetMany => self.blobs(corpus, corpus.blobs.iter()),
            Case::BlobGetLarge => self.blobs(corpus, [&corpus.large]),
            Case::BlobPutLarge => bail!("what is put is made by the caller"),
            Case::Tags1000 => listing::ask(&self.server, &SOME, "", SOME.numbers.len()).await?,
            Case::Tags100000First => listing::ask(&self.server, &MANY, "?n=1000", 1000).await?,
            Case::Tags1000Changed => return listing::whole(&self.server, &SOME, true, time).await,
            Case::Tags100000Whole => return listing::whole(&self.server, &MANY, false, time).await,
            Case::Tags100000Changed => return listing::whole(&self.server, &MANY, true, time).await,
            Case::Memory => return Ok(proc::memory(self.server.process())?.now.into()),
            Case::MemoryPeak => return Ok(proc::memory(self.server.process())?.peak.into()),
            Case::Startup => return self.restart(Signal::KILL).await,
            Case::StartupClean => return self.restart(Signal::TERM).await,
        };
        let sample = load::read(&self.server, Arc::new(asks), readers, time).await?;
        Ok(Measurement::of(&sample, case.unit()))
    }

    /// Pushes the blob; gives the time that it took.
    pub(super) async fn put_large(&self, repository: &str, blob: &Blob) -> Result<Duration> {
        let mut connection = Connection::open(self.server.address).await?;
        let started = Instant::now();
        let put = push::blob(&mut connection, repository, blob, self.server.address).await;
        put.with_context(|| format!("a large blob for {}", self.server.peer.name()))?;
        Ok(started.elapsed())
    }

    /// Charts that the server doesn't have.
    fn charts(&mut self, count: usize, random: &mut Random) -> Result<Vec<Prepared>> {
        let mut charts = Vec::with_capacity(count);
        for number in self.pushed..self.pushed + count {
            let name = format!("bench-{:02}", number % REPOSITORIES);
            let chart = Chart::new(random, &name, &push::tag(number / REPOSITORIES))?;
            charts.push(Prepared::new(Arc::new(chart), self.server.address));
        }
        self.pushed += count;
        Ok(charts)
    }

    fn blobs<'a>(&self, corpus: &Corpus, blobs: impl IntoIterator<Item = &'a Blob>) -> Vec<Ask> {
        let ask = |blob: &Blob| Ask {
            request: wire::request("GET", &blob_target(corpus, blob), self.server.address, &[]),
            head: false,
            body: blob.bytes.clone(),
        };
        blobs.into_iter().map(ask).collect()
    }

    async fn restart(&mut self, signal: Signal) -> Result<Measurement> {
        // A database that nothing has been written to has nothing to recover.
        let numbers = self.unsettled..self.unsettled + 500;
        self.unsettled = numbers.end;
        push::tags(self.server.address, READERS, Tags { repository: "tags/unsettled", numbers }).await?;
        let time = self.server.restart(signal).await?;
        Ok((time.as_secs_f64() * 1000.0).into())
    }
}

/// Has the disk take what was written before, so that what is measured next
/// doesn't wait for it.
pub(super) fn settle() {
    rustix::fs::sync();
}

fn manifest_target(chart: &Chart) -> String {
    format!("/v2/{}/manifests/{}", chart.repository, chart.tag)
}

fn blob_target(corpus: &Corpus, blob: &Blob) -> String {
    format!("/v2/{}/blobs/{}", corpus.repository(), blob.digest)
}

/// The same paths as a registry has, as files.
fn put_files(folder: &Path, corpus: &Corpus) -> Result<()> {
    for chart in &corpus.charts {
        put_file(folder, &manifest_target(chart), &chart.manifest)?;
        put_file(folder, &blob_target(corpus, &chart.archive), &chart.archive)?;
    }
    Ok(())
}

fn put_file(folder: &Path, target: &str, blob: &Blob) -> Result<()> {
    let path = folder.join(target.trim_start_matches('/'));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(&path, blob.bytes.as_slice()).with_context(|| format!("cannot write {}", path.display()))
}
