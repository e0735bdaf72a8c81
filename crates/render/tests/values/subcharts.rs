//! Which subcharts are used: conditions, tags, aliases; and what parents import from them.

use crate::{Case, check};

struct Charts {
    files: Vec<(String, String)>,
}

impl Charts {
    fn new(root: &str, values: &str) -> Self {
        let root = format!("apiVersion: v2\nname: c\nversion: 0.1.0\n{root}\n");
        let files = [("c/Chart.yaml", root.as_str()), ("c/values.yaml", values)];
        Self { files: files.map(|(path, text)| (path.to_owned(), text.to_owned())).to_vec() }
    }

    /// A subchart, with more for its `Chart.yaml`, and values.
    fn sub(mut self, path: &str, more: &str, values: &str) -> Self {
        let folder: String = path.split('/').map(|name| format!("/charts/{name}")).collect();
        let name = path.rsplit('/').next().unwrap();
        let chart = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n{more}\n");
        self.files.push((format!("c{folder}/Chart.yaml"), chart));
        self.files.push((format!("c{folder}/values.yaml"), values.to_owned()));
        self
    }

    fn case(mut self, name: &str, user: &str) -> Case {
        self.files.push(("user.yaml".into(), user.to_owned()));
        Case {
            name: name.to_owned(),
            files: self.files,
            flags: vec![("-f", "user.yaml".into())],
            vary: false,
        }
    }
}

/// Dependencies as lines: a name, and more of it.
fn needs(dependencies: &[&str]) -> String {
    let one = |line: &&str| format!("- {{name: {line}, repository: ''}}\n");
    format!("dependencies:\n{}", dependencies.iter().map(one).collect::<String>())
}

