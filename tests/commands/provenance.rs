//! Signing charts and verifying them, beside stock Helm: what both say, to the letter, and the few things
//! in which they differ.

use std::fs;
use std::path::Path;

use chartroom_test_support::{Gnupg, Peer, TestServer};

use crate::desk::{Desk, Run, finish};
use crate::{HELM, charts, server};

/// Who signs, and who is trusted by nobody.
const SIGNER: &str = "Jane Doe <jane@example.com>";
const STRANGER: &str = "Stranger <stranger@example.com>";

/// A desk with keyrings: `secret.gpg` and `public.gpg` of the signer, `stranger.gpg`.
fn keys(desk: &Desk) -> Option<Gnupg> {
    let gnupg = Gnupg::find()?;
    for name in [SIGNER, STRANGER] {
        gnupg.key(name, "ed25519", "sign", "0", &[]);
    }
    desk.write("secret.gpg", gnupg.secret("", &[SIGNER]));
    desk.write("public.gpg", gnupg.public(&[SIGNER]));
    desk.write("stranger.gpg", gnupg.public(&[STRANGER]));
    Some(gnupg)
}

/// A desk with a chart that Helm has signed, `webapp-1.2.3.tgz`, and one that it has not, `other-0.1.0.tgz`.
fn signed(desk: &Desk, helm: &Peer) -> Option<Gnupg> {
    let gnupg = keys(desk)?;
    charts::rich(desk, "webapp", "1.2.3");
    charts::plain(desk, "other", "0.1.0", "");
    desk.helm(helm, "package webapp --sign --key Jane --keyring secret.gpg");
    desk.helm(helm, "package other");
    Some(gnupg)
}

/// Runs a line with both programs, and checks that all they say and how they end is the same.
#[track_caller]
fn same(desk: &Desk, helm: &Peer, line: &str) -> Run {
    let (ours, theirs) = (desk.as_helm(line), desk.try_helm(helm, line));
    assert_eq!(ours, theirs, "{line}");
    ours
}

#[test]
fn verifying_says_what_helm_says() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    let Some(_gnupg) = signed(&desk, &helm) else { return };
    let archive = desk.read("webapp-1.2.3.tgz");
    let provenance = desk.read("webapp-1.2.3.tgz.prov");
    desk.write("tampered/webapp-1.2.3.tgz", [&archive[..], b"x"].concat());
    desk.write("tampered/webapp-1.2.3.tgz.prov", &provenance);
    desk.write("renamed/webapp-9.9.9.tgz", &archive);
    desk.write("renamed/webapp-9.9.9.tgz.prov", &provenance);
    desk.write("empty/webapp-1.2.3.tgz", &archive);
    desk.write("empty/webapp-1.2.3.tgz.prov", "");
    desk.write("corrupt.gpg", &desk.read("public.gpg")[..100]);
    let verified = same(&desk, &helm, "verify webapp-1.2.3.tgz --keyring public.gpg");
    assert!(verified.status.success());
    let lines: Vec<&str> = verified.stdout.lines().collect();
    assert_eq!(lines[0], format!("Signed by: {SIGNER}"));
    assert!(lines[1].starts_with("Using Key With Fingerprint: ") && lines[1].len() == 28 + 40);
    assert!(lines[2].starts_with("Chart Hash Verified: sha256:") && lines.len() == 3);
    for line in [
        "verify tampered/webapp-1.2.3.tgz --keyring public.gpg",
        "verify renamed/webapp-9.9.9.tgz --keyring public.gpg",
        "verify empty/webapp-1.2.3.tgz --keyring public.gpg",
        "verify webapp-1.2.3.tgz --keyring stranger.gpg",
        "verify webapp-1.2.3.tgz --keyring corrupt.gpg",
        "verify webapp-1.2.3.tgz --keyring nowhere.gpg",
        "verify webapp-1.2.3.tgz --keyring webapp",
        "verify webapp-1.2.3.tgz",
        "verify other-0.1.0.tgz --keyring public.gpg",
        "verify nowhere.tgz",
        "verify webapp",
        "verify public.gpg",
        "verify webapp-1.2.3.tgz --nope",
        "verify webapp-1.2.3.tgz --keyring",
        "show chart webapp-1.2.3.tgz --verify --keyring public.gpg",
        "show values webapp-1.2.3.tgz --verify --keyring stranger.gpg",
        "show values other-0.1.0.tgz --verify --keyring public.gpg",
        "show chart webapp --verify --keyring public.gpg",
    ] {
        same(&desk, &helm, line);
    }
    // GnuPG's own keyring is the default.
    fs::create_dir(desk.path(".gnupg")).unwrap();
    desk.write(".gnupg/pubring.gpg", desk.read("public.gpg"));
    assert!(same(&desk, &helm, "verify webapp-1.2.3.tgz").status.success());
}

