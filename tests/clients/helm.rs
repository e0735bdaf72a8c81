//! Stock Helm, of each line that is in use.

use chartroom_test_support::{Outcome, Peer, TestServer};

use crate::{server, words};

/// A Helm, and a registry for it.
struct Setup {
    helm: Peer,
    server: TestServer,
    /// Whether this Helm shows what the registry says when it refuses.
    tells_reasons: bool,
}

impl Setup {
    fn new(name: &str) -> Option<Self> {
        let helm = Peer::find(name)?;
        Some(Self { helm, server: server(), tells_reasons: name != "helm-3" })
    }

    /// Runs Helm with a line of arguments, in which `REGISTRY` stands for the registry.
    #[track_caller]
    fn helm(&self, line: &str) -> Outcome {
        self.helm.ok(&words(&self.filled(line)))
    }

    /// The same, on the registry.
    #[track_caller]
    fn remote(&self, line: &str) -> Outcome {
        self.helm(&format!("{line} --plain-http"))
    }

    fn filled(&self, line: &str) -> String {
        line.replace("REGISTRY", &format!("oci://{}", self.server.addr()))
    }

    /// Makes the scaffold chart and packages it with this version.
    #[track_caller]
    fn package(&self, name: &str, version: &str) -> String {
        if !self.helm.home().join(name).exists() {
            self.helm(&format!("create {name}"));
        }
        self.helm(&format!("package {name} --version {version}"));
        format!("{name}-{version}.tgz")
    }
}

/// Runs one test with each Helm.
macro_rules! with_each_helm {
    ($($test:ident)*) => { $(
        mod $test {
            #[test]
            fn helm_4_3_1() {
                super::Setup::new("helm-4.3.1").iter().for_each(super::bodies::$test);
            }

            #[test]
            fn helm_4_1_4() {
                super::Setup::new("helm-4.1.4").iter().for_each(super::bodies::$test);
            }

            #[test]
            fn helm_3() {
                super::Setup::new("helm-3").iter().for_each(super::bodies::$test);
            }
        }
    )* };
}

with_each_helm! {
    a_chart_goes_in_and_comes_out_the_same
    a_chart_is_shown_and_rendered_from_the_registry
    versions_are_found_by_range
    a_version_with_build_metadata_keeps_its_plus
    a_dependency_is_fetched_from_the_registry
    a_provenance_file_travels_with_its_chart
    a_version_can_be_pushed_again
    what_is_not_there_is_reported
    an_immutable_version_stays
    a_large_chart_goes_through
}

mod bodies {
    use std::fs;

    use chartroom_oci::Digest;
    use chartroom_test_support::{Random, TestServer};

    use super::Setup;
    use crate::words;

    fn both(outcome: &chartroom_test_support::Outcome) -> String {
        format!("{}{}", outcome.stdout, outcome.stderr)
    }

    pub(super) fn a_chart_goes_in_and_comes_out_the_same(setup: &Setup) {
        let archive = setup.package("webapp", "1.0.0");
        let pushed = setup.remote(&format!("push {archive} REGISTRY/charts"));
        let digest = setup.server.client().manifest("charts/webapp", "1.0.0").expect(200).digest();
        assert!(both(&pushed).contains(&digest.to_string()), "{pushed:?}");

        fs::create_dir(setup.helm.home().join("out")).unwrap();
        let pulled = setup.remote("pull REGISTRY/charts/webapp --version 1.0.0 -d out");
        assert!(both(&pulled).contains(&digest.to_string()), "{pulled:?}");
        assert_eq!(setup.helm.read("out/webapp-1.0.0.tgz"), setup.helm.read("webapp-1.0.0.tgz"));

        setup.remote(&format!("pull REGISTRY/charts/webapp@{digest} -d out"));
        setup.remote("pull REGISTRY/charts/webapp --version 1.0.0 --untar --untardir tree");
        let chart = String::from_utf8(setup.helm.read("tree/webapp/Chart.yaml")).unwrap();
        assert!(chart.contains("name: webapp"), "{chart}");

        // Without a word on the version, the only one there is.
        fs::remove_file(setup.helm.home().join("out/webapp-1.0.0.tgz")).unwrap();
        setup.remote("pull REGISTRY/charts/webapp -d out");
        assert_eq!(setup.helm.read("out/webapp-1.0.0.tgz"), setup.helm.read("webapp-1.0.0.tgz"));

        // And the registry knows what it has got.
        let known = setup.server.client().get("/api/v1/charts/charts/webapp").send().expect(200).json();
        assert_eq!(known["versions"][0]["version"], "1.0.0");
        assert_eq!(known["versions"][0]["description"], "A Helm chart for Kubernetes");
        let archive = Digest::sha256(&setup.helm.read("webapp-1.0.0.tgz")).to_string();
        assert_eq!(known["versions"][0]["archive"]["digest"], archive);
    }