#[test]
fn conditions_and_tags() {
    let one = |more: &str| {
        Charts::new(&needs(&[&format!("s, version: '*'{more}")]), "v: 1\n").sub("s", "", "a: 1\n")
    };
    let mut cases = vec![
        one("").case("no condition", ""),
        one(", condition: s.enabled").case("condition missing", ""),
        one(", condition: s.enabled").case("condition true", "s: {enabled: true}"),
        one(", condition: s.enabled").case("condition false", "s: {enabled: false, q: 1}"),
        one(", condition: s.enabled").case("condition no boolean", "s: {enabled: 'false'}"),
        one(", condition: s.enabled").case("condition null", "s: {enabled: null}"),
        one(", condition: s.enabled").case("condition a table", "s: {enabled: {a: 1}}"),
        one(", condition: 'x.use,s.enabled'").case("first of two", "x: {use: false}\ns: {enabled: true}"),
        one(", condition: 'x.use,s.enabled'").case("second of two", "s: {enabled: false}"),
        one(", condition: 'x.use,s.enabled'")
            .case("first no boolean, second false", "x: {use: 1}\ns: {enabled: false}"),
        one(", condition: ' x.use, s.enabled '")
            .case("blanks in conditions", "x: {use: null}\ns: {enabled: false}"),
        one(", condition: ',,s.enabled,'").case("empty conditions", "s: {enabled: false}"),
        one(", condition: on").case("condition at the top", "'on': false\non: false"),
        one(", condition: top").case("condition named top", "top: false"),
        one(", condition: s").case("condition is a table", ""),
        one(", condition: global.use").case("condition in globals", "global: {use: false}"),
        one(", condition: 'a..b'").case("condition with empty part", "a: {'': {b: false}}"),
        one(", tags: [t]").case("tag missing", ""),
        one(", tags: [t]").case("tag true", "tags: {t: true}"),
        one(", tags: [t]").case("tag false", "tags: {t: false}"),
        one(", tags: [t]").case("tag no boolean", "tags: {t: 'no'}"),
        one(", tags: [t]").case("tag null", "tags: {t: null}"),
        one(", tags: [t]").case("tags no table", "tags: [t]"),
        one(", tags: [t, u]").case("one tag true, one false", "tags: {t: false, u: true}"),
        one(", tags: [t, u]").case("one tag false, one text", "tags: {t: false, u: text}"),
        one(", tags: [t], condition: s.enabled")
            .case("condition beats tags", "tags: {t: false}\ns: {enabled: true}"),
        one(", tags: [t], condition: s.enabled")
            .case("condition beats tags, the other way", "tags: {t: true}\ns: {enabled: false}"),
        one(", tags: [t], condition: s.enabled").case("tags without condition", "tags: {t: false}"),
        one(", enabled: false").case("enabled in the file", ""),
        one(", condition: s.a").case("condition from the subchart's values", "s: {a: false}"),
    ];
    let by_chart = |values: &str, sub: &str| {
        Charts::new(&needs(&["s, version: '*', condition: s.enabled, tags: [t]"]), values).sub("s", "", sub)
    };
    cases.extend([
        by_chart("s: {enabled: false}\n", "").case("the parent's values switch off", ""),
        by_chart("s: {enabled: false}\n", "").case("the user switches on again", "s: {enabled: true}"),
        by_chart("", "enabled: false\n").case("the subchart's values switch off", ""),
        by_chart("s: {enabled: true}\n", "enabled: false\n").case("the parent's beat the subchart's", ""),
        by_chart("tags: {t: false}\n", "").case("the parent's tags switch off", ""),
        by_chart("tags: {t: false}\n", "").case("the user's tags switch on", "tags: {t: true}"),
        by_chart("tags: {t: false}\n", "").case("the user nulls a tag", "tags: {t: null}"),
        by_chart("", "tags: {t: false}\n").case("tags in the subchart are nothing", ""),
        by_chart("s: {enabled: false}\n", "").case("the user nulls a condition", "s: {enabled: null}"),
    ]);
    let nested = |root: &str, s: &str| {
        let t = needs(&["t, version: '*', condition: t.enabled, tags: [deep]"]);
        Charts::new(&needs(&["s, version: '*', condition: s.enabled"]), root)
            .sub("s", &t, s)
            .sub("s/t", "", "b: 2\n")
    };
    cases.extend([
        nested("", "").case("nested, nothing", ""),
        nested("", "").case("nested, off from the root", "s: {t: {enabled: false}}"),
        nested("", "").case("nested, off by a path of the root", "t: {enabled: false}"),
        nested("", "t: {enabled: false}\n").case("nested, off by the middle", ""),
        nested("s: {t: {enabled: true}}\n", "t: {enabled: false}\n").case("nested, on again by the root", ""),
        nested("", "").case("nested, off by tag", "tags: {deep: false}"),
        nested("", "tags: {deep: false}\n").case("nested, off by the middle's tag", ""),
        nested("tags: {deep: true}\n", "tags: {deep: false}\n").case("nested, tags of both", ""),
        nested("", "").case("nested, the middle is off", "s: {enabled: false}"),
        nested("t: 5\n", "").case("a scalar of the root where the nested one's table would be", ""),
        nested("", "t: {enabled: false, b: 3}\n").case("nested, off, with values", "s: {t: {c: 4}}"),
    ]);
    let unlisted = || {
        Charts::new("", "u: {a: 2}\n")
            .sub("u", &needs(&["w, version: '*', condition: w.use, alias: x"]), "a: 1\n")
            .sub("u/w", "", "b: 1\n")
    };
    cases.extend([
        unlisted().case("not listed", "u: {enabled: false}"),
        unlisted().case(
            "below a chart without a list, nothing is decided",
            "u: {w: {use: false}, x: {use: false}}",
        ),
        Charts::new("dependencies: []", "")
            .sub("u", &needs(&["w, version: '*', condition: w.use"]), "")
            .sub("u/w", "", "")
            .case("an empty list", "u: {w: {use: false}}"),
        Charts::new(&needs(&["s, version: '*', condition: s.use"]), "")
            .sub("s", "", "")
            .sub("u", "", "")
            .case("one listed, one not", "s: {use: false}"),
        Charts::new(&needs(&["s, version: '>5', condition: s.use"]), "")
            .sub("s", "", "a: 1\n")
            .case("version doesn't fit, on", ""),
        Charts::new(&needs(&["s, version: '>5', condition: s.use"]), "")
            .sub("s", "", "a: 1\n")
            .case("version doesn't fit, off", "s: {use: false}"),
        Charts::new(&needs(&["s, version: '>5', alias: other"]), "")
            .sub("s", "", "a: 1\n")
            .case("version doesn't fit, alias", "other: {b: 1}"),
        Charts::new(&needs(&["s"]), "").sub("s", "", "a: 1\n").case("no version", ""),
        Charts::new(&needs(&["s, alias: other"]), "").sub("s", "", "a: 1\n").case("no version, alias", ""),
        Charts::new(&needs(&["s, version: 0.1.x"]), "").sub("s", "", "a: 1\n").case("version fits", ""),
        Charts::new(&needs(&["s, version: 'x y'"]), "").sub("s", "", "a: 1\n").case("version is none", ""),
        Charts::new(&needs(&["s, version: '*'", "s, version: '*', alias: z"]), "")
            .sub("s", "", "a: 1\n")
            .case("once plain, once by alias", "z: {a: 2}"),
        Charts::new(&needs(&["missing, version: '*'"]), "").case("missing", ""),
        Charts::new(&needs(&["s, version: '*'", "m, version: '*'", "n, version: '*', condition: n.on"]), "")
            .sub("s", "", "")
            .case("two missing, one off", "n: {use: false}"),
    ]);
    check("conditions.golden", &cases);
}

