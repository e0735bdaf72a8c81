//! Requests to repositories: who is shown a login, what may come, what is stored.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::Write as _;
use std::time::Duration;

use chartroom_chart_repository::{
    Entry, Error, IndexCache, Repositories, Web, find_at, find_named, owner_of, search_hub,
};
use chartroom_registry_client::{Options, Proxies, RetryPolicy, Url};
use chartroom_test_support::{Instead, Visit, Website};

const LOGIN: &str = "Basic dTpw";

fn web() -> Web {
    Web::new(Options { proxies: Proxies::none(), retry: RetryPolicy::NEVER, ..Options::default() })
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// `u:p` opens what is below `/private/`.
fn guarded(visit: &Visit) -> Option<Instead> {
    let private = visit.target.starts_with("/private/");
    (private && visit.field("Authorization") != Some(LOGIN)).then(|| Instead::status("401 Unauthorized"))
}

fn entry(url: &str, login: bool) -> Entry {
    let (username, password) = if login { ("u".to_owned(), "p".to_owned()) } else { Default::default() };
    Entry { name: "r".to_owned(), url: url.to_owned(), username, password, ..Entry::default() }
}

fn index_of(url: &str) -> String {
    format!("apiVersion: v1\nentries:\n  web:\n  - name: web\n    version: 1.0.0\n    urls: ['{url}']\n")
}

#[test]
fn a_login_is_shown_to_its_own_server_only() {
    let (home, other) = (Website::with(guarded), Website::with(guarded));
    other.put("private/web-1.0.0.tgz", "archive");
    home.put("private/index.yaml", index_of(&format!("{}/private/web-1.0.0.tgz", other.url())));
    let repository = format!("{}/private", home.url());
    run(async {
        let web = web();
        let refused = find_at(&web, &entry(&repository, false), "web", "").await.unwrap_err().to_string();
        assert_eq!(
            refused,
            format!(
                "looks like \"{repository}\" is not a valid chart repository or cannot be reached: failed to fetch {repository}/index.yaml : 401 Unauthorized"
            )
        );
        let located = find_at(&web, &entry(&repository, true), "web", "^1").await.unwrap();
        let refused = web.archive(&located.repository, &located.url).await.unwrap_err();
        assert!(matches!(refused, Error::Status { .. }), "{refused}");
        assert_eq!(other.visits()[0].field("Authorization"), None);
        let everywhere = Entry { pass_credentials_all: true, ..located.repository };
        assert_eq!(&web.archive(&everywhere, &located.url).await.unwrap()[..], b"archive");
        let visits = other.visits();
        assert_eq!(visits[0].field("Authorization"), Some(LOGIN));
        assert_eq!(visits[0].field("Accept"), Some("application/gzip,application/octet-stream"));
    });
}

#[test]
fn a_login_does_not_follow_redirects_to_others() {
    let other = Website::start();
    other.put("index.yaml", index_of("web-1.0.0.tgz"));
    let target = other.url();
    let home = Website::with(move |visit| {
        let own = visit.target == "/own/index.yaml";
        let to = if own { "/there/index.yaml".to_owned() } else { format!("{target}/index.yaml") };
        let moved = visit.target != "/there/index.yaml";
        moved.then(|| Instead { fields: format!("Location: {to}\r\n"), ..Instead::status("302 Found") })
    });
    home.put("there/index.yaml", index_of("web-1.0.0.tgz"));
    run(async {
        web().index(&entry(&format!("{}/own", home.url()), true)).await.unwrap();
        assert!(home.visits().iter().all(|visit| visit.field("Authorization") == Some(LOGIN)));
        web().index(&entry(&format!("{}/away", home.url()), true)).await.unwrap();
        assert_eq!(home.visits()[0].field("Authorization"), Some(LOGIN));
        assert_eq!(other.visits()[0].field("Authorization"), None);
    });
}

#[test]
fn an_index_may_come_gzipped_and_not_without_end() {
    let gzip = |text: &[u8]| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    };
    let good = gzip(index_of("web-1.0.0.tgz").as_bytes());
    let bomb = gzip(&vec![b'\n'; 65 << 20]);
    let website = Website::with(move |visit| {
        let body = match visit.target.as_str() {
            "/good/index.yaml" => good.clone(),
            "/bomb/index.yaml" => bomb.clone(),
            _ => b"junk".to_vec(),
        };
        let fields = "Content-Encoding: gzip\r\n".to_owned();
        Some(Instead { status: "200 OK".to_owned(), fields, body })
    });
    run(async {
        let (bytes, read) = web().index(&entry(&format!("{}/good", website.url()), false)).await.unwrap();
        assert_eq!(bytes, index_of("web-1.0.0.tgz"));
        assert_eq!(read.index.entries.len(), 1);
        let bomb = web().index(&entry(&format!("{}/bomb", website.url()), false)).await;
        assert!(matches!(bomb, Err(Error::IndexTooLarge(_))));
        assert!(web().index(&entry(&format!("{}/junk", website.url()), false)).await.is_err());
    });
}

