//! What is pushed.

use std::fs;

use chartroom_chart::{Artifact, Chart, Limits};
use chartroom_oci::Digest;
use jiff::Timestamp;

use crate::registry::Registry;
use crate::{FULL_CHART_YAML, Folder, helm};

const CHARTS: [&str; 6] = [
    FULL_CHART_YAML,
    "name: old\nversion: 0.1.0\n",
    "apiVersion: v2\nname: plain\nversion: v7.0\ndescription: '  '\nhome: \"\\u00a0\"\n",
    "apiVersion: v2\nname: a.b-c_d\nversion: 1.0.0-rc.1+a.b\nsources: ['', x]\nmaintainers: [{}]\nkubeVersion: '>1'\n",
    "apiVersion: v2\nname: own\nversion: 1.0.0\nannotations:\n  org.opencontainers.image.created: now\n  org.opencontainers.image.version: 9\n  blank: ' '\n  z: \"\\\\ \\t \\u0001 \\U0001F680 \\u2029\"\n",
    "apiVersion: v2\nname: deps\nversion: 1.0.0\ndependencies:\n- {name: a, version: 1.x, repository: 'https://x/?a&b', import-values: [1, 1.5, -0.0, 123456789012345678, 1.0e-7, true, null, [a, {b: c, a: 1}]], enabled: yes}\n- {name: b}\n",
];

/// Without `created` in the zone of the machine, manifests are Helm's to the byte.
#[test]
fn helm_pushes_the_same_bytes() {
    let Some(helm) = helm() else { return };
    let registry = Registry::start();
    for (number, chart_yaml) in CHARTS.into_iter().enumerate() {
        for signed in [false, true] {
            let mut folder = Folder::new(helm.home().join(format!("c{number}{signed}")));
            folder.file("Chart.yaml", chart_yaml);
            let chart = folder.chart();
            let path = chart.package_to(&helm.home().join("packed")).unwrap();
            // What Helm pushes is what it reads from the archive.
            let chart = Chart::open(&path, &Limits::default()).unwrap();
            let archive = fs::read(&path).unwrap();
            let provenance = helm.home().join(format!("packed/{}.prov", chart.archive_name()));
            let _ = fs::remove_file(&provenance);
            if signed {
                fs::write(&provenance, "signed").unwrap();
            }
            let created = Timestamp::try_from(fs::metadata(&path).unwrap().modified().unwrap()).unwrap();
            let ours =
                Artifact::new(chart.metadata(), &archive, signed.then_some(b"signed".as_slice()), created)
                    .unwrap();

            let target = format!("oci://{}/charts", registry.host);
            let path = path.to_string_lossy().into_owned();
            let mut push = helm.command(&["push", &path, &target, "--plain-http"]);
            let pushed = push.env("TZ", "UTC").output().unwrap();
            assert!(pushed.status.success(), "{chart_yaml}\n{pushed:?}");
            let helms = registry.get(&format!("charts/{}/{}", ours.name, ours.tag));
            let helms = helms.unwrap_or_else(|| panic!("{} is not in {:?}", ours.tag, registry.tags()));
            assert_eq!(String::from_utf8_lossy(&ours.manifest), String::from_utf8_lossy(&helms));
            let config = registry.get(&Digest::sha256(&ours.config).to_string());
            assert_eq!(config, Some(ours.config), "{chart_yaml}");
        }
    }
}
