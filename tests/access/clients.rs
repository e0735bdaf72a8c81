//! The clients that people have, as they log in: with a password, a token, a credential helper; and what
//! they say when they are refused.

use std::os::unix::fs::PermissionsExt as _;

use chartroom_test_support::{ChartBuilder, Image, Peer, TestServer};

use crate::accounts::{Caller, Office};

const RULES: &str = r#"
[auth]
[[access]]
who = ["user:anna"]
repositories = ["charts/**", "images/**"]
actions = ["pull", "push", "overwrite", "delete"]
[[access]]
who = ["user:reader"]
repositories = ["charts/**"]
actions = ["pull"]
[[access]]
who = ["anonymous"]
repositories = ["public/**"]
actions = ["pull"]
"#;

const PASSWORD: &str = "correct horse";

struct Setup {
    peer: Peer,
    server: TestServer,
    office: Office,
    reader: String,
}

impl Setup {
    fn new(name: &str) -> Option<Self> {
        let peer = Peer::find(name)?;
        let office = Office::new();
        office.add("anna", PASSWORD, &[]);
        let reader = office.robot("reader", &[], &[]);
        let server = office.serve(RULES);
        Some(Self { peer, server, office, reader })
    }

    /// A line of arguments, in which `HOST` stands for the registry and `PASSWORD` for anna's.
    fn words(&self, line: &str) -> Vec<String> {
        let word = |word: &str| {
            word.replace("HOST", &self.server.addr().to_string())
                .replace("PASSWORD", PASSWORD)
                .replace("TOKEN", &self.reader)
        };
        line.split_whitespace().map(word).collect()
    }

    #[track_caller]
    fn ok(&self, line: &str) -> String {
        self.peer.ok(&self.words(line)).stdout
    }

    /// What a client says that fails.
    #[track_caller]
    fn fails(&self, line: &str) -> String {
        let outcome = self.peer.fails(&self.words(line));
        format!("{}{}", outcome.stdout, outcome.stderr)
    }
}

fn helm(name: &str) {
    let Some(setup) = Setup::new(name) else { return };
    // Helm 3 finds out by itself that there is no TLS.
    let plain = if name == "helm-3" { "" } else { "--plain-http" };
    let login = |user: &str, password: &str| format!("registry login HOST {plain} -u {user} -p {password}");
    setup.ok("create web");
    setup.ok("package web");
    let push = format!("push web-0.1.0.tgz oci://HOST/charts {plain}");
    let pull = format!("pull oci://HOST/charts/web --version 0.1.0 {plain}");

    let said = setup.fails(&login("anna", "wrong"));
    assert!(said.contains("unknown user or wrong password") || name == "helm-3", "{said}");
    assert!(said.contains("unauthorized"), "{said}");
    let said = setup.fails(&pull);
    assert!(said.contains("authentication required") || said.contains("401 Unauthorized"), "{said}");

    let mut words = setup.words(&login("anna", "X"));
    *words.last_mut().unwrap() = PASSWORD.to_owned();
    setup.peer.ok(&words);
    setup.ok(&push);
    setup.ok(&pull);
    // Where it lists versions first, Helm 3 does not find out.
    setup.ok("show chart oci://HOST/charts/web --plain-http");
    let said = setup.fails(&push.replace("charts", "secret"));
    assert!(said.contains("403"), "{said}");

    setup.ok("registry logout HOST");
    setup.ok(&login("ci", "TOKEN"));
    setup.ok(&pull);
    let said = setup.fails(&push.replace("charts", "images"));
    assert!(said.contains("403"), "{said}");
    let id = setup.reader.split('_').nth(1).unwrap();
    setup.office.run(&["token", "revoke", id]);
    let said = setup.fails(&pull);
    assert!(said.contains("401") || said.contains("authorization failed"), "{said}");
}

#[test]
fn helm_4_3_1() {
    helm("helm-4.3.1");
}

#[test]
fn helm_4_1_4() {
    helm("helm-4.1.4");
}

#[test]
fn helm_3() {
    helm("helm-3");
}

