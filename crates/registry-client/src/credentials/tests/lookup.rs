//! Which login is found.

use super::*;
use crate::credential::{CredentialError, CredentialSource as _};
use crate::credentials::{Error, SavedWhere};

#[tokio::test]
async fn files_are_asked_in_their_order() {
    let home = Home::new();
    home.write(HELM, auths(&[("a.io", "helm")]));
    home.write(DOCKER, auths(&[("a.io", "docker"), ("b.io", "docker"), ("c.io/org", "docker")]));
    home.write(PODMAN, auths(&[("b.io/org", "podman"), ("c.io", "podman"), ("d.io/org", "podman")]));
    for (host, repository, expected) in [
        ("a.io", "org/x", user("helm")),
        ("b.io", "org/x", user("docker")),
        ("c.io", "org/x", user("docker")),
        ("c.io", "x", user("podman")),
        ("c.io", "", user("podman")),
        ("d.io", "org/x", user("podman")),
        ("d.io", "other/x", Credential::Anonymous),
        ("d.io", "", Credential::Anonymous),
    ] {
        assert_eq!(find(&home, host, repository).await, expected, "{host}/{repository}");
    }
    let found = home.store().find("b.io", None).await.unwrap().unwrap();
    assert_eq!(found.place, SavedWhere::File(home.path(DOCKER)));
}

#[tokio::test]
async fn docker_hub_has_many_names() {
    for key in ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"] {
        let home = Home::new();
        home.write(DOCKER, auths(&[(key, "hub"), ("docker.io/org", "org")]));
        for host in ["docker.io", "index.docker.io", "registry-1.docker.io"] {
            assert_eq!(find(&home, host, "library/x").await, user("hub"), "{host}");
            assert_eq!(find(&home, host, "org/x").await, user("org"), "{host}");
        }
    }
}

