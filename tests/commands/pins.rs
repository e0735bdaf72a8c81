//! What `chartroom dependency` never does: half of its work, and taking another archive than the one that
//! was pinned.

use chartroom_chart::Lock;
use chartroom_test_support::{ChartBuilder, Instead, Website};

use crate::dependency::{chart, fill, website};
use crate::server;
use crate::twins::Twins;

#[test]
fn when_one_download_fails_nothing_changes() {
    let server = server();
    let website = Website::with(|visit| {
        visit.target.ends_with("other-1.0.0.tgz").then(|| Instead::status("404 Not Found"))
    });
    website.put(
        "index.yaml",
        "apiVersion: v1\nentries:\n  other:\n  - name: other\n    version: 1.0.0\n    urls: [other-1.0.0.tgz]\n  html:\n  - name: html\n    version: 1.0.0\n    urls: [html-1.0.0.tgz]\n",
    );
    website.put("html-1.0.0.tgz", "<html>");
    let Some(twins) = Twins::at(server.addr(), website) else { return };
    fill(server.addr());
    chart(&twins, "app", &[("web", "~1.0", "REGISTRY/charts")]);
    twins.same("dependency update app --plain-http");
    let before = twins.ours.contents("app/charts");
    for missing in ["other", "html"] {
        chart(
            &twins,
            "app",
            &[
                ("web", "^1", "REGISTRY/charts"),
                ("db", "0.1.0", "REGISTRY/charts"),
                (missing, "1.0.0", "WEBSITE"),
            ],
        );
        let run = twins.ours.as_helm("dependency update app --plain-http");
        assert_eq!(run.status.code(), Some(1), "{run:?}");
        assert!(twins.ours.contents("app/charts") == before, "{run:?}");
        let left = twins.ours.names("app");
        assert!(left.iter().all(|name| !name.contains("tmpcharts")), "{left:?}");
    }
}

#[test]
fn archives_can_be_pinned_to_their_digests() {
    let server = server();
    let Some(twins) = Twins::at(server.addr(), website()) else { return };
    fill(server.addr());
    chart(&twins, "app", &[("web", "^1", "REGISTRY/charts"), ("db", "0.1.0", "WEBSITE/charts")]);
    twins.same_in_any_order("dependency update app --plain-http");
    let plain = twins.ours.text("app/Chart.lock");
    let desk = &twins.ours;
    let ok = |line: &str| {
        let run = desk.as_helm(line);
        assert!(run.status.success(), "{line}: {run:?}");
    };
    ok("dependency update app --plain-http --pin-digests");
    let pinned = desk.text("app/Chart.lock");
    let lock = Lock::parse(pinned.as_bytes()).unwrap();
    for (index, file) in ["web-1.2.0.tgz", "db-0.1.0.tgz"].into_iter().enumerate() {
        let digest = chartroom_oci::Digest::sha256(&desk.read(&format!("app/charts/{file}"))).to_string();
        assert_eq!(lock.pin(index), Some(digest.as_str()), "{pinned}");
    }
    // Beside the digests, it is the lock that Helm made; and Helm takes it as it is.
    assert_eq!(lock.digest, Lock::parse(plain.as_bytes()).unwrap().digest);
    twins.theirs.write("app/Chart.lock", &pinned);
    twins.run("repo add main WEBSITE/charts");
    let (_, built) = twins.run("dependency build app --plain-http");
    assert!(built.status.success(), "{built:?}");
    let (_, updated) = twins.run("dependency update app --plain-http");
    assert!(updated.status.success(), "{updated:?}");
    assert_eq!(twins.theirs.text("app/Chart.lock"), pinned);
    ok("dependency build app --plain-http");
    // Pinned once, pinned ever after.
    ok("dependency update app --plain-http");
    assert_eq!(desk.text("app/Chart.lock"), pinned);

    // Somebody replaces a version.
    let before = desk.contents("app");
    ChartBuilder::new("web", "1.2.0")
        .field("description", "changed")
        .build()
        .push(&server.client(), "charts/web");
    for command in ["build", "update"] {
        let refused = desk.as_helm(&format!("dependency {command} app --plain-http"));
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        assert!(
            refused.stderr.contains("Error: the archive of web 1.2.0 is not the one that the lock file pins"),
            "{refused:?}"
        );
        assert!(
            refused.stderr.contains("hint: ")
                && refused.stderr.contains("helm dependency update --pin-digests"),
            "{refused:?}"
        );
        assert!(desk.contents("app") == before);
    }
    ok("dependency update app --plain-http --pin-digests");
    assert_ne!(desk.text("app/Chart.lock"), pinned);
    ok("dependency build app --plain-http");
    // What is no digest pins, too: to nothing.
    let odd = desk.text("app/Chart.lock").replacen("digest: sha256:", "digest: md5:", 1);
    desk.write("app/Chart.lock", odd);
    assert!(!desk.as_helm("dependency build app --plain-http").status.success());
}
