//! Merging the values of a user with those of a chart and its subcharts, by the rules of Helm
//! 4.3.1: maps are merged, anything else is replaced, null removes, and `global` goes down.
//!
//! Helm works on maps that are shared between parents and children in places, and what is done to
//! them there shows. So this works on the same kind of maps, in the same order, where Helm's
//! order isn't left to chance; where it is, ours is that of the keys.

use std::collections::BTreeMap;

use chartroom_gotemplate::{Map, Text, Value};
use chartroom_goyaml::Value as Plain;

use super::error::ValuesError;
use super::go_print;
use super::table;
use crate::log::LogLine;

/// The key of the values that subcharts share.
const GLOBAL: &[u8] = b"global";

/// How many entries of tables are copied and compared for one chart with all its subcharts. The
/// largest public charts need some ten thousand.
pub(crate) const MAX_WORK: usize = 10_000_000;

/// What making a table counts as, in entries.
const TABLE: usize = 8;

/// A chart as far as merging needs it.
pub(crate) trait Node: Copy {
    /// Its name, or alias.
    fn name(&self) -> &str;
    /// Its own values.
    fn defaults(&self) -> Map;
    /// Its subcharts.
    fn children(&self) -> impl Iterator<Item = Self>;
}

/// Where a table is, for messages only.
#[derive(Clone, Copy)]
struct Path<'p> {
    above: Option<&'p Path<'p>>,
    name: &'p str,
}

impl Path<'_> {
    const TOP: Path<'static> = Path { above: None, name: "" };
}

impl<'p> Path<'p> {
    fn join(&'p self, name: &'p str) -> Self {
        Self { above: Some(self), name }
    }

    fn text(&self) -> String {
        match self.above.map(Self::text) {
            Some(above) if !above.is_empty() => format!("{above}.{}", self.name),
            _ => self.name.to_owned(),
        }
    }
}

/// What happens to nulls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// They remove what they are laid over, and are gone.
    Remove,
    /// They are values, for a later merge to see.
    Keep,
}

/// One chart's merging: what was said, and how much may still be done.
pub(crate) struct Coalescer<'a> {
    pub(crate) log: &'a mut Vec<LogLine>,
    pub(crate) left: usize,
}

impl<'a> Coalescer<'a> {
    pub(crate) fn new(log: &'a mut Vec<LogLine>) -> Self {
        Self { log, left: MAX_WORK }
    }

    /// Copies values.
    pub(crate) fn copy(&mut self, values: &Map) -> Result<Map, ValuesError> {
        table::copy(values, &mut self.left)
    }

    /// Lays values over those of a chart and its subcharts. The values stay as they are.
    pub(crate) fn values(
        &mut self,
        chart: impl Node,
        values: &Map,
        nulls: Nulls,
    ) -> Result<Map, ValuesError> {
        let values = self.copy(values)?;
        self.chart(chart, &values, Path::TOP, nulls)?;
        Ok(values)
    }

    fn chart(
        &mut self,
        chart: impl Node,
        values: &Map,
        path: Path<'_>,
        nulls: Nulls,
    ) -> Result<(), ValuesError> {
        let path = path.join(chart.name());
        self.own(chart, values, path, nulls)?;
        for child in chart.children() {
            let name = child.name();
            let table = match values.get(name.as_bytes()) {
                None => {
                    let table = Map::new(BTreeMap::new());
                    values.insert(name, Value::Map(table.clone()));
                    table
                }
                Some(Value::Map(table)) => table,
                Some(other) => {
                    let found = go_print::as_bool(&other);
                    return Err(ValuesError::NotATable { chart: name.to_owned(), found });
                }
            };
            self.globals(&table, values, path)?;
            self.chart(child, &table, path, nulls)?;
        }
        Ok(())
    }

    /// Lays values over a chart's own.
    fn own(
        &mut self,
        chart: impl Node,
        values: &Map,
        path: Path<'_>,
        nulls: Nulls,
    ) -> Result<(), ValuesError> {
        let defaults = self.copy(&chart.defaults())?;
        for (key, default) in entries(&defaults) {
            match (values.get(&key), default) {
                (Some(Value::Nil), _) if nulls == Nulls::Remove => {
                    values.remove(&key);
                }
                (Some(Value::Map(over)), Value::Map(default)) => {
                    let name = key.to_str();
                    let is_child = chart.children().any(|child| child.name().as_bytes() == &key[..]);
                    let nulls = if is_child { Nulls::Keep } else { nulls };
                    if nulls == Nulls::Remove {
                        drop_nulls(&default);
                    }
                    self.tables_at(&over, &default, path.join(&name), nulls, 0)?;
                }
                (Some(Value::Map(_)), default) if !default.is_nil() => {
                    let at = path.join(&key.to_str()).text();
                    self.say(format!("warning: skipped value for {at}: Not a table."));
                }
                (Some(_), _) => {}
                (None, default) => {
                    if nulls == Nulls::Remove {
                        match &default {
                            Value::Nil => continue,
                            Value::Map(default) => drop_nulls(default),
                            _ => {}
                        }
                    }
                    values.insert(key, default);
                }
            }
        }
        Ok(())
    }

