//! Stopping: what is under way is finished, within bounds.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_new_begun() {
    let server = start(&settings("")).await;
    let mut busy = server.connect().await;
    busy.get("/slow/1000").await;
    let mut idle = server.connect().await;
    idle.get("/").await;
    idle.answer().await;

    server.lifecycle.drain();
    assert_eq!(idle.rest().await, "");
    assert!(server.lifecycle.draining());
    assert!(TcpStream::connect(server.address).await.is_err());
    assert_eq!(busy.answer().await, (200, "slow".to_owned()));
    assert_eq!(busy.rest().await, "");
    server.stopped().await;
}

#[tokio::test]
async fn an_upload_under_way_is_finished() {
    let server = start(&settings("")).await;
    let mut client = server.connect().await;
    client.send("PUT /body HTTP/1.1\r\ncontent-length: 6\r\n\r\nabc").await;
    sleep(Duration::from_millis(100)).await;
    server.lifecycle.drain();
    sleep(Duration::from_millis(100)).await;
    client.send("def").await;
    assert_eq!(client.answer().await, (200, "6 bytes".to_owned()));
    server.stopped().await;
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off() {
    let server = start(&settings("[limits]\ndrain_timeout = \"200ms\"")).await;
    let mut client = server.connect().await;
    client.get("/slow/60000").await;
    sleep(Duration::from_millis(100)).await;
    let begun = Instant::now();
    server.lifecycle.drain();
    server.stopped().await;
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn the_second_request_to_stop_is_obeyed_at_once() {
    let server = start(&settings("")).await;
    let mut client = server.connect().await;
    client.get("/slow/60000").await;
    sleep(Duration::from_millis(100)).await;
    server.lifecycle.drain();
    server.lifecycle.end();
    timeout(Duration::from_secs(2), server.stopped()).await.unwrap();
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_client_that_has_said_nothing_is_not_waited_for() {
    let server = start(&settings("")).await;
    let mut client = server.connect().await;
    sleep(Duration::from_millis(100)).await;
    server.lifecycle.drain();
    timeout(Duration::from_secs(2), server.stopped()).await.unwrap();
    assert_eq!(client.rest().await, "");
}
