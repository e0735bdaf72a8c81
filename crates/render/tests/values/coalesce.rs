//! Merging: nulls, globals, tables over scalars and scalars over tables, with what Helm logs.

use crate::{Case, check};

type Files<'a> = Vec<(&'a str, &'a str)>;

const ROOT: (&str, &str) = ("c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n");
const SUB: (&str, &str) = ("c/charts/s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 0.1.0\n");
const DEEP: (&str, &str) = ("c/charts/s/charts/t/Chart.yaml", "apiVersion: v2\nname: t\nversion: 0.1.0\n");

fn alone<'a>(values: &'a str) -> Files<'a> {
    vec![ROOT, ("c/values.yaml", values)]
}

fn with_sub<'a>(root: &'a str, sub: &'a str) -> Files<'a> {
    vec![ROOT, SUB, ("c/values.yaml", root), ("c/charts/s/values.yaml", sub)]
}

fn three<'a>(root: &'a str, sub: &'a str, deep: &'a str) -> Files<'a> {
    let mut files = with_sub(root, sub);
    files.extend([DEEP, ("c/charts/s/charts/t/values.yaml", deep)]);
    files
}

#[test]
fn coalesce() {
    let mut cases = Vec::new();
    let mut add = |name: &str, files: Files<'_>, user: &str| {
        let mut files = files;
        files.push(("user.yaml", user));
        cases.push(Case::new(name, &files, &[("-f", "user.yaml")]));
    };
    let defaults = "a: 1\nt: {x: 1, y: {z: 2, w: null}}\nl: [1, {a: null}, null]\nn: null\ne: {}\ns: text\n";
    add("nothing from the user", alone(defaults), "");
    add("null for a scalar", alone(defaults), "a: null");
    add("null for a table", alone(defaults), "t: null");
    add("null inside a table", alone(defaults), "t: {x: null}");
    add("null deep inside", alone(defaults), "t: {y: {z: null}}");
    add("null for what is null", alone(defaults), "n: null\nt: {y: {w: null}}");
    add("null for what isn't there", alone(defaults), "q: null\nt: {q: null, y: {q: null}}");
    add("null in a new table", alone(defaults), "q: {r: null, s: {t: null, u: 1}}");
    add("null in a list", alone(defaults), "l: [null, {a: null}]");
    add("value for what is null", alone(defaults), "n: 1\nt: {y: {w: {v: 1}}}");
    add("scalar over table", alone(defaults), "t: 5");
    add("scalar over inner table", alone(defaults), "t: {y: 5}");
    add("list over table", alone(defaults), "t: [1]");
    add("table over scalar", alone(defaults), "a: {b: 1}");
    add("table over inner scalar", alone(defaults), "t: {x: {b: 1}}");
    add("table over list", alone(defaults), "l: {b: 1}");
    add("table over null", alone(defaults), "n: {b: 1, c: null}");
    add("empty table over table", alone(defaults), "t: {}");
    add("table over empty table", alone(defaults), "e: {a: null, b: 1}");
    add("table over text that prints as nothing", alone("a: ''\nb: {c: ''}\n"), "a: {b: 1}\nb: {c: {d: 1}}");
    add(
        "text over tables of all kinds",
        alone("b: {c: {x: 1.5, y: [1, a, {z: null}], w: {v: 1e9, u: true}}}\n"),
        "b: {c: text}",
    );
    add(
        "tables over all kinds",
        alone("b: {f: 1e9, g: [1, a], h: true, i: x y, j: null}\n"),
        "b: {f: {a: 1}, g: {a: 1}, h: {a: 1}, i: {a: 1}, j: {a: 1}}",
    );
    add("names with dots", alone("a.b: {c: 1}\na: {b: {c: 2}}\n"), "a.b: {d: 1}\n");
    add("globals alone", alone("global: {a: 1, t: {x: null}}\n"), "global: {b: 2, a: null}\n");
    add("global is no table", alone("global: 1\n"), "");

    add("subchart, nothing", with_sub("", ""), "");
    add("subchart, defaults", with_sub("", "a: 1\nt: {x: 1}\n"), "");
    add("parent overrides", with_sub("s: {a: 2, t: {y: 2}}\n", "a: 1\nt: {x: 1}\n"), "");
    add(
        "user overrides both",
        with_sub("s: {a: 2, t: {y: 2}}\n", "a: 1\nt: {x: 1}\n"),
        "s: {a: 3, t: {x: 3, y: 3}}",
    );
    add("parent nulls", with_sub("s: {a: null, t: {x: null}}\n", "a: 1\nt: {x: 1, y: 2}\n"), "");
    add("parent nulls a table", with_sub("s: {t: null}\n", "a: 1\nt: {x: 1, y: 2}\n"), "");
    add("parent nulls, user adds", with_sub("s: {t: {x: null}}\n", "t: {x: 1, y: 2}\n"), "s: {t: {z: 1}}");
    add("user nulls", with_sub("", "a: 1\nt: {x: 1, y: 2}\n"), "s: {a: null, t: {x: null}}");
    add(
        "user nulls what both have",
        with_sub("s: {a: 2, t: {x: 2}}\n", "a: 1\nt: {x: 1, y: 2}\n"),
        "s: {a: null, t: {x: null}}",
    );
    add(
        "user nulls what only the parent has",
        with_sub("s: {q: 2, t: {q: 2}}\n", "a: 1\nt: {x: 1}\n"),
        "s: {q: null, t: {q: null}}",
    );
    add("user nulls a table of the subchart", with_sub("s: {t: {q: 1}}\n", "t: {x: 1}\n"), "s: {t: null}");
    add("user nulls the subchart, parent has it", with_sub("s: {a: 2}\n", "a: 1\n"), "s: null");
    add("user nulls the subchart, parent hasn't", with_sub("", "a: 1\n"), "s: null");
    add("parent nulls the subchart", with_sub("s: null\n", "a: 1\n"), "");
    add("subchart's nulls", with_sub("", "a: null\nt: {x: null, y: {z: null}}\nl: [null]\n"), "");
    add(
        "subchart's nulls, parent's tables",
        with_sub("s: {a: {b: 1}, t: {q: 1}}\n", "a: null\nt: {x: null, y: {z: null}}\n"),
        "",
    );
    for (name, value) in [
        ("number", "5"),
        ("text", "x y"),
        ("list", "[1, true, null, a]"),
        ("true", "true"),
        ("float", "1.5"),
        ("list of maps", "[{a: 1, b: [true]}]"),
    ] {
        add(&format!("{name} for a subchart"), with_sub("", "a: 1\n"), &format!("s: {value}"));
        add(
            &format!("{name} for a subchart in the parent"),
            with_sub(&format!("s: {value}\n"), "a: 1\n"),
            "",
        );
    }
    add("table over scalar in a subchart", with_sub("s: {a: {b: 1}}\n", "a: 1\n"), "");
    add("scalar over table in a subchart", with_sub("s: {t: 1}\n", "t: {x: 1}\n"), "");
    add(
        "user's scalar over parent's table for a subchart",
        with_sub("s: {t: {x: 2}}\n", "t: {x: 1}\n"),
        "s: {t: 1}",
    );
    add(
        "deep conflicts in a subchart",
        with_sub("s: {t: {u: {v: 1}}}\n", "t: {u: 2, w: {a: 1}}\n"),
        "s: {t: {w: 3}}",
    );

    add("globals go down", with_sub("global: {a: 1, t: {x: 1}}\n", "b: 1\n"), "");
    add("globals of the user go down", with_sub("", ""), "global: {a: 1, t: {x: 1}}");
    add(
        "parent's globals win",
        with_sub("global: {a: 1, t: {x: 1}}\n", "global: {a: 2, b: 2, t: {x: 2, y: 2}}\n"),
        "",
    );
    add(
        "globals under the subchart",
        with_sub("global: {a: 1}\ns: {global: {a: 3, b: 3}}\n", "global: {a: 2, c: 2}\n"),
        "",
    );
    add(
        "user's globals under the subchart",
        with_sub("global: {a: 1}\n", "global: {a: 2}\n"),
        "s: {global: {a: 3, b: 3}}",
    );
    add(
        "null in globals",
        with_sub("global: {a: 1, t: {x: 1}}\n", "global: {a: 2, t: {x: 2}}\n"),
        "global: {a: null, t: {x: null}}",
    );
    add(
        "null in the chart's globals",
        with_sub("global: {a: null, t: {x: null}}\n", "global: {a: 2, t: {x: 2, y: null}}\n"),
        "",
    );
    add("null for a new global", with_sub("", "global: {a: 2}\n"), "global: {a: null, q: null}");
    add(
        "null in globals under the subchart",
        with_sub("global: {a: 1}\n", "global: {b: 1}\n"),
        "s: {global: {a: null, b: null}}",
    );
    add("global table over scalar", with_sub("global: {a: {x: 1}}\n", "global: {a: 2}\n"), "");
    add("global scalar over table", with_sub("global: {a: 1}\n", "global: {a: {x: 2}}\n"), "");
    add(
        "global table over the subchart's scalar",
        with_sub("global: {a: {x: 1}}\ns: {global: {a: 2}}\n", ""),
        "",
    );
    add(
        "global scalar over the subchart's table",
        with_sub("global: {a: 1}\ns: {global: {a: {x: 2}}}\n", ""),
        "",
    );
    add("globals are no table above", with_sub("global: 1\n", "global: {a: 1}\n"), "");
    add("globals are no table below", with_sub("global: {a: 1}\n", "global: 1\n"), "");
    add("globals of the user are no table", with_sub("global: {a: 1}\n", "global: {a: 1}\n"), "global: text");
    add(
        "globals are no table for the subchart",
        with_sub("global: {a: 1}\ns: {global: [1]}\n", "global: {a: 1}\n"),
        "",
    );
    add("globals null", with_sub("global: null\n", "global: {a: 1}\n"), "");
    add("globals of the user null", with_sub("global: {a: 1}\n", "global: {a: 1}\n"), "global: null");
    add("globals of the user null, none in the chart", with_sub("", "global: {a: 1}\n"), "global: null");
    add(
        "globals of the subchart null",
        with_sub("global: {a: 1}\ns: {global: null}\n", "global: {a: 1}\n"),
        "",
    );
    // What is two levels below `global` is one and the same for parent and child.
    add(
        "deep globals of the child show in the parent",
        with_sub("global: {a: {b: {x: 1}}}\n", "global: {a: {b: {y: 2}, c: 3}}\n"),
        "",
    );
    add(
        "deep globals for the child show in the parent",
        with_sub("global: {a: {b: {x: 1}}}\ns: {global: {a: {b: {y: 2}}}}\n", ""),
        "",
    );
    add(
        "deep globals of the user show in the parent",
        with_sub("global: {a: {b: {x: 1}}}\n", ""),
        "s: {global: {a: {b: {y: 2, x: null}}}}",
    );
    add("lists in globals", with_sub("global: {a: [1]}\n", "global: {a: [2], b: [{c: null}]}\n"), "");

    let deep = "a: 1\nglobal: {g: {t: 3, u: {v: 3}}, z: 3}\n";
    add("three levels", three("", "", deep), "");
    add(
        "three levels, each with globals",
        three("global: {g: {r: 1, u: {r: 1}}}\n", "global: {g: {s: 2, u: {s: 2}}, y: 2}\n", deep),
        "",
    );
    add(
        "values for the third from all",
        three("s: {t: {a: 5, b: {r: 1}}}\n", "t: {a: 6, b: {s: 1}}\n", "a: 7\nb: {t: 1}\n"),
        "s: {t: {b: {u: 1}}}",
    );
    add(
        "nulls for the third from the user",
        three("s: {t: {b: {r: 1}}}\n", "t: {b: {s: 1}}\n", "a: 7\nb: {t: 1}\n"),
        "s: {t: {a: null, b: {r: null, s: null, t: null}}}",
    );
    add(
        "nulls for the third from the root",
        three("s: {t: {a: null, b: {s: null, t: null}}}\n", "t: {b: {s: 1}}\n", "a: 7\nb: {t: 1}\n"),
        "",
    );
    add(
        "nulls for the third from the second",
        three("", "t: {a: null, b: {t: null}}\n", "a: 7\nb: {t: 1}\n"),
        "",
    );
    add("scalar for the third", three("s: {t: 1}\n", "", ""), "");
    add(
        "globals for the third only",
        three("s: {t: {global: {q: 1}}}\n", "t: {global: {p: 1}}\n", "global: {q: 2, o: 2}\n"),
        "global: {q: 0}",
    );

    let two = |root: &'static str, one: &'static str, other: &'static str| {
        vec![
            ROOT,
            ("c/values.yaml", root),
            ("c/charts/p/Chart.yaml", "apiVersion: v2\nname: p\nversion: 0.1.0\n"),
            ("c/charts/p/values.yaml", one),
            ("c/charts/q/Chart.yaml", "apiVersion: v2\nname: q\nversion: 0.1.0\n"),
            ("c/charts/q/values.yaml", other),
        ]
    };
    add("siblings", two("global: {a: 1}\np: {x: 1}\nq: {x: 2}\n", "x: 0\n", "x: 0\n"), "");
    add("siblings don't see each other's globals", two("", "global: {a: 1}\n", "global: {b: 1}\n"), "");
    add(
        "a chart named like a table of its sibling",
        two("p: {q: {x: 1}}\nq: {p: {x: 1}}\n", "q: {y: 1}\n", "p: {y: 1}\n"),
        "",
    );
    add(
        "name with a dot",
        vec![
            ROOT,
            ("c/values.yaml", "s.t: {a: 2}\ns: {t: {a: 3}}\n"),
            ("c/charts/s/Chart.yaml", "apiVersion: v2\nname: s.t\nversion: 0.1.0\n"),
            ("c/charts/s/values.yaml", "a: 1\nb: 1\n"),
        ],
        "",
    );
    add(
        "name with a dot and no table",
        vec![
            ROOT,
            ("c/charts/s/Chart.yaml", "apiVersion: v2\nname: s.t\nversion: 0.1.0\n"),
            ("c/charts/s/values.yaml", "a: 1\n"),
        ],
        "",
    );
    add(
        "subchart named global",
        vec![
            ROOT,
            ("c/values.yaml", "global: {a: 1}\n"),
            ("c/charts/s/Chart.yaml", "apiVersion: v2\nname: global\nversion: 0.1.0\n"),
            ("c/charts/s/values.yaml", "a: 2\nb: 1\n"),
        ],
        "",
    );
    check("coalesce.golden", &cases);
}
