//! The content cache: what was downloaded once is not downloaded again, and nothing else is ever served.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use chartroom_oci::Digest;
use chartroom_test_support::{Chart, ChartBuilder, OCI_INDEX, Peer, TestServer, index};

use crate::HELM;
use crate::desk::{Desk, finish};
use crate::front::{Answer, Front};
use crate::server;

/// Where the cache is at a desk, as Helm has it.
const CACHE: &str = ".helm/cache/content";

fn setup() -> (TestServer, Chart, Front, Desk) {
    let server = server();
    let chart = ChartBuilder::new("webapp", "1.0.0").provenance().build();
    chart.push(&server.client(), "charts/webapp");
    let front = Front::start(server.addr(), |_| Answer::Pass);
    let desk = Desk::at(front.addr());
    (server, chart, front, desk)
}

/// Where something of this digest is kept.
fn place(digest: &Digest, ending: &str) -> String {
    let hex = digest.hex();
    format!("{CACHE}/{}/{hex}.{ending}", &hex[..2])
}

/// What is asked for while this is done, as `GET manifests/…`.
fn asked(front: &Front, what: impl FnOnce()) -> Vec<String> {
    let before = front.seen("").len();
    what();
    let seen = front.seen("").split_off(before);
    seen.iter().map(|seen| seen.line.replace("/v2/charts/webapp/", "")).collect()
}

#[test]
fn what_is_pinned_by_its_digest_is_asked_for_once() {
    let (mut server, chart, front, desk) = setup();
    let pinned = format!("REGISTRY/charts/webapp@{}", chart.digests().manifest);
    let first = asked(&front, || drop(desk.remote(&format!("show values {pinned}"))));
    assert_eq!(first.len(), 2, "{first:?}");
    let shown = desk.remote(&format!("show all {pinned}"));
    let again = asked(&front, || {
        assert_eq!(desk.remote(&format!("show all {pinned}")), shown);
        desk.remote(&format!("pull {pinned}"));
        desk.remote(&format!("pull {pinned} --untar"));
    });
    assert_eq!(again, Vec::<String>::new());
    // The provenance file was not asked for yet.
    let more = asked(&front, || drop(desk.remote(&format!("pull {pinned} --prov"))));
    assert_eq!(more, [format!("GET blobs/{}", Digest::sha256(chart.provenance.as_ref().unwrap()))]);
    // With nobody there any more it goes on.
    server.kill();
    let name = format!("webapp@sha256-{}.tgz", chart.digests().manifest.hex());
    for file in [name.clone(), format!("{name}.prov")] {
        fs::remove_file(desk.path(&file)).unwrap();
    }
    desk.remote(&format!("pull {pinned} --prov"));
    assert_eq!(desk.read(&name), chart.archive);
    assert_eq!(Some(desk.read(&format!("{name}.prov"))), chart.provenance);
    // A version beside the digest is compared where somebody can be asked, and the digest counts.
    assert_eq!(desk.remote(&format!("show all {pinned} --version 1.0.0")).stdout, shown.stdout);
    desk.fails("pull REGISTRY/charts/webapp:1.0.0 --plain-http");
}

#[test]
fn a_tag_takes_one_request() {
    let (server, chart, front, desk) = setup();
    for line in ["pull REGISTRY/charts/webapp:1.0.0", "show chart REGISTRY/charts/webapp --version 1.0.0"] {
        desk.remote(line);
        let again = asked(&front, || drop(desk.remote(line)));
        assert_eq!(again, ["GET manifests/1.0.0"], "{line}");
    }
    // A tag that moves is followed.
    let newer = ChartBuilder::new("webapp", "1.0.0").field("description", "newer").build();
    newer.push(&server.client(), "charts/webapp");
    desk.remote("pull REGISTRY/charts/webapp:1.0.0");
    assert!(desk.read("webapp-1.0.0.tgz") == newer.archive && newer.archive != chart.archive);
}

#[test]
fn what_was_planted_is_never_served() {
    let (_server, chart, _front, desk) = setup();
    let digests = chart.digests();
    let provenance = Digest::sha256(chart.provenance.as_ref().unwrap());
    let planted = ChartBuilder::new("webapp", "1.0.0").field("description", "planted").provenance().build();
    let pinned = format!("REGISTRY/charts/webapp@{}", digests.manifest);
    let right = desk.remote(&format!("show all {pinned}")).stdout;
    let entries = [
        (place(&digests.archive, "chart"), &planted.archive, &chart.archive),
        (place(&digests.manifest, "manifest"), &planted.manifest, &chart.manifest),
        (place(&provenance, "prov"), &planted.archive, chart.provenance.as_ref().unwrap()),
    ];
    for (path, planted, content) in &entries {
        desk.write(path, planted);
        for line in ["show all", "pull --prov"] {
            desk.remote(&format!("{line} {pinned}"));
        }
        assert_eq!(desk.remote(&format!("show all {pinned}")).stdout, right);
        assert!(desk.read(path) == **content, "{path} is put right");
    }
    // What Helm would serve for this digest, whatever is in it, is overlooked and left alone.
    let of_helm = place(&digests.manifest, "chart");
    desk.write(&of_helm, &planted.archive);
    assert_eq!(desk.remote(&format!("show all {pinned} --version 1.0.0")).stdout, right);
    assert!(desk.read(&of_helm) == planted.archive);
}

