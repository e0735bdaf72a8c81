//! The same as the real Helm, call by call.
//!
//! `tests/golden` holds what Helm 4.3.1 makes of thousands of calls, a file for each subject. One
//! test evaluates them here; another asks Helm itself, when it is there. A call is added as a line
//! with its `expr` only; with `CHARTROOM_BLESS=1` the second test writes down what Helm answers.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod ask;
mod chance;
mod fitting;
mod golden;
mod hostile;
mod ours;

use chartroom_gotemplate::Type;

use golden::{Golden, Outcome};

#[test]
fn as_helm_calls_functions() {
    let mut count = 0;
    let mut failures = Vec::new();
    for file in golden::files() {
        for Golden { expr, outcome } in file.calls {
            count += 1;
            let ours = ours::evaluate(&expr);
            if Some(&ours) != outcome.as_ref() {
                failures.push(format!("{expr}\n  Helm      {outcome:?}\n  Chartroom {ours:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} differ:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 3000, "only {count} calls");
}

#[test]
fn helm_still_answers_so() {
    let Some(helm) = ask::Helm::find() else { return };
    let bless = std::env::var_os("CHARTROOM_BLESS").is_some();
    let mut failures = Vec::new();
    for mut file in golden::files() {
        // A failure takes two runs of Helm, so that not all of them are asked about.
        let asked = file.calls.iter().enumerate().filter(|(index, call)| match call.outcome {
            Some(Outcome::Bytes(_)) => true,
            Some(Outcome::Error(_)) => index % 100 == 0,
            None => bless,
        });
        let asked = asked.map(|(index, _)| index).collect::<Vec<_>>();
        let exprs = asked.iter().map(|&index| file.calls[index].expr.as_str()).collect::<Vec<_>>();
        for (&index, answer) in asked.iter().zip(helm.ask(&exprs)) {
            let call = &mut file.calls[index];
            if call.outcome.as_ref() != Some(&answer) {
                failures.push(format!("{}\n  Helm     {answer:?}\n  recorded {:?}", call.expr, call.outcome));
                call.outcome = Some(answer);
            }
        }
        if bless {
            file.write();
        }
    }
    assert!(bless || failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

/// Every function is called with what it likes and, if there is anything, with what it doesn't.
#[test]
fn all_functions_are_tried() {
    let files = golden::files();
    let calls = files.iter().flat_map(|file| &file.calls).collect::<Vec<_>>();
    for function in ours::functions() {
        let name = function.name;
        // What comes of these is never the same, or, of the last, never anything.
        let unlike = ["rand", "shuffle", "uuidv4", "fail"].iter().any(|prefix| name.starts_with(prefix));
        // Any number of anything is never wrong.
        let undemanding = function.signature.variadic && function.signature.parameters == [Type::Any];
        let called = |fails: bool| {
            calls.iter().any(|call| {
                let of_it = call.expr.split([' ', '(']).any(|word| word == name);
                of_it && matches!(call.outcome, Some(Outcome::Error(_))) == fails
            })
        };
        assert!(unlike || called(false), "{name} never succeeds");
        assert!(undemanding || called(true), "{name} never fails");
    }
}