    pub(super) fn a_chart_is_shown_and_rendered_from_the_registry(setup: &Setup) {
        let archive = setup.package("webapp", "1.2.3");
        setup.helm.write("webapp/README.md", "# The readme\n");
        setup.helm("package webapp --version 1.2.3");
        setup.remote(&format!("push {archive} REGISTRY/charts"));
        let show =
            |what: &str| setup.remote(&format!("show {what} REGISTRY/charts/webapp --version 1.2.3")).stdout;
        assert!(show("chart").contains("version: 1.2.3"));
        assert!(show("values").contains("replicaCount: 1"));
        assert!(show("readme").contains("# The readme"));
        assert!(show("all").contains("replicaCount: 1"));
        let from_registry = setup.remote("template app REGISTRY/charts/webapp --version 1.2.3").stdout;
        let from_file = setup.helm("template app webapp-1.2.3.tgz").stdout;
        assert!(from_registry.contains("kind: Deployment"), "{from_registry}");
        // The scaffold's test hook has nothing random in it: both are the same to the byte.
        assert_eq!(from_registry, from_file);
    }

    pub(super) fn versions_are_found_by_range(setup: &Setup) {
        for version in ["0.9.0", "1.0.0", "1.1.0", "1.10.0", "2.0.0-rc.1"] {
            let archive = setup.package("webapp", version);
            setup.remote(&format!("push {archive} REGISTRY/charts"));
        }
        let resolved = |arguments: &[&str]| {
            let reference = setup.filled("REGISTRY/charts/webapp");
            let mut line = vec!["show", "chart", reference.as_str()];
            line.extend(arguments);
            line.push("--plain-http");
            let shown = setup.helm.ok(&line).stdout;
            shown.lines().find_map(|line| line.strip_prefix("version: ")).expect("a version").to_owned()
        };
        assert_eq!(resolved(&["--version", "^1"]), "1.10.0");
        assert_eq!(resolved(&["--version", "~1.1"]), "1.1.0");
        assert_eq!(resolved(&["--version", "<1"]), "0.9.0");
        assert_eq!(resolved(&["--version", ">=1.0.0 <1.10.0"]), "1.1.0");
        assert_eq!(resolved(&[]), "1.10.0");
        assert_eq!(resolved(&["--devel"]), "2.0.0-rc.1");
    }

    pub(super) fn a_version_with_build_metadata_keeps_its_plus(setup: &Setup) {
        let archive = setup.package("webapp", "1.2.3+build.5");
        setup.remote(&format!("push {archive} REGISTRY/charts"));
        let client = setup.server.client();
        assert_eq!(client.tags("charts/webapp"), ["1.2.3_build.5"]);
        let known = client.get("/api/v1/charts/charts/webapp").send().expect(200).json();
        assert_eq!(known["versions"][0]["version"], "1.2.3+build.5");
        fs::create_dir(setup.helm.home().join("out")).unwrap();
        setup.remote("pull REGISTRY/charts/webapp --version 1.2.3+build.5 -d out");
        assert_eq!(setup.helm.read("out/webapp-1.2.3+build.5.tgz"), setup.helm.read(&archive));
    }

