//! Floats as text, as Go's `strconv.FormatFloat` writes them.

/// More digits than any `float64` has: 767 significant ones, 1074 after the point. What is asked
/// for beyond is zeros.
const MAX_DIGITS: usize = 1100;

/// A finite number without its sign: `0.d₁d₂d₃… × 10^point`.
struct Decimal {
    /// The digits, without zeros at the end. Zero has none.
    digits: Vec<u8>,
    /// Where the decimal point is, counted from before the first digit.
    point: i32,
}

impl Decimal {
    /// Reads what `{:e}` writes.
    fn read(scientific: &str) -> Self {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
        let mut digits = mantissa.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let point = if digits.is_empty() { 0 } else { exponent.parse::<i32>().unwrap_or_default() + 1 };
        Self { digits, point }
    }

    /// The fewest digits that say which number it is. Where two such are as near, the standard
    /// library takes the upper one, Go the even one.
    fn shortest(number: f64) -> Self {
        let mut decimal = Self::read(&format!("{number:e}"));
        let count = decimal.digits.len();
        if let Some(&last) = decimal.digits.last().filter(|&last| last % 2 == 1)
            && format!("{number:.*e}", count + 1).contains("50e")
        {
            let exact = Self::read(&format!("{number:.MAX_DIGITS$e}"));
            let below = exact.digits.get(..count).unwrap_or_default();
            if exact.digits.len() == count + 1 && below.last() == Some(&(last - 1)) {
                let even = Self { digits: below.to_vec(), point: decimal.point };
                if even.value() == Some(number) {
                    decimal = even;
                }
            }
        }
        decimal
    }

    fn value(&self) -> Option<f64> {
        let digits = std::str::from_utf8(&self.digits).ok()?;
        format!("0.{digits}e{}", self.point).parse().ok()
    }

    fn digit(&self, index: i32) -> u8 {
        usize::try_from(index).ok().and_then(|index| self.digits.get(index)).copied().unwrap_or(b'0')
    }

    fn len(&self) -> i32 {
        i32::try_from(self.digits.len()).unwrap_or(i32::MAX)
    }
}

/// Writes a float in one of Go's formats (`b`, `e`, `E`, `f`, `g`, `G`, `x`, `X`), with a number of
/// digits or as few as are exact. A minus comes first if it is negative; infinities have a sign
/// always.
pub fn format_float(number: f64, format: u8, precision: Option<usize>) -> Vec<u8> {
    if number.is_nan() {
        return b"NaN".to_vec();
    }
    if number.is_infinite() {
        return if number > 0.0 { b"+Inf".to_vec() } else { b"-Inf".to_vec() };
    }
    let mut out = Vec::with_capacity(24);
    if number.is_sign_negative() {
        out.push(b'-');
    }
    let number = number.abs();
    if precision.is_none() && matches!(format, b'g' | b'G') && number < 1e6 && number.fract() == 0.0 {
        // Most floats of templates are small whole numbers.
        out.extend_from_slice((number as u32).to_string().as_bytes());
        return out;
    }
    match format {
        b'b' => binary(&mut out, number),
        b'x' | b'X' => hexadecimal(&mut out, number, format, precision),
        b'f' => match precision {
            None => {
                let decimal = Decimal::shortest(number);
                let after = usize::try_from(decimal.len() - decimal.point).unwrap_or(0);
                plain(&mut out, &decimal, after);
            }
            Some(after) => {
                let exact = after.min(MAX_DIGITS);
                out.extend_from_slice(format!("{number:.exact$}").as_bytes());
                out.resize(out.len() + (after - exact), b'0');
            }
        },
        b'e' | b'E' => {
            let decimal = match precision {
                None => Decimal::shortest(number),
                Some(after) => Decimal::read(&format!("{number:.*e}", after.min(MAX_DIGITS))),
            };
            let after = precision.unwrap_or(decimal.digits.len().saturating_sub(1));
            scientific(&mut out, &decimal, after, format);
        }
        _ => general(&mut out, number, precision, if format == b'G' { b'E' } else { b'e' }),
    }
    out
}

