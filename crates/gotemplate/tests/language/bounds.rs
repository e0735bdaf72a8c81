//! What ends although Go's would not, or not well: loops, recursion, values in themselves.

use std::rc::Rc;
use std::thread;

use chartroom_gotemplate::{
    Body, CallError, Exec, ExecError, Function, Limit, Limits, MissingKey, Signature, TemplateSet, Type,
    Value, format,
};

use crate::world::functions;

fn set(source: &str) -> TemplateSet {
    let mut functions = functions();
    functions.push(Function {
        name: "tpl",
        signature: Signature::new([Type::String, Type::Any], Type::String),
        body: Body::Executor(Rc::new(tpl)),
    });
    let mut set = TemplateSet::new("gotpl", MissingKey::Zero, functions);
    set.parse("t", source).expect("a template");
    set
}

fn tpl(exec: &mut Exec<'_>, arguments: &[Value]) -> Result<Value, CallError> {
    let [Value::String(source), data] = arguments else { return Err(CallError::new("arguments")) };
    exec.spend(source.len() as u64)?;
    let mut set = exec.templates().clone();
    set.parse("inner", source.clone()).map_err(|error| CallError::new(error.to_string()))?;
    let out = exec.execute_in(&set, "inner", data.clone());
    Ok(Value::String(out.map_err(|error| CallError::wrap("in tpl: ", error))?.into()))
}

/// Executes on a thread with the stack that threads have by default, and within it.
fn execute(source: &str, limits: Limits) -> Result<String, ExecError> {
    let source = source.to_owned();
    let run = move || {
        let data = Value::map([("s", Value::from("text"))]);
        set(&source).execute("t", data, &limits).map(|out| String::from_utf8_lossy(&out).into_owned())
    };
    thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread").join().expect("no panic")
}

fn limit(source: &str) -> Option<Limit> {
    execute(source, Limits { steps: 1_000_000, output: 1 << 20, ..Limits::default() })
        .expect_err("a limit")
        .limit()
}

#[test]
fn loops_end_when_the_steps_are_used_up() {
    assert_eq!(limit("{{range 1000000000}}{{end}}"), Some(Limit::Steps));
    assert_eq!(limit("{{range 1000}}{{range 10000}}{{end}}{{end}}"), Some(Limit::Steps));
    assert_eq!(
        limit("{{define \"x\"}}{{range 10000000}}{{end}}{{end}}{{include \"x\" .}}"),
        Some(Limit::Steps)
    );
    assert_eq!(limit("{{range 10000}}{{tpl (printf \"{{/*%1000d*/}}\" 1) .}}{{end}}"), Some(Limit::Steps));
    assert_eq!(limit("{{tpl \"{{range 10000000}}{{end}}\" .}}"), Some(Limit::Steps));
}

#[test]
fn output_ends_when_there_is_too_much() {
    assert_eq!(limit("{{range 100000}}twenty bytes of text{{end}}"), Some(Limit::Output));
    assert_eq!(limit("{{range 10}}{{printf \"%200000d\" 1}}{{end}}"), Some(Limit::Output));
    assert_eq!(limit("{{printf \"%1000000d%1000000d\" 1 1 | len}}"), Some(Limit::Output));
    assert_eq!(
        limit("{{$x := \"0123456789\"}}{{range 100}}{{$x = print $x $x}}{{end}}"),
        Some(Limit::Output)
    );
    // Lists in lists take little memory, but each level doubles what is printed.
    assert_eq!(limit("{{$x := list 1}}{{range 100}}{{$x = list $x $x}}{{end}}{{$x}}"), Some(Limit::Output));
    assert_eq!(
        limit("{{$x := list 1}}{{range 100}}{{$x = list $x $x}}{{end}}{{print $x | len}}"),
        Some(Limit::Output)
    );
    assert_eq!(
        limit(
            "{{define \"x\"}}{{range 10000}}text{{end}}{{end}}{{range 100}}{{include \"x\" . | len}}{{end}}"
        ),
        Some(Limit::Output)
    );
}

