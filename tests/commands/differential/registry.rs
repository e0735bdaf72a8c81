//! `registry login` and `registry logout`.

use super::cases::{Case, case};
use super::compare::Aspect::{Exit, Files, Requests, Stderr, Stdout};

const EMPTY: &str = "an empty password is stored";
const BOTH: &str = "`--password` beside `--password-stdin` is overlooked";
const TOKEN: &str = "a password without a user name fails";
const ASKS: &str = "`registry login` without a terminal asks all the same, and fails with `EOF`";
const PATHS: &str = "a login is for a host";
const PANICS: &str = "`registry login` with a TLS file that is not there panics";
const NO_HOST: &str = "`registry logout` of what is no host says that it removed something";
const MALFORMED: &str = "a malformed credential file breaks every command";
const TWO_HOSTS: &str = "`registry login a b` and `registry logout a b` overlook `b`";
const FIRST: &str = "the first request to a registry goes alone";
const HELP: &str = "help in Helm's words and layout";

/// At a registry that lets everybody in.
pub(super) const CASES: &[Case] = &[
    case("registry login HOST -u dev -p x --plain-http"),
    case("registry login HOST -u dev --password-stdin --plain-http").input("secret\n"),
    case("registry login HOST -u dev --password-stdin --plain-http").input("secret\r\n"),
    case("registry login HOST -u dev --password-stdin --plain-http").input("secret"),
    case("registry login HOST -u dev --password-stdin --plain-http").input("a b\nc\n"),
    case("registry login HOST -u dev --password-stdin --plain-http")
        .input("")
        .but(Exit, EMPTY)
        .but(Stdout, EMPTY)
        .but(Stderr, EMPTY)
        .but(Files, EMPTY),
    case("registry login HOST --password-stdin --plain-http").input("token\n").but(Files, TOKEN),
    case("registry login HOST -u dev -p x --password-stdin --plain-http")
        .input("y\n")
        .but(Exit, BOTH)
        .but(Stdout, BOTH)
        .but(Stderr, BOTH)
        .but(Files, BOTH),
    case("registry login HOST -u dev --plain-http").but(Stdout, ASKS).but(Stderr, ASKS),
    case("registry login HOST --plain-http").but(Stdout, ASKS).but(Stderr, ASKS),
    case("registry login HOST -u '' -p x --plain-http").but(Files, TOKEN),
    case("registry login HOST -u dev -p '' --plain-http").but(Stdout, ASKS).but(Stderr, ASKS),
    case("registry login HOST -u dev -p x").says("authenticating to \"HOST\": "),
    case("registry login HOST -u dev -p x --insecure").says("authenticating to \"HOST\": "),
    case("registry login HOST -u dev -p x --plain-http --insecure"),
    case("registry login HOST/charts -u dev -p x --plain-http")
        .but(Exit, PATHS)
        .but(Stdout, PATHS)
        .but(Stderr, PATHS)
        .but(Files, PATHS)
        .but(Requests, PATHS),
    case("registry login REGISTRY -u dev -p x --plain-http").says("oci://HOST"),
    case("registry login http://HOST -u dev -p x --plain-http").says("http://HOST"),
    case("registry login '' -u dev -p x --plain-http").says("Error: "),
    case("registry login 'no host' -u dev -p x --plain-http").says("no host"),
    case("registry login HOST -u dev -p x --ca-file missing.pem").but(Exit, PANICS).but(Stderr, PANICS),
    case("registry login HOST -u dev -p x --cert-file missing.pem --key-file missing.key")
        .but(Exit, PANICS)
        .but(Stderr, PANICS),
    case("registry login HOST -u dev -p x --plain-http --registry-config mine/logins.json"),
    case("registry login HOST -u dev -p x --plain-http").with(&[("HELM_REGISTRY_CONFIG", "mine.json")]),
    case("registry login HOST -u new -p y --plain-http")
        .after(&["registry login HOST -u dev -p x --plain-http"]),
    case("registry login").but(Stderr, TWO_HOSTS),
    case("registry login HOST --nope"),
    case("registry logout HOST"),
    case("registry logout HOST").after(&["registry login HOST -u dev -p x --plain-http"]),
    case("registry logout other.example.com").after(&["registry login HOST -u dev -p x --plain-http"]),
    case("registry logout HOST/charts"),
    case("registry logout REGISTRY").but(Exit, NO_HOST).but(Stdout, NO_HOST).but(Stderr, NO_HOST),
    case("registry logout ''").but(Exit, NO_HOST).but(Stdout, NO_HOST).but(Stderr, NO_HOST),
    case("registry logout HOST --registry-config values.yaml").but(Stderr, MALFORMED),
    case("registry login HOST -u dev -p x --plain-http --registry-config junk.tgz").but(Stderr, MALFORMED),
    case("registry logout").but(Stderr, TWO_HOSTS),
    case("registry").but(Stdout, HELP),
];

/// At a registry that wants `dev` and the password `correct horse`.
pub(super) const WITH_ACCOUNTS: &[Case] = &[
    case("registry login HOST -u dev -p 'correct horse' --plain-http"),
    case("registry login HOST -u dev --password-stdin --plain-http").input("correct horse\n"),
    case("registry login HOST -u dev -p wrong --plain-http"),
    case("registry login HOST -u nobody -p 'correct horse' --plain-http"),
    case("push demo-1.0.0.tgz REGISTRY/a1 --plain-http")
        .after(&["registry login HOST -u dev -p 'correct horse' --plain-http"])
        .but(Requests, FIRST),
    case("push demo-1.0.0.tgz REGISTRY/a2 --plain-http --username dev --password 'correct horse'")
        .but(Requests, FIRST),
    case("push demo-1.0.0.tgz REGISTRY/a3 --plain-http")
        .says("\"http://HOST/v2/a3/demo/")
        .but(Requests, FIRST),
    case("push demo-1.0.0.tgz REGISTRY/a4 --plain-http --username dev --password wrong")
        .says("response status code 401: Unauthorized")
        .but(Requests, FIRST),
    case("pull REGISTRY/a5/demo:1.0.0 --plain-http").after(&[
        "registry login HOST -u dev -p 'correct horse' --plain-http",
        "push demo-1.0.0.tgz REGISTRY/a5 --plain-http",
    ]),
    case("pull REGISTRY/a6/demo:1.0.0 --plain-http")
        .after(&["push demo-1.0.0.tgz REGISTRY/a6 --plain-http --username dev --password 'correct horse'"])
        .says("GET \"http://HOST/v2/a6/demo/manifests/1.0.0\": "),
    case("show chart REGISTRY/a7/demo --plain-http").after(&[
        "registry login HOST -u dev -p 'correct horse' --plain-http",
        "push demo-1.0.0.tgz REGISTRY/a7 --plain-http",
    ]),
    case("pull REGISTRY/a8/demo --plain-http")
        .after(&[
            "registry login HOST -u dev -p 'correct horse' --plain-http",
            "push demo-1.0.0.tgz REGISTRY/a8 --plain-http",
            "registry logout HOST",
        ])
        .says("Error: GET \"http://HOST/v2/a8/demo/tags/list\": "),
];
