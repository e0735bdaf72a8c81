//! Archives from strangers: what is refused, where reading stops, and that nothing panics.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::{self, Read, Write};

use chartroom_chart::{Chart, EntryProblem, Error, File, Limits, read_archive, unpack};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tar::EntryType;

/// An archive with these entries, whatever their names are.
struct Builder(Vec<u8>);

impl Builder {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn entry(mut self, name: &[u8], kind: EntryType, announced: u64, data: &[u8]) -> Self {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.set_entry_type(kind);
        header.set_size(announced);
        header.set_mode(0o644);
        header.set_mtime(1);
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, name: &str, data: &[u8]) -> Self {
        self.entry(name.as_bytes(), EntryType::Regular, data.len() as u64, data)
    }

    fn gzip(&self) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&self.0).unwrap();
        gzip.write_all(&[0; 1024]).unwrap();
        gzip.finish().unwrap()
    }

    fn read(&self) -> Result<Vec<File>, Error> {
        read_archive(&self.gzip()[..], &Limits::default())
    }
}

fn names(files: &[File]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

#[test]
fn plain_archives_are_read() {
    let archive = Builder::new()
        .entry(b"pax_global_header", EntryType::XGlobalHeader, 5, b"19 c=")
        .entry(b"c/", EntryType::Directory, 0, b"")
        .file("c/Chart.yaml", b"\xef\xbb\xbfname: c\nversion: 1.0.0\n")
        .file("c/./a//b", b"")
        .entry(b"c/folder/", EntryType::Regular, 0, b"")
        .entry(b"c/old", EntryType::Continuous, 1, b"x")
        .file("other/top", b"merged");
    let files = archive.read().unwrap();
    assert_eq!(names(&files), ["Chart.yaml", "a/b", "old", "top"]);
    assert_eq!(files[0].data[..5], *b"name:");
    assert_eq!(files[0].modified.unwrap().as_second(), 1);
    assert_eq!(Chart::from_archive(&archive.gzip()[..], &Limits::default()).unwrap().name(), "c");
}

#[test]
fn long_names_are_read_however_they_are_written() {
    let long = format!("c/{}/x", "y".repeat(150));
    let record = |key: &str, value: &str| {
        let length = key.len() + value.len() + 3;
        let length = length + (length + 3).to_string().len();
        format!("{length} {key}={value}\n")
    };
    let pax = format!("{}{}", record("path", &long), record("mtime", "12.5"));
    let files = Builder::new()
        .entry(b"PaxHeader", EntryType::XHeader, pax.len() as u64, pax.as_bytes())
        .file("c/short", b"1")
        .entry(
            b"././@LongLink",
            EntryType::GNULongName,
            long.len() as u64 + 2,
            format!("{long}2\0").as_bytes(),
        )
        .file("c/short", b"2")
        .file("c/short", b"3")
        .read()
        .unwrap();
    let below = &long[2..];
    assert_eq!(names(&files), [below, &format!("{below}2")[..], "short"]);
    assert_eq!(files[0].modified.unwrap().as_millisecond(), 12_500);
}

#[test]
fn entries_that_no_chart_needs_are_refused_by_name() {
    use EntryProblem::*;
    for (name, problem) in [
        ("../evil", ParentDirectory),
        ("c/../../evil", ParentDirectory),
        ("c/a/../b", ParentDirectory),
        ("c/..", ParentDirectory),
        ("/etc/evil", Absolute),
        ("c//etc/evil", Absolute),
        ("evil", OutsideBase),
        ("c/.", OutsideBase),
        ("Chart.yaml", ChartYamlOutside),
        ("Chart.yaml/x", ChartYamlOutside),
        ("c:/evil", IllegalName),
        ("c/c:/evil", IllegalName),
        ("c/a/c:evil", IllegalName),
        ("c\\Chart.yaml", IllegalName),
        ("c/a\\..\\b", IllegalName),
        ("c/a\nb", IllegalName),
    ] {
        match Builder::new().file(name, b"x").read().unwrap_err() {
            Error::Entry { entry, problem: found } => assert_eq!((&entry[..], found), (name, problem)),
            other => panic!("{name}: {other}"),
        }
    }
    for (kind, problem) in [
        (EntryType::Symlink, Link),
        (EntryType::Link, Link),
        (EntryType::Char, Special),
        (EntryType::Block, Special),
        (EntryType::Fifo, Special),
        (EntryType::GNUSparse, Header),
        (EntryType::new(b'V'), Header),
    ] {
        let error = Builder::new().entry(b"c/x", kind, 0, b"").read().unwrap_err();
        assert!(matches!(&error, Error::Entry { problem: found, .. } if *found == problem), "{error}");
    }
    let not_utf8 = Builder::new().entry(b"c/\xff", EntryType::Regular, 0, b"").read().unwrap_err();
    assert_eq!(not_utf8.to_string(), "chart contains illegally named files: \"c/\u{fffd}\"");
    for (first, second, problem) in [
        ("c/a", "c/a", Duplicate),
        ("c/a", "d/./a", Duplicate),
        ("c/a", "c/a/b", FileAndFolder),
        ("c/a/b", "c/a", FileAndFolder),
    ] {
        let error = Builder::new().file(first, b"").file(second, b"").read().unwrap_err();
        assert!(matches!(&error, Error::Entry { problem: found, .. } if *found == problem), "{error}");
    }
    let sparse = "22 GNU.sparse.major=1\n";
    let error = Builder::new().entry(b"x", EntryType::XHeader, 22, sparse.as_bytes()).file("c/a", b"").read();
    assert!(error.unwrap_err().to_string().starts_with("chart contains a file with an unsupported header"));
    let size = "12 size=999\n";
    let error = Builder::new().entry(b"x", EntryType::XHeader, 12, size.as_bytes()).file("c/a", b"").read();
    assert!(error.unwrap_err().to_string().starts_with("chart contains a file with an unsupported header"));
}

#[test]
fn an_archive_of_nothing() {
    assert_eq!(Builder::new().read().unwrap_err().to_string(), "no files in chart archive");
    let error = Builder::new().file("c/values.yaml", b"").gzip();
    let error = Chart::from_archive(&error[..], &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "Chart.yaml file is missing");
    assert!(Chart::from_archive(&b"not gzip at all"[..], &Limits::default()).is_err());
    assert!(Chart::from_archive(&b""[..], &Limits::default()).is_err());
}

/// Counts what is read from it.
struct Counting<'a, R>(R, &'a mut u64);

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        *self.1 += read as u64;
        Ok(read)
    }
}

