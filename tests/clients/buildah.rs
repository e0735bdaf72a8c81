//! buildah: images that are built, pushed and used again.

use chartroom_test_support::{Outcome, Peer};

use crate::{server, words};

/// Removes what a test leaves in buildah's own store, however it ends.
struct Cleanup<'a> {
    buildah: &'a Peer,
    images: Vec<String>,
}

impl Drop for Cleanup<'_> {
    fn drop(&mut self) {
        let _ = self.buildah.run(&["rm", "chartroom-test"]);
        for image in &self.images {
            let _ = self.buildah.run(&["rmi", "-f", image]);
        }
    }
}

#[test]
fn an_image_is_built_pushed_and_pulled_again() {
    let Some(buildah) = Peer::find("buildah") else { return };
    let server = server();
    let image = format!("{}/library/built:1.0.0", server.addr());
    let run = |line: &str| -> Outcome { buildah.ok(&words(&line.replace("IMAGE", &image))) };
    let _cleanup = Cleanup { buildah: &buildah, images: vec![image.clone()] };
    buildah.write("message.txt", "built");
    run("from --name chartroom-test scratch");
    run("copy chartroom-test message.txt /message.txt");
    run("config --label made=here chartroom-test");
    run("commit chartroom-test IMAGE");
    run("push --tls-verify=false IMAGE docker://IMAGE");
    let manifest = server.client().manifest("library/built", "1.0.0").expect(200);
    assert_eq!(manifest.json()["layers"].as_array().unwrap().len(), 1);
    run("rm chartroom-test");
    run("rmi -f IMAGE");
    run("pull --tls-verify=false docker://IMAGE");
    let inspected = run("inspect --type image IMAGE").stdout;
    assert!(inspected.contains(&manifest.digest().to_string()), "{inspected}");
    assert!(inspected.contains("\"made\": \"here\""), "{inspected}");
}
