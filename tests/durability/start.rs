//! What a server refuses to start with, and what it does when it starts.

use std::fs;
use std::net::{SocketAddr, TcpListener};

use chartroom_test_support::{Client, Image, Refused, TestServerBuilder};
use tempfile::TempDir;

use crate::builder;

#[track_caller]
fn refused(builder: TestServerBuilder, words: &[&str]) -> Refused {
    let refused = builder.try_start().expect_err("it has to be refused");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(refused.stderr.lines().any(|line| line.starts_with("Error: ")), "{}", refused.stderr);
    for word in words {
        assert!(refused.stderr.contains(word), "{word:?} is not in {}", refused.stderr);
    }
    refused
}

#[test]
fn strangers_are_kept_out_unless_somebody_says_otherwise() {
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let refused = refused(builder().listen(listen), &["allow-anonymous"]);
        assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
    }
    let server = builder().listen("0.0.0.0:0").arg("--allow-anonymous").start();
    let local = SocketAddr::from(([127, 0, 0, 1], server.addr().port()));
    Client::new(local).get("/v2/").send().expect(200);
    let server = builder().listen("0.0.0.0:0").config("allow_anonymous = true\n").start();
    assert_ne!(server.addr().port(), 0);
}

#[test]
fn a_port_that_is_taken_is_an_error_that_says_so() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    refused(builder().listen(&addr), &[&addr]);
}

#[test]
fn settings_that_are_not_known_or_wrong_are_errors_that_name_them() {
    for (config, word) in [
        ("lisen = \"127.0.0.1:0\"\n", "lisen"),
        ("[charts]\nstrickt = true\n", "strickt"),
        ("[chart]\nstrict = true\n", "chart"),
        ("[charts]\nstrict = \"yes\"\n", "strict"),
        ("[limits]\nheader_timeout = \"soon\"\n", "header_timeout"),
        ("[limits]\nheader_timeout = 5\n", "header_timeout"),
        ("[limits]\nheader_timeout = \"0s\"\n", "header_timeout"),
        ("[limits]\nmax_manifest_bytes = \"1MiB\"\n", "max_manifest_bytes"),
        ("[limits]\nmax_connections = 0\n", "max_connections"),
        ("[limits]\nmax_connections = -1\n", "max_connections"),
        ("[gc]\ninterval = \"0s\"\n", "interval"),
        ("[tls]\ncertificate = \"server.crt\"\n", "key"),
        ("charts = 5\n", "charts"),
        ("[charts\n", "line 1"),
        ("\u{0}", "chartroom.toml"),
    ] {
        refused(builder().config(config), &[word]);
    }
    refused(builder().env("CHARTROOM_CHARTS__STRICKT", "true"), &["CHARTROOM_CHARTS__STRICKT"]);
    refused(builder().env("CHARTROOM_CHARTS__STRICT", "perhaps"), &["CHARTROOM_CHARTS__STRICT"]);
    refused(builder().env("CHARTROOM_NOTHING", "1"), &["CHARTROOM_NOTHING"]);
    let missing = TempDir::new().unwrap().path().join("none.toml");
    refused(builder().arg("--config").arg(&missing), &["none.toml"]);
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let folder = TempDir::new().unwrap();
    let (file, variable) = (folder.path().join("file"), folder.path().join("variable"));
    let flag = folder.path().join("flag");
    let config = format!("data = {:?}\n", file.to_string_lossy());
    let server = builder().data(&flag).env("CHARTROOM_DATA", &variable).config(&config).start();
    server.client().push_blob("app", b"x");
    assert!(flag.join("catalog.sqlite").exists());
    assert!(!file.exists() && !variable.exists());
}

#[test]
fn the_first_start_makes_the_folder_and_the_next_finds_it() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("some/where/new");
    let mut server = builder().data(&data).start();
    server.client().push_image("app", "1.0.0", &Image::of("first start"));
    assert!(server.terminate().success());
    let server = builder().data(&data).start();
    server.client().manifest("app", "1.0.0").expect(200);
}

#[test]
fn what_is_logged_is_one_json_object_a_line_when_nobody_watches() {
    let mut server = builder().start();
    server.client().push_image("app", "1.0.0", &Image::of("logged"));
    server.client().get("/v2/A/tags/list").send().expect(400);
    assert!(server.terminate().success());
    let stderr = server.stderr();
    assert!(!stderr.is_empty());
    for line in stderr.lines() {
        let object = serde_json::from_str::<serde_json::Value>(line).unwrap_or_default();
        assert!(object.is_object(), "{line}");
    }
}

#[test]
fn an_empty_folder_may_be_given() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("lost+found")).unwrap();
    builder().data(folder.path()).start().client().get("/v2/").send().expect(200);
}
