//! Helm's `ProcessDependencies`: which subcharts are used, and what they lend to their parents.

use std::collections::{BTreeMap, HashSet};

use chartroom_chart::{Any, Chart, Constraint, Dependency, Version};
use chartroom_gotemplate::{Map, Text, Value};

use super::arena::{Arena, Id};
use super::tree::ChartTree;
use crate::log::LogLine;
use crate::values::{Coalescer, Nulls, ValuesError, go_print, table};

/// Decides which subcharts are used with these values of a user, and imports values.
pub(crate) fn resolve(
    chart: &Chart,
    defaults: Option<Map>,
    values: &Map,
    coalescer: &mut Coalescer<'_>,
) -> Result<ChartTree, ValuesError> {
    let (arena, root) = Arena::new(chart, defaults)?;
    let mut resolver = Resolver { arena, coalescer };
    resolver.enable(root, values, "")?;
    resolver.import(root)?;
    Ok(resolver.arena.tree(root))
}

struct Resolver<'a, 'l, 'c> {
    arena: Arena<'a>,
    coalescer: &'c mut Coalescer<'l>,
}

impl Resolver<'_, '_, '_> {
    /// Leaves a chart the subcharts that are switched on. `path` is where the chart's values are
    /// in the root's, with a dot at its end.
    fn enable(&mut self, id: Id, values: &Map, path: &str) -> Result<(), ValuesError> {
        if !self.arena.has_list(id) {
            return Ok(());
        }
        let wanted = self.arena.metadata(id).dependencies.clone();
        let present = self.arena.children(id).to_vec();
        let fits = |arena: &Arena<'_>, child: Id, wanted: &Dependency| {
            let child = arena.metadata(child);
            child.name == wanted.name && is_compatible(&wanted.version, &child.version)
        };
        let mut children = present.clone();
        children.retain(|child| !wanted.iter().any(|wanted| fits(&self.arena, *child, wanted)));
        for wanted in &wanted {
            let found = present.iter().find(|child| fits(&self.arena, **child, wanted));
            if let Some(found) = found {
                children.push(self.arena.copy(*found, &wanted.alias)?);
            }
        }
        self.arena.set_children(id, children);
        self.arena.change_dependencies(id, |dependencies| {
            for dependency in dependencies {
                if !dependency.alias.is_empty() {
                    dependency.name.clone_from(&dependency.alias);
                }
                dependency.enabled = true;
            }
        });

        let merged = self.coalescer.values(self.arena.node(id), values, Nulls::Remove)?;
        let mut dependencies = self.arena.metadata(id).dependencies.clone();
        self.by_tags(&mut dependencies, &merged);
        self.by_conditions(&mut dependencies, &merged, path);
        let off: HashSet<String> = dependencies
            .iter()
            .filter(|dependency| !dependency.enabled)
            .map(|dependency| dependency.name.clone())
            .collect();
        let mut children = self.arena.children(id).to_vec();
        children.retain(|child| !off.contains(&self.arena.metadata(*child).name));
        for child in &children {
            let path = format!("{path}{}.", self.arena.metadata(*child).name);
            self.enable(*child, &merged, &path)?;
        }
        dependencies.retain(|dependency| !off.contains(&dependency.name));
        self.arena.change_dependencies(id, |list| *list = dependencies);
        self.arena.set_children(id, children);
        Ok(())
    }

    fn by_tags(&mut self, dependencies: &mut [Dependency], values: &Map) {
        let Ok(tags) = table::find(values, "tags") else { return };
        for dependency in dependencies {
            let (mut on, mut off) = (false, false);
            for tag in &dependency.tags {
                match tags.get(tag.as_bytes()) {
                    None => {}
                    Some(Value::Bool(true)) => on = true,
                    Some(Value::Bool(false)) => off = true,
                    Some(_) => self.warn_of_non_bool("tag", tag, dependency),
                }
            }
            dependency.enabled = on || !off;
        }
    }

    fn by_conditions(&mut self, dependencies: &mut [Dependency], values: &Map, path: &str) {
        for dependency in dependencies {
            let condition = dependency.condition.clone();
            let conditions = condition.trim().split(',').filter(|condition| !condition.is_empty());
            for condition in conditions {
                match table::scalar(values, &format!("{path}{condition}")) {
                    None => {}
                    Some(Value::Bool(truth)) => {
                        dependency.enabled = truth;
                        break;
                    }
                    Some(_) => self.warn_of_non_bool("path", condition, dependency),
                }
            }
        }
    }

    fn warn_of_non_bool(&mut self, what: &'static str, name: &str, dependency: &Dependency) {
        let fields = vec![(what, name.to_owned()), ("chart", dependency.name.clone())];
        self.coalescer.log.push(LogLine::warn("returned non-bool value", fields));
    }

    /// Imports what charts want of their subcharts, the innermost first.
    fn import(&mut self, id: Id) -> Result<(), ValuesError> {
        for child in self.arena.children(id).to_vec() {
            self.import(child)?;
        }
        if !self.arena.has_list(id) {
            return Ok(());
        }
        let nothing = Map::new(BTreeMap::new());
        let merged = self.coalescer.values(self.arena.node(id), &nothing, Nulls::Keep)?;
        let imported = Map::new(BTreeMap::new());
        let mut dependencies = self.arena.metadata(id).dependencies.clone();
        if self.arena.mark_imported(id) {
            dependencies.iter_mut().for_each(|dependency| dependency.import_values.clear());
        }
        for dependency in &mut dependencies {
            let mut pairs = Vec::new();
            for import in &dependency.import_values {
                let Some((child, parent, is_pair)) = child_and_parent(import) else { continue };
                pairs.push(pair(&child, &parent));
                let found = match table::find(&merged, &format!("{}.{child}", dependency.name)) {
                    Ok(found) => found,
                    Err(part) => {
                        self.coalescer.log.push(missing_table(&dependency.name, part, is_pair));
                        continue;
                    }
                };
                let found = if found.is_empty() { Map::new(BTreeMap::new()) } else { found };
                let found = at_path(&parent, found)?;
                self.coalescer.tables(&imported, &found, Nulls::Keep)?;
                // Of tables that are imported twice, one may now be inside of the other.
                table::check_depth(&imported, &mut self.coalescer.left, 0)?;
                table::check_depth(&merged, &mut self.coalescer.left, 0)?;
            }
            dependency.import_values = pairs;
        }
        self.arena.change_dependencies(id, |list| *list = dependencies);
        let merged = self.coalescer.copy(&merged)?;
        self.coalescer.tables(&merged, &imported, Nulls::Keep)?;
        table::check_depth(&merged, &mut self.coalescer.left, 0)?;
        self.arena.set_defaults(id, merged);
        Ok(())
    }
}