    pub(super) fn a_dependency_is_fetched_from_the_registry(setup: &Setup) {
        for version in ["1.0.0", "1.1.0", "2.0.0"] {
            let archive = setup.package("database", version);
            setup.remote(&format!("push {archive} REGISTRY/charts"));
        }
        setup.helm("create webapp");
        let chart = String::from_utf8(setup.helm.read("webapp/Chart.yaml")).unwrap();
        let registry = setup.filled("REGISTRY/charts");
        setup.helm.write(
            "webapp/Chart.yaml",
            format!("{chart}\ndependencies:\n  - name: database\n    version: ^1.0.0\n    repository: {registry}\n"),
        );
        setup.remote("dependency update webapp");
        assert_eq!(
            setup.helm.read("webapp/charts/database-1.1.0.tgz"),
            setup.helm.read("database-1.1.0.tgz")
        );
        let lock = String::from_utf8(setup.helm.read("webapp/Chart.lock")).unwrap();
        assert!(lock.contains("version: 1.1.0"), "{lock}");
        fs::remove_file(setup.helm.home().join("webapp/charts/database-1.1.0.tgz")).unwrap();
        setup.remote("dependency build webapp");
        setup.helm("package webapp --version 1.0.0");
        setup.remote("push webapp-1.0.0.tgz REGISTRY/charts");
        let rendered = setup.remote("template app REGISTRY/charts/webapp --version 1.0.0").stdout;
        assert!(rendered.contains("name: app-database"), "{rendered}");
    }

    pub(super) fn a_provenance_file_travels_with_its_chart(setup: &Setup) {
        let archive = setup.package("webapp", "1.0.0");
        let signed = sign(setup);
        if !signed {
            // Good enough for the way there and back; only --verify would look at it.
            setup.helm.write(&format!("{archive}.prov"), "-----BEGIN PGP SIGNED MESSAGE-----\n");
        }
        setup.remote(&format!("push {archive} REGISTRY/charts"));
        let known = setup.server.client().get("/api/v1/charts/charts/webapp").send().expect(200).json();
        assert_eq!(known["versions"][0]["provenance"], true);
        fs::create_dir(setup.helm.home().join("out")).unwrap();
        setup.remote("pull REGISTRY/charts/webapp --version 1.0.0 --prov -d out");
        assert_eq!(setup.helm.read("out/webapp-1.0.0.tgz"), setup.helm.read(&archive));
        assert_eq!(setup.helm.read("out/webapp-1.0.0.tgz.prov"), setup.helm.read(&format!("{archive}.prov")));
        if signed {
            setup.remote("pull REGISTRY/charts/webapp --version 1.0.0 --verify --keyring ring.gpg -d out");
        }
        // A chart without one says so and comes all the same.
        setup.package("other", "1.0.0");
        setup.remote("push other-1.0.0.tgz REGISTRY/charts");
        setup.remote("pull REGISTRY/charts/other --version 1.0.0 --prov -d out");
        assert!(!setup.helm.home().join("out/other-1.0.0.tgz.prov").exists());
    }

    /// Signs `webapp-1.0.0.tgz` with a fresh key; `false` where there is no gpg.
    fn sign(setup: &Setup) -> bool {
        let home = setup.helm.home();
        let gpg = |arguments: &[&str]| {
            let run = std::process::Command::new("gpg")
                .args([
                    "--homedir",
                    ".gnupg",
                    "--batch",
                    "--quiet",
                    "--pinentry-mode",
                    "loopback",
                    "--passphrase",
                    "",
                ])
                .args(arguments)
                .current_dir(home)
                .output();
            run.is_ok_and(|output| output.status.success())
        };
        let folder = home.join(".gnupg");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let made = gpg(&["--quick-generate-key", "Test <test@example.test>", "rsa2048", "sign", "never"])
            && gpg(&["--output", "secret.gpg", "--export-secret-keys"])
            && gpg(&["--output", "ring.gpg", "--export"]);
        // The agent that gpg started must not outlive the folder.
        let _ = std::process::Command::new("gpgconf")
            .args(["--homedir", ".gnupg", "--kill", "all"])
            .current_dir(home)
            .output();
        if made {
            setup.helm.write("empty", "\n");
            setup.helm("package webapp --version 1.0.0 --sign --key Test --keyring secret.gpg --passphrase-file empty");
        }
        made
    }

