//! What is remembered of passwords, and what is not.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::net::Ipv4Addr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_catalog::accounts::{SqliteAccounts, User, UserName};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use tempfile::TempDir;

use super::*;
use crate::password;

/// Nobody to fetch anything from.
struct Nowhere;

impl Fetch for Nowhere {
    fn fetch<'a>(&'a self, _: &'a str, _: usize) -> BoxFuture<'a, Result<Vec<u8>, String>> {
        std::future::ready(Err("there is nothing".to_owned())).boxed()
    }
}

/// An authenticator with the user anna.
fn setup() -> (TempDir, Arc<SqliteAccounts>, Authenticator) {
    let folder = TempDir::new().unwrap();
    let accounts = Arc::new(SqliteAccounts::open(&folder.path().join("accounts.sqlite")).unwrap());
    add(&accounts, "anna", "correct horse");
    let config = Config { token_lifetime: SignedDuration::from_mins(5), ..Config::default() };
    let authenticator = Authenticator::new(config, accounts.clone(), Arc::new(Nowhere)).unwrap();
    (folder, accounts, authenticator)
}

fn name(name: &str) -> UserName {
    name.parse().unwrap()
}

fn add(accounts: &SqliteAccounts, user: &str, password: &str) {
    let password = Some(password::hash(password).unwrap());
    let user = User { name: name(user), password, groups: Vec::new(), created_at: Timestamp::now() };
    assert!(accounts.add_user(&user).unwrap());
}

async fn ask(authenticator: &Authenticator, password: &str) -> Result<Arc<Caller>, AuthError> {
    let header = format!("Basic {}", STANDARD.encode(format!("anna:{password}")));
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let presented = Presented { authorization: Some(header.as_bytes()), certificate: None, address };
    authenticator.authenticate(presented).await
}

#[tokio::test]
async fn a_password_is_hashed_once_whatever_others_do() {
    let (_folder, accounts, authenticator) = setup();
    let anna = ask(&authenticator, "correct horse").await.unwrap();
    // From here on, whoever has to hash a password waits for ever.
    let _all =
        authenticator.hashing.acquire_many(u32::try_from(authenticator.hashing.available_permits()).unwrap());
    let _all = _all.await.unwrap();
    add(&accounts, "bob", "of bob's own");
    for _ in 0..2 {
        let again = ask(&authenticator, "correct horse").now_or_never();
        // Reading the accounts is for another thread, hence not at once the first time.
        let again = match again {
            Some(again) => again,
            None => {
                tokio::time::timeout(std::time::Duration::from_secs(30), ask(&authenticator, "correct horse"))
                    .await
                    .unwrap()
            }
        };
        assert_eq!(again.unwrap().identity, anna.identity);
    }
    assert!(
        ask(&authenticator, "wrong horse").now_or_never().is_none(),
        "another password is not remembered"
    );
}

#[tokio::test]
async fn what_is_changed_for_oneself_holds_at_once() {
    let (_folder, accounts, authenticator) = setup();
    ask(&authenticator, "correct horse").await.unwrap();
    accounts.set_groups(&name("anna"), &["platform".to_owned()]).unwrap();
    assert_eq!(ask(&authenticator, "correct horse").await.unwrap().identity.groups, ["platform"]);
    accounts.set_password(&name("anna"), Some(&password::hash("battery staple").unwrap())).unwrap();
    assert!(ask(&authenticator, "correct horse").await.is_err());
    ask(&authenticator, "battery staple").await.unwrap();
    accounts.remove_user(&name("anna")).unwrap();
    assert!(ask(&authenticator, "battery staple").await.is_err());
}