#[test]
fn helm_and_chartroom_share_the_folder() {
    let Some(helm) = Peer::find(HELM) else { return };
    let (_server, chart, front, desk) = setup();
    let digests = chart.digests();
    desk.helm(&helm, "show all REGISTRY/charts/webapp --version 1.0.0 --plain-http");
    let kept = place(&digests.archive, "chart");
    assert_eq!(desk.read(&kept), chart.archive);
    // The archive is not downloaded again.
    let asked = asked(&front, || drop(desk.remote("show all REGISTRY/charts/webapp:1.0.0")));
    assert_eq!(asked, ["GET manifests/1.0.0"]);
    // Whoever comes first writes the same.
    let modes = desk.modes(CACHE);
    let name = kept.strip_prefix(CACHE).unwrap().trim_start_matches('/').to_owned();
    let of_helm = modes[&name];
    fs::remove_dir_all(desk.path(CACHE)).unwrap();
    let ours = desk.remote("show all REGISTRY/charts/webapp:1.0.0");
    assert_eq!((desk.read(&kept), desk.modes(CACHE)[&name]), (chart.archive.clone(), of_helm));
    // Helm finds its way in what is there now, however a chart is named.
    let pinned = format!("REGISTRY/charts/webapp@{}", digests.manifest);
    for line in [
        "REGISTRY/charts/webapp --version 1.0.0".to_owned(),
        pinned.clone(),
        format!("{pinned} --version 1.0.0"),
        format!("{pinned} --version 1.0.0"),
    ] {
        assert_eq!(desk.helm(&helm, &format!("show all {line} --plain-http")).stdout, ours.stdout, "{line}");
        assert_eq!(desk.remote(&format!("show all {line}")).stdout, ours.stdout, "{line}");
    }
}

#[test]
fn where_the_cache_is_and_that_there_is_none() {
    let (_server, chart, front, desk) = setup();
    let pinned = format!("show chart REGISTRY/charts/webapp@{} --plain-http", chart.digests().manifest);
    desk.ok(&format!("{pinned} --content-cache one/deep"));
    assert!(!desk.exists(CACHE));
    assert_eq!(desk.names("one/deep").iter().filter(|name| name.contains('.')).count(), 2);
    let with = |value: &str| {
        let run = finish(desk.command(&pinned).env("HELM_CONTENT_CACHE", value), b"");
        assert!(run.status.success(), "{run:?}");
    };
    with("two");
    assert_eq!(desk.names("two"), desk.names("one/deep"));
    assert_eq!(asked(&front, || with("two")), Vec::<String>::new());
    // An empty one stands for none; with Helm, that is an error.
    let before = desk.names("");
    assert_eq!(asked(&front, || with("")).len(), 2);
    assert_eq!(asked(&front, || with("")).len(), 2);
    assert_eq!(desk.names(""), before);
    // What can't be kept is no reason to fail.
    desk.write("file", "");
    let run = desk.ok(&format!("{pinned} --content-cache file"));
    assert_eq!(run.stderr.lines().count(), 2, "{run:?}");
    let run = desk.ok(&format!("{pinned} --content-cache file --debug"));
    assert!(run.stderr.contains("can't be kept in the content cache"), "{run:?}");
    let run = desk.ok(&format!("{pinned} --content-cache one/deep --debug"));
    assert!(run.stderr.contains("from the content cache"), "{run:?}");
    // `env` says where it is, so that it can be emptied.
    let place = desk.ok("env HELM_CONTENT_CACHE").stdout;
    assert_eq!(PathBuf::from(place.trim_end()), desk.path(CACHE));
}

#[test]
fn an_index_is_kept_with_its_charts() {
    let (server, chart, front, desk) = setup();
    let both = index(&[ChartBuilder::new("other", "1.0.0").build().descriptor(), chart.descriptor()]);
    server.client().put_manifest("charts/webapp", "all", OCI_INDEX, &both).expect(201);
    let pinned = format!("show chart REGISTRY/charts/webapp@{}", Digest::sha256(&both));
    let first = asked(&front, || drop(desk.remote(&pinned)));
    assert_eq!(first.len(), 3, "{first:?}");
    assert_eq!(asked(&front, || drop(desk.remote(&pinned))), Vec::<String>::new());
}

#[test]
fn many_processes_use_it_at_once() {
    let (_server, chart, _front, desk) = setup();
    let digest = chart.digests().manifest;
    let start = |number: usize| {
        desk.folder(&format!("out{number}"));
        let line = format!("pull REGISTRY/charts/webapp@{digest} -d out{number} --plain-http");
        desk.command(&line).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for round in 0..3 {
        let running: Vec<_> = (0..6).map(start).collect();
        if round == 1 {
            fs::remove_dir_all(desk.path(CACHE)).unwrap();
        }
        for (number, child) in running.into_iter().enumerate() {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let name = format!("out{number}/webapp@sha256-{}.tgz", digest.hex());
            assert_eq!(desk.read(&name), chart.archive);
        }
    }
    // Nothing but what was kept is there: no half of a file.
    let names = desk.names(CACHE);
    assert!(names.iter().all(|name| !name.contains(".new-")), "{names:?}");
}

#[test]
fn a_folder_that_may_only_be_read_still_serves() {
    let (_server, chart, front, desk) = setup();
    let pinned = format!("show chart REGISTRY/charts/webapp@{}", chart.digests().manifest);
    desk.remote(&pinned);
    let set = |mode| {
        for name in desk.names(CACHE) {
            let path = desk.path(CACHE).join(name);
            if path.is_dir() {
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
    };
    set(0o555);
    assert_eq!(asked(&front, || drop(desk.remote(&pinned))), Vec::<String>::new());
    set(0o755);
}
