//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use http::{Request, Version};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval_at};
use tower::Service as _;

use super::body::Patient;
use super::pulse::{Marked, Pulse, Stale, Watch, Working};
use super::tls::Encryption;
use super::{Lifecycle, client_certificate};
use crate::settings::Limits;

/// How many requests an HTTP/2 connection may have under way.
const MAX_STREAMS: u32 = 128;

/// Where a request came from, as an extension of the request. The port is the client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// The common name of the certificate that a client has shown and TLS has checked, as an extension of
/// the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate(pub Arc<str>);

/// What all connections have in common.
pub(super) struct Connections {
    app: Router,
    http: auto::Builder<TokioExecutor>,
    limits: Limits,
    encryption: Option<Arc<Encryption>>,
    lifecycle: Lifecycle,
}

impl Connections {
    pub(super) fn new(
        app: Router,
        limits: &Limits,
        encryption: Option<Arc<Encryption>>,
        lifecycle: Lifecycle,
    ) -> Self {
        // `with_state` lays the routes out once instead of for each request.
        let app = app.with_state(());
        Self { app, http: http(limits), limits: limits.clone(), encryption, lifecycle }
    }

    /// Answers what one client asks, until one of both has had enough.
    pub(super) async fn handle(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let Some(encryption) = &self.encryption else {
            return self.drive(stream, peer, None).await;
        };
        let handshake = tokio::select! {
            handshake = tokio::time::timeout(
                self.limits.header_timeout.duration(),
                encryption.acceptor().accept(stream),
            ) => handshake,
            () = self.lifecycle.drained() => return,
        };
        match handshake {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                let name = shown.and_then(client_certificate::name);
                let certificate = name.map(|name| ClientCertificate(name.into()));
                self.drive(stream, peer, certificate).await;
            }
            Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "TLS handshake took too long"),
        }
    }

    async fn drive<S>(&self, stream: S, peer: SocketAddr, certificate: Option<ClientCertificate>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = Pulse::new();
        let mut watch = Watch::new(Arc::clone(&pulse), &self.limits);
        let entrance = Entrance {
            app: self.app.clone(),
            peer: Peer(peer),
            certificate,
            pulse: Arc::clone(&pulse),
            patience: self.limits.idle_timeout.duration(),
        };
        let io = TokioIo::new(Marked { stream, pulse });
        let mut connection = pin!(self.http.serve_connection(io, entrance));
        let mut looks = interval_at(tokio::time::Instant::now() + watch.period(), watch.period());
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut drained = pin!(self.lifecycle.drained());
        let mut closing = false;
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    // A client may leave whenever it likes, so that this is nobody's fault.
                    if let Err(error) = ended {
                        tracing::debug!(%peer, error, "the connection broke");
                    }
                    return;
                }
                _ = looks.tick() => match watch.look() {
                    None => {}
                    // A client that sends at this very moment is to know that it may ask again.
                    Some(Stale::Idle) if !closing => {
                        closing = true;
                        connection.as_mut().graceful_shutdown();
                    }
                    Some(stale) => return tracing::debug!(%peer, ?stale, "gave up the connection"),
                },
                () = &mut drained, if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// How HTTP is spoken.
fn http(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let max_header_bytes = limits.max_header_bytes.bytes();
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        // It would also end connections between two requests; see `pulse`.
        .header_read_timeout(None)
        .max_buf_size(usize::try_from(max_header_bytes).unwrap_or(usize::MAX))
        // A client that has shut down its writing side still wants its answer; and one that is gone
        // must not stop a push halfway that it has sent completely.
        .half_close(true)
        .pipeline_flush(false);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(max_header_bytes).unwrap_or(u32::MAX));
    http
}

/// Takes requests in for one connection. Everything here happens once per request, so it allocates
/// nothing but the request's extension.
struct Entrance {
    app: Router,
    peer: Peer,
    certificate: Option<ClientCertificate>,
    pulse: Arc<Pulse>,
    patience: Duration,
}

impl hyper::service::Service<Request<Incoming>> for Entrance {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        let working = self.pulse.request(request.version() == Version::HTTP_2);
        let mut request = request.map(|body| Patient::new(body, self.patience));
        request.extensions_mut().insert(self.peer);
        if let Some(certificate) = &self.certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        // A router is always ready, and a clone of it is one more count.
        Answer { answer: self.app.clone().call(request), _working: working }
    }
}

/// An answer in the making.
struct Answer {
    answer: RouteFuture<Infallible>,
    _working: Working,
}

impl Future for Answer {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(cx)
    }
}
