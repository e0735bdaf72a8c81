//! What no chart should do: huge, deep and endless values. Each is an error, or bounded; nothing
//! panics.

use chartroom_gotemplate::{Body, Function, Text, Value};
use proptest::prelude::*;

use crate::certificates::key;
use crate::template::{run, run_with_steps, text};

/// A map that contains itself.
const ENDLESS: &str = "{{ $d := dict }}{{ $_ := set $d \"a\" (list $d) }}";

fn error(template: &str) -> String {
    run(template).expect_err(template)
}

#[test]
fn what_contains_itself_is_an_error() {
    let cycle = "json: unsupported value: encountered a cycle via map[string]interface {}";
    let prefix = "error marshaling into JSON: ";
    assert!(error(&format!("{ENDLESS}{{{{ mustToJson $d }}}}")).ends_with(cycle));
    assert!(error(&format!("{ENDLESS}{{{{ mustToYaml $d }}}}")).ends_with(&format!("{prefix}{cycle}")));
    assert_eq!(text(&format!("{ENDLESS}[{{{{ toJson $d }}}}{{{{ toYaml $d }}}}]")), "[]");
    // Helm dies of these.
    assert!(error(&format!("{ENDLESS}{{{{ toYamlPretty $d }}}}")).ends_with("exceeded max depth of 500"));
    assert!(error(&format!("{ENDLESS}{{{{ mustToToml $d }}}}")).ends_with("deeper than 500 levels"));
    assert!(text(&format!("{ENDLESS}{{{{ toToml $d }}}}")).ends_with("deeper than 500 levels"));
}

#[test]
fn deep_texts_are_errors() {
    let deep = |open: &str, close: &str| {
        format!("(printf \"%s1%s\" (repeat 100000 `{open}`) (repeat 100000 `{close}`))")
    };
    let json = deep("[", "]");
    assert_eq!(text(&format!("{{{{ fromJsonArray {json} | toJson }}}}")), "[\"exceeded max depth\"]");
    assert!(text(&format!("{{{{ fromYamlArray {json} | toJson }}}}")).contains("exceeded max depth"));
    let array = format!("(printf \"a = %s\" {json})");
    assert!(text(&format!("{{{{ (fromToml {array}).Error }}}}")).contains("100 levels"));
    let table = format!("(printf \"a = %s\" {})", deep("{a=", "}"));
    assert!(text(&format!("{{{{ (fromToml {table}).Error }}}}")).contains("100 levels"));
    assert!(text("{{ (fromToml (printf \"[%s]\" (repeat 100000 \"a.\"))).Error }}").contains("line 1"));
    assert!(text("{{ (fromToml (printf \"%sa = 1\" (repeat 100000 \"a.\"))).Error }}").contains("500 parts"));
}

#[test]
fn huge_numbers_are_errors_or_bounded() {
    assert!(error("{{ randBytes 99999999999 }}").contains("randBytes"));
    assert_eq!(text("{{ mustToDuration 9223372036 }}"), "2562047h47m16s");
    assert!(error("{{ mustToDuration 9223372037 }}").contains("overflow"));
    assert_eq!(text("{{ date \"2006\" 9223372036854775807 | len }}"), "12");
    let year = text("{{ ((toDate \"2006\" \"9999\").AddDate 9223372036854775807 0 0).Year }}");
    assert!(year.parse::<i64>().is_ok(), "{year}");
}

#[test]
fn nobody_makes_keys_for_hours() {
    let error =
        run_with_steps("{{ range until 100000 }}{{ $k := genPrivateKey \"rsa\" }}{{ end }}", 7_000_000);
    assert!(error.expect_err("too many").contains("too many steps"));
}

#[test]
fn long_texts_pass() {
    assert_eq!(text("{{ repeat 1000000 \"x\" | toYaml | len }}"), "1000000");
    assert_eq!(text("{{ repeat 1000000 \"<\" | toJson | len }}"), "6000002");
    assert_eq!(text("{{ len (fromYaml (printf \"a: %s\" (repeat 1000000 \"x\"))).a }}"), "1000000");
    assert_eq!(text("{{ len (fromToml (printf \"a = '%s'\" (repeat 1000000 \"x\"))).a }}"), "1000000");
    assert_eq!(text("{{ repeat 1000000 \"x\" | encryptAES \"k\" | decryptAES \"k\" | len }}"), "1000000");
}

thread_local! {
    static FUNCTIONS: Vec<Function> =
        chartroom_sprig::functions().into_iter().chain(chartroom_render::functions::functions()).collect();
}

/// Calls a function as the executor does.
fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    FUNCTIONS.with(|functions| {
        let function = functions.iter().rfind(|function| function.name == name).expect(name);
        let Body::Pure(body) = &function.body else { panic!("{name} is no pure function") };
        body(arguments).map_err(|error| error.to_string())
    })
}

