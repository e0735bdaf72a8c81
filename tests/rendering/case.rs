//! The files that cases are in.
//!
//! ```text
//! What it is about.
//! $ template app . --set a=b
//! === templates/a.yaml
//! a: {{ .Values.a }}
//! === each templates/b.yaml
//! {{ fail "one" }}
//! %%
//! {{ fail "two" }}
//! ```
//!
//! Each line with a `$` is run for the chart, once with each variant of a file that has several.

use std::collections::BTreeMap;

/// A chart, and what is asked of it.
pub(crate) struct Case {
    /// The command lines, without the program's name.
    pub(crate) lines: Vec<String>,
    files: BTreeMap<String, String>,
    each: Option<(String, Vec<String>)>,
}

impl Case {
    pub(crate) fn parse(text: &str) -> Self {
        let head = text.lines().take_while(|line| !line.starts_with("=== "));
        let lines: Vec<_> = head.filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect();
        assert!(!lines.is_empty(), "no line to run: {text}");
        let chart = "apiVersion: v2\nname: c\nversion: 0.1.0\n";
        let mut files = BTreeMap::from([("Chart.yaml".to_owned(), chart.to_owned())]);
        let mut each = None;
        for (name, content) in sections(text) {
            if let Some(name) = name.strip_prefix("each ") {
                let variants = content.split("%%\n").map(str::to_owned).collect();
                each = Some((name.to_owned(), variants));
            } else if let Some(name) = name.strip_prefix("no ") {
                files.remove(name);
            } else {
                files.insert(name, content);
            }
        }
        Self { lines, files, each }
    }

    /// The files of each variant.
    pub(crate) fn variants(&self) -> impl Iterator<Item = BTreeMap<String, String>> {
        let count = self.each.as_ref().map_or(1, |(_, variants)| variants.len());
        (0..count).map(|number| {
            let mut files = self.files.clone();
            if let Some((name, variants)) = &self.each {
                files.insert(name.clone(), variants[number].clone());
            }
            files
        })
    }

    /// What a variant consists in.
    pub(crate) fn variant_text(&self, number: usize) -> &str {
        self.each.as_ref().map_or("", |(_, variants)| &variants[number])
    }
}

/// Names and contents of what stands below `=== NAME` each.
pub(crate) fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match (line.strip_prefix("=== "), sections.last_mut()) {
            (Some(name), _) => sections.push((name.trim_end().to_owned(), String::new())),
            (None, Some((_, content))) => content.push_str(line),
            (None, None) => {}
        }
    }
    sections
}

/// The words of a line: parted by spaces, except within '…'.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
