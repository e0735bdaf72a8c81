//! `install` and `uninstall` with both tools, each in a namespace of its own: what they print, what is in
//! the cluster afterwards, who manages which field of it, and what is stored.

use std::io::Read as _;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chartroom_test_support::{Outcome, eventually, signal};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Both tools on the same charts: ours in the desk's namespace, Helm in another.
struct Pair {
    desk: Desk,
    other: String,
}

/// Where the objects of a namespace are that the tests' charts have.
const COLLECTIONS: [&str; 8] = [
    "api/v1/namespaces/NS/configmaps",
    "api/v1/namespaces/NS/secrets",
    "api/v1/namespaces/NS/services",
    "api/v1/namespaces/NS/pods",
    "api/v1/namespaces/NS/serviceaccounts",
    "apis/apps/v1/namespaces/NS/deployments",
    "apis/apps/v1/namespaces/NS/statefulsets",
    "apis/batch/v1/namespaces/NS/jobs",
];

impl Pair {
    #[track_caller]
    fn new() -> Option<Self> {
        let desk = Desk::new()?;
        let other = desk.server.namespace();
        desk.chart();
        Some(Self { desk, other })
    }

    /// Runs a line with both.
    fn run(&self, line: &str) -> (Outcome, Outcome) {
        let ours = self.desk.ours(&format!("{line} -n {}", self.desk.namespace));
        let theirs = self.desk.theirs(&format!("{line} -n {}", self.other));
        (ours, theirs)
    }

    /// Runs a line with both, which must print the same, end the same, and leave the same.
    #[track_caller]
    fn same(&self, line: &str) -> Outcome {
        let (ours, theirs) = self.run(line);
        let whole = |outcome: &Outcome| {
            let plain = |text: &str| undated(&self.plain(text));
            format!(
                "{:?}\n{}\n---\n{}",
                outcome.status.code(),
                plain(&outcome.stdout),
                plain(&outcome.stderr)
            )
        };
        assert_eq!(whole(&ours), whole(&theirs), "ours, and then Helm's: {line}");
        self.same_state(line);
        ours
    }

    /// Makes sure that the namespaces have the same in them.
    #[track_caller]
    fn same_state(&self, line: &str) {
        for collection in COLLECTIONS {
            let of = |namespace: &str| {
                let list = self.desk.server.get(&format!("/{}", collection.replace("NS", namespace)));
                let items = list["items"].as_array().cloned().unwrap_or_default();
                let items = items.into_iter().map(|item| self.comparable(item)).collect::<Vec<_>>();
                serde_json::to_string_pretty(&items).unwrap()
            };
            let (ours, theirs) = (of(&self.desk.namespace), of(&self.other));
            assert_eq!(ours, theirs, "ours, and then Helm's: {collection} after {line}");
        }
    }

    fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for namespace in [&self.desk.namespace, &self.other] {
            // `ns-1` is the beginning of `ns-12`.
            for after in ['"', '/', '\n', ' '] {
                text = text.replace(&format!("{namespace}{after}"), &format!("NS{after}"));
            }
        }
        text
    }

    /// An object without what the server and the moment decide.
    fn comparable(&self, mut object: Value) -> Value {
        let metadata = object["metadata"].as_object_mut().unwrap();
        for field in ["uid", "resourceVersion", "creationTimestamp"] {
            metadata.remove(field);
        }
        for manager in metadata.get_mut("managedFields").and_then(Value::as_array_mut).into_iter().flatten() {
            manager["time"] = Value::Null;
        }
        if object["type"] == "helm.sh/release.v1" {
            // Helm stores it under the name of its program, and compresses with other bytes.
            object["metadata"].as_object_mut().unwrap().remove("managedFields");
            let labels = object["metadata"]["labels"].as_object_mut().unwrap();
            for time in ["createdAt", "modifiedAt"] {
                labels.entry(time).and_modify(|time| *time = json!("some time"));
            }
            object["data"]["release"] = record(object["data"]["release"].as_str().unwrap());
        }
        if let Some(spec) = object["spec"].as_object_mut() {
            spec.remove("clusterIP");
            spec.remove("clusterIPs");
        }
        let text = self.plain(&object.to_string());
        serde_json::from_str(&text.replace(&uid_of_job(&text), "UID")).unwrap()
    }
}

