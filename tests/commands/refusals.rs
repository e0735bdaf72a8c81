//! What people get wrong, and what others send to do harm: each is an error, and leaves nothing.

use std::io::Write as _;
use std::process::{Command, Stdio};

use chartroom_test_support::{ChartBuilder, Image, OCI_MANIFEST};
use serde_json::json;

use crate::desk::Desk;
use crate::front::{Answer, Front};
use crate::{charts, server};

#[test]
fn what_is_no_reference_is_refused_without_a_request() {
    let desk = Desk::alone();
    charts::plain(&desk, "webapp", "1.0.0", "");
    for remote in [
        "HOST/charts",
        "http://HOST/charts",
        "https://HOST/charts",
        "OCI://HOST/charts",
        "oci://",
        "oci:///charts",
        "oci://user:secret@HOST/charts",
        "oci://HOST:x/charts",
        "oci://host_with spaces/charts",
        "REGISTRY/Charts",
        "REGISTRY/charts//x",
        "REGISTRY/../charts",
        "REGISTRY/ch%61rts",
        "''",
    ] {
        let remote = if remote.contains(' ') { format!("'{remote}'") } else { remote.to_owned() };
        let mut lines = vec![
            format!("push webapp {remote}"),
            format!("tags {remote}"),
            format!("copy {remote} REGISTRY/x/webapp"),
        ];
        // An archive may be at any address of a web server.
        if !remote.starts_with("http") {
            lines.push(format!("pull {remote} --version 1.0.0"));
        }
        for line in lines {
            let run = desk.fails(&format!("{line} --plain-http"));
            assert!(!run.stderr.contains("secret"), "{line}: {run:?}");
            assert!(!run.stderr.contains("refused"), "{line}: {run:?}");
        }
    }
}

#[test]
fn what_is_no_chart_is_not_pushed() {
    let server = server();
    let desk = Desk::at(server.addr());
    desk.write("junk.tgz", "no gzip at all");
    desk.write("empty.tgz", "");
    desk.write("values.yaml", "a: 1\n");
    desk.write("folder/values.yaml", "a: 1\n");
    charts::plain(&desk, "Upper", "1.0.0", "");
    charts::plain(&desk, "webapp", "not-a-version", "");
    for (line, word) in [
        ("push missing.tgz REGISTRY/charts", "missing.tgz: no such file"),
        ("push junk.tgz REGISTRY/charts", "does not appear to be a gzipped archive"),
        ("push empty.tgz REGISTRY/charts", "empty.tgz"),
        ("push values.yaml REGISTRY/charts", "values.yaml"),
        ("push folder REGISTRY/charts", "Chart.yaml"),
        ("push Upper REGISTRY/charts", "Upper"),
        ("push webapp REGISTRY/charts", "not-a-version"),
        ("push webapp", ""),
        ("push", ""),
        ("pull", ""),
        ("show chart missing", "missing"),
        ("show chart junk.tgz", "junk.tgz"),
        ("show chart folder", "Chart.yaml"),
        ("show everything webapp", ""),
        ("tags", ""),
        ("push junk.tgz REGISTRY/charts --no-such-flag", "--no-such-flag"),
    ] {
        let line = if line.contains("REGISTRY") { format!("{line} --plain-http") } else { line.to_owned() };
        let run = desk.fails(&line);
        assert!(run.stderr.contains(word), "{line}: {run:?}");
    }
    let known = server.client().get("/v2/_catalog").send().expect(200).json();
    assert_eq!(known["repositories"], json!([]));
}