/// A gzip stream of a start and then gigabytes of zeros, made while it is read.
fn bomb(start: &[u8]) -> impl Read + use<> {
    let start = io::Cursor::new(start.to_vec());
    flate2::read::GzEncoder::new(start.chain(io::repeat(0).take(8 << 30)), Compression::fast())
}

#[test]
fn bombs_stop_early() {
    let huge = |announced| Builder::new().entry(b"c/big", EntryType::Regular, announced, b"").0;
    let mut many = Builder::new();
    for number in 0..200 {
        many = many.file(&format!("c/{number}"), &[0; 1 << 20]);
    }
    let mut hidden = Vec::new();
    for _ in 0..300 {
        hidden.extend(Builder::new().entry(b"g", EntryType::XGlobalHeader, 1 << 20, &[0; 1 << 20]).0);
    }
    let skipped = Builder::new().entry(b"g", EntryType::XGlobalHeader, 4 << 30, b"").0;
    let extension = Builder::new().entry(b"x", EntryType::XHeader, 4 << 30, b"").0;
    let long_name = Builder::new().entry(b"x", EntryType::GNULongName, 4 << 30, b"").0;
    for (start, most, expected) in [
        (huge((100 << 20) + 1), 1, "larger than the maximum size 104857600"),
        (huge(4 << 30), 1, "larger than the maximum size 104857600"),
        (many.0, 2, "larger than the maximum size 104857600"),
        (hidden, 3, "larger than the maximum size 104857600"),
        (skipped, 3, "larger than the maximum size 104857600"),
        (extension, 1, "unsupported header"),
        (long_name, 1, "unsupported header"),
    ] {
        let mut read = 0;
        let error = read_archive(Counting(bomb(&start), &mut read), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(read < most << 20, "{read} bytes were read before {error}");
    }
    let mut entries = Builder::new();
    for number in 0..20_001 {
        entries = entries.file(&format!("c/{number}"), b"");
    }
    assert!(matches!(entries.read().unwrap_err(), Error::TooManyFiles(20_000)));
}

#[test]
fn one_file_may_be_bounded() {
    let archive = Builder::new()
        .file("c/Chart.yaml", b"name: c\nversion: 1.0.0\n")
        .file("c/big", &[b'x'; (5 << 20) + 1]);
    assert!(archive.read().is_ok());
    let error = read_archive(&archive.gzip()[..], &Limits::untrusted()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "decompressed chart file \"c/big\" is larger than the maximum file size 5242880"
    );
}

#[test]
fn nested_archives_share_the_limits() {
    // Each is small, and inflates to 30 MiB: Helm would read any number of them.
    let inner = Builder::new()
        .file("s/Chart.yaml", b"name: s\nversion: 1.0.0\n")
        .file("s/zeros", &[0; 30 << 20])
        .gzip();
    let mut outer = Builder::new().file("c/Chart.yaml", b"name: c\nversion: 1.0.0\n");
    for number in 0..4 {
        outer = outer.file(&format!("c/charts/s{number}.tgz"), &inner);
    }
    let error = Chart::from_archive(&outer.gzip()[..], &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("s3.tgz in c: decompressed chart is larger"), "{error}");

    let mut nested = Builder::new().file("s/Chart.yaml", b"name: s\nversion: 1.0.0\n").gzip();
    for _ in 0..30 {
        let chart = Builder::new().file("s/Chart.yaml", b"name: s\nversion: 1.0.0\n");
        nested = chart.file("s/charts/s.tgz", &nested).gzip();
    }
    let error = Chart::from_archive(&nested[..], &Limits::default()).unwrap_err();
    assert!(error.to_string().ends_with("chart is nested deeper than the maximum depth 24"), "{error}");
}

#[test]
fn aliases_share_the_limits() {
    // Two megabytes of copies from ten kilobytes.
    let yaml = format!("a: &a {}\nb: [{}]\n", "x".repeat(10_000), vec!["*a"; 200].join(", "));
    let subchart = format!("name: s\nversion: 1.0.0\n{yaml}");
    let many = |number: usize| {
        let mut chart = Builder::new().file("c/Chart.yaml", b"name: c\nversion: 1.0.0\n");
        for index in 0..number {
            chart = chart.file(&format!("c/charts/s{index}/Chart.yaml"), subchart.as_bytes());
            chart = chart.file(&format!("c/charts/s{index}/values.yaml"), yaml.as_bytes());
        }
        Chart::from_archive(&chart.gzip()[..], &Limits::default())
    };
    assert_eq!(many(2).unwrap().subcharts().len(), 2);
    let error = many(100).unwrap_err();
    assert!(error.to_string().ends_with("larger than the maximum size 104857600"), "{error}");
}

#[test]
fn several_gzip_members_are_one_archive() {
    let archive = Builder::new().file("c/Chart.yaml", b"name: c\nversion: 1.0.0\n").file("c/a", b"1");
    let (first, second) = archive.0.split_at(700);
    let member = |bytes: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    };
    let whole = [member(first), member(second), member(&[0; 1024])].concat();
    assert_eq!(names(&read_archive(&whole[..], &Limits::default()).unwrap()), ["Chart.yaml", "a"]);
}

