//! Ways to render a chart: with its values, with each of its ci files, with each switch turned over.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use chartroom_goyaml::Value;

/// One way.
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
}

pub(super) fn of(chart: &Path, ci: bool, switches: usize) -> Result<Vec<Variant>> {
    let mut variants = vec![Variant { name: "defaults".to_owned(), arguments: Vec::new() }];
    if ci && let Ok(entries) = fs::read_dir(chart.join("ci")) {
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read {}", chart.display()))?.path();
            if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                files.push(path);
            }
        }
        files.sort();
        variants.extend(files.into_iter().map(|path| Variant {
            name: format!("ci/{}", path.file_name().unwrap_or_default().to_string_lossy()),
            arguments: vec!["--values".to_owned(), path.display().to_string()],
        }));
    }
    if switches > 0
        && let Ok(text) = fs::read_to_string(chart.join("values.yaml"))
        && let Ok(values) = chartroom_goyaml::decode(&text)
    {
        let mut found = Vec::new();
        collect(&values, "", &mut found);
        // Spread over the whole file, not all from its beginning.
        let step = found.len().div_ceil(switches).max(1);
        variants.extend(found.into_iter().step_by(step).map(|(path, now)| {
            let setting = format!("{path}={}", !now);
            Variant { name: setting.clone(), arguments: vec!["--set".to_owned(), setting] }
        }));
    }
    Ok(variants)
}

/// All booleans, with the paths that `--set` knows them by.
fn collect(value: &Value, path: &str, found: &mut Vec<(String, bool)>) {
    match value {
        Value::Bool(now) => found.push((path.to_owned(), *now)),
        Value::Map(map) => {
            for (key, value) in map {
                let mut name = String::with_capacity(key.len());
                for letter in key.chars() {
                    if matches!(letter, '.' | ',' | '=' | '[' | ']' | '{' | '}' | '\\') {
                        name.push('\\');
                    }
                    name.push(letter);
                }
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                collect(value, &path, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_found_with_their_paths() -> Result<()> {
        let values = chartroom_goyaml::decode("a: {b: true, c.d: false, e: 1}\nf: [true]\ng: no\n")?;
        let mut found = Vec::new();
        collect(&values, "", &mut found);
        let expected = [("a.b", true), ("a.c\\.d", false), ("g", false)];
        assert_eq!(found, expected.map(|(path, now)| (path.to_owned(), now)));
        Ok(())
    }
}
