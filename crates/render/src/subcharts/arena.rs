//! Charts while it is decided which of them are used, and as what.
//!
//! An alias is a copy of a chart, but not of all that is below it. What copies have in common, and
//! which parent the subcharts of a copied subchart still have, shows in names and paths; so copies
//! are made here just as deep as Helm makes them.

use chartroom_chart::{Chart, ChartFile, Dependency};
use chartroom_gotemplate::Map;
use chartroom_goyaml as goyaml;

use super::tree::ChartTree;
use crate::values::{Node, ValuesError, table};

/// How many charts one chart may be made of, each alias counted. The largest public ones have
/// some fifty.
pub(crate) const MAX_CHARTS: usize = 2_000;

/// Which chart of an arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(usize);

/// All charts, and what `Chart.yaml` says of them, which several may have in common.
pub(super) struct Arena<'a> {
    charts: Vec<Entry<'a>>,
    metadata: Vec<Metadata>,
}

#[derive(Clone)]
struct Entry<'a> {
    chart: &'a Chart,
    parent: Option<Id>,
    metadata: usize,
    defaults: Map,
    children: Vec<Id>,
}

#[derive(Clone)]
struct Metadata {
    file: ChartFile,
    /// Whether there is a list of dependencies, be it an empty one.
    has_list: bool,
    /// Whether imports were made by it. For another chart that has it in common nothing is
    /// imported then, and it says that nothing is wanted.
    imported: bool,
}

impl<'a> Arena<'a> {
    /// All charts as they were read, and the root among them.
    pub(super) fn new(chart: &'a Chart, defaults: Option<Map>) -> Result<(Self, Id), ValuesError> {
        let mut arena = Self { charts: Vec::new(), metadata: Vec::new() };
        let root = arena.load(chart, None)?;
        if let Some(defaults) = defaults {
            arena.set_defaults(root, defaults);
        }
        Ok((arena, root))
    }

    fn load(&mut self, chart: &'a Chart, parent: Option<Id>) -> Result<Id, ValuesError> {
        let file = chart.metadata().clone();
        let has_list = !file.dependencies.is_empty() || lists_nothing(chart);
        self.metadata.push(Metadata { file, has_list, imported: false });
        let metadata = self.metadata.len() - 1;
        let defaults = table::of_file(chart.defaults());
        let id = self.push(Entry { chart, parent, metadata, defaults, children: Vec::new() })?;
        for subchart in chart.subcharts() {
            let child = self.load(subchart, Some(id))?;
            self.entry_mut(id).children.push(child);
        }
        Ok(id)
    }

    fn push(&mut self, entry: Entry<'a>) -> Result<Id, ValuesError> {
        if self.charts.len() >= MAX_CHARTS {
            return Err(ValuesError::TooManyCharts(MAX_CHARTS));
        }
        self.charts.push(entry);
        Ok(Id(self.charts.len() - 1))
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only made by push, and nothing is removed")]
    fn entry(&self, id: Id) -> &Entry<'a> {
        &self.charts[id.0]
    }

