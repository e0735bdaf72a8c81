//! Connections as clients make them, good ones and bad ones, over real sockets.

#![expect(clippy::unwrap_used, reason = "tests")]

mod draining;
mod encrypted;
mod limits;
mod timeouts;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::routing::{any, get};
use http_body_util::BodyExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{BodyError, Lifecycle, Peer, Server};
use crate::settings::Settings;

/// Long enough for anything that is to happen at all.
const SOON: Duration = Duration::from_secs(10);

/// A server that runs in this process.
struct Running {
    address: SocketAddr,
    lifecycle: Lifecycle,
    task: JoinHandle<()>,
}

/// Settings from TOML, with a free port.
fn settings(toml: &str) -> Settings {
    let settings: Settings = toml::from_str(toml).unwrap();
    Settings { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..settings }
}

async fn start(settings: &Settings) -> Running {
    let lifecycle = Lifecycle::new();
    let server = Server::bind(settings).await.unwrap();
    let address = server.address();
    let task = tokio::spawn(server.serve(app(), lifecycle.clone()));
    Running { address, lifecycle, task }
}

fn app() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/peer", get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.to_string() }))
        .route("/slow/{milliseconds}", get(slow))
        .route("/body", any(body))
        .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
}

async fn slow(axum::extract::Path(milliseconds): axum::extract::Path<u64>) -> &'static str {
    sleep(Duration::from_millis(milliseconds)).await;
    "slow"
}

/// Says what came, or what a handler can find out about why it didn't.
async fn body(body: Body) -> String {
    match body.collect().await {
        Ok(whole) => format!("{} bytes", whole.to_bytes().len()),
        Err(error) => {
            let error = error.into_inner();
            match error.downcast_ref::<BodyError>() {
                Some(BodyError::Stalled(_)) => "stalled".to_owned(),
                Some(BodyError::Broken(_)) => "broken".to_owned(),
                None => format!("unknown: {error}"),
            }
        }
    }
}

impl Running {
    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    /// Waits until the server has stopped by itself.
    async fn stopped(self) {
        timeout(SOON, self.task).await.unwrap().unwrap();
    }
}

/// A client that says exactly what it is told to.
struct Client(TcpStream);

impl Client {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    async fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")).await;
    }

    /// Reads one answer that says how long it is: its status and body.
    async fn answer(&mut self) -> (u16, String) {
        timeout(SOON, self.read_answer()).await.unwrap()
    }

    async fn read_answer(&mut self) -> (u16, String) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).await.unwrap();
        (head[9..12].parse().unwrap(), String::from_utf8(body).unwrap())
    }

    /// Reads until the server closes the connection.
    async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A reset ends a connection as well as an end does.
        let _ = timeout(SOON, self.0.read_to_end(&mut rest)).await.unwrap();
        String::from_utf8(rest).unwrap()
    }
}

#[tokio::test]
async fn handlers_know_their_client() {
    let server = start(&settings("")).await;
    let mut client = server.connect().await;
    client.get("/peer").await;
    assert_eq!(client.answer().await, (200, client.0.local_addr().unwrap().to_string()));
}

#[tokio::test]
async fn requests_in_one_go_are_answered_in_order() {
    let server = start(&settings("")).await;
    let mut client = server.connect().await;
    client.send("GET /slow/50 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(client.answer().await.1, "slow");
    assert_eq!(client.answer().await.1, "hello");
}

#[tokio::test]
async fn a_client_that_has_finished_sending_gets_its_answer() {
    let server = start(&settings("")).await;
    let mut client = server.connect().await;
    client.get("/slow/100").await;
    client.0.shutdown().await.unwrap();
    assert_eq!(client.answer().await, (200, "slow".to_owned()));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_taken_port_is_reported_with_a_way_out() {
    let server = start(&settings("")).await;
    let settings = Settings { listen: server.address, ..Settings::default() };
    let error = Server::bind(&settings).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("can't listen on {}: ", server.address)));
    assert!(error.hint().unwrap().contains("--listen"));
}

#[tokio::test]
async fn an_open_address_is_refused() {
    let settings = Settings { listen: SocketAddr::from(([0, 0, 0, 0], 0)), ..Settings::default() };
    assert!(Server::bind(&settings).await.unwrap_err().to_string().starts_with("refusing to listen"));
}
