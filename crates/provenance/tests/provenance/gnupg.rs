//! Beside GnuPG: it verifies what is signed here, and what it signs is verified here, with keys of all
//! kinds and keyrings of all forms.

use std::fs;

use chartroom_provenance::{Caveat, Keyring, Signer};
use chartroom_test_support::Gnupg;

use crate::{METADATA, NAME, check, problem, sign, text};

/// Kinds of keys, as GnuPG calls them.
const ALGORITHMS: [&str; 7] =
    ["rsa2048", "dsa2048", "nistp256", "nistp384", "nistp521", "secp256k1", "ed25519"];

fn name(algorithm: &str) -> String {
    format!("Key {algorithm} <{algorithm}@example.com>")
}

#[track_caller]
fn gnupg_verifies(gnupg: &Gnupg, provenance: &str, name: &str) {
    let path = gnupg.home().join("provenance");
    fs::write(&path, provenance).unwrap();
    let outcome = gnupg.verify(&path);
    assert!(outcome.status.success(), "{outcome:?}");
    assert!(outcome.stderr.contains(&format!("Good signature from \"{name}\"")), "{outcome:?}");
}

#[test]
fn keys_of_all_kinds_sign_and_verify() {
    let Some(gnupg) = Gnupg::find() else { return };
    for algorithm in ALGORITHMS {
        gnupg.key(&name(algorithm), algorithm, "sign", "0", &[]);
    }
    let (public, secret) = (gnupg.public(&[]), gnupg.secret("", &[]));
    for algorithm in ALGORITHMS {
        let name = name(algorithm);
        let theirs = check(gnupg.clearsign(&name, &text(), &[]), &public).unwrap();
        assert_eq!(theirs.signed_by, [name.as_str()]);
        assert_eq!(theirs.fingerprint, gnupg.fingerprint(&name));
        assert_eq!(theirs.file_name, NAME);
        let ours = sign(secret.clone(), algorithm, b"").unwrap();
        assert_eq!(check(&ours, &public).unwrap(), theirs);
        gnupg_verifies(&gnupg, &ours, &name);
        // A word more, and it is no longer what was signed.
        let other = ours.replacen("name: webapp", "name: webapps", 1);
        assert!(problem(other, &public).ends_with(" verification failure"));
    }
}

#[test]
fn keyrings_of_all_forms_are_read() {
    let Some(gnupg) = Gnupg::find() else { return };
    for algorithm in ["ed25519", "nistp256"] {
        gnupg.key(&name(algorithm), algorithm, "sign", "0", &[]);
    }
    let signed = gnupg.clearsign(&name("nistp256"), &text(), &[]);
    let keybox = fs::read(gnupg.home().join("pubring.kbx")).unwrap();
    let armored = gnupg.ok(&["--armor", "--export"], b"");
    let single = |name: &str| gnupg.ok(&["--armor", "--export", name], b"");
    let joined = [single("ed25519"), b"\nsome words\n\n".to_vec(), single("nistp256")].concat();
    let secret = gnupg.ok(&["--armor", "--passphrase", "", "--export-secret-keys"], b"");
    for keyring in [keybox, armored, joined, gnupg.public(&[]), gnupg.secret("", &[]), secret] {
        assert_eq!(check(&signed, &keyring).unwrap().signed_by, [name("nistp256")]);
    }
    assert_eq!(problem(&signed, &gnupg.public(&["ed25519"])), "openpgp: signature made by unknown entity");
}

#[test]
fn texts_of_all_kinds_are_the_same_to_both() {
    let Some(gnupg) = Gnupg::find() else { return };
    let name = name("ed25519");
    gnupg.key(&name, "ed25519", "sign", "0", &[]);
    let (public, secret) = (gnupg.public(&[]), gnupg.secret("", &[]));
    let mut signer = Signer::find(&Keyring::parse(secret).unwrap(), "ed25519").unwrap();
    signer.unlock(b"").unwrap();
    for metadata in
        ["", "a: b  \n\t\n", "- a\n- - b\n--- c\n", "größe: 日本語 🚢\n", "a: b\r\nc: d\r\n", "From x\n"]
    {
        let ours = signer.sign(metadata, NAME, "sha256:00").unwrap();
        gnupg_verifies(&gnupg, &ours, &name);
        let keyring = Keyring::parse(public.clone()).unwrap();
        chartroom_provenance::verify(ours.as_bytes(), NAME, "sha256:00", &keyring).unwrap();
        let theirs = gnupg.clearsign(&name, &format!("{metadata}\n...\nfiles: {{{NAME}: sha256:00}}\n"), &[]);
        chartroom_provenance::verify(&theirs, NAME, "sha256:00", &keyring).unwrap();
    }
}

