//! Archives.

use std::fs;
use std::io::Read;
use std::path::Path;

use chartroom_chart::{Chart, Limits, PackageOptions, source_date_epoch};
use chartroom_test_support::Peer;
use flate2::read::GzDecoder;

use crate::{FULL_CHART_YAML, Folder, helm};

/// An entry of an archive, as far as Helm and we have to agree on it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    name: String,
    content: String,
    mode: u32,
    modified: u64,
    owner: (u64, u64),
    kind: u8,
}

fn entries(archive: &[u8]) -> Vec<Entry> {
    let mut archive = tar::Archive::new(GzDecoder::new(archive));
    let read = |entry: std::io::Result<tar::Entry<'_, GzDecoder<&[u8]>>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let header = entry.header();
        Entry {
            name: String::from_utf8(entry.path_bytes().to_vec()).unwrap(),
            content: String::from_utf8_lossy(&content).into_owned(),
            mode: header.mode().unwrap(),
            modified: header.mtime().unwrap(),
            owner: (header.uid().unwrap(), header.gid().unwrap()),
            kind: header.entry_type().as_byte(),
        }
    };
    archive.entries().unwrap().map(read).collect()
}

/// Packs a folder with Helm, and gives the archive.
fn packed_by_helm(helm: &Peer, folder: &Path, more: &[&str]) -> Vec<u8> {
    let out = helm.home().join("packed");
    let folder = folder.to_string_lossy().into_owned();
    let mut arguments = vec!["package", &folder, "--destination", "packed"];
    arguments.extend(more);
    helm.ok(&arguments);
    let mut archives = fs::read_dir(&out).unwrap();
    let archive = fs::read(archives.next().unwrap().unwrap().path()).unwrap();
    assert!(archives.next().is_none());
    fs::remove_dir_all(&out).unwrap();
    archive
}

fn packed_by_us(folder: &Path, options: &PackageOptions) -> Vec<u8> {
    let mut chart = Chart::open(folder, &Limits::default()).unwrap();
    chart.prepare(options).unwrap();
    chart.to_archive().unwrap()
}

#[track_caller]
fn assert_same(ours: &[u8], helms: &[u8]) {
    let (ours, helms) = (entries(ours), entries(helms));
    let names = |entries: &[Entry]| entries.iter().map(|entry| entry.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&helms));
    for (ours, helms) in ours.iter().zip(&helms) {
        assert_eq!(ours, helms);
    }
}

fn full_chart(path: &Path) -> Folder {
    let long = format!("files/{}/{}.txt", "d".repeat(90), "f".repeat(90));
    let longer = format!("files/{}/{}.txt", "d".repeat(120), "f".repeat(120));
    let mut folder = Folder::new(path);
    folder
        .file("Chart.yaml", FULL_CHART_YAML)
        .file("values.yaml", "\u{feff}# kept\na: 1\n---\nb: {c: 2}\n")
        .file("values.schema.json", "{ \"type\": \"object\" }")
        .file("Chart.lock", "generated: 2024-05-06T07:08:09.120000000+09:00\ndigest: sha256:0\ndependencies: [{name: sub, version: 0.1.2, repository: oci://r.example/charts}]\n")
        .file("README.md", "read\r\nme\n")
        .file("LICENSE", "")
        .file(".helmignore", "*.bak\n/secret/\n# x\n")
        .file(".hidden", "kept")
        .file("a.bak", "ignored")
        .file("secret/x", "ignored")
        .file("x/secret/y", "kept")
        .file("templates/b.yaml", "b: {{ .Values.b }}")
        .file("templates/a.yaml", "a: 1")
        .file("templates/a/z.yaml", "z: 1")
        .file("templates/.dot", "ignored")
        .file("templates/_helpers.tpl", "")
        .file("templates/b.yaml.bak", "ignored")
        .file("crds/crd.yaml", "kind: x\n")
        .file("files/binary", [0, 159, 146, 150, 0xef])
        .file("files/日本 語.txt", "unicode")
        .file(&long, "long name")
        .file(&longer, "longer name")
        .file("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.2\n")
        .file("charts/sub/templates/x.yaml", "x: 1\n")
        .file("charts/sub/.helmignore", "templates/\n")
        .file("charts/_ignored/Chart.yaml", "broken")
        .file("charts/.ignored", "")
        .file("charts/sub.prov", "provenance");
    folder
}

