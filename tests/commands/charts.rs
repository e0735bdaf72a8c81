//! Charts that have something of everything.

use crate::desk::Desk;

/// When all files of a chart were changed last, unless a test says otherwise.
pub(crate) const MODIFIED: u64 = 1_767_323_045;

/// Writes a chart's folder: README, CRDs of all shapes, a subchart with CRDs of its own, text in many
/// scripts, a file that is to be ignored.
pub(crate) fn rich(desk: &Desk, folder: &str, version: &str) {
    let name = folder.rsplit('/').next().unwrap();
    let file = |path: &str, content: &str| {
        let path = format!("{folder}/{path}");
        desk.write(&path, content);
        desk.set_modified(&path, MODIFIED);
    };
    file(
        "Chart.yaml",
        &format!(
            "# A comment that gets lost\nversion: {version}\nname: {name}\napiVersion: v2\ntype: application\n\
             description: >-\n  Größe & Ärger <b>日本語</b> 🚢\n  in two lines\nhome: https://example.com/?a=1&b=2\n\
             sources:\n  - https://example.com/source\n  - https://example.com/other\nkeywords: [web, \"on\", 'ünï']\n\
             maintainers:\n  - name: Ånn Öst\n    email: ann@example.com\n  - name: Bob\n    url: https://bob.example\n\
             icon: https://example.com/icon.svg\nappVersion: \"1.10\"\nkubeVersion: \">=1.25.0-0\"\n\
             annotations:\n  example.com/note: \"a <b> & c\"\n  org.opencontainers.image.licenses: Apache-2.0\n\
             dependencies:\n  - name: database\n    version: 1.x.x\n    repository: \"\"\n    \
             condition: database.enabled\n    tags: [backend]\n"
        ),
    );
    file(
        "values.yaml",
        "# Wïe viele\nreplicas: 1\ngreeting: \"héllo — 世界\"\n\ndatabase:\n  enabled: true\n# no line end at the end",
    );
    file("README.md", "# Größe 🚢\n\nText with `code`,   and trailing spaces  \n\n---\nmore\n");
    file("LICENSE", "none\n");
    file("notes.bak", "ignored\n");
    file(".helmignore", "# what stays here\n*.bak\n");
    file("crds/a.yaml", &crd("apples"));
    file("crds/b.yaml", &format!("---\n{}", crd("bananas")));
    file("crds/c.yaml", &format!("{}---\n{}", crd("cherries"), crd("dates").trim_end()));
    file("crds/more/d.yaml", &crd("elderberries"));
    file(
        "templates/_helpers.tpl",
        "{{- define \"name\" -}}{{ .Release.Name }}-{{ .Chart.Name }}{{- end }}\n",
    );
    file(
        "templates/configmap.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include \"name\" . }}\ndata:\n  greeting: \
         {{ .Values.greeting | quote }}\n",
    );
    file("templates/NOTES.txt", "Greetings: {{ .Values.greeting }}\n");
    let sub = |path: &str, content: &str| file(&format!("charts/database/{path}"), content);
    sub("Chart.yaml", "apiVersion: v2\nname: database\nversion: 1.2.3\n");
    sub("values.yaml", "size: 1Gi\n");
    sub("README.md", "# The database\n");
    sub("crds/f.yaml", &crd("figs"));
    sub(
        "templates/claim.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-db\n",
    );
}

/// Writes a chart's folder with the least that a chart needs.
pub(crate) fn plain(desk: &Desk, folder: &str, version: &str, values: &str) {
    let name = folder.rsplit('/').next().unwrap();
    let files = [
        ("Chart.yaml", format!("apiVersion: v2\nname: {name}\nversion: {version}\n")),
        ("values.yaml", values.to_owned()),
        ("templates/configmap.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n".to_owned()),
    ];
    for (path, content) in files {
        let path = format!("{folder}/{path}");
        desk.write(&path, content);
        desk.set_modified(&path, MODIFIED);
    }
}

fn crd(name: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: {name}.example.com\n\
         spec:\n  # Ünïcode\n  group: example.com\n"
    )
}
