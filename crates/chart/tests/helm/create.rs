//! The scaffold.

use std::fs;
use std::path::Path;

use chartroom_chart::{Chart, Limits, create, create_from};
use chartroom_test_support::Peer;

use crate::{Folder, helm};

const SWITCHES: [&[&str]; 12] = [
    &[],
    &["--set", "ingress.enabled=true"],
    &[
        "--set",
        "ingress.enabled=true,ingress.className=nginx,ingress.tls[0].secretName=s,ingress.tls[0].hosts={a.example}",
    ],
    &["--set", "httpRoute.enabled=true"],
    &[
        "--set",
        "httpRoute.enabled=true,httpRoute.hostnames=null,httpRoute.parentRefs[0].name=a,httpRoute.parentRefs[1].name=b",
    ],
    &["--set", "autoscaling.enabled=true,autoscaling.targetMemoryUtilizationPercentage=70"],
    &["--set", "serviceAccount.create=false"],
    &["--set", "service.type=NodePort,service.targetPort=8080"],
    &["--set", "service.type=LoadBalancer,fullnameOverride=other"],
    &["--set", "image.tag=1.27,replicaCount=3,podLabels.a=b,podAnnotations.c=d,livenessProbe=null"],
    &["--set", "image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000000"],
    &[
        "--set-json",
        r#"env=[{"name":"A","value":"b"}]"#,
        "--set-json",
        r#"securityContext={"runAsNonRoot":true}"#,
        "--set-json",
        r#"volumes=[{"name":"v","emptyDir":{}}]"#,
        "--set-json",
        r#"volumeMounts=[{"name":"v","mountPath":"/v"}]"#,
        "--set-json",
        r#"nodeSelector={"a":"b"}"#,
        "--set-json",
        r#"tolerations=[{"operator":"Exists"}]"#,
        "--set-json",
        r#"affinity={"nodeAffinity":{}}"#,
        "--set-json",
        r#"resources={"limits":{"memory":"64Mi"}}"#,
    ],
];

#[test]
fn helm_finds_nothing_to_complain_of() {
    let Some(helm) = helm() else { return };
    for name in ["webapp", "a.b-c_D", "x"] {
        let created = create(&helm.home().join(name)).unwrap();
        assert_eq!(created.overwritten, Vec::<std::path::PathBuf>::new());
        assert_eq!(create(&helm.home().join(name)).unwrap().overwritten.len(), 13);
        for switches in SWITCHES {
            let mut lint = vec!["lint", "--strict", name];
            lint.extend(switches);
            let found = helm.ok(&lint).stdout;
            assert!(!found.contains("[WARNING]") && !found.contains("[ERROR]"), "{found}");
        }
    }
    let ours = Chart::open(&helm.home().join("webapp"), &Limits::default()).unwrap();
    assert_eq!((ours.version(), ours.metadata().app_version.as_str()), ("0.1.0", "1.16.0"));
    assert!(ours.raw().iter().all(|file| !String::from_utf8_lossy(&file.data).contains("<CHARTNAME>")));
}

#[test]
fn each_switch_renders() {
    let Some(helm) = helm() else { return };
    create(&helm.home().join("webapp")).unwrap();
    let render = |release: &str, switches: &[&str]| {
        let mut arguments = vec!["template", release, "webapp", "--namespace", "n"];
        arguments.extend(switches);
        helm.ok(&arguments).stdout
    };
    let kinds = |text: &str| {
        let mut kinds: Vec<String> =
            text.lines().filter_map(|line| line.strip_prefix("kind: ")).map(str::to_owned).collect();
        kinds.sort();
        kinds.join(" ")
    };
    let all: Vec<String> = SWITCHES.iter().map(|switches| render("r", switches)).collect();
    assert_eq!(kinds(&all[0]), "Deployment Pod Service ServiceAccount");
    assert_eq!(kinds(&all[1]), "Deployment Ingress Pod Service ServiceAccount");
    assert_eq!(kinds(&all[3]), "Deployment HTTPRoute Pod Service ServiceAccount");
    assert_eq!(kinds(&all[5]), "Deployment HorizontalPodAutoscaler Pod Service ServiceAccount");
    assert_eq!(kinds(&all[6]), "Deployment Pod Service");
    assert!(all[0].contains("image: \"nginx:1.16.0\"") && all[0].contains("replicas: 1"));
    assert!(!all[5].contains("replicas: 1\n") && all[5].contains("averageUtilization: 70"));
    assert!(all[3].contains("- backendRefs:\n      - name: r-webapp\n        port: 80"), "{}", all[3]);
    assert!(all[7].contains("containerPort: 8080"));
    assert!(all[10].contains("image: \"nginx@sha256:000"));
    for (text, name) in [
        (render("webapp-1", &[]), "webapp-1"),
        (render("r", &["--set", "nameOverride=web"]), "r-web"),
        (render(&"r".repeat(53), &[]), &format!("{}-webapp", "r".repeat(53))[..]),
        (
            render(&"r".repeat(53), &["--set", "nameOverride=a-rather-long-name"]),
            &format!("{}-a-rather", "r".repeat(53))[..],
        ),
    ] {
        assert!(text.contains(&format!("\n  name: {name}\n")), "{name}\n{text}");
    }
    let found = helm.fails(&["template", "webapp", "--set", "replicaCount=many"]).stderr;
    assert!(found.contains("at '/replicaCount': got string, want integer"), "{found}");
}

