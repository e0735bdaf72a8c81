//! Sets of templates: what replaces what, what clones share, how functions execute templates.

use std::cell::RefCell;
use std::rc::Rc;

use chartroom_gotemplate::{
    Body, CallError, Exec, Function, Limits, MissingKey, Signature, TemplateSet, Type, Value,
};

use crate::world::functions;

fn set(files: &[(&str, &str)]) -> TemplateSet {
    let mut set = TemplateSet::new("gotpl", MissingKey::Zero, functions());
    for (name, source) in files {
        set.parse(name, *source).expect("a template");
    }
    set
}

fn execute(set: &TemplateSet, name: &str) -> String {
    let out = set.execute(name, Value::from("data"), &Limits::default()).expect("output");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn later_templates_replace_earlier_ones_unless_they_are_blank() {
    let set = set(&[
        ("a", "{{define \"x\"}}first{{end}}"),
        ("b", "{{define \"x\"}}second{{end}}"),
        ("c", "{{define \"x\"}} {{/* nothing */}} {{end}}"),
        ("d", "{{template \"x\"}}"),
        ("a", "  "),
    ]);
    assert_eq!(execute(&set, "d"), "second");
    assert!(set.has("x") && set.has("a") && !set.has("nope"));
    assert_eq!(execute(&set, "a"), "");
}

#[test]
fn a_failed_parse_adds_nothing() {
    let mut set = set(&[("a", "{{define \"x\"}}first{{end}}")]);
    let error = set.parse("b", "{{define \"x\"}}second{{end}}\n{{nope}}").expect_err("no such function");
    assert_eq!(error.to_string(), "template: b:2: function \"nope\" not defined");
    assert_eq!((error.file.as_str(), error.line), ("b", 2));
    assert_eq!(execute(&set, "x"), "first");
}

#[test]
fn what_is_parsed_into_a_clone_stays_there() {
    let original = set(&[("a", "{{template \"x\"}}"), ("x", "original")]);
    let mut clone = original.clone();
    clone.parse("x", "clone").expect("a template");
    clone.parse("y", "{{template \"x\"}}").expect("a template");
    assert_eq!(execute(&original, "a"), "original");
    assert_eq!(execute(&clone, "a"), "clone");
    assert!(clone.has("y") && !original.has("y"));
}

#[test]
fn many_clones_on_each_other() {
    let mut sets = vec![set(&[("0", "zero"), ("last", "0")])];
    for number in 1..50 {
        let mut next = sets[number - 1].clone();
        next.parse(number.to_string(), format!("{{{{template \"{}\"}}}}{number},", number - 1))
            .expect("a template");
        next.parse("last", number.to_string()).expect("a template");
        sets.push(next);
    }
    assert!(execute(&sets[49], "49").starts_with("zero1,2,3,"));
    for (number, set) in sets.iter().enumerate() {
        assert_eq!(execute(set, "last"), number.to_string());
        assert!(set.has(number.to_string()) && !set.has((number + 1).to_string()));
    }
}

#[test]
fn a_function_takes_the_place_of_a_builtin_and_of_a_keyword() {
    let say = |name: &'static str| Function {
        name,
        signature: Signature::variadic([Type::Any], Type::String),
        body: Body::Pure(|_| Ok("mine".into())),
    };
    let mut set = TemplateSet::new("gotpl", MissingKey::Zero, [say("and"), say("break")]);
    set.parse("t", "{{and 1 2}} {{break}} {{or 1 2}}").expect("a template");
    assert_eq!(execute(&set, "t"), "mine mine 1");
}

#[test]
fn functions_can_remember_and_execute_in_other_sets() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let record = {
        let seen = seen.clone();
        move |arguments: &[Value]| {
            seen.borrow_mut().push(arguments.len());
            Ok(Value::Nil)
        }
    };
    let tpl = |exec: &mut Exec<'_>, arguments: &[Value]| {
        let [Value::String(source)] = arguments else { return Err(CallError::new("one text")) };
        assert_eq!(exec.templates().name(), "gotpl");
        let mut set = exec.templates().clone();
        set.parse("inner", source.clone()).map_err(|error| CallError::new(error.to_string()))?;
        let out = exec.execute_in(&set, "inner", Value::from("inner data"))?;
        assert!(!exec.templates().has("inner"));
        Ok(Value::String(out.into()))
    };
    let functions = [
        Function {
            name: "record",
            signature: Signature::variadic([Type::Any], Type::Any),
            body: Body::Closure(Rc::new(record)),
        },
        Function {
            name: "tpl",
            signature: Signature::new([Type::String], Type::String),
            body: Body::Executor(Rc::new(tpl)),
        },
    ];
    let mut set = TemplateSet::new("gotpl", MissingKey::Zero, functions);
    let source =
        "{{$x := 1}}{{tpl \"{{.}}{{record 1 2}}{{$x := 2}}{{$x}}\"}}{{record}}{{$x}}{{.}}{{tpl \"{{end}}\"}}";
    set.parse("t", source).expect("a template");
    let error = set.execute("t", Value::from("data"), &Limits::default()).expect_err("a parse error");
    assert!(
        error.to_string().ends_with("error calling tpl: template: inner:1: unexpected {{end}}"),
        "{error}"
    );
    assert_eq!(*seen.borrow(), [2, 0]);
    set.parse("t", source.replace("{{tpl \"{{end}}\"}}", "")).expect("a template");
    assert_eq!(execute(&set, "t"), "inner data<no value>2<no value>1data");
}

#[test]
fn unknown_templates() {
    let error = set(&[]).execute("nope", Value::Nil, &Limits::default()).expect_err("no template");
    assert_eq!(error.to_string(), "template: no template \"nope\" associated with template \"gotpl\"");
}