#[test]
fn what_is_signed_here_is_verified_elsewhere() {
    let desk = Desk::alone();
    let Some(gnupg) = keys(&desk) else { return };
    charts::rich(&desk, "webapp", "1.2.3+build.5");
    charts::plain(&desk, "other", "0.1.0", "");
    desk.ok("package webapp -d unsigned");
    let run = desk.ok("package webapp other --sign --key jane@ --keyring secret.gpg -d out");
    assert_eq!(run.stderr, "");
    let files = ["other-0.1.0.tgz", "other-0.1.0.tgz.prov"].map(str::to_owned).into_iter();
    let files = files.chain(["webapp-1.2.3+build.5.tgz", "webapp-1.2.3+build.5.tgz.prov"].map(str::to_owned));
    assert_eq!(desk.names("out"), files.collect::<Vec<_>>());
    assert_eq!(desk.read("out/webapp-1.2.3+build.5.tgz"), desk.read("unsigned/webapp-1.2.3+build.5.tgz"));
    for archive in ["out/other-0.1.0.tgz", "out/webapp-1.2.3+build.5.tgz"] {
        let outcome = gnupg.verify(&desk.path(&format!("{archive}.prov")));
        assert!(outcome.status.success(), "{outcome:?}");
        let ours = desk.ok(&format!("verify {archive} --keyring public.gpg"));
        for helm in [HELM, "helm-4.1.4"] {
            let Some(helm) = Peer::find(helm) else { continue };
            let theirs = desk.helm(&helm, &format!("verify {archive} --keyring public.gpg"));
            assert_eq!(theirs.stdout, ours.stdout);
        }
    }
    // Signed with the same metadata as Helm's.
    let Some(helm) = Peer::find(HELM) else { return };
    desk.helm(&helm, "package webapp --sign --key jane@ --keyring secret.gpg -d theirs");
    let metadata = |path: &str| desk.text(path).split("\n...\n").next().unwrap().to_owned();
    let name = "webapp-1.2.3+build.5.tgz.prov";
    assert_eq!(metadata(&format!("out/{name}")), metadata(&format!("theirs/{name}")));
}

#[test]
fn signing_fails_as_helm_fails_and_leaves_nothing() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    let Some(gnupg) = keys(&desk) else { return };
    charts::plain(&desk, "webapp", "1.2.3", "");
    desk.write("both.gpg", gnupg.secret("", &[]));
    desk.write("garbage.gpg", "these are no keys");
    for line in [
        "package webapp --sign",
        "package webapp --sign --key= --keyring both.gpg",
        "package webapp --sign --key Nobody --keyring both.gpg",
        "package webapp --sign --key example.com --keyring both.gpg",
        "package webapp --sign --key Jane --keyring public.gpg",
        "package webapp --sign --key Jane --keyring garbage.gpg",
        "package webapp --sign --key Jane --keyring nowhere.gpg",
        "package webapp --sign --key Jane --keyring both.gpg --passphrase-file nowhere",
    ] {
        let ours = desk.fails(line);
        assert_eq!(ours, desk.try_helm(&helm, line), "{line}");
        // Helm leaves the archive behind.
        let _ = fs::remove_file(desk.path("webapp-1.2.3.tgz"));
    }
}

