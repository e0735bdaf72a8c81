//! Beside Helm: what each signs, the other verifies; and what is wrong is told in the same words.

use std::fs;
use std::path::Path;

use chartroom_provenance::{Keyring, Signer, sha256, verify_file};
use chartroom_test_support::{Gnupg, Peer};

/// The newest is the measure.
const HELMS: [&str; 3] = ["helm-4.3.1", "helm-4.1.4", "helm-3"];
const ARCHIVE: &str = "webapp-0.1.0.tgz";

/// A chart's folder in a Helm's home.
fn chart(helm: &Peer) {
    helm.ok(&["create", "webapp"]);
}

#[test]
fn all_helms_and_we_understand_each_other() {
    let Some(gnupg) = Gnupg::find() else { return };
    let keys = ["rsa2048", "nistp256", "dsa2048", "ed25519"];
    for algorithm in keys {
        gnupg.key(&format!("{algorithm} <{algorithm}@example.com>"), algorithm, "sign", "0", &[]);
    }
    for helm in HELMS {
        let Some(peer) = Peer::find(helm) else { continue };
        chart(&peer);
        // Helm 3 knows no EdDSA.
        for algorithm in keys.iter().filter(|algorithm| helm != "helm-3" || **algorithm != "ed25519") {
            let secret = gnupg.secret("", &[algorithm]);
            peer.write("secret.gpg", &secret);
            let public = peer.write("public.gpg", gnupg.public(&[algorithm]));
            peer.ok(&["package", "webapp", "--sign", "--key", algorithm, "--keyring", "secret.gpg"]);
            let path = peer.home().join(ARCHIVE);
            let ours = verify_file(&path, &public).unwrap();
            assert_eq!(ours.signed_by, [format!("{algorithm} <{algorithm}@example.com>")]);

            let text = String::from_utf8(peer.read(&format!("{ARCHIVE}.prov"))).unwrap();
            let metadata = text.split("\n\n").nth(1).unwrap();
            let mut signer = Signer::find(&Keyring::parse(secret).unwrap(), algorithm).unwrap();
            signer.unlock(b"").unwrap();
            let archive = peer.read(ARCHIVE);
            let signed = signer.sign(&format!("{metadata}\n"), ARCHIVE, &sha256(&archive)).unwrap();
            // But for the signature they are the same. Helm 3 leaves out a line end that counts for nothing.
            let unsigned = |text: &str| text.split("-----BEGIN PGP SIGNATURE").next().unwrap().to_owned();
            let (own, other) = (unsigned(&signed), unsigned(&text));
            assert_eq!(own.trim_end(), other.trim_end());
            assert!(own == other || helm == "helm-3");
            assert!(text.ends_with("-----") && signed.ends_with("-----"));
            peer.write(&format!("{ARCHIVE}.prov"), &signed);
            let theirs = peer.ok(&["verify", ARCHIVE, "--keyring", "public.gpg"]);
            assert_eq!(theirs.stdout, ours.to_string(), "{helm} {algorithm}");
        }
    }
}