/// An entry of a tar file: name, type, where a link leads, content.
fn entry(name: &str, kind: u8, link: &str, size: u64, content: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{size:011o}\0"));
    put(136, "14000000000\0");
    put(148, "        ");
    put(157, link);
    put(257, "ustar\x0000");
    header[156] = kind;
    let sum = header.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut entry = header.to_vec();
    entry.extend(content);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

fn file(name: &str, content: &str) -> Vec<u8> {
    entry(name, b'0', "", content.len() as u64, content.as_bytes())
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut child =
        Command::new("gzip").args(["-1", "-n"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let content = content.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&content).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output.stdout
}

/// Archives that were made to harm whoever unpacks them, with what each is.
fn hostile(desk: &Desk) -> Vec<(&'static str, Vec<u8>)> {
    let chart = file("webapp/Chart.yaml", "apiVersion: v2\nname: webapp\nversion: 1.0.0\n");
    let end = vec![0; 1024];
    let with = |more: Vec<u8>| gzip(&[chart.clone(), more, end.clone()].concat());
    // Inflates to 120 MB, of which each member brings ten.
    let large = 120_000_000;
    let zeros = gzip(&vec![0; 10_000_000]);
    let head = entry("webapp/zeros", b'0', "", large, &[]);
    let mut bomb = gzip(&[chart.clone(), head].concat());
    (0..12).for_each(|_| bomb.extend(&zeros));
    vec![
        ("a way out", with(file("webapp/../../escaped", "x"))),
        ("a way out of the top", with(file("../escaped", "x"))),
        ("an absolute path", with(file(desk.path("escaped").to_str().unwrap(), "x"))),
        ("a backslash", with(file("webapp\\..\\..\\escaped", "x"))),
        ("a symbolic link", with(entry("webapp/link", b'2', "/etc/passwd", 0, &[]))),
        ("a hard link", with(entry("webapp/link", b'1', "/etc/passwd", 0, &[]))),
        ("a device", with(entry("webapp/device", b'3', "", 0, &[]))),
        ("the same file twice", with(file("webapp/Chart.yaml", "name: other\nversion: 1.0.0\n"))),
        ("a bomb", bomb),
        ("an archive of nothing", gzip(&end)),
        ("no Chart.yaml", gzip(&[file("webapp/values.yaml", "a: 1\n"), end.clone()].concat())),
        ("a cut archive", with(Vec::new())[..60].to_vec()),
    ]
}

#[test]
fn hostile_archives_are_not_pushed_and_not_shown() {
    let server = server();
    let desk = Desk::at(server.addr());
    for (what, archive) in hostile(&desk) {
        desk.write("webapp-1.0.0.tgz", &archive);
        for line in ["push webapp-1.0.0.tgz REGISTRY/charts --plain-http", "show all webapp-1.0.0.tgz"] {
            let run = desk.fails(line);
            assert!(!run.stderr.contains("root:"), "{what}: {run:?}");
        }
    }
    let known = server.client().get("/v2/_catalog").send().expect(200).json();
    assert_eq!(known["repositories"], json!([]));
}

#[test]
fn hostile_archives_are_not_unpacked() {
    let server = server();
    let client = server.client();
    let desk = Desk::at(server.addr());
    desk.folder("deep/out");
    let chart = ChartBuilder::new("webapp", "1.0.0").build();
    client.push_blob("charts/webapp", &chart.config);
    for (what, archive) in hostile(&desk) {
        // "No Chart.yaml" is a matter of taste when it is only unpacked.
        if what == "no Chart.yaml" {
            continue;
        }
        let digest = client.push_blob("charts/webapp", &archive);
        let mut manifest = serde_json::from_slice::<serde_json::Value>(&chart.manifest).unwrap();
        manifest["layers"][0]["digest"] = digest.to_string().into();
        manifest["layers"][0]["size"] = archive.len().into();
        let body = manifest.to_string();
        client.put_manifest("charts/webapp", "1.0.0", OCI_MANIFEST, body.as_bytes()).expect(201);
        desk.fails("pull REGISTRY/charts/webapp:1.0.0 --untar -d deep/out --plain-http");
        desk.fails("show all REGISTRY/charts/webapp:1.0.0 --plain-http");
    }
}

#[test]
fn what_is_no_chart_is_not_pulled() {
    let server = server();
    let client = server.client();
    let desk = Desk::at(server.addr());
    client.push_image("charts/image", "1.0.0", &Image::of("no chart"));
    let run = desk.fails("pull REGISTRY/charts/image:1.0.0 --plain-http");
    assert!(run.stderr.contains("manifest does not contain minimum number of descriptors (2)"), "{run:?}");
    assert!(run.stderr.contains("hint: it is a container image"), "{run:?}");
    // What a listing says of an image is no reason to fail.
    assert!(desk.remote("tags REGISTRY/charts/image").stdout.contains("1.0.0"));
    // A chart whose archive is gone from the registry.
    let archive = ChartBuilder::new("webapp", "1.0.0").build().push(&client, "charts/webapp").archive;
    let front = Front::start(server.addr(), move |seen| {
        if seen.line.contains(&archive.to_string()) {
            return Answer::Own(404, String::new(), String::new());
        }
        Answer::Pass
    });
    let desk = Desk::at(front.addr());
    for line in ["pull REGISTRY/charts/webapp", "show all REGISTRY/charts/webapp:1.0.0"] {
        desk.fails(&format!("{line} --plain-http"));
    }
}
