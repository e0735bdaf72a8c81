//! What one client, or all of them together, may use up.

use super::*;

#[tokio::test]
async fn a_head_that_is_too_large() {
    let server = start(&settings("[limits]\nmax_header_bytes = \"8KiB\"")).await;
    let mut client = server.connect().await;
    client.send(&format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(7 << 10))).await;
    assert_eq!(client.answer().await.0, 200);
    client.send(&format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(9 << 10))).await;
    assert_eq!(client.answer().await.0, 431);
}

#[tokio::test]
async fn one_connection_too_many_waits_for_another_to_end() {
    let server = start(&settings("[limits]\nmax_connections = 2")).await;
    let mut clients = [server.connect().await, server.connect().await];
    for client in &mut clients {
        client.get("/").await;
        client.answer().await;
    }
    let mut third = server.connect().await;
    third.get("/").await;
    assert!(timeout(Duration::from_millis(300), third.read_answer()).await.is_err());
    let [first, _second] = clients;
    drop(first);
    assert_eq!(third.answer().await.0, 200);
}

#[tokio::test]
async fn a_full_server_can_be_stopped() {
    let server = start(&settings("[limits]\nmax_connections = 1\ndrain_timeout = \"100ms\"")).await;
    let mut client = server.connect().await;
    client.get("/slow/60000").await;
    sleep(Duration::from_millis(100)).await;
    server.lifecycle.drain();
    server.stopped().await;
}
