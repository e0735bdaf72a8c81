//! The contract of [`Accounts`], as tests that every implementation runs.
//!
//! Each function states one subject on a store that is empty at first, and panics where the contract
//! is broken.

#![expect(clippy::expect_used, reason = "these are tests, kept where every implementation finds them")]

use jiff::{SignedDuration, Timestamp};

use super::{AccessToken, Accounts, Purpose, TokenId, User, UserName};

fn name(text: &str) -> UserName {
    text.parse().expect("a name")
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_123).expect("a time")
}

fn user(text: &str) -> User {
    User {
        name: name(text),
        password: Some("$argon2id$…".to_owned()),
        groups: vec!["platform".to_owned()],
        created_at: now(),
    }
}

fn token(id: &str, owner: &str) -> AccessToken {
    AccessToken {
        id: id.parse().expect("an id"),
        user: name(owner),
        purpose: Purpose::Access,
        description: "for the pipeline".to_owned(),
        secret_hash: [7; 32],
        repositories: vec!["charts/**".to_owned()],
        actions: vec!["pull".to_owned()],
        created_at: now(),
        expires_at: Some(now() + SignedDuration::from_hours(1)),
    }
}

/// Users are added, found, changed, listed and removed.
pub fn users(accounts: &dyn Accounts) {
    assert!(accounts.users().expect("users").is_empty());
    assert!(accounts.add_user(&user("bob")).expect("added"));
    assert!(accounts.add_user(&user("anna")).expect("added"));
    assert!(!accounts.add_user(&user("bob")).expect("refused"), "a name is taken once");
    assert_eq!(accounts.user(&name("bob")).expect("found"), Some(user("bob")));
    assert_eq!(accounts.user(&name("Bob")).expect("none"), None, "names differ by case");
    let listed = accounts.users().expect("users");
    assert_eq!(listed.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["anna", "bob"]);

    assert!(accounts.set_groups(&name("bob"), &[]).expect("set"));
    assert!(accounts.set_password(&name("bob"), None).expect("set"));
    let bob = accounts.user(&name("bob")).expect("found").expect("bob");
    assert_eq!((bob.groups, bob.password), (Vec::new(), None));
    assert!(!accounts.set_groups(&name("nobody"), &[]).expect("none"));
    assert!(!accounts.set_password(&name("nobody"), None).expect("none"));

    assert!(accounts.remove_user(&name("bob")).expect("removed"));
    assert!(!accounts.remove_user(&name("bob")).expect("gone"));
    assert_eq!(accounts.user(&name("bob")).expect("gone"), None);
}

/// Tokens belong to users, and go with them.
pub fn tokens(accounts: &dyn Accounts) {
    assert!(!accounts.add_token(&token("aaaaaaaaaaaa", "bob")).expect("refused"), "there is no bob");
    assert!(accounts.add_user(&user("bob")).expect("added"));
    assert!(accounts.add_user(&user("anna")).expect("added"));
    for (id, owner) in [("aaaaaaaaaaaa", "bob"), ("bbbbbbbbbbbb", "anna"), ("cccccccccccc", "bob")] {
        assert!(accounts.add_token(&token(id, owner)).expect("added"));
    }
    let id = |text: &str| text.parse::<TokenId>().expect("an id");
    assert_eq!(accounts.token(&id("aaaaaaaaaaaa")).expect("found"), Some(token("aaaaaaaaaaaa", "bob")));
    assert_eq!(accounts.token(&id("dddddddddddd")).expect("none"), None);
    assert_eq!(accounts.tokens(None).expect("all").len(), 3);
    assert_eq!(accounts.tokens(Some(&name("bob"))).expect("bob's").len(), 2);

    assert!(accounts.revoke_token(&id("aaaaaaaaaaaa")).expect("revoked"));
    assert!(!accounts.revoke_token(&id("aaaaaaaaaaaa")).expect("gone"));
    assert!(accounts.remove_user(&name("bob")).expect("removed"));
    let left = accounts.tokens(None).expect("all");
    assert_eq!(left, [token("bbbbbbbbbbbb", "anna")], "a user's tokens go with the user");

    assert_eq!(accounts.forget_expired(now()).expect("none yet"), 0);
    assert_eq!(accounts.forget_expired(now() + SignedDuration::from_hours(2)).expect("one"), 1);
    assert!(accounts.tokens(None).expect("none").is_empty());
}

/// A new password ends what was begun with the old one, and nothing else.
pub fn sessions(accounts: &dyn Accounts) {
    assert!(accounts.add_user(&user("bob")).expect("added"));
    let session = AccessToken { purpose: Purpose::Session, ..token("ssssssssssss", "bob") };
    assert!(accounts.add_token(&session).expect("added"));
    assert!(accounts.add_token(&token("aaaaaaaaaaaa", "bob")).expect("added"));
    assert!(accounts.set_password(&name("bob"), Some("$argon2id$new")).expect("set"));
    assert_eq!(accounts.tokens(None).expect("all"), [token("aaaaaaaaaaaa", "bob")]);
}

/// Every change is seen in the version, also that of another opener of the same store; nothing else is.
pub fn versions(accounts: &dyn Accounts, other: &dyn Accounts) {
    let mut last = accounts.version().expect("a version");
    let mut changed = |what: &str| {
        let version = accounts.version().expect("a version");
        assert_ne!(version, last, "{what}");
        last = version;
    };
    assert!(other.add_user(&user("bob")).expect("added"));
    changed("a user was added");
    assert!(other.set_groups(&name("bob"), &[]).expect("set"));
    changed("groups were set");
    assert!(other.set_password(&name("bob"), None).expect("set"));
    changed("a password was set");
    assert!(accounts.add_token(&token("aaaaaaaaaaaa", "bob")).expect("added"));
    changed("a token was added");
    assert!(other.revoke_token(&"aaaaaaaaaaaa".parse().expect("an id")).expect("revoked"));
    changed("a token was revoked");
    assert!(other.remove_user(&name("bob")).expect("removed"));
    changed("a user was removed");
    let before = accounts.version().expect("a version");
    assert!(accounts.users().expect("users").is_empty());
    assert_eq!(accounts.version().expect("a version"), before, "reading changes nothing");
}