#[test]
fn aliases() {
    let two = |more: &str| {
        let needs = needs(&[&format!("s, version: '*', alias: one{more}"), "s, version: '*', alias: two"]);
        Charts::new(&needs, "one: {a: 2}\n").sub("s", "", "a: 1\nb: {c: 1}\nglobal: {g: {h: {i: 1}}}\n")
    };
    let below = |list: &str| {
        Charts::new(&needs(&["s, version: '*', alias: one", "s, version: '*', alias: two"]), "")
            .sub("s", list, "t: {x: 1}\n")
            .sub("s/t", "", "y: 1\n")
    };
    let mut deepest = below("");
    deepest = deepest.sub("s/t/u", "", "z: 1\n").sub("s/t/u/v", "", "w: 1\n");
    let mut listed = below(&needs(&["t, version: '*', alias: ta, condition: ta.use"]));
    listed = listed.sub("s/t/u", "", "z: 1\n").sub("s/t/u/v", "", "w: 1\n");
    let cases = [
        two("").case("two of one", ""),
        two("").case("two of one, values", "two: {b: {d: 1}}\ns: {a: 9}\n"),
        two(", condition: one.use").case("one of two is off", "one: {use: false}"),
        two(", condition: s.use").case("condition by the old name", "s: {use: false}"),
        two(", tags: [t]").case("tag of one", "tags: {t: false}"),
        two("").case("globals of both", "global: {g: {h: {j: 1}}}"),
        below("").case("with a subchart that isn't listed", "one: {t: {x: 2}}"),
        below(&needs(&["t, version: '*', condition: t.use"]))
            .case("with one that is listed", "one: {t: {use: false}}"),
        below(&needs(&["t, version: '*', alias: deep"])).case("alias below alias", "one: {deep: {y: 2}}"),
        deepest.case("four levels that aren't listed", "one: {t: {u: {z: 2}}}"),
        listed.case("four levels, the second listed", "two: {ta: {use: false}}"),
        Charts::new(&needs(&["s, version: '*', alias: t", "t, version: '*', alias: s"]), "")
            .sub("s", "", "a: s\n")
            .sub("t", "", "a: t\n")
            .case("swapped names", ""),
        Charts::new(&needs(&["s, version: '*', alias: u", "u, version: '*', alias: v"]), "")
            .sub("s", "", "a: s\n")
            .sub("u", "", "a: u\n")
            .case("alias is the name of another", "u: {b: 1}\nv: {c: 1}"),
        Charts::new(&needs(&["s, version: '*', alias: u, condition: off"]), "off: false\n")
            .sub("s", "", "a: s\n")
            .sub("u", "", "a: u\n")
            .case("alias is the name of one that isn't listed, and off", ""),
        Charts::new(&needs(&["l, version: '*'"]), "").sub("l", "type: library", "a: 1\n").case("library", ""),
        Charts::new(&needs(&["l, version: '*'"]), "")
            .sub("l", "type: library", "")
            .sub("l/m", "", "a: 1\n")
            .case("chart in a library", ""),
    ];
    check("aliases.golden", &cases);
}

