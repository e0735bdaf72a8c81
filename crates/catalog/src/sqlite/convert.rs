//! Values of the domain as they stand in columns.

use std::fmt;
use std::str::FromStr;

use chartroom_oci::Digest;
use jiff::Timestamp;
use rusqlite::Row;
use serde::de::DeserializeOwned;

use crate::{Error, Page, Result};

/// A time in whole milliseconds.
pub(super) fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A limit for SQL. Saturates: no listing is that long.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// What sorts after everything that a listing has shown. Nothing listed is empty text.
pub(super) fn text_or_start(after: Option<&Digest>) -> String {
    after.map(Digest::to_string).unwrap_or_default()
}

/// Reads a column whose text was printed from a `T`.
pub(crate) fn parsed<T>(row: &Row<'_>, column: usize) -> Result<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    text.parse().map_err(|error| Error::Damaged(format!("{text:?}: {error}")))
}

/// Reads a column that holds a time.
pub(crate) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    from_millis(row.get(column)?)
}

/// Reads a column that holds a time or nothing.
pub(crate) fn optional_time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?.map(from_millis).transpose()
}

fn from_millis(millis: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(millis).map_err(|error| Error::Damaged(format!("time {millis}: {error}")))
}

/// Makes a page of what was read with a limit one higher than what was asked for.
pub(super) fn page<T>(mut items: Vec<T>, limit: usize) -> Page<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    Page { items, more }
}

/// Reads JSON that was written here.
pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Damaged(format!("JSON: {error}")))
}
