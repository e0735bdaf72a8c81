//! Numbers and truth values as Go's flags take them, with Go's words for those that are none.

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
    fn truth_as_go_reads_it() {
        assert!(["1", "t", "T", "TRUE", "true", "True"].into_iter().all(|text| boolean(text) == Ok(true)));
        assert!(
            ["0", "f", "F", "FALSE", "false", "False"].into_iter().all(|text| boolean(text) == Ok(false))
        );
        let error = "strconv.ParseBool: parsing \"maybe\": invalid syntax";
        assert_eq!(boolean("maybe"), Err(error.to_owned()));
    }
}
