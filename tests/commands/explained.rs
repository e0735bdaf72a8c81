//! What `chartroom template --debug`, and `install`, add to Helm's errors: the place, how templates led there, and what
//! was missing.

use crate::desk::Desk;

/// A chart with a few partials and a subchart.
fn desk() -> Desk {
    let desk = Desk::alone();
    desk.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    desk.write("web/values.yaml", "image:\n  tag: ''\nservice:\n  port: 80\nlist: [a, b]\ntext: hello\n");
    desk.write(
        "web/templates/_helpers.tpl",
        "{{- define \"web.name\" -}}\n{{ .Chart.Name }}\n{{- end -}}\n{{- define \"web.labels\" -}}\n\
         app: {{ include \"web.name\" . }}\ntier: {{ .Values.tier.name }}\n{{- end -}}\n",
    );
    desk.write("web/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n");
    desk.write(
        "web/charts/sub/templates/_helpers.tpl",
        "{{- define \"sub.host\" -}}\nhost: {{ .Values.db.host.name }}\n{{- end -}}\n",
    );
    desk
}

/// What is said of a template, behind Helm's text.
#[track_caller]
fn explanation(desk: &Desk, template: &str) -> String {
    desk.write("web/templates/a.yaml", template);
    let run = desk.run("template r web --debug");
    assert!(!run.status.success(), "{run:?}");
    let (_, explanation) = run.stderr.split_once("\n\nin ").unwrap_or_else(|| panic!("{}", run.stderr));
    format!("in {explanation}")
}