/// Jobs get labels of their own identity.
fn uid_of_job(text: &str) -> String {
    const MARK: &str = "controller-uid\":\"";
    let uid = text.find(MARK).and_then(|at| text[at + MARK.len()..].split('"').next());
    uid.unwrap_or("there is none").to_owned()
}

/// A stored record without its times.
fn record(data: &str) -> Value {
    let packed = STANDARD.decode(STANDARD.decode(data).unwrap()).unwrap();
    let mut json = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut json).unwrap();
    let mut record: Value = serde_json::from_str(&json).unwrap();
    for field in ["first_deployed", "last_deployed", "deleted"] {
        if let Some(time) = record["info"].get_mut(field) {
            *time = json!("some time");
        }
    }
    for hook in record.get_mut("hooks").and_then(Value::as_array_mut).into_iter().flatten() {
        for field in ["started_at", "completed_at"] {
            if let Some(time) = hook["last_run"].get_mut(field) {
                *time = json!("some time");
            }
        }
    }
    record
}

/// Without the moment.
fn undated(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let line = match line.split_once("LAST DEPLOYED: ") {
            Some((before, _)) => format!("{before}LAST DEPLOYED: some time"),
            None => line.to_owned(),
        };
        lines.push(line);
    }
    let text = lines.join("\n");
    let mut parts = text.split("_deployed\":\"");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str("_deployed\":\"some time\"");
        plain.push_str(part.split_once('"').map_or("", |(_, rest)| rest));
    }
    plain
}

#[test]
fn charts_are_installed_as_helm_installs_them() {
    let Some(pair) = Pair::new() else { return };
    pair.desk.write(
        "parent/Chart.yaml",
        "apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies: [{name: web, version: '*', repository: '', alias: other}, {name: off, version: '*', repository: '', condition: off.enabled}]\n",
    );
    pair.desk.write("parent/values.yaml", "other: {replicas: 2}\noff: {enabled: false}\n");
    pair.desk.write("parent/crds/none.txt", "nothing\n");
    pair.desk.write(
        "parent/templates/more.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: svc}\nspec: {ports: [{port: 80}]}\n---\n\
         apiVersion: v1\nkind: Secret\nmetadata: {name: sec}\nstringData: {a: b}\n---\n\
         apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ServiceAccount, metadata: {name: one}}]\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seen, labels: {kept: here}}\n\
         data: {found: '{{ (lookup \"v1\" \"ConfigMap\" .Release.Namespace \"kube-root-ca.crt\").kind }}',\n\
         version: '{{ .Capabilities.KubeVersion.Version }}', has: '{{ .Capabilities.APIVersions.Has \"apps/v1/Deployment\" }}'}\n",
    );
    for file in ["Chart.yaml", "values.yaml", "templates/cm.yaml", "templates/deployment.yaml"] {
        let text = std::fs::read_to_string(pair.desk.path("web").join(file)).unwrap();
        pair.desk.write(&format!("parent/charts/web/{file}"), &text);
    }
    pair.desk.write("parent/charts/off/Chart.yaml", "apiVersion: v2\nname: off\nversion: 1.0.0\n");
    pair.same("install web web --set name=x,n=1 -l team=blue");
    pair.same("install web web");
    pair.same("install parent parent --set-json 'a={\"b\":[1,1.5,null]}' --description words");
    pair.same("install dry parent --dry-run=server");
    pair.same("install dry parent --dry-run=client --hide-notes");
    pair.same("install dry web --dry-run=server -o json --set a=b");
    pair.same("install dry parent --dry-run=client --hide-secret");
    pair.same("install dry web --hide-secret");
    pair.same("install Bad_ web");
    pair.same("install web");
    pair.same("install a web -l name=x");
    pair.same("install a b c");
    pair.same("uninstall web");
    pair.same("uninstall web");
    pair.same("uninstall web --ignore-not-found");
    pair.same("uninstall parent --keep-history --description gone");
    pair.same("uninstall parent --keep-history");
    pair.same("install parent web");
    pair.same("install parent web --replace");
    pair.same("uninstall parent");
}

