//! Numbers, truth values and lengths of time as Go's flags take them, with Go's words for those that are
//! none.

use std::str::FromStr;
use std::time::Duration;

/// `1`, `t`, `TRUE`, … as `strconv.ParseBool` takes them.
///
/// # Errors
///
/// For all else, in Go's words.
pub fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(no_syntax("ParseBool", text)),
    }
}

/// A whole number as `strconv.ParseInt` takes it with base 0: `10`, `-0x1f`, `0b11`, `0o17`, `017`, `1_000`.
///
/// # Errors
///
/// For all else, and beyond 64 bits, in Go's words.
pub fn integer(text: &str) -> Result<i64, String> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits, prefixed) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..], true),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..], true),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..], true),
        [b'0', _, ..] => (8, &digits[1..], true),
        _ => (10, digits, false),
    };
    let parted = underscores(digits, prefixed).ok_or_else(|| no_syntax("ParseInt", text))?;
    if parted.is_empty() || !parted.chars().all(|digit| digit.is_digit(radix)) {
        return Err(no_syntax("ParseInt", text));
    }
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{parted}"), radix)
        .map_err(|_| format!("strconv.ParseInt: parsing {text:?}: value out of range"))
}

/// The digits without the `_` between them; none if one stands elsewhere.
fn underscores(digits: &str, prefixed: bool) -> Option<String> {
    let misplaced = digits.ends_with('_') || digits.contains("__") || (digits.starts_with('_') && !prefixed);
    // With base 0, Go takes them after a prefix and between digits.
    (!misplaced).then(|| digits.replace('_', ""))
}

/// A number with a fraction, as `strconv.ParseFloat` takes it.
///
/// # Errors
///
/// For all else, and beyond 32 bits, in Go's words.
pub fn float(text: &str) -> Result<f32, String> {
    // Rust takes all that Go takes, apart from hexadecimal fractions and underscores.
    let value = text.parse::<f32>().map_err(|_| no_syntax("ParseFloat", text))?;
    let named = text.chars().any(|letter| letter.eq_ignore_ascii_case(&'i'));
    if value.is_infinite() && !named {
        return Err(format!("strconv.ParseFloat: parsing {text:?}: value out of range"));
    }
    Ok(value)
}

/// A time as `time.ParseDuration` takes it, such as `5m0s` or `1.5h`. What is below zero is zero: no flag
/// means anything by it.
///
/// # Errors
///
/// For all else, in Go's words.
pub fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0_f64;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let end = after.find(|letter: char| letter.is_ascii_digit() || letter == '.');
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        let seconds = match unit {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1e-9,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            unit => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        total += number * seconds;
        rest = after;
    }
    // Go counts nanoseconds in 64 bits.
    if total * 1e9 >= 9_223_372_036_854_775_808.0 {
        return Err(invalid());
    }
    Ok(if negative { Duration::ZERO } else { Duration::try_from_secs_f64(total).map_err(|_| invalid())? })
}

/// The items of a list, parted by commas, as Go's flags of several values take them: an item may be
/// in double quotes, and a quote in it is doubled then.
///
/// # Errors
///
/// For quotes in other places, in Go's words.
pub fn list(text: &str) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    // The rest of a text after its first line is not read.
    let line = text.trim_start_matches(['\n', '\r']);
    let mut rest = line;
    if line.is_empty() {
        return Ok(items);
    }
    let at = |rest: &str, offset: usize| line.len() - rest.len() + offset + 1;
    loop {
        let Some(mut quoted) = rest.strip_prefix('"') else {
            let end = rest.find([',', '\n']).unwrap_or(rest.len());
            let (item, after) = rest.split_at(end);
            if let Some(quote) = item.find('"') {
                let column = at(rest, quote);
                return Err(format!("parse error on line 1, column {column}: bare \" in non-quoted-field"));
            }
            items.push(item.trim_end_matches('\r').to_owned());
            match after.strip_prefix(',') {
                Some(after) => rest = after,
                None => return Ok(items),
            }
            continue;
        };
        let mut item = String::new();
        loop {
            let Some(end) = quoted.find('"') else {
                let column = line.len() + 1;
                return Err(format!(
                    "parse error on line 1, column {column}: extraneous or missing \" in quoted-field"
                ));
            };
            item.push_str(&quoted[..end]);
            quoted = &quoted[end + 1..];
            match quoted.strip_prefix('"') {
                Some(after) => {
                    item.push('"');
                    quoted = after;
                }
                None => break,
            }
        }
        items.push(item);
        if quoted.is_empty() || quoted.starts_with('\n') {
            return Ok(items);
        }
        let column = at(quoted, 0) - 1;
        rest = quoted.strip_prefix(',').ok_or_else(|| {
            format!("parse error on line 1, column {column}: extraneous or missing \" in quoted-field")
        })?;
    }
}

