//! A template, executed with all functions of Sprig and Helm that need no engine.

use chartroom_gotemplate::{Limits, MissingKey, TemplateSet, Value};
use chartroom_render::{functions, plain};

/// The values that templates of tests see, here and in Helm.
pub(crate) const VALUES: &str = include_str!("values.yaml");

/// What a template writes, or why it fails, in the text of Go's executor.
pub(crate) fn run(template: &str) -> Result<Vec<u8>, String> {
    run_with_steps(template, Limits::default().steps)
}

/// The same, with a number of steps.
pub(crate) fn run_with_steps(template: &str, steps: u64) -> Result<Vec<u8>, String> {
    // The later of two functions with the same name counts.
    let functions = chartroom_sprig::functions().into_iter().chain(functions::functions());
    let mut set = TemplateSet::new("gotpl", MissingKey::Zero, functions);
    set.parse("t", template).map_err(|error| error.to_string())?;
    let mut values = chartroom_goyaml::decode(VALUES).unwrap();
    plain::float_numbers(&mut values);
    let limits = Limits { steps, ..Limits::default() };
    let data = Value::map([("Values", plain::from_plain(&values))]);
    let out = set.execute("t", data, &limits).map_err(|error| error.to_string())?;
    Ok(match String::from_utf8(out) {
        // As Helm does with everything that it renders.
        Ok(text) => text.replace("<no value>", "").into_bytes(),
        Err(error) => error.into_bytes(),
    })
}

/// The text that a template writes.
#[track_caller]
pub(crate) fn text(template: &str) -> String {
    match run(template) {
        Ok(out) => String::from_utf8(out).unwrap(),
        Err(error) => panic!("{template}: {error}"),
    }
}
