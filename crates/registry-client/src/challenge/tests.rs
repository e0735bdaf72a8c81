//! Challenges as registries send them.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn bearer(header: &str) -> BearerChallenge {
    match Challenge::choose(&parse(header)) {
        Ok(Challenge::Bearer(bearer)) => bearer,
        other => panic!("{header}: {other:?}"),
    }
}

#[test]
fn the_usual_form() {
    let challenge = bearer(
        r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push",error="insufficient_scope""#,
    );
    assert_eq!(challenge.realm, "https://auth.docker.io/token");
    assert_eq!(challenge.service.as_deref(), Some("registry.docker.io"));
    assert_eq!(challenge.scope.as_deref(), Some("repository:a/b:pull,push"));
    assert_eq!(challenge.error.as_deref(), Some("insufficient_scope"));
}

#[test]
fn forms_that_others_write() {
    // Google: no quotes around the service.
    let google = bearer(r#"Bearer realm="https://gcr.io/v2/token",service=gcr.io"#);
    assert_eq!((google.service.as_deref(), google.scope), (Some("gcr.io"), None));
    // Any case, any order, spaces around, empty elements.
    let odd = bearer(r#"  bEaReR  SERVICE = "s" , , Scope="a b" ,realm=https://h/t  "#);
    assert_eq!((odd.realm.as_str(), odd.scope.as_deref()), ("https://h/t", Some("a b")));
    // Escapes.
    let escaped = bearer(r#"Bearer realm="https://h/\"q\"\\x",service="a,b=c""#);
    assert_eq!((escaped.realm.as_str(), escaped.service.as_deref()), (r#"https://h/"q"\x"#, Some("a,b=c")));
    // No closing quote.
    assert_eq!(bearer(r#"Bearer realm="https://h/t"#).realm, "https://h/t");
}

#[test]
fn several_challenges_in_one_header() {
    let offered = parse(r#"Basic realm="x, Bearer y", Bearer realm="https://h/t", Negotiate"#);
    let schemes = offered.iter().map(|challenge| challenge.scheme.as_str()).collect::<Vec<_>>();
    assert_eq!(schemes, ["basic", "bearer", "negotiate"]);
    assert!(matches!(Challenge::choose(&offered), Ok(Challenge::Bearer(_))));
    let offered = parse(r#"Negotiate YII/abc==, Basic realm="x""#);
    assert_eq!(Challenge::choose(&offered), Ok(Challenge::Basic));
    assert_eq!(offered.len(), 2);
    // What nobody can answer is named.
    assert_eq!(Challenge::choose(&parse("Negotiate, NTLM")).unwrap_err(), ["negotiate", "ntlm"]);
    // Bearer without a realm is of no use.
    assert_eq!(Challenge::choose(&parse("Bearer, Basic")), Ok(Challenge::Basic));
    assert_eq!(Challenge::choose(&[]).unwrap_err(), Vec::<String>::new());
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

proptest! {
    #[test]
    fn no_text_panics_or_loops(text in "[\\PC\"\\\\,= ]{0,200}") {
        prop_assert!(parse(&text).len() <= text.len());
    }

    #[test]
    fn what_is_written_is_read(
        challenges in proptest::collection::vec(
            ("[A-Za-z][a-z0-9]{0,6}", proptest::collection::vec(("[a-z]{1,5}", "\\PC{0,12}"), 1..4)),
            1..4,
        ),
    ) {
        let written = challenges.iter().map(|(scheme, parameters)| {
            let parameters = parameters.iter().map(|(name, value)| format!("{name}={}", quote(value)));
            format!("{scheme} {}", parameters.collect::<Vec<_>>().join(", "))
        });
        let read = parse(&written.collect::<Vec<_>>().join(", "));
        prop_assert_eq!(read.len(), challenges.len());
        for (read, (scheme, parameters)) in read.into_iter().zip(challenges) {
            prop_assert_eq!(read.scheme, scheme.to_ascii_lowercase());
            prop_assert_eq!(read.parameters, parameters);
        }
    }
}
