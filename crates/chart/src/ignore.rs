//! `.helmignore`: which files of a folder don't belong to the chart.

use crate::Error;
use crate::glob::PathPattern;

/// The rules of a `.helmignore` and Helm's own.
///
/// They look like those of `.gitignore` and are not: the first rule that matches decides, `**`
/// is an error, and `!pattern` ignores everything that does *not* match, so that one of these
/// usually leaves no `Chart.yaml`. As Helm has it, so it is here.
#[derive(Clone, Debug, Default)]
pub struct IgnoreRules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    glob: PathPattern,
    negated: bool,
    folders_only: bool,
    /// Against the path, not only the last part of it.
    whole_path: bool,
}

impl IgnoreRules {
    /// The name of the file with the rules.
    pub const FILE: &str = ".helmignore";

    /// Reads the rules in a file, and puts Helm's own after them: no file of `templates/` whose
    /// name starts with a dot.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for line in text.lines().chain(["templates/.?*"]) {
            rules.extend(Rule::parse(line)?);
        }
        Ok(Self(rules))
    }

    /// Whether a file or folder is ignored, by its path below the chart's folder; with a folder
    /// goes everything in it.
    pub fn ignores(&self, path: &str, is_folder: bool) -> bool {
        for rule in &self.0 {
            let applies = is_folder || !rule.folders_only;
            let matches = applies && rule.matches(path);
            if matches != rule.negated {
                return true;
            }
        }
        false
    }
}

impl Rule {
    fn parse(line: &str) -> Result<Option<Self>, Error> {
        let rule = line.trim();
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(None);
        }
        if rule.contains("**") {
            return Err(Error::DoubleStar);
        }
        // The rule must be a pattern with its marks and without them.
        PathPattern::parse(rule).map_err(|_| Error::BadPattern)?;
        let (negated, rule) = match rule.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, rule),
        };
        let (folders_only, rule) = match rule.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rule),
        };
        let whole_path = rule.contains('/');
        let rule = rule.strip_prefix('/').unwrap_or(rule);
        // `a\/` is a pattern, but `a\` is none: Helm finds out with each file, and matches nothing.
        let glob = PathPattern::parse(rule).map_err(|_| Error::BadPattern)?;
        Ok(Some(Self { glob, negated, folders_only, whole_path }))
    }

    fn matches(&self, path: &str) -> bool {
        let name = if self.whole_path { path } else { path.rsplit('/').next().unwrap_or(path) };
        self.glob.matches(name)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn ignored(rules: &str, path: &str) -> bool {
        let (path, is_folder) = match path.strip_suffix('/') {
            Some(path) => (path, true),
            None => (path, false),
        };
        IgnoreRules::parse(rules).unwrap().ignores(path, is_folder)
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        for (rules, path, expected) in [
            ("helm.txt", "helm.txt", true),
            ("helm.*", "helm.txt", true),
            ("*.txt", "rudder.txt", true),
            ("*.txt", "a/b/rudder.txt", true),
            ("tiller.txt", "tiller.tx", false),
            ("#helm.txt", "#helm.txt", false),
            ("  helm.txt \r", "helm.txt", true),
            ("/*.txt", "a/b.txt", false),
            ("/*.txt", "b.txt", true),
            ("a/*.txt", "a/b.txt", true),
            ("a/*.txt", "x/a/b.txt", false),
            ("cargo/", "cargo/", true),
            ("cargo/", "a/cargo/", true),
            ("cargo/", "cargo", false),
            ("mast/a.txt", "mast/a.txt", true),
            ("cargo/*", "cargo/a.txt", true),
            ("cargo/*", "cargo/b/c.txt", false),
            ("", "templates/.dotfile", true),
            ("", "templates/.d/", true),
            ("", "x/templates/.d", false),
            ("", ".helmignore", false),
            ("!helm.txt", "helm.txt", false),
            ("!helm.txt", "other.txt", true),
            ("*.bak\n!keep.bak", "Chart.yaml", true),
            ("!cargo/", "cargo", true),
            ("!cargo/", "cargo/", false),
            ("\u{feff}a.txt", "a.txt", true),
        ] {
            assert_eq!(ignored(rules, path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn what_helm_refuses_is_refused() {
        let error = |rules: &str| IgnoreRules::parse(rules).unwrap_err().to_string();
        assert_eq!(error("a/**/b"), "double-star (**) syntax is not supported");
        assert_eq!(error("[a"), "syntax error in pattern");
    }

    proptest! {
        #[test]
        fn no_rules_panic(rules in "[!#/*?a.\\[\\]\\\\ \n-]{0,24}", path in "[a./]{0,12}") {
            if let Ok(rules) = IgnoreRules::parse(&rules) {
                let _ = rules.ignores(&path, true);
            }
        }
    }
}
