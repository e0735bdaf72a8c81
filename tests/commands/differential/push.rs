//! `push`.

use super::cases::{Case, case};
use super::compare::Aspect::{Exit, Requests, Stderr, Stdout};

const UNDERSCORE: &str = "an explanation of `+` and `_` after each reference with a `_`";
const MORE: &str = "`push` takes one archive, and no tag";
const WARNINGS: &str = "what registries say in `Warning` headers is not shown";
const TWICE: &str = "`push` stores what is there already once more";
const BYTES: &str = "archives are compressed by Go's library";
const TLS_FLAGS: &str = "with TLS flags, no retries, and `--plain-http` counts for nothing";
const CAPITALS: &str =
    "the usage after a wrong number of arguments has the arguments' names in small letters";

pub(super) const CASES: &[Case] = &[
    case("push demo-1.0.0.tgz REGISTRY/p1 --plain-http"),
    case("push ./demo-1.0.0.tgz REGISTRY/p2/deep --plain-http"),
    case("push demo-1.0.0.tgz REGISTRY/p3/ --plain-http"),
    case("push demo-1.0.0.tgz REGISTRY --plain-http"),
    case("push renamed.tgz REGISTRY/p4 --plain-http"),
    case("push build-1.2.3+build.5.tgz REGISTRY/p5 --plain-http").but(Stdout, UNDERSCORE),
    case("push lenient-v1.2.tgz REGISTRY/p6 --plain-http").but(Stderr, WARNINGS),
    case("push signed-1.0.0.tgz REGISTRY/p7 --plain-http"),
    case("push Upper-1.0.0.tgz REGISTRY/p8 --plain-http"),
    case("push demo-1.0.0.tgz REGISTRY/p9 --plain-http")
        .after(&["push demo-1.0.0.tgz REGISTRY/p9 --plain-http"])
        .but(Requests, TWICE),
    case("push signed-1.0.0.tgz REGISTRY/p10 --plain-http")
        .after(&["push signed-1.0.0.tgz REGISTRY/p10 --plain-http"])
        .but(Requests, TWICE),
    case("push demo-1.0.0.tgz REGISTRY/charts --plain-http").but(Requests, TWICE),
    case("push webapp-1.2.3.tgz REGISTRY/p11 --plain-http")
        .after(&["package webapp"])
        .but(Stdout, BYTES)
        .but(Requests, BYTES),
    case("push demo-1.0.0.tgz REGISTRY/p12:1.0.0 --plain-http").says("1.0.0"),
    case("push demo-1.0.0.tgz REGISTRY/p13/demo:1.0.0 --plain-http")
        .but(Exit, MORE)
        .but(Stdout, MORE)
        .but(Stderr, MORE)
        .but(Requests, MORE),
    case("push demo-1.0.0.tgz REGISTRY/p14/demo:stable --plain-http")
        .but(Exit, MORE)
        .but(Stdout, MORE)
        .but(Stderr, MORE)
        .but(Requests, MORE),
    case("push demo-1.0.0.tgz REGISTRY/P15 --plain-http"),
    case("push demo-1.0.0.tgz REGISTRY/p16@sha256:00 --plain-http").says("sha256:00"),
    case("push demo-1.0.0.tgz HOST/p17 --plain-http"),
    case("push demo-1.0.0.tgz http://HOST/p18 --plain-http"),
    case("push demo-1.0.0.tgz https://HOST/p19 --plain-http"),
    case("push demo-1.0.0.tgz oci:// --plain-http").says("Error: "),
    case("push demo-1.0.0.tgz '' --plain-http"),
    case("push '' REGISTRY/p20 --plain-http"),
    case("push missing.tgz REGISTRY/p21 --plain-http"),
    case("push junk.tgz REGISTRY/p22 --plain-http"),
    case("push empty.tgz REGISTRY/p23 --plain-http"),
    case("push values.yaml REGISTRY/p24 --plain-http"),
    case("push webapp REGISTRY/p25 --plain-http")
        .but(Exit, MORE)
        .but(Stdout, MORE)
        .but(Stderr, MORE)
        .but(Requests, MORE),
    case("push empty REGISTRY/p26 --plain-http").but(Stderr, MORE),
    case("push demo-1.0.0.tgz REGISTRY/p27").says("\"https://HOST/v2/p27/demo/"),
    case("push demo-1.0.0.tgz REGISTRY/p28 --plain-http --username dev --password x"),
    case("push demo-1.0.0.tgz REGISTRY/p29 --plain-http --insecure-skip-tls-verify")
        .but(Exit, TLS_FLAGS)
        .but(Stdout, TLS_FLAGS)
        .but(Stderr, TLS_FLAGS)
        .but(Requests, TLS_FLAGS),
    case("push demo-1.0.0.tgz REGISTRY/p30 --ca-file missing.pem"),
    case("push demo-1.0.0.tgz REGISTRY/p31 renamed.tgz --plain-http")
        .but(Exit, MORE)
        .but(Stdout, MORE)
        .but(Stderr, MORE)
        .but(Requests, MORE),
    case("push demo-1.0.0.tgz").but(Stderr, CAPITALS),
    case("push").but(Stderr, CAPITALS),
];