#[test]
fn what_fails_leaves_what_helm_leaves() {
    let Some(pair) = Pair::new() else { return };
    let chart = |name: &str, text: &str| {
        pair.desk
            .write(&format!("{name}/Chart.yaml"), &format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"));
        pair.desk.write(&format!("{name}/templates/a.yaml"), text);
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine}\n---\n";
    chart(
        "invalid",
        &format!(
            "{map}apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec: {{selector: {{matchLabels: {{a: b}}}}, \
             template: {{metadata: {{labels: {{a: c}}}}, spec: {{containers: []}}}}}}\n"
        ),
    );
    chart("unknown", &format!("{map}apiVersion: foo.test/v1\nkind: Foo\nmetadata: {{name: x}}\n"));
    chart("unquoted", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {on: y, n: yes}}\n");
    chart("extra", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nmore: 1\n");
    chart("failing", "{{ fail \"no\" }}");
    chart(
        "several",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a_b}\n---\napiVersion: v1\nkind: Service\n\
         metadata: {name: late}\nspec: {ports: [{port: 80}]}\n---\napiVersion: v1\nkind: Service\n\
         metadata: {name: late_too}\nspec: {ports: [{port: 80}]}\n",
    );
    for name in ["invalid", "unknown", "unquoted", "extra", "failing", "several"] {
        pair.same(&format!("install {name} {name}"));
        pair.same(&format!("uninstall {name} --ignore-not-found"));
    }
    // An object of somebody else's.
    for namespace in [&pair.desk.namespace, &pair.other] {
        pair.desk.server.create(
            &format!("/api/v1/namespaces/{namespace}/configmaps"),
            &json!({"metadata": {"name": "web-cm"}, "data": {"a": "foreign"}}),
        );
    }
    pair.same("install web web");
    // Who made it keeps its field, and nothing is changed.
    pair.same("install web web --take-ownership");
    pair.same("uninstall web");
    for namespace in [&pair.desk.namespace, &pair.other] {
        pair.desk.server.create(
            &format!("/api/v1/namespaces/{namespace}/configmaps"),
            &json!({"metadata": {"name": "web-hook"}}),
        );
    }
    pair.same("install web web --take-ownership --force-conflicts");
    pair.same("uninstall web");
}

#[test]
fn hooks_run_as_with_helm() {
    let Some(pair) = Pair::new() else { return };
    pair.desk.write("hooks/Chart.yaml", "apiVersion: v2\nname: hooks\nversion: 1.0.0\n");
    let job = |name: &str, more: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n  annotations: {{{more}}}\n\
             spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: x}}]}}}}}}\n---\n"
        )
    };
    pair.desk.write(
        "hooks/templates/jobs.yaml",
        &[
            job("first", "helm.sh/hook: pre-install, helm.sh/hook-weight: '-1'"),
            job("second", "helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded"),
            job("last", "helm.sh/hook: 'post-install,pre-delete'"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, annotations: {helm.sh/resource-policy: keep}}\n"
                .to_owned(),
        ]
        .concat(),
    );
    pair.desk.write("bad/Chart.yaml", "apiVersion: v2\nname: bad\nversion: 1.0.0\n");
    pair.desk.write("bad/templates/job.yaml", &job("failing", "helm.sh/hook: pre-install"));
    let (ours, theirs) = play(&pair, || pair.run("install hooks hooks"));
    assert_eq!((ours.status.code(), theirs.status.code()), (Some(0), Some(0)), "{ours:?} {theirs:?}");
    assert_eq!(undated(&pair.plain(&ours.stdout)), undated(&pair.plain(&theirs.stdout)));
    pair.same_state("install hooks");
    let (ours, theirs) = play(&pair, || pair.run("install bad bad"));
    assert_eq!(pair.plain(&ours.stderr), pair.plain(&theirs.stderr));
    pair.same_state("install bad");
    let (ours, theirs) = play(&pair, || pair.run("uninstall hooks"));
    assert_eq!((ours.stdout, ours.stderr), (theirs.stdout, theirs.stderr));
    pair.same_state("uninstall hooks");
}

