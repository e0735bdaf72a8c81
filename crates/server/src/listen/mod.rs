//! From a socket to requests: accepting, TLS, timeouts, limits, and stopping without cutting
//! anybody off.
//!
//! This is done here rather than by `axum::serve` because that can neither close a connection whose
//! client never finishes a request's head, nor bound headers or connections, nor drain for a limited
//! time.

mod body;
mod client_certificate;
mod connection;
mod error;
mod lifecycle;
mod pulse;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

pub use body::BodyError;
pub use connection::{ClientCertificate, Peer};
pub use error::{Error, Result};
pub use lifecycle::Lifecycle;

use crate::settings::{Limits, Settings};
use connection::Connections;
use tls::Encryption;

/// How often to look whether the certificate's files have changed.
const CERTIFICATE_POLL: Duration = Duration::from_secs(10);

/// How long to wait when the system can't give us another connection, which mostly means that we are
/// out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// How often to say, at most, that there are too many connections.
const FULL_REPORT: Duration = Duration::from_secs(60);

/// A socket that is open, and what to do with those who connect.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    encryption: Option<Arc<Encryption>>,
    limits: Limits,
}

impl Server {
    /// Reads the certificate, if there is to be one, and opens the socket. Clients can connect from
    /// now on, and are answered once [`Server::serve`] runs.
    pub async fn bind(settings: &Settings) -> Result<Self> {
        settings.check_exposure()?;
        let encryption = match settings.tls.files() {
            Some((certificate, key)) => {
                let authority = settings.tls.client_authority.as_deref();
                Some(Arc::new(Encryption::load(certificate, key, authority)?))
            }
            None => None,
        };
        let cannot = |source| Error::Bind { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address, encryption, limits: settings.limits.clone() })
    }

    /// The address that clients can connect to, with the port that was really taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address as a URL.
    pub fn url(&self) -> String {
        let scheme = if self.encryption.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Answers requests until told to stop, then finishes those under way for as long as
    /// `limits.drain_timeout` allows. Connections that are left then are cut off.
    pub async fn serve(self, app: Router, lifecycle: Lifecycle) {
        let _reloading = AbortOnDropHandle::new(tokio::spawn(keep_fresh(self.encryption.clone())));
        let most = self.limits.max_connections.get();
        let drain_timeout = self.limits.drain_timeout.duration();
        let connections = Arc::new(Connections::new(app, &self.limits, self.encryption, lifecycle.clone()));

        // Its length is the number of open connections; dropping it cuts off what is left.
        let mut open = JoinSet::new();
        let mut full = Full::default();
        loop {
            // Without it, finished connections would be kept, and panics would go unseen.
            while let Some(ended) = open.try_join_next() {
                report_panic(ended);
            }
            if open.len() >= most {
                full.report(most);
                tokio::select! {
                    Some(ended) = open.join_next() => report_panic(ended),
                    () = lifecycle.drained() => break,
                }
                continue;
            }
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        open.spawn(Arc::clone(&connections).handle(prepare(stream), canonical(peer)));
                    }
                    Err(error) if is_of_one_connection(&error) => {}
                    Err(error) => {
                        tracing::warn!(%error, "can't accept connections for a moment");
                        tokio::select! {
                            () = tokio::time::sleep(ACCEPT_PAUSE) => {}
                            () = lifecycle.drained() => break,
                        }
                    }
                },
                Some(ended) = open.join_next() => report_panic(ended),
                () = lifecycle.drained() => break,
            }
        }
        drop(self.listener);
        drain(open, drain_timeout, &lifecycle).await;
    }
}

/// Waits for the open connections, which were told to finish by the same `lifecycle`.
async fn drain(mut open: JoinSet<()>, timeout: Duration, lifecycle: &Lifecycle) {
    if !open.is_empty() {
        tracing::info!(connections = open.len(), "finishing what is under way");
    }
    let all_ended = async {
        while let Some(ended) = open.join_next().await {
            report_panic(ended);
        }
    };
    let finished = tokio::select! {
        () = all_ended => true,
        () = tokio::time::sleep(timeout) => false,
        () = lifecycle.ended() => false,
    };
    if !finished {
        tracing::warn!(connections = open.len(), "cutting off what is still under way");
        open.shutdown().await;
    }
}

/// Reads the certificate anew on SIGHUP and when its files change. Without a certificate, SIGHUP is
/// taken and does nothing, instead of ending the process.
async fn keep_fresh(encryption: Option<Arc<Encryption>>) {
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => hangup,
        Err(error) => return tracing::warn!(%error, "can't receive SIGHUP, certificates are not reloaded"),
    };
    let mut poll = tokio::time::interval(CERTIFICATE_POLL);
    loop {
        let asked = tokio::select! {
            Some(()) = hangup.recv() => true,
            _ = poll.tick() => false,
        };
        if let Some(encryption) = &encryption {
            encryption.refresh(asked).await;
        }
    }
}

fn prepare(stream: TcpStream) -> TcpStream {
    // Answers are written whole, so that waiting for more to send only delays them. A socket that
    // refuses this is broken, which reading will show.
    let _ = stream.set_nodelay(true);
    stream
}

/// The address as people write it: a socket that listens on `[::]` shows IPv4 clients as mapped.
fn canonical(peer: SocketAddr) -> SocketAddr {
    SocketAddr::new(peer.ip().to_canonical(), peer.port())
}

/// Whether an error of `accept` says nothing about the next connection.
fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

fn report_panic(ended: std::result::Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection was lost to a fault of ours");
    }
}

/// Says that the limit of connections is reached, but not over and over.
#[derive(Default)]
struct Full {
    reported: Option<Instant>,
}

impl Full {
    fn report(&mut self, most: usize) {
        if self.reported.is_none_or(|at| at.elapsed() > FULL_REPORT) {
            self.reported = Some(Instant::now());
            tracing::warn!(limits.max_connections = most, "all connections are taken, more have to wait");
        }
    }
}

#[cfg(test)]
mod tests;
