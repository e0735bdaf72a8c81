//! The tree of charts that a rendering works on.

use bytes::Bytes;
use chartroom_chart::{ChartFile, File};
use chartroom_gotemplate::Map;

/// A chart as it is rendered, with those of its subcharts that are in use.
///
/// The values that templates see are not here: all of them are in one map, that of the root
/// ([`crate::values::coalesce`]). A child sees what its parent's map has under the child's name,
/// and it is *the same* map, so that what a template of the parent sets, one of the child sees.
/// Where the parent's map has no such table, the child sees an empty map of its own. A name with
/// dots in it is a path here, as Helm's `Values.Table` takes it: [`ChartTree::table_in`].
#[derive(Clone)]
pub struct ChartTree {
    /// What `Chart.yaml` says, as `.Chart` shows it: the name is the alias under which the parent
    /// has it; `dependencies` are those in use, each `enabled`, under its alias, its
    /// `import-values` all pairs of `child` and `parent`.
    pub metadata: ChartFile,
    /// Whether it is the root: `.Chart.IsRoot`.
    pub is_root: bool,
    /// Where it is, as `# Source:` and errors say it: `c/charts/alias`. Paths of two charts may be
    /// the same where aliases hide subcharts that no `Chart.yaml` lists; as in Helm, of two
    /// templates with one path the last one counts.
    pub path: String,
    /// `values.yaml`, with what was imported from subcharts. A release keeps it as the values of
    /// its chart.
    pub defaults: Map,
    /// The templates that take part: of a library only those whose file names begin with `_`.
    /// Names are relative to the chart: `templates/a.yaml`.
    pub templates: Vec<File>,
    /// What `.Files` shows, with the files in `crds/`.
    pub files: Vec<File>,
    /// `values.schema.json`.
    pub schema: Option<Bytes>,
    /// The subcharts in use, in the order in which Helm goes through them: those that
    /// `Chart.yaml` doesn't list, then the listed ones in its order.
    pub children: Vec<ChartTree>,
}

impl ChartTree {
    /// The chart's name, or the alias that stands for it.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Whether it only lends its named templates.
    pub fn is_library(&self) -> bool {
        self.metadata.chart_type.eq_ignore_ascii_case("library")
    }

    /// The table of this chart's values in its parent's: the very map that is in there, if there
    /// is one.
    pub fn table_in(&self, parent: &Map) -> Option<Map> {
        let mut table = parent.clone();
        for part in self.name().split('.') {
            table = table.get(part.as_bytes())?.as_map()?.clone();
        }
        Some(table)
    }

    /// The files in `crds/` with manifests in them, each with its full path, those of subcharts
    /// after its own.
    pub fn crds(&self) -> Vec<(String, &File)> {
        let is_manifest = |file: &&File| {
            let ending = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
            file.name.starts_with("crds/")
                && ["yaml", "yml", "json"].iter().any(|known| ending.eq_ignore_ascii_case(known))
        };
        let own = self.files.iter().filter(is_manifest);
        let own = own.map(|file| (format!("{}/{}", self.path, file.name), file));
        own.chain(self.children.iter().flat_map(Self::crds)).collect()
    }
}