#[test]
fn passphrases_come_from_a_file_or_from_the_standard_input() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    let Some(gnupg) = keys(&desk) else { return };
    charts::plain(&desk, "webapp", "1.2.3", "");
    charts::plain(&desk, "other", "0.1.0", "");
    gnupg.key_with_passphrase("Locked <locked@example.com>", "ed25519");
    desk.write("locked.gpg", gnupg.secret(gnupg.passphrase(), &["locked@"]));
    desk.write("trusted.gpg", gnupg.public(&["locked@"]));
    let line = |file: &str| {
        format!("package webapp other --sign --key locked@ --keyring locked.gpg --passphrase-file {file}")
    };
    let verify = || {
        for archive in ["webapp-1.2.3.tgz", "other-0.1.0.tgz"] {
            desk.helm(&helm, &format!("verify {archive} --keyring trusted.gpg"));
            fs::remove_file(desk.path(archive)).unwrap();
        }
    };
    for (number, end) in ["", "\n", "\r\n", "\nmore\n"].into_iter().enumerate() {
        desk.write(&format!("passphrase-{number}"), format!("{}{end}", gnupg.passphrase()));
        desk.ok(&line(&format!("passphrase-{number}")));
        verify();
    }
    let run = desk.run_with_input(&line("-"), format!("{}\n", gnupg.passphrase()).as_bytes());
    assert!(run.status.success(), "{run:?}");
    verify();
    desk.write("wrong", "wrong\n");
    assert_eq!(desk.fails(&line("wrong")), desk.try_helm(&helm, &line("wrong")));
    fs::remove_file(desk.path("webapp-1.2.3.tgz")).unwrap();
    assert_eq!(desk.fails(&line("-")), desk.try_helm(&helm, &line("-")));
    fs::remove_file(desk.path("webapp-1.2.3.tgz")).unwrap();
    desk.write("empty", "");
    let run = desk.fails(&line("empty"));
    assert_eq!(run.stderr, "Error: there is no passphrase in empty\n");
    let run = desk.fails("package webapp --sign --key locked@ --keyring locked.gpg");
    assert!(run.stderr.contains("use --passphrase-file"), "{run:?}");
}

#[test]
fn a_key_that_nobody_trusts_signs_with_a_warning() {
    let desk = Desk::alone();
    let Some(gnupg) = Gnupg::find() else { return };
    let past = ["--faked-system-time", "20200101T000000!"];
    gnupg.key("Old <old@example.com>", "ed25519", "sign", "1y", &past);
    desk.write("old.gpg", gnupg.secret("", &[]));
    charts::plain(&desk, "webapp", "1.2.3", "");
    let run = desk.ok("package webapp --sign --key old@ --keyring old.gpg");
    assert_eq!(run.stderr, "WARNING: nobody will trust what Old <old@example.com> signs: it has expired\n");
    let run = desk.fails("verify webapp-1.2.3.tgz --keyring old.gpg");
    assert_eq!(run.stderr, "Error: openpgp: key expired\n");
}

/// Pushes what [`signed`] made.
fn pushed() -> Option<(TestServer, Desk, Peer, Gnupg)> {
    let helm = Peer::find(HELM)?;
    let server = server();
    let desk = Desk::at(server.addr());
    let gnupg = signed(&desk, &helm)?;
    for archive in ["webapp-1.2.3.tgz", "other-0.1.0.tgz"] {
        desk.remote(&format!("push {archive} REGISTRY/charts"));
    }
    Some((server, desk, helm, gnupg))
}

#[test]
fn pulling_verifies_as_helm_does() {
    let Some((_server, desk, helm, _gnupg)) = pushed() else { return };
    let both = |line: &str| {
        for folder in ["ours", "theirs"] {
            let _ = fs::remove_dir_all(desk.path(folder));
            desk.folder(folder);
        }
        let ours = desk.as_helm(&format!("{line} -d ours --plain-http"));
        let theirs = desk.try_helm(&helm, &format!("{line} -d theirs --plain-http"));
        assert_eq!(ours, theirs, "{line}");
        ours
    };
    for line in [
        "pull REGISTRY/charts/webapp --version 1.2.3 --verify --keyring public.gpg",
        "pull REGISTRY/charts/webapp:1.2.3 --verify --prov --keyring public.gpg",
        "pull REGISTRY/charts/webapp --verify --keyring public.gpg",
        "pull REGISTRY/charts/webapp --version ^1 --prov",
        "pull REGISTRY/charts/webapp --keyring nowhere.gpg",
        "pull REGISTRY/charts/other --prov",
        "pull REGISTRY/charts/other REGISTRY/charts/webapp --prov",
    ] {
        assert!(both(line).status.success(), "{line}");
        desk.same("ours", "theirs");
    }
    let run = both("pull REGISTRY/charts/webapp --verify --keyring public.gpg --untar");
    assert!(run.stdout.contains(&format!("\nSigned by: {SIGNER}\n")), "{run:?}");
    assert!(desk.exists("ours/webapp/Chart.yaml"));
    // Where Helm leaves what it could not verify, nothing is left here.
    for line in [
        "pull REGISTRY/charts/webapp --verify --keyring stranger.gpg",
        "pull REGISTRY/charts/webapp --verify --keyring nowhere.gpg",
        "pull REGISTRY/charts/webapp --verify",
        "pull REGISTRY/charts/other --verify --keyring public.gpg",
        "pull REGISTRY/charts/webapp --verify --keyring stranger.gpg --untar",
    ] {
        let run = both(line);
        assert_eq!(run.status.code(), Some(1), "{line}");
        assert!(desk.names("ours").is_empty(), "{line}");
    }
    for line in [
        "show chart REGISTRY/charts/webapp --verify --keyring public.gpg --plain-http",
        "show values REGISTRY/charts/other --verify --keyring public.gpg --plain-http",
    ] {
        same(&desk, &helm, line);
    }
}

