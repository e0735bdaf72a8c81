//! Charts and values made up by chance, always the same: what nobody thinks of.

use chartroom_test_support::Random;

use crate::{Case, check};

struct Maker(Random);

impl Maker {
    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.0.below(of.len() as u64)).unwrap()]
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.0.below(chances) == 0
    }

    /// A YAML map on one line, empty at the bottom.
    fn map(&mut self, depth: u64) -> String {
        let mut text = String::from("{");
        if depth == 0 {
            return "{}".into();
        }
        for key in ["a", "b", "s", "t", "u", "global", "on", "exports", "tags"] {
            if self.one_in(4) {
                // Where a subchart's values go, a table belongs; now and then something else is there.
                let table = matches!(key, "s" | "t" | "u" | "global") && !self.one_in(40);
                let value = if table { self.map(depth.saturating_sub(1)) } else { self.value(depth) };
                text.push_str(&format!("'{key}': {value}, "));
            }
        }
        text + "}"
    }

    fn value(&mut self, depth: u64) -> String {
        if depth > 0 && !self.one_in(3) {
            return self.map(depth - 1);
        }
        self.pick(&["1", "null", "true", "false", "text", "[1, {a: null}]", "{}", "2.5", "null"]).to_owned()
    }

    fn dependency(&mut self, name: &str) -> String {
        let mut text = format!("- {{name: {name}, repository: ''");
        if !self.one_in(6) {
            text.push_str(", version: '*'");
        }
        if self.one_in(3) {
            let condition = self.pick(&["on", "a.on", "global.on", "u.on,s.on", "s.t.on", "t.on"]);
            text.push_str(&format!(", condition: '{condition}'"));
        }
        if self.one_in(4) {
            let tag = self.pick(&["a", "b", "on"]);
            text.push_str(&format!(", tags: ['{tag}']"));
        }
        if self.one_in(3) {
            let import = self.pick(&[
                "a",
                "b",
                "{child: a, parent: b}",
                "{child: a.b, parent: a}",
                "{child: exports, parent: .}",
                "{child: global, parent: s.a}",
            ]);
            let other = self.pick(&["b", "{child: a, parent: u}", "{child: exports.a, parent: exports.b}"]);
            text.push_str(&format!(", import-values: [{import}, {other}]"));
        }
        text
    }

    fn chart(&mut self, files: &mut Vec<(String, String)>, folder: &str, name: &str, depth: u64) {
        let mut chart = format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n");
        let mut list = String::new();
        for child in ["s", "t", "u"] {
            if depth == 0 || self.one_in(2) {
                continue;
            }
            self.chart(files, &format!("{folder}/charts/{child}"), child, depth - 1);
            if self.one_in(5) {
                continue;
            }
            list.push_str(&self.dependency(child));
            if self.one_in(4) {
                list.push_str(&format!(", alias: {child}1}}\n"));
                list.push_str(&self.dependency(child));
                list.push_str(&format!(", alias: {child}2}}\n"));
            } else {
                list.push_str("}\n");
            }
        }
        if !list.is_empty() {
            chart.push_str(&format!("dependencies:\n{list}"));
        }
        let values = self.map(2);
        files.push((format!("{folder}/Chart.yaml"), chart));
        files.push((format!("{folder}/values.yaml"), values));
    }

    fn case(&mut self, name: String) -> Case {
        let mut files = Vec::new();
        self.chart(&mut files, "c", "c", 3);
        files.push(("user.yaml".into(), self.map(3)));
        Case { name, files, flags: vec![("-f", "user.yaml".into())], vary: true }
    }
}

#[test]
fn made_up() {
    let cases: Vec<Case> =
        (0..40).map(|seed| Maker(Random::seeded(seed)).case(format!("seed {seed}"))).collect();
    check("made-up.golden", &cases);
}
