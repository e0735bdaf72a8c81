//! Command lines, good and bad, as `chartroom` reads them by the name `helm`, beside Helm.

use std::os::unix::fs::symlink;
use std::process::Command;

use chartroom_test_support::Peer;

use crate::desk::{Desk, Run, finish};
use crate::{HELM, charts, server};

fn desk() -> Desk {
    let desk = Desk::alone();
    charts::plain(&desk, "webapp", "1.2.3", "image:\n  tag: \"7\"\n");
    desk
}

/// Lines whose outcome is Helm's to the letter: both streams and the exit code.
const SAME: &[&str] = &[
    // flags that nobody has, or that lack a value
    "pull --nope",
    "--nope",
    "pull x --nope=1",
    "pull -z",
    "pull -zd",
    "pull -dx -z",
    "pull x --version",
    "pull -d",
    "push -n",
    "-n",
    "pull ---x",
    "pull --=x",
    "pull --unta",
    "push --help --nope",
    "version --client",
    "version -c",
    "create x -p",
    "create x --chart-api-version",
    "--version",
    // values that are none
    "pull --untar=x",
    "pull --plain-http= x",
    "pull --devel=maybe x",
    "--debug=maybe version",
    "version --debug=maybe",
    "version --qps x",
    "version --burst-limit x",
    "version --burst-limit=1.5",
    "version --kube-insecure-skip-tls-verify=2",
    "-v x version",
    // commands that nobody has
    "wrong",
    "wrong --debug",
    "helm",
    "vers",
    "Push",
    // too few or too many arguments
    "version x",
    "version -- --short",
    "completion bash x",
    "package",
    // what runs
    "env HELM_CACHE_HOME",
    "env NOPE",
    "--debug env HELM_DEBUG",
    "env HELM_DEBUG --debug --debug=false",
    "env --debug=1 HELM_DEBUG",
    "env -n one --namespace two HELM_NAMESPACE",
    "-none env HELM_NAMESPACE",
    "-n=one env HELM_NAMESPACE",
    "env HELM_NAMESPACE --namespace=",
    "env HELM_BURST_LIMIT --burst-limit 0x10",
    "env HELM_QPS --qps=2.345",
    "env HELM_KUBECONTEXT --kube-context --debug",
    "env -- HELM_DEBUG",
    "--registry-config r env HELM_REGISTRY_CONFIG",
    "env HELM_REPOSITORY_CONFIG --repository-config x --repository-config y",
    "env HELM_REPOSITORY_CACHE --repository-cache=x",
    "env HELM_CONTENT_CACHE --content-cache x",
    "env HELM_KUBECAFILE --kube-ca-file x",
    "env HELM_KUBEAPISERVER --kube-apiserver https://x",
    "env HELM_KUBETOKEN --kube-token x",
    "env HELM_KUBEASUSER --kube-as-user x",
    "env HELM_KUBETLS_SERVER_NAME --kube-tls-server-name x",
    "env HELM_KUBEINSECURE_SKIP_TLS_VERIFY --kube-insecure-skip-tls-verify",
    "env KUBECONFIG --kubeconfig x",
    "env HELM_DEBUG --color never --colour=always -v 3",
    "version --template '{{.Version}}'",
    "version --template 'a {{ .Version }} b {{.KubeClientVersion}} {{.GitTreeState}}'",
    "version --template '{{.Nope}}'",
    "version --template '{{ .Nope }}'",
    "version --template '{{'",
    "show chart webapp",
    "inspect values webapp",
    "show values webapp --devel=false --version=",
    "show values webapp --jsonpath {.image.tag}",
    "show values --jsonpath={.image.tag} webapp --debug=false",
    "show --debug=false values webapp",
    "--kube-context x show -n y readme webapp --ca-file=",
    "package webapp --destination=. --version= --app-version ''",
    "package webapp -d=out --version 2.0.0 --version 3.0.0",
];

#[test]
fn lines_come_to_what_they_come_to_with_helm() {
    let Some(helm) = Peer::find(HELM) else { return };
    let (here, there) = (desk(), desk());
    for line in SAME {
        let told = |desk: &Desk, run: Run| {
            let home = desk.path("").display().to_string();
            let home = home.trim_end_matches('/');
            (run.status.code(), run.stdout.replace(home, "HOME"), run.stderr.replace(home, "HOME"))
        };
        let ours = told(&here, here.as_helm(line));
        let theirs = told(&there, there.try_helm(&helm, line));
        assert_eq!(ours, theirs, "{line}");
    }
    assert_eq!(here.names(""), there.names(""));
}

