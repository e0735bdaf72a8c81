//! `pull`.

use super::cases::{Case, case};
use super::compare::Aspect::{Exit, Files, Requests, Stderr, Stdout};

const UNDERSCORE: &str = "an explanation of `+` and `_` after each reference with a `_`";
const NO_SEMVER: &str = "a tag that is no SemVer can't be pulled or shown";
const PLUS: &str = "`:1.2.3+build.5` in a reference is invalid";
const NEARBY: &str = "of a version that is not there, no more than that is said";
const SLASH: &str = "a `/` at the end of a reference is invalid";
const ANNOUNCED: &str = "`Pulled: …` is printed before the chart is written";
const AT_ONCE: &str = "`pull` of several charts goes one after the other";
const STRAY: &str = "`pull --untar` leaves an empty folder behind, named like the reference";
const HALF_KEY: &str = "`--cert-file` without `--key-file`, or the other way round, counts for nothing";
const TLS_FLAGS: &str = "with TLS flags, no retries, and `--plain-http` counts for nothing";
const CAPITALS: &str =
    "the usage after a wrong number of arguments has the arguments' names in small letters";

pub(super) const CASES: &[Case] = &[
    // versions
    case("pull REGISTRY/charts/demo --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 --version 1.1.0 --plain-http"),
    case("pull REGISTRY/charts/demo --plain-http"),
    case("pull REGISTRY/charts/demo --devel --plain-http"),
    case("pull REGISTRY/charts/demo --version '' --devel --plain-http"),
    case("pull REGISTRY/charts/demo --version '^1' --plain-http").but(Stdout, UNDERSCORE),
    case("pull REGISTRY/charts/demo --version '~1.1' --plain-http"),
    case("pull REGISTRY/charts/demo --version '1.1.x' --plain-http"),
    case("pull REGISTRY/charts/demo --version '>=1 <2' --plain-http").but(Stdout, UNDERSCORE),
    case("pull REGISTRY/charts/demo --version '>=1, <2' --plain-http").but(Stdout, UNDERSCORE),
    case("pull REGISTRY/charts/demo --version '=1.1' --plain-http"),
    case("pull REGISTRY/charts/demo --version '>=2.1.0-0' --plain-http"),
    case("pull REGISTRY/charts/demo --version '1 || 2' --plain-http"),
    case("pull REGISTRY/charts/demo --version '*' --plain-http"),
    case("pull REGISTRY/charts/demo --version ' 1.1.0' --plain-http"),
    case("pull REGISTRY/charts/demo --version 1.2.3+build.5 --plain-http").but(Stdout, UNDERSCORE),
    case("pull REGISTRY/charts/demo --version 1.2.3_build.5 --plain-http").but(Exit, NO_SEMVER).but(Stdout, NO_SEMVER).but(Stderr, NO_SEMVER).but(Files, NO_SEMVER).but(Requests, NO_SEMVER),
    case("pull REGISTRY/charts/demo:1.2.3_build.5 --plain-http").but(Exit, NO_SEMVER).but(Stdout, NO_SEMVER).but(Stderr, NO_SEMVER).but(Files, NO_SEMVER).but(Requests, NO_SEMVER),
    case("pull REGISTRY/charts/demo:1.2.3+build.5 --plain-http").but(Exit, PLUS).but(Stdout, PLUS).but(Stderr, PLUS).but(Files, PLUS).but(Requests, PLUS),
    case("pull REGISTRY/charts/demo --version 1.2.0-rc.1 --plain-http"),
    case("pull REGISTRY/charts/demo --version 9.9.9 --plain-http").says("HOST/charts/demo:9.9.9: not found").but(Requests, NEARBY),
    case("pull REGISTRY/charts/demo:9.9.9 --plain-http").says("HOST/charts/demo:9.9.9: not found").but(Requests, NEARBY),
    case("pull REGISTRY/charts/demo --version 1 --plain-http").says("HOST/charts/demo:1: not found").but(Requests, NEARBY),
    case("pull REGISTRY/charts/demo --version '^9' --plain-http"),
    case("pull REGISTRY/charts/demo --version '==1.0.0' --plain-http"),
    case("pull REGISTRY/charts/demo --version nonsense --plain-http").but(Stderr, NO_SEMVER).but(Requests, NO_SEMVER),
    case("pull REGISTRY/charts/lenient --version v3.0.0 --plain-http"),
    case("pull REGISTRY/charts/lenient --version 1.4 --plain-http"),
    case("pull REGISTRY/charts/lenient --plain-http"),
    case("pull REGISTRY/charts/tagged:stable --plain-http").but(Exit, NO_SEMVER).but(Stdout, NO_SEMVER).but(Stderr, NO_SEMVER).but(Files, NO_SEMVER).but(Requests, NO_SEMVER),
    case("pull REGISTRY/charts/tagged:latest --plain-http").but(Exit, NO_SEMVER).but(Stdout, NO_SEMVER).but(Stderr, NO_SEMVER).but(Files, NO_SEMVER).but(Requests, NO_SEMVER),
    case("pull REGISTRY/charts/tagged --version stable --plain-http").but(Exit, NO_SEMVER).but(Stdout, NO_SEMVER).but(Stderr, NO_SEMVER).but(Files, NO_SEMVER).but(Requests, NO_SEMVER),
    case("pull REGISTRY/charts/tagged --plain-http"),
    case("pull REGISTRY/charts/tagged:v1.2.3 --plain-http"),
    case("pull REGISTRY/charts/listed:3.0.0 --plain-http"),
    // what is there, and what is not
    case("pull REGISTRY/charts/missing --plain-http"),
    case("pull REGISTRY/charts/missing --version 1.0.0 --plain-http").says("HOST/charts/missing:1.0.0: not found").but(Requests, NEARBY),
    case("pull REGISTRY/charts/image --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/layerless --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/legacy --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/extra --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/a_b --version 1.0.0 --plain-http").but(Stdout, UNDERSCORE),
    case("pull REGISTRY/charts/signed --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/signed --version 1.0.0 --prov --plain-http"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --prov --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 REGISTRY/charts/signed:1.0.0 --plain-http"),
    case("pull REGISTRY/charts/demo REGISTRY/charts/signed --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 REGISTRY/charts/missing:1.0.0 REGISTRY/charts/signed:1.0.0 --plain-http").says("HOST/charts/missing:1.0.0: not found").but(Requests, AT_ONCE),
    // references
    case("pull REGISTRY/charts/demo@sha256:00 --plain-http"),
    case("pull REGISTRY/charts/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000 --plain-http").says("0000: not found"),
    case("pull REGISTRY/ --plain-http").says("invalid reference: "),
    case("pull REGISTRY --plain-http"),
    case("pull REGISTRY/Charts/Demo --plain-http"),
    case("pull REGISTRY/charts/demo/ --version 1.0.0 --plain-http").but(Exit, SLASH).but(Stdout, SLASH).but(Stderr, SLASH).but(Requests, SLASH),
    case("pull HOST/charts/demo --plain-http").says("Error: "),
    case("pull https://HOST/charts/demo-1.0.0.tgz").says("Error: "),
    case("pull oci:// --plain-http").says("Error: "),
    case("pull demo").says("Error: "),
    case("pull repo/demo").says("Error: "),
    case("pull ./webapp").says("Error: "),
    case("pull demo-1.0.0.tgz").says("Error: "),
    case("pull REGISTRY/charts/demo:1.0.0").says("\"https://HOST/v2/charts/demo/manifests/1.0.0\""),
    case("pull").but(Stderr, CAPITALS),
    // where to
    case("pull REGISTRY/charts/demo:1.0.0 -d out --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 --destination=out --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 -d missing --plain-http").says("missing").but(Stdout, ANNOUNCED),
    case("pull REGISTRY/charts/demo:1.0.0 -d values.yaml --plain-http").says("values.yaml").but(Stdout, ANNOUNCED),
    case("pull REGISTRY/charts/demo --version 1.0.0 --untar --plain-http"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --untar -d out --plain-http"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --untar --untardir deep/er --plain-http"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --untar -d out --untardir deep --plain-http"),
    case("pull REGISTRY/charts/demo:1.0.0 --untar --plain-http").but(Files, STRAY),
    case("pull REGISTRY/charts/demo --version 1.0.0 --untardir deep --plain-http"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --untar --plain-http")
        .after(&["pull REGISTRY/charts/demo --version 1.1.0 --untar --plain-http"])
        .but(Stdout, ANNOUNCED),
    case("pull REGISTRY/charts/demo --version 1.0.0 --plain-http")
        .after(&["pull REGISTRY/charts/demo --version 1.0.0 --plain-http"]),
    case("fetch REGISTRY/charts/demo --version 1.0.0 --plain-http"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --plain-http --username dev"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --plain-http --username dev --password x"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --plain-http --password x"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --ca-file missing.pem"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --ca-file values.yaml")
        .says("can't create TLS config for client: failed to append certificates from pem block"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --cert-file missing.pem --key-file missing.key"),
    case("pull REGISTRY/charts/demo --version 1.0.0 --plain-http --cert-file values.yaml").but(Exit, HALF_KEY).but(Stdout, HALF_KEY).but(Stderr, HALF_KEY),
    case("pull REGISTRY/charts/demo --version 1.0.0 --plain-http --insecure-skip-tls-verify").but(Exit, TLS_FLAGS).but(Stdout, TLS_FLAGS).but(Stderr, TLS_FLAGS).but(Requests, TLS_FLAGS),
];
