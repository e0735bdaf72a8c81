//! Provenance files beside GnuPG and three Helms, which have to understand what is signed here and whose
//! files have to be understood; and by themselves, with keys that are made for the test.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod gnupg;
mod helm;
mod hostile;
mod made;
mod time;

use chartroom_provenance::{Error, Keyring, Signer, Verification, sha256, signed_text, verify};

/// What is signed and verified.
const ARCHIVE: &[u8] = b"any bytes: what is in an archive is for others to look at";
const NAME: &str = "webapp-1.2.3.tgz";
const METADATA: &str = "apiVersion: v2\ndescription: |-\n  - a\n  -----BEGIN\nname: webapp\nversion: 1.2.3\n";

/// The text that a provenance file of [`ARCHIVE`] is about.
fn text() -> String {
    signed_text(METADATA, NAME, &sha256(ARCHIVE)).unwrap()
}

/// Signs [`ARCHIVE`] with the key of this name.
#[track_caller]
fn sign(secret: Vec<u8>, name: &str, passphrase: &[u8]) -> Result<String, Error> {
    let mut signer = Signer::find(&Keyring::parse(secret)?, name)?;
    signer.unlock(passphrase)?;
    signer.sign(METADATA, NAME, &sha256(ARCHIVE))
}

/// Verifies a provenance file of [`ARCHIVE`].
fn check(provenance: impl AsRef<[u8]>, public: &[u8]) -> Result<Verification, Error> {
    verify(provenance.as_ref(), NAME, &sha256(ARCHIVE), &Keyring::parse(public.to_vec())?)
}

/// The error of [`check`], which must be one.
#[track_caller]
fn problem(provenance: impl AsRef<[u8]>, public: &[u8]) -> String {
    check(provenance, public).expect_err("nothing is right about it").to_string()
}