/// Lines that name a command which is close to others: there are more of them here.
#[test]
fn names_that_are_close_are_suggested() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = desk();
    for line in ["pus", "pul", "crate", "packge", "regisry", "versio"] {
        let (ours, theirs) = (desk.as_helm(line), desk.try_helm(&helm, line));
        assert_eq!((ours.status.code(), &ours.stdout), (theirs.status.code(), &theirs.stdout), "{line}");
        let lines = |run: &Run| run.stderr.lines().map(str::to_owned).collect::<Vec<_>>();
        let (ours, theirs) = (lines(&ours), lines(&theirs));
        assert_eq!(ours[0], theirs[0], "{line}");
        assert_eq!(ours.last(), theirs.last(), "{line}");
        assert!(theirs.iter().all(|theirs| ours.contains(theirs)), "{line}: {ours:?} {theirs:?}");
    }
}

/// The first line of the error is Helm's, and the usage has its shape. The arguments have our names.
#[test]
fn the_number_of_arguments_is_told_in_helms_words() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = desk();
    for line in [
        "push",
        "push a",
        "pull",
        "create",
        "create a b",
        "show values",
        "show chart a b",
        "show values -- demo --jsonpath",
        "registry login",
        "registry logout",
        "env HELM_CACHE_HOME X",
    ] {
        let (ours, theirs) = (desk.as_helm(line), desk.try_helm(&helm, line));
        assert_eq!((ours.status.code(), &ours.stdout), (theirs.status.code(), &theirs.stdout), "{line}");
        let (first, usage) = ours.stderr.split_once("\n\n").unwrap();
        let (wanted, shape) = theirs.stderr.split_once("\n\n").unwrap();
        let exactly = |text: &str| text.replace("requires at least 1", "requires 1");
        if line.starts_with("registry") {
            // Helm overlooks a second host.
            assert_eq!(first, exactly(wanted), "{line}");
        } else {
            assert_eq!(first, wanted, "{line}");
        }
        let start = shape.split(" [").next().unwrap().split(" NAME").next().unwrap();
        assert!(usage.starts_with(start) && usage.ends_with(" [flags]\n"), "{line}: {ours:?}");
    }
    assert!(
        desk.run("push").stderr.starts_with("Error: \"chartroom push\" requires at least 2 arguments\n\n")
    );
}

#[test]
fn the_environment_is_printed_as_helm_prints_it() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = desk();
    let cases: [&[(&str, &str)]; 4] = [
        &[],
        &[
            ("HELM_REPOSITORY_CONFIG", ""),
            ("HELM_DEBUG", "x"),
            ("HELM_QPS", "x"),
            ("HELM_BURST_LIMIT", "0x10"),
            ("HELM_KUBEASGROUPS", "a,b"),
            ("HELM_MAX_HISTORY", "z"),
            ("HELM_NAMESPACE", ""),
            ("HELM_CACHE_HOME", ""),
        ],
        &[
            ("XDG_CACHE_HOME", "/x"),
            ("XDG_CONFIG_HOME", "/y"),
            ("XDG_DATA_HOME", "/z"),
            ("HELM_DATA_HOME", "/d"),
            ("HELM_REGISTRY_CONFIG", "relative"),
            ("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "1"),
            ("HELM_QPS", "2.345"),
            ("HELM_MAX_HISTORY", "3"),
            ("HELM_BURST_LIMIT", "7"),
            ("HELM_NAMESPACE", "prod"),
            ("HELM_DEBUG", "true"),
        ],
        &[
            ("HELM_PLUGINS", "/p"),
            ("HELM_CONTENT_CACHE", "/c"),
            ("HELM_REPOSITORY_CACHE", "/r"),
            ("HELM_KUBECONTEXT", "k"),
            ("HELM_KUBETOKEN", "t"),
            ("HELM_COLOR", "x"),
        ],
    ];
    for variables in cases {
        let run = |mut command: Command| {
            for name in ["CACHE_HOME", "CONFIG_HOME", "DATA_HOME"] {
                command.env_remove(format!("HELM_{name}")).env_remove(format!("XDG_{name}"));
            }
            command.env("HOME", desk.path("home"));
            let run = finish(command.envs(variables.iter().copied()), b"");
            assert!(run.status.success(), "{run:?}");
            run.stdout
                .lines()
                .filter(|line| !line.starts_with("HELM_BIN="))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(run(desk.command("env")), run(helm.command(&["env".to_owned()])), "{variables:?}");
    }
}

#[test]
fn called_as_helm_the_version_is_that_of_helm() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = desk();
    let place = tempfile::tempdir().unwrap();
    let link = place.path().join("helm");
    symlink(env!("CARGO_BIN_EXE_chartroom"), &link).unwrap();
    let linked = |line: &str| finish(Command::new(&link).args(line.split(' ')), b"").stdout;
    let before = |text: &str| text.split(['+', ',']).next().unwrap().to_owned();
    for line in ["version", "version --short"] {
        assert_eq!(before(&linked(line)), before(&desk.helm(&helm, line).stdout), "{line}");
        assert_eq!(linked(line), desk.as_helm(line).stdout);
    }
    let short = linked("version --short");
    let commit = short.trim_end().split_once("+g").unwrap().1;
    assert!(commit.len() == 7 && commit.chars().all(|digit| digit.is_ascii_hexdigit()), "{short}");
    let names = |text: &str| {
        text.split(['{', ' ']).filter_map(|part| Some(part.split_once(':')?.0.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&linked("version").replace("chartroom ", "")),
        names(&desk.helm(&helm, "version").stdout)
    );
    assert!(linked("version").contains("chartroom"));

    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(desk.ok("version").stdout, format!("chartroom {own}\n"));
    assert_eq!(desk.ok("--version").stdout, format!("chartroom {own}\n"));
    assert_eq!(desk.ok("version --short").stdout, format!("{own}\n"));
    assert_eq!(desk.ok("version --template v{{.Version}}").stdout, format!("v{own}"));
}

#[test]
fn help_names_the_program_that_was_called() {
    let desk = desk();
    for line in [
        "",
        "help",
        "--help",
        "-h",
        "show",
        "registry",
        "completion",
        "help push",
        "push -h",
        "push a --help",
    ] {
        let run = desk.as_helm(line);
        assert!(run.status.success() && run.stderr.is_empty(), "{line}: {run:?}");
        assert!(run.stdout.contains("Usage: helm"), "{line}: {run:?}");
        assert!(desk.ok(line).stdout.contains("Usage: chartroom"), "{line}");
    }
    // The flags of all commands don't drown those of one, and are there at length.
    assert!(!desk.ok("push -h").stdout.contains("--kube-token"));
    assert!(desk.ok("push --help").stdout.contains("--kube-token"));
    assert!(!desk.ok("serve --help").stdout.contains("--kube-token"));
    for line in ["help wrong", "show wrong", "registry wrong", "serve --debug", "gc --namespace x"] {
        desk.fails(line);
    }
}

#[test]
fn every_shell_gets_its_script() {
    let desk = desk();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = desk.as_helm(&format!("completion {shell}")).stdout;
        assert!(script.contains("helm") && script.contains("plain-http"), "{shell}");
        let short = desk.ok(&format!("completion {shell} --no-descriptions")).stdout;
        assert!(short.contains("chartroom") && short.len() <= script.len() + 4096, "{shell}");
        if shell != "bash" {
            let described = "Use plain HTTP instead of HTTPS";
            assert!(script.contains(described) && !short.contains(described), "{shell}");
        }
    }
    // The script is one that bash can read.
    desk.write("helm.bash", desk.as_helm("completion bash").stdout);
    let mut bash = Command::new("bash");
    let run = finish(bash.arg("-n").arg(desk.path("helm.bash")), b"");
    assert!(run.status.success() && run.stderr.is_empty(), "{run:?}");
}

