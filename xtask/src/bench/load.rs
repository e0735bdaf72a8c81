//! Load: several connections, each with the next request as soon as it has
//! the answer to the last, for a given time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::proc::{self, CpuTime};
use super::push::{self, Prepared};
use super::servers::Server;
use super::wire::{Body, Connection};

/// The body of one in so many responses is compared, byte by byte, while the
/// clock runs. The length and the status are always checked.
const COMPARED: usize = 64;
/// How long a server may take beyond the time of the load.
const GRACE: Duration = Duration::from_secs(60);

/// A request, and what must come back.
pub(super) struct Ask {
    pub(super) request: Vec<u8>,
    /// With a HEAD, no body comes.
    pub(super) head: bool,
    pub(super) body: Arc<Vec<u8>>,
}

/// What a load has measured.
pub(super) struct Sample {
    pub(super) elapsed: Duration,
    /// Of each request, or of each push.
    pub(super) latencies: Vec<Duration>,
    pub(super) bytes: u64,
    pub(super) cpu: Cpu,
    /// CPU time of the server.
    pub(super) server_time: Duration,
}

impl Sample {
    /// Several, one after the other, as one.
    pub(super) fn sum(samples: Vec<Self>) -> Self {
        let mut sum = Self {
            elapsed: Duration::ZERO,
            latencies: Vec::new(),
            bytes: 0,
            cpu: Cpu::default(),
            server_time: Duration::ZERO,
        };
        for Self { elapsed, latencies, bytes, cpu, server_time } in samples {
            sum.server_time += server_time;
            sum.elapsed += elapsed;
            sum.latencies.extend(latencies);
            sum.bytes += bytes;
            sum.cpu.server = sum.cpu.server.and(cpu.server);
            sum.cpu.generator = sum.cpu.generator.and(cpu.generator);
        }
        sum
    }

    pub(super) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub(super) fn megabytes_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.elapsed.as_secs_f64()
    }
}

/// How many cores were busy, and with what.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Cpu {
    pub(super) server: CpuTime,
    pub(super) generator: CpuTime,
}

/// What one connection has measured.
struct Share {
    from: Instant,
    to: Instant,
    latencies: Vec<Duration>,
    bytes: u64,
}

impl Share {
    fn begin() -> Self {
        let now = Instant::now();
        Self { from: now, to: now, latencies: Vec::new(), bytes: 0 }
    }

    fn count(&mut self, bytes: usize) {
        let now = Instant::now();
        self.latencies.push(now - self.to);
        self.to = now;
        self.bytes += bytes as u64;
    }
}

/// Asks for each in turn, over so many connections. A part of the time is
/// spent before as a warm-up, in which every body is compared.
pub(super) async fn read(
    server: &Server,
    asks: Arc<Vec<Ask>>,
    connections: usize,
    time: Duration,
) -> Result<Sample> {
    let warm_up = (time / 6).min(Duration::from_millis(500));
    let start = Arc::new(Barrier::new(connections + 1));
    let mut tasks = JoinSet::new();
    for number in 0..connections {
        let (asks, start, address) = (asks.clone(), start.clone(), server.address);
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut next = number * asks.len() / connections;
            let mut share = Share::begin();
            while share.latencies.is_empty() || share.from.elapsed() < warm_up {
                share.count(exchange(&mut connection, &asks[next % asks.len()], true).await?);
                next += 1;
            }
            start.wait().await;
            let mut share = Share::begin();
            while share.to - share.from < time {
                let compared = share.latencies.len() % COMPARED == COMPARED - 1;
                share.count(exchange(&mut connection, &asks[next % asks.len()], compared).await?);
                next += 1;
            }
            Ok(share)
        });
    }
    finish(server, tasks, start, time).await
}

/// Pushes the charts until there are none left, or the time is over.
pub(super) async fn push(
    server: &Server,
    charts: Vec<Prepared>,
    connections: usize,
    time: Duration,
) -> Result<Sample> {
    let start = Arc::new(Barrier::new(connections + 1));
    let mut tasks = JoinSet::new();
    let mut shares: Vec<Vec<Prepared>> = (0..connections).map(|_| Vec::new()).collect();
    for (number, chart) in charts.into_iter().enumerate() {
        shares[number % connections].push(chart);
    }
    for charts in shares {
        let (start, address) = (start.clone(), server.address);
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            start.wait().await;
            let mut share = Share::begin();
            for chart in &charts {
                push::chart(&mut connection, chart).await?;
                share.count(chart.size());
                if share.to - share.from >= time {
                    break;
                }
            }
            Ok(share)
        });
    }
    finish(server, tasks, start, time).await
}

async fn exchange(connection: &mut Connection, ask: &Ask, compare: bool) -> Result<usize> {
    connection.send(&ask.request, &[]).await?;
    let body = match ask {
        Ask { head: true, .. } => Body::Absent,
        Ask { body, .. } if compare => Body::Same(body),
        _ => Body::Count,
    };
    let (response, length) = connection.receive(body).await?;
    if response.status != 200 || length != ask.body.len() {
        let wanted = ask.body.len();
        bail!("answered {} with {length} bytes instead of 200 with {wanted}", response.status);
    }
    Ok(length)
}

/// Waits for the connections, the first error of any of them, or the time in
/// which they must be done.
async fn finish(
    server: &Server,
    mut tasks: JoinSet<Result<Share>>,
    start: Arc<Barrier>,
    time: Duration,
) -> Result<Sample> {
    let shares = async {
        let cpu = || anyhow::Ok((proc::group_cpu(server.process())?, proc::own_cpu()?));
        let mut shares = Vec::new();
        tokio::select! {
            _ = start.wait() => {}
            // None of them ends before all have begun, but with an error.
            Some(ended) = tasks.join_next() => shares.push(ended.context("a connection's task ended")??),
        }
        let (server_before, own_before) = cpu()?;
        let time_before = proc::run_time(server.process())?;
        while let Some(ended) = tasks.join_next().await {
            shares.push(ended.context("a connection's task ended")??);
        }
        let server_time = proc::run_time(server.process())?.saturating_sub(time_before);
        let (server_after, own_after) = cpu()?;
        let cpu = Cpu { server: server_after.since(server_before), generator: own_after.since(own_before) };
        anyhow::Ok((shares, cpu, server_time))
    };
    let shares = timeout(time + GRACE, shares).await;
    let shares = shares.unwrap_or_else(|_| bail!("no answer for {} s", GRACE.as_secs()));
    let (shares, cpu, server_time) = shares.with_context(|| format!("load on {}", server.peer.name()))?;
    let from = shares.iter().map(|share| share.from).min().context("no connections")?;
    let to = shares.iter().map(|share| share.to).max().context("no connections")?;
    Ok(Sample {
        elapsed: to - from,
        bytes: shares.iter().map(|share| share.bytes).sum(),
        latencies: shares.into_iter().flat_map(|share| share.latencies).collect(),
        cpu,
        server_time,
    })
}
