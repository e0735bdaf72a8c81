//! Numbers in text, as Go's `strconv` reads them.

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// It doesn't look like one.
    Syntax,
    /// It is one that doesn't fit; this is the nearest that does.
    Range(i64),
}

/// Reads an integer. With base 0 there may be a `0x`, `0o`, `0b` or `0` before it and underscores
/// between digits.
pub(super) fn scan_int(text: &[u8], base: u32) -> Result<i64, Error> {
    let (negative, digits) = sign(text);
    let (base, digits, underscores) = if base == 0 {
        if !underscores_separate(digits) {
            return Err(Error::Syntax);
        }
        let (base, digits) = prefix(digits);
        (base, digits, true)
    } else {
        (base, digits, false)
    };
    let mut magnitude = Some(0_u64);
    let mut found = false;
    for &byte in digits {
        if byte == b'_' && underscores {
            continue;
        }
        let digit = char::from(byte).to_digit(base).ok_or(Error::Syntax)?;
        found = true;
        magnitude = magnitude
            .and_then(|number| number.checked_mul(base.into()))
            .and_then(|number| number.checked_add(digit.into()));
    }
    if !found {
        return Err(Error::Syntax);
    }
    let nearest = if negative { i64::MIN } else { i64::MAX };
    let number = magnitude.ok_or(Error::Range(nearest))?;
    if negative {
        0_i64.checked_sub_unsigned(number).ok_or(Error::Range(nearest))
    } else {
        i64::try_from(number).map_err(|_| Error::Range(nearest))
    }
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn prefix(digits: &[u8]) -> (u32, &[u8]) {
    match digits {
        [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => (16, rest),
        [b'0', b'o' | b'O', rest @ ..] if !rest.is_empty() => (8, rest),
        [b'0', b'b' | b'B', rest @ ..] if !rest.is_empty() => (2, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    }
}

/// Whether there are underscores only between digits, or between a prefix and a digit.
fn underscores_separate(digits: &[u8]) -> bool {
    let (hexadecimal, prefixed, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (true, true, rest),
        [b'0', b'o' | b'O' | b'b' | b'B', rest @ ..] => (false, true, rest),
        _ => (false, false, digits),
    };
    let is_digit = |byte: u8| byte.is_ascii_digit() || hexadecimal && byte.is_ascii_hexdigit();
    let mut before = if prefixed { b'0' } else { b'.' };
    for &byte in digits {
        let fits = match byte {
            b'_' => is_digit(before),
            _ => before != b'_' || is_digit(byte),
        };
        if !fits {
            return false;
        }
        before = byte;
    }
    before != b'_'
}

/// Reads a float: decimal, hexadecimal with an exponent of two, an infinity or NaN. `None` for what
/// is none, and for what doesn't fit.
pub(super) fn scan_float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let (negative, size) = sign(text.as_bytes());
    let size = std::str::from_utf8(size).ok()?;
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    let magnitude = if ["inf", "infinity"].iter().any(|name| size.eq_ignore_ascii_case(name)) {
        f64::INFINITY
    } else {
        if !size.contains(|letter: char| letter.is_ascii_digit()) || !underscores_separate(size.as_bytes()) {
            return None;
        }
        let digits = size.replace('_', "");
        let number = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(digits) => hexadecimal(digits)?,
            None if digits.starts_with(['+', '-']) || digits.contains(['i', 'n', 'I', 'N']) => return None,
            None => digits.parse().ok()?,
        };
        Some(number).filter(|number: &f64| number.is_finite())?
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// A hexadecimal float, without sign and prefix: `1.8p-3`.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, power) = text.split_once(['p', 'P'])?;
    let exponent_digits = power.strip_prefix(['+', '-']).unwrap_or(power);
    if exponent_digits.is_empty() || !exponent_digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // What is beyond is infinite or zero, but for a mantissa of as many digits.
    let power =
        power.parse::<i64>().map_or(if power.starts_with('-') { i64::MIN } else { i64::MAX }, |power| power);
    let mut power = power.clamp(-(1 << 40), 1 << 40);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits = 0_u64;
    // Whether anything was lost to the right: then half is more than half.
    let mut sticky = false;
    let digits = whole.chars().map(|letter| (letter, 0)).chain(fraction.chars().map(|letter| (letter, -4)));
    for (letter, shift) in digits {
        let digit = letter.to_digit(16)?;
        power += shift;
        if bits >> 60 == 0 {
            bits = bits << 4 | u64::from(digit);
        } else {
            sticky |= digit != 0;
            power += 4;
        }
    }
    if bits == 0 {
        return Some(0.0);
    }
    Some(round_to_float(bits, sticky, power))
}

/// The float nearest to `bits × 2^power`, the even one of two.
fn round_to_float(bits: u64, sticky: bool, power: i64) -> f64 {
    let leading = i64::from(bits.leading_zeros());
    let bits = bits << leading;
    let power = power - leading;
    // The exponent of the leading bit, and how many bits a float of that size has.
    let exponent = power + 63;
    let kept = if exponent >= -1022 { 53 } else { 53 - (-1022 - exponent) };
    if exponent > 1023 {
        return f64::INFINITY;
    }
    if kept < 0 {
        return 0.0;
    }
    let dropped = u32::try_from(64 - kept).unwrap_or(64);
    let quotient = bits.checked_shr(dropped).unwrap_or_default();
    let remainder = u128::from(bits) & ((1_u128 << dropped) - 1);
    let half = 1_u128 << (dropped - 1);
    let up = remainder > half || remainder == half && (sticky || quotient & 1 == 1);
    scale((quotient + u64::from(up)) as f64, power + i64::from(dropped))
}

/// `number × 2^power`, where that is exact.
fn scale(number: f64, power: i64) -> f64 {
    let step = |power: i64| 2_f64.powi(i32::try_from(power.clamp(-1000, 1000)).unwrap_or_default());
    number * step(power) * step(power - power.clamp(-1000, 1000))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn integers() {
        for (text, base, number) in [
            ("0x10", 0, Ok(16)),
            ("-0x8000000000000000", 0, Ok(i64::MIN)),
            ("010", 0, Ok(8)),
            ("0b11", 0, Ok(3)),
            ("0o17", 0, Ok(15)),
            ("1_000", 0, Ok(1000)),
            ("0x_1", 0, Ok(1)),
            ("0_7", 0, Ok(7)),
            ("+5", 10, Ok(5)),
            ("9223372036854775808", 10, Err(Error::Range(i64::MAX))),
            ("-99999999999999999999", 10, Err(Error::Range(i64::MIN))),
            ("1_000", 10, Err(Error::Syntax)),
            ("1__0", 0, Err(Error::Syntax)),
            ("_1", 0, Err(Error::Syntax)),
            ("1_", 0, Err(Error::Syntax)),
            ("0x", 0, Err(Error::Syntax)),
            ("08", 0, Err(Error::Syntax)),
            ("9", 8, Err(Error::Syntax)),
            ("+-1", 10, Err(Error::Syntax)),
            ("", 0, Err(Error::Syntax)),
            ("-", 10, Err(Error::Syntax)),
        ] {
            assert_eq!(scan_int(text.as_bytes(), base), number, "{text}");
        }
    }

    #[test]
    fn floats() {
        for (text, number) in [
            ("1", Some(1.0)),
            (".5", Some(0.5)),
            ("1.", Some(1.0)),
            ("-1e3", Some(-1000.0)),
            ("1_0.5", Some(10.5)),
            ("0x1p-2", Some(0.25)),
            ("0X1.8P1", Some(3.0)),
            ("0x_1p4", Some(16.0)),
            ("0x1p-1074", Some(5e-324)),
            ("0x1p-1075", Some(0.0)),
            ("0x1.8p-1075", Some(5e-324)),
            ("0x1.fffffffffffff7p0", Some(1.999_999_999_999_999_8)),
            ("0x1.fffffffffffff8p0", Some(2.0)),
            ("0x1p1024", None),
            ("1e400", None),
            ("1e-400", Some(0.0)),
            ("inf", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("infin", None),
            ("+nan", None),
            ("0x1", None),
            ("0x.p1", None),
            ("1e", None),
            ("e1", None),
            (".", None),
            ("", None),
            ("1 ", None),
            ("--1", None),
            ("1__0", None),
            ("1_.5", None),
            ("0b1", None),
        ] {
            assert_eq!(scan_float(text.as_bytes()), number, "{text}");
        }
        assert!(scan_float(b"NaN").is_some_and(f64::is_nan));
    }

    proptest! {
        #[test]
        fn hexadecimal_floats_come_back(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
            let text = chartroom_gotemplate::format::format_float(number, b'x', None);
            prop_assert_eq!(scan_float(&text), Some(number));
        }

        #[test]
        fn decimal_floats_come_back(number: f64) {
            let text = format!("{number:e}");
            prop_assert_eq!(scan_float(text.as_bytes()).map(f64::to_bits), Some(number.to_bits()).filter(|_| !text.starts_with("-N")));
        }

        #[test]
        fn integers_come_back(number: i64) {
            prop_assert_eq!(scan_int(number.to_string().as_bytes(), 0), Ok(number));
        }
    }
}
