//! `chartroom show values --jsonpath`, beside `helm show values --jsonpath`.

use chartroom_test_support::Peer;

use crate::HELM;
use crate::desk::Desk;

const VALUES: &str = r#"
a: 1
big: 1000000
tiny: 0.00001
t: true
nil: null
s: "text"
"dotted.key": dk
m: {a: two, b: 1}
one: {only: [1, 2]}
list: [10, 20, 30, 40, 50]
empty: []
strs: [b, a, ""]
items:
- {name: x, kind: A, num: 1, flag: true}
- {name: "y", kind: B, num: 2}
- {name: z, kind: A, num: 3, sub: {deep: v}}
floats: {a: 1.0e+21, b: 1.0e-7, c: 100000, d: 123456789012}
html: "<a & b>"
image: {repository: nginx, tag: "1.2"}
"#;

/// Templates whose findings don't depend on the order of a map, which is random in Helm.
const TEMPLATES: &[&str] = &[
    "{.image.repository}:{.image.tag}",
    "image: {.image.tag}{\"\\n\"}",
    "{.image}",
    "{.a} {.big} {.tiny} {.t} {.nil} {.s} {.html}",
    "{.floats}{.floats.a} {.floats.b} {.floats.c} {.floats.d}",
    "{.dotted\\.key}",
    "{['dotted\\.key']}{['m']['a']}{['m.a']}",
    "{['dotted.key']}",
    "{$.a}{@.a}{@}",
    "{.list[0]} {.list[-1]} {.list[1:3]} {.list[:2]} {.list[-2:]} {.list[::2]} {.list[0,2]} {.list[*]}",
    "{.list[9]}",
    "{.list[1:99]}",
    "{.list[]}{.list[9:9]}",
    "{.items[*].name}",
    "{.items[*]['name','kind']}",
    "{.items[0:1,2].name}",
    "{.items.*.name}",
    "{..name}{..deep}",
    "{.one..}{.strs..}{.a..}",
    "{.items[?(@.kind==\"A\")].name}",
    "{.items[?(@.kind!='A')].name}",
    "{.items[?(@.num>=2.0)].name}",
    "{.items[?(@.flag)].name}",
    "{.items[?(@.flag==true)].name}",
    "{.items[?(@.name>'y')].name}",
    "{range .items[*]}{.name}={.num}{\"\\n\"}{end}after",
    "{range .items[*]}{range .name}{@}{end};{end}",
    "{range .items[?(@.kind==\"A\")]}{.name} {end}",
    "{range .empty[*]}x{end}y",
    "{range .items[*]}x",
    "{.nope}",
    "{.t}{.nope}",
    "{.s.x}",
    "text",
    "",
    "{}",
    "{end}",
    "{foo}",
    "{1}{1.5}{true}{\"a\" \"b\"}",
    "{.a",
    "{.a,.s}",
    "{.list[a]}",
    "{.list[0}",
    "{.items[?(@.kind==\"A\"].name}",
    "{\"unclosed}",
    "{{.a}}",
    "{.a....}",
    "{-}",
];

#[test]
fn templates_find_what_they_find_with_helm() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = Desk::alone();
    desk.write("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n");
    desk.write("app/values.yaml", VALUES);
    for template in TEMPLATES {
        let run = |program: &mut std::process::Command| {
            let output = program.args(["--jsonpath", template]).output().unwrap();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            (output.status.code(), text(output.stdout), text(output.stderr))
        };
        let ours = run(&mut desk.command("show values app"));
        let theirs = run(helm.command(&desk.words("show values")).arg(desk.path("app")));
        assert_eq!((&ours.0, &ours.1), (&theirs.0, &theirs.1), "{template}");
        // Helm says nothing where nothing is found.
        assert!(ours.2 == theirs.2 || theirs.2.is_empty() && ours.2.starts_with("WARNING: "), "{ours:?}");
    }
}

#[test]
fn a_number_is_compared_by_its_value() {
    let desk = Desk::alone();
    desk.write("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 0.1.0\n");
    desk.write("app/values.yaml", VALUES);
    assert_eq!(desk.ok("show values app --jsonpath {.items[?(@.num==2)].name}").stdout, "y");
}
