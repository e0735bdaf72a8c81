//! What is stored: read, written again, and compared to the byte.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_release::Release;
use chartroom_test_support::Peer;
use flate2::read::GzDecoder;

use crate::desk::Desk;

fn json(packed: &[u8]) -> Vec<u8> {
    let mut json = Vec::new();
    GzDecoder::new(&STANDARD.decode(packed).unwrap()[..]).read_to_end(&mut json).unwrap();
    json
}

#[test]
fn records_of_helm_come_back_to_the_byte() {
    let Some(desk) = Desk::new() else { return };
    desk.chart();
    desk.write(
        "parent/Chart.yaml",
        "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies: [{name: web, version: '*', repository: '', alias: other}]\n",
    );
    for file in ["Chart.yaml", "values.yaml", "templates/cm.yaml"] {
        let text = std::fs::read_to_string(desk.path("web").join(file)).unwrap();
        desk.write(&format!("parent/charts/web/{file}"), &text);
    }
    desk.stock("install web web --set 'a=<&>' --set-json 'n={\"x\":1e21,\"y\":1.5,\"z\":null}'");
    desk.stock("upgrade web web --set name=b");
    desk.stock("rollback web 1");
    desk.stock("install parent parent");
    let mut checked = 0;
    let secrets = desk.server.get(&format!("/api/v1/namespaces/{}/secrets", desk.namespace));
    for secret in secrets["items"].as_array().unwrap() {
        let packed = STANDARD.decode(secret["data"]["release"].as_str().unwrap()).unwrap();
        let stored = String::from_utf8(json(&packed)).unwrap();
        let release = Release::decode(&packed).unwrap();
        assert_eq!(String::from_utf8(release.to_json().unwrap()).unwrap(), stored);
        // Packed and unpacked again, it is the same.
        let again = release.encode().unwrap();
        assert_eq!(String::from_utf8(json(again.as_bytes())).unwrap(), stored);
        checked += 1;
    }
    assert_eq!(checked, 4);
}

#[test]
fn records_of_helm_3_become_those_of_helm_4_as_helm_makes_them() {
    let Some(desk) = Desk::new() else { return };
    let Some(old) = Peer::find("helm-3") else { return };
    desk.chart();
    desk.with(&old, "install web web --set a=1");
    let path = format!("/api/v1/namespaces/{}/secrets/sh.helm.release.v1.web.v1", desk.namespace);
    let packed = || STANDARD.decode(desk.server.get(&path)["data"]["release"].as_str().unwrap()).unwrap();
    let mut release = Release::decode(&packed()).unwrap();
    assert!(json(&packed()).windows(12).any(|part| part == b"\"deleted\":\"\""));
    // Helm 4 writes it anew when a later revision takes its place.
    desk.stock("upgrade web web");
    release.info.status = chartroom_release::Status::Superseded;
    let theirs = String::from_utf8(json(&packed())).unwrap();
    assert_eq!(String::from_utf8(release.to_json().unwrap()).unwrap(), theirs);
}
