//! The rules for `values.yaml`.

use std::collections::BTreeMap;
use std::fs;

use chartroom_chart::Chart;
use chartroom_gotemplate::Map;
use chartroom_goyaml::{self as goyaml, Value};

use super::Severity::{Error, Info};
use super::{Check, file};
use crate::schema;
use crate::values::{Coalescer, Nulls, table};

impl Check<'_> {
    pub(super) fn values(&mut self) {
        let exists = fs::metadata(self.folder.join(Chart::VALUES)).is_ok();
        let rule = if exists { Ok(()) } else { Err("file does not exist".to_owned()) };
        if self.report.check(Info, Chart::VALUES, rule) {
            let rule = self.values_fit();
            self.report.check(Error, Chart::VALUES, rule);
        }
    }

    /// Whether the values are YAML, and fit the chart's own schema. Nothing is known of subcharts
    /// here.
    fn values_fit(&mut self) -> Result<(), String> {
        let content = file::read(&self.folder.join(Chart::VALUES));
        let defaults = content.and_then(|content| defaults(&content));
        let defaults = defaults.map_err(|error| format!("unable to parse YAML: {error}"))?;
        let values = Map::new(BTreeMap::new());
        let mut coalescer = Coalescer::new(&mut self.report.log);
        for base in [&self.linter.values, &defaults] {
            coalescer.tables(&values, base, Nulls::Remove).map_err(|error| error.to_string())?;
        }
        // Whether it can be read doesn't matter.
        let schema = file::read(&self.folder.join(Chart::SCHEMA)).unwrap_or_default();
        if schema.is_empty() || self.linter.options.skip_schema_validation {
            return Ok(());
        }
        schema::validate_one(&values, &schema.into(), &mut self.report.log)
    }
}

/// The first document of a file, which has to be a map.
fn defaults(content: &[u8]) -> Result<Map, String> {
    match goyaml::decode(file::text(content)?).map_err(|error| error.to_string())? {
        Value::Null => Ok(Map::new(BTreeMap::new())),
        value @ Value::Map(_) => Ok(table::of_file(&value)),
        other => Err(format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type common.Values",
            other.json_kind()
        )),
    }
}
