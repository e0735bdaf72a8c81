//! Templates, and what they make.

use crate::{Case, check};

#[test]
fn templates() {
    let one = |name: &str, template: &str| Case::good_but(name, &[("c/templates/t.yaml", template)]);
    let object = |kind: &str, name: &str| {
        let shown: String = name.chars().take(40).collect();
        one(
            &format!("{kind} {shown:?}"),
            &format!("apiVersion: example.com/v1\nkind: {kind}\nmetadata: {{name: {name:?}}}\n"),
        )
    };
    let mut cases = vec![
        one("empty", ""),
        one("blank", " \n\t\n"),
        one("comment", "# nothing\n"),
        one("documents of nothing", "---\n---\n# x\n---\n"),
        one("fails to parse", "{{ if }}"),
        one("fails to execute", "{{ .Values.x.y.z }}"),
        one("required", "kind: x\nmetadata: {name: a{{ required \"need x\" .Values.x }}}\n"),
        one("fail", "{{ fail \"no way\" }}"),
        one("lookup", "{{ (lookup \"v1\" \"Pod\" \"a\" \"b\").x }}kind: x\nmetadata: {name: a}\n"),
        one("include of nothing", "{{ include \"nope\" . }}"),
        one(
            "release",
            "metadata: {name: {{ .Release.Name }}-{{ .Release.Namespace }}-{{ .Release.Revision }}-{{ .Release.IsInstall }}-{{ .Release.IsUpgrade }}-{{ .Release.Service }}}\n",
        ),
        one("capabilities", "metadata: {name: {{ .Capabilities.KubeVersion }}}\n"),
        one("capabilities of another version", "metadata: {name: {{ .Capabilities.KubeVersion }}X}\n")
            .with("--kube-version", "1.27.3"),
        one("no YAML", "a: [\n"),
        one(
            "no YAML in the second document",
            "kind: x\nmetadata: {name: A}\n---\na: [\n---\nkind: y\nmetadata: {name: B}\n",
        ),
        one("tabs", "a:\n\tb: c\n"),
        one("a list", "- a\n"),
        one("a text", "text\n"),
        one("a number", "5\n"),
        one("kind is a number", "kind: 5\nmetadata: {name: a}\n"),
        one("kind is a list", "kind: [a]\n"),
        one("metadata is a list", "metadata: []\n"),
        one("name is a map", "metadata: {name: {a: b}}\n"),
        one("namespace is a list", "metadata: {name: a, namespace: [b]}\n"),
        one("annotations are texts", "metadata: {name: a, annotations: text}\n"),
        one("keys twice", "kind: x\nkind: y\nmetadata: {name: a}\n"),
        one("upper case keys", "KIND: Deployment\nMetadata: {NAME: A}\n"),
        one("JSON", "{\"kind\": \"x\", \"metadata\": {\"name\": \"A\"}}\n"),
        one(
            "JSON twice",
            "{\"kind\": \"x\", \"metadata\": {\"name\": \"A\"}}\n{\"kind\": \"y\", \"metadata\": {\"name\": \"B\"}}\n",
        ),
        one(
            "JSON and YAML",
            "{\"kind\": \"x\", \"metadata\": {\"name\": \"A\"}}\n---\nkind: y\nmetadata: {name: B}\n",
        ),
        one("JSON and text behind it", "{\"kind\": \"x\", \"metadata\": {\"name\": \"A\"}} y\n"),
        one("YAML that looks like JSON", "{kind: x, metadata: {name: A}}\n"),
        one(
            "YAML that looks like JSON, twice",
            "{kind: x, metadata: {name: A}}\n---\n{kind: x, metadata: {name: B}}\n",
        ),
        one("JSON after blank lines", "\n\n  {\"kind\": \"x\", \"metadata\": {\"name\": \"A\"}}\n"),
        one("JSON broken", "{\"kind\": \"x\", \"metadata\": {\"name\": \"A\"}\n"),
        one("braces that are nothing", "{ {\n"),
        one("JSON list", "[{\"kind\": \"x\"}]\n"),
        one("JSON with a list for a name", "{\"metadata\": {\"name\": []}}\n"),
        one("JSON with a number for a name", "{\"metadata\": {\"name\": 5}}\n"),
        one("JSON null", "null\n"),
        one("wrong separator", "kind: x\nmetadata: {name: a}\n---what\nkind: y\n"),
        one(
            "separator with a comment",
            "kind: x\nmetadata: {name: A}\n--- # what\nkind: y\nmetadata: {name: B}\n",
        ),
        one(
            "separator in a text",
            "kind: x\nmetadata: {name: A}\nx: |\n  a\n---\n  b: c\nmetadata: {name: B}\n",
        ),
        one("document end", "kind: x\nmetadata: {name: A}\n...\nkind: y\nmetadata: {name: B}\n"),
        one(
            "carriage returns",
            "kind: x\r\nmetadata: {name: A}\r\n---\r\nkind: y\r\nmetadata: {name: B}\r\n",
        ),
        one("indented", "  kind: x\n  metadata: {name: a}\n"),
        one("indented by a tab", "\tkind: x\n"),
        one("indented after blank lines", "\n \n\t\n  kind: \"x\"\n  metadata: {name: a}\n"),
        one("indented comment", " # x\nkind: x\nmetadata: {name: a}\n"),
        one(
            "indented second document",
            "kind: x\nmetadata: {name: a}\n---\n  kind: x\n  metadata: {name: a}\n",
        ),
        one("indented with carriage returns", "  kind: x\r\n  metadata: {name: a}\r\n"),
        one("a long line", &format!("x: {}\nkind: x\nmetadata: {{name: a}}\n", "y".repeat(70_000))),
        one("a long line later", &format!("kind: x\nmetadata: {{name: a}}\nx: {}\n", "y".repeat(70_000))),
        one("no value", "kind: x\nmetadata: {name: a{{ .Values.nope }}}\n"),
        one("no name", "kind: x\n"),
        one("name is null", "kind: x\nmetadata: {name: null}\n"),
        one("generateName", "kind: x\nmetadata: {generateName: a-}\n"),
        one(
            "deployment without selector",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {}\n",
        ),
        one(
            "deployment with matchLabels",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}}\n",
        ),
        one(
            "deployment with matchExpressions",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n# matchExpressions\n",
        ),
        one(
            "selector in another document",
            "kind: Deployment\nmetadata: {name: d}\n---\nkind: StatefulSet\nmetadata: {name: matchlabels}\n---\nx: matchLabels\nmetadata: {name: c}\n",
        ),
        one(
            "all that select",
            "kind: ReplicaSet\nmetadata: {name: a}\n---\nkind: DaemonSet\nmetadata: {name: b\"c}\n---\nkind: StatefulSet\nmetadata: {name: c}\n---\nkind: deployment\nmetadata: {name: d}\n",
        ),
        one("list", "kind: List\nmetadata: {name: a}\nitems: [{metadata: {annotations: {a: b}}}]\n"),
        one(
            "list with policy",
            "kind: List\nmetadata: {name: a}\nitems: [{metadata: {annotations: {a: b}}}, {metadata: {annotations: {helm.sh/resource-policy: keep}}}]\n",
        ),
        one(
            "list with policy that is null",
            "kind: List\nmetadata: {name: a}\nitems: [{metadata: {annotations: {helm.sh/resource-policy: null}}}]\n",
        ),
        one("list of texts", "kind: List\nmetadata: {name: a}\nitems: [a]\n"),
        one("list that is none", "kind: List\nmetadata: {name: a}\nitems: {a: b}\n"),
        one(
            "list with upper case",
            "kind: List\nmetadata: {name: a}\nItems: [{Metadata: {Annotations: {helm.sh/resource-policy: keep}}}]\n",
        ),
        one(
            "list in the second document",
            "kind: x\nmetadata: {name: a}\n---\nkind: List\nmetadata: {name: a}\nitems: [{metadata: {annotations: {helm.sh/resource-policy: keep}}}]\n",
        ),
        one(
            "list with wrong annotations",
            "kind: List\nmetadata: {name: a}\nitems: [{metadata: {annotations: [a]}}]\n",
        ),
        Case::good_but(
            "endings",
            &[
                ("c/templates/a.yml", "kind: x\nmetadata: {name: A}\n"),
                ("c/templates/b.tpl", "{{ define \"b\" }}{{ end }}"),
                ("c/templates/c.txt", "text"),
                ("c/templates/d.json", "{}"),
                ("c/templates/e", "x"),
                ("c/templates/f.YAML", "kind: x\nmetadata: {name: A}\n"),
                ("c/templates/g.yaml.bak", "x"),
                ("c/templates/sub/h.toml", "x"),
                ("c/templates/sub.d/i", "x"),
                ("c/templates/NOTES.txt", "{{ .Values.a }}"),
                ("c/templates/_j.yaml", " x: ["),
                ("c/templates/_k.md", "x"),
            ],
        ),
        Case::good_but(
            "many problems",
            &[
                ("c/templates/a.yaml", " kind: x\n metadata: {name: A}\n"),
                (
                    "c/templates/b.yaml",
                    "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: B}\n",
                ),
                ("c/templates/c.yaml", "a: ["),
                ("c/templates/d.yaml", "kind: x\nmetadata: {name: D}\n"),
            ],
        ),
        Case::good_but(
            "library",
            &[
                (
                    "c/Chart.yaml",
                    "apiVersion: v2\nname: c\nversion: 0.1.0\ntype: library\nicon: https://a.example\n",
                ),
                ("c/templates/t.yaml", "metadata: {name: A}\n"),
                ("c/templates/_u.yaml", "metadata: {name: A}\n"),
                ("c/templates/v.json", "x"),
            ],
        ),
        Case::good_but(
            "another Kubernetes wanted",
            &[(
                "c/Chart.yaml",
                "apiVersion: v2\nname: c\nversion: 0.1.0\nicon: https://a.example\nkubeVersion: '>=99'\n",
            )],
        ),
        Case::good_but(
            "invalid chart",
            &[("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: a.b\nicon: https://a.example\n")],
        ),
    ];
    let long = "a".repeat(254);
    let longer = "a".repeat(64);
    for name in [
        "good", "Upper", "a.b", "a_b", "-a", "a-", "a..b", "a b", "é", "1", "a/b", "a%b", "%/", ".", "..",
        "", "a\"b", "a\nb", &long, &longer, "system:a",
    ] {
        for kind in ["ConfigMap", "Service", "Namespace", "Role", "CertificateSigningRequest"] {
            cases.push(object(kind, name));
        }
    }
    for kind in
        ["Pod", "ServiceAccount", "clusterrolebinding", "SERVICE", "Deployment", "Unknown", "ClusterRole"]
    {
        cases.push(object(kind, "A:b"));
    }
    check("templates.golden", &cases);
}
