//! Executing the templates of a chart and its subcharts.

mod failure;
mod functions;
mod scope;
mod stack;
mod values_methods;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use chartroom_gotemplate::{Exec, Limits, Map, MissingKey, TemplateSet, Value};

use crate::capabilities::Capabilities;
use crate::log::LogLine;
use crate::release::Release;
use crate::subcharts::ChartTree;

pub use failure::{Frame, TemplateError};
pub(crate) use functions::function_names;
pub use functions::name_of_template;
pub use stack::on_large_stack;

/// The name of the set of all templates, which errors mention.
pub(crate) const SET: &str = "gotpl";

/// Everything that a rendering is made of. See [`prepare`](crate::values::prepare) for chart and values.
pub struct Job<'a> {
    /// The charts that take part.
    pub chart: &'a ChartTree,
    /// `.Values` of the root. Templates may change them.
    pub values: Map,
    /// What templates are told of the release.
    pub release: &'a Release,
    /// What templates are told of the cluster.
    pub capabilities: &'a Capabilities,
    /// How to render.
    pub options: Options,
}

/// Looks something up in a cluster: `apiVersion`, kind, namespace and name, the latter two perhaps empty.
/// What isn't there is an empty map.
pub type Lookup = dyn Fn(&str, &str, &str, &str) -> Result<Value, String>;

/// How to render.
#[derive(Clone)]
pub struct Options {
    /// Whether `required` and `fail` only say what they would fail for, and `lookup` finds nothing.
    pub lint: bool,
    /// Whether `getHostByName` may look up addresses.
    pub dns: bool,
    /// Whether the notes of subcharts belong to those of the chart.
    pub subchart_notes: bool,
    /// How `lookup` finds objects; without it, it finds nothing.
    pub lookup: Option<Rc<Lookup>>,
    /// How much all templates together may do and write.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lint: false,
            dns: false,
            subchart_notes: false,
            lookup: None,
            // The stack is that of `on_large_stack`, less what is needed to tell that it is used up.
            limits: Limits { stack: stack::USABLE, output: 512 << 20, ..Limits::default() },
        }
    }
}

/// What templates have made, by their paths, partials left out.
pub(crate) struct Output {
    pub(crate) files: BTreeMap<String, Bytes>,
    /// What templates have said under [`Options::lint`].
    pub(crate) log: Vec<LogLine>,
}

/// Executes all templates. Needs the stack that its limits allow: see [`on_large_stack`].
pub(crate) fn execute(job: &Job<'_>) -> Result<Output, TemplateError> {
    let templates = scope::templates(job);
    let log = Rc::new(RefCell::new(Vec::new()));
    let functions = functions::all(&job.options, &log);
    let mut set = TemplateSet::with_methods(SET, MissingKey::Zero, functions, values_methods::methods());
    let order = scope::order(templates.keys().map(String::as_str));
    let named = || order.iter().filter_map(|&path| Some((path, templates.get(path)?)));
    for (path, template) in named() {
        set.parse(path, template.text)
            .map_err(|error| TemplateError::of_parsing(path, &error.to_string()))?;
    }
    let mut files = BTreeMap::new();
    let mut exec = Exec::new(set, &job.options.limits);
    for (path, template) in named() {
        if is_partial(path) {
            continue;
        }
        template.enter(path);
        let dot = Value::Map(template.scope.clone());
        let text = exec.execute(path, dot).map_err(|error| TemplateError::of_execution(&error))?;
        files.insert(path.to_owned(), Bytes::from(without_no_value(text)));
    }
    drop(exec);
    let log = Rc::try_unwrap(log).map(RefCell::into_inner).unwrap_or_default();
    Ok(Output { files, log })
}

/// Whether a file only lends its templates to others.
fn is_partial(path: &str) -> bool {
    path.rsplit('/').next().unwrap_or(path).starts_with('_')
}

/// What Go prints for nothing; Helm takes it out, wherever it comes from.
const NO_VALUE: &[u8] = b"<no value>";

fn without_no_value(text: Vec<u8>) -> Vec<u8> {
    match replaced(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(replaced) => replaced,
    }
}

fn replaced(text: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    let mut rest = text;
    let mut searched = 0;
    while let Some(at) = rest.get(searched..).and_then(|rest| rest.iter().position(|byte| *byte == b'<')) {
        let at = searched + at;
        match rest.split_at_checked(at) {
            Some((before, found)) if found.starts_with(NO_VALUE) => {
                kept.extend_from_slice(before);
                rest = found.get(NO_VALUE.len()..).unwrap_or_default();
                searched = 0;
            }
            _ => searched = at + 1,
        }
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    kept.extend_from_slice(rest);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_go_prints_for_nothing_is_taken_out() {
        for (text, expected) in [
            ("", ""),
            ("a<b", "a<b"),
            ("<no value>", ""),
            ("a: <no value>\nb: <<no value>>", "a: \nb: <>"),
            ("<no <no value>value>", "<no value>"),
            ("<no value", "<no value"),
        ] {
            assert_eq!(without_no_value(text.as_bytes().to_vec()), expected.as_bytes(), "{text}");
        }
    }
}