    /// Gives a child what is in its parent's `global`. Tables in there are copied; those inside of
    /// them are not, and the child's own `global` is merged into them, for the parent to see.
    fn globals(&mut self, child: &Map, parent: &Map, path: Path<'_>) -> Result<(), ValuesError> {
        let over = match child.get(GLOBAL) {
            None => Map::new(BTreeMap::new()),
            Some(Value::Map(globals)) => globals,
            Some(_) => {
                self.say("warning: skipping globals because destination global is not a table.");
                return Ok(());
            }
        };
        let from = match parent.get(GLOBAL) {
            None => Map::new(BTreeMap::new()),
            Some(Value::Map(globals)) => globals,
            Some(_) => {
                self.say("warning: skipping globals because source global is not a table.");
                return Ok(());
            }
        };
        for (key, value) in entries(&from) {
            table::spend(&mut self.left, 1)?;
            match (value, over.get(&key)) {
                (Value::Map(_), Some(other)) if other.as_map().is_none() => {
                    let key = chartroom_chart::go_text::quote(&key.to_str()).to_string();
                    self.say(format!("Conflict: cannot merge map onto non-map for {key}. Skipping."));
                }
                (Value::Map(value), below) => {
                    table::spend(&mut self.left, TABLE + value.len())?;
                    let copy = Map::new(value.entries().clone());
                    if let Some(Value::Map(below)) = below {
                        self.tables_at(&copy, &below, path.join(&key.to_str()), Nulls::Keep, 0)?;
                    }
                    over.insert(key, Value::Map(copy));
                }
                (_, Some(Value::Map(_))) => {
                    self.say(format!("key {} is table. Skipping", key.to_str()));
                }
                (value, _) => over.insert(key, value),
            }
        }
        child.insert(Text::from(GLOBAL), Value::Map(over));
        Ok(())
    }

    /// Lays one table over another, changing both: `over` becomes the outcome.
    pub(crate) fn tables(&mut self, over: &Map, base: &Map, nulls: Nulls) -> Result<(), ValuesError> {
        self.tables_at(over, base, Path::TOP, nulls, 0)
    }

    fn tables_at(
        &mut self,
        over: &Map,
        base: &Map,
        path: Path<'_>,
        nulls: Nulls,
        depth: usize,
    ) -> Result<(), ValuesError> {
        if over.is_same(base) {
            return Ok(());
        }
        if depth > table::MAX_DEPTH {
            return Err(ValuesError::TooDeep(table::MAX_DEPTH));
        }
        let own = entries(base);
        table::spend(&mut self.left, own.len())?;
        // Helm marks in `base` what `over` has as null; a table that is imported elsewhere keeps
        // these marks.
        for (key, value) in over.entries().iter() {
            if value.is_nil() {
                base.insert(key.clone(), Value::Nil);
            }
        }
        for (key, original) in own {
            let was_null = original.is_nil();
            // Under a null in `over`, `base` has been marked above.
            match (over.get(&key), original) {
                (Some(Value::Nil), _) => {
                    if nulls == Nulls::Remove && !was_null {
                        over.remove(&key);
                    }
                }
                (None, value) => over.insert(key, value),
                (Some(Value::Map(over)), Value::Map(base)) => {
                    let name = key.to_str();
                    self.tables_at(&over, &base, path.join(&name), nulls, depth + 1)?;
                }
                (Some(_), value @ Value::Map(_)) => {
                    let (at, value) = (path.join(&key.to_str()).text(), go_print::plain(&value));
                    self.say(format!("warning: cannot overwrite table with non table for {at} ({value})"));
                }
                (Some(Value::Map(_)), value) if !value.is_nil() => {
                    let (at, value) = (path.join(&key.to_str()).text(), go_print::plain(&value));
                    self.say(format!(
                        "warning: destination for {at} is a table. Ignoring non-table value ({value})"
                    ));
                }
                (Some(_), _) => {}
            }
        }
        Ok(())
    }

    fn say(&mut self, message: impl Into<String>) {
        self.log.push(LogLine::info(message));
    }
}

/// The entries as they are now; values are shared, not copied.
fn entries(table: &Map) -> Vec<(Text, Value)> {
    table.entries().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Removes nulls, in tables inside of tables too, but not in lists.
fn drop_nulls(table: &Map) {
    table.entries_mut().retain(|_, value| !value.is_nil());
    for value in table.entries().values() {
        if let Value::Map(below) = value {
            drop_nulls(below);
        }
    }
}

/// Lays a user's values over others, as `helm upgrade --reuse-values` does with those of the
/// release before. `over` wins; where it has null, the other's value goes.
///
/// # Errors
///
/// When the values are too deep or too large.
pub fn coalesce_tables(over: &Plain, base: &Plain, log: &mut Vec<LogLine>) -> Result<Map, ValuesError> {
    let mut coalescer = Coalescer::new(log);
    let table = |value: &Plain| match crate::plain::from_plain(value) {
        Value::Map(table) => table,
        _ => Map::new(BTreeMap::new()),
    };
    let over = table(over);
    coalescer.tables(&over, &table(base), Nulls::Remove)?;
    Ok(over)
}
