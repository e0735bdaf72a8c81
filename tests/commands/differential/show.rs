//! `show`.

use super::cases::{Case, case};
use super::compare::Aspect::{Exit, Requests, Stderr, Stdout};

const UNDERSCORE: &str = "an explanation of `+` and `_` after each reference with a `_`";
const JSONPATH: &str = "`show values --jsonpath` prints nothing where a template doesn't fit";
const NEARBY: &str = "of a version that is not there, no more than that is said";
const UNKNOWN: &str = "`show nope`, `registry nope`, `help nope` show help and succeed";
const HELP: &str = "help in Helm's words and layout";

pub(super) const CASES: &[Case] = &[
    case("show chart webapp"),
    case("show values webapp"),
    case("show readme webapp"),
    case("show crds webapp"),
    case("show all webapp"),
    case("show all plain"),
    case("show all v1"),
    case("show all apiless"),
    case("show all other-name"),
    case("show all build"),
    case("show chart lenient"),
    case("show chart number"),
    case("show chart odd-type"),
    case("show chart v3"),
    case("show chart bad-version"),
    case("show chart nameless"),
    case("show chart versionless"),
    case("show chart unparsable"),
    case("show chart no-chart"),
    case("show chart empty"),
    case("show values bad-values"),
    case("show chart ignorant"),
    case("show chart needy"),
    case("show chart missing").says("Error: "),
    case("show chart junk.tgz"),
    case("show chart empty.tgz"),
    case("show chart values.yaml"),
    case("show chart demo-1.0.0.tgz"),
    case("show all demo-1.0.0.tgz"),
    case("show readme demo-1.0.0.tgz --version 9"),
    case("show values plain --jsonpath '{.image.tag}'"),
    case("show values plain --jsonpath '{.list[0]}'"),
    case("show values plain --jsonpath '{.list}'"),
    case("show values plain --jsonpath '{.nope}'").but(Stderr, JSONPATH),
    case("show values plain --jsonpath '{.list[9]}'").but(Stderr, JSONPATH),
    case("show values plain --jsonpath '{'"),
    case("show values plain --jsonpath image"),
    case("show values no-chart --jsonpath '{.a}'"),
    case("show chart REGISTRY/charts/demo --version 1.0.0 --plain-http"),
    case("show values REGISTRY/charts/demo:1.0.0 --plain-http"),
    case("show readme REGISTRY/charts/demo --plain-http"),
    case("show all REGISTRY/charts/demo --version '^1' --plain-http").but(Stderr, UNDERSCORE),
    case("show all REGISTRY/charts/demo --devel --plain-http"),
    case("show chart REGISTRY/charts/demo --version 1.2.3+build.5 --plain-http").but(Stderr, UNDERSCORE),
    case("show chart REGISTRY/charts/signed --version 1.0.0 --plain-http"),
    case("show chart REGISTRY/charts/missing --version 1.0.0 --plain-http")
        .says("HOST/charts/missing:1.0.0: not found")
        .but(Requests, NEARBY),
    case("show chart REGISTRY/charts/demo --version 9.9.9 --plain-http")
        .says("HOST/charts/demo:9.9.9: not found")
        .but(Requests, NEARBY),
    case("show chart REGISTRY/charts/image --version 1.0.0 --plain-http"),
    case("show chart REGISTRY/charts/demo --version 1.0.0 --plain-http")
        .after(&["show chart REGISTRY/charts/demo --version 1.0.0 --plain-http"]),
    case("inspect chart webapp"),
    case("show webapp").but(Exit, UNKNOWN).but(Stdout, UNKNOWN).but(Stderr, UNKNOWN),
    case("show").but(Stdout, HELP),
    case("show chart"),
    case("show chart webapp plain"),
    case("show chart webapp --jsonpath x"),
    case("show chart HOST/charts/demo").says("Error: "),
    case("show chart repo/demo").says("Error: "),
];
