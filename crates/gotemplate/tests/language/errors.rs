//! Errors as structure: the chain of templates that called each other, each link with its place.

use chartroom_gotemplate::{CallError, ExecError, Failure, Limits, MissingKey, Reason, TemplateSet, Value};

use crate::world::functions;

fn error(files: &[(&str, &str)]) -> ExecError {
    let mut set = TemplateSet::new("gotpl", MissingKey::Zero, functions());
    for (name, source) in files {
        set.parse(name, *source).expect("a template");
    }
    let data = Value::map([("map", Value::map([("n", Value::Nil)]))]);
    set.execute(files[files.len() - 1].0, data, &Limits::default()).expect_err("an error")
}

#[test]
fn each_link_is_told() {
    let error = error(&[
        (
            "c/templates/_h.tpl",
            "{{define \"x\"}}\n  {{ include \"y\" .map }}{{end}}{{define \"y\"}}é{{.n.z}}{{end}}",
        ),
        ("c/templates/t.yaml", "a:\n{{ include \"x\" . }}"),
    ]);
    let text = "template: c/templates/t.yaml:2:3: executing \"c/templates/t.yaml\" at <include \"x\" .>: \
        error calling include: template: c/templates/_h.tpl:2:5: executing \"x\" at <include \"y\" .map>: \
        error calling include: template: c/templates/_h.tpl:2:51: executing \"y\" at <.n.z>: \
        nil pointer evaluating interface {}.z";
    assert_eq!(error.to_string(), text);
    let mut links = Vec::new();
    let mut next = Some(&error);
    while let Some(error) = next {
        let failure = error.failure().expect("a failure");
        links.push((failure.template.as_str(), failure.file.as_str(), failure.line, failure.column));
        next = error.inner();
    }
    let (file, helper) = ("c/templates/t.yaml", "c/templates/_h.tpl");
    assert_eq!(links, [(file, file, 2, 3), ("x", helper, 2, 5), ("y", helper, 2, 51)]);
    let Some(Failure { node: Some(node), reason: Reason::Call { function, error: call }, .. }) =
        error.failure()
    else {
        panic!("{error}");
    };
    assert_eq!((node.as_str(), function.as_str(), call.message()), ("include \"x\" .", "include", ""));
    let innermost = error.inner().and_then(ExecError::inner).and_then(ExecError::failure).expect("two more");
    assert_eq!(innermost.reason, Reason::Message("nil pointer evaluating interface {}.z".to_owned()));
    assert_eq!(error.limit(), None);
}

#[test]
fn the_error_of_a_function_is_told() {
    let error = error(&[("t", "{{ fail \"100% wrong\" }}")]);
    let failure = error.failure().expect("a failure");
    assert_eq!(
        failure.reason,
        Reason::Call { function: "fail".to_owned(), error: CallError::new("100% wrong") }
    );
    assert!(error.inner().is_none());
    assert_eq!(failure.to_string(), error.to_string());
}

#[test]
fn errors_go_to_other_threads() {
    fn is_portable<T: Send + Sync + std::error::Error + 'static>() {}
    is_portable::<ExecError>();
    is_portable::<CallError>();
    let wrapped = CallError::wrap("rendering: ", error(&[("t", "{{.map.n.x}}")]));
    assert!(wrapped.to_string().starts_with("rendering: template: t:1:6: executing"), "{wrapped}");
    assert!(wrapped.exec_error().is_some());
}