#[test]
fn the_same_folder_gives_what_helm_packs() {
    let Some(helm) = helm() else { return };
    let folder = full_chart(&helm.home().join("full"));
    let ours = packed_by_us(&folder.path, &PackageOptions::default());
    assert_same(&ours, &packed_by_helm(&helm, &folder.path, &[]));
    assert_eq!(ours, packed_by_us(&folder.path, &PackageOptions::default()), "not the same bytes twice");
}

#[test]
fn overrides_change_what_they_change_in_helm() {
    let Some(helm) = helm() else { return };
    let folder = full_chart(&helm.home().join("full"));
    let options =
        PackageOptions { version: Some("v2.0".into()), app_version: Some("yes".into()), modified: None };
    let helms = packed_by_helm(&helm, &folder.path, &["--version", "v2.0", "--app-version", "yes"]);
    assert_same(&packed_by_us(&folder.path, &options), &helms);
}

#[test]
fn one_time_for_everything() {
    let Some(helm) = helm() else { return };
    let folder = full_chart(&helm.home().join("full"));
    let mut command = helm.command(&["package", "full", "--destination", "packed"]);
    assert!(command.env("SOURCE_DATE_EPOCH", "1234567890").output().unwrap().status.success());
    let helms = fs::read(helm.home().join("packed/full-1.2.3+build.5.tgz")).unwrap();
    let options = PackageOptions {
        modified: Some(source_date_epoch("1234567890").unwrap()),
        ..PackageOptions::default()
    };
    assert_same(&packed_by_us(&folder.path, &options), &helms);

    for value in ["bad", "", "-1", "99999999999999999999", "1.5"] {
        let mut command = helm.command(&["package", "full"]);
        let output = command.env("SOURCE_DATE_EPOCH", value).output().unwrap();
        if output.status.success() {
            assert_eq!(value, "", "Helm takes an empty variable for none");
            continue;
        }
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(format!("Error: {}\n", source_date_epoch(value).unwrap_err()), stderr);
    }
}

