//! Clients that take too long, and those that only look like it.

use super::*;

/// Times that a test can wait for.
const SHORT: &str = "[limits]\nheader_timeout = \"200ms\"\nidle_timeout = \"1s\"";

#[tokio::test]
async fn a_head_that_never_ends() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: te").await;
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_client_that_says_nothing() {
    let server = start(&settings(SHORT)).await;
    assert_eq!(server.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_head_that_trickles_in_after_a_good_request() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    client.get("/").await;
    client.answer().await;
    let trickle = async {
        loop {
            // The server may have closed the connection in the meantime, which is the point.
            let _ = client.0.write_all(b"x").await;
            sleep(Duration::from_millis(50)).await;
            if client.0.try_read(&mut [0; 1]).is_ok_and(|read| read == 0) {
                break;
            }
        }
    };
    timeout(Duration::from_secs(3), trickle).await.unwrap();
}

#[tokio::test]
async fn between_two_requests_a_client_may_rest_for_longer_than_a_head_may_take() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.get("/").await;
        assert_eq!(client.answer().await.0, 200);
        sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(client.rest().await, "", "but not for ever");
}

#[tokio::test]
async fn a_slow_handler_is_not_the_clients_fault() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    client.get("/slow/2000").await;
    assert_eq!(client.answer().await.0, 200);
}

#[tokio::test]
async fn a_body_that_stops_halfway_is_reported_to_its_handler() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    client.send("PUT /body HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc").await;
    assert_eq!(client.answer().await, (200, "stalled".to_owned()));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_reported_to_its_handler() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    client.send("PUT /body HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc").await;
    client.0.shutdown().await.unwrap();
    assert_eq!(client.answer().await, (200, "broken".to_owned()));
}

#[tokio::test]
async fn a_body_that_trickles_in_is_taken() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    client.send("PUT /body HTTP/1.1\r\ncontent-length: 6\r\n\r\n").await;
    for _ in 0..6 {
        sleep(Duration::from_millis(400)).await;
        client.send("x").await;
    }
    assert_eq!(client.answer().await, (200, "6 bytes".to_owned()));
}

#[tokio::test]
async fn an_answer_that_nobody_reads() {
    let server = start(&settings(SHORT)).await;
    let mut client = server.connect().await;
    client.get("/large").await;
    sleep(Duration::from_secs(3)).await;
    let read = client.rest().await.len();
    assert!(read < 64 << 20, "{read} bytes had been sent");
}
