//! Keys and signatures that have expired, were revoked, or are not yet.

use std::time::{Duration, SystemTime};

use chartroom_provenance::{Keyring, sha256, verify_at};
use chartroom_test_support::Gnupg;

use crate::gnupg::revoke;
use crate::{ARCHIVE, NAME, problem, text};

/// The first of January 2020, and days since.
fn day(number: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_836_800 + number * 86_400)
}

#[track_caller]
fn at(days: u64, signed: &[u8], public: &[u8]) -> Result<(), String> {
    let keyring = Keyring::parse(public.to_vec()).unwrap();
    let verified = verify_at(signed, NAME, &sha256(ARCHIVE), &keyring, day(days));
    verified.map(drop).map_err(|error| error.to_string())
}

const NEW_YEAR: [&str; 2] = ["--faked-system-time", "20200101T000000!"];
const MARCH: [&str; 2] = ["--faked-system-time", "20200301T000000!"];

#[test]
fn a_key_counts_while_it_lives() {
    let Some(gnupg) = Gnupg::find() else { return };
    gnupg.key("Old <old@example.com>", "ed25519", "sign", "1y", &NEW_YEAR);
    let signed = gnupg.clearsign("old@", &text(), &MARCH);
    let public = gnupg.public(&[]);
    assert_eq!(at(100, &signed, &public), Ok(()));
    assert_eq!(at(365, &signed, &public), Ok(()));
    assert_eq!(at(366, &signed, &public).unwrap_err(), "openpgp: key expired");
    // What was signed in the future is not signed yet, and before its key is made nothing is.
    assert_eq!(at(50, &signed, &public).unwrap_err(), "openpgp: signature expired");
    let before = SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000);
    let keyring = Keyring::parse(public.clone()).unwrap();
    let early = verify_at(&signed, NAME, &sha256(ARCHIVE), &keyring, before);
    assert_eq!(early.unwrap_err().to_string(), "openpgp: key expired");
    assert_eq!(problem(&signed, &public), "openpgp: key expired");
}

#[test]
fn so_does_a_subkey() {
    let Some(gnupg) = Gnupg::find() else { return };
    gnupg.key("Sub <sub@example.com>", "ed25519", "cert", "0", &NEW_YEAR);
    let fingerprint = gnupg.fingerprint("sub@");
    let add = ["--passphrase", "", "--quick-add-key", &fingerprint, "ed25519", "sign", "1y"];
    gnupg.ok(&[&NEW_YEAR[..], &add].concat(), b"");
    let signed = gnupg.clearsign("sub@", &text(), &MARCH);
    let public = gnupg.public(&[]);
    assert_eq!(at(100, &signed, &public), Ok(()));
    assert_eq!(at(400, &signed, &public).unwrap_err(), "openpgp: key expired");
}

#[test]
fn and_a_signature() {
    let Some(gnupg) = Gnupg::find() else { return };
    gnupg.key("Key <key@example.com>", "ed25519", "sign", "0", &NEW_YEAR);
    let signed = gnupg.clearsign("key@", &text(), &[&MARCH[..], &["--default-sig-expire", "10d"]].concat());
    let public = gnupg.public(&[]);
    assert_eq!(at(65, &signed, &public), Ok(()));
    assert_eq!(at(75, &signed, &public).unwrap_err(), "openpgp: signature expired");
}

#[test]
fn what_was_revoked_counts_no_more() {
    let Some(gnupg) = Gnupg::find() else { return };
    gnupg.key("Key <key@example.com>", "ed25519", "sign", "0", &[]);
    let signed = gnupg.clearsign("key@", &text(), &[]);
    assert!(crate::check(&signed, &gnupg.public(&[])).is_ok());
    revoke(&gnupg, "key@");
    assert_eq!(problem(&signed, &gnupg.public(&[])), "openpgp: signature made by revoked key");
}

#[test]
fn notations_that_must_be_understood_are_not() {
    let Some(gnupg) = Gnupg::find() else { return };
    gnupg.key("Key <key@example.com>", "ed25519", "sign", "0", &[]);
    let public = gnupg.public(&[]);
    let critical = gnupg.clearsign("key@", &text(), &["--sig-notation", "!a@example.com=b"]);
    let problem = problem(critical, &public);
    assert_eq!(problem, "openpgp: invalid signature: unknown critical notation: a@example.com");
    let other = gnupg.clearsign("key@", &text(), &["--sig-notation", "a@example.com=b"]);
    assert!(crate::check(other, &public).is_ok());
}

#[test]
fn old_digests_are_accepted_as_far_as_helm_accepts_them() {
    let Some(gnupg) = Gnupg::find() else { return };
    gnupg.key("Key <key@example.com>", "rsa2048", "sign", "0", &[]);
    let public = gnupg.public(&[]);
    for (digest, accepted) in [("SHA1", true), ("SHA224", true), ("SHA384", true), ("RIPEMD160", false)] {
        let signed = gnupg.clearsign("key@", &text(), &["--digest-algo", digest]);
        assert_eq!(crate::check(signed, &public).is_ok(), accepted, "{digest}");
    }
}