/// Checks that `charts/` has what `Chart.yaml` asks for, as the commands that render do before
/// they begin.
///
/// # Errors
///
/// When a dependency isn't there, used or not.
pub fn check_dependencies(chart: &Chart) -> Result<(), ValuesError> {
    chart.check_dependencies().map_err(|error| ValuesError::MissingDependencies(error.to_string()))
}

/// Whether a version is in a range; where one of them is no such thing, it isn't.
fn is_compatible(range: &str, version: &str) -> bool {
    match (range.parse::<Constraint>(), Version::coerce(version)) {
        (Ok(range), Ok(version)) => range.matches(&version),
        _ => false,
    }
}

/// What an entry of `import-values` takes, where it puts it, and whether it says both.
fn child_and_parent(import: &Any) -> Option<(String, String, bool)> {
    match import {
        Any::String(name) => Some((format!("exports.{name}"), ".".into(), false)),
        Any::Map(map) => {
            let text =
                |key: &str| map.get(key).map_or_else(|| "<nil>".into(), |value| go_print::plain(&any(value)));
            Some((text("child"), text("parent"), true))
        }
        _ => None,
    }
}

fn pair(child: &str, parent: &str) -> Any {
    let text = |key: &str, value: &str| (key.to_owned(), Any::String(value.to_owned()));
    Any::Map(BTreeMap::from([text("child", child), text("parent", parent)]))
}

fn any(value: &Any) -> Value {
    match value {
        Any::Null => Value::Nil,
        Any::Bool(truth) => Value::Bool(*truth),
        Any::Number(number) => Value::Float(*number),
        Any::String(text) => text.as_str().into(),
        Any::List(items) => Value::list(items.iter().map(any).collect()),
        Any::Map(map) => Value::map(map.iter().map(|(key, value)| (Text::from(key.as_str()), any(value)))),
    }
}

fn missing_table(chart: &str, part: &str, is_pair: bool) -> LogLine {
    let error = format!("{} is not a table", chartroom_chart::go_text::quote(part));
    if is_pair {
        let fields = vec![("chart", chart.to_owned()), ("error", error)];
        return LogLine::warn("ImportValues missing table from chart", fields);
    }
    LogLine::warn("ImportValues missing table", vec![("error", error)])
}

/// A table with another one in it, at a path. The path `.` is where it is already.
fn at_path(path: &str, table: Map) -> Result<Map, ValuesError> {
    if path == "." {
        return Ok(table);
    }
    if path.split('.').count() > chartroom_goyaml::MAX_DEPTH {
        return Err(ValuesError::TooDeep(table::MAX_DEPTH));
    }
    let around = |inner: Map, part: &str| Map::new(BTreeMap::from([(Text::from(part), Value::Map(inner))]));
    Ok(path.rsplit('.').fold(table, around))
}