/// What one use of a flag that takes several values gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommaSeparated(pub Vec<String>);

impl FromStr for CommaSeparated {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        list(text).map(Self)
    }
}

impl CommaSeparated {
    /// All items of all uses of a flag.
    pub fn all(uses: &[Self]) -> impl Iterator<Item = &str> {
        uses.iter().flat_map(|one| one.0.iter().map(String::as_str))
    }
}

/// What one use of a flag that takes keys with values gives: `key=value,key=value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs(pub Vec<(String, String)>);

impl FromStr for Pairs {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let items = match text.matches('=').count() {
            0 => vec![text.to_owned()],
            1 => vec![text.trim_matches('"').to_owned()],
            _ => list(text)?,
        };
        let pair = |item: &String| {
            let pair = item.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
            pair.ok_or_else(|| format!("{item} must be formatted as key=value"))
        };
        items.iter().map(pair).collect::<Result<_, _>>().map(Self)
    }
}

/// Go's words for a text that is no such value.
pub(crate) fn no_syntax(function: &str, text: &str) -> String {
    format!("strconv.{function}: parsing {text:?}: invalid syntax")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_go_reads_them() {
        for (text, value) in [
            ("10", 10),
            ("-3", -3),
            ("+7", 7),
            ("0", 0),
            ("0x1F", 31),
            ("-0b11", -3),
            ("017", 15),
            ("0o17", 15),
            ("1_000", 1000),
            ("0x_ff", 255),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(integer(text), Ok(value), "{text}");
        }
        for text in ["", "-", "x", "08", "0x", "1__0", "_1", "1_", "1.0", " 1", "--1", "1e3"] {
            assert_eq!(integer(text), Err(no_syntax("ParseInt", text)), "{text}");
        }
        assert!(integer("9223372036854775808").is_err_and(|error| error.ends_with("value out of range")));
        assert_eq!(float("2.5"), Ok(2.5));
        assert!(float("inf").is_ok() && float("1e99").is_err() && float("x").is_err());
    }

    #[test]
    fn times_as_go_reads_them() {
        for (text, seconds) in
            [("5m0s", 300.0), ("1.5h", 5400.0), ("0", 0.0), ("+1m1ms", 60.001), ("-2s", 0.0)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
        for (text, problem) in [
            ("", "time: invalid duration \"\""),
            ("foo", "time: invalid duration \"foo\""),
            ("5", "time: missing unit in duration \"5\""),
            ("5x", "time: unknown unit \"x\" in duration \"5x\""),
            ("1.2.3s", "time: invalid duration \"1.2.3s\""),
            ("9999999h", "time: invalid duration \"9999999h\""),
        ] {
            assert_eq!(duration(text), Err(problem.to_owned()), "{text}");
        }
    }

    #[test]
    fn lists_as_go_reads_them() {
        let cases: [(&str, &[&str]); 8] = [
            ("", &[]),
            ("a", &["a"]),
            ("a,b,", &["a", "b", ""]),
            (",", &["", ""]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"say \"\"x\"\"\"", &["say \"x\""]),
            (" a , b ", &[" a ", " b "]),
            ("a,b\nc", &["a", "b"]),
        ];
        for (text, items) in cases {
            assert_eq!(list(text), Ok(items.iter().map(|&item| item.to_owned()).collect()), "{text:?}");
        }
        assert_eq!(
            list("a\"b"),
            Err("parse error on line 1, column 2: bare \" in non-quoted-field".to_owned())
        );
        for text in ["\"a", "\"a\"b"] {
            let problem = "parse error on line 1, column 3: extraneous or missing \" in quoted-field";
            assert_eq!(list(text), Err(problem.to_owned()), "{text}");
        }
        let pairs = |text: &str| text.parse::<Pairs>().map(|pairs| pairs.0);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(pairs("a=b,c"), Ok(vec![pair("a", "b,c")]));
        assert_eq!(pairs("a=b,c=\u{e9},d="), Ok(vec![pair("a", "b"), pair("c", "\u{e9}"), pair("d", "")]));
        assert_eq!(pairs("a"), Err("a must be formatted as key=value".to_owned()));
    }

    #[test]
    fn truth_as_go_reads_it() {
        assert!(["1", "t", "T", "TRUE", "true", "True"].into_iter().all(|text| boolean(text) == Ok(true)));
        assert!(
            ["0", "f", "F", "FALSE", "false", "False"].into_iter().all(|text| boolean(text) == Ok(false))
        );
        let error = "strconv.ParseBool: parsing \"maybe\": invalid syntax";
        assert_eq!(boolean("maybe"), Err(error.to_owned()));
    }
}