/// Text that is mostly of a grammar's own characters.
fn alike(characters: &'static str) -> impl Strategy<Value = Value> {
    let characters: Vec<char> = characters.chars().collect();
    let text = prop::collection::vec(prop::sample::select(characters), 0..60);
    text.prop_map(|text| Value::from(text.into_iter().collect::<String>()))
}

fn bytes() -> impl Strategy<Value = Value> {
    prop::collection::vec(any::<u8>(), 0..80).prop_map(|bytes| Value::String(bytes.into()))
}

proptest! {
    #[test]
    fn readers_never_panic(
        toml in alike("ab1_.=[]{},'\"\\\n #-:TZ+eu\r"),
        layout in alike("2006-1-2 _15:04:05.999,0 MSTZ07:00JanMonPM"),
        time in alike("0123456789-:+. ZTUCGMAPpm"),
        duration in alike("0123456789.-+hmsnu\u{B5}"),
        bytes in bytes(),
    ) {
        for text in [&toml, &bytes] {
            for name in ["fromToml", "fromYaml", "fromYamlArray", "fromJson", "fromJsonArray"] {
                call(name, std::slice::from_ref(text)).unwrap();
            }
        }
        let _ = call("mustToDate", &[layout.clone(), time.clone()]);
        let _ = call("mustToDate", &[bytes.clone(), time]);
        let _ = call("date", &[layout, Value::int64(1_700_000_000)]);
        let _ = call("dateInZone", &[bytes.clone(), Value::Nil, bytes.clone()]);
        let _ = call("mustToDuration", std::slice::from_ref(&duration));
        let _ = call("durationRound", &[duration]);
        let _ = call("decryptAES", &["k".into(), bytes.clone()]);
        let _ = call("genCAWithKey", &[bytes.clone(), Value::int(1), bytes.clone()]);
        let _ = call("buildCustomCert", &[bytes.clone(), bytes]);
    }

    #[test]
    fn what_is_written_as_toml_can_be_read(
        texts in prop::collection::btree_map("[a-z\u{e9} .\"]{0,4}", ".{0,10}", 0..5),
        numbers in prop::collection::vec(any::<i64>(), 0..4),
        fraction in -1e300_f64..1e300,
    ) {
        let texts = Value::map(texts.into_iter().map(|(key, text)| (key, Value::from(text))));
        let numbers = Value::list(numbers.into_iter().map(Value::int64).collect());
        let tables = Value::list(vec![texts.clone(), texts.clone()]);
        let value = Value::map([("t", texts), ("n", numbers), ("l", tables), ("f", fraction.into())]);
        let text = call("mustToToml", std::slice::from_ref(&value)).unwrap();
        let read = call("fromToml", &[text]).unwrap();
        let json = |value| call("mustToJson", &[value]).unwrap().as_text().cloned();
        prop_assert_eq!(json(read), json(value));
    }

}

proptest! {
    // Cryptography without optimization is slow.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn changed_keys_and_certificates_never_panic(
        kind in 0..7_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let names = ["p256", "p521", "ed25519", "rsa", "rsa-pkcs8", "dsa", "x25519"];
        let changed = change(&key(&format!("{}.pem", names[kind])), &changes);
        let _ = call("genCAWithKey", &["x".into(), Value::int(1), changed.clone().into()]);
        let list = || Value::list(vec!["svc".into()]);
        let arguments = [Value::from("x"), Value::Nil, list(), Value::int(1), changed.into()];
        let _ = call("genSelfSignedCertWithKey", &arguments);
        let Ok(Value::Object(ca)) = call("genCAWithKey", &["x".into(), Value::int(1), key("p256.pem").into()])
        else { panic!("no certificate") };
        let field = |name| ca.field(name).and_then(|value| value.as_text().cloned()).unwrap_or_default();
        let certificate = change(&field("Cert").to_string(), &changes);
        let coded = |text: &[u8]| call("b64enc", &[Value::String(Text::from(text))]).unwrap();
        let custom = call("buildCustomCert", &[coded(certificate.as_bytes()), coded(&field("Key"))]);
        if let Ok(custom) = custom {
            let arguments = ["x".into(), Value::Nil, Value::Nil, Value::int(1), custom, key("p256.pem").into()];
            let _ = call("genSignedCertWithKey", &arguments);
        }
    }
}

/// Changes some bytes within a PEM block.
fn change(pem: &str, changes: &[(prop::sample::Index, u8)]) -> String {
    use base64::Engine as _;
    let standard = base64::engine::general_purpose::STANDARD;
    let lines: Vec<&str> = pem.lines().collect();
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    let mut der = standard.decode(lines[1..lines.len() - 1].concat()).unwrap();
    for (place, byte) in changes {
        let place = place.index(der.len());
        der[place] = *byte;
    }
    format!("{first}\n{}\n{last}\n", standard.encode(der))
}