#[test]
fn recursion_ends_before_the_stack_does() {
    let error = execute("{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}", Limits::default());
    let error = error.expect_err("too deep").to_string();
    assert_eq!(
        error,
        "template: t:1:25: executing \"x\" at <{{template \"x\"}}>: exceeded maximum template depth (100000)"
    );
    for source in [
        "{{define \"x\"}}{{include \"x\" .}}{{end}}{{include \"x\" .}}",
        "{{define \"x\"}}{{if true}}{{with 1}}{{range 1}}{{print (print (include \"x\" .)) | print}}{{end}}{{end}}{{end}}{{end}}{{include \"x\" .}}",
        "{{tpl .s .}}{{define \"x\"}}{{tpl \"{{include `x` .}}\" .}}{{end}}{{include \"x\" .}}",
    ] {
        let error = execute(source, Limits::default()).expect_err("too deep");
        assert_eq!(error.limit(), Some(Limit::Depth), "{error}");
        // A chain of a thousand errors can be told, copied and dropped.
        let copy = error.clone();
        assert!(copy.to_string().len() > 1000 && copy == error);
    }
}

#[test]
fn there_is_stack_left_at_the_deepest_level() {
    for inner in ["{{print $ | len}}", "{{tpl (printf \"{{%s1\" $.parens) .}}"] {
        let source = format!(
            "{{{{$x := list}}}}{{{{range 999}}}}{{{{$x = list $x}}}}{{{{end}}}}{{{{define \"x\"}}}}{{{{template \"y\" .}}}}{{{{include \"x\" .}}}}{{{{end}}}}{{{{define \"y\"}}}}{inner}{{{{end}}}}{{{{include \"x\" (dict \"x\" $x \"parens\" .s)}}}}"
        );
        let run = move || {
            let data = Value::map([("s", Value::from("(".repeat(10_000)))]);
            set(&source).execute("t", data, &Limits::default()).expect_err("too deep").to_string()
        };
        let error = thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread").join();
        let error = error.expect("no panic");
        let wanted =
            if inner.contains("tpl") { "max expression depth exceeded" } else { "nested too deeply" };
        assert!(error.ends_with(wanted), "{error}");
    }
}

#[test]
fn a_thousand_includes_are_possible() {
    let source = "{{define \"x\"}}{{if lt . 1000}}{{include \"x\" (num .)}}{{else}}end{{end}}{{end}}{{include \"x\" 0}}";
    let run = || {
        let limits = Limits { stack: 60 << 20, ..Limits::default() };
        set(source).execute("t", Value::Nil, &limits).expect("output")
    };
    let thread = thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread");
    assert_eq!(thread.join().expect("no panic"), b"end");
}

#[test]
fn sources_nested_without_end_are_refused() {
    let run = || {
        for (before, after) in [("{{if 1}}", "{{end}}"), ("{{(", ")}}"), ("{{with 1}}a{{else}}", "{{end}}")] {
            let mut set = TemplateSet::new("gotpl", MissingKey::Zero, functions());
            let nested = |count| match before {
                "{{(" => format!("{{{{{}1{}}}}}", "(".repeat(count), ")".repeat(count)),
                _ => before.repeat(count) + &after.repeat(count),
            };
            let error = set.parse("t", nested(100_000)).expect_err("too deep");
            assert_eq!(error.message, "max expression depth exceeded", "{before}");
            set.parse("t", nested(50)).expect("fifty levels");
            set.execute("t", Value::Nil, &Limits::default()).expect("fifty levels");
        }
    };
    thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread").join().expect("no panic");
}

#[test]
fn values_nest_without_end() {
    // A list in a list in a list …, dropped in the end.
    let out = execute("{{$x := list}}{{range 50000}}{{$x = list $x}}{{end}}{{len $x}}", Limits::default());
    assert_eq!(out.expect("output"), "1");
    let deep = "{{$x := list}}{{range 2000}}{{$x = list $x}}{{end}}{{print $x | len}}";
    assert!(execute(deep, Limits::default()).is_ok());
    // A map in itself.
    let own = "{{$d := dict \"a\" 1}}{{$_ := set $d \"b\" $d}}{{len $d}}{{$d.b.b.b.a}}{{print $d | len}}";
    assert!(execute(own, Limits::default()).expect("output").starts_with("21"));
    let map = Value::map([("a", Value::Nil)]);
    if let Value::Map(entries) = &map {
        entries.insert("b", map.clone());
    }
    assert!(format::display(&map).starts_with(b"map[a:<nil> b:map[a:<nil> b:map["));
    if let Value::Map(entries) = &map {
        entries.remove(b"b");
    }
}

#[test]
fn what_a_body_does_to_a_map_does_not_disturb_its_range() {
    let source = "{{$d := dict \"a\" 1 \"b\" 2}}{{range $k, $v := $d}}{{$_ := set $d (print $k $k) $v}}{{$k}}{{end}}{{len $d}}";
    assert_eq!(execute(source, Limits::default()).expect("output"), "ab4");
}