#[test]
fn imports() {
    let chart = |imports: &str, values: &str, sub: &str| {
        Charts::new(&needs(&[&format!("s, version: '*', import-values: {imports}")]), values)
            .sub("s", "", sub)
    };
    let exports = "exports: {data: {k: 1, t: {x: 1, n: null}}, more: {m: 1, k: 2}, text: x}\ndefault: {d: {e: 1}, n: null}\nplain: 1\n";
    let mut cases = vec![
        chart("[data]", "", exports).case("by name", ""),
        chart("[data]", "k: 5\nt: {y: 1}\n", exports).case("by name, parent wins", ""),
        chart("[data]", "t: 5\n", exports).case("by name, parent has a scalar", ""),
        chart("[data]", "k: {a: 1}\n", exports).case("by name, parent has a table", ""),
        chart("[data]", "k: null\nt: {x: null}\n", exports).case("by name, parent has nulls", ""),
        chart("[data]", "", exports).case("by name, user wins", "k: 7\nt: {x: null}"),
        chart("[data]", "", exports).case("by name, user changes the source", "s: {exports: {data: {k: 9}}}"),
        chart("[data]", "s: {exports: {data: {k: 9, z: 9}}}\n", exports)
            .case("by name, parent changes the source", ""),
        chart("[data, more]", "", exports).case("two names", ""),
        chart("[more, data]", "", exports).case("two names, other order", ""),
        chart("[nope]", "", exports).case("missing", ""),
        chart("[text]", "", exports).case("no table", ""),
        chart("[data, nope, more]", "", exports).case("missing between", ""),
        chart("[{child: default, parent: my}]", "", exports).case("pair", ""),
        chart("[{child: default, parent: my}]", "my: {d: {f: 1}, n: 2}\n", exports).case("pair, merged", ""),
        chart("[{child: default, parent: my}]", "my: 1\n", exports).case("pair, over a scalar", ""),
        chart("[{child: default.d, parent: my.deep.er}]", "", exports).case("pair with paths", ""),
        chart("[{child: default, parent: .}]", "", exports).case("pair into the root", ""),
        chart("[{child: default, parent: ''}]", "", exports).case("pair into nothing", ""),
        chart("[{child: default, parent: a..b}]", "", exports).case("pair into an empty part", ""),
        chart("[{child: nope, parent: my}]", "", exports).case("pair missing", ""),
        chart("[{child: plain, parent: my}]", "", exports).case("pair of a scalar", ""),
        chart("[{child: default}]", "", exports).case("pair without parent", ""),
        chart("[{parent: my}]", "", exports).case("pair without child", ""),
        chart("[{child: 5, parent: 1e6}]", "", "'5': {a: 1}\n").case("pair of numbers", ""),
        chart("[{child: true, parent: [a, 1]}]", "", "'true': {a: 1}\n").case("pair of other things", ""),
        chart("[{}]", "", exports).case("empty pair", ""),
        chart("[5, true, null, [data]]", "", exports).case("neither names nor pairs", ""),
        chart("[{child: default, parent: a}, {child: default.d, parent: a}]", "", exports)
            .case("a table and what is in it", ""),
        chart("[{child: default, parent: a}, {child: default.d, parent: a.d}]", "", exports)
            .case("a table and what is in it, there", ""),
        chart("[{child: default, parent: a}, {child: exports.data, parent: a.d}]", "", exports)
            .case("a table into an imported one", ""),
        chart("[{child: default, parent: a}, {child: default, parent: b}]", "", exports)
            .case("a table twice", ""),
        chart("[{child: default, parent: a}, data]", "a: {d: {e: null}}\n", exports)
            .case("a table under a null", ""),
        chart("[{child: exports, parent: s.exports}]", "", exports).case("onto itself", ""),
        chart("[{child: default, parent: s}]", "", exports).case("into the subchart", ""),
        chart("[{child: default, parent: global}]", "", exports).case("into globals", ""),
        chart("[{child: global, parent: g}]", "global: {q: {r: {s: 1}}}\n", "global: {z: 1}\n")
            .case("of globals", ""),
        chart("[data]", "d: null\nt: {w: null, v: {u: null}}\n", "exports: {data: {}}\nn: null\n")
            .case("empty table, nulls elsewhere", ""),
        chart("[data]", "", "exports: {data: {l: [1, {n: null}], n: null, t: {}}}\n")
            .case("lists and nulls", ""),
    ];
    let two = |one: &str, other: &str| {
        Charts::new(
            &needs(&[
                &format!("s, version: '*', condition: s.use, import-values: {one}"),
                &format!("u, version: '*', import-values: {other}"),
            ]),
            "",
        )
        .sub("s", "", "exports: {data: {k: s, t: {a: s}}}\nx: {y: s, z: s}\n")
        .sub("u", "", "exports: {data: {k: u, t: {b: u}}}\nx: {y: u, w: u}\n")
    };
    cases.extend([
        two("[data]", "[data]").case("of two charts", ""),
        two("[data]", "[data]").case("of two charts, one off", "s: {use: false}"),
        two("[{child: x, parent: x}]", "[{child: x, parent: x}]").case("pairs of two charts", ""),
    ]);
    let nested = |root: &str, s: &str, t: &str| {
        Charts::new(&needs(&[&format!("s, version: '*', import-values: {root}")]), "")
            .sub("s", &needs(&[&format!("t, version: '*', import-values: {s}")]), "own: 1\n")
            .sub("s/t", "", t)
    };
    let deep = "exports: {data: {k: 1, exports: {data: {j: 1}}}}\n";
    cases.extend([
        nested("[]", "[data]", deep).case("into the middle", ""),
        nested("[data]", "[data]", deep).case("through the middle", ""),
        nested("[{child: t.exports, parent: grand}]", "[]", deep).case("from the grandchild", ""),
        nested("[{child: up, parent: top}]", "[{child: exports.data, parent: up}]", deep)
            .case("pairs through the middle", ""),
        nested("[{child: up, parent: top}]", "[{child: exports.data, parent: up}]", deep)
            .case("pairs through the middle, user's values", "s: {up: {k: 2}, t: {exports: {data: {k: 3}}}}"),
        Charts::new(
            &needs(&[
                "s, version: '*', alias: a1, import-values: [data]",
                "s, version: '*', alias: a2, import-values: [{child: exports, parent: e}]",
            ]),
            "",
        )
        .sub("s", "", "exports: {data: {k: 1}}\n")
        .case("of aliases", ""),
        Charts::new("", "")
            .sub("u", &needs(&["w, version: '*', import-values: [data]"]), "")
            .sub("u/w", "", "exports: {data: {k: 1}}\n")
            .case("below a chart without a list", ""),
    ]);
    check("imports.golden", &cases);
}
