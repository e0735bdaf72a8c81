//! The constants of numbers: integers in four bases, floats in two, imaginary and complex ones,
//! characters.

use crate::complex::Complex;
use crate::quote::{self, Unit};
use crate::text::Text;
use crate::tree::Number;

/// How a constant looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Char,
    Complex,
}

/// Reads a constant.
///
/// # Errors
///
/// What Go says of a constant that is none.
pub(super) fn read(source: &[u8], form: Form) -> Result<Number, Vec<u8>> {
    let mut number = Number { text: Text::from(source), ..Number::default() };
    match form {
        Form::Char => {
            let code = read_char(source)?;
            number.int = Some(code.into());
            number.uint = Some(code.into());
            number.float = Some(code.into());
            return Ok(number);
        }
        Form::Complex => {
            let Some(complex) = read_complex(source) else {
                return Err(illegal(source));
            };
            return Ok(simplify(number, complex));
        }
        Form::Plain => {}
    }
    if let Some(imaginary) = source.strip_suffix(b"i").and_then(read_float) {
        return Ok(simplify(number, Complex { real: 0.0, imaginary }));
    }
    number.uint = read_uint(source);
    number.int = read_int(source);
    if number.int == Some(0) && number.uint.is_none() {
        number.uint = Some(0);
    }
    if let Some(int) = number.int {
        number.float = Some(as_float(int));
    } else if let Some(uint) = number.uint {
        number.float = Some(uint_as_float(uint));
    } else if let Some(float) = read_float(source) {
        if !source.iter().any(|byte| b".eEpP".contains(byte)) {
            return Err([&b"integer overflow: "[..], &quote::quote(source)].concat());
        }
        number.float = Some(float);
        number.int = float_as_int(float);
        number.uint = float_as_uint(float);
    } else {
        return Err(illegal(source));
    }
    Ok(number)
}

fn illegal(source: &[u8]) -> Vec<u8> {
    [&b"illegal number syntax: "[..], &quote::quote(source)].concat()
}

fn read_char(source: &[u8]) -> Result<u32, Vec<u8>> {
    let malformed = || [&b"malformed character constant: "[..], source].concat();
    let inner = source.get(1..).ok_or_else(malformed)?;
    let (unit, rest) = quote::unquote_unit(inner, b'\'').ok_or(b"invalid syntax")?;
    if rest != b"'" {
        return Err(malformed());
    }
    Ok(match unit {
        Unit::Byte(byte) => byte.into(),
        Unit::Char(char) => char.into(),
    })
}

/// The types that hold a complex number whose imaginary part is zero.
fn simplify(mut number: Number, complex: Complex) -> Number {
    number.complex = Some(complex);
    if complex.imaginary == 0.0 {
        number.float = Some(complex.real);
        number.int = float_as_int(complex.real);
        number.uint = float_as_uint(complex.real);
    }
    number
}

/// `1+2i`: two floats, the second with its sign.
fn read_complex(source: &[u8]) -> Option<Complex> {
    let parts = source.strip_suffix(b"i")?;
    let is_split = |&(index, byte): &(usize, &u8)| {
        index > 0
            && matches!(byte, b'+' | b'-')
            && !matches!(
                (parts.get(index - 1), is_hexadecimal(parts)),
                (Some(b'e' | b'E'), false) | (Some(b'p' | b'P'), true)
            )
    };
    let (split, _) = parts.iter().enumerate().find(is_split)?;
    let (real, imaginary) = parts.split_at(split);
    Some(Complex { real: read_float(real)?, imaginary: read_float(imaginary)? })
}

fn unsign(source: &[u8]) -> (&[u8], bool) {
    match source {
        [b'-', rest @ ..] => (rest, true),
        [b'+', rest @ ..] => (rest, false),
        rest => (rest, false),
    }
}

fn is_hexadecimal(source: &[u8]) -> bool {
    matches!(unsign(source).0, [b'0', b'x' | b'X', ..])
}

