//! `env`, `completion` and `version`, which ask nobody.

use super::cases::{Case, case};
use super::compare::Aspect::{Exit, Stderr, Stdout};

const CAPITALS: &str =
    "the usage after a wrong number of arguments has the arguments' names in small letters";
const HELP: &str = "help in Helm's words and layout";
const UNKNOWN: &str = "`show nope`, `registry nope`, `help nope` show help and succeed";

pub(super) const CASES: &[Case] = &[
    case("version --template '{{.Version}}'"),
    case("version --template '{{.Version}} {{.GitTreeState}}'"),
    case("version --template '{{.Version'"),
    case("version --short=false --template x"),
    case("version extra"),
    case("version --nope"),
    case("env HELM_DATA_HOME"),
    case("env HELM_NAMESPACE").with(&[("HELM_NAMESPACE", "team")]),
    case("env HELM_NAMESPACE -n other").with(&[("HELM_NAMESPACE", "team")]),
    case("env HELM_CONTENT_CACHE").with(&[("HELM_CONTENT_CACHE", "/somewhere")]),
    case("env HELM_REGISTRY_CONFIG --registry-config x").with(&[("HELM_REGISTRY_CONFIG", "y")]),
    case("env HELM_DEBUG").with(&[("HELM_DEBUG", "1")]),
    case("env HELM_DEBUG").with(&[("HELM_DEBUG", "maybe")]),
    case("env helm_debug"),
    case("env A B").but(Stderr, CAPITALS),
    case("env ''"),
    case("completion").but(Stdout, HELP),
    case("completion tcsh").but(Exit, UNKNOWN).but(Stdout, UNKNOWN).but(Stderr, UNKNOWN),
    case("completion bash extra"),
    case("completion bash --nope"),
];