/// Without a cluster, install only goes as far as the notes when it is a dry run.
#[test]
fn notes_tell_the_way_in() {
    let Some(helm) = helm() else { return };
    create(&helm.home().join("webapp")).unwrap();
    for (switches, way) in [
        (SWITCHES[0], "kubectl --namespace n port-forward service/r-webapp 8080:80"),
        (SWITCHES[1], "  http://webapp.example.com/"),
        (SWITCHES[2], "  https://webapp.example.com/"),
        (SWITCHES[3], "  n/gateway\nfor webapp.example.com."),
        (SWITCHES[4], "through the gateways:\n  n/a\n  n/b\n"),
        (SWITCHES[7], "jsonpath='{.spec.ports[0].nodePort}'"),
        (SWITCHES[8], "get service other --watch"),
    ] {
        let mut arguments = vec!["install", "r", "webapp", "--namespace", "n", "--dry-run=client"];
        arguments.extend(switches);
        let text = helm.ok(&arguments).stdout;
        let (_, notes) = text.split_once("NOTES:\n").unwrap();
        assert!(notes.contains(way), "{way}\n{notes}");
        assert!(!notes.contains("\n\n\n"), "{notes}");
    }
}

fn tree(folder: &Path) -> Vec<(String, String)> {
    let chart = Chart::open(folder, &Limits::default()).unwrap();
    let text = |data: &[u8]| String::from_utf8_lossy(data).into_owned();
    let raw = chart.raw().iter().filter(|file| !file.name.starts_with("charts/"));
    raw.map(|file| (file.name.clone(), text(&file.data))).collect()
}

#[test]
fn a_starter_gives_what_it_gives_in_helm() {
    let Some(helm) = helm() else { return };
    let mut starter = Folder::new(helm.home().join("starter"));
    starter
        .file("Chart.yaml", "apiVersion: v1\nname: <CHARTNAME>\nversion: 9.0.0\ndescription: gone\n")
        .file("values.yaml", "# <CHARTNAME>\na: {b: <CHARTNAME>}\n")
        .file("values.schema.json", "{}")
        .file("README.md", "<CHARTNAME>")
        .file(".helmignore", "*.bak\n")
        .file("a.bak", "")
        .file("templates/<CHARTNAME>.yaml", "name: <CHARTNAME>\n")
        .file("charts/sub/Chart.yaml", "name: sub\nversion: 0.1.0\n");
    let path = starter.path.to_string_lossy().into_owned();
    fs::create_dir(helm.home().join("helms")).unwrap();
    fs::create_dir(helm.home().join("ours")).unwrap();
    helm.ok(&["create", "helms/made", "--starter", &path]);
    create_from(&helm.home().join("ours/made"), &starter.path, &Limits::default()).unwrap();
    let [helms, ours] = ["helms/made", "ours/made"].map(|made| tree(&helm.home().join(made)));
    assert_eq!(ours, helms);
    assert!(helm.home().join("ours/made/charts/sub-0.1.0.tgz").is_file());
    assert!(helm.home().join("helms/made/charts/sub-0.1.0.tgz").is_file());
}

fn compare_refusal(helm: &Peer, path: &str, starter: Option<&str>) {
    let mut arguments = vec!["create", path];
    arguments.extend(starter.map(|_| "--starter"));
    arguments.extend(starter);
    let helms = helm.fails(&arguments).stderr;
    let path = helm.home().join(path);
    let ours = match starter {
        None => create(&path),
        Some(starter) => create_from(&path, Path::new(starter), &Limits::default()),
    };
    assert_eq!(format!("Error: {}\n", ours.unwrap_err()), helms);
}

#[test]
fn names_that_helm_refuses_are_refused() {
    let Some(helm) = helm() else { return };
    helm.write("file", "");
    for path in ["a b", "a+b", "ü", &"a".repeat(251), "missing/a", "file"] {
        compare_refusal(&helm, path, None);
    }
    let missing = helm.home().join("missing").to_string_lossy().into_owned();
    compare_refusal(&helm, "a", Some(&missing));
}