/// Does something while the jobs of both namespaces run, as a controller would have it: those that are
/// called `failing` fail.
fn play<T>(pair: &Pair, work: impl FnOnce() -> T) -> T {
    use std::sync::atomic::{AtomicBool, Ordering};
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for namespace in [&pair.desk.namespace, &pair.other] {
                    let path = format!("/apis/batch/v1/namespaces/{namespace}/jobs");
                    let jobs = pair.desk.server.get(&path);
                    for job in jobs["items"].as_array().unwrap() {
                        if job["status"]["conditions"].is_null() {
                            finish(pair, &path, job["metadata"]["name"].as_str().unwrap());
                        }
                    }
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let outcome = work();
        done.store(true, Ordering::Relaxed);
        outcome
    })
}

fn finish(pair: &Pair, path: &str, name: &str) {
    let time = "2026-01-02T03:04:05Z";
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": time});
    let status = if name == "failing" {
        json!({"startTime": time, "failed": 1, "conditions": [condition("FailureTarget"), condition("Failed")]})
    } else {
        json!({"startTime": time, "completionTime": time, "succeeded": 1,
               "conditions": [condition("SuccessCriteriaMet"), condition("Complete")]})
    };
    // It may be gone by now.
    let patch = json!({"status": status}).to_string();
    let path = format!("{path}/{name}/status");
    let media_type = Some("application/merge-patch+json");
    let (code, answer) = pair.desk.server.request("PATCH", &path, media_type, patch.as_bytes());
    assert!(matches!(code, 200 | 404), "{answer}");
}

#[test]
fn whoever_waits_sees_when_it_is_ready() {
    let Some(pair) = Pair::new() else { return };
    pair.same("install slow web --wait --timeout 1s");
    pair.same("install undone web --wait --timeout 1s --rollback-on-failure");
    let desk = &pair.desk;
    desk.write("paused/Chart.yaml", "apiVersion: v2\nname: paused\nversion: 1.0.0\n");
    desk.write(
        "paused/templates/a.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: paused}\nspec: {paused: true, selector: \
         {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}\n",
    );
    pair.same("install paused paused --wait --timeout 20s");
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/ready", desk.namespace);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| desk.ours("install ready web --wait --timeout 60s"));
        eventually("the deployment", Duration::from_secs(30), || desk.server.find(&path));
        let time = "2026-01-02T03:04:05Z";
        let condition = |kind: &str, reason: &str| {
            json!({"type": kind, "status": "True", "reason": reason, "lastTransitionTime": time,
                   "lastUpdateTime": time})
        };
        desk.server.patch(
            &format!("{path}/status"),
            &json!({"status": {
                "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
                "availableReplicas": 1, "conditions": [
                    condition("Available", "MinimumReplicasAvailable"),
                    condition("Progressing", "NewReplicaSetAvailable"),
                ],
            }}),
        );
        let outcome = waiting.join().unwrap();
        assert!(outcome.status.success(), "{outcome:?}");
    });
    let gone = desk.ours("uninstall ready --wait");
    assert_eq!(gone.stdout, "release \"ready\" uninstalled\n", "{gone:?}");
    assert_eq!(desk.server.find(&path), None);
}

