//! What operators write, and what they are told.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Settings> {
    let environment = environment.iter().map(|(name, value)| (name.into(), value.into()));
    Settings::parse(Some((Path::new("chartroom.toml"), text)), environment)
}

fn refused(text: &str, environment: &[(&str, &str)]) -> String {
    parse(text, environment).unwrap_err().to_string()
}

#[test]
fn nothing_set_is_the_defaults() {
    assert_eq!(parse("", &[]).unwrap(), Settings::default());
    assert_eq!(Settings::load(None, []).unwrap(), Settings::default());
}

#[test]
fn everything_can_be_set_in_the_file() {
    let settings = parse(
        r#"
        listen = "[::]:443"
        data = "/srv/charts"
        allow_anonymous = true
        [tls]
        certificate = "/etc/tls/tls.crt"
        key = "/etc/tls/tls.key"
        [limits]
        header_timeout = "5s"
        idle_timeout = "2m"
        max_connections = 10
        max_header_bytes = "32KiB"
        max_manifest_bytes = 4194304
        max_blob_bytes = "16GiB"
        drain_timeout = "0s"
        [log]
        level = "debug"
        format = "json"
        [charts]
        strict = true
        immutable_versions = true
        [gc]
        enabled = false
        interval = "10m"
        grace = "0s"
        [uploads]
        expire = "1d"
        "#,
        &[],
    )
    .unwrap();
    assert_eq!(settings.listen, "[::]:443".parse().unwrap());
    assert_eq!(settings.tls.files(), Some((Path::new("/etc/tls/tls.crt"), Path::new("/etc/tls/tls.key"))));
    assert_eq!(settings.limits.idle_timeout.duration(), Duration::from_secs(120));
    assert_eq!(settings.limits.max_connections.get(), 10);
    assert_eq!(settings.limits.max_blob_bytes.bytes(), Some(16 << 30));
    assert_eq!(settings.log.level, LogLevel::Debug);
    assert!(settings.charts.strict && settings.charts.immutable_versions && !settings.gc.enabled);
}

#[test]
fn what_is_written_out_reads_back() {
    let text = toml::to_string(&Settings::default()).unwrap();
    assert_eq!(parse(&text, &[]).unwrap(), Settings::default());
}

