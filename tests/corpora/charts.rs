//! What the fuzz targets do with parts of charts from outside: templates, schemas, patterns. Each
//! function must return, for any input.

use chartroom_chart::{Chart, File, Limits as ChartLimits};
use chartroom_gotemplate::Limits;
use chartroom_render::values::{Preparation, prepare};
use chartroom_render::{Capabilities, Job, Options, Release, explain, on_large_stack, render};
use chartroom_sprig::Pattern;

fn chart(files: &[(&str, &[u8])]) -> Option<Chart> {
    let metadata = ("Chart.yaml", &b"apiVersion: v2\nname: c\nversion: 0.1.0\n"[..]);
    let file = |&(name, data): &(&str, &[u8])| File {
        name: name.to_owned(),
        modified: None,
        data: data.to_vec().into(),
    };
    Chart::from_files(std::iter::once(&metadata).chain(files).map(file).collect(), &ChartLimits::untrusted())
        .ok()
}

/// Two parts, on both sides of a line `%%`.
fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.windows(4).position(|part| part == b"\n%%\n");
    at.map_or((bytes, &[]), |at| (&bytes[..at], &bytes[at + 4..]))
}

/// A schema, and behind `%%` the values that are checked by it.
pub(crate) fn schema(bytes: &[u8]) {
    let (schema, values) = halves(bytes);
    let Some(chart) = chart(&[("values.schema.json", schema), ("values.yaml", values)]) else { return };
    let outcome = prepare(&chart, &Default::default(), &Preparation::default(), &mut Vec::new());
    assert!(outcome.err().is_none_or(|error| error.to_string().len() < 4 << 20));
}

/// A template of a chart with all functions, and behind `%%` values; what is wrong is explained.
pub(crate) fn chart_template(bytes: &[u8]) {
    let (template, values) = halves(bytes);
    let partial = &b"{{ define \"c.name\" }}{{ .Chart.Name }}{{ .Values.name.first }}{{ end }}"[..];
    let files = [("values.yaml", values), ("templates/a.yaml", template), ("templates/_b.tpl", partial)];
    let Some(chart) = chart(&files) else { return };
    on_large_stack(|| {
        let prepared = prepare(&chart, &Default::default(), &Preparation::default(), &mut Vec::new());
        let Ok(prepared) = prepared else { return };
        let release =
            Release { name: "r".to_owned(), namespace: "default".to_owned(), revision: 1, is_upgrade: false };
        let options = Options::default();
        let limits = Limits { steps: 10_000, output: 1 << 16, ..options.limits };
        let job = Job {
            chart: &prepared.chart,
            values: prepared.values,
            release: &release,
            capabilities: &Capabilities::of_helm(),
            options: Options { limits, ..options },
        };
        if let Err(error) = render(&job, None) {
            let _ = (error.to_string(), explain(&error, job.chart));
        }
    });
}

/// A pattern, and behind `%%` a text that may match it.
pub(crate) fn pattern(bytes: &[u8]) {
    let (pattern, text) = halves(bytes);
    match Pattern::new(pattern) {
        Ok(pattern) => {
            pattern.is_match(text);
            assert!(pattern.memory_usage() < 256 << 20);
        }
        Err(error) => assert!(error.to_string().starts_with("error parsing regexp: ")),
    }
}
