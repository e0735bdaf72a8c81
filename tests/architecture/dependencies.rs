//! The direction of dependencies between crates, as `cargo metadata` tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::workspace;

/// What packages stand on, without what only their tests need.
struct Graph {
    /// Names of the workspace's own packages.
    own: BTreeSet<String>,
    /// From a package's name to the names of the packages that it names itself.
    direct: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--offline", "--locked"])
            .current_dir(workspace())
            .output()
            .expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let metadata = serde_json::from_slice::<Value>(&output.stdout).expect("JSON");
        let packages = metadata["packages"].as_array().expect("packages");
        let name_of = |id: &Value| {
            let package = packages.iter().find(|package| package["id"] == *id).expect("a package");
            package["name"].as_str().expect("a name").to_owned()
        };
        let own = metadata["workspace_members"].as_array().expect("members").iter().map(name_of).collect();
        let names =
            packages.iter().map(|package| (&package["id"], package["name"].as_str().expect("a name")));
        let names = names.map(|(id, name)| (id.as_str().expect("an id"), name)).collect::<BTreeMap<_, _>>();
        let mut direct = BTreeMap::<_, BTreeSet<_>>::new();
        for node in metadata["resolve"]["nodes"].as_array().expect("nodes") {
            let entry = direct.entry(names[node["id"].as_str().expect("an id")].to_owned()).or_default();
            for dependency in node["deps"].as_array().expect("deps") {
                let kinds = dependency["dep_kinds"].as_array().expect("kinds");
                if kinds.iter().any(|kind| kind["kind"] != "dev") {
                    entry.insert(names[dependency["pkg"].as_str().expect("an id")].to_owned());
                }
            }
        }
        Self { own, direct }
    }

    fn has(&self, package: &str) -> bool {
        self.own.contains(package)
    }

    /// What a package names itself; nothing if there is no such package yet.
    fn direct(&self, package: &str) -> BTreeSet<&str> {
        self.direct.get(package).into_iter().flatten().map(String::as_str).collect()
    }

    /// All that a package stands on, however far down.
    fn all(&self, package: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open = vec![package];
        while let Some(next) = open.pop() {
            for name in self.direct(next) {
                if found.insert(name) {
                    open.push(name);
                }
            }
        }
        found
    }

    /// The workspace's own packages among what a package stands on.
    fn own_below(&self, package: &str) -> BTreeSet<&str> {
        self.all(package).into_iter().filter(|name| self.has(name)).collect()
    }
}

/// Crates that may stand on the listed ones of the workspace only. A crate that does not exist yet
/// is listed already: it is held to its place from its first day.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("chartroom-oci", &[]),
    ("chartroom-goyaml", &[]),
    ("chartroom-gotemplate", &[]),
    ("chartroom-cli", &[]),
    ("chartroom-jsonpath", &["chartroom-goyaml"]),
    ("chartroom-provenance", &["chartroom-goyaml"]),
    ("chartroom-blobs", &["chartroom-oci"]),
    ("chartroom-chart", &["chartroom-oci", "chartroom-goyaml"]),
    ("chartroom-catalog", &["chartroom-oci", "chartroom-chart", "chartroom-goyaml"]),
    ("chartroom-access", &["chartroom-oci", "chartroom-catalog", "chartroom-chart", "chartroom-goyaml"]),
    ("chartroom-registry-client", &["chartroom-oci", "chartroom-chart", "chartroom-goyaml"]),
    ("chartroom-sprig", &["chartroom-oci", "chartroom-chart", "chartroom-goyaml", "chartroom-gotemplate"]),
    (
        "chartroom-render",
        &["chartroom-oci", "chartroom-chart", "chartroom-goyaml", "chartroom-gotemplate", "chartroom-sprig"],
    ),
    (
        "chartroom-chart-repository",
        &["chartroom-oci", "chartroom-chart", "chartroom-goyaml", "chartroom-registry-client"],
    ),
    (
        "chartroom-release",
        &[
            "chartroom-oci",
            "chartroom-chart",
            "chartroom-goyaml",
            "chartroom-gotemplate",
            "chartroom-sprig",
            "chartroom-render",
        ],
    ),
];

