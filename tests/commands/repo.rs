//! `chartroom repo` and `chartroom search`, beside Helm: the same words, the same files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chartroom_test_support::{ChartBuilder, Instead, Visit, Website};

use crate::dependency::{fill, website};
use crate::desk::Desk;
use crate::server;
use crate::twins::Twins;

#[test]
fn repositories_get_names_and_lose_them() {
    let Some(twins) = Twins::alone(website()) else { return };
    for line in [
        "repo list",
        "repo list -o json",
        "repo list -o yaml",
        "repo update",
        "repo remove x",
        "search repo x",
    ] {
        twins.same(line);
    }
    for line in [
        "repo add x ftp://a/b",
        "repo add x http://127.0.0.1:1/",
        "repo add x WEBSITE/nothing",
        "repo add a/b WEBSITE/charts",
        "repo add x notaurl",
        "repo add x https://kubernetes-charts.storage.googleapis.com",
        "repo add x",
        "repo list x",
        "repo add x WEBSITE/charts --timeout x",
    ] {
        if line.contains("WEBSITE/charts --timeout") || line == "repo add x" {
            twins.both_fail(line, "Error: ");
        } else {
            twins.same(line);
        }
    }
    let added = twins.same("repo add main WEBSITE/charts");
    assert_eq!(added.stdout, "\"main\" has been added to your repositories\n");
    twins.same("repo add main WEBSITE/charts");
    let refused = twins.same("repo add main WEBSITE/charts/");
    assert!(refused.stderr.contains("hint: --force-update replaces it"), "{refused:?}");
    twins.same("repo add main WEBSITE/charts/ --force-update");
    twins.same("repo add second WEBSITE/charts --username u --password p --pass-credentials --insecure-skip-tls-verify");
    for line in
        ["repo list", "repo ls -o json", "repo list -o yaml", "repo list --no-headers", "repo update main"]
    {
        twins.same(line);
    }
    twins.same_in_any_order("repo update");
    twins.same("repo update main nope");
    twins.same("repo remove second nope main");
    twins.same("repo list");
    twins.same("repo rm main");
    twins.same("repo list");
    assert_eq!(mode(&twins.ours, ".helm/config/repositories.yaml"), 0o600);
    assert_eq!(
        mode(&twins.ours, ".helm/config/repositories.lock"),
        mode(&twins.theirs, ".helm/config/repositories.lock")
    );
}

fn mode(desk: &Desk, path: &str) -> u32 {
    fs::metadata(desk.path(path)).unwrap().permissions().mode() & 0o777
}

#[test]
fn each_goes_on_with_the_files_of_the_other() {
    let Some(twins) = Twins::alone(website()) else { return };
    twins.run("repo add main WEBSITE/charts");
    // Each gets what the other has made.
    for folder in [".helm/config", ".helm/cache/repository"] {
        let (ours, theirs) = (twins.ours.path(folder), twins.theirs.path(folder));
        let between = twins.ours.path("between");
        fs::rename(&ours, &between).unwrap();
        fs::rename(&theirs, &ours).unwrap();
        fs::rename(&between, &theirs).unwrap();
    }
    for line in [
        "repo list",
        "search repo web",
        "pull main/web",
        "repo update",
        "repo add second WEBSITE/charts",
        "repo remove main",
        "search repo -l",
    ] {
        twins.same(line);
    }
}

#[test]
fn a_file_that_is_none_is_told() {
    let Some(twins) = Twins::alone(website()) else { return };
    let file = ".helm/config/repositories.yaml";
    twins.write(file, "{");
    for line in ["repo update", "repo add x WEBSITE/charts", "pull x/y"] {
        twins.same(line);
    }
    for text in ["", "repositories: []\n"] {
        twins.write(file, text);
        for line in ["repo list", "repo update", "repo remove x", "search repo x", "pull x/y"] {
            twins.same(line);
        }
    }
    twins.write(file, "repositories:\n- name: a\n");
    for line in ["repo list", "repo update", "pull a/b"] {
        twins.same(line);
    }
    // Helm says nothing of what it can't read, and forgets it with the next name.
    twins.write(file, "{");
    let listed = twins.ours.as_helm("repo list");
    assert!(listed.status.success() && listed.stderr.contains("WARNING: "), "{listed:?}");
}

