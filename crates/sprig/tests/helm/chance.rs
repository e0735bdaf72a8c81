//! What is different each time, by what is always so.

use std::collections::BTreeSet;

use crate::ours::render;

fn written(template: &str) -> String {
    String::from_utf8(render(template).unwrap()).unwrap()
}

#[test]
fn random_texts_have_their_length_and_letters() {
    let letters =
        |ranges: &[std::ops::RangeInclusive<char>]| ranges.iter().cloned().flatten().collect::<BTreeSet<_>>();
    let (digits, capitals, small) = ('0'..='9', 'A'..='Z', 'a'..='z');
    for (function, alphabet) in [
        ("randAlphaNum", letters(&[digits.clone(), capitals.clone(), small.clone()])),
        ("randAlpha", letters(&[capitals, small])),
        ("randNumeric", letters(&[digits])),
        ("randAscii", letters(&[' '..='~'])),
    ] {
        let text = written(&format!("{{{{ {function} 20000 }}}}"));
        assert_eq!(text.len(), 20_000, "{function}");
        // That one is missing happens once in 10^88 runs.
        assert_eq!(text.chars().collect::<BTreeSet<_>>(), alphabet, "{function}");
        assert_ne!(
            written(&format!("{{{{ {function} 40 }}}}")),
            written(&format!("{{{{ {function} 40 }}}}"))
        );
        assert_eq!(written(&format!("{{{{ {function} 0 }}}}{{{{ {function} -5 }}}}")), "");
    }
}

#[test]
fn random_numbers_are_within_their_bounds() {
    let numbers = written("{{ range until 2000 }}{{ randInt -3 4 }} {{ end }}");
    let numbers =
        numbers.split_whitespace().map(|number| number.parse::<i64>().unwrap()).collect::<BTreeSet<_>>();
    assert_eq!(numbers, (-3..4).collect());
    assert_eq!(written("{{ randInt 7 8 }} {{ typeOf (randInt 0 5) }}"), "7 int");
}

#[test]
fn shuffled_texts_have_the_same_letters() {
    let letters = "aabcdéfghijklmnopqrstuvwxyzß日本語😀0123456789";
    let mut orders = BTreeSet::new();
    for _ in 0..5 {
        let shuffled = written(&format!("{{{{ shuffle \"{letters}\" }}}}"));
        let sorted = |text: &str| {
            let mut letters = text.chars().collect::<Vec<_>>();
            letters.sort_unstable();
            letters
        };
        assert_eq!(sorted(&shuffled), sorted(letters));
        orders.insert(shuffled);
    }
    assert_eq!(orders.len(), 5);
    assert_eq!(written(r#"{{ shuffle "" }}{{ shuffle "x" }}"#), "x");
    assert_eq!(written("{{ shuffle \"\\xff\" }}"), "\u{fffd}");
}

#[test]
fn identifiers_are_of_version_4() {
    let identifiers = written("{{ range until 50 }}{{ uuidv4 }} {{ end }}");
    let identifiers = identifiers.split_whitespace().collect::<BTreeSet<_>>();
    assert_eq!(identifiers.len(), 50);
    for identifier in identifiers {
        let parsed = uuid::Uuid::parse_str(identifier).unwrap();
        assert_eq!((parsed.get_version_num(), parsed.get_variant()), (4, uuid::Variant::RFC4122));
        assert_eq!(parsed.hyphenated().to_string(), identifier);
    }
}
