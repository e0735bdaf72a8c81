//! The API server itself: that it is there, and lets in whom it should.

use chartroom_test_support::ApiServer;
use serde_json::json;

#[test]
fn an_api_server_stores_objects() {
    let Some(server) = ApiServer::shared() else { return };
    let namespace = server.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/configmaps");
    server.create(&path, &json!({"metadata": {"name": "a"}, "data": {"key": "value"}}));
    assert_eq!(server.get(&format!("{path}/a"))["data"]["key"], "value");
    server.patch(&format!("{path}/a"), &json!({"data": {"key": "other"}}));
    assert_eq!(server.get(&format!("{path}/a"))["data"]["key"], "other");
    server.delete(&format!("{path}/a"));
    assert_eq!(server.find(&format!("{path}/a")), None);
    assert!(server.peak_memory().unwrap() < 1 << 30);
    assert!(!server.startup().is_zero());
}