/// What is to be verified with which keyring, and that Helm says the same.
#[test]
fn what_is_wrong_is_told_in_helms_words() {
    let (Some(gnupg), Some(helm)) = (Gnupg::find(), Peer::find(HELMS[0])) else { return };
    chart(&helm);
    for name in ["Signer <signer@example.com>", "Other <other@example.com>"] {
        gnupg.key(name, "rsa2048", "sign", "0", &[]);
    }
    let public = gnupg.public(&["signer@"]);
    helm.write("secret.gpg", gnupg.secret("", &["signer@"]));
    helm.ok(&["package", "webapp", "--sign", "--key", "signer@", "--keyring", "secret.gpg"]);
    let (archive, provenance) = (helm.read(ARCHIVE), helm.read(&format!("{ARCHIVE}.prov")));
    let text = String::from_utf8(provenance.clone()).unwrap();
    let keybox = fs::read(gnupg.home().join("pubring.kbx")).unwrap();
    let armored = gnupg.ok(&["--armor", "--export"], b"");

    // Keyrings.
    let cut = |bytes: &[u8], at: usize| bytes[..at].to_vec();
    let mut outside = keybox.clone();
    outside[32 + 8..32 + 12].fill(0x7f);
    for (name, content) in [
        ("good.gpg", public.clone()),
        ("good.kbx", keybox.clone()),
        ("good.asc", armored.clone()),
        ("secret.asc", gnupg.ok(&["--armor", "--passphrase", "", "--export-secret-keys"], b"")),
        ("other.gpg", gnupg.public(&["other@"])),
        ("empty.gpg", Vec::new()),
        ("garbage.gpg", b"these are no keys".to_vec()),
        ("one-byte.gpg", b"t".to_vec()),
        ("cut-in-header.gpg", cut(&public, 2)),
        ("cut-in-key.gpg", cut(&public, 100)),
        ("cut-in-name.gpg", cut(&public, 280)),
        ("cut-in-signature.gpg", cut(&public, public.len() - 5)),
        ("no-name.gpg", cut(&public, 272)),
        ("name-only.gpg", public[272..].to_vec()),
        ("critical.gpg", [&public[..], &[0xd6, 0]].concat()),
        ("trust.gpg", [&public[..], &[0xb0, 2, 0, 0]].concat()),
        ("after-garbage.gpg", [&[0xb4, 1, b'x'][..], &public].concat()),
        ("signature.gpg", public[public.len() - 337..].to_vec()),
        ("cut.kbx", cut(&keybox, keybox.len() - 5)),
        ("header.kbx", cut(&keybox, 32)),
        ("more.kbx", [&keybox[..], &[0; 4]].concat()),
        ("zero.kbx", [&keybox[..], &[0; 9]].concat()),
        ("outside.kbx", outside),
        ("short.kbx", [&keybox[..32], &[0, 0, 0, 9, 2, 1, 0, 0, 0]].concat()),
        ("cut.asc", cut(&armored, 200)),
        ("headers.asc", cut(&armored, 37)),
        ("text.asc", provenance.clone()),
        ("signature.asc", provenance[text.find("-----BEGIN PGP SIGNATURE").unwrap()..].to_vec()),
    ] {
        helm.write(name, content);
        same(&helm, ARCHIVE, name);
    }
    same(&helm, ARCHIVE, "nowhere.gpg");
    same(&helm, ARCHIVE, "webapp");

    // Archives and provenance files.
    for (place, archive, provenance) in [
        ("tampered-archive/webapp-0.1.0.tgz", [&archive[..], b"x"].concat(), Some(provenance.clone())),
        ("renamed/webapp-0.1.1.tgz", archive.clone(), Some(provenance.clone())),
        ("quoted/we\"b.tgz", archive.clone(), Some(provenance.clone())),
        ("upper/WEBAPP.TGZ", archive.clone(), Some(provenance.clone())),
        ("missing/webapp-0.1.0.tgz", archive.clone(), None),
        ("no-archive/webapp-0.1.0.zip", archive.clone(), Some(provenance.clone())),
        ("empty/webapp-0.1.0.tgz", archive.clone(), Some(Vec::new())),
        ("tampered-text/webapp-0.1.0.tgz", archive.clone(), Some(text.replace("0.1.0", "0.2.0").into())),
        ("tampered-header/webapp-0.1.0.tgz", archive.clone(), Some(text.replace("SHA512", "SHA999").into())),
        ("other-header/webapp-0.1.0.tgz", archive.clone(), Some(text.replace("SHA512", "SHA256").into())),
        ("cut/webapp-0.1.0.tgz", archive.clone(), Some(cut(&provenance, provenance.len() - 40))),
        ("windows/webapp-0.1.0.tgz", archive.clone(), Some(text.replace('\n', "\r\n").into())),
        ("around/webapp-0.1.0.tgz", archive.clone(), Some(format!("before\n{text}\nafter").into())),
        ("joined/webapp-0.1.0.tgz", archive.clone(), Some(format!("before {text}").into())),
        ("signature/webapp-0.1.0.tgz", archive.clone(), Some(public.clone())),
    ] {
        helm.write(place, archive);
        if let Some(provenance) = provenance {
            helm.write(&format!("{place}.prov"), provenance);
        }
        same(&helm, place, "good.gpg");
    }
    fs::create_dir_all(helm.home().join("folder/webapp-0.1.0.tgz.prov")).unwrap();
    helm.write("folder/webapp-0.1.0.tgz", &archive);
    same(&helm, "folder/webapp-0.1.0.tgz", "good.gpg");
    same(&helm, "webapp", "good.gpg");
    same(&helm, "nowhere.tgz", "good.gpg");
    for signed in [
        "only metadata\n",
        "x\n...\nfiles: [a]\n",
        "x\n...\nfiles: {webapp-0.1.0.tgz: 5}\n",
        "x\n...\n- a\n",
        "x\n...\nfiles: {\n",
        "x\n...\nimages: {}\n",
        "x\n...\nimages: 5\n",
    ] {
        helm.write("folder/other/webapp-0.1.0.tgz", &archive);
        helm.write("folder/other/webapp-0.1.0.tgz.prov", gnupg.clearsign("signer@", signed, &[]));
        same(&helm, "folder/other/webapp-0.1.0.tgz", "good.gpg");
    }
}

/// Checks that Helm says of an archive and a keyring what we say.
#[track_caller]
fn same(helm: &Peer, path: &str, keyring: &str) {
    let theirs = helm.run(&["verify", path, "--keyring", keyring]);
    // Both are told the same paths, and so name the same ones.
    let (at_home, home) = (|path: &str| helm.home().join(path), helm.home().display().to_string());
    let ours = verify_file(&at_home(path), &at_home(keyring));
    let relative = |text: String| text.replace(&format!("{home}/"), "");
    let (stdout, stderr) = match ours {
        Ok(verification) => (verification.to_string(), String::new()),
        Err(error) => (String::new(), relative(format!("Error: {error}\n"))),
    };
    assert_eq!((theirs.stdout, theirs.stderr), (stdout, stderr), "{path} with {keyring}");
}

#[test]
fn keyrings_are_where_helm_looks_for_them() {
    let home = tempfile::tempdir().unwrap();
    let at = |path: &str| home.path().join(path);
    let default = |gnupg: Option<&Path>| {
        chartroom_provenance::default_keyring(&|name| match name {
            "HOME" => Some(home.path().into()),
            "GNUPGHOME" => gnupg.map(Into::into),
            _ => None,
        })
    };
    assert_eq!(default(None), at(".gnupg/pubring.gpg"));
    fs::create_dir(at(".gnupg")).unwrap();
    fs::write(at(".gnupg/pubring.kbx"), "").unwrap();
    assert_eq!(default(None), at(".gnupg/pubring.kbx"));
    fs::write(at(".gnupg/pubring.gpg"), "").unwrap();
    assert_eq!(default(None), at(".gnupg/pubring.gpg"));
    assert_eq!(default(Some(&at("other"))), at("other/pubring.gpg"));
}
