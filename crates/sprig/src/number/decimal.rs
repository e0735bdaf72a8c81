//! Sums, differences, products and quotients of floats, computed with decimal digits: `0.1 + 0.2` is
//! `0.3`.

use std::ops::{Add, Mul, Sub};

use chartroom_gotemplate::format::format_float;
use chartroom_gotemplate::{CallError, Function, Type, Value};
use num_bigint::{BigInt, Sign};

use super::cast::to_float64;
use crate::arguments::{any, rest};
use crate::declare::{fixed, variadic};

pub(super) fn functions() -> Vec<Function> {
    const ANY: [Type; 2] = [Type::Any, Type::Any];
    vec![
        variadic("addf", [Type::Any], Type::Float, |arguments| {
            fold(&Value::Float(0.0), arguments, |left, right| left.combine(&right, BigInt::add))
        }),
        fixed("add1f", [Type::Any], Type::Float, |arguments| {
            fold(any(arguments, 0), &[Value::int(1)], |left, right| left.combine(&right, BigInt::add))
        }),
        variadic("subf", ANY, Type::Float, |arguments| {
            fold(any(arguments, 0), rest(arguments, 1), |left, right| left.combine(&right, BigInt::sub))
        }),
        variadic("mulf", ANY, Type::Float, |arguments| {
            fold(any(arguments, 0), rest(arguments, 1), |left, right| {
                Ok(Decimal {
                    digits: left.digits.mul(right.digits),
                    exponent: left.exponent + right.exponent,
                })
            })
        }),
        variadic("divf", ANY, Type::Float, |arguments| {
            fold(any(arguments, 0), rest(arguments, 1), |left, right| left.divided_by(&right))
        }),
    ]
}

fn fold(
    first: &Value,
    others: &[Value],
    combine: impl Fn(Decimal, Decimal) -> Result<Decimal, CallError>,
) -> Result<Value, CallError> {
    let mut result = Decimal::new(to_float64(first))?;
    for other in others {
        result = combine(result, Decimal::new(to_float64(other))?)?;
        if result.digits.bits() > MAX_BITS {
            return Err(CallError::new("result too large: more than a million digits"));
        }
    }
    Ok(Value::Float(result.to_float()))
}

/// `digits × 10^exponent`.
struct Decimal {
    digits: BigInt,
    exponent: i64,
}

/// Decimal places of a quotient.
const PRECISION: i64 = 16;

/// How long a number may get, which takes thousands of operands.
const MAX_BITS: u64 = 3_322_000;

impl Decimal {
    /// The shortest number that reads as this float.
    fn new(number: f64) -> Result<Self, CallError> {
        if !number.is_finite() {
            let text = format_float(number, b'g', None);
            let text = String::from_utf8_lossy(&text);
            return Err(CallError::new(format!("Cannot create a Decimal from {text}")));
        }
        let text = format_float(number, b'e', None);
        let text = String::from_utf8_lossy(&text);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse::<i64>().unwrap_or_default();
        let exponent = exponent.parse::<i64>().unwrap_or_default();
        Ok(Self { digits: digits.into(), exponent: exponent - fraction.len() as i64 })
    }

    /// The digits at a lower exponent.
    fn at(&self, exponent: i64) -> BigInt {
        &self.digits * power_of_ten(self.exponent - exponent)
    }

    fn combine(&self, other: &Self, combine: fn(BigInt, BigInt) -> BigInt) -> Result<Self, CallError> {
        let exponent = self.exponent.min(other.exponent);
        Ok(Self { digits: combine(self.at(exponent), other.at(exponent)), exponent })
    }

    /// Rounds half away from zero.
    fn divided_by(&self, other: &Self) -> Result<Self, CallError> {
        if other.digits.sign() == Sign::NoSign {
            return Err(CallError::new("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + PRECISION;
        let dividend = &self.digits * power_of_ten(shift);
        let divisor = &other.digits * power_of_ten(-shift);
        let quotient = &dividend / &divisor;
        let remainder = (&dividend - &quotient * &divisor) * 2_u8;
        let digits = if remainder.magnitude() < divisor.magnitude() {
            quotient
        } else if dividend.sign() == divisor.sign() {
            quotient + 1_u8
        } else {
            quotient - 1_u8
        };
        Ok(Self { digits, exponent: -PRECISION })
    }

    /// The nearest float.
    fn to_float(&self) -> f64 {
        if self.digits.sign() == Sign::NoSign {
            return 0.0;
        }
        format!("{}e{}", self.digits, self.exponent).parse().unwrap_or_default()
    }
}

/// `10^exponent`, one if that is negative.
fn power_of_ten(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

    use super::Decimal;

    #[test]
    fn quotients_have_sixteen_places() {
        for (dividend, divisor, quotient) in [
            (1.0, 3.0, 0.333_333_333_333_333_3),
            (2.0, 3.0, 0.666_666_666_666_666_7),
            (-2.0, 3.0, -0.666_666_666_666_666_7),
            (1e-20, 3.0, 0.0),
            (1e300, 1e-300, f64::INFINITY),
            (5e-17, 1.0, 1e-16),
            (0.0, 5.0, 0.0),
        ] {
            let decimal = |number| Decimal::new(number).unwrap();
            assert_eq!(decimal(dividend).divided_by(&decimal(divisor)).unwrap().to_float(), quotient);
        }
    }

    proptest! {
        #[test]
        fn floats_come_back(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
            prop_assert_eq!(Decimal::new(number).unwrap().to_float(), number);
        }
    }
}