    #[expect(clippy::indexing_slicing, reason = "ids are only made by push, and nothing is removed")]
    fn entry_mut(&mut self, id: Id) -> &mut Entry<'a> {
        &mut self.charts[id.0]
    }

    #[expect(clippy::indexing_slicing, reason = "made together with the entry, and never removed")]
    fn metadata_mut(&mut self, id: Id) -> &mut Metadata {
        let index = self.entry(id).metadata;
        &mut self.metadata[index]
    }

    /// What `Chart.yaml` says.
    #[expect(clippy::indexing_slicing, reason = "made together with the entry, and never removed")]
    pub(super) fn metadata(&self, id: Id) -> &ChartFile {
        &self.metadata[self.entry(id).metadata].file
    }

    /// Whether `Chart.yaml` has a list of dependencies.
    #[expect(clippy::indexing_slicing, reason = "made together with the entry, and never removed")]
    pub(super) fn has_list(&self, id: Id) -> bool {
        self.metadata[self.entry(id).metadata].has_list
    }

    /// The dependencies in `Chart.yaml`, to change. Where none is left, there is no list any more.
    pub(super) fn change_dependencies(&mut self, id: Id, change: impl FnOnce(&mut Vec<Dependency>)) {
        let metadata = self.metadata_mut(id);
        change(&mut metadata.file.dependencies);
        metadata.has_list = !metadata.file.dependencies.is_empty();
    }

    /// Whether imports were made by what `Chart.yaml` says; from now on they were.
    pub(super) fn mark_imported(&mut self, id: Id) -> bool {
        std::mem::replace(&mut self.metadata_mut(id).imported, true)
    }

    /// Its subcharts.
    pub(super) fn children(&self, id: Id) -> &[Id] {
        &self.entry(id).children
    }

    /// Gives it these subcharts.
    pub(super) fn set_children(&mut self, id: Id, children: Vec<Id>) {
        for child in &children {
            self.entry_mut(*child).parent = Some(id);
        }
        self.entry_mut(id).children = children;
    }

    /// Gives it other values of its own.
    pub(super) fn set_defaults(&mut self, id: Id, defaults: Map) {
        self.entry_mut(id).defaults = defaults;
    }

    /// A copy under another name, if that isn't empty: with metadata of its own, and copies of its
    /// subcharts, whose metadata and subcharts are those of the originals.
    pub(super) fn copy(&mut self, id: Id, alias: &str) -> Result<Id, ValuesError> {
        let mut metadata = self.metadata_mut(id).clone();
        if !alias.is_empty() {
            alias.clone_into(&mut metadata.file.name);
        }
        self.metadata.push(metadata);
        let metadata = self.metadata.len() - 1;
        let copy = Entry { metadata, children: Vec::new(), ..self.entry(id).clone() };
        let copy = self.push(copy)?;
        for child in self.children(id).to_vec() {
            let child = self.push(Entry { parent: Some(copy), ..self.entry(child).clone() })?;
            self.entry_mut(copy).children.push(child);
        }
        Ok(copy)
    }

    /// A chart to merge values with.
    pub(super) fn node(&self, id: Id) -> ArenaNode<'_> {
        ArenaNode { arena: self, id }
    }

    fn path(&self, id: Id) -> String {
        let mut names = vec![self.metadata(id).name.as_str()];
        let mut parent = self.entry(id).parent;
        while let Some(id) = parent {
            names.push(&self.metadata(id).name);
            parent = self.entry(id).parent;
        }
        names.reverse();
        names.join("/charts/")
    }

    /// The tree below a chart.
    pub(super) fn tree(&self, id: Id) -> ChartTree {
        let Entry { chart, parent, defaults, children, .. } = self.entry(id);
        let metadata = self.metadata(id).clone();
        let is_library = metadata.chart_type.eq_ignore_ascii_case("library");
        let takes_part =
            |name: &str| !is_library || name.rsplit_once('/').map_or(name, |(_, base)| base).starts_with('_');
        let templates = chart.templates().iter().filter(|template| takes_part(&template.name));
        ChartTree {
            metadata,
            is_root: parent.is_none(),
            path: self.path(id),
            defaults: defaults.clone(),
            templates: templates.cloned().collect(),
            files: chart.files().to_vec(),
            schema: chart.schema().cloned(),
            children: children.iter().map(|child| self.tree(*child)).collect(),
        }
    }
}

/// Whether `Chart.yaml` has an empty list of dependencies, which isn't the same as none.
fn lists_nothing(chart: &Chart) -> bool {
    let files = ["Chart.yaml", "requirements.yaml"];
    let has_list = |text: &[u8]| {
        let Some(Ok(value)) = std::str::from_utf8(text).ok().map(goyaml::decode) else { return false };
        let mut fields = value.as_map().into_iter().flatten();
        fields.any(|(key, value)| key.eq_ignore_ascii_case("dependencies") && value.as_list().is_some())
    };
    // Without subcharts it makes no difference.
    !chart.subcharts().is_empty()
        && chart.raw().iter().any(|file| files.contains(&file.name.as_str()) && has_list(&file.data))
}

/// A chart of an arena.
#[derive(Clone, Copy)]
pub(super) struct ArenaNode<'a> {
    arena: &'a Arena<'a>,
    id: Id,
}

impl Node for ArenaNode<'_> {
    fn name(&self) -> &str {
        &self.arena.metadata(self.id).name
    }

    fn defaults(&self) -> Map {
        self.arena.entry(self.id).defaults.clone()
    }

    fn children(&self) -> impl Iterator<Item = Self> {
        self.arena.children(self.id).iter().map(|id| Self { id: *id, ..*self })
    }
}
