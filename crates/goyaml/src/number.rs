//! Numbers as Go's `strconv` reads and writes them.

/// Formats as `strconv.FormatFloat(number, 'g', -1, 64)`: the shortest digits that read back the
/// same, with an exponent below 1e-4 and from 1e6.
pub(crate) fn format_g(number: f64) -> String {
    if !number.is_finite() {
        return special_name(number).to_owned();
    }
    lay_out(number.is_sign_negative(), &nearest(number.abs()))
}

/// The shortest digits that read back the same, as `d.ddde±x`.
///
/// When a float lies right between two such texts, Rust takes the larger one, and Go the even one.
fn nearest(number: f64) -> String {
    let shortest = format!("{number:e}");
    let digits = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    let rounded = format!("{number:.*e}", digits.saturating_sub(1));
    if rounded.parse() == Ok(number) { rounded } else { shortest }
}

/// The same for the nearest 32-bit float: go-yaml's form for keys.
pub(crate) fn format_g32(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "rounding to 32 bits is the point")]
    let number = number as f32;
    if !number.is_finite() {
        return special_name(number.into()).to_owned();
    }
    lay_out(number.is_sign_negative(), &format!("{:e}", number.abs()))
}

/// Lays out `d.ddde±x` as Go does.
fn lay_out(negative: bool, scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let mut text = String::with_capacity(24);
    if negative {
        text.push('-');
    }
    if !(-4..6).contains(&exponent) {
        push_scientific(&mut text, mantissa, exponent);
    } else if exponent < 0 {
        text.push_str("0.");
        text.extend(std::iter::repeat_n('0', usize::try_from(-exponent - 1).unwrap_or(0)));
        text.push_str(&digits);
    } else {
        let whole = usize::try_from(exponent).unwrap_or(0) + 1;
        if digits.len() <= whole {
            text.push_str(&digits);
            text.extend(std::iter::repeat_n('0', whole - digits.len()));
        } else {
            text.push_str(&digits[..whole]);
            text.push('.');
            text.push_str(&digits[whole..]);
        }
    }
    text
}

fn push_scientific(text: &mut String, mantissa: &str, exponent: i32) {
    let sign = if exponent < 0 { '-' } else { '+' };
    text.push_str(mantissa);
    text.push('e');
    text.push(sign);
    text.push_str(&format!("{:02}", exponent.abs()));
}

/// Below this, all whole numbers are floats and have their own digits only.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The integer that a whole float is written as in JSON, if it is one that fits. Its digits are
/// the float's shortest, with zeros behind them, so that it may differ from the float beyond 2⁵³.
pub(crate) fn whole(float: f64) -> Option<Number> {
    if float.fract() != 0.0 || float.abs() >= 1e21 {
        return None;
    }
    if float.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
        return Some(Number::Int(float as i64));
    }
    let scientific = nearest(float.abs());
    let (mantissa, exponent) = scientific.split_once('e')?;
    let mut text: String = mantissa.chars().filter(|c| *c != '.').collect();
    let zeros = exponent.parse::<usize>().ok()?.checked_sub(text.len() - 1)?;
    text.extend(std::iter::repeat_n('0', zeros));
    if float.is_sign_negative() {
        text.insert(0, '-');
    }
    text.parse().map(Number::Int).or_else(|_| text.parse().map(Number::Uint)).ok()
}

/// What Go calls a number that isn't finite.
pub(crate) fn special_name(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}

/// A number that a text stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Uint(u64),
    Float(f64),
}

/// Reads a number as go-yaml does: integers in Go's own notation, floats, and what is left of
/// YAML 1.1. Underscores may stand anywhere.
pub(crate) fn parse(text: &str) -> Option<Number> {
    let without: String;
    let plain = if text.contains('_') {
        without = text.replace('_', "");
        &without
    } else {
        text
    };
    if let Some(number) = parse_integer(plain) {
        return Some(number);
    }
    if is_float(plain) {
        return parse_float(plain).map(Number::Float);
    }
    parse_old_binary(plain)
}

/// `strconv.ParseInt` and `strconv.ParseUint` with base 0.
fn parse_integer(text: &str) -> Option<Number> {
    let (sign, unsigned) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("+", &text[1..]),
        _ => ("", text),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match sign {
        "-" => 0_i64.checked_sub_unsigned(magnitude).map(Number::Int),
        _ => match i64::try_from(magnitude) {
            Ok(number) => Some(Number::Int(number)),
            Err(_) if sign.is_empty() => Some(Number::Uint(magnitude)),
            Err(_) => None,
        },
    }
}