/// `%g`: with an exponent if that is small or large, without otherwise.
fn general(out: &mut Vec<u8>, number: f64, precision: Option<usize>, letter: u8) {
    let wanted = precision.map(|precision| precision.max(1));
    let decimal = match wanted {
        None => Decimal::shortest(number),
        Some(wanted) => Decimal::read(&format!("{number:.*e}", (wanted - 1).min(MAX_DIGITS))),
    };
    let wanted = wanted.map_or(decimal.len(), |wanted| i32::try_from(wanted).unwrap_or(i32::MAX));
    let mut largest = wanted;
    if largest > decimal.len() && decimal.len() >= decimal.point {
        largest = decimal.len();
    }
    if precision.is_none() {
        largest = SHORTEST_WITH_EXPONENT;
    }
    let exponent = decimal.point - 1;
    if exponent < -4 || exponent >= largest {
        let after = usize::try_from(wanted.min(decimal.len()) - 1).unwrap_or(0);
        return scientific(out, &decimal, after, letter);
    }
    let wanted = if wanted > decimal.point { decimal.len() } else { wanted };
    plain(out, &decimal, usize::try_from(wanted - decimal.point).unwrap_or(0));
}

/// The first exponent that is written where as few digits as are exact are asked for.
const SHORTEST_WITH_EXPONENT: i32 = 6;

/// `ddd.ddd`.
fn plain(out: &mut Vec<u8>, decimal: &Decimal, after: usize) {
    if decimal.point > 0 {
        out.extend((0..decimal.point).map(|index| decimal.digit(index)));
    } else {
        out.push(b'0');
    }
    if after > 0 {
        out.push(b'.');
        out.extend((decimal.point..).take(after).map(|index| decimal.digit(index)));
    }
}

/// `d.ddde±dd`.
fn scientific(out: &mut Vec<u8>, decimal: &Decimal, after: usize, letter: u8) {
    out.push(decimal.digit(0));
    if after > 0 {
        out.push(b'.');
        out.extend((1..).take(after).map(|index| decimal.digit(index)));
    }
    out.push(letter);
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    out.push(if exponent < 0 { b'-' } else { b'+' });
    out.extend_from_slice(format!("{:02}", exponent.unsigned_abs()).as_bytes());
}

const MANTISSA_BITS: u32 = 52;

/// The mantissa, and the power of two that it is to be multiplied with.
fn parts(number: f64) -> (u64, i32) {
    let bits = number.to_bits();
    let mantissa = bits & ((1 << MANTISSA_BITS) - 1);
    match i32::try_from(bits >> MANTISSA_BITS & 0x7ff).unwrap_or_default() {
        0 => (mantissa, -1074),
        exponent => (mantissa | 1 << MANTISSA_BITS, exponent - 1075),
    }
}

/// `ddddp±ddd`.
fn binary(out: &mut Vec<u8>, number: f64) {
    let (mantissa, exponent) = parts(number);
    out.extend_from_slice(format!("{mantissa}p{exponent:+}").as_bytes());
}

/// `0x1.hhhp±dd`.
fn hexadecimal(out: &mut Vec<u8>, number: f64, letter: u8, precision: Option<usize>) {
    /// The bit that is before the point.
    const ONE: u64 = 1 << 60;
    let (mut mantissa, mut exponent) = parts(number);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let up = mantissa.leading_zeros().saturating_sub(3);
        mantissa <<= up;
        exponent += 60 - i32::try_from(up).unwrap_or_default();
    }
    if let Some(precision) = precision.filter(|&precision| precision < 15) {
        let kept = 60 - 4 * precision;
        let rest = mantissa & ((1 << kept) - 1);
        mantissa >>= kept;
        let half = 1_u64 << (kept - 1);
        if rest > half || (rest == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= kept;
        if mantissa & (ONE << 1) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    out.extend_from_slice(&[b'0', letter, if mantissa & ONE == 0 { b'0' } else { b'1' }]);
    let fraction = format!("{:015x}", mantissa & (ONE - 1));
    let fraction = if letter == b'X' { fraction.to_uppercase() } else { fraction };
    let digits = match precision {
        None => fraction.trim_end_matches('0').len(),
        Some(precision) => precision,
    };
    if digits > 0 {
        out.push(b'.');
        out.extend(fraction.bytes().chain(std::iter::repeat(b'0')).take(digits));
    }
    out.push(if letter == b'X' { b'P' } else { b'p' });
    out.push(if exponent < 0 { b'-' } else { b'+' });
    out.extend_from_slice(format!("{:02}", exponent.unsigned_abs()).as_bytes());
}
