//! Credential helpers: programs that the tests write.

use std::time::Duration;

use super::*;
use crate::credentials::{Error, SavedWhere};

const ALICE: &str = r#"{"ServerURL":"x","Username":"alice","Secret":"p"}"#;

fn says(answer: &str) -> String {
    format!("cat >\"$D/asked\"\ncat <<'END'\n{answer}\nEND")
}

#[tokio::test]
async fn the_hosts_own_helper_wins_then_the_common_one_then_the_file() {
    let home = Home::new();
    home.helper("own", &says(ALICE)).helper("common", &says(&ALICE.replace("alice", "bob")));
    let helpers = r#""credsStore":"common","credHelpers":{"a.io":"own","docker.io":"own"}}"#;
    home.write(HELM, auths(&[("a.io", "file"), ("b.io", "file")]).replace("}}}", &format!("}}}},{helpers}")));
    assert_eq!(find(&home, "a.io", "org/x").await, user("alice"));
    assert_eq!(home.read("of-own/asked"), "a.io");
    assert_eq!(find(&home, "registry-1.docker.io", "").await, user("alice"));
    assert_eq!(home.read("of-own/asked"), "https://index.docker.io/v1/");
    assert_eq!(find(&home, "b.io", "").await, user("bob"));
    let place = home.store().find("b.io", None).await.unwrap().unwrap().place;
    let program = "docker-credential-common".to_owned();
    assert_eq!(place, SavedWhere::Helper { program, file: home.path(HELM) });
}

#[tokio::test]
async fn not_found_is_no_login_in_this_file_and_the_next_is_asked() {
    let home = Home::new();
    home.keeper("none");
    home.write(HELM, auths(&[("a.io", "shadowed")]).replace("}}}", "}},\"credsStore\":\"none\"}"));
    assert_eq!(find(&home, "a.io", "").await, Credential::Anonymous);
    home.write(DOCKER, auths(&[("a.io", "docker")]));
    assert_eq!(find(&home, "a.io", "").await, user("docker"));
}