#[test]
fn starters_are_found_where_helm_keeps_them() {
    let Some(helm) = Peer::find(HELM) else { return };
    let desk = desk();
    let data = desk.helm(&helm, "env HELM_DATA_HOME").stdout;
    let place =
        std::path::Path::new(data.trim_end()).strip_prefix(desk.path("")).unwrap().join("starters/mine");
    charts::plain(&desk, place.to_str().unwrap(), "0.3.0", "name: <CHARTNAME>\n");
    desk.folder("ours");
    desk.folder("theirs");
    desk.ok("create ours/app --starter mine");
    desk.helm(&helm, "create theirs/app -p mine");
    desk.same("ours", "theirs");
    let (ours, theirs) =
        (desk.run("create a --starter nope"), desk.try_helm(&helm, "create a --starter nope"));
    assert_eq!((ours.status.code(), &ours.stdout), (theirs.status.code(), &theirs.stdout));
    assert!(theirs.stderr.starts_with("Error: could not load") && ours.stderr.contains("nope"), "{ours:?}");
}

#[test]
fn the_flags_of_all_commands_have_their_effect() {
    let server = server();
    let desk = Desk::at(server.addr());
    charts::plain(&desk, "webapp", "1.0.0", "");
    let shows = |run: &Run| run.stderr.contains("/v2/charts/webapp/");
    let run = desk.ok("--debug push webapp REGISTRY/charts --plain-http=true");
    assert!(shows(&run), "{run:?}");
    let line = "tags REGISTRY/charts/webapp --short --plain-http";
    assert!(!shows(&desk.ok(line)) && shows(&desk.ok(&format!("{line} --debug"))));
    for (value, flag, shown) in [("1", "", true), ("no", "", false), ("true", " --debug=false", false)] {
        let run = finish(desk.command(&format!("{line}{flag}")).env("HELM_DEBUG", value), b"");
        assert_eq!(shows(&run), shown, "{value}{flag}: {run:?}");
        assert_eq!(run.stdout, "1.0.0\n");
    }
    desk.write("broken.json", "{");
    desk.fails(&format!("--registry-config broken.json {line}"));
    let run = finish(desk.command(line).env("HELM_REGISTRY_CONFIG", desk.path("broken.json")), b"");
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    desk.ok(&format!("--registry-config= {line}"));
}
