//! `user`, `token` and `access explain` as an operator types them.

use crate::accounts::Office;

#[test]
fn users_are_added_listed_changed_and_removed() {
    let office = Office::new();
    assert_eq!(office.run(&["user", "list", "-o", "json"]).trim(), "[]");
    office.add("anna", "correct horse", &["platform", "release"]);
    office.run(&["user", "add", "ci", "--no-password"]);
    let list: serde_json::Value = serde_json::from_str(&office.run(&["user", "list", "-o", "json"])).unwrap();
    assert_eq!(list[0]["name"], "anna");
    assert_eq!(list[0]["groups"], serde_json::json!(["platform", "release"]));
    assert_eq!((&list[0]["password"], &list[1]["password"]), (&true.into(), &false.into()));
    assert!(!list.to_string().contains("argon2"), "no hash is shown");
    let table = office.run(&["user", "list"]);
    assert!(table.starts_with("NAME   GROUPS             PASSWORD   TOKENS   CREATED\n"), "{table}");

    let (success, _, stderr) = office.try_run(&["user", "add", "anna", "--no-password"]);
    assert!(
        !success && stderr.contains("hint: change the password with `chartroom user passwd anna`"),
        "{stderr}"
    );
    office.run(&["user", "passwd", "anna", "--group", "readers"]);
    assert!(office.run(&["user", "list"]).contains("readers"));
    assert_eq!(office.run(&["user", "remove", "anna"]), "Removed user anna\n");
    let (success, _, stderr) = office.try_run(&["user", "remove", "anna"]);
    assert!(!success && stderr.contains("there is no user anna"), "{stderr}");
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let office = Office::new();
    for (arguments, said) in [
        (&["user", "add", "a:b", "--no-password"][..], "a user's name"),
        (&["user", "add", "anna", "--no-password", "--group", "a b"], "no name for a group"),
        (&["user", "add", "anna", "--password-stdin"], "at least 8 characters"),
        (&["user", "add", "anna"], "no terminal"),
        (&["token", "create", "--user", "nobody"], "there is no user nobody"),
        (&["token", "create", "--user", "x", "--actions", "fly"], "`fly` is no action"),
        (&["token", "create", "--user", "x", "--repositories", "A"], "can't match any repository"),
        (&["token", "create", "--user", "x", "--expires", "soon"], "not a length of time"),
        (&["token", "revoke", "x"], "the id of a token"),
        (&["token", "revoke", "aaaaaaaaaaaa"], "there is no token aaaaaaaaaaaa"),
        (&["access", "explain", "anna", "pull", "app"], "`anna` is nobody"),
        (&["access", "explain", "user:anna", "fly", "app"], "`fly` is no action"),
    ] {
        let (success, stdout, stderr) = office.try_run(arguments);
        assert!(!success && stderr.contains(said), "{arguments:?}: {stderr}");
        assert!(stdout.is_empty(), "{arguments:?}: {stdout}");
    }
    assert_eq!(office.run(&["user", "list", "-o", "json"]).trim(), "[]");
}

#[test]
fn a_token_is_shown_once_and_its_secret_kept_nowhere() {
    let office = Office::new();
    let token = office.robot(
        "ci",
        &[],
        &["--repositories", "charts/**,app", "--actions", "pull,push", "--expires", "90d"],
    );
    assert!(
        token.starts_with("crt_") && !token.contains(char::is_whitespace),
        "alone on the standard output"
    );
    let secret = token.rsplit('_').next().unwrap();
    let list = office.run(&["token", "list", "-o", "json"]);
    assert!(!list.contains(secret));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list[0]["repositories"], serde_json::json!(["charts/**", "app"]));
    assert_eq!(list[0]["actions"], serde_json::json!(["pull", "push"]));
    for entry in std::fs::read_dir(office.data()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    let expired = office.token("ci", &["--expires", "1ms"]);
    assert!(office.run(&["token", "list"]).contains("expired"), "{expired}");
}

#[test]
fn the_rule_that_decides_is_named() {
    let office = Office::new();
    office.run(&["user", "add", "anna", "--no-password", "--group", "platform"]);
    let config = office.path("chartroom.toml");
    std::fs::write(
        &config,
        r#"
        [[auth.issuer]]
        name = "github"
        audience = "https://charts.example.com"
        [[access]]
        who = ["anonymous"]
        repositories = ["public/**"]
        actions = ["pull"]
        [[access]]
        who = ["group:platform"]
        repositories = ["charts/**"]
        actions = ["pull", "push"]
        [[access]]
        who = ["ci:github"]
        repositories = ["charts/**"]
        actions = ["push"]
        when = { repository = "myorg/charts", ref = ["refs/heads/main", "refs/tags/*"] }
        "#,
    )
    .unwrap();
    let explain = |arguments: &[&str]| {
        let all = [&["access", "explain", "--config", config.to_str().unwrap()], arguments].concat();
        office.try_run(&all)
    };
    let (allowed, said, _) = explain(&["user:anna", "push", "charts/webapp"]);
    assert!(
        allowed && said.starts_with("user:anna (in platform) may push in charts/webapp, by rule 2\n"),
        "{said}"
    );
    let (allowed, said, _) = explain(&["user:bob", "push", "charts/webapp"]);
    assert!(
        !allowed && said.contains("no rule allows it") && said.contains("rule 2 is for others"),
        "{said}"
    );
    assert!(explain(&["anonymous", "pull", "public/webapp"]).0);
    let github = ["ci:github", "push", "charts/webapp", "--claim", "repository=myorg/charts"];
    let (allowed, said, _) = explain(&[&github[..], &["--claim", "ref=refs/heads/dev"]].concat());
    assert!(!allowed && said.contains("rule 3 asks for another `ref`"), "{said}");
    assert!(explain(&[&github[..], &["--claim", "ref=refs/tags/v1"]].concat()).0);
}

#[test]
fn settings_that_contradict_each_other_stop_the_start() {
    let office = Office::new();
    for (config, said) in [
        ("allow_anonymous = true\n[auth]\n", "there are accounts"),
        (
            "[[access]]\nwho = [\"x\"]\nrepositories = [\"**\"]\nactions = [\"pull\"]\n",
            "access rule 1: `x` is nobody",
        ),
        (
            "[[access]]\nwho = [\"ci:x\"]\nrepositories = [\"**\"]\nactions = [\"pull\"]\n",
            "no [[auth.issuer]]",
        ),
        ("[auth]\nhtpasswd = \"/nonexistent\"\n", "can't read `/nonexistent`"),
        ("[auth]\ntoken_lifetime = \"1h\"\n", "between 1m and 5m"),
        ("[auth]\ntrusted_proxies = [\"x\"]\n", "auth.trusted_proxies"),
        ("[[auth.issuer]]\nname = \"x\"\nissuer = \"http://example.com\"\naudience = \"a\"\n", "https://"),
        ("[auth]\ntypo = 1\n", "unknown field"),
    ] {
        let refused = office.builder(config).try_start().err().unwrap_or_else(|| panic!("{config} started"));
        assert!(refused.stderr.contains(said), "{config}: {}", refused.stderr);
    }
}

#[test]
fn a_registry_without_users_says_how_to_add_one() {
    let office = Office::new();
    let server = office.serve("[auth]\n");
    let said = server.says("there are no users yet");
    assert!(said.contains("chartroom user add NAME --data"), "{said}");
    // From any address: there are accounts.
    drop(server);
    office.builder("[auth]\n").listen("0.0.0.0:0").try_start().unwrap();
}