/// Whether each `_` is between digits, or between a prefix and a digit.
fn underscores_fit(unsigned: &[u8]) -> bool {
    let prefixed = matches!(unsigned, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
    let hexadecimal = is_hexadecimal(unsigned);
    let is_digit = |byte: &u8| byte.is_ascii_digit() || hexadecimal && byte.is_ascii_hexdigit();
    unsigned.iter().enumerate().filter(|&(_, &byte)| byte == b'_').all(|(index, _)| {
        let before = index.checked_sub(1).and_then(|before| unsigned.get(before));
        let fits = before.is_some_and(is_digit) || index == 2 && prefixed;
        fits && unsigned.get(index + 1).is_some_and(is_digit)
    })
}

fn without_underscores(source: &[u8]) -> String {
    source.iter().filter(|&&byte| byte != b'_').map(|&byte| char::from(byte)).collect()
}

/// An unsigned integer whose prefix says its base.
fn read_uint(source: &[u8]) -> Option<u64> {
    let (base, digits) = match source {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits),
        [b'0', digits @ ..] if !digits.is_empty() => (8, digits),
        digits => (10, digits),
    };
    let is_digit = |&byte: &u8| byte == b'_' || char::from(byte).is_digit(base);
    if !digits.iter().all(is_digit) || !underscores_fit(source) {
        return None;
    }
    u64::from_str_radix(&without_underscores(digits), base).ok()
}

fn read_int(source: &[u8]) -> Option<i64> {
    let (unsigned, negative) = unsign(source);
    let magnitude = read_uint(unsigned)?;
    if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// A float; `None` also for one that is too large.
pub(super) fn read_float(source: &[u8]) -> Option<f64> {
    let (unsigned, negative) = unsign(source);
    if !underscores_fit(unsigned)
        || !unsigned.first().is_some_and(|&byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let number = match unsigned {
        [b'0', b'x' | b'X', digits @ ..] => read_hexadecimal(&without_underscores(digits))?,
        decimal => {
            let text = without_underscores(decimal);
            let number = text.parse::<f64>().ok()?;
            number.is_finite().then_some(number)?
        }
    };
    Some(if negative { -number } else { number })
}

/// `1.8p3`, as it is after `0x`: the exponent is one of two, and must be there.
fn read_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty()
        || !exponent.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let mut exponent = match exponent.parse::<i64>() {
        Ok(exponent) => exponent.clamp(-1_000_000, 1_000_000),
        Err(error) if matches!(error.kind(), std::num::IntErrorKind::PosOverflow) => 1_000_000,
        Err(error) if matches!(error.kind(), std::num::IntErrorKind::NegOverflow) => -1_000_000,
        Err(_) => return None,
    };
    // Up to 60 bits of the mantissa; the last one stands for all that are left.
    let mut bits = 0_u64;
    for (index, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = digit.to_digit(16)?;
        if bits >> 60 == 0 {
            bits = bits << 4 | u64::from(digit);
        } else {
            bits |= u64::from(digit != 0);
            exponent += 4;
        }
        if index >= whole.len() {
            exponent -= 4;
        }
    }
    round(bits, exponent)
}

/// The float nearest to `bits × 2^exponent`, the even one of two; `None` beyond the largest.
fn round(bits: u64, exponent: i64) -> Option<f64> {
    if bits == 0 {
        return Some(0.0);
    }
    // The power of two of the last place: as many as 53 bits, fewer for what is tiny.
    let top = exponent + 63 - i64::from(bits.leading_zeros());
    let last = (top - 52).max(-1074);
    let shift = last - exponent;
    let mantissa = if shift <= 0 {
        bits.checked_shl(u32::try_from(-shift).ok()?)?
    } else if shift > 64 {
        0
    } else {
        let wide = u128::from(bits);
        let kept = wide >> shift;
        let rest = wide & ((1 << shift) - 1);
        let half = 1_u128 << (shift - 1);
        let up = rest > half || rest == half && kept & 1 == 1;
        u64::try_from(kept).ok()? + u64::from(up)
    };
    let (mantissa, last) = if mantissa >> 53 == 1 { (mantissa >> 1, last + 1) } else { (mantissa, last) };
    if mantissa >> 52 == 0 {
        return Some(f64::from_bits(mantissa));
    }
    let biased = u64::try_from(last + 1075).ok().filter(|&biased| biased < 2047)?;
    Some(f64::from_bits(biased << 52 | mantissa & ((1 << 52) - 1)))
}

fn as_float(int: i64) -> f64 {
    int as f64
}

fn uint_as_float(uint: u64) -> f64 {
    uint as f64
}

fn float_as_int(float: f64) -> Option<i64> {
    let fits =
        float.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    fits.then_some(float as i64)
}

fn float_as_uint(float: f64) -> Option<u64> {
    let fits = float.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&float);
    fits.then_some(float as u64)
}
