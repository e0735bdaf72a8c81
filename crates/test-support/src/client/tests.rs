//! The client against servers that say fixed things.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use super::*;

/// A server that takes one connection, and for each answer waits for the text that stands before
/// it. Gives back all that it was sent.
fn server(script: &'static [(&'static str, &'static str)]) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = String::new();
        let mut buffer = [0; 4096];
        for (awaited, answer) in script {
            let from = seen.len();
            while !seen[from..].contains(awaited) {
                let length = stream.read(&mut buffer).unwrap();
                assert!(length > 0, "only {seen:?} came");
                seen.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
        seen
    });
    (addr, thread)
}

#[test]
fn a_connection_is_kept_and_bodies_end_where_they_should() {
    let (addr, server) = server(&[
        ("GET /a HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: 1\r\nX: 2\r\n\r\nhi"),
        ("HEAD /b HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        (
            "hello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        ),
        ("0\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
        ("GET /e", "HTTP/1.1 200 OK\r\n\r\nto the end"),
    ]);
    let client = Client::new(addr);
    let first = client.get("http://elsewhere.example/a").send().expect(200);
    assert_eq!((first.text().as_str(), first.headers("x")), ("hi", vec!["1", "2"]));
    let head = client.head("/b").send();
    assert_eq!((head.content_length(), head.body_length), (5, 0));
    assert_eq!(client.put("/c").body("hello").send().text(), "abcde");
    client.patch("/d").chunked(&b"xyz"[..]).send().expect(204);
    assert_eq!(client.get("/e").send().text(), "to the end");
    let seen = server.join().unwrap();
    assert!(seen.contains("PUT /c HTTP/1.1\r\nHost: 127.0.0.1:"), "{seen}");
    assert!(seen.contains("Transfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"), "{seen}");
}

#[test]
fn an_answer_that_comes_before_the_whole_body_is_taken() {
    let (addr, server) = server(&[("PUT /a", "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n")]);
    let client = Client::new(addr).with_timeout(Duration::from_secs(5));
    client.put("/a").reader(1 << 40, std::io::repeat(b'x')).send().expect(413);
    server.join().unwrap();
}

#[test]
fn silence_is_an_error_and_takes_no_longer_than_the_timeout() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let client = Client::new(listener.local_addr().unwrap()).with_timeout(Duration::from_millis(100));
    let error = client.get("/").try_send().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}

#[test]
fn a_raw_connection_sends_anything_and_hears_everything() {
    let (addr, server) = server(&[("nonsense", "HTTP/1.1 400 Bad\r\n\r\n")]);
    let mut raw = Client::new(addr).raw();
    raw.send("nonsense");
    raw.half_close();
    let answer = raw.until_close();
    assert_eq!(answer.status(), Some(400));
    assert_eq!(server.join().unwrap(), "nonsense");
}

#[test]
fn a_body_that_ends_early_is_an_error() {
    let (addr, server) = server(&[("GET", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi")]);
    let error = Client::new(addr).get("/").try_send().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    server.join().unwrap();
}
