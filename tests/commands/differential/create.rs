//! `create`.

use super::cases::{Case, case};
use super::compare::Aspect::{Exit, Files, Stderr, Stdout};

const SCAFFOLD: &str = "the scaffold of `create`";
const SLASH: &str = "`create app/` fails";
const NAMELESS: &str = "`create ''` and `create ..` write into the folder that they stand for";

pub(super) const CASES: &[Case] = &[
    case("create app").but(Files, SCAFFOLD),
    case("create app/").but(Exit, SLASH).but(Stderr, SLASH).but(Files, SLASH),
    case("create ./app").but(Files, SCAFFOLD),
    case("create out/app").but(Files, SCAFFOLD),
    case("create out/../app").but(Files, SCAFFOLD),
    case("create missing/app"),
    case("create Upper-case_1.x").but(Files, SCAFFOLD),
    case("create 'with space'"),
    case("create ''").but(Exit, NAMELESS).but(Stdout, NAMELESS).but(Stderr, NAMELESS).but(Files, NAMELESS),
    case("create .").but(Files, SCAFFOLD),
    case("create out/..")
        .but(Exit, NAMELESS)
        .but(Stdout, NAMELESS)
        .but(Stderr, NAMELESS)
        .but(Files, NAMELESS),
    case("create a@b"),
    case("create ünï"),
    case("create webapp").but(Files, SCAFFOLD),
    case("create values.yaml"),
    case("create app").after(&["create app"]).but(Stdout, SCAFFOLD).but(Files, SCAFFOLD),
    case("create app --starter nope"),
    case("create app -p '' ").but(Files, SCAFFOLD),
    case("create one two"),
    case("create"),
    case("create app --nope"),
    case("create app").with(&[("HELM_DATA_HOME", "/nonexistent")]).but(Files, SCAFFOLD),
];