#[test]
fn what_is_no_index_is_no_repository() {
    let Some(twins) = Twins::alone(Website::start()) else { return };
    for (number, text) in [
        "",
        "\n",
        "entries: {}\n",
        "apiVersion: v1\n",
        "apiVersion: v1\nentries: []\n",
        "apiVersion: v1\nfoo: 1\nentries: {}\n",
        "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    name: b\n",
        "apiVersion: v1\nentries:\n  a:\n  - version: 1.0.0\n  - null\n  - name: a\n    version: x\n  - name: a\n    version: 1.0.0\n    type: foo\n  b: null\n",
        "apiVersion: v1\nentries:\n  a: [1]\n",
        "{\"apiVersion\":\"v1\",\"foo\":1,\"entries\":{\"a\":[{\"name\":\"a\",\"version\":\"1.0.0\"}]}}",
        "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0\n    created: 2020-01-01\n",
        "<html>not yaml</html>\n",
        "a: b: c\n",
        "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    urls: x\n",
    ]
    .into_iter()
    .enumerate()
    {
        twins.website.put(&format!("{number}/index.yaml"), text);
        twins.same(&format!("repo add r{number} WEBSITE/{number}"));
    }
    twins.same("search repo -l");
    // What has become no index since.
    twins.write(".helm/cache/repository/r3-index.yaml", "junk\n");
    twins.same("search repo a");
    twins.same("pull r3/a");
}

#[test]
fn registries_need_no_name() {
    let server = server();
    let Some(twins) = Twins::at(server.addr(), Website::start()) else { return };
    let says = "looks like \"REGISTRY/charts\" is not a valid chart repository or cannot be reached: ";
    let refused = twins.both_fail("repo add x REGISTRY/charts", says);
    assert!(
        refused
            .stderr
            .contains(&format!("hint: its versions: helm tags oci://{}/charts/CHART", server.addr())),
        "{refused:?}"
    );
    let refused = twins.both_fail("pull web --repo REGISTRY/charts", says);
    assert!(refused.stderr.contains("hint: for a chart in a registry, leave out --repo"), "{refused:?}");
}

#[test]
fn a_password_is_asked_for_and_may_come_by_itself() {
    let guarded = |visit: &Visit| {
        (visit.field("Authorization") != Some("Basic dTpw")).then(|| Instead::status("401 Unauthorized"))
    };
    let website = Website::with(guarded);
    website.put("index.yaml", "apiVersion: v1\n");
    let Some(twins) = Twins::alone(website) else { return };
    let refused = twins.same("repo add x WEBSITE");
    assert!(refused.stderr.contains("hint: the server wants a login"), "{refused:?}");
    twins.same("repo add x WEBSITE --username u --password wrong");
    twins.both_fail("repo add x WEBSITE --username u", "Error: ");
    let line = format!("repo add x {} --username u --password-stdin", twins.website.url());
    let added = twins.ours.run_with_input(&line, b"p\r\n");
    assert!(added.status.success(), "{added:?}");
    assert!(twins.ours.text(".helm/config/repositories.yaml").contains("password: p\n"));
    twins.run("repo add x WEBSITE --username u --password p");
    twins.same_files("repo add --password-stdin");
    twins.same("repo update");
}