#[test]
fn the_way_through_templates_is_told() {
    let desk = desk();
    let found = explanation(&desk, "labels:\n  {{- include \"web.labels\" . | nindent 2 }}\n");
    let expected = "in web/templates/_helpers.tpl, line 6, where \"web.labels\" is defined:
  4 | {{- define \"web.labels\" -}}
  5 | app: {{ include \"web.name\" . }}
> 6 | tier: {{ .Values.tier.name }}
    |                 ^ .Values.tier is not set
  7 | {{- end -}}
called in web/templates/a.yaml, line 2: {{ include \"web.labels\" . }}
";
    assert_eq!(found, expected);

    let found = explanation(&desk, "a: {{ include \"sub.host\" .Subcharts.sub }}\n");
    let expected = "in web/charts/sub/templates/_helpers.tpl, line 2, where \"sub.host\" is defined:
  1 | {{- define \"sub.host\" -}}
> 2 | host: {{ .Values.db.host.name }}
    |                 ^ .Values.db is not set
  3 | {{- end -}}
called in web/templates/a.yaml, line 1: {{ include \"sub.host\" .Subcharts.sub }}
";
    assert_eq!(found, expected);

    let found = explanation(&desk, "a: {{ tpl \"{{ .Values.none.deep }}\" . }}\n");
    let expected = "in web/templates/a.yaml, line 1:
> 1 | a: {{ tpl \"{{ .Values.none.deep }}\" . }}
    |       ^
in a text that is a template: {{ .Values.none.deep }}: nil pointer evaluating interface {}.deep: .Values.none is not set
";
    assert_eq!(found, expected);
}

#[test]
fn what_was_meant_is_told() {
    let desk = desk();
    for (template, mark) in [
        (
            "a: {{ include \"web.label\" . }}\n",
            "^ no template is called \"web.label\"; there is \"web.labels\"\n",
        ),
        (
            "a: {{ template \"other\" . }}\n",
            "^ no template is called \"other\", neither here nor in a subchart\n",
        ),
        ("a: {{ .Values.text | qoute }}\n", "^ there is a function quote\n"),
        ("a: {{ .Values.text.inner }}\n", "^ .Values.text is no map\n"),
        ("a: {{ .Values.a.b.c }}\n", "^ .Values.a is not set\n"),
        ("a: {{ .Capabilities.Foo }}\n", "^ .Capabilities is no map\n"),
        ("a: {{ index .Values.none \"a\" }}\n", "^ .Values.none is not set\n"),
        ("a: {{ required \"set it\" .Values.image.tag }}\n", "^ .Values.image.tag is not set, or empty\n"),
        (
            "a: {{ if gt .Values.none 1 }}b{{ end }}\n",
            "^ a value that gt compares is not set, or a list or map\n",
        ),
        (
            "a: {{ if eq .Values.service.port \"80\" }}b{{ end }}\n",
            "^ a number and a text are never compared: 80 is one thing, \"80\" another\n",
        ),
        (
            "{{ range .Values.list }}\n- {{ .Values.text }}\n{{ end }}\n",
            "^ within {{ range .Values.list }} of line 1, the dot is another value: $.Values.text is that of the chart\n",
        ),
        (
            "{{ with .Values.image }}\na: {{ .Release.Name }}\n{{ end }}\n",
            "^ within {{ with .Values.image }} of line 1, the dot is another value: $.Release.Name is that of the chart\n",
        ),
        (
            "{{ define \"x\" }}{{ .Values.a }}{{ end }}a: {{ include \"x\" \"y\" }}\n",
            "^ the template was given a dot that has no Values\n",
        ),
    ] {
        let found = explanation(&desk, template);
        assert!(found.contains(mark), "{found}");
    }
}

#[test]
fn what_was_not_closed_is_told() {
    let desk = desk();
    for (template, expected) in [
        (
            "{{ if .Values.text }}\na: 1\n",
            "in web/templates/a.yaml, line 3:\n  1 | {{ if .Values.text }}\n> 2 | a: 1\n    | ^ {{ if .Values.text }} of line 1 has no {{ end }}\n",
        ),
        (
            "a: 1\nb: {{ .Values.text\nc: 2\n",
            "in web/templates/a.yaml, line 3:\n  1 | a: 1\n  2 | b: {{ .Values.text\n> 3 | c: 2\n    | ^ the action that begins in line 2 has no }}\n",
        ),
        (
            "a: {{ $x }}\n",
            "in web/templates/a.yaml, line 1:\n> 1 | a: {{ $x }}\n    | ^ what is declared within if, range or with is not known outside\n",
        ),
    ] {
        assert_eq!(explanation(&desk, template), expected);
    }
}

#[test]
fn what_is_no_manifest_is_shown() {
    let desk = desk();
    for (template, expected) in [
        (
            "a: {{ .Values.text }}\n  b: c\n",
            "in what web/templates/a.yaml has made, near line 2 of the document:\n  1 | a: hello\n> 2 |   b: c\n",
        ),
        (
            "a:\n\tb: c\n",
            "in what web/templates/a.yaml has made, near line 2 of the document:\n  1 | a:\n> 2 | →b: c\n    |  ^ YAML is indented with spaces, not tabs\n",
        ),
        (
            "- a\n- b\n",
            "in what web/templates/a.yaml has made:\n  1 | - a\n  2 | - b\n    | ^ a manifest has to be a map, with apiVersion and kind\n",
        ),
    ] {
        assert_eq!(explanation(&desk, template), expected);
    }
}

#[test]
fn nothing_is_added_where_nobody_asks() {
    let desk = desk();
    desk.write("web/templates/a.yaml", "a: {{ .Values.a.b }}\n");
    let run = desk.run("template r web");
    assert!(run.stderr.ends_with("Use --debug flag to render out invalid YAML\n"), "{}", run.stderr);
}

#[test]
fn an_installation_explains_itself_too() {
    let desk = desk();
    desk.write("web/templates/a.yaml", "a: {{ .Values.none.deep }}\n");
    let run = desk.run("install r web --dry-run=client --debug");
    assert!(!run.status.success(), "{run:?}");
    assert!(run.stderr.contains("Error: INSTALLATION FAILED: "), "{run:?}");
    let place = "\n\nin web/templates/a.yaml, line 1:\n> 1 | a: {{ .Values.none.deep }}\n    |              ^ .Values.none is not set\n";
    assert!(run.stderr.contains(place), "{run:?}");
    let silent = desk.run("install r web --dry-run=client");
    assert!(!silent.stderr.contains("is not set"), "{silent:?}");
}
