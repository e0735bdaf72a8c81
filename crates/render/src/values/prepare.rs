//! From a chart and a user's values to what templates are rendered with.

use std::collections::BTreeMap;

use chartroom_chart::Chart;
use chartroom_gotemplate::{Map, Value};
use chartroom_goyaml::Value as Plain;

use super::coalesce::{Coalescer, Node, Nulls};
use super::error::ValuesError;
use crate::log::{Level, LogLine};
use crate::schema;
use crate::subcharts::{self, ChartTree};

/// How to prepare a rendering.
#[derive(Clone, Debug, Default)]
pub struct Preparation {
    /// `--skip-schema-validation`
    pub skip_schema_validation: bool,
    /// Values in the place of those in the root chart's `values.yaml`, as `helm upgrade
    /// --reuse-values` has them from the release before.
    pub defaults: Option<Plain>,
    /// Whether this is an upgrade, where Helm makes less of an error in the dependencies.
    pub is_upgrade: bool,
}

/// A chart and its values, ready to be rendered.
#[derive(Clone)]
pub struct Prepared {
    /// The charts that take part.
    pub chart: ChartTree,
    /// `.Values` of the root. See [`ChartTree`] for how those of subcharts are in there.
    pub values: Map,
}

/// Prepares a rendering in Helm's order: subcharts are switched on and off, values imported,
/// merged, and checked against the schemas. `values` are the user's, such as
/// [`ValueOptions::merge`](super::ValueOptions::merge) gives; what Helm would say meanwhile is
/// added to `log`, also when it fails.
///
/// # Errors
///
/// When a subchart's values are no table, when they don't fit a schema, or when they are too much.
pub fn prepare(
    chart: &Chart,
    values: &Plain,
    options: &Preparation,
    log: &mut Vec<LogLine>,
) -> Result<Prepared, ValuesError> {
    let values = user_table(values);
    let defaults = options.defaults.as_ref().map(user_table);
    let mut coalescer = Coalescer::new(log);
    let chart = match subcharts::resolve(chart, defaults, &values, &mut coalescer) {
        Ok(chart) => chart,
        Err(error) if options.is_upgrade => return Err(error),
        Err(error) => {
            log.push(LogLine {
                level: Level::Error,
                message: "chart dependencies processing failed".into(),
                fields: vec![("error", error.to_string())],
            });
            return Err(ValuesError::Dependencies(Box::new(error)));
        }
    };
    let values = coalescer.values(&chart, &values, Nulls::Remove)?;
    if !options.skip_schema_validation {
        schema::validate(&chart, &values, log)?;
    }
    Ok(Prepared { chart, values })
}

/// Merges a user's values with those of a chart and its subcharts: `.Values` of the root, and what
/// `helm get values --all` shows.
///
/// # Errors
///
/// When a subchart's values are no table, or when they are too much.
pub fn coalesce(chart: &ChartTree, values: &Plain, log: &mut Vec<LogLine>) -> Result<Map, ValuesError> {
    Coalescer::new(log).values(chart, &user_table(values), Nulls::Remove)
}

/// A user's values as a table.
pub(crate) fn user_table(values: &Plain) -> Map {
    match crate::plain::from_plain(values) {
        Value::Map(table) => table,
        _ => Map::new(BTreeMap::new()),
    }
}

impl Node for &ChartTree {
    fn name(&self) -> &str {
        ChartTree::name(self)
    }

    fn defaults(&self) -> Map {
        self.defaults.clone()
    }

    fn children(&self) -> impl Iterator<Item = Self> {
        self.children.iter()
    }
}
