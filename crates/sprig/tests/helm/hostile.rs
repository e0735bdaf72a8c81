//! Templates that ask for too much. Helm has no bounds here: it takes all memory, or dies of its
//! stack.

use std::thread;

use crate::ours::render;

/// What a template fails with.
fn error(template: &str) -> String {
    match render(template) {
        Ok(bytes) => panic!("{template} writes {} bytes", bytes.len()),
        Err(error) => error,
    }
}

#[test]
fn results_are_bounded() {
    for template in [
        "{{ until 1000000000 }}",
        "{{ untilStep 0 9223372036854775807 1 }}",
        "{{ untilStep -9223372036854775808 9223372036854775807 3 }}",
        "{{ seq 1000000000000 }}",
        r#"{{ repeat 1000000000 "x" }}"#,
        r#"{{ repeat 9223372036854775807 "xx" }}"#,
        r#"{{ indent 1000000000 "x" }}"#,
        r#"{{ nindent 1000000 (repeat 1000 "\n") }}"#,
        r#"{{ replace "" (repeat 100000 "y") (repeat 100000 "x") }}"#,
        r#"{{ replace "x" (repeat 100000 "y") (repeat 100000 "x") }}"#,
        r#"{{ regexReplaceAll "" (repeat 100000 "x") (repeat 100000 "y") }}"#,
        r#"{{ wrapWith 1 (repeat 100000 "y") (repeat 100000 "x") }}"#,
        r#"{{ join (repeat 100000 "y") (until 100000) }}"#,
        "{{ randAlpha 1000000000 }}",
        r#"{{ repeat 268435456 "x" | toRawJson }}"#,
        r#"{{ splitList "" (repeat 20000000 "x") }}"#,
        r#"{{ regexFindAll "x" (repeat 20000000 "x") -1 }}"#,
    ] {
        let error = error(template);
        assert!(error.contains("too large") || error.contains("overflow"), "{template}: {error}");
    }
}

/// Values can contain each other as often as one likes: what walks over all of them must end.
#[test]
fn walks_are_bounded() {
    let doubled = |last: &str| {
        format!(
            "{{{{ $x := dict \"a\" 1 }}}}{{{{ $y := dict \"b\" 1 }}}}{{{{ range until 60 }}}}\
             {{{{ $x = dict \"l\" $x \"r\" $x }}}}{{{{ $y = dict \"l\" $y \"r\" $y }}}}{{{{ end }}}}{last}"
        )
    };
    for walk in ["{{ deepCopy $x | kindOf }}", "{{ merge (dict \"m\" $x) (dict \"m\" $y) | kindOf }}"] {
        let error = error(&doubled(walk));
        assert!(error.contains("too large"), "{walk}: {error}");
    }
    assert_eq!(render(&doubled("{{ deepEqual $x $x }}")), Ok(b"true".to_vec()));
    assert_eq!(render(&doubled("{{ list $x $x | uniq | len }}")), Ok(b"1".to_vec()));
}

#[test]
fn values_that_contain_themselves_are_no_trap() {
    let endless = "{{ $d := dict \"a\" 1 }}{{ $_ := set $d \"d\" $d }}";
    let end = "{{ $_ := unset $d \"d\" }}";
    for (call, wanted) in [
        ("{{ deepEqual $d $d }}", Some("true")),
        ("{{ has $d (list 1 $d) }}", Some("true")),
        ("{{ merge $d $d | kindOf }}", Some("map")),
        ("{{ mergeOverwrite $d (dict \"a\" 2) | kindOf }}", Some("map")),
        ("{{ toPrettyJson $d }}", Some("")),
        ("{{ deepCopy $d }}", None),
        ("{{ toRawJson $d }}", None),
    ] {
        let found = render(&format!("{endless}{call}{end}"));
        match wanted {
            Some(wanted) => assert_eq!(found, Ok(wanted.as_bytes().to_vec()), "{call}"),
            None => assert!(found.is_err(), "{call}"),
        }
    }
}

/// Functions are called when a part of the stack is used already.
#[test]
fn deep_values_need_little_stack() {
    let deep = |last: &str| {
        format!(
            "{{{{ $x := dict }}}}{{{{ $y := dict }}}}{{{{ range until 480 }}}}{{{{ $x = dict \"x\" (list $x) }}}}{{{{ $y = dict \"x\" $y }}}}{{{{ end }}}}{last}"
        )
    };
    let templates = [
        deep(
            "{{ deepCopy $y | kindOf }}{{ deepEqual $y (deepCopy $y) }}{{ merge $y (deepCopy $y) | kindOf }}",
        ),
        deep("{{ toRawJson $y | mustFromJson | kindOf }}{{ toPrettyJson $y | len }}"),
        deep("{{ deepCopy $x | kindOf }}"),
        deep("{{ deepEqual $x $x }}{{ uniq (list $x $y) | len }}"),
        "{{ repeat 100000 \"[\" | mustFromJson }}".to_owned(),
        "{{ repeat 100000 \"(\" | regexMatch \"x\" }}{{ regexMatch (repeat 1000 \"(\") \"x\" }}".to_owned(),
        "{{ regexMatch (print (repeat 98 \"(\") \"a\" (repeat 98 \")\")) \"a\" }}".to_owned(),
    ];
    for template in templates {
        let run = thread::Builder::new().stack_size(2 << 20).spawn(move || render(&template).is_ok());
        run.unwrap().join().unwrap();
    }
}

#[test]
fn patterns_take_time_in_proportion_to_the_text() {
    for template in [
        r#"{{ regexMatch "(a+)+$" (print (repeat 20000 "a") "b") }}"#,
        r#"{{ regexMatch "(a|a)*c" (repeat 20000 "a") }}"#,
        r#"{{ regexMatch "(a?){200}a{200}" (repeat 300 "a") }}"#,
        r#"{{ regexReplaceAll "(x*)*y" (repeat 2000 "x") "" | len }}"#,
    ] {
        assert!(render(template).is_ok(), "{template}");
    }
    assert!(error(r#"{{ regexFind (repeat 100000 "\\pL{1000}") "a" }}"#).contains("too large"));
}

#[test]
fn lists_of_many_different_values_are_still_looked_through() {
    let template = "{{ uniq (until 200000) | len }} {{ without (until 200000) 5 | len }}";
    assert_eq!(render(template), Ok(b"200000 199999".to_vec()));
}
