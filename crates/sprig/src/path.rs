//! Paths with slashes. Nothing here looks at a file.
//!
//! `osBase` and its kin follow the operating system in Helm. Here they are the same everywhere, so
//! that a chart is rendered to the same manifests on every machine.

use chartroom_gotemplate::{Function, Type};

use crate::arguments::{any, text};
use crate::declare::{fixed, part, string};

pub(crate) fn functions() -> Vec<Function> {
    let mut functions = Vec::new();
    for name in ["base", "osBase"] {
        functions.push(fixed(name, [Type::String], Type::String, |arguments| {
            part(any(arguments, 0), base(text(arguments, 0)))
        }));
    }
    for name in ["dir", "osDir"] {
        functions.push(fixed(name, [Type::String], Type::String, |arguments| {
            let path = text(arguments, 0);
            let end = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
            string(clean(path.get(..end).unwrap_or_default()))
        }));
    }
    for name in ["clean", "osClean"] {
        functions
            .push(fixed(name, [Type::String], Type::String, |arguments| string(clean(text(arguments, 0)))));
    }
    for name in ["ext", "osExt"] {
        functions.push(fixed(name, [Type::String], Type::String, |arguments| {
            part(any(arguments, 0), extension(text(arguments, 0)))
        }));
    }
    for name in ["isAbs", "osIsAbs"] {
        functions.push(fixed(name, [Type::String], Type::Bool, |arguments| {
            Ok(text(arguments, 0).starts_with(b"/").into())
        }));
    }
    functions
}

/// The last element, without slashes: `.` of nothing, and `/` of slashes only.
fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let Some(last) = path.iter().rposition(|&byte| byte != b'/') else { return b"/" };
    let path = path.get(..=last).unwrap_or_default();
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

/// From the last point of the last element on.
fn extension(path: &[u8]) -> &[u8] {
    match memchr::memrchr2(b'.', b'/', path) {
        Some(point) if path.get(point) == Some(&b'.') => path.get(point..).unwrap_or_default(),
        _ => b"",
    }
}

/// The shortest path that means the same, as far as can be told without looking.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut kept = Vec::<&[u8]>::new();
    for element in path.split(|&byte| byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|&last| last != b"..") => {
                kept.pop();
            }
            // There is nothing above the root.
            b".." if rooted => {}
            element => kept.push(element),
        }
    }
    let path = kept.join(&b'/');
    match (rooted, path.is_empty()) {
        (true, _) => [b"/", path.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => path,
    }
}