#[test]
fn a_cut_archive_is_no_chart() {
    let archive =
        Builder::new().file("c/Chart.yaml", b"name: c\nversion: 1.0.0\n").file("c/a", &[7; 5000]).gzip();
    for length in 0..archive.len() - 20 {
        if let Ok(files) = read_archive(&archive[..length], &Limits::default()) {
            // What was cut off can only be the padding and the mark of the end.
            assert_eq!(names(&files), ["Chart.yaml", "a"], "{length}");
            assert_eq!(files[1].data.len(), 5000);
        }
    }
}

#[test]
fn files_are_written_below_the_chart_only() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Builder::new()
        .file("x/Chart.yaml", b"name: c\nversion: 1.0.0\n")
        .file("x/a/b/c.txt", b"deep")
        .file("x/charts/s.tgz", b"kept");
    let files = archive.read().unwrap();
    let target = unpack(&files, &folder.path().join("new")).unwrap();
    assert_eq!(target, folder.path().join("new/c"));
    assert_eq!(fs::read(target.join("a/b/c.txt")).unwrap(), b"deep");
    assert_eq!(fs::read(target.join("charts/s.tgz")).unwrap(), b"kept");
    let error = unpack(&files, &folder.path().join("new")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("failed to untar: a file or directory with the name {} already exists", target.display())
    );
    for name in ["..", ".", "/", "a/b", "../x"] {
        let chart_yaml = format!("name: '{name}'\nversion: 1.0.0\n");
        let files = Builder::new().file("x/Chart.yaml", chart_yaml.as_bytes()).read().unwrap();
        assert!(unpack(&files, folder.path()).is_err(), "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn any_name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "(c|d|\\.|\\.\\.|Chart\\.yaml|)(/(a|b|charts|templates|\\.\\.|\\.|c:|Chart\\.yaml|values\\.yaml|)){0,5}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(1u8.., 0..90),
    ]
}