    pub(super) fn a_version_can_be_pushed_again(setup: &Setup) {
        let archive = setup.package("webapp", "1.0.0");
        let push = format!("push {archive} REGISTRY/charts");
        setup.remote(&push);
        setup.remote(&push);
        let before = setup.server.client().manifest("charts/webapp", "1.0.0").expect(200).digest();
        setup.helm.write("webapp/values.yaml", "changed: true\n");
        setup.helm("package webapp --version 1.0.0");
        setup.remote(&push);
        let after = setup.server.client().manifest("charts/webapp", "1.0.0").expect(200).digest();
        assert_ne!(before, after);
        assert!(
            setup
                .remote("show values REGISTRY/charts/webapp --version 1.0.0")
                .stdout
                .contains("changed: true")
        );
        // What a tag meant before can still be had by its digest.
        let pinned = setup.remote(&format!("show values REGISTRY/charts/webapp@{before}")).stdout;
        assert!(pinned.contains("replicaCount: 1"), "{pinned}");
    }

    pub(super) fn what_is_not_there_is_reported(setup: &Setup) {
        let archive = setup.package("webapp", "1.0.0");
        setup.remote(&format!("push {archive} REGISTRY/charts"));
        for line in [
            "pull REGISTRY/charts/webapp --version 9.9.9",
            "pull REGISTRY/charts/nothing --version 1.0.0",
            "pull REGISTRY/charts/nothing",
            "show chart REGISTRY/charts/webapp --version ^9",
        ] {
            let line = setup.filled(&format!("{line} --plain-http"));
            let failed = setup.helm.fails(&words(&line));
            assert!(failed.stderr.contains("Error"), "{line}: {failed:?}");
        }
        setup.server.client().still_serves();
    }

    pub(super) fn an_immutable_version_stays(setup: &Setup) {
        let server = TestServer::builder(env!("CARGO_BIN_EXE_chartroom"))
            .config("[charts]\nimmutable_versions = true\n")
            .start();
        let archive = setup.package("webapp", "1.0.0");
        let line = format!("push {archive} oci://{}/charts --plain-http", server.addr());
        setup.helm.ok(&words(&line));
        setup.helm.ok(&words(&line));
        setup.helm.write("webapp/values.yaml", "changed: true\n");
        setup.helm("package webapp --version 1.0.0");
        let refused = setup.helm.fails(&words(&line));
        // What the registry says reaches the person who pushes.
        let reason = if setup.tells_reasons { "immutable_versions" } else { "403" };
        assert!(refused.stderr.contains(reason), "{refused:?}");
    }

    pub(super) fn a_large_chart_goes_through(setup: &Setup) {
        setup.helm("create webapp");
        for number in 0..4 {
            setup.helm.write(&format!("webapp/files/{number}.bin"), Random::seeded(number).bytes(4_000_000));
        }
        setup.helm("package webapp --version 1.0.0");
        setup.remote("push webapp-1.0.0.tgz REGISTRY/charts");
        fs::create_dir(setup.helm.home().join("out")).unwrap();
        setup.remote("pull REGISTRY/charts/webapp --version 1.0.0 -d out");
        let pushed = setup.helm.read("webapp-1.0.0.tgz");
        assert!(pushed.len() > 15_000_000);
        assert_eq!(setup.helm.read("out/webapp-1.0.0.tgz"), pushed);
    }
}