#[test]
fn words_find_charts_as_with_helm() {
    let Some(twins) = Twins::alone(website()) else { return };
    let other = Website::start();
    other.put(
        "index.yaml",
        "apiVersion: v1\nentries:\n  webby:\n  - name: webby\n    version: 0.1.0\n    description: Not the web\n  wide:\n  - name: wide\n    version: 1.0.0\n    appVersion: v9\n    description: 日本語の説明 This is a very long description with more than fifty letters\n    keywords: [web, server]\n  pre:\n  - name: pre\n    version: 1.0.0-alpha\n",
    );
    twins.same("repo add main WEBSITE/charts");
    twins.same(&format!("repo add z {}", other.url()));
    for line in [
        "",
        "web",
        "WEB -o json",
        "web -l",
        "web --versions --devel",
        "-l --version '>1' web",
        "--version 1 web",
        "--version bad web",
        "nothing",
        "nothing --fail-on-no-result",
        "nothing --fail-on-no-result -o json",
        "nothing -o yaml",
        "web -o yaml",
        "'w.*server' -r",
        "'(' -r",
        "a)b -r",
        "^web -r -l",
        "wide --max-col-width 20",
        "wide --max-col-width 0",
        "wide --max-col-width 3",
        "not the",
        "pre",
        "z/pre --devel",
        "z/",
        "größe",
        "x --max-col-width -1",
    ] {
        twins.same(&format!("search repo {line}"));
    }
}

#[test]
fn versions_in_a_registry_are_listed_as_they_are_now() {
    let server = server();
    fill(server.addr());
    ChartBuilder::new("web", "1.3.0+b.1")
        .field("appVersion", "9")
        .field("description", "The newest of its kind")
        .build()
        .push(&server.client(), "charts/web");
    let desk = Desk::at(server.addr());
    let host = desk.host();
    let newest = desk.remote("search repo REGISTRY/charts/web -o json").json();
    assert_eq!(newest.as_array().unwrap().len(), 1);
    assert_eq!(newest[0]["name"], format!("oci://{host}/charts/web"));
    assert_eq!(newest[0]["version"], "2.0.0");
    let rows = |line: &str| {
        let table = desk.remote(&format!("search repo REGISTRY/charts/web {line}")).stdout;
        let versions = table.lines().skip(1).map(|row| row.split('\t').nth(1).unwrap().trim().to_owned());
        versions.collect::<Vec<_>>()
    };
    assert_eq!(rows("-l"), ["2.0.0", "1.3.0+b.1", "1.2.0", "1.1.0", "1.0.0", "0.9.0"]);
    assert_eq!(rows("--version ~1"), ["1.3.0+b.1"]);
    assert_eq!(rows("-l --version '>=1.1-0 <1.3'"), ["1.2.0", "1.2.0-rc.1", "1.1.0"]);
    let both = desk.remote("search repo REGISTRY/charts/web REGISTRY/charts/db -o yaml").stdout;
    assert!(both.contains("charts/db\n  version: 0.1.0"), "{both}");
    let table = desk.remote("search repo REGISTRY/charts/web --version 1.3.x").stdout;
    assert!(table.contains("The newest of its kind"), "{table}");
    let nothing = desk.remote("search repo REGISTRY/charts/web --version 9");
    assert_eq!(nothing.stdout, "No results found\n");
    desk.fails("search repo REGISTRY/charts/web --version 9 --fail-on-no-result --plain-http");
    desk.fails("search repo REGISTRY/charts/nope --plain-http");
    desk.fails("search repo REGISTRY/charts/web -r --plain-http");
    desk.fails("search repo REGISTRY/charts/web:1.0.0 --plain-http");
}

