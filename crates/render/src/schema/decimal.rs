//! Numbers as they are written, exactly: `0.1` is a tenth, and `1.0` an integer.

use std::cmp::Ordering;

/// The largest exponent that is read, as in Go's `big.Rat`. What is beyond is no number.
const MAX_EXPONENT: i64 = 1_000_000;

/// `0.d₁d₂… × 10^power`, without zeros at either end; zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    power: i64,
}

impl Decimal {
    /// Reads a number of JSON, or one as Go prints a `float64`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        if exponent.abs() > MAX_EXPONENT {
            return None;
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let leading = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..leading);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self { negative: false, digits, power: 0 });
        }
        let power = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + exponent;
        Some(Self { negative, digits, power })
    }

    fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// How many digits are behind the point.
    fn fraction(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX).saturating_sub(self.power)
    }

    /// Whether it has no fraction.
    pub(crate) fn is_integer(&self) -> bool {
        self.is_zero() || self.fraction() <= 0
    }

    /// The integer, if it is one; the largest where it is larger.
    pub(crate) fn to_integer(&self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        let mut number: i64 = 0;
        for index in 0..usize::try_from(self.power).unwrap_or(0) {
            let digit = self.digits.get(index).map_or(0, |digit| i64::from(digit - b'0'));
            let Some(next) = number.checked_mul(10).and_then(|number| number.checked_add(digit)) else {
                return Some(if self.negative { i64::MIN } else { i64::MAX });
            };
            number = next;
        }
        Some(if self.negative { -number } else { number })
    }

    /// Whether it is an integer times another. That of numbers with more than 38 digits is known only
    /// of powers of ten.
    pub(crate) fn is_multiple_of(&self, of: &Self) -> bool {
        if self.is_zero() {
            return true;
        }
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<u128>().ok();
        let (Some(own), Some(other)) = (number(&self.digits), number(&of.digits)) else {
            return of.digits == [b'1'] && self.fraction() <= of.fraction();
        };
        if other == 0 {
            return false;
        }
        // own × 10^-a over other × 10^-b: whether other × 10^(a-b) divides own, or other divides
        // own × 10^(b-a).
        let shift = of.fraction() - self.fraction();
        if shift < 0 {
            let factor = u32::try_from(-shift).ok().and_then(|shift| 10_u128.checked_pow(shift));
            return factor.and_then(|factor| other.checked_mul(factor)).is_some_and(|other| own % other == 0);
        }
        let mut rest = own % other;
        for _ in 0..shift.min(200) {
            rest = times_ten(rest, other);
        }
        // More tens can't add factors that 38 digits don't have already.
        rest == 0
    }
}

/// Ten times a number, modulo another that is larger.
fn times_ten(number: u128, modulus: u128) -> u128 {
    let twice = |number: u128| {
        let rest = modulus - number;
        if number >= rest { number - rest } else { number + number }
    };
    let (double, eight) = (twice(number), twice(twice(twice(number))));
    let rest = modulus - double;
    if eight >= rest { eight - rest } else { eight + double }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => self.power.cmp(&other.power).then_with(|| self.digits.cmp(&other.digits)),
        };
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(),
            (true, true) => size().reverse(),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn compares_exactly() {
        for (one, other, order) in [
            ("1", "1.0", Ordering::Equal),
            ("10", "1e1", Ordering::Equal),
            ("1e+06", "1000000", Ordering::Equal),
            ("0.1", "1E-1", Ordering::Equal),
            ("-0", "0", Ordering::Equal),
            ("0.10000000000000000001", "0.1", Ordering::Greater),
            ("9", "10", Ordering::Less),
            ("-9", "-10", Ordering::Greater),
            ("-1", "1", Ordering::Less),
            ("0", "-0.5", Ordering::Greater),
            ("0", "0.5", Ordering::Less),
            ("99", "100.5", Ordering::Less),
            ("12345678901234567890", "12345678901234567891", Ordering::Less),
        ] {
            assert_eq!(decimal(one).cmp(&decimal(other)), order, "{one} {other}");
            assert_eq!(decimal(other).cmp(&decimal(one)), order.reverse(), "{other} {one}");
        }
    }

    #[test]
    fn knows_integers_and_multiples() {
        for (text, integer) in [
            ("1.0", Some(1)),
            ("1e3", Some(1000)),
            ("-12", Some(-12)),
            ("0.0", Some(0)),
            ("1.5", None),
            ("1e-1", None),
            ("1e30", Some(i64::MAX)),
        ] {
            assert_eq!(decimal(text).to_integer(), integer, "{text}");
        }
        for (number, of, is) in [
            ("10", "5", true),
            ("10", "3", false),
            ("0", "7", true),
            ("1.5", "0.5", true),
            ("0.3", "0.1", true),
            ("0.35", "0.1", false),
            ("1e300", "7", false),
            ("1e300", "8", true),
            ("7e300", "7", true),
            ("1", "1e3", false),
            ("5000", "1e3", true),
            ("-9", "3", true),
            ("1e6", "0.001", true),
            ("0.0001", "0.01", false),
            ("123456789", "1", true),
            ("123456789.5", "1", false),
            ("340282366920938463463374607431768211455", "340282366920938463463374607431768211455", true),
            ("680564733841876926926749214863536422910", "340282366920938463463374607431768211455", true),
        ] {
            assert_eq!(decimal(number).is_multiple_of(&decimal(of)), is, "{number} {of}");
        }
        assert!(
            ["", "-", "x", "1e", "1e1000001", ".", "1e99999999999999999999"]
                .iter()
                .all(|text| Decimal::parse(text).is_none())
        );
    }
}
