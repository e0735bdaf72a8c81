//! The schemas that schemas are checked by: those of json-schema.org, without titles and comments.

use std::sync::OnceLock;

use super::compile::{Compiled, Compiler, FormatRule};
use super::compiled::Id;
use super::draft::Draft;
use super::load::Documents;
use crate::values::go_json::{self, Json};

/// Each by its path below the site.
const SOURCES: &[(&str, &str)] = &[
    ("draft-04/schema", include_str!("metaschemas/draft-04.json")),
    ("draft-06/schema", include_str!("metaschemas/draft-06.json")),
    ("draft-07/schema", include_str!("metaschemas/draft-07.json")),
    ("draft/2019-09/schema", include_str!("metaschemas/2019-09-schema.json")),
    ("draft/2019-09/meta/applicator", include_str!("metaschemas/2019-09-applicator.json")),
    ("draft/2019-09/meta/content", include_str!("metaschemas/2019-09-content.json")),
    ("draft/2019-09/meta/core", include_str!("metaschemas/2019-09-core.json")),
    ("draft/2019-09/meta/format", include_str!("metaschemas/2019-09-format.json")),
    ("draft/2019-09/meta/meta-data", include_str!("metaschemas/2019-09-meta-data.json")),
    ("draft/2019-09/meta/validation", include_str!("metaschemas/2019-09-validation.json")),
    ("draft/2020-12/schema", include_str!("metaschemas/2020-12-schema.json")),
    ("draft/2020-12/meta/applicator", include_str!("metaschemas/2020-12-applicator.json")),
    ("draft/2020-12/meta/content", include_str!("metaschemas/2020-12-content.json")),
    ("draft/2020-12/meta/core", include_str!("metaschemas/2020-12-core.json")),
    ("draft/2020-12/meta/format-annotation", include_str!("metaschemas/2020-12-format-annotation.json")),
    ("draft/2020-12/meta/format-assertion", include_str!("metaschemas/2020-12-format-assertion.json")),
    ("draft/2020-12/meta/meta-data", include_str!("metaschemas/2020-12-meta-data.json")),
    ("draft/2020-12/meta/unevaluated", include_str!("metaschemas/2020-12-unevaluated.json")),
    ("draft/2020-12/meta/validation", include_str!("metaschemas/2020-12-validation.json")),
];

/// The document at a URL of json-schema.org.
pub(super) fn source(url: &str) -> Option<Json> {
    let path = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let path = path.strip_prefix("json-schema.org/")?;
    let path = if path == "schema" { "draft/2020-12/schema" } else { path };
    let (_, text) = SOURCES.iter().find(|(known, _)| *known == path)?;
    go_json::whole(text).ok()
}

/// All metaschemas, compiled once.
pub(super) struct Metaschemas {
    pub(super) compiled: Compiled,
    roots: Vec<(Draft, Id)>,
}

impl Metaschemas {
    /// The metaschema of a draft.
    pub(super) fn of(&self, draft: Draft) -> Id {
        self.roots.iter().find(|(known, _)| *known == draft).map_or(0, |(_, id)| *id)
    }
}

/// See [`Metaschemas`]. None if they were broken, which a test rules out.
pub(super) fn metaschemas() -> Option<&'static Metaschemas> {
    static COMPILED: OnceLock<Option<Metaschemas>> = OnceLock::new();
    COMPILED.get_or_init(compile).as_ref()
}

fn compile() -> Option<Metaschemas> {
    let mut compiler = Compiler::new(Documents::default(), FormatRule::Always, 0);
    let mut roots = Vec::new();
    for draft in Draft::ALL {
        roots.push((draft, compiler.compile(draft.url()).ok()?));
    }
    Some(Metaschemas { compiled: compiler.finish().0, roots })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_compile() {
        assert_eq!(metaschemas().map(|all| all.roots.len()), Some(Draft::ALL.len()));
    }
}