#[test]
fn a_hub_is_asked_as_helm_asks_it() {
    let website = Website::with(|visit| {
        let body = match visit.target.rsplit("q=").next().unwrap_or_default() {
            "none" => r#"{"data":[]}"#,
            "html" => "<html>",
            _ => {
                r#"{"data":[{"id":"stable/web","type":"chart","attributes":{"name":"web","repo":{"name":"stable","url":"https://r.example"},"description":"Desc <of> web","keywords":null},"links":{"self":"/x"},"relationships":{"latestChartVersion":{"data":{"version":"1.0.0","app_version":"9"},"links":{"self":""}}}},{"id":"b","artifactHub":{"packageUrl":"https://hub.example/b"},"attributes":{"description":"a very long description of more than fifty letters, really long"},"relationships":{"latestChartVersion":{"data":{"version":"2.0.0"}}}}]}"#
            }
        };
        let status = if visit.target.contains("charts/search") { "200 OK" } else { "404 Not Found" };
        Some(Instead { body: body.into(), ..Instead::status(status) })
    });
    let Some(twins) = Twins::alone(website) else { return };
    for line in [
        "--endpoint WEBSITE two words",
        "--endpoint WEBSITE web --list-repo-url",
        "--endpoint WEBSITE web -o json",
        "--endpoint WEBSITE/sub/ web -o yaml",
        "--endpoint WEBSITE none",
        "--endpoint WEBSITE none --fail-on-no-result",
        "--endpoint WEBSITE none -o json",
        "--endpoint WEBSITE web --max-col-width 10",
        "--endpoint http://127.0.0.1:1",
        "--endpoint nohost",
        "--endpoint ://",
    ] {
        twins.same(&format!("search hub {line}"));
    }
    let targets = twins.website.targets();
    assert!(targets.contains(&"/api/chartsvc/v1/charts/search?q=two+words".to_owned()), "{targets:?}");
    let html = twins.run("search hub --endpoint WEBSITE html").0;
    assert!(html.stderr.contains("hint: ") && html.stderr.contains("is no search of a hub"), "{html:?}");
}

#[test]
fn a_folder_of_archives_becomes_a_repository() {
    let Some(twins) = Twins::alone(Website::start()) else { return };
    let put = |path: &str, chart: ChartBuilder| twins.put(path, &chart.build().archive);
    put("r/web-1.0.0.tgz", ChartBuilder::new("web", "1.0.0"));
    put("r/web-0.9.0.tgz", ChartBuilder::new("web", "0.9.0"));
    put("r/sub/nest-1.0.0.tgz", ChartBuilder::new("nest", "1.0.0"));
    put("r/sub/deep/no-1.0.0.tgz", ChartBuilder::new("no", "1.0.0"));
    put("r/two/other name.tgz", ChartBuilder::new("web", "1.1.0"));
    let full = ChartBuilder::new("full", "1.2.3+b.1")
        .field("kubeVersion", ">=1.20")
        .field("description", "a <b> & 'c'")
        .field("keywords", serde_json::json!(["a", "b"]))
        .field("maintainers", serde_json::json!([{"name": "A", "email": "b@c", "url": "https://d"}]))
        .field("deprecated", serde_json::json!(true))
        .field("annotations", serde_json::json!({"z": "1", "a": "2"}));
    put("r/full-1.2.3+b.1.tgz", full);
    twins.put("r/junk.tgz", b"junk");
    twins.each(|desk| desk.folder("empty"));
    twins.write(
        "merge.yaml",
        "apiVersion: v1\ngenerated: \"2020-01-01T00:00:00.5+02:00\"\npublicKeys: [k]\nannotations: {x: y}\nentries:\n  web:\n  - name: web\n    version: 1.0.0\n    description: old\n    urls: [old]\n  - name: web\n    version: 0.1.0\n    description: kept\n    urls: [kept]\n    digest: abc\n    removed: true\n  - name: web\n    version: 1.0.5\n  zzz:\n  - name: yyy\n    version: 1.0.0\n",
    );
    for line in [
        "index r",
        "index r --url https://e.example/c --json",
        "index r --url 'https://e.example/c/?q=1'",
        "index r --url https://e.example",
        "index r --url 'not a url'",
        "index r --url ://",
        "index r --url /abs/",
        "index empty",
        "index empty --json",
        "index r --merge merge.yaml",
        "index empty --merge empty/new.yaml",
        "index empty --merge r/junk.tgz",
    ] {
        twins.same(&format!("repo {line}"));
    }
    twins.both_fail("repo index nosuch", "no such file or directory");
    twins.both_fail("repo index r/junk.tgz", "not a directory");
    // Helm finds the charts of a folder that we have indexed.
    twins.same("repo index r");
    let files = twins.ours.contents("r").into_iter();
    for (name, content) in files.filter(|(name, _)| !twins.ours.path(&format!("r/{name}")).is_dir()) {
        twins.website.put(&format!("served/{name}"), content);
    }
    twins.same("repo add served WEBSITE/served");
    twins.same("pull served/nest");
    twins.same("search repo -l");
}