#[test]
fn a_passphrase_opens_a_key() {
    let Some(gnupg) = Gnupg::find() else { return };
    for algorithm in ["ed25519", "rsa2048"] {
        let name = name(algorithm);
        gnupg.key_with_passphrase(&name, algorithm);
        let secret = gnupg.secret(gnupg.passphrase(), &[algorithm]);
        let signer = Signer::find(&Keyring::parse(secret.clone()).unwrap(), algorithm).unwrap();
        assert!(signer.is_locked() && signer.name() == name);
        assert!(signer.sign(METADATA, NAME, "sha256:00").is_err());
        let signed = sign(secret.clone(), algorithm, gnupg.passphrase().as_bytes()).unwrap();
        gnupg_verifies(&gnupg, &signed, &name);
        for wrong in ["", "wrong"] {
            assert_eq!(
                sign(secret.clone(), algorithm, wrong.as_bytes()).unwrap_err().to_string(),
                "openpgp: invalid data: private key checksum failure"
            );
        }
    }
}

#[test]
fn a_subkey_signs_for_a_key_that_does_not_or_can_not() {
    let Some(gnupg) = Gnupg::find() else { return };
    let name = name("both");
    gnupg.key(&name, "ed25519", "cert", "0", &[]);
    let fingerprint = gnupg.fingerprint(&name);
    for (algorithm, usage) in [("ed25519", "sign"), ("cv25519", "encr")] {
        gnupg.ok(&["--passphrase", "", "--quick-add-key", &fingerprint, algorithm, usage, "0"], b"");
    }
    let public = gnupg.public(&[]);
    let theirs = check(gnupg.clearsign(&name, &text(), &[]), &public).unwrap();
    assert_eq!(theirs.fingerprint, fingerprint);
    // With the whole key, and with one whose main secret is kept elsewhere.
    let offline = gnupg.ok(&["--passphrase", "", "--export-secret-subkeys"], b"");
    for secret in [gnupg.secret("", &[]), offline] {
        let signer = Signer::find(&Keyring::parse(secret.clone()).unwrap(), "both").unwrap();
        assert_eq!(signer.caveat(), None);
        let ours = sign(secret, "both", b"").unwrap();
        assert_eq!(check(&ours, &public).unwrap(), theirs);
        gnupg_verifies(&gnupg, &ours, &name);
    }
}

#[test]
fn a_key_is_found_by_a_part_of_its_name() {
    let Some(gnupg) = Gnupg::find() else { return };
    for name in ["Jane Doe <jane@example.com>", "Jane <jd@example.com>", "Bob <bob@example.com>"] {
        gnupg.key(name, "ed25519", "sign", "0", &[]);
    }
    let more = ["--passphrase", "", "--quick-add-uid", "Bob <bob@example.com>", "Bobby <b@example.com>"];
    gnupg.ok(&more, b"");
    let (secret, public) = (gnupg.secret("", &[]), gnupg.public(&[]));
    let both = [public.clone(), secret.clone()].concat();
    let find = |bytes: &[u8], id: &str| {
        Signer::find(&Keyring::parse(bytes.to_vec()).unwrap(), id).map_err(|error| error.to_string())
    };
    for id in ["Jane Doe", "jane@", "Jane Doe <jane@example.com>"] {
        assert_eq!(find(&secret, id).unwrap().name(), "Jane Doe <jane@example.com>");
    }
    assert_eq!(find(&secret, "Jane <jd@example.com>").unwrap().name(), "Jane <jd@example.com>");
    assert_eq!(find(&secret, "Jane").unwrap_err(), "more than one key contain the id \"Jane\"");
    // Two names of one key, and the two halves of one key, are one key.
    assert!(find(&secret, "Bob").is_ok() && find(&both, "bob@").is_ok());
    assert_eq!(find(&secret, "jane doe").unwrap_err(), "private key not found");
    let not_secret = "provided key is not a private key. Try providing a keyring with secret keys";
    assert_eq!(find(&public, "jane@").unwrap_err(), not_secret);
}

#[test]
fn keys_that_nobody_trusts_sign_with_a_caveat() {
    let Some(gnupg) = Gnupg::find() else { return };
    let past = ["--faked-system-time", "20200101T000000!"];
    gnupg.key("Old <old@example.com>", "ed25519", "sign", "1y", &past);
    gnupg.key("Cert <cert@example.com>", "ed25519", "cert", "0", &[]);
    gnupg.key("Revoked <revoked@example.com>", "ed25519", "sign", "0", &[]);
    revoke(&gnupg, "revoked@");
    let secret = gnupg.secret("", &[]);
    for (id, caveat) in
        [("old@", Caveat::Expired), ("cert@", Caveat::NotForSigning), ("revoked@", Caveat::Revoked)]
    {
        let signer = Signer::find(&Keyring::parse(secret.clone()).unwrap(), id).unwrap();
        assert_eq!(signer.caveat(), Some(caveat), "{id}");
        let signed = sign(secret.clone(), id, b"").unwrap();
        assert!(check(signed, &secret).is_err(), "{id}");
    }
}

/// Revokes a key, with the certificate that GnuPG made together with it.
pub(crate) fn revoke(gnupg: &Gnupg, name: &str) {
    let certificate = gnupg.home().join(format!("openpgp-revocs.d/{}.rev", gnupg.fingerprint(name)));
    let certificate = fs::read_to_string(certificate).unwrap().replace(":-----BEGIN", "-----BEGIN");
    gnupg.ok(&["--import"], certificate.as_bytes());
}
