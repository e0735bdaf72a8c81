//! Rounding of floats.

use chartroom_gotemplate::{Function, Type, Value};

use super::cast::to_float64;
use crate::arguments::{any, float, int};
use crate::declare::{INT, fixed, variadic};

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("floor", [Type::Any], Type::Float, |arguments| {
            Ok(to_float64(any(arguments, 0)).floor().into())
        }),
        fixed("ceil", [Type::Any], Type::Float, |arguments| Ok(to_float64(any(arguments, 0)).ceil().into())),
        variadic("round", [Type::Any, INT, Type::Float], Type::Float, |arguments| {
            let threshold = if arguments.len() > 2 { float(arguments, 2) } else { 0.5 };
            Ok(Value::Float(round(to_float64(any(arguments, 0)), int(arguments, 1), threshold)))
        }),
    ]
}

/// Rounds to decimal places: up from the threshold on, down below it. So negative numbers are
/// always rounded down.
fn round(number: f64, places: i64, threshold: f64) -> f64 {
    let power = power_of_ten(places);
    let scaled = power * number;
    let fraction = scaled - scaled.trunc();
    let rounded = if fraction >= threshold { scaled.ceil() } else { scaled.floor() };
    rounded / power
}

/// A power of ten with the very error that Go's `math.Pow` makes: by squaring, on mantissas
/// between a half and one, with the inverse taken at the end.
fn power_of_ten(exponent: i64) -> f64 {
    // Beyond is infinity or zero.
    let mut left = exponent.unsigned_abs().min(1100);
    let (mut mantissa, mut binary) = (1.0, 0);
    let (mut square, mut square_binary) = (10.0 / 16.0, 4);
    while left > 0 {
        if left % 2 == 1 {
            mantissa *= square;
            binary += square_binary;
        }
        square *= square;
        square_binary *= 2;
        if square < 0.5 {
            square += square;
            square_binary -= 1;
        }
        left /= 2;
    }
    if exponent < 0 {
        mantissa = 1.0 / mantissa;
        binary = -binary;
    }
    // In two steps, since either alone may not fit. With a mantissa of less than one the first loses nothing.
    let half = binary / 2;
    mantissa * 2_f64.powi(half) * 2_f64.powi(binary - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_are_exact_as_long_as_they_fit() {
        for (exponent, power) in [
            (0, 1.0),
            (1, 10.0),
            (2, 100.0),
            (15, 1e15),
            (22, 1e22),
            (-1, 0.1),
            (-3, 0.001),
            (308, 1e308),
            (309, f64::INFINITY),
            (i64::MAX, f64::INFINITY),
            (-400, 0.0),
            (i64::MIN, 0.0),
        ] {
            let found = power_of_ten(exponent);
            assert!(found == power || (found / power - 1.0).abs() < 1e-13, "{exponent}: {found:e}");
        }
    }
}
