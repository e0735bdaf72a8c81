//! What templates of each chart see as their dot, and which templates there are.

use std::collections::BTreeMap;
use std::rc::Rc;

use chartroom_gotemplate::{Map, Type, Value};

use super::Job;
use crate::chart_metadata;
use crate::files::Files;
use crate::subcharts::ChartTree;

/// Go's name of the type of values.
pub(super) const VALUES: &str = "common.Values";

/// A template, and what it is executed with.
pub(super) struct Template<'a> {
    /// Its text.
    pub(super) text: &'a [u8],
    /// The dot, which all templates of a chart share.
    pub(super) scope: Map,
    /// `.Template.BasePath`
    pub(super) base: Rc<str>,
}

impl Template<'_> {
    /// Tells templates of this chart which of them is being executed.
    pub(super) fn enter(&self, path: &str) {
        let name = (("Name").into(), Value::from(path));
        let base = (("BasePath").into(), Value::from(&*self.base));
        let template = Map::named(&VALUES, Type::Any, BTreeMap::from([name, base]));
        self.scope.insert("Template", Value::Map(template));
    }
}

/// All templates of a chart and its subcharts, by their paths. Of several with the same path, that of
/// the chart that is gone through last is taken, which is the parent.
pub(super) fn templates<'a>(job: &Job<'a>) -> BTreeMap<String, Template<'a>> {
    let common =
        Common { release: job.release.value(job.options.lint), capabilities: job.capabilities.value() };
    let mut templates = BTreeMap::new();
    common.collect(job.chart, &job.values, &mut templates);
    templates
}

/// What is the same for all charts: the very same values, so that all see what one of them changes.
struct Common {
    release: Value,
    capabilities: Value,
}

impl Common {
    fn collect<'a>(
        &self,
        chart: &'a ChartTree,
        values: &Map,
        templates: &mut BTreeMap<String, Template<'a>>,
    ) -> Value {
        let subcharts = Map::new(BTreeMap::new());
        let scope = Map::named(&VALUES, Type::Any, BTreeMap::new());
        scope.insert("Chart", chart_metadata::value(&chart.metadata, chart.is_root));
        scope.insert("Files", Value::Object(Rc::new(Files::new(&chart.files))));
        scope.insert("Release", self.release.clone());
        scope.insert("Capabilities", self.capabilities.clone());
        scope.insert("Values", Value::Map(values.clone().as_named(&VALUES)));
        scope.insert("Subcharts", Value::Map(subcharts.clone()));
        for child in &chart.children {
            let table = child.table_in(values).unwrap_or_else(|| Map::new(BTreeMap::new()));
            let child_scope = self.collect(child, &table, templates);
            subcharts.insert(child.name(), child_scope);
        }
        let base: Rc<str> = format!("{}/templates", chart.path).into();
        for file in &chart.templates {
            let path = format!("{}/{}", chart.path, file.name);
            let template = Template { text: &file.data, scope: scope.clone(), base: base.clone() };
            templates.insert(path, template);
        }
        Value::Map(scope)
    }
}

/// In which order templates are parsed and executed: those of deeper folders first, and in a folder
/// those of greater names. So what is defined above counts, and among equals what is in the first file.
pub(super) fn order<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let depth = |path: &str| path.bytes().filter(|byte| *byte == b'/').count();
    let mut paths: Vec<&str> = paths.collect();
    paths.sort_by(|one, other| depth(other).cmp(&depth(one)).then_with(|| other.cmp(one)));
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeper_and_greater_names_come_first() {
        let paths = [
            "c/templates/a.yaml",
            "c/templates/_h.tpl",
            "c/charts/s/templates/a.yaml",
            "c/templates/d/a.yaml",
            "c/templates/b.yaml",
        ];
        let expected = [
            "c/charts/s/templates/a.yaml",
            "c/templates/d/a.yaml",
            "c/templates/b.yaml",
            "c/templates/a.yaml",
            "c/templates/_h.tpl",
        ];
        assert_eq!(order(paths.into_iter()), expected);
    }
}
