//! The result file of the OCI conformance suite, as far as a gate needs it.

/// How a run ended, as the root element of a `junit.xml` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JunitReport {
    /// How many tests there were.
    pub tests: u64,
    /// How many failed.
    pub failures: u64,
    /// How many could not be carried out.
    pub errors: u64,
    /// How many were skipped.
    pub skipped: u64,
    /// The tests that did not pass, each with what it said.
    pub not_passed: Vec<String>,
}

impl JunitReport {
    /// Reads the text of a `junit.xml`.
    ///
    /// # Panics
    ///
    /// When it is none.
    #[track_caller]
    pub fn parse(xml: &str) -> Self {
        let root = element(xml, "testsuites").expect("a junit.xml has the root element testsuites");
        // Go leaves out attributes that are zero.
        let number = |name| attribute(root, name).map_or(0, |text| text.parse().expect("a number"));
        let mut not_passed = Vec::new();
        for case in xml.split("<testcase ").skip(1) {
            let case = case.split("</testcase>").next().unwrap_or_default();
            let status = attribute(case, "status").unwrap_or_default();
            if status != "passed" {
                let name = attribute(case, "name").unwrap_or_default();
                let said = case.split_once("<system-out>").map_or("", |(_, rest)| rest);
                let said = said.split("</system-out>").next().unwrap_or_default();
                not_passed.push(format!("{status}: {}: {}", unescape(name), unescape(said)));
            }
        }
        Self {
            tests: number("tests"),
            failures: number("failures"),
            errors: number("errors"),
            skipped: number("skipped"),
            not_passed,
        }
    }
}

/// The attributes of the first element of this name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}"))?;
    rest.split_once('>').map(|(attributes, _)| attributes)
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = attributes.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn unescape(text: &str) -> String {
    let replacements =
        [("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#xA;", "\n"), ("&amp;", "&")];
    replacements.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_zero_and_what_failed_is_named() {
        let report = JunitReport::parse(
            r#"<testsuites name="x" tests="3" failures="1"><testsuite tests="3" failures="1" errors="0">
               <testcase name="a" classname="" status="passed"></testcase>
               <testcase name="b&lt;" classname="" status="failure"><system-out>no &amp; no</system-out></testcase>
               </testsuite></testsuites>"#,
        );
        assert_eq!((report.tests, report.failures, report.errors, report.skipped), (3, 1, 0, 0));
        assert_eq!(report.not_passed, ["failure: b<: no & no"]);
    }
}
