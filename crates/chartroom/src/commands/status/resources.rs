//! What is in the cluster of a release: in the tables that `status` prints, and in its JSON.

use std::collections::BTreeMap;

use anyhow::Result;
use chartroom_goyaml::Value;
use chartroom_release::{ApplyMethod, Column, Hook, Info, KindOfResource, Release, Storage, Table};
use serde::Serialize;

/// Asks for the objects of a release.
pub(super) async fn of(storage: &Storage, release: &Release, tables: bool) -> Result<Vec<KindOfResource>> {
    Ok(KindOfResource::of(storage.cluster(), release, tables).await?)
}

/// The tables under their kinds.
pub(super) fn tables(found: &[KindOfResource]) -> String {
    let mut text = String::new();
    let mut last: Vec<Column> = Vec::new();
    for kind in found {
        text.push_str(&format!("==> {}\n", kind.kind));
        for table in kind.tables() {
            // Tables of the same columns follow each other without further headings.
            let headings = table.column_definitions != last && !table.rows.is_empty();
            if headings {
                last.clone_from(&table.column_definitions);
            }
            text.push_str(&lines(&table, headings));
        }
        text.push('\n');
    }
    text
}

/// A table as Go's `tabwriter` lays it out: columns at least 6 wide, 3 apart.
fn lines(table: &Table, headings: bool) -> String {
    let shown: Vec<usize> = (0..table.column_definitions.len())
        .filter(|column| table.column_definitions[*column].priority == 0)
        .collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    if headings {
        rows.push(shown.iter().map(|column| table.column_definitions[*column].name.to_uppercase()).collect());
    }
    for row in &table.rows {
        rows.push(shown.iter().map(|column| row.cells.get(*column).map(cell).unwrap_or_default()).collect());
    }
    let width = |column: usize| {
        let widest = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        (widest.unwrap_or(0) + 3).max(6)
    };
    let widths: Vec<usize> = (0..shown.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            if column + 1 == row.len() {
                text.push_str(cell);
            } else {
                text.push_str(&format!("{cell:0$}", widths[column]));
            }
        }
        text.push('\n');
    }
    text
}

fn cell(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    };
    match text.find(['\n', '\r', '\u{b}', '\u{c}']) {
        Some(end) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// A release without its chart, and with what is in the cluster of it, in Helm's order.
#[derive(Serialize)]
pub(super) struct Whole<'a> {
    name: &'a str,
    info: InfoWithResources<'a>,
    #[serde(skip_serializing_if = "is_empty")]
    config: &'a Value,
    #[serde(skip_serializing_if = "str::is_empty")]
    manifest: &'a str,
    #[serde(skip_serializing_if = "<[Hook]>::is_empty")]
    hooks: &'a [Hook],
    version: i64,
    namespace: &'a str,
    #[serde(skip_serializing_if = "is_unknown")]
    apply_method: &'a ApplyMethod,
}

#[derive(Serialize)]
struct InfoWithResources<'a> {
    #[serde(flatten)]
    info: &'a Info,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    resources: BTreeMap<&'a str, Vec<Value>>,
}

impl<'a> Whole<'a> {
    pub(super) fn new(release: &'a Release, found: &'a [KindOfResource]) -> Self {
        let resources =
            found.iter().filter_map(|kind| Some((kind.kind.as_str(), kind.values().ok()?))).collect();
        Self {
            name: &release.name,
            info: InfoWithResources { info: &release.info, resources },
            config: &release.config,
            manifest: &release.manifest,
            hooks: &release.hooks,
            version: release.version,
            namespace: &release.namespace,
            apply_method: &release.apply_method,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_empty(value: &&Value) -> bool {
    value.is_null() || value.as_map().is_some_and(BTreeMap::is_empty)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_unknown(method: &&ApplyMethod) -> bool {
    **method == ApplyMethod::Unknown
}

#[cfg(test)]
mod tests {
    use chartroom_release::Row;

    use super::*;

    #[test]
    fn tables_are_laid_out() {
        let column = |name: &str, priority| Column { name: name.to_owned(), priority };
        let table = Table {
            column_definitions: vec![
                column("Name", 0),
                column("Data", 0),
                column("Wide", 1),
                column("Age", 0),
            ],
            rows: vec![Row { cells: vec!["b".into(), 0.into(), "x".into(), "1s".into()] }],
        };
        assert_eq!(lines(&table, true), "NAME   DATA   AGE\nb      0      1s\n");
        assert_eq!(lines(&table, false), "b     0     1s\n");
    }
}
