//! What logging in and out writes.

use std::os::unix::fs::symlink;

use proptest::prelude::*;

use super::*;
use crate::credentials::file::Document;
use crate::credentials::{Error, Login, SavedWhere, write};

#[tokio::test]
async fn the_first_login_makes_helms_file() {
    let home = Home::new();
    home.write(DOCKER, "{}");
    let place = home.store().save(&target("localhost:5000"), &user("alice")).await.unwrap();
    assert_eq!(place, SavedWhere::File(home.path(HELM)));
    assert_eq!(
        home.read(HELM),
        "{\n\t\"auths\": {\n\t\t\"localhost:5000\": {\n\t\t\t\"auth\": \"YWxpY2U6cA==\"\n\t\t}\n\t}\n}"
    );
    assert_eq!(home.read(DOCKER), "{}");
    assert_eq!(home.mode(HELM), 0o600);
    for folder in [".config", ".config/helm", ".config/helm/registry"] {
        assert_eq!(home.mode(folder), 0o700, "{folder}");
    }
    assert_eq!(home.names(".config/helm/registry"), ["config.json"]);
}

#[tokio::test]
async fn an_explicit_file_takes_the_place_of_helms() {
    let home = Home::new();
    let env = |name: &str| (name == "HOME").then(|| home.0.path().as_os_str().to_owned());
    let store = Store::from_environment(&env, Some(home.path("own.json")));
    store.save(&target("a.io"), &user("alice")).await.unwrap();
    assert_eq!(store.find("a.io", None).await.unwrap().unwrap().credential, user("alice"));
    assert_eq!(home.names("."), ["bin", "own.json"]);
}

#[tokio::test]
async fn what_is_not_ours_is_kept_in_its_order() {
    let home = Home::new();
    home.write(
        HELM,
        r#"{"zzz":1e2,"auths":{"z.io":{"email":"x","auth":"YTpi","foo":{"z":1,"a":2.50}},"a.io":{}},
            "HttpHeaders":{"b":"<&>"},"aaa":12345678901234567890123}"#,
    );
    home.set_mode(HELM, 0o644);
    let store = home.store();
    store.save(&target("z.io"), &Credential::IdentityToken("t".into())).await.unwrap();
    store.save(&target("docker.io/org"), &Credential::RegistryToken("r".into())).await.unwrap();
    assert!(store.erase(&target("a.io")).await.unwrap());
    assert!(!store.erase(&target("a.io")).await.unwrap());
    let compact: String = home.read(HELM).split_whitespace().collect();
    assert_eq!(
        compact,
        r#"{"zzz":1e2,"auths":{"z.io":{"email":"x","foo":{"z":1,"a":2.50},"identitytoken":"t"},"docker.io/org":{"registrytoken":"r"}},"HttpHeaders":{"b":"<&>"},"aaa":12345678901234567890123}"#
    );
    assert_eq!(home.mode(HELM), 0o600);
}

#[tokio::test]
async fn a_stricter_mode_is_kept_and_a_link_written_through() {
    let home = Home::new();
    home.write("real/logins.json", "{}");
    home.set_mode("real/logins.json", 0o400);
    fs::create_dir_all(home.path(".config/helm/registry")).unwrap();
    symlink("../../../link", home.path(HELM)).unwrap();
    symlink("real/logins.json", home.path("link")).unwrap();
    home.store().save(&target("a.io"), &user("alice")).await.unwrap();
    assert_eq!(home.mode("real/logins.json"), 0o400);
    assert!(home.path(HELM).is_symlink() && home.path("link").is_symlink());
    assert_eq!(find(&home, "a.io", "").await, user("alice"));
    assert_eq!(home.names("real"), ["logins.json"]);

    // Where a link leads, a file may still be missing.
    fs::remove_file(home.path("real/logins.json")).unwrap();
    fs::remove_dir(home.path("real")).unwrap();
    home.store().save(&target("b.io"), &user("bob")).await.unwrap();
    assert_eq!(home.mode("real/logins.json"), 0o600);
    assert_eq!(home.mode("real"), 0o700);

    // A link that leads nowhere is an error.
    fs::remove_file(home.path("link")).unwrap();
    symlink("link", home.path("link")).unwrap();
    assert!(home.store().save(&target("a.io"), &user("alice")).await.is_err());
}

#[tokio::test]
async fn what_is_no_file_is_not_replaced() {
    let home = Home::new();
    let store = home.store_with(&[("HELM_REGISTRY_CONFIG", Path::new("/dev/null"))]);
    assert_eq!(store.find("a.io", None).await.unwrap(), None);
    let error = store.save(&target("a.io"), &user("a")).await.unwrap_err();
    assert!(matches!(error, Error::Unwritable { .. }), "{error}");
    assert!(!store.erase(&target("a.io")).await.unwrap());
}

#[tokio::test]
async fn logging_in_replaces_and_logging_out_removes_every_spelling() {
    let home = Home::new();
    let spellings = [
        ("https://index.docker.io/v1/", "1"),
        ("docker.io", "2"),
        ("registry-1.docker.io", "3"),
        ("docker.io/org", "4"),
    ];
    home.write(HELM, auths(&spellings));
    home.store().save(&target("index.docker.io"), &user("new")).await.unwrap();
    assert_eq!(find(&home, "docker.io", "").await, user("new"));
    assert_eq!(home.read(HELM).matches("docker.io").count(), 2);
    home.write(HELM, auths(&spellings));
    let store = home.store();
    assert!(store.erase(&target("docker.io")).await.unwrap());
    assert_eq!(store.find("docker.io", None).await.unwrap(), None);
    assert_eq!(find(&home, "docker.io", "org/x").await, user("4"));
    assert!(store.erase(&target("docker.io/org")).await.unwrap());
    assert_eq!(home.read(HELM), "{\n\t\"auths\": {}\n}");
}

