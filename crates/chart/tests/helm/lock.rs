//! `Chart.lock`.

use std::fs;

use chartroom_chart::{Chart, ChartFile, Limits, Lock};
use jiff::Timestamp;

use crate::{Folder, helm};

/// What `helm dependency update` (4.3.1) writes for [`CHART_YAML`].
const DIGEST: &str = "sha256:cc7d185539abc6ee646352c02861d646c37c80c5ef64b046e345122efa771457";

const CHART_YAML: &str = "\
apiVersion: v2
name: parent
version: 1.0.0
dependencies:
- {name: a, version: '>=1, <2', repository: 'file://../a', condition: a.on, tags: [x, y], import-values: [data, {child: p, parent: q}]}
- {name: b, version: '*', repository: '', alias: '', enabled: true}
- {name: a, version: ^1, repository: 'file://../a', alias: second}
";

#[test]
fn helm_locks_the_same() {
    let Some(helm) = helm() else { return };
    Folder::new(helm.home().join("a")).file("Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.4.0+x\n");
    let mut folder = Folder::new(helm.home().join("parent"));
    folder
        .file("Chart.yaml", CHART_YAML)
        .file("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 0.1.0\n");
    helm.ok(&["dependency", "update", "parent"]);
    let text = fs::read(folder.path.join("Chart.lock")).unwrap();
    let helms = Lock::parse(&text).unwrap();
    assert_eq!(helms.to_yaml().unwrap().as_bytes(), text, "not what was read");

    assert_eq!(helms.digest, DIGEST);

    let chart = folder.chart();
    let requirements = &chart.metadata().dependencies;
    assert!(helms.is_in_sync("v2", requirements).unwrap());
    assert!(!helms.is_in_sync("v2", &requirements[1..]).unwrap());
    let ours = Lock::new(requirements, helms.dependencies.clone(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(ours.digest, helms.digest);

    // Helm builds by our lock.
    fs::write(folder.path.join("Chart.lock"), ours.to_yaml().unwrap()).unwrap();
    helm.ok(&["dependency", "build", "parent"]);
    let mut changed = ours.clone();
    changed.digest = "sha256:0".into();
    fs::write(folder.path.join("Chart.lock"), changed.to_yaml().unwrap()).unwrap();
    assert!(helm.fails(&["dependency", "build", "parent"]).stderr.contains("out of sync"));
}

#[test]
fn a_digest_that_helm_made() {
    let requirements = ChartFile::parse(CHART_YAML.as_bytes()).unwrap().dependencies;
    let lock = "\
dependencies:
- {name: a, repository: file://../a, version: 1.4.0+x}
- {name: b, repository: '', version: '*'}
- {name: a, repository: file://../a, version: 1.4.0+x}
generated: '2024-05-06T07:08:09.120300000+09:00'
";
    let mut lock = Lock::parse(lock.as_bytes()).unwrap();
    assert_eq!(Lock::digest_of(&requirements, &lock.dependencies).unwrap(), DIGEST);
    lock.digest = DIGEST.into();
    assert!(lock.is_in_sync("v2", &requirements).unwrap());
    assert_eq!(lock.generated().unwrap().to_string(), "2024-05-05T22:08:09.1203Z");
    assert!(lock.to_yaml().unwrap().contains("generated: \"2024-05-06T07:08:09.1203+09:00\"\n"));
}

/// Charts of Helm 2 may still have a lock that Helm 2 made.
#[test]
fn a_digest_that_helm_2_made() {
    let Some(helm) = helm() else { return };
    let mut folder = Folder::new(helm.home().join("old"));
    folder
        .file("Chart.yaml", "apiVersion: v1\nname: old\nversion: 1.0.0\n")
        .file("requirements.yaml", "dependencies: [{name: b, version: 0.1.0, repository: ''}]\n")
        .file("charts/b/Chart.yaml", "name: b\nversion: 0.1.0\n");
    let requirements = folder.chart().metadata().dependencies.clone();
    let digest = chartroom_oci::Digest::sha256(
        br#"{"dependencies":[{"name":"b","version":"0.1.0","repository":""}]}"#,
    );
    folder.file(
        "requirements.lock",
        format!("dependencies: [{{name: b, version: 0.1.0, repository: ''}}]\ndigest: {digest}\ngenerated: 2019-01-01T00:00:00Z\n"),
    );
    helm.ok(&["dependency", "build", "old"]);
    let chart = Chart::open(&folder.path, &Limits::default()).unwrap();
    let lock = chart.lock().unwrap();
    assert!(lock.is_in_sync("v1", &requirements).unwrap());
    assert!(!lock.is_in_sync("v2", &requirements).unwrap());
}