#[test]
fn what_was_refreshed_is_found_by_name() {
    let website = Website::start();
    website.put("index.yaml", index_of("web-1.0.0.tgz"));
    let home = tempfile::tempdir().unwrap();
    let cache = IndexCache::new(home.path().join("repository"));
    let mut repositories = Repositories::default();
    repositories.set(entry(&website.url(), false));
    let find = |reference: &str, version: &str| {
        let found = find_named(&repositories, &cache, reference, version, &entry("", true));
        found.map_err(|error| error.to_string())
    };
    let path = home.path().join("repository/r-index.yaml");
    assert_eq!(
        find("r/web", "").unwrap_err(),
        format!(
            "no cached repo found. (try 'helm repo update'): open {}: no such file or directory",
            path.display()
        )
    );
    run(web().refresh(&repositories.repositories[0], &cache)).unwrap();
    assert_eq!(std::fs::read_to_string(home.path().join("repository/r-charts.txt")).unwrap(), "web\n");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), index_of("web-1.0.0.tgz"));
    let found = find("r/web", "1.0").unwrap();
    assert_eq!(found.url.as_str(), format!("{}/web-1.0.0.tgz", website.url()));
    assert_eq!(found.inexact.unwrap().selected, "1.0.0");
    // Who has no login of a repository's own uses that of the command line.
    assert_eq!(found.repository.username, "u");
    for (reference, version, problem) in [
        (
            "r/web",
            "9",
            "chart \"web\" matching 9 not found in r index. (try 'helm repo update'): no chart version found for web-9",
        ),
        (
            "r/no",
            "",
            "chart \"no\" matching  not found in r index. (try 'helm repo update'): no chart name found",
        ),
        ("no/web", "", "repo no not found"),
        ("web", "", "non-absolute URLs should be in form of repo_name/path_to_chart, got: web"),
    ] {
        assert_eq!(find(reference, version).unwrap_err(), problem);
    }
    // A whole address belongs to the repository that names it so.
    let archive = Url::parse("https://cdn.x/web-1.0.0.tgz").unwrap();
    assert!(owner_of(&repositories, &cache, &archive).is_none());
    website.put("index.yaml", index_of(archive.as_str()));
    run(web().refresh(&repositories.repositories[0], &cache)).unwrap();
    assert_eq!(owner_of(&repositories, &cache, &archive).unwrap().name, "r");
    cache.remove("r").unwrap();
    cache.remove("r").unwrap();
    assert_eq!(std::fs::read_dir(home.path().join("repository")).unwrap().count(), 0);
}

#[test]
fn who_does_not_answer_in_time_is_given_up() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let late = run(web().timeout(Duration::from_millis(50)).index(&entry(&url, false))).unwrap_err();
    assert_eq!(
        late.to_string(),
        format!(
            "Get \"{url}/index.yaml\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        )
    );
}

#[test]
fn a_hub_that_is_none_is_told() {
    let website = Website::with(|visit| {
        let html = visit.target.ends_with("q=html");
        let body = if html { b"<html>".to_vec() } else { b"{\"data\":[{\"id\":\"a/b\"}]}".to_vec() };
        Some(Instead { status: "200 OK".to_owned(), fields: String::new(), body })
    });
    run(async {
        let found = search_hub(&web(), &website.url(), "web").await.unwrap();
        assert_eq!(found[0].url, format!("{}/charts/a/b", website.url()));
        let error = search_hub(&web(), &website.url(), "html").await.unwrap_err();
        assert_eq!(error.to_string(), format!("unable to perform search against \"{}\"", website.url()));
        assert!(error.hint().unwrap().contains("is no search of a hub"));
    });
}
