//! `list` of releases that stock Helm has made.

use crate::desk::Desk;

#[test]
fn releases_are_listed_as_helm_lists_them() {
    let Some(desk) = Desk::new() else { return };
    desk.chart();
    desk.stock("install web web -l team=blue,tier=3");
    desk.stock("upgrade web web");
    desk.stock("install api web -l team=red");
    desk.stock("install gone web");
    desk.stock("uninstall gone --keep-history");
    desk.write("broken/Chart.yaml", "apiVersion: v2\nname: broken\nversion: 0.1.0\n");
    desk.write(
        "broken/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 1}\n",
    );
    assert!(!desk.theirs("install broken broken").status.success());
    for flags in [
        "",
        "-o json",
        "-o yaml",
        "-q",
        "-q -o json",
        "-q -o yaml",
        "--no-headers",
        "-d",
        "-dr",
        "-r",
        "--deployed",
        "--failed",
        "--pending",
        "--superseded",
        "--superseded --deployed",
        "--uninstalled",
        "--uninstalled --failed -o json",
        "--uninstalling",
        "--filter ^w",
        "--filter '^(web|api)$'",
        "--filter (",
        "-l team=blue",
        "-l team!=blue",
        "-l 'team in (blue, red)'",
        "-l 'team notin (blue)'",
        "-l tier>2",
        "-l !team",
        "-l owner=helm",
        "-l status=deployed",
        "-l 'a b'",
        "-l 'a in (b'",
        "-l a=b,",
        "--max 1",
        "--max 0",
        "--max -1",
        "--offset 1 --max 1",
        "--offset 99",
        "--time-format 2006",
        "--time-format '2006-01-02 15:04:05 MST' -o json",
        "-n nosuch",
        "-n nosuch -o json",
        "-n nosuch -q",
        "extra",
    ] {
        desk.same(&format!("list {flags}"));
    }
    let all = desk.ours("list --all-namespaces -o json");
    assert!(all.stdout.contains(&format!("\"namespace\":\"{}\"", desk.namespace)), "{all:?}");
}

#[test]
fn config_maps_keep_releases_too() {
    let Some(desk) = Desk::new() else { return };
    desk.chart();
    let run = |ours: bool, line: &str| {
        let mut command = if ours { desk.our_command(line) } else { desk.stock_command(line) };
        let output = command.env("HELM_DRIVER", "configmap").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(run(false, "install web web").0, Some(0));
    for line in ["list", "list -o json", "history web", "get all web", "get values web", "get metadata web"] {
        assert_eq!(run(true, line), run(false, line), "{line}");
    }
    assert_eq!(desk.ours("list -q").stdout, "");
}
