//! `Warning: 299 - "text"` (OCI distribution specification, "Warnings").

use reqwest::header::{HeaderMap, WARNING};

use crate::answer::printable;

/// The most characters of a warning that are shown.
const LIMIT: usize = 500;

/// The texts that a registry wants its users to see.
pub(crate) fn read(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(WARNING).iter().filter_map(|value| text(value.to_str().ok()?)).take(16).collect()
}

fn text(value: &str) -> Option<String> {
    let (_agent, quoted) = value.trim().strip_prefix("299 ")?.trim_start().split_once(' ')?;
    let quoted = quoted.trim().strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    let text = printable(&text, LIMIT);
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_whole_warnings_of_this_kind_count() {
        assert_eq!(
            text(r#"299 - "your account expires \"soon\"""#).as_deref(),
            Some("your account expires \"soon\"")
        );
        assert_eq!(text(r#"299 registry "a" "date""#).as_deref(), Some("a"));
        for other in [r#"110 - "stale""#, "299 -", r#"299 - "open"#, r#"299 - """#, "", r#"299 "x""#] {
            assert_eq!(text(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(tail in "\\PC{0,60}") {
            let _ = text(&format!("299 {tail}"));
        }
    }
}
