//! Uploads over HTTP/2, where a body may come without saying how long it is.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use bytes::Bytes;
use chartroom_blobs::BlobStore;
use chartroom_catalog::sqlite::SqliteCatalog;
use chartroom_oci::Digest;
use chartroom_server::Registry;
use chartroom_server::listen::{Lifecycle, Server};
use chartroom_server::settings::Settings;
use h2::client::SendRequest;
use http::{Request, StatusCode};
use tokio::net::TcpStream;

/// Asks, with a body in pieces and no length, and gives the status and the `Location`.
async fn ask(
    client: &mut SendRequest<Bytes>,
    method: &str,
    target: &str,
    pieces: &[&'static [u8]],
) -> (StatusCode, String) {
    let mut ready = client.clone().ready().await.unwrap();
    let uri = format!("http://registry{target}");
    let request = Request::builder().method(method).uri(uri).body(()).unwrap();
    let (answer, mut body) = ready.send_request(request, pieces.is_empty()).unwrap();
    for (index, piece) in pieces.iter().enumerate() {
        body.send_data(Bytes::from_static(piece), index + 1 == pieces.len()).unwrap();
    }
    let answer = answer.await.unwrap();
    let location = answer.headers().get("location").map(|location| location.to_str().unwrap().to_owned());
    (answer.status(), location.unwrap_or_default())
}

#[tokio::test]
async fn a_blob_of_unknown_length_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Arc::new(SqliteCatalog::open(&folder.path().join("catalog.sqlite")).unwrap());
    let blobs = BlobStore::open(folder.path()).unwrap();
    let mut settings = Settings::default();
    settings.listen.set_port(0);
    let lifecycle = Lifecycle::new();
    let registry = Registry::new(catalog, blobs, &settings, lifecycle.clone(), None);
    let server = Server::bind(&settings).await.unwrap();
    let address = server.address();
    let serving = tokio::spawn(server.serve(registry.router(), lifecycle.clone()));

    let stream = TcpStream::connect(address).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);

    // 320 KiB: more than a blob that is taken in one piece may have.
    static PIECE: [u8; 16 << 10] = [7; 16 << 10];
    let pieces = vec![&PIECE[..]; 20];
    let digest = Digest::sha256(&PIECE.repeat(20));
    for target in ["/v2/app/blobs/uploads/", "/v2/other/blobs/uploads/"] {
        let (status, location) = ask(&mut client, "POST", target, &[]).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        let (status, blob) = ask(&mut client, "PUT", &format!("{location}?digest={digest}"), &pieces).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(ask(&mut client, "HEAD", &blob, &[]).await.0, StatusCode::OK);
    }
    let (status, location) = ask(&mut client, "POST", "/v2/app/blobs/uploads/", &[]).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (status, location) = ask(&mut client, "PATCH", &location, &pieces).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (status, _) = ask(&mut client, "PUT", &format!("{location}?digest={digest}"), &[]).await;
    assert_eq!(status, StatusCode::CREATED);
    // What is refused before its body was read does not harm the connection.
    let (status, _) = ask(&mut client, "PUT", "/v2/A/manifests/1", &pieces).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);

    drop(client);
    connection.await.unwrap().unwrap();
    lifecycle.drain();
    serving.await.unwrap();
}
