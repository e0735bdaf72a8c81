//! What templates find, and what is said of those that find nothing.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

const VALUES: &str = r#"
a: 1
big: 1000000
odd: 1234567
fl: 1.5
tiny: 0.00001
t: true
nil: null
s: "text"
"dotted.key": dk
m: {b: 1, a: two, c: [1, 2]}
list: [10, 20, 30, 40, 50]
empty: []
nils: [null, 1]
items:
- {name: x, kind: A, num: 1, flag: true}
- {name: "y", kind: B, num: 2}
- {name: z, kind: A, num: 3, sub: {deep: v}}
floats: {a: 1.0e+21, b: 1.0e-7, c: 100000, d: 123456789012, e: -0.5}
html: "<a & b>"
"#;

fn values() -> Value {
    chartroom_goyaml::decode(VALUES).unwrap()
}

fn render(template: &str) -> Result<String, Error> {
    Template::parse(template)?.render(&values())
}

/// What Helm 4.3.1 prints.
#[test]
fn paths_find_what_helm_finds() {
    for (template, expected) in [
        ("plain text {.a} more", "plain text 1 more"),
        ("{.a}{.s}", "1text"),
        ("{.big} {.odd} {.fl} {.tiny} {.t} {.nil}", "1e+06 1.234567e+06 1.5 1e-05 true null"),
        (
            "{.floats.a} {.floats.b} {.floats.c} {.floats.d} {.floats.e}",
            "1e+21 1e-07 100000 1.23456789012e+11 -0.5",
        ),
        ("{.floats}", r#"{"a":1e+21,"b":1e-7,"c":100000,"d":123456789012,"e":-0.5}"#),
        ("{.m}{.html}", r#"{"a":"two","b":1,"c":[1,2]}<a & b>"#),
        ("{.dotted\\.key}{['dotted\\.key']}", "dkdk"),
        ("{$.m['a']}{@.m['a','b']}{['m.a']}", "twotwo 1two"),
        ("{.m.*}|{.m['*']}|{.list[*]}", "two 1 [1,2]|two 1 [1,2]|10 20 30 40 50"),
        ("{.list[0]} {.list[-1]} {.list[1:3]} {.list[::2]} {.list[0,-1]}", "10 50 20 30 10 30 50 10 50"),
        ("{.list[:-1]} {.list[0:4:2]} {.list[]} {.list[9:9]}|", "10 20 30 40 10 30 10 |"),
        ("{.items[*]['name','kind']}", "x y z A B A"),
        ("{.items[*].name}|{..name}|{..deep}", "x y z|x y z|v"),
        ("{.m..}|{.nils..}|{.a..}|{.s..}", r#"{"a":"two","b":1,"c":[1,2]} two [1,2]|[null,1]||text"#),
        (r#"{.items[?(@.kind=="A")].name}"#, "x z"),
        (r#"{.items[?( @.kind != 'A' )].name}"#, "y"),
        ("{.items[?(@.num>=2.0)].name}", "y z"),
        ("{.items[?(@.flag)].name}{.items[?(@.sub.deep)].name}", "xz"),
        (r#"{.items[?(@.name<="y")].name}"#, "x y"),
        (r#"{range .items[*]}{.name}={.kind}{"\n"}{end}."#, "x=A\ny=B\nz=A\n."),
        ("{range .items[*]}{range .name}<{@}>{end}{end}z", "<x><y><z>z"),
        ("{range .empty[*]}x{end}y", "y"),
        ("{range .nils[*]}[{@}]{end}", "[<no value>][1]"),
        ("{range .items[*]}x", "xxxx"),
        (r#"{"text\t\n"}{'\''}{"a'b"}{"\u00e9\x41\101"}"#, "text\t\n'a'béAA"),
        ("{1}{1.5}{-1}{+1}{01}{true}", "11.5-111true"),
        (r#"{"a" "b"}{.m .a}{.a}}"#, "btwo1}"),
    ] {
        assert_eq!(render(template).as_deref(), Ok(expected), "{template}");
    }
    assert_eq!(render("{}").unwrap(), render("{$}").unwrap());
}

#[test]
fn numbers_are_compared_by_their_value() {
    assert_eq!(render("{.items[?(@.num==2)].name} {.items[?(@.num>1)].name}").as_deref(), Ok("y y z"));
}

/// Templates that Helm refuses, in its words.
#[test]
fn what_is_no_template_is_told() {
    for (template, reason) in [
        ("{", "unclosed action"),
        ("{.a", "unclosed action"),
        ("{.a\n}", "unclosed action"),
        ("{.a,.s}", "unrecognized character in action: U+002C ','"),
        ("{..*}", "unrecognized character in action: U+002A '*'"),
        ("{{.a}}", "unrecognized character in action: U+007B '{'"),
        ("{.list[", "unterminated array"),
        ("{.list[a]}", "invalid array index a"),
        ("{.list[ 0 ]}", "invalid array index  0 "),
        ("{.list[0:1:2:3]}", "invalid array index 0:1:2:3"),
        ("{.list[99999999999999999999]}", "array index 99999999999999999999 is not a number"),
        ("{.m[\"a\"]}", "invalid array index \"a\""),
        ("{['a,b']}", "invalid array index 'a"),
        ("{.items[?(@.kind==\"A\"].name}", "unterminated filter"),
        ("{.items[?(@.kind==\"A\")}", "unclosed array expect ]"),
        ("{.items[?(@.n==1||@.n==2)].name}", "unrecognized character in action: U+007C '|'"),
        ("{\"unclosed}", "unterminated quoted string"),
        ("{\"\\q\"}", "unquote string \"\\q\" error invalid syntax"),
        ("{'\\\"'}", "unquote string '\\\"' error invalid syntax"),
        ("{-}", "cannot parse number -"),
        ("{1.2.3}", "cannot parse number 1.2.3"),
        ("{.a....}", "invalid multiple recursive descent"),
    ] {
        let expected = Error::Syntax { template: template.to_owned(), reason: reason.to_owned() };
        assert_eq!(render(template), Err(expected), "{template}");
    }
}

/// Where Helm prints nothing.
#[test]
fn what_is_not_there_is_told() {
    for (template, reason) in [
        ("{.t}{.nope}", "nope is not found"),
        ("{.nil.x}", "x is not found"),
        ("{.list[9]}", "array index out of bounds: index 9, length 5"),
        ("{.list[1:99]}", "array index out of bounds: index 98, length 5"),
        ("{.list[3:1]}", "starting index 3 is greater than ending index 1"),
        ("{.list[::0]}", "step must be > 0"),
        ("{.m[0]}", "a map is not array or slice"),
        ("{.m[?(@.a)]}", "a map is not array or slice and cannot be filtered"),
        ("{foo}", "unrecognized identifier foo"),
        ("{end}", "not in range, nothing to end"),
        ("{range .empty[*]}{.name}{end}y", "name is not found"),
        ("{range .items[*]}{.name}", "name is not found"),
        ("{.items[?(@.name>1.0)].name}", "incompatible types for comparison"),
        ("{.items[?(@==@)].name}", "invalid type for comparison"),
        ("{.items[?(@.*==\"x\")].name}", "can only compare one element at a time"),
        ("{.items[?(@.num=2.0)].name}", "unrecognized filter operator ="),
    ] {
        assert_eq!(render(template), Err(Error::Unfit(reason.to_owned())), "{template}");
    }
}

#[test]
fn nobody_can_ask_for_too_much() {
    let deep = format!("{{{}{}}}", "[?(".repeat(100_000), ")]".repeat(100_000));
    assert!(matches!(render(&deep), Err(Error::Syntax { .. })));
    let ranges = "{range .list}".repeat(100_000);
    assert!(matches!(render(&ranges), Err(Error::Syntax { .. })));
    let wide = format!("{{.list{}}}", "[*,*]".repeat(60));
    assert!(render(&wide).is_err());
    let doubled = format!("{{{}}}", "[*,*]".repeat(64));
    let lists = chartroom_goyaml::decode(&format!("{}1{}", "[".repeat(64), "]".repeat(64))).unwrap();
    assert_eq!(Template::parse(&doubled).unwrap().render(&lists), Err(Error::TooMuch));
    let ranges = format!("{}x", "{range .list[*]}".repeat(30));
    assert!(render(&ranges).is_err());
}

proptest! {
    #[test]
    fn no_template_does_harm(template in r#"([{}\[\].'"\\?@$*:,0-9a-c<>=! ()-]|\{range |\{end\}|\.list|\.items|\[\?\(){0,24}"#) {
        let _ = render(&template);
        let _ = render(&format!("{{{template}}}"));
    }
}
