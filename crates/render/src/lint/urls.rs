//! URLs and addresses of people in `Chart.yaml`: what the validator that Helm uses takes for one. It
//! is none too strict, and its grammar is its own.

use std::sync::LazyLock;

use chartroom_sprig::Pattern;
use chartroom_sprig::url;

/// Letters beyond ASCII that may stand in addresses.
const BEYOND: &str = r"\x{A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}";

/// Whether it is the address of somebody.
pub(super) fn is_email(text: &str) -> bool {
    static EMAIL: LazyLock<Option<Pattern>> = LazyLock::new(|| {
        let atom = format!(r"[a-zA-Z0-9!#$%&'*+\-/=?^_`{{|}}~{BEYOND}]+");
        let space = r"(([ \t]*\r\n)?[ \t]+)?";
        // A quote before each character, it says; so be it.
        let quoted = format!(
            "(\"{space}([\\x01-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F!#-\\[\\]-~{BEYOND}]|\\([\\x01-\\x09\\x0B-\\x7F]))*{space}\""
        );
        let label = format!("[a-zA-Z0-9{BEYOND}]([a-zA-Z0-9.\\-_~{BEYOND}]*[a-zA-Z0-9{BEYOND}])?");
        let last = format!("[a-zA-Z{BEYOND}]([a-zA-Z0-9\\-_~{BEYOND}]*[a-zA-Z{BEYOND}])?");
        let local = format!("{atom}(\\.{atom})*|{quoted}");
        Pattern::new(format!("^({local})@({label}\\.)+{last}\\.?$").as_bytes()).ok()
    });
    EMAIL.as_ref().is_some_and(|pattern| pattern.is_match(text.as_bytes()))
}

/// Whether it is a URL of the web, perhaps without its scheme.
pub(super) fn is_url(text: &str) -> bool {
    const LENGTHS: std::ops::Range<usize> = 4..2083;
    if text.len() < LENGTHS.start || text.chars().count() >= LENGTHS.end || text.starts_with('.') {
        return false;
    }
    let with_scheme = text.contains(':') && !text.contains("://");
    let parsed = if with_scheme {
        url::parse(format!("http://{text}").as_bytes())
    } else {
        url::parse(text.as_bytes())
    };
    let Ok(parsed) = parsed else { return false };
    if parsed.host.starts_with(b".") {
        return false;
    }
    if parsed.host.is_empty() && !parsed.path.is_empty() && !parsed.path.contains(&b'.') {
        return false;
    }
    URL.as_ref().is_some_and(|pattern| pattern.is_match(text.as_bytes()))
}

static URL: LazyLock<Option<Pattern>> = LazyLock::new(|| {
    let octet = r"(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])";
    let first = r"([1-9]\d?|1\d\d|2[01]\d|22[0-3]|24\d|25[0-5])";
    let last = r"([0-9]\d?|1\d\d|2[0-4]\d|25[0-5])";
    let ipv4 = format!(r"{first}(\.{octet}){{2}}\.{last}");
    let ipv6 = ipv6();
    let subdomain = r"((www\.)|([a-zA-Z0-9]+([-_.]?[a-zA-Z0-9])*[a-zA-Z0-9]\.[a-zA-Z0-9]+))?";
    let labels = r"[a-zA-Z0-9]([a-zA-Z0-9\-_]+)?[a-zA-Z0-9]([-.][a-zA-Z0-9]+)*";
    let letter = r"a-zA-Z\x{A1}-\x{FFFF}";
    let name = format!("(({labels})|({subdomain}))?([{letter}0-9]+-?-?)*[{letter}0-9]+(\\.[{letter}]+)?");
    let host = format!(r"({ipv4}|\[{ipv6}\]|{name})\.?");
    let scheme = "((ftp|tcp|udp|wss?|https?)://)?";
    let pattern = format!(r"^{scheme}(\S+(:\S*)?@)?{host}(:\d{{1,5}})?([/?#]\S*)?$");
    Pattern::new(pattern.as_bytes()).ok()
});

/// The forms of an IPv6 address.
fn ipv6() -> String {
    let group = "[0-9a-fA-F]{1,4}";
    let v4 = r"((25[0-5]|(2[0-4]|1?[0-9])?[0-9])\.){3}(25[0-5]|(2[0-4]|1?[0-9])?[0-9])";
    let mut forms = vec![format!("({group}:){{7}}{group}"), format!("({group}:){{1,7}}:")];
    for before in (1..=6).rev() {
        let after = 7 - before;
        forms.push(format!("({group}:){{1,{before}}}(:{group}){{1,{after}}}"));
    }
    forms.push(format!(":((:{group}){{1,7}}|:)"));
    forms.push("fe80:(:[0-9a-fA-F]{0,4}){0,4}%[0-9a-zA-Z]+".into());
    forms.push(format!("::(ffff(:0{{1,4}})?:)?{v4}"));
    forms.push(format!("({group}:){{1,4}}:{v4}"));
    format!("({})", forms.join("|"))
}

/// Whether it is a URL with a scheme, as a program could ask for it.
pub(super) fn is_request_url(text: &str) -> bool {
    url::parse_request(text.as_bytes()).is_ok_and(|url| !url.scheme.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        assert!(is_email("a@b.example") && is_email("\"a\"b\"@c.example") && is_email("é@ü.example."));
        assert!(!is_email("a") && !is_email("a@b") && !is_email("\"a b\"@c.example"));
        assert!(is_url("https://a.example/b?c#d") && is_url("a.example:80") && is_url("http://[::1]/"));
        assert!(!is_url("a b") && !is_url(".a.example") && !is_url("x"));
        assert!(is_request_url("https://a.example") && is_request_url("x:y") && !is_request_url("/a"));
    }
}
