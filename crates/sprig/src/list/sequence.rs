//! Sequences of numbers.

use chartroom_gotemplate::{CallError, Function, Growth, List, Type, Value};

use crate::arguments::int;
use crate::declare::{INT, fixed, string, variadic};
use crate::limit;

pub(super) fn functions() -> Vec<Function> {
    let ints = || Type::Slice(INT.into());
    vec![
        fixed("until", [INT], ints(), |arguments| {
            let count = int(arguments, 0);
            list(steps(0, count, if count < 0 { -1 } else { 1 })?)
        }),
        fixed("untilStep", [INT, INT, INT], ints(), |arguments| {
            list(steps(int(arguments, 0), int(arguments, 1), int(arguments, 2))?)
        }),
        variadic("seq", [INT], Type::String, seq),
    ]
}

/// Numbers from `start` on, before `stop`. With a step in the wrong direction, or none, there are
/// none.
fn steps(start: i64, stop: i64, step: i64) -> Result<impl Iterator<Item = i64>, CallError> {
    let distance = start.abs_diff(stop);
    let count =
        if (step > 0) == (start < stop) && step != 0 { distance.div_ceil(step.unsigned_abs()) } else { 0 };
    limit::elements(usize::try_from(count).unwrap_or(usize::MAX))?;
    Ok((0..i64::try_from(count).unwrap_or_default())
        .map(move |index| start.wrapping_add(step.wrapping_mul(index))))
}

fn list(numbers: impl Iterator<Item = i64>) -> Result<Value, CallError> {
    Ok(List::grown(INT, numbers.map(Value::int).collect(), Growth::OneByOne(0)).into())
}

/// Numbers with spaces between them, like the command of that name: to, from–to, or from–step–to,
/// the end included.
fn seq(arguments: &[Value]) -> Result<Value, CallError> {
    let at = |index| int(arguments, index);
    let (start, step, end) = match arguments.len() {
        1 => (1, None, at(0)),
        2 => (at(0), None, at(1)),
        3 => (at(0), Some(at(1)), at(2)),
        _ => return string(""),
    };
    let direction = if end < start { -1 } else { 1 };
    if direction < 0 && step.is_some_and(|step| step > 0) {
        return string("");
    }
    let numbers = steps(start, end.wrapping_add(direction), step.unwrap_or(direction))?;
    string(numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" "))
}
