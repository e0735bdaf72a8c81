//! Command lines, and what they are read as.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::ffi::OsString;

use super::*;

fn read(line: &str) -> Result<Cli, Stop> {
    Program::Helm.read(line.split(' ').filter(|word| !word.is_empty()).map(OsString::from))
}

#[track_caller]
fn mistake(line: &str) -> String {
    match read(line) {
        Err(Stop::Mistake(text)) => text,
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn pull(line: &str) -> (Pull, Globals) {
    match read(line) {
        Ok(Cli { command: Command::Pull(pull), globals }) => (pull, globals),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_definitions_are_sound() {
    for program in [Program::Chartroom, Program::Helm] {
        program.commands().debug_assert();
    }
}

#[test]
fn flags_reach_their_commands() {
    let Command::Serve(serve) =
        read("serve --config c.toml --listen [::1]:0 --data d --allow-anonymous").unwrap().command
    else {
        panic!("serve");
    };
    assert_eq!(serve.storage.config.unwrap().to_str(), Some("c.toml"));
    assert_eq!(serve.storage.data.unwrap().to_str(), Some("d"));
    assert_eq!(serve.listen.unwrap().to_string(), "[::1]:0");
    assert!(serve.allow_anonymous);

    let Command::Gc(gc) = read("gc --dry-run -ojson").unwrap().command else {
        panic!("gc");
    };
    assert!(gc.dry_run && gc.output == OutputFormat::Json);
}

#[test]
fn charts_are_signed_and_verified() {
    let line = "package a b --sign --key Jane --keyring k --passphrase-file -";
    let Command::Package(package) = read(line).unwrap().command else { panic!("package") };
    assert!(package.sign && package.folders.len() == 2);
    assert_eq!(package.key.as_deref(), Some("Jane"));
    assert_eq!(package.passphrase_file.unwrap().to_str(), Some("-"));
    let Command::Verify(verify) = read("verify a.tgz --keyring k").unwrap().command else { panic!("verify") };
    assert_eq!((verify.path.to_str(), verify.keyring.unwrap().to_str()), (Some("a.tgz"), Some("k")));
    let (pull, _) = pull("pull a --verify --keyring=k");
    assert!(pull.verification.verify && !pull.prov);
    assert_eq!(pull.verification.keyring.unwrap().to_str(), Some("k"));
    assert!(mistake("verify").starts_with("\"helm verify\" requires 1 argument"));
}

#[test]
fn the_clients_flags_may_stand_anywhere() {
    for line in [
        "--debug -n prod --registry-config f pull a",
        "-nprod --debug=1 pull --registry-config=f a",
        "pull a --debug --debug --namespace=prod --registry-config x --registry-config f",
        "--namespace test pull --registry-config f a -n=prod --debug=false --debug=t",
    ] {
        let (pull, globals) = pull(line);
        assert_eq!(pull.charts, ["a"], "{line}");
        assert_eq!(globals.debug, Some(true), "{line}");
        assert_eq!(globals.namespace.as_deref(), Some("prod"), "{line}");
        assert_eq!(pull.connection.transport.globals, globals, "{line}");
        assert_eq!(globals.registry_config.unwrap().to_str(), Some("f"), "{line}");
    }
    let (_, globals) = pull("pull a --kube-as-group x --kube-as-group y,z --qps 2.5 --burst-limit -1");
    assert_eq!(globals.kube.as_groups, ["x", "y,z"]);
    assert_eq!((globals.kube.qps, globals.kube.burst_limit), (Some(2.5), Some(-1)));
    for command in ["serve", "gc", "fsck"] {
        assert_eq!(mistake(&format!("{command} --debug")), "unknown flag: --debug");
    }
}

#[test]
fn values_are_taken_as_they_come() {
    let (pull, _) = pull("pull --untar=false --plain-http=T a --version -1 -d=x -d y --ca-file= -- --b");
    assert!(!pull.untar && pull.connection.transport.plain_http);
    assert_eq!(pull.charts, ["a", "--b"]);
    assert_eq!(pull.version.as_deref(), Some("-1"));
    assert_eq!(pull.destination.to_str(), Some("y"));
    assert_eq!(pull.connection.transport.ca_file, None);
}

#[test]
fn mistakes_are_told_in_the_known_words() {
    for (line, text) in [
        ("pull --nope", "unknown flag: --nope"),
        ("--nope", "unknown flag: --nope"),
        ("--nope pull", "unknown flag: --nope"),
        ("pull --help --nope", "unknown flag: --nope"),
        ("pull --unta", "unknown flag: --unta"),
        ("pull -zd", "unknown shorthand flag: 'z' in -zd"),
        ("pull -dx -z", "unknown shorthand flag: 'z' in -z"),
        ("pull x --version", "flag needs an argument: --version"),
        ("pull -d", "flag needs an argument: 'd' in -d"),
        ("-n", "flag needs an argument: 'n' in -n"),
        ("pull ---x", "bad flag syntax: ---x"),
        ("pull --=x", "bad flag syntax: --=x"),
        (
            "pull --untar=x",
            "invalid argument \"x\" for \"--untar\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
        ),
        (
            "version --qps x",
            "invalid argument \"x\" for \"--qps\" flag: strconv.ParseFloat: parsing \"x\": invalid syntax",
        ),
        (
            "version -v x",
            "invalid argument \"x\" for \"-v, --v\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
        ),
        (
            "tags x -o x",
            "invalid argument \"x\" for \"-o, --output\" flag: invalid format type, must be one of: table, json, yaml",
        ),
        (
            "push",
            "\"helm push\" requires at least 2 arguments\n\nUsage:  helm push [CHART] [REMOTE] [...] [flags]",
        ),
        ("version x", "\"helm version\" accepts no arguments\n\nUsage:  helm version [flags]"),
        ("env x y", "\"helm env\" accepts at most 1 argument\n\nUsage:  helm env [NAME] [flags]"),
        ("create a b", "\"helm create\" requires 1 argument\n\nUsage:  helm create NAME [flags]"),
        ("wrong", "unknown command \"wrong\" for \"helm\"\nRun 'helm --help' for usage."),
        (
            "registry loginn",
            "unknown command \"loginn\" for \"helm registry\"\n\nDid you mean this?\n\tlogin\n\n\
             Run 'helm registry --help' for usage.",
        ),
    ] {
        assert_eq!(mistake(line), text, "{line}");
    }
}

#[test]
fn help_is_given_wherever_it_is_asked_for() {
    for line in [
        "help",
        "--help",
        "-h",
        "",
        "show",
        "help push",
        "push -h",
        "push --help a b c",
        "help push x",
        "-- push",
    ] {
        assert!(matches!(read(line), Err(Stop::Asked(text)) if text.contains("Usage: helm")), "{line}");
    }
    assert!(matches!(read("--version"), Err(Stop::Mistake(_))));
    let asked = Program::Chartroom.read(["--version".into()]);
    assert!(matches!(asked, Err(Stop::Asked(text)) if text.starts_with("chartroom ")));
}

#[test]
fn every_command_explains_itself() {
    for command in Program::Chartroom.commands().get_subcommands() {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        assert!(command.get_after_help().is_some(), "{} shows no example", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {argument}", command.get_name());
        }
    }
}

#[test]
fn examples_have_the_name_that_is_called() {
    let helm = Program::Helm.commands();
    let examples = |name: &str| helm.find_subcommand(name).unwrap().get_after_help().unwrap().to_string();
    assert!(examples("push").contains("helm push") && !examples("push").contains("chartroom push"));
    assert!(examples("serve").contains("chartroom serve"));
}

#[test]
fn a_line_declares_all_flags_of_what_it_names() {
    for program in [Program::Chartroom, Program::Helm] {
        let mut all = program.commands();
        for command in all.get_subcommands_mut() {
            let names: Vec<String> = [command.get_name()]
                .into_iter()
                .chain(command.get_all_aliases())
                .map(str::to_owned)
                .collect();
            let help = command.render_long_help().to_string();
            for name in names {
                match program.read([OsString::from(&name), "--help".into()]) {
                    Err(Stop::Asked(text)) => assert_eq!(text, help, "{name}"),
                    other => panic!("{name}: {other:?}"),
                }
            }
        }
    }
}
