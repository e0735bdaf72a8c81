//! What strangers could do with values: time, memory and depth stay within bounds, and nothing
//! panics.

use std::collections::BTreeMap;

use chartroom_chart::{Chart, File, Limits};
use chartroom_goyaml::Value;
use chartroom_render::LogLine;
use chartroom_render::values::{Preparation, Prepared, ValueOptions, ValuesError, prepare};
use proptest::prelude::*;

fn merge(options: &ValueOptions) -> Result<Value, ValuesError> {
    options.merge(&mut |name| Err(format!("open {name}: no such file or directory")))
}

fn set(line: &str) -> Result<Value, ValuesError> {
    merge(&ValueOptions { set: vec![line.to_owned()], ..ValueOptions::default() })
}

fn chart(files: &[(String, String)]) -> Chart {
    let file = |(name, text): &(String, String)| File {
        name: name.clone(),
        modified: None,
        data: text.clone().into_bytes().into(),
    };
    Chart::from_files(files.iter().map(file).collect(), &Limits::default()).unwrap()
}

fn prepared(files: &[(String, String)]) -> Result<Prepared, ValuesError> {
    let user = Value::Map(BTreeMap::new());
    let mut log: Vec<LogLine> = Vec::new();
    prepare(&chart(files), &user, &Preparation::default(), &mut log)
}

#[test]
fn indices_are_bounded() {
    let error = |line: &str| set(line).unwrap_err().to_string();
    assert_eq!(
        error("a[65537]=1"),
        "failed parsing --set data: index of 65537 is greater than maximum supported index of 65536"
    );
    assert_eq!(set("a[65536]=1").unwrap().get("a").unwrap().as_list().unwrap().len(), 65537);
    let many = format!("a{}=1", "[65536]".repeat(100));
    assert!(error(&many).contains("too many empty elements"));
    let many: String = (0..100).map(|name| format!("a{name}[65536]=1,")).collect();
    assert!(error(&many).contains("too many empty elements"));
}

#[test]
fn nesting_is_bounded() {
    let names = |count: usize| format!("{}a=1", "a.".repeat(count));
    assert!(set(&names(30)).is_ok());
    assert_eq!(
        set(&names(31)).unwrap_err().to_string(),
        "failed parsing --set data: value name nested level is greater than maximum supported nested level of 30"
    );
    assert!(set(&format!("a{}=1", "[0]".repeat(100_000))).is_err());
    assert!(set(&format!("a{}=1", "[0].b".repeat(30))).is_ok());
    let json = format!("a={}", "[".repeat(100_000));
    assert!(merge(&ValueOptions { set_json: vec![json], ..ValueOptions::default() }).is_err());
}

/// A chart in a chart in a chart, each used twice: the number of charts doubles with each.
#[test]
fn aliases_do_not_explode() {
    let mut files = Vec::new();
    let mut folder = String::new();
    for depth in 0..20 {
        let needs = "dependencies: [{name: s, version: '*', alias: a}, {name: s, version: '*', alias: b}]";
        let text = format!("apiVersion: v2\nname: s\nversion: 0.1.0\n{needs}\n");
        files.push((format!("{folder}Chart.yaml"), text));
        files.push((format!("{folder}values.yaml"), format!("a: {{d{depth}: 1}}\n")));
        folder.push_str("charts/s/");
    }
    files.push((format!("{folder}Chart.yaml"), "apiVersion: v2\nname: s\nversion: 0.1.0\n".into()));
    let error = prepared(&files).err().unwrap().to_string();
    assert!(error.contains("more than the maximum number of subcharts"), "{error}");
}

/// Imports that would put a table into itself.
#[test]
fn imports_make_no_cycles() {
    let imports = "[{child: x, parent: p}, {child: x, parent: p.q}, {child: x, parent: p.q.r}]";
    let root = format!(
        "apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies: [{{name: s, version: '*', import-values: {imports}}}]\n"
    );
    let files = [
        ("Chart.yaml".to_owned(), root),
        ("charts/s/Chart.yaml".to_owned(), "apiVersion: v2\nname: s\nversion: 0.1.0\n".to_owned()),
        ("charts/s/values.yaml".to_owned(), "x: {a: 1, q: {r: {}}}\n".to_owned()),
    ];
    let error = prepared(&files).err().unwrap().to_string();
    assert!(error.contains("nested deeper than the maximum depth"), "{error}");
}