fn any_entry() -> impl Strategy<Value = (Vec<u8>, u8, u64, Vec<u8>)> {
    let kind =
        prop_oneof![6 => Just(b'0'), 1 => any::<u8>(), 2 => proptest::sample::select(b"125xgLK".to_vec())];
    let data = prop_oneof![
        "name: c\nversion: 1.0.0\n".prop_map(String::into_bytes),
        "[0-9]{1,2} (path|size|mtime|x)=[a/.0-9]{0,9}\n".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..1500),
    ];
    (any_name(), kind, data).prop_flat_map(|(name, kind, data)| {
        let length = data.len() as u64;
        let size = prop_oneof![5 => Just(length), 1 => 0..2000u64, 1 => any::<u32>().prop_map(u64::from)];
        (Just(name), Just(kind), size, Just(data))
    })
}

proptest! {
    #[test]
    fn random_entries_are_plain_files_or_an_error(entries in proptest::collection::vec(any_entry(), 0..8)) {
        let mut builder = Builder::new();
        for (name, kind, size, data) in &entries {
            builder = builder.entry(name, EntryType::new(*kind), *size, data);
        }
        let archive = builder.gzip();
        if let Ok(files) = read_archive(&archive[..], &Limits::default()) {
            let mut seen = std::collections::HashSet::new();
            for file in &files {
                prop_assert!(seen.insert(&file.name), "twice");
                prop_assert!(!file.name.is_empty());
                let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
                prop_assert!(file.name.split('/').all(plain), "{:?}", file.name);
            }
        }
        let _ = Chart::from_archive(&archive[..], &Limits::untrusted());
    }

    #[test]
    fn damage_never_panics(at in 0usize..100_000, byte: u8, inner: bool) {
        let chart = Builder::new().file("c/Chart.yaml", b"name: c\nversion: 1.0.0\n").file("c/templates/a", b"1");
        let mut bytes = if inner { chart.0.clone() } else { chart.gzip() };
        let at = at % bytes.len();
        bytes[at] = byte;
        let archive = if inner { Builder(bytes).gzip() } else { bytes };
        let _ = Chart::from_archive(&archive[..], &Limits::default());
    }

    #[test]
    fn any_chart_yaml_is_read_or_refused(text in "(apiVersion: v2\n)?(name: [a-z/.]{0,3}\n)?(version: [0-9.v-]{0,6}\n)?(type: (library|x)\n)?(keywords: [\\[\\]a,:]{0,6}\n)?(dependencies:\n- [a-z: {}]{0,9}\n)?") {
        let _ = chartroom_chart::ChartFile::parse(text.as_bytes()).map(|file| {
            let again = chartroom_chart::ChartFile::parse(file.to_full_yaml().unwrap().as_bytes()).unwrap();
            assert_eq!(again, file);
            let config: chartroom_chart::ChartFile = serde_json::from_slice(&file.to_config().unwrap()).unwrap();
            assert_eq!(config, file);
            chartroom_chart::Metadata::from_config(&file.to_config().unwrap()).unwrap();
        });
    }
}
