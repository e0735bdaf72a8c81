//! `Warning` headers: what a client should tell its user although all went well.

use http::HeaderValue;

/// The most bytes of warnings that one answer may carry (OCI distribution specification, "Warnings").
const MAX_BYTES: usize = 4096;

/// The `Warning` headers for some sentences; what does not fit is left out.
pub(crate) fn headers(sentences: &[String]) -> Vec<HeaderValue> {
    let mut room = MAX_BYTES;
    let mut headers = Vec::new();
    for sentence in sentences {
        let value = format!("299 - \"{}\"", quotable(sentence));
        if value.len() > room {
            break;
        }
        room -= value.len();
        headers.extend(HeaderValue::try_from(value));
    }
    headers
}

/// What may stand between the quotes: no quote, no backslash, no control or foreign character. At most
/// 1,000 characters, since a sentence may quote what somebody pushed.
fn quotable(sentence: &str) -> String {
    let plain = |character: char| match character {
        '"' => '\'',
        '\\' => '/',
        ' '..='~' => character,
        _ => '?',
    };
    sentence.chars().take(1000).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_the_quotes() {
        let headers = headers(&["say \"x\"\r\nSet-Cookie: a=b \\ é".to_owned()]);
        assert_eq!(headers, [r#"299 - "say 'x'??Set-Cookie: a=b / ?""#]);
    }

    #[test]
    fn all_of_them_stay_within_the_limit() {
        let sentences = vec!["x".repeat(3000); 20];
        let total: usize = headers(&sentences).iter().map(HeaderValue::len).sum();
        assert!(total <= MAX_BYTES && total > 3000);
    }
}
