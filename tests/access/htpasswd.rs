//! Users of an htpasswd file, who come from another registry.

use std::fs;

use crate::accounts::{Caller, Office};

fn line(name: &str, password: &str) -> String {
    chartroom_test_support::plant(password);
    // The cost that `htpasswd -B` has, 5, is slow enough for a test.
    format!("{name}:{}\n", bcrypt::hash(password, 5).unwrap())
}

fn config(office: &Office) -> String {
    format!(
        r#"
        [auth]
        htpasswd = {:?}
        [auth.groups]
        platform = ["carl"]
        [[access]]
        who = ["group:platform", "user:anna"]
        repositories = ["**"]
        actions = ["pull"]
        "#,
        office.path("users.htpasswd")
    )
}

#[test]
fn they_get_in_and_out_as_the_file_changes() {
    let office = Office::new();
    let file = office.path("users.htpasswd");
    fs::write(&file, line("carl", "secret of carl")).unwrap();
    let server = office.serve(&config(&office));
    let client = server.client();
    let carl = Caller::basic("carl", "secret of carl");
    let ask = |caller: &Caller| caller.request(&client, "HEAD", "/v2/app/manifests/v1").send().status;
    for _ in 0..2 {
        assert_eq!(ask(&carl), 404, "by the group of the configuration");
    }
    assert_eq!(ask(&Caller::basic("carl", "another")), 401);
    assert_eq!(ask(&Caller::basic("dora", "secret of carl")), 401);

    // With a mistake in it, the users stay as they were.
    fs::write(office.path("new"), "dora:$apr1$weak$hash\n").unwrap();
    fs::rename(office.path("new"), &file).unwrap();
    assert_eq!(ask(&carl), 404);
    server.says("the htpasswd file is not taken");

    fs::write(office.path("new"), line("dora", "secret of dora")).unwrap();
    fs::rename(office.path("new"), &file).unwrap();
    assert_eq!(ask(&carl), 401, "from the next request on");
    assert_eq!(ask(&Caller::basic("dora", "secret of dora")), 403, "in no group");
}

#[test]
fn a_user_of_the_registry_wins_over_one_of_the_file() {
    let office = Office::new();
    fs::write(office.path("users.htpasswd"), line("anna", "password-of-the-file")).unwrap();
    office.add("anna", "password-of-the-registry", &[]);
    let server = office.serve(&config(&office));
    let client = server.client();
    let ask = |password: &str| {
        Caller::basic("anna", password).request(&client, "HEAD", "/v2/app/manifests/v1").send().status
    };
    assert_eq!(ask("password-of-the-registry"), 404);
    assert_eq!(ask("password-of-the-file"), 401);
}