#[tokio::test]
async fn a_helper_is_asked_once_even_by_many_at_the_same_time() {
    let home = Home::new();
    home.keeper("k").write("of-k/kept", ALICE).write(HELM, r#"{"credsStore":"k"}"#);
    let store = home.store();
    let (one, two, three) =
        tokio::join!(store.find("a.io", None), store.find("a.io", None), store.find("A.io", None));
    for found in [one, two, three, store.find("a.io", None).await] {
        assert_eq!(found.unwrap().unwrap().credential, user("alice"));
    }
    assert_eq!(home.read("of-k/log"), "get a.io\n");
}

#[tokio::test]
async fn tokens_and_empty_answers() {
    for (answer, expected) in [
        (r#"{"Username":"<token>","Secret":"t"}"#, Credential::IdentityToken("t".into())),
        (r#"{"ServerURL":"a.io","Username":"","Secret":""}"#, Credential::Anonymous),
        (r#"{"ServerURL":"a.io","Username":"","Secret":"s"}"#, Credential::basic("", "s")),
    ] {
        let home = Home::new();
        home.helper("h", &says(answer)).write(HELM, r#"{"credsStore":"h"}"#);
        assert_eq!(find(&home, "a.io", "").await, expected);
    }
}

#[tokio::test]
async fn a_login_goes_to_the_helper_and_leaves_no_secret_in_the_file() {
    let home = Home::new();
    home.keeper("k");
    let config = r#"{"auths":{"b.io":{"auth":"eDpw"}},"credsStore":"k"}"#;
    home.write(HELM, config);
    let store = home.store();
    let place = store.save(&target("a.io"), &user("alice")).await.unwrap();
    assert!(matches!(place, SavedWhere::Helper { program, .. } if program == "docker-credential-k"));
    assert_eq!(home.read(HELM), config, "not touched");
    assert_eq!(home.read("of-k/kept"), r#"{"ServerURL":"a.io","Username":"alice","Secret":"p"}"#);
    assert_eq!(store.find("a.io", None).await.unwrap().unwrap().credential, user("alice"));

    // What the file held for the same host is out of date.
    store.save(&target("b.io"), &Credential::IdentityToken("t".into())).await.unwrap();
    assert!(!home.read(HELM).contains("eDpw"));
    assert_eq!(home.read("of-k/kept"), r#"{"ServerURL":"b.io","Username":"<token>","Secret":"t"}"#);

    assert!(store.erase(&target("b.io")).await.unwrap());
    assert!(!home.path("of-k/kept").exists() && !home.read(HELM).contains("b.io"));
    assert!(!store.erase(&target("b.io")).await.unwrap());
    let error = store.save(&target("a.io"), &Credential::RegistryToken("r".into())).await.unwrap_err();
    assert!(matches!(error, Error::Unstorable(_)));
}

#[tokio::test]
async fn a_login_for_a_path_is_asked_for_only_where_there_is_one() {
    let home = Home::new();
    home.keeper("k").write(HELM, r#"{"credsStore":"k"}"#);
    home.store().save(&target("a.io/org"), &user("alice")).await.unwrap();
    let compact: String = home.read(HELM).split_whitespace().collect();
    assert_eq!(compact, r#"{"credsStore":"k","auths":{"a.io/org":{}}}"#);
    home.write("of-k/log", "");
    assert_eq!(find(&home, "a.io", "org/x").await, user("alice"));
    find(&home, "a.io", "other/x").await;
    assert_eq!(home.read("of-k/log"), "get a.io/org\nget a.io\n");
    assert!(home.store().erase(&target("a.io/org")).await.unwrap());
    assert!(!home.store().erase(&target("a.io/org")).await.unwrap());
}

#[tokio::test]
async fn the_keychain_of_the_platform_is_taken_where_nothing_was_set_up() {
    if cfg!(target_os = "macos") {
        return;
    }
    let name = if ["/usr/bin/pass", "/bin/pass"].iter().any(|pass| Path::new(pass).exists()) {
        "pass"
    } else {
        "secretservice"
    };
    let home = Home::new();
    home.keeper(name).write(HELM, r#"{"x":1}"#);
    home.store().save(&target("a.io"), &user("alice")).await.unwrap();
    let compact: String = home.read(HELM).split_whitespace().collect();
    assert_eq!(compact, format!(r#"{{"x":1,"auths":{{}},"credsStore":"{name}"}}"#));
    assert_eq!(find(&home, "a.io", "").await, user("alice"));

    for config in [auths(&[("b.io", "bob")]), r#"{"credHelpers":{"b.io":"x"}}"#.to_owned()] {
        home.write(HELM, config);
        let place = home.store().save(&target("a.io"), &user("alice")).await.unwrap();
        assert_eq!(place, SavedWhere::File(home.path(HELM)));
    }
}

#[tokio::test]
async fn a_file_that_needs_no_change_need_not_be_writable() {
    let home = Home::new();
    home.keeper("k").write("config/config.json", r#"{"credsStore":"k"}"#);
    home.set_mode("config", 0o500);
    let path = home.path("config/config.json");
    let store = home.store_with(&[("HELM_REGISTRY_CONFIG", &path)]);
    store.save(&target("a.io"), &user("alice")).await.unwrap();
    assert!(store.erase(&target("a.io")).await.unwrap());
    home.set_mode("config", 0o700);
    assert_eq!(home.names("config"), ["config.json"]);
}

#[tokio::test]
async fn logins_of_helpers_are_listed() {
    let home = Home::new();
    home.keeper("k")
        .write(HELM, r#"{"auths":{"ghcr.io":{}},"credsStore":"k","credHelpers":{"e.io":"ecr-login"}}"#);
    let logins = home.store().list().await.unwrap();
    let shown: Vec<_> = logins
        .iter()
        .map(|login| {
            format!("{} {:?} {}", login.server, login.username, login.place)
                .replace(&home.path(HELM).display().to_string(), "FILE")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "e.io None docker-credential-ecr-login (named in FILE)",
            "ghcr.io Some(\"alice\") docker-credential-k (named in FILE)"
        ]
    );
}

#[tokio::test]
async fn a_helper_that_is_missing_or_not_a_plain_name() {
    let home = Home::new();
    home.write(HELM, r#"{"credHelpers":{"a.io":"nosuch","b.io":"../../bin/evil","c.io":"plain"}}"#);
    home.write("bin/docker-credential-plain", "#!/bin/sh\n");
    home.write("evil", "#!/bin/sh\n");
    let error = home.store().find("a.io", None).await.unwrap_err();
    assert!(matches!(&error, Error::HelperMissing { program, .. } if program == "docker-credential-nosuch"));
    assert!(error.hint().unwrap().starts_with("install `docker-credential-nosuch`"));
    let error = home.store().find("b.io", None).await.unwrap_err();
    assert!(matches!(error, Error::HelperName { .. }), "{error}");
    // Not executable is not there.
    assert!(matches!(home.store().find("c.io", None).await, Err(Error::HelperMissing { .. })));
    // The others need no helper.
    assert_eq!(find(&home, "d.io", "").await, Credential::Anonymous);
    assert!(home.store().save(&target("a.io"), &user("alice")).await.is_err());
}

#[tokio::test]
async fn a_helper_that_fails_is_quoted_without_secrets() {
    let home = Home::new();
    home.helper(
        "sick",
        r#"in=$(cat); case $1 in
        get) echo 'no D-Bus'; echo 'really not' >&2 ;;
        store) printf 'cannot keep %s\n' "$in" >&2 ;;
        *) echo '{"Secret":"hunter2"}' ;;
        esac; exit 3"#,
    );
    home.write(HELM, r#"{"credsStore":"sick"}"#);
    let error = home.store().find("a.io", None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the credential helper `docker-credential-sick get` failed for `a.io`: no D-Bus: really not"
    );
    let hunter2 = Credential::basic("alice", "hunter2\"'");
    let error = home.store().save(&target("a.io"), &hunter2).await.unwrap_err().to_string();
    assert!(error.contains("cannot keep") && error.contains("<redacted>"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    let error = home.store().erase(&target("a.io")).await.unwrap_err().to_string();
    assert!(error.ends_with("it gave no reason"), "{error}");
}

#[tokio::test]
async fn a_helper_that_hangs_is_stopped() {
    let home = Home::new();
    home.helper("slow", "echo $$ >\"$D/pid\"\nexec sleep 600").write(HELM, r#"{"credsStore":"slow"}"#);
    let mut store = home.store();
    store.helpers.set_limit(Duration::from_millis(300));
    let error = store.find("a.io", None).await.unwrap_err();
    assert!(matches!(error, Error::HelperTimeout { .. }), "{error}");
    assert!(error.to_string().contains("did not answer within 0.3 s"), "{error}");
    // It may have been stopped before it wrote that down.
    if let Ok(process) = fs::read_to_string(home.path("of-slow/pid")) {
        assert!(!Path::new("/proc").join(process.trim()).exists(), "it is still there");
    }
}

#[tokio::test]
async fn a_helper_that_says_too_much_or_nonsense() {
    let home = Home::new();
    for (name, script) in [
        ("flood", "exec cat /dev/zero"),
        ("complaints", "exec cat /dev/zero >&2"),
        ("nonsense", "echo hunter2"),
        ("number", "echo 5"),
    ] {
        home.helper(name, script).write(HELM, format!(r#"{{"credsStore":"{name}"}}"#));
        let error = home.store().find("a.io", None).await.unwrap_err();
        assert!(matches!(error, Error::HelperAnswer { .. }), "{name}: {error}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