#[test]
fn the_environment_wins_over_the_file() {
    let settings = parse(
        "listen = \"127.0.0.1:1\"\n[charts]\nimmutable_versions = true\n",
        &[
            ("CHARTROOM_LISTEN", "127.0.0.1:2"),
            ("CHARTROOM_CHARTS__STRICT", "true"),
            ("CHARTROOM_LIMITS__MAX_CONNECTIONS", "7"),
            ("CHARTROOM_LIMITS__MAX_BLOB_BYTES", "1GiB"),
            ("CHARTROOM_TLS__CERTIFICATE", "a.pem"),
            ("CHARTROOM_TLS__KEY", "b.pem"),
            ("CHARTROOM_PORT", "tcp://10.0.0.1:5000"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!(settings.listen.port(), 2);
    assert!(settings.charts.strict && settings.charts.immutable_versions);
    assert_eq!(settings.limits.max_connections.get(), 7);
    assert_eq!(settings.limits.max_blob_bytes.bytes(), Some(1 << 30));
    assert_eq!(settings.tls.files(), Some((Path::new("a.pem"), Path::new("b.pem"))));
}

#[test]
fn mistakes_in_the_file_are_shown_where_they_are() {
    assert_refused(&[
        (
            "listen = \"127.0.0.1:5000\"\n\n[limits]\nidle_timeout = \"60\"\n",
            "chartroom.toml, line 4: `limits.idle_timeout`: `60` is not a length of time such as 500ms, 15s, \
             10m, 24h or 7d, at most 36500d",
        ),
        (
            "[limits]\nidle_timeout = 60\n",
            "chartroom.toml, line 2: `limits.idle_timeout`: invalid type: integer `60`, expected a length of \
             time such as \"15s\", \"10m\", \"24h\" or \"7d\"",
        ),
        (
            "[log]\nlevel = \"loud\"",
            "chartroom.toml, line 2: `log.level`: unknown variant `loud`, expected one of `error`, `warn`, \
             `info`, `debug`, `trace`",
        ),
        (
            "[charts]\nstrickt = true\n",
            "chartroom.toml, line 2: `charts.strickt`: unknown field `strickt`, expected `strict` or \
             `immutable_versions`",
        ),
        (
            "[chart]\nstrict = true\n",
            "chartroom.toml, line 1: `chart`: unknown field `chart`, expected one of `listen`, `data`, \
             `allow_anonymous`, `tls`, `limits`, `log`, `charts`, `gc`, `uploads`, `auth`, `access`, `audit`",
        ),
        (
            "listen = \"localhost\"",
            "chartroom.toml, line 1: `listen`: `localhost` is not an IP address and a port, such as \
             127.0.0.1:5000 or [::]:5000",
        ),
        (
            "[limits]\nmax_manifest_bytes = \"1MiB\"",
            "chartroom.toml, line 2: `limits.max_manifest_bytes`: `1MiB` is not between 4MiB and 256MiB",
        ),
        ("[gc]\ninterval = \"0s\"", "chartroom.toml, line 2: `gc.interval`: must be longer than zero"),
        (
            "[limits]\nmax_connections = 0",
            "chartroom.toml, line 2: `limits.max_connections`: invalid value: integer `0`, expected a nonzero \
             usize",
        ),
        ("listen = 5000\nlisten = 5001", "chartroom.toml, line 2: `listen`: duplicate key"),
    ]);
}

fn assert_refused(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(&refused(text, &[]), expected);
    }
}

#[test]
fn mistakes_in_the_environment_name_the_variable() {
    let variable = |name: &str, value: &str| refused("", &[(name, value)]);
    assert_eq!(
        variable("CHARTROOM_CHARTS__STRICT", "yes"),
        "environment variable CHARTROOM_CHARTS__STRICT: invalid type: string \"yes\", expected a boolean"
    );
    assert_eq!(
        variable("CHARTROOM_CHARTS__STRICKT", "true"),
        "environment variable CHARTROOM_CHARTS__STRICKT: unknown field `strickt`, expected `strict` or \
         `immutable_versions`"
    );
    assert_eq!(
        variable("CHARTROOM_LOG", "debug"),
        "environment variable CHARTROOM_LOG: `log` is a section; its keys are set by CHARTROOM_LOG__KEY"
    );
    assert!(variable("CHARTROOM_LISTEN__PORT", "1").contains("CHARTROOM_LISTEN__PORT"));
    assert!(variable("CHARTROOM_LIMITS__MAX__BLOB", "1").contains("unknown field `max__blob`"));
    assert!(variable("CHARTROOM_TYPO", "1").contains("unknown field `typo`"));
    assert!(variable("CHARTROOM_", "1").contains("unknown field ``"));
    assert!(variable("CHARTROOM_DATA__X", "1").contains("CHARTROOM_DATA__X"));
}

#[test]
fn tls_needs_both_files() {
    assert_eq!(
        refused("[tls]\ncertificate = \"a.pem\"", &[]),
        "`tls.certificate` is set, but `tls.key` is not"
    );
    assert!(parse("[tls]\ncertificate = \"a.pem\"", &[("CHARTROOM_TLS__KEY", "b.pem")]).is_ok());
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let error = Settings::load(Some(Path::new("/does/not/exist.toml")), []).unwrap_err();
    assert!(error.to_string().starts_with("can't read the configuration file `/does/not/exist.toml`: "));
}

#[test]
fn strangers_are_let_in_only_when_asked_for() {
    let check = |listen: &str, allow_anonymous| {
        Settings { listen: listen.parse().unwrap(), allow_anonymous, ..Settings::default() }.check_exposure()
    };
    for loopback in ["127.0.0.1:5000", "127.9.9.9:1", "[::1]:5000", "[::ffff:127.0.0.1]:5000"] {
        assert!(check(loopback, false).is_ok(), "{loopback}");
    }
    for open in ["0.0.0.0:5000", "[::]:5000", "192.168.1.1:5000", "[::ffff:10.0.0.1]:5000"] {
        assert!(check(open, false).unwrap_err().hint().unwrap().contains("--allow-anonymous"));
        assert!(check(open, true).is_ok(), "{open}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_a_line_of_it(text in "(\\[?[a-z_]{0,8}\\]?( = )?[\"a-z0-9é]{0,6}\n?){0,6}") {
        if let Err(Error::File { line, .. }) = parse(&text, &[]) {
            prop_assert!(line >= 1 && line <= text.lines().count().max(1));
        }
    }

    #[test]
    fn any_environment_is_read_or_refused(name in "CHARTROOM_[A-Z_]{0,20}", value in "\\PC{0,10}") {
        let _ = parse("", &[(&name, &value)]);
    }
}