#[test]
fn a_signed_version_is_no_other_version() {
    let Some((_server, desk, helm, _gnupg)) = pushed() else { return };
    for tag in ["1.3.0", "stable"] {
        desk.remote(&format!("push webapp-1.2.3.tgz REGISTRY/charts/webapp:{tag}"));
    }
    let line = "pull REGISTRY/charts/webapp --version 1.3.0 --verify --keyring public.gpg --plain-http";
    let run = same(&desk, &helm, line);
    let error = "Error: provenance does not contain a SHA for a file named \"webapp-1.3.0.tgz\"\n";
    assert_eq!(run.stderr, error);
    // A tag that is no version, and a digest, may stand for any. Helm can't verify them.
    let digest = run.stdout.split("Digest: ").nth(1).unwrap().lines().next().unwrap();
    for reference in [":stable".to_owned(), format!("@{digest}"), format!(":1.2.3@{digest}")] {
        let line = format!("pull REGISTRY/charts/webapp{reference} --verify --keyring public.gpg");
        let run = desk.remote(&line);
        assert!(run.stdout.contains(&format!("\nSigned by: {SIGNER}\n")), "{run:?}");
    }
}

#[test]
fn what_was_signed_later_is_pushed_again() {
    let server = server();
    let desk = Desk::at(server.addr());
    let Some(_gnupg) = keys(&desk) else { return };
    let charts = ["webapp", "other"];
    for name in charts {
        charts::plain(&desk, name, "1.2.3", "");
    }
    let archives = charts.map(|name| format!("{name}-1.2.3.tgz")).join(" ");
    let push = || desk.remote(&format!("push {archives} REGISTRY/charts")).stdout;
    desk.ok("package webapp other");
    assert_eq!(push().matches("Pushed: ").count(), 2);
    assert_eq!(push().matches("Unchanged: ").count(), 2);
    desk.ok("package webapp --sign --key Jane --keyring secret.gpg");
    let output = push();
    assert!(output.contains("Pushed: ") && output.contains("Unchanged: "), "{output}");
    desk.remote("pull REGISTRY/charts/webapp --verify --keyring public.gpg -d .");
    // Another signature of the same is no news.
    desk.ok("package webapp --sign --key Jane --keyring secret.gpg");
    assert_eq!(push().matches("Unchanged: ").count(), 2);
    assert!(Path::new(&desk.path("webapp-1.2.3.tgz.prov")).is_file());
}

#[test]
fn nobody_is_asked_twice() {
    let desk = Desk::alone();
    let Some(gnupg) = Gnupg::find() else { return };
    gnupg.key_with_passphrase("Locked <locked@example.com>", "ed25519");
    desk.write("locked.gpg", gnupg.secret(gnupg.passphrase(), &[]));
    let names = ["one", "two", "three"];
    for name in names {
        charts::plain(&desk, name, "0.1.0", "");
    }
    let line = "package one two three --sign --key locked@ --keyring locked.gpg --passphrase-file -";
    // The passphrase stands there once.
    let run = finish(&mut desk.command(line), format!("{}\n", gnupg.passphrase()).as_bytes());
    assert!(run.status.success(), "{run:?}");
    for name in names {
        assert!(desk.exists(&format!("{name}-0.1.0.tgz.prov")));
    }
}
