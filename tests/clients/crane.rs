//! crane, and with it go-containerregistry, which ko, kaniko, Flux and others are built on.

use chartroom_test_support::{Image, Peer};

use crate::{server, words};

#[test]
fn an_image_is_pushed_listed_tagged_copied_pulled_and_deleted() {
    let Some(crane) = Peer::find("crane") else { return };
    let server = server();
    let client = server.client();
    let registry = server.addr().to_string();
    let run = |line: &str| crane.ok(&words(&line.replace("REGISTRY", &registry))).stdout;
    let image = Image::runnable("crane");
    image.write_layout(&crane.home().join("in"), "1.0.0");

    run("push --insecure in REGISTRY/library/app:1.0.0");
    assert_eq!(client.manifest("library/app", "1.0.0").expect(200).body, image.manifest);
    assert_eq!(run("digest --insecure REGISTRY/library/app:1.0.0").trim(), image.digest().to_string());
    assert_eq!(run("manifest --insecure REGISTRY/library/app:1.0.0").trim_end().as_bytes(), image.manifest);
    assert!(run("config --insecure REGISTRY/library/app:1.0.0").contains("\"crane\""));
    run("validate --insecure --remote REGISTRY/library/app:1.0.0");
    run("tag --insecure REGISTRY/library/app:1.0.0 stable");
    assert_eq!(run("ls --insecure REGISTRY/library/app"), "1.0.0\nstable\n");
    run("copy --insecure REGISTRY/library/app:1.0.0 REGISTRY/other/app:2.0.0");
    assert_eq!(client.manifest("other/app", "2.0.0").expect(200).digest(), image.digest());
    assert_eq!(run("catalog --insecure REGISTRY"), "library/app\nother/app\n");
    run("pull --insecure --format oci REGISTRY/other/app:2.0.0 out");
    assert_eq!(crane.read(&format!("out/blobs/sha256/{}", image.digest().hex())), image.manifest);
    let layer = chartroom_oci::Digest::sha256(&image.layers[0]);
    assert_eq!(crane.read(&format!("out/blobs/sha256/{}", layer.hex())), image.layers[0]);

    run(&format!("delete --insecure REGISTRY/library/app@{}", image.digest()));
    client.manifest("library/app", "stable").expect(404);
    crane.fails(&words(&format!("digest --insecure {registry}/library/app:1.0.0")));
    client.manifest("other/app", "2.0.0").expect(200);
}

#[test]
fn many_platforms_under_one_tag() {
    let Some(crane) = Peer::find("crane") else { return };
    let server = server();
    let registry = server.addr().to_string();
    let run = |line: &str| crane.ok(&words(&line.replace("REGISTRY", &registry))).stdout;
    for name in ["one", "two"] {
        Image::runnable(name).write_layout(&crane.home().join(name), "1.0.0");
        run(&format!("push --insecure {name} REGISTRY/app:{name}"));
    }
    run("index append --insecure -m REGISTRY/app:one -m REGISTRY/app:two -t REGISTRY/app:both");
    let index = server.client().manifest("app", "both").expect(200).json();
    assert_eq!(index["manifests"].as_array().unwrap().len(), 2);
    run("validate --insecure --remote REGISTRY/app:both");
    run("copy --insecure REGISTRY/app:both REGISTRY/copy:both");
    assert_eq!(server.client().manifest("copy", "both").expect(200).json(), index);
}