#[test]
fn earlier_revisions_come_back_as_with_helm() {
    let Some(pair) = Pair::new() else { return };
    let with_more =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}-{{ .Values.more }}'}\n";
    pair.desk.write("web/templates/more.yaml", with_more);
    for namespace in [&pair.desk.namespace, &pair.other] {
        pair.desk.stock(&format!("install web web --set more=one -l team=blue -n {namespace}"));
        pair.desk.stock(&format!("upgrade web web --set more=two,name=second -n {namespace}"));
    }
    pair.same("rollback web");
    pair.same("rollback web 2 --description back");
    pair.same("rollback web 99");
    pair.same("rollback nosuch");
    pair.same("rollback web --dry-run");
    pair.same("rollback web x");
    pair.same("rollback web 1 --history-max 3");
    pair.same("rollback web 4 --wait --timeout 1s");
    let (ours, theirs) = pair.run("history web -o json");
    let statuses = |text: &str| text.matches("\"status\":\"").count();
    assert_eq!(statuses(&ours.stdout), statuses(&theirs.stdout));
    // What Helm does next, it does on the same ground.
    for namespace in [&pair.desk.namespace, &pair.other] {
        pair.desk.stock(&format!("upgrade web web --set more=three -n {namespace}"));
    }
    pair.same_state("upgrade");
}

#[test]
fn whoever_stops_it_finds_a_release_that_says_so() {
    let Some(pair) = Pair::new() else { return };
    let desk = &pair.desk;
    for (name, by) in [("by-hand", "INT"), ("by-system", "TERM")] {
        let mut command = desk.our_command(&format!("install {name} web --wait --timeout 60s"));
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let path = format!("/apis/apps/v1/namespaces/{}/deployments/{name}", desk.namespace);
        eventually("the deployment", Duration::from_secs(30), || desk.server.find(&path));
        signal(running.id(), by);
        assert_eq!(running.wait().unwrap().code(), Some(1));
        let history = desk.same(&format!("history {name} -o json"));
        assert!(history.stdout.contains("\"status\":\"failed\""), "{history:?}");
        assert!(history.stdout.contains("context canceled"), "{history:?}");
        // It can be gone on with.
        assert!(desk.ours(&format!("install {name} web --replace")).status.success());
    }
}

#[test]
fn the_tools_take_over_from_each_other() {
    let Some(pair) = Pair::new() else { return };
    let desk = &pair.desk;
    let ours = |line: &str| {
        let outcome = desk.ours(line);
        assert!(outcome.status.success(), "{line}: {outcome:?}");
        outcome
    };
    ours("install web web --set name=first");
    assert!(desk.stock("list -o json").stdout.contains("\"name\":\"web\""));
    desk.stock("upgrade web web --set name=second");
    desk.stock("rollback web 1");
    let path = format!("/api/v1/namespaces/{}/configmaps/web-cm", desk.namespace);
    assert_eq!(desk.server.get(&path)["data"]["a"], "first");
    ours("uninstall web");
    assert_eq!(desk.server.find(&path), None);
    assert_eq!(desk.stock("list -q").stdout, "");
    desk.stock("install web web");
    ours("uninstall web --keep-history");
    assert!(desk.stock("list --uninstalled -q").stdout.contains("web"));
    ours("install web web --replace");
    desk.stock("uninstall web");
    assert_eq!(ours("list -q").stdout, "");
}

#[test]
fn definitions_come_before_what_they_define() {
    let Some(pair) = Pair::new() else { return };
    let desk = &pair.desk;
    desk.write("crds/Chart.yaml", "apiVersion: v2\nname: crds\nversion: 1.0.0\n");
    desk.write(
        "crds/crds/a.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.of.test}\n\
         spec: {group: of.test, scope: Namespaced, names: {kind: Thing, plural: things}, versions: [{name: v1, \
         served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}\n",
    );
    desk.write(
        "crds/templates/a.yaml",
        "apiVersion: of.test/v1\nkind: Thing\nmetadata: {name: a}\nspec: {b: 1}\n",
    );
    let first = desk.ours("install crds crds");
    assert!(first.status.success(), "{first:?}");
    let path = format!("/apis/of.test/v1/namespaces/{}/things/a", desk.namespace);
    assert_eq!(desk.server.get(&path)["spec"]["b"], 1);
    // They stay, and a second release finds them.
    assert!(desk.ours("uninstall crds").status.success());
    assert!(desk.ours("install crds crds").status.success());
    desk.stock("uninstall crds");
    desk.server.delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.of.test");
}
