//! What is random by nature: passwords, keys, times.

use crate::template::text;

#[test]
fn passwords_fit_their_hashes() {
    let line = text("{{ htpasswd \"me\" \"secret\" }}");
    let hash = line.strip_prefix("me:").expect("the user");
    assert!(hash.starts_with("$2a$10$"));
    assert!(bcrypt::verify("secret", hash).unwrap());
    assert!(!bcrypt::verify("other", hash).unwrap());
}

#[test]
fn now_is_between_before_and_after() {
    let unix = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_secs()
    };
    for template in ["{{ now | unixEpoch }}", "{{ now.Unix }}", "{{ now.UnixMilli | div 1000 | int64 }}"] {
        let template = template.replace("now.UnixMilli | div 1000", "div now.UnixMilli 1000");
        let before = unix();
        let told: u64 = text(&template).parse().unwrap();
        assert!((before..=unix()).contains(&told), "{template}");
    }
    // What is no time is now.
    for template in ["{{ date \"2006\" \"x\" }}", "{{ htmlDate nil }}", "{{ date \"2006\" .Values.big }}"] {
        assert!(text(template).starts_with("20"), "{template}");
    }
    let text = text("{{ now }}");
    let (_, monotonic) = text.split_once(" m=+").expect("a monotonic clock");
    let (seconds, fraction) = monotonic.split_once('.').expect("a fraction");
    assert!(seconds.parse::<u32>().is_ok() && fraction.len() == 9, "{text}");
}

#[test]
fn ages_are_short() {
    assert_eq!(text("{{ ago now }}"), "0s");
    assert_eq!(text("{{ durationRound (now | dateModify \"-50h\") }}"), "2d");
    assert_eq!(text("{{ ago (now | dateModify \"-90m\") }}"), "1h30m0s");
}

#[test]
fn private_keys_have_the_form_of_their_kind() {
    for (kind, name, length) in [
        ("rsa", "RSA PRIVATE KEY", 3000..3400),
        ("ecdsa", "EC PRIVATE KEY", 200..260),
        ("ed25519", "PRIVATE KEY", 110..130),
        ("dsa", "DSA PRIVATE KEY", 1100..1300),
    ] {
        let pem = text(&format!("{{{{ genPrivateKey \"{kind}\" }}}}"));
        assert!(pem.starts_with(&format!("-----BEGIN {name}-----\n")), "{pem}");
        assert!(pem.ends_with(&format!("\n-----END {name}-----\n")), "{pem}");
        assert!(length.contains(&pem.len()), "{kind}: {}", pem.len());
    }
}