#[test]
fn charts_of_helm_2_keep_their_requirements() {
    let Some(helm) = helm() else { return };
    let requirements = "dependencies:\n- {name: sub, version: 0.1.2, repository: ''}\n";
    let lock = "dependencies: [{name: sub, version: 0.1.2, repository: ''}]\ndigest: x\ngenerated: 2020-01-01T00:00:00Z\n";
    for api_version in ["", "apiVersion: v1\n", "apiVersion: v2\n"] {
        let path = helm.home().join(format!("old{}", api_version.len()));
        let _ = fs::remove_dir_all(&path);
        let mut folder = Folder::new(&path);
        folder
            .file("Chart.yaml", format!("{api_version}name: old\nversion: 0.1.0\n"))
            .file("requirements.yaml", requirements)
            .file("requirements.lock", lock)
            .file("charts/sub/Chart.yaml", "name: sub\nversion: 0.1.2\n");
        let ours = packed_by_us(&folder.path, &PackageOptions::default());
        assert_same(&ours, &packed_by_helm(&helm, &folder.path, &[]));
        assert_eq!(folder.chart().metadata().dependencies.len(), 1);
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn several_subcharts_come_in_one_order() {
    let Some(helm) = helm() else { return };
    let mut inner = Folder::new(helm.home().join("inner"));
    inner.file("Chart.yaml", "apiVersion: v2\nname: packed\nversion: 3.0.0\n").file("values.yaml", "a: 1\n");
    let archive = packed_by_us(&inner.path, &PackageOptions::default());
    let mut folder = Folder::new(helm.home().join("many"));
    folder.file("Chart.yaml", "apiVersion: v2\nname: many\nversion: 1.0.0\n");
    for name in ["zeta", "alpha", "mid"] {
        folder.file(
            &format!("charts/{name}-folder/Chart.yaml"),
            format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"),
        );
    }
    folder.file("charts/packed-3.0.0.tgz", archive).file("charts/packed-3.0.0.tgz.prov", "signed");
    let ours = packed_by_us(&folder.path, &PackageOptions::default());
    let sorted = |archive: &[u8]| {
        let mut entries = entries(archive);
        entries.sort();
        entries
    };
    assert_eq!(sorted(&ours), sorted(&packed_by_helm(&helm, &folder.path, &[])));
    let names: Vec<String> = entries(&ours).into_iter().map(|entry| entry.name).collect();
    let alpha = names.iter().position(|name| name.starts_with("many/charts/alpha")).unwrap();
    let zeta = names.iter().position(|name| name.starts_with("many/charts/zeta")).unwrap();
    assert!(alpha < zeta, "{names:?}");
}

#[test]
fn two_subcharts_of_one_name_stay_apart() {
    let Some(helm) = helm() else { return };
    let mut folder = Folder::new(helm.home().join("twice"));
    folder.file("Chart.yaml", "apiVersion: v2\nname: twice\nversion: 1.0.0\n");
    for version in ["1.0.0", "2.0.0"] {
        folder
            .file(
                &format!("charts/sub-{version}/Chart.yaml"),
                format!("apiVersion: v2\nname: sub\nversion: {version}\n"),
            )
            .file(&format!("charts/sub-{version}/templates/only-{version}.yaml"), "a: 1\n");
    }
    let path = folder.chart().package_to(helm.home()).unwrap();
    let again = Chart::open(&path, &Limits::default()).unwrap();
    let versions: Vec<&str> = again.subcharts().iter().map(Chart::version).collect();
    assert_eq!(versions, ["1.0.0", "2.0.0"]);
    assert!(again.subcharts().iter().all(|subchart| subchart.templates().len() == 1));
    helm.ok(&["show", "chart", &path.to_string_lossy()]);
}

#[test]
fn helm_reads_what_we_pack() {
    let Some(helm) = helm() else { return };
    let folder = full_chart(&helm.home().join("full"));
    let mut chart = folder.chart();
    chart.prepare(&PackageOptions::default()).unwrap();
    let path = chart.package_to(&helm.home().join("new/folder")).unwrap();
    assert_eq!(path.file_name().unwrap().to_string_lossy(), "full-1.2.3+build.5.tgz");
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "something unfinished is left behind: {left:?}");
    let path = path.to_string_lossy().into_owned();
    for what in ["chart", "values", "readme", "crds"] {
        let packed = helm.ok(&["show", what, &path]).stdout;
        assert_eq!(packed, helm.ok(&["show", what, "full"]).stdout);
    }
    let chart_yaml = helm.ok(&["show", "chart", &path]).stdout;
    assert_eq!(format!("{}\n", chart.metadata().to_full_yaml().unwrap()), chart_yaml);
    helm.ok(&["template", "release", &path, "--kube-version", "1.30.0"]);
    // Lint finds in it what it finds in Helm's own.
    let own = helm.write("own.tgz", packed_by_helm(&helm, &folder.path, &[]));
    let findings = |path: &str| helm.fails(&["lint", path]).stdout.replace(path, "the chart");
    assert_eq!(findings(&path), findings(&own.to_string_lossy()));
}

#[test]
fn helms_refusals_are_ours() {
    let Some(helm) = helm() else { return };
    let ours = |folder: &Folder, options: &PackageOptions| {
        let mut chart = Chart::open(&folder.path, &Limits::default())?;
        chart.prepare(options)?;
        chart.to_archive()
    };
    let mut folder = Folder::new(helm.home().join("c"));
    folder.file(
        "Chart.yaml",
        "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: demo}, {name: local}]\n",
    );
    let none = PackageOptions::default();
    let check = |folder: &Folder, options: &PackageOptions, more: &[&str]| {
        let mut arguments = vec!["package", "c"];
        arguments.extend(more);
        let helms = helm.fails(&arguments).stderr;
        let ours = ours(folder, options).unwrap_err().to_string();
        assert_eq!(format!("Error: {ours}\n"), helms);
    };
    check(&folder, &none, &[]);
    folder.file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n");
    for version in ["bad_ver", "1.2.3.4", "1.2.3-01", "99999999999999999999"] {
        check(
            &folder,
            &PackageOptions { version: Some(version.into()), ..none.clone() },
            &["--version", version],
        );
    }
    folder.file("values.schema.json", "{");
    check(&folder, &none, &[]);
    fs::remove_file(folder.path.join("values.schema.json")).unwrap();
    for api_version in ["v3", "v9"] {
        folder.file("Chart.yaml", format!("apiVersion: {api_version}\nname: c\nversion: 1.0.0\n"));
        check(&folder, &none, &[]);
    }
}