#[tokio::test]
async fn logging_out_of_nothing_writes_nothing() {
    let home = Home::new();
    assert!(!home.store().erase(&target("a.io")).await.unwrap());
    assert!(!home.path(".config").exists());
    home.write(DOCKER, auths(&[("a.io", "docker")]));
    // Docker's logins are Docker's; the list tells of them.
    assert!(!home.store().erase(&target("a.io")).await.unwrap());
    let docker = Login {
        server: "a.io".to_owned(),
        username: Some("docker".to_owned()),
        place: SavedWhere::File(home.path(DOCKER)),
    };
    assert_eq!(home.store().list().await.unwrap(), [docker]);
}

#[tokio::test]
async fn what_would_be_read_back_as_something_else_is_refused() {
    let home = Home::new();
    for credential in [
        Credential::Anonymous,
        Credential::basic("", ""),
        Credential::basic("a:b", "p"),
        Credential::basic("a", "p\0"),
        Credential::IdentityToken("".into()),
        Credential::RegistryToken("".into()),
    ] {
        let error = home.store().save(&target("a.io"), &credential).await.unwrap_err();
        assert!(matches!(error, Error::Unstorable(_)), "{credential:?}: {error}");
    }
    assert!(!home.path(".config").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_at_the_same_time_are_all_kept() {
    let home = Home::new();
    let logins = (0..40).map(|number| {
        let store = home.store();
        tokio::spawn(async move {
            let name = format!("user{number}");
            store.save(&target(&format!("host{number}.io")), &user(&name)).await.unwrap();
            if number % 2 == 0 {
                assert!(store.erase(&target(&format!("host{number}.io"))).await.unwrap());
            }
        })
    });
    for login in logins.collect::<Vec<_>>() {
        login.await.unwrap();
    }
    let logins = home.store().list().await.unwrap();
    assert_eq!(logins.len(), 20, "{logins:?}");
    assert!(logins.iter().all(|login| login.place == SavedWhere::File(home.path(HELM))));
    assert_eq!(home.names(".config/helm/registry"), ["config.json"]);
}

#[test]
fn no_two_writers_are_at_it_at_the_same_time() {
    const WRITERS: usize = 8;
    const TIMES: usize = 40;
    let home = Home::new();
    let path = home.path(HELM);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let path = &path;
            scope.spawn(move || {
                for time in 0..TIMES {
                    let target = target(&format!("h{writer}.io/t{time}"));
                    let change = |document: &mut Document<'_>| {
                        document.replace_entries(&target, "{}");
                        (true, ())
                    };
                    write::edit(path, change).unwrap();
                }
            });
        }
    });
    let text = home.read(HELM);
    assert_eq!(Document::parse(&text).ok().unwrap().entries().count(), WRITERS * TIMES);
    assert_eq!(home.names(".config/helm/registry"), ["config.json"]);
}

#[tokio::test]
async fn what_a_killed_process_left_behind_is_in_nobodys_way() {
    let home = Home::new();
    let lock = format!("{HELM}.lock");
    let half = format!("{HELM}.{}-0.tmp", std::process::id());
    home.write(&lock, "").write(&half, "{ha");
    home.store().save(&target("a.io"), &user("alice")).await.unwrap();
    assert_eq!(find(&home, "a.io", "").await, user("alice"));
    assert_eq!(home.read(&half), "{ha");
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![any::<i64>().prop_map(Into::into), "\\PC{0,8}".prop_map(serde_json::Value::from)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        proptest::collection::btree_map("[a-z]{0,4}", inner, 0..3)
            .prop_map(|map| serde_json::Value::Object(map.into_iter().collect()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_saved_login_is_found_and_what_else_there_was_survives(
        other in proptest::collection::btree_map("x[a-z]{0,6}", json(), 0..4),
        others in proptest::collection::btree_map("x[a-z]{0,6}\\.io", json(), 0..4),
        name in "[^:\\x00]{1,12}",
        password in "[^\\x00]{0,24}",
        place in prop_oneof![Just("a.io"), Just("a.io/org/team"), Just("docker.io"), Just("[::1]:5000")],
    ) {
        prop_assume!(name != "<token>");
        let home = Home::new();
        let mut before = serde_json::Map::from_iter(other);
        before.insert("auths".to_owned(), others.into_iter().collect::<serde_json::Map<_, _>>().into());
        home.write(HELM, serde_json::Value::from(before.clone()).to_string());
        let credential = Credential::basic(name, password);
        let target = target(place);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            home.store().save(&target, &credential).await.unwrap();
            let found = home.store().find(target.host(), target.path()).await.unwrap().unwrap();
            prop_assert_eq!(found.credential, credential);
            prop_assert!(home.store().erase(&target).await.unwrap());
            let after: serde_json::Value = serde_json::from_str(&home.read(HELM)).unwrap();
            prop_assert_eq!(after, serde_json::Value::from(before));
            Ok(())
        })?;
    }
}
