//! Whole numbers, and the greatest and least of all kinds.

use chartroom_gotemplate::{CallError, Function, Type, Value};

use super::cast::{to_float64, to_int64};
use crate::arguments::{any, rest};
use crate::declare::{INT64, fixed, variadic};

pub(super) fn functions() -> Vec<Function> {
    const TWO: [Type; 2] = [Type::Any, Type::Any];
    vec![
        variadic("add", [Type::Any], INT64, |arguments| Ok(fold(0, arguments, i64::wrapping_add))),
        fixed("add1", [Type::Any], INT64, |arguments| Ok(Value::int64(number(arguments, 0).wrapping_add(1)))),
        fixed("sub", TWO, INT64, |arguments| {
            Ok(Value::int64(number(arguments, 0).wrapping_sub(number(arguments, 1))))
        }),
        variadic("mul", TWO, INT64, |arguments| Ok(folded(arguments, i64::wrapping_mul))),
        fixed("div", TWO, INT64, |arguments| divide(arguments, i64::wrapping_div)),
        fixed("mod", TWO, INT64, |arguments| divide(arguments, i64::wrapping_rem)),
        variadic("max", TWO, INT64, |arguments| Ok(folded(arguments, i64::max))),
        variadic("biggest", TWO, INT64, |arguments| Ok(folded(arguments, i64::max))),
        variadic("min", TWO, INT64, |arguments| Ok(folded(arguments, i64::min))),
        variadic("maxf", TWO, Type::Float, |arguments| Ok(folded_floats(arguments, greater))),
        variadic("minf", TWO, Type::Float, |arguments| {
            Ok(folded_floats(arguments, |left, right| -greater(-left, -right)))
        }),
    ]
}

fn number(arguments: &[Value], index: usize) -> i64 {
    to_int64(any(arguments, index))
}

fn fold(first: i64, others: &[Value], combine: fn(i64, i64) -> i64) -> Value {
    Value::int64(others.iter().map(to_int64).fold(first, combine))
}

fn folded(arguments: &[Value], combine: fn(i64, i64) -> i64) -> Value {
    fold(number(arguments, 0), rest(arguments, 1), combine)
}

fn folded_floats(arguments: &[Value], combine: fn(f64, f64) -> f64) -> Value {
    rest(arguments, 1).iter().map(to_float64).fold(to_float64(any(arguments, 0)), combine).into()
}

fn divide(arguments: &[Value], combine: fn(i64, i64) -> i64) -> Result<Value, CallError> {
    match number(arguments, 1) {
        0 => Err(CallError::new("runtime error: integer divide by zero")),
        divisor => Ok(Value::int64(combine(number(arguments, 0), divisor))),
    }
}

/// Infinity is greater than NaN, and NaN than all else; zero is greater than minus zero.
fn greater(left: f64, right: f64) -> f64 {
    if left == f64::INFINITY || right == f64::INFINITY {
        f64::INFINITY
    } else if left.is_nan() || right.is_nan() {
        f64::NAN
    } else if left == 0.0 && right == 0.0 {
        if left.is_sign_negative() { right } else { left }
    } else if left > right {
        left
    } else {
        right
    }
}