/// Crates that nothing of the server may stand on.
const CLIENT_HALF: [&str; 8] = [
    "chartroom-gotemplate",
    "chartroom-sprig",
    "chartroom-render",
    "chartroom-registry-client",
    "chartroom-chart-repository",
    "chartroom-release",
    "chartroom-cli",
    "chartroom",
];

/// External crates, and the only ones of ours that may name them.
const SOLE_USERS: [(&str, &[&str]); 6] = [
    ("rusqlite", &["chartroom-catalog"]),
    ("axum", &["chartroom-server"]),
    ("hyper", &["chartroom-server"]),
    ("clap", &["chartroom-cli", "chartroom", "xtask"]),
    ("kube", &["chartroom-release"]),
    ("pgp", &["chartroom-provenance"]),
];

#[test]
fn crates_stand_only_on_those_below_them() {
    let graph = Graph::read();
    assert!(graph.has("chartroom-oci"));
    for (package, allowed) in ALLOWED {
        let below = graph.own_below(package);
        let excess = below.difference(&allowed.iter().copied().collect()).copied().collect::<Vec<_>>();
        assert!(excess.is_empty(), "{package} must not depend on {excess:?}");
    }
}

#[test]
fn the_leaves_know_no_runtime() {
    let graph = Graph::read();
    for package in [
        "chartroom-oci",
        "chartroom-goyaml",
        "chartroom-gotemplate",
        "chartroom-chart",
        "chartroom-cli",
        "chartroom-provenance",
    ] {
        let below = graph.all(package);
        for runtime in ["tokio", "hyper", "axum", "reqwest"] {
            assert!(!below.contains(runtime), "{package} must do without {runtime}");
        }
    }
}

#[test]
fn the_server_never_renders_and_is_no_client() {
    let graph = Graph::read();
    for package in ["chartroom-server", "chartroom-access", "chartroom-catalog", "chartroom-blobs"] {
        let below = graph.all(package);
        for client in CLIENT_HALF {
            assert!(!below.contains(client), "{package} must not depend on {client}");
        }
        for program in ["reqwest", "kube"] {
            assert!(
                package == "chartroom-access" || !below.contains(program),
                "{package} must do without {program}"
            );
        }
    }
}

#[test]
fn client_and_server_meet_only_in_what_both_must_agree_on() {
    let graph = Graph::read();
    let server = graph.own_below("chartroom-server");
    for client in [
        "chartroom-registry-client",
        "chartroom-chart-repository",
        "chartroom-render",
        "chartroom-release",
        "chartroom-provenance",
    ] {
        let mut client_half = graph.own_below(client);
        client_half.insert(client);
        let shared = client_half
            .intersection(&server)
            .copied()
            .filter(|name| !["chartroom-oci", "chartroom-chart", "chartroom-goyaml"].contains(name));
        let shared = shared.collect::<Vec<_>>();
        assert!(shared.is_empty(), "{client} and the server share {shared:?}");
    }
}

#[test]
fn access_never_speaks_http() {
    let graph = Graph::read();
    let below = graph.direct("chartroom-access");
    for http in ["axum", "hyper", "hyper-util", "tower", "tower-http"] {
        assert!(!below.contains(http), "chartroom-access must do without {http}");
    }
}

#[test]
fn each_outside_engine_has_one_place_where_it_is_used() {
    let graph = Graph::read();
    for (engine, users) in SOLE_USERS {
        for package in &graph.own {
            if graph.direct(package).contains(engine) {
                assert!(users.contains(&package.as_str()), "{package} must not use {engine}; {users:?} do");
            }
        }
    }
}

#[test]
fn only_tests_stand_on_test_support_and_nothing_on_the_program() {
    let graph = Graph::read();
    for package in &graph.own {
        let direct = graph.direct(package);
        assert!(!direct.contains("chartroom-test-support"), "{package} depends on test-support");
        assert!(!direct.contains("chartroom"), "{package} depends on the program");
    }
}