#[test]
fn imports_do_not_nest_without_bounds() {
    let root = format!(
        "apiVersion: v2\nname: c\nversion: 0.1.0\ndependencies: [{{name: s, version: '*', import-values: [{{child: x, parent: {}}}]}}]\n",
        vec!["p"; 5000].join(".")
    );
    let files = [
        ("Chart.yaml".to_owned(), root),
        ("charts/s/Chart.yaml".to_owned(), "apiVersion: v2\nname: s\nversion: 0.1.0\n".to_owned()),
        ("charts/s/values.yaml".to_owned(), "x: {a: 1}\n".to_owned()),
    ];
    let error = prepared(&files).err().unwrap().to_string();
    assert!(error.contains("nested deeper than the maximum depth"), "{error}");
}

/// Many globals for many subcharts.
#[test]
fn globals_are_bounded() {
    let globals: String = (0..20_000).map(|key| format!("  k{key}: {{a: 1}}\n")).collect();
    let mut files = vec![
        ("Chart.yaml".to_owned(), "apiVersion: v2\nname: c\nversion: 0.1.0\n".to_owned()),
        ("values.yaml".to_owned(), format!("global:\n{globals}")),
    ];
    for name in 0..300 {
        let text = format!("apiVersion: v2\nname: s{name}\nversion: 0.1.0\n");
        files.push((format!("charts/s{name}/Chart.yaml"), text));
    }
    let error = prepared(&files).err().unwrap().to_string();
    assert!(error.contains("too large to be merged"), "{error}");
}

/// What a parent's template sets, a child's sees: they have the same maps.
#[test]
fn parents_and_children_share_their_maps() {
    let chart_yaml = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
    let files = [
        ("Chart.yaml".to_owned(), chart_yaml("c")),
        ("values.yaml".to_owned(), "global: {a: {b: {x: 1}}, l: [{z: 1}]}\n".to_owned()),
        ("charts/s/Chart.yaml".to_owned(), chart_yaml("s")),
        ("charts/s/values.yaml".to_owned(), "own: {k: 1}\n".to_owned()),
    ];
    let Prepared { chart, values } = prepared(&files).ok().unwrap();
    let child = &chart.children[0];
    let table = child.table_in(&values).unwrap();
    let map = |of: &chartroom_gotemplate::Map, path: &[&str]| {
        let walk = |map: chartroom_gotemplate::Map, key: &&str| {
            map.get(key.as_bytes()).unwrap().as_map().unwrap().clone()
        };
        path.iter().fold(of.clone(), walk)
    };
    assert!(map(&values, &["s"]).is_same(&table));
    assert!(map(&values, &["s", "own"]).is_same(&map(&table, &["own"])));
    // Globals are copied two levels deep; below that, Helm shares them.
    assert!(!map(&values, &["global"]).is_same(&map(&table, &["global"])));
    assert!(!map(&values, &["global", "a"]).is_same(&map(&table, &["global", "a"])));
    assert!(map(&values, &["global", "a", "b"]).is_same(&map(&table, &["global", "a", "b"])));
    let first = |of| match map(of, &["global"]).get(b"l") {
        Some(chartroom_gotemplate::Value::List(list)) => list.items()[0].as_map().unwrap().clone(),
        other => panic!("{other:?}"),
    };
    assert!(first(&values).is_same(&first(&table)));
}

proptest! {
    #[test]
    fn flags_never_panic(
        lines in prop::collection::vec("([a-c.=,{}\\[\\]\\\\0-9\"' \n-]|true|null|é|65536|\\[0\\]|a\\.b)*", 0..4),
        kind in 0..5_u8,
    ) {
        let mut options = ValueOptions::default();
        match kind {
            0 => options.set = lines,
            1 => options.set_string = lines,
            2 => options.set_json = lines,
            3 => options.set_literal = lines,
            _ => options.set_file = lines,
        }
        let mut read = |name: &str| if name.len() > 3 { Err("no".to_owned()) } else { Ok(name.into()) };
        if let Ok(value) = options.merge(&mut read) {
            prop_assert!(value.as_map().is_some());
        }
    }

    #[test]
    fn what_is_set_is_found(key in "[a-z]{1,8}", inner in "[a-z]{1,8}", value in "[a-z ]{0,20}", index in 0..20_usize) {
        let escaped = value.replace(',', "\\,");
        let merged = merge(&ValueOptions {
            set_string: vec![format!("{key}.{inner}[{index}]={escaped}")],
            ..ValueOptions::default()
        }).unwrap();
        let list = merged.get(&key).unwrap().get(&inner).unwrap().as_list().unwrap();
        prop_assert_eq!(list.len(), index + 1);
        prop_assert_eq!(list[index].as_str(), Some(value.as_str()));
    }
}