/// Binary numbers with the sign after the prefix, which Go's own notation doesn't have.
fn parse_old_binary(text: &str) -> Option<Number> {
    let digits = text.strip_prefix("0b")?;
    let (negative, digits) = match digits.as_bytes().first()? {
        b'-' => (true, &digits[1..]),
        b'+' => (false, &digits[1..]),
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| matches!(byte, b'0' | b'1')) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, 2).ok()?;
    let zero = 0_i64;
    if negative { zero.checked_sub_unsigned(magnitude) } else { zero.checked_add_unsigned(magnitude) }
        .map(Number::Int)
}

/// Whether a text is an octal number with the sign behind its prefix, which go-yaml 3 reads.
pub(crate) fn is_signed_octal(text: &str) -> bool {
    let plain = text.replace('_', "");
    let digits = plain.strip_prefix("0o").and_then(|rest| rest.strip_prefix(['-', '+']));
    digits.is_some_and(|digits| i64::from_str_radix(digits, 8).is_ok() && !digits.starts_with(['-', '+']))
}

/// Whether a text is a float by go-yaml's grammar: `[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?`.
fn is_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if whole == 0 && length == 0 {
            return false;
        }
        rest = &fraction[length..];
    } else if whole == 0 {
        return false;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let length = digits(exponent);
        return length > 0 && length == exponent.len();
    }
    rest.is_empty()
}

/// `strconv.ParseFloat` for what [`is_float`] has let through: too large is none.
fn parse_float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A float that begins with its point. Here underscores may only stand between two digits.
pub(crate) fn parse_point_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let underscores = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_');
    if !underscores.map(|(at, _)| at).all(|at| digit(at.checked_sub(1)) && digit(Some(at + 1))) {
        return None;
    }
    let plain = text.replace('_', "");
    if is_float(&plain) { parse_float(&plain) } else { None }
}

/// Whether a text is a number in base 60 (`12:30:45`), which YAML 1.1 has and go-yaml reads as
/// text, but writes with quotes for the sake of others.
pub(crate) fn is_sexagesimal(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = text.split(':');
    let digits_and_underscores = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let Some(first) = parts.next() else { return false };
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !digits_and_underscores(first) {
        return false;
    }
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return false;
    }
    while let Some(part) = parts.next() {
        let (part, fraction) = match part.split_once('.') {
            Some((part, fraction)) if parts.peek().is_none() => (part, fraction),
            _ => (part, ""),
        };
        let sixties = match part.as_bytes() {
            [units] => units.is_ascii_digit(),
            [tens, units] => matches!(tens, b'0'..=b'5') && units.is_ascii_digit(),
            _ => false,
        };
        if !sixties || !digits_and_underscores(fraction) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_go_writes_them() {
        for (number, text) in [
            (1.5, "1.5"),
            (-0.25, "-0.25"),
            (1e21, "1e+21"),
            (1e-7, "1e-07"),
            (0.0001, "0.0001"),
            (0.00001234, "1.234e-05"),
            (123_456_789.5, "1.234567895e+08"),
            (123_456.5, "123456.5"),
            (1e100, "1e+100"),
            (0.0, "0"),
            (3_038_634_717_338_881.0 / 4.0, "7.596586793347202e+14"),
        ] {
            assert_eq!(format_g(number), text);
        }
        assert_eq!(format_g32(16_777_217.0), "1.6777216e+07");
        assert_eq!(format_g32(0.1), "0.1");
    }

    #[test]
    fn numbers_in_every_notation() {
        for (text, number) in [
            ("0644", Number::Int(420)),
            ("0o644", Number::Int(420)),
            ("0x1F", Number::Int(31)),
            ("0b101", Number::Int(5)),
            ("-0b101", Number::Int(-5)),
            ("0b-1", Number::Int(-1)),
            ("1_000", Number::Int(1000)),
            ("08", Number::Float(8.0)),
            ("1e3", Number::Float(1000.0)),
            ("+1", Number::Int(1)),
            ("-9223372036854775808", Number::Int(i64::MIN)),
            ("9223372036854775808", Number::Uint(1 << 63)),
            ("18446744073709551616", Number::Float(18_446_744_073_709_551_616.0)),
            ("685.230_15e+03", Number::Float(685_230.15)),
        ] {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        for text in ["1e400", "0o8", "0b2", "0x", "-", "+", "1e", "1:30", "--1", "1.2.3", "0b"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
