//! Reading indexes: what Helm 4.3.1 was seen to make of the same texts, and what a stranger may send.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fmt::Write as _;

use chartroom_chart_repository::{Index, ReadIndex, index_folder};
use chartroom_test_support::ChartBuilder;
use proptest::prelude::*;

fn read(text: &str) -> Result<ReadIndex, String> {
    Index::read(text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn what_is_no_index_is_told_in_helms_words() {
    let yaml = "error unmarshaling JSON: while decoding JSON: ";
    for (text, problem) in [
        ("", "empty index.yaml file".to_owned()),
        ("\n", "no API version specified".to_owned()),
        ("entries: {}\n", "no API version specified".to_owned()),
        (
            "apiVersion: v1\nentries: []\n",
            format!("{yaml}json: cannot unmarshal array into Go struct field .entries of type map[string]repo.ChartVersions"),
        ),
        ("apiVersion: v1\nfoo: 1\nentries: {}\n", format!("{yaml}json: unknown field \"foo\"")),
        (
            "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    foo: 1\n",
            format!("{yaml}json: unknown field \"foo\""),
        ),
        (
            "apiVersion: v1\nentries: {a: [{name: a, version: 1, maintainers: [{name: x, foo: y}]}]}\n",
            format!("{yaml}json: unknown field \"foo\""),
        ),
        (
            "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    name: b\n",
            "error converting YAML to JSON: yaml: unmarshal errors:\n  line 6: key \"name\" already set in map".to_owned(),
        ),
        (
            "apiVersion: v1\nentries:\n  a: 1\n",
            format!("{yaml}json: cannot unmarshal number into Go struct field .entries.a of type repo.ChartVersions"),
        ),
        (
            "apiVersion: v1\nentries:\n  a: [1]\n",
            format!("{yaml}json: cannot unmarshal number into .entries.a.0 of type repo.ChartVersion"),
        ),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{\"a\":1}}",
            "json: cannot unmarshal number into Go struct field IndexFile.entries.a of type repo.ChartVersions".to_owned(),
        ),
        (
            "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0\n    created: 2020-01-01\n",
            format!("{yaml}parsing time \"2020-01-01\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\""),
        ),
        (
            "apiVersion: v1\ngenerated: xxx\nentries: {}\n",
            format!("{yaml}parsing time \"xxx\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"xxx\" as \"2006\""),
        ),
        (
            "<html>not yaml</html>\n",
            format!("{yaml}json: cannot unmarshal string into Go value of type repo.IndexFile"),
        ),
        (
            "a: b: c\n",
            "error converting YAML to JSON: yaml: mapping values are not allowed in this context".to_owned(),
        ),
        (
            "apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    urls: x\n",
            format!("{yaml}json: cannot unmarshal string into Go struct field .entries.a.0.urls of type []string"),
        ),
        (
            "apiVersion: v1\nentries:\n  a:\n  - name: [a]\n    version: 1.0.0\n",
            format!("{yaml}json: cannot unmarshal array into Go struct field .entries.a.0.name of type string"),
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), problem, "{text}");
    }
}

#[test]
fn entries_that_no_chart_can_have_are_left_out() {
    let text = "apiVersion: v1\nentries:\n  a:\n  - version: 1.0.0\n  - name: a\n    version: x\n  - null\n  - {}\n  - name: a\n    version: 1.0.0\n    urls: [x]\n    type: foo\n  - name: a\n    version: 2.0.0\n  b: null\n  c: []\n  d:\n  - name: d\n    version: 1.0.0\n    dependencies: [{name: x}, {name: x}]\n  e:\n  - name: e\n    version: 1.0.0\n    maintainers: [null]\n";
    let ReadIndex { index, skipped } = read(text).unwrap();
    let left: Vec<(&str, usize)> =
        index.entries.iter().map(|(name, versions)| (name.as_str(), versions.len())).collect();
    assert_eq!(left, [("a", 1), ("b", 0), ("c", 0), ("d", 1), ("e", 0)]);
    let told: Vec<String> = skipped
        .iter()
        .map(|skipped| match &skipped.problem {
            Some((version, problem)) => format!("{} {version:?} {problem}", skipped.name),
            None => format!("{} empty", skipped.name),
        })
        .collect();
    let expected = [
        "a \"1.0.0\" validation: chart.metadata.type must be application or library",
        "a \"\" validation: chart.metadata.name is required",
        "a empty",
        "a \"x\" validation: chart.metadata.version \"x\" is invalid",
        "a \"1.0.0\" validation: chart.metadata.name is required",
        "e \"1.0.0\" validation: maintainers must not contain empty or null nodes",
    ];
    assert_eq!(told, expected);
}

#[test]
fn fields_are_found_whatever_their_case_and_those_of_the_past_are_fine() {
    let text = "APIVERSION: v1\nserverInfo: {a: 1}\npublicKeys: [a]\nannotations: {a: b}\nEntries: {a: [{Name: a, version: 1, URLS: [a], created: \"2020-01-01T00:00:00.10Z\", removed: true, digest: x, checksum: y, engine: gotpl, tillerVersion: 1, url: z}]}\n";
    let index = read(text).unwrap().index;
    let version = &index.entries["a"][0];
    assert_eq!((version.chart.name.as_str(), version.urls[0].as_str()), ("a", "a"));
    assert_eq!((version.created.as_str(), version.removed), ("2020-01-01T00:00:00.1Z", true));
    assert_eq!(index.public_keys, ["a"]);
    let json = r#"{"apiVersion":"v1","foo":1,"entries":{"a":[{"name":"a","version":"1.0.0","foo":1}]}}"#;
    assert_eq!(read(json).unwrap().index.entries["a"].len(), 1);
}

#[test]
fn an_index_reads_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    for (name, version) in [("web", "1.0.0"), ("web", "1.2.0"), ("db", "0.1.0+b.1")] {
        let chart = ChartBuilder::new(name, version).field("description", "a <b> & 'c'").build();
        std::fs::write(folder.path().join(format!("{name}-{version}.tgz")), chart.archive).unwrap();
    }
    std::fs::write(folder.path().join("junk.tgz"), "junk").unwrap();
    let mut index = index_folder(folder.path(), "https://e.x/charts/").unwrap();
    index.sort();
    assert_eq!(index.entries["web"][0].urls, ["https://e.x/charts/web-1.2.0.tgz"]);
    assert_eq!(index.entries["db"][0].urls, ["https://e.x/charts/db-0.1.0+b.1.tgz"]);
    assert_eq!(read(&index.to_yaml().unwrap()).unwrap().index, index);
    let json = String::from_utf8(index.to_json().unwrap()).unwrap();
    assert!(json.contains(r#""description": "a \u003cb\u003e \u0026 'c'""#), "{json}");
    assert_eq!(read(&json).unwrap().index, index);
    assert!(index_folder(&folder.path().join("nothing"), "").unwrap().entries.is_empty());
}

#[test]
fn an_index_takes_no_more_memory_than_it_may() {
    let mut text = "apiVersion: v1\nserverInfo: [".to_owned();
    text.push_str(&"a,".repeat(5_000_001));
    text.push_str("a]\n");
    assert_eq!(read(&text).unwrap_err(), "the index is larger than five million values");
    let large = format!("apiVersion: v1\nserverInfo: {}\n", "a".repeat(64 << 20));
    assert_eq!(read(&large).unwrap_err(), "the index is larger than 64 MiB");
    let deep = format!("apiVersion: v1\nserverInfo: {}", "[".repeat(100_000));
    assert!(read(&deep).is_err());
    let mut bomb = "apiVersion: v1\nserverInfo:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 'b'..='k' {
        let before = char::from(level as u8 - 1);
        writeln!(bomb, "  {level}: &{level} [{}]", vec![format!("*{before}"); 10].join(", ")).unwrap();
    }
    assert!(read(&bomb).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "[ -~\n]{0,200}") {
        let _ = read(&text);
        let _ = read(&format!("apiVersion: v1\nentries:\n  a:\n  - name: a\n    {text}\n"));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Index::read(&bytes);
    }

    #[test]
    fn whatever_is_read_can_be_written_and_read(
        name in "[a-z]{1,5}", version in "[0-9]\\.[0-9]\\.[0-9]", text in "\\PC{0,20}", url in "[ -~]{0,20}"
    ) {
        let quoted = serde_json::to_string(&text).unwrap();
        let url = serde_json::to_string(&url).unwrap();
        let json = format!("{{\"apiVersion\":\"v1\",\"entries\":{{\"x\":[{{\"name\":\"{name}\",\"version\":\"{version}\",\"description\":{quoted},\"urls\":[{url}]}}]}}}}");
        let index = read(&json).unwrap().index;
        prop_assert_eq!(&read(&index.to_yaml().unwrap()).unwrap().index, &index);
    }
}
