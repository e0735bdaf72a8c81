//! Provenance files (`.prov`): who made a chart, and that it is still what they made.
//!
//! A provenance file is a text with an OpenPGP signature around it. The text is the chart's metadata
//! and the SHA-256 of its archive, so whoever trusts the key that signed it can trust the archive.
//!
//! [`Keyring`] reads the keys: a stream of packets, a keybox of GnuPG, or armored text. [`verify()`] says
//! who has signed an archive, [`verify_file`] does it for files that lie side by side, [`Signer`] makes
//! the provenance file. What is accepted, and what is said where it is not, follows Helm 4.3.1, whose
//! OpenPGP is ProtonMail's; what is written is read by GnuPG and by all Helms from 3 on.
//!
//! Everything read here may come from strangers. Sizes are bounded, nothing recurses, and no input
//! makes it panic. Files are only read, and only those that are named. Asking for a passphrase,
//! fetching and writing files are the business of others.

mod armor;
mod cleartext;
mod cursor;
mod document;
mod entity;
mod error;
mod file;
mod go_text;
mod keybox;
mod keyring;
mod packet;
mod parts;
mod public_key;
mod secp256k1;
mod secret_key;
mod sign;
mod signature;
mod verify;

pub use cleartext::Cleartext;
pub use document::{Checksums, signed_text};
pub use error::Error;
pub use file::{default_keyring, read_verified, verify_file};
pub use keybox::keyblocks;
pub use keyring::Keyring;
pub use sign::{Caveat, Signer};
pub use verify::{Verification, sha256, verify, verify_at};