#[tokio::test]
async fn an_exact_key_wins_over_other_spellings_and_empty_ones_are_none() {
    let home = Home::new();
    home.write(DOCKER, auths(&[("https://a.io/v1/", "old"), ("a.io", "new"), ("http://b.io", "old")]));
    home.write(HELM, r#"{"auths":{"b.io":{},"a.io":{"email":"x"}}}"#);
    assert_eq!(find(&home, "a.io", "").await, user("new"));
    assert_eq!(find(&home, "b.io", "").await, user("old"));
}

#[tokio::test]
async fn nothing_is_read_before_it_is_needed_nor_twice() {
    let home = Home::new();
    home.write(HELM, auths(&[("a.io", "helm")]));
    home.write(DOCKER, "{ malformed");
    let store = home.store();
    // Docker's file has no say where Helm's has.
    assert_eq!(store.credential("a.io", None).await.unwrap(), user("helm"));
    let error = store.credential("b.io", None).await.unwrap_err();
    assert!(error.to_string().contains("is malformed at line 1, column 3"), "{error}");
    assert!(error.hint().unwrap().contains("log in again"));

    home.write(HELM, "{ malformed");
    home.write(DOCKER, "{}");
    assert_eq!(store.credential("a.io", None).await.unwrap(), user("helm"));
    assert_eq!(store.credential("b.io", None).await.unwrap(), Credential::Anonymous);
}

#[tokio::test]
async fn without_any_file_or_home_there_is_no_login() {
    assert_eq!(find(&Home::new(), "ghcr.io", "org/x").await, Credential::Anonymous);
    let store = Store::from_environment(&|_| None, None);
    assert_eq!(store.find("ghcr.io", None).await.unwrap(), None);
    assert!(matches!(store.save(&target("a.io"), &user("a")).await, Err(Error::Nowhere)));
}

#[tokio::test]
async fn malformed_files_are_errors_that_say_where_and_quote_nothing() {
    for (text, place) in [
        (&b"{\"auths\": {\"hunter2\": {}}"[..], "line 1, column 25"),
        (b"[\"hunter2\"]", "line 1, column 1"),
        (b"{\n\"auths\":\n  \"hunter2\"}", "line 3, column 3"),
        (b"{\"credsStore\":{\"hunter2\":1}}", "line 1, column 15"),
        (b"{\"credHelpers\":{\"a.io\":[\"hunter2\"]}}", "line 1, column 24"),
        (b"{} hunter2", "line 1, column 4"),
        (b"{\"auths\":{\"a\":\"hunter2\\x\"}}", "line 1"),
        (b"{\n\"hunter2\": \"\xff\"}", "line 2, column 13"),
        (b"hunter2", "line 1"),
    ] {
        let home = Home::new();
        home.write(HELM, text);
        let error = home.store().find("a.io", None).await.unwrap_err();
        assert!(matches!(&error, Error::Malformed { .. }), "{error}");
        let shown = format!("{error} {error:?}");
        let shown = format!("{shown} {:?}", CredentialError::from(error));
        assert!(shown.contains(place) && shown.contains(HELM), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
        // Nor does logging in or out touch it.
        assert!(home.store().save(&target("b.io"), &user("b")).await.is_err());
        assert!(home.store().erase(&target("b.io")).await.is_err());
        assert_eq!(fs::read(home.path(HELM)).unwrap(), text);
        assert_eq!(home.names(".config/helm/registry"), ["config.json"]);
    }
}

#[tokio::test]
async fn a_broken_entry_is_an_error_of_its_registry_alone() {
    let home = Home::new();
    home.write(
        HELM,
        r#"{"auths":{"a.io":{"auth":"aHVudGVyMg=="},"b.io":5,"c.io":{"auth":"eDpw"},"https://d.io/v1/":[]}}"#,
    );
    let error = home.store().find("a.io", None).await.unwrap_err();
    assert!(matches!(error, Error::Entry { .. }));
    assert!(!error.to_string().contains("hunter2"), "{error}");
    assert_eq!(error.hint().unwrap(), "log in again: chartroom registry login a.io");
    assert!(home.store().find("b.io", None).await.is_err());
    let error = home.store().find("d.io", None).await.unwrap_err();
    assert_eq!(error.hint().unwrap(), "log in again: chartroom registry login d.io");
    assert_eq!(find(&home, "c.io", "").await, user("x"));
    // Logging in again heals it.
    home.store().save(&target("a.io"), &user("new")).await.unwrap();
    assert_eq!(find(&home, "a.io", "").await, user("new"));
}

#[tokio::test]
async fn files_that_cannot_be_read() {
    let home = Home::new();
    fs::create_dir_all(home.path(HELM)).unwrap();
    let error = home.store().find("a.io", None).await.unwrap_err();
    assert!(matches!(&error, Error::Unreadable { path, .. } if *path == home.path(HELM)), "{error}");

    let home = Home::new();
    home.write(HELM, " ".repeat((4 << 20) + 1));
    assert!(matches!(home.store().find("a.io", None).await, Err(Error::Unreadable { .. })));

    // What PowerShell writes is read; a file where a folder should be is no login.
    let home = Home::new();
    home.write(HELM, format!("\u{feff}{}", auths(&[("a.io", "bom")]))).write(".docker", "");
    assert_eq!(find(&home, "a.io", "").await, user("bom"));
    assert_eq!(find(&home, "b.io", "").await, Credential::Anonymous);
}

#[tokio::test]
async fn a_pipelines_variable_comes_after_helms_file() {
    let home = Home::new();
    home.write(HELM, auths(&[("a.io", "helm")]));
    home.write(DOCKER, auths(&[("a.io", "docker"), ("b.io", "docker"), ("c.io", "docker")]));
    let variable = auths(&[("a.io", "variable"), ("b.io", "variable"), ("d.io/org", "variable")]);
    let store = |text: &str| home.store_with(&[("DOCKER_AUTH_CONFIG", Path::new(text))]);
    for (host, repository, expected) in [
        ("a.io", "x", "helm"),
        ("b.io", "x", "variable"),
        ("c.io", "x", "docker"),
        ("d.io", "org/x", "variable"),
    ] {
        let repository = repository.parse().unwrap();
        let found = store(&variable).find(host, Some(&repository)).await.unwrap().unwrap();
        assert_eq!(found.credential, user(expected), "{host}");
        assert_eq!(found.place.to_string().contains("DOCKER_AUTH_CONFIG"), expected == "variable");
    }
    // It is never written, and does not get lost when something else is.
    let both = store(&variable);
    both.save(&target("e.io"), &user("e")).await.unwrap();
    assert_eq!(both.find("b.io", None).await.unwrap().unwrap().credential, user("variable"));
    assert!(!home.read(HELM).contains("variable"));
    // An empty one is none, a malformed one an error that quotes nothing.
    assert_eq!(store("").find("b.io", None).await.unwrap().unwrap().credential, user("docker"));
    let error = store("{\"auths\": hunter2}").find("b.io", None).await.unwrap_err().to_string();
    assert!(error.contains("$DOCKER_AUTH_CONFIG") && !error.contains("hunter2"), "{error}");
    // What is found before needs it not.
    assert!(store("{").find("a.io", None).await.unwrap().is_some());
    // Without any home it is all that there is.
    let alone = |name: &str| (name == "DOCKER_AUTH_CONFIG").then(|| variable.clone().into());
    let alone = Store::from_environment(&alone, None);
    assert!(alone.find("b.io", None).await.unwrap().is_some());
    assert!(!format!("{alone:?}").contains("variable\""), "{alone:?}");
}
