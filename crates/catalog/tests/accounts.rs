//! The contract of accounts, on each implementation.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use chartroom_catalog::accounts::{Accounts, SqliteAccounts, UserName, conformance};

struct Fresh {
    folder: tempfile::TempDir,
}

impl Fresh {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("accounts.sqlite")
    }

    fn open(&self) -> SqliteAccounts {
        SqliteAccounts::open(&self.path()).unwrap()
    }
}

#[test]
fn users() {
    conformance::users(&Fresh::new().open());
}

#[test]
fn tokens() {
    conformance::tokens(&Fresh::new().open());
}

#[test]
fn sessions() {
    conformance::sessions(&Fresh::new().open());
}

#[test]
fn versions() {
    let fresh = Fresh::new();
    conformance::versions(&fresh.open(), &fresh.open());
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let fresh = Fresh::new();
    let user = chartroom_catalog::accounts::User {
        name: "bob".parse().unwrap(),
        password: None,
        groups: Vec::new(),
        created_at: jiff::Timestamp::from_millisecond(0).unwrap(),
    };
    assert!(fresh.open().add_user(&user).unwrap());
    assert_eq!(fresh.open().users().unwrap(), [user]);
    let mode = std::fs::metadata(fresh.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "hashes are nobody else's business");
}

#[test]
fn what_is_no_name_is_refused() {
    for text in ["", "-a", ".a", "a b", "a:b", "ä", &"a".repeat(65)] {
        assert!(text.parse::<UserName>().is_err(), "{text:?}");
    }
    for text in ["a", "anna@example.com", "ci-1_x+y", &"a".repeat(64)] {
        assert!(text.parse::<UserName>().is_ok(), "{text:?}");
    }
}
