//! Accounts and access over HTTP: who gets in, by which credentials, and who does not.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod accounts;
mod advisories;
mod certificates;
mod clients;
mod commands;
mod external;
mod federation;
mod htpasswd;
mod matrix;
mod secrets;
mod separation;
mod tokens;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The value of `Authorization` for a name and a password.
fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// The digest of content that no test pushes.
fn nowhere() -> String {
    chartroom_oci::Digest::sha256(b"nobody has this").to_string()
}