#[test]
fn helm_with_a_credential_helper() {
    let Some(setup) = Setup::new("helm-4.3.1") else { return };
    let client = setup.server.client();
    let chart = ChartBuilder::new("web", "0.1.0").build();
    let anna = Caller::basic("anna", PASSWORD);
    for blob in chart.blobs() {
        anna.push_blob(&client, "charts/web", blob);
    }
    let target = format!("/v2/charts/web/manifests/{}", chart.tag());
    let put = anna.request(&client, "PUT", &target).content_type(chartroom_test_support::OCI_MANIFEST);
    put.body(&chart.manifest).send().expect(201);

    let helper = setup.peer.write(
        "bin/docker-credential-office",
        format!("#!/bin/sh\nread server\necho '{{\"ServerURL\":\"'$server'\",\"Username\":\"anna\",\"Secret\":\"{PASSWORD}\"}}'\n"),
    );
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = setup
        .peer
        .write("config.json", format!("{{\"credHelpers\":{{\"{}\":\"office\"}}}}", setup.server.addr()));
    let mut words = setup.words("show chart oci://HOST/charts/web --plain-http --registry-config");
    words.push(config.to_str().unwrap().to_owned());
    let path = format!("{}:{}", helper.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output = setup.peer.command(&words).env("PATH", path).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("name: web"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn skopeo() {
    let Some(setup) = Setup::new("skopeo") else { return };
    let image = Image::runnable("skopeo");
    image.write_layout(&setup.peer.home().join("in"), "1.0.0");
    let login = |password: &str| {
        let mut words = setup.words("login --tls-verify=false HOST -u anna -p");
        words.push(password.to_owned());
        words
    };
    let said = setup.peer.fails(&login("wrong")).stderr;
    assert!(said.contains("invalid username/password") || said.contains("unauthorized"), "{said}");
    setup.fails("inspect --tls-verify=false docker://HOST/images/app:1.0.0");
    setup.peer.ok(&login(PASSWORD));
    setup.ok("copy --dest-tls-verify=false --preserve-digests oci:in:1.0.0 docker://HOST/images/app:1.0.0");
    setup.ok("copy --src-tls-verify=false --dest-tls-verify=false docker://HOST/images/app:1.0.0 docker://HOST/images/other:1.0.0");
    assert!(setup.ok("list-tags --tls-verify=false docker://HOST/images/app").contains("1.0.0"));
    let said = setup.fails("copy --dest-tls-verify=false oci:in:1.0.0 docker://HOST/secret/app:1.0.0");
    assert!(said.contains("denied") || said.contains("403"), "{said}");
    setup.ok("delete --tls-verify=false docker://HOST/images/app:1.0.0");
}

#[test]
fn oras() {
    let Some(setup) = Setup::new("oras") else { return };
    setup.peer.write("notes.txt", "some notes");
    let login = |password: &str| {
        let mut words = setup.words("login --plain-http HOST -u anna -p");
        words.push(password.to_owned());
        words
    };
    let said = setup.peer.fails(&login("wrong")).stderr;
    assert!(said.contains("unauthorized") || said.contains("401"), "{said}");
    setup.peer.ok(&login(PASSWORD));
    setup.ok("push --plain-http HOST/images/notes:1.0.0 notes.txt:text/plain");
    setup.ok("attach --plain-http --artifact-type application/vnd.example HOST/images/notes:1.0.0 notes.txt:text/plain");
    setup.ok("discover --plain-http HOST/images/notes:1.0.0");
    assert_eq!(setup.ok("repo ls --plain-http HOST"), "images/notes\n");
    let said = setup.fails("push --plain-http HOST/secret/notes:1.0.0 notes.txt:text/plain");
    assert!(said.contains("denied") || said.contains("403"), "{said}");
    setup.ok("manifest delete --plain-http --force HOST/images/notes:1.0.0");
}

#[test]
fn crane() {
    let Some(setup) = Setup::new("crane") else { return };
    let image = Image::runnable("crane");
    image.write_layout(&setup.peer.home().join("in"), "1.0.0");
    let mut words = setup.words("auth login HOST -u anna -p");
    words.push(PASSWORD.to_owned());
    setup.fails("digest --insecure HOST/images/app:1.0.0");
    setup.peer.ok(&words);
    setup.ok("push --insecure in HOST/images/app:1.0.0");
    assert_eq!(setup.ok("digest --insecure HOST/images/app:1.0.0").trim(), image.digest().to_string());
    setup.ok("copy --insecure HOST/images/app:1.0.0 HOST/images/other:2.0.0");
    assert_eq!(setup.ok("catalog --insecure HOST"), "images/app\nimages/other\n");
    let said = setup.fails("push --insecure in HOST/secret/app:1.0.0");
    assert!(said.contains("403 Forbidden"), "{said}");
    setup.ok(&format!("delete --insecure HOST/images/app@{}", image.digest()));
}

#[test]
fn buildah() {
    let Some(setup) = Setup::new("buildah") else { return };
    let login = |password: &str| {
        let mut words = setup.words("login --tls-verify=false -u anna -p PASS HOST");
        words[5] = password.to_owned();
        words
    };
    let said = setup.peer.fails(&login("wrong")).stderr;
    assert!(said.contains("invalid username/password") || said.contains("unauthorized"), "{said}");
    setup.peer.ok(&login(PASSWORD));
}
