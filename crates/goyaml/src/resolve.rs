//! What a scalar means: YAML 1.1, as go-yaml has it.

use std::borrow::Cow;

use crate::Layout;
use crate::number::{self, Number};

/// The meaning of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    String(Cow<'t, str>),
}

impl Scalar<'_> {
    /// The short form of the tag.
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::String(_) => "!!str",
        }
    }
}

/// What a plain scalar without a tag means.
pub(crate) fn plain(text: Cow<'_, str>) -> Scalar<'_> {
    untagged(&text).unwrap_or(Scalar::String(text))
}

/// Whether a plain scalar without a tag would be read as this very text, by the go-yaml that writes
/// this layout and by the older YAML readers that it minds.
pub(crate) fn is_safely_plain(text: &str, layout: Layout) -> bool {
    let means_something = untagged(text).is_some()
        || crate::timestamp::is_timestamp(text)
        || number::is_sexagesimal(text)
        || (layout == Layout::Indented && number::is_signed_octal(text));
    !means_something
}

/// None for text.
fn untagged(text: &str) -> Option<Scalar<'static>> {
    let scalar = match text.as_bytes().first() {
        None => Scalar::Null,
        Some(b'0'..=b'9' | b'+' | b'-') => match number::parse(text) {
            Some(Number::Int(number)) => Scalar::Int(number),
            Some(Number::Uint(number)) => Scalar::Uint(number),
            Some(Number::Float(number)) => Scalar::Float(number),
            None => Scalar::Float(special(text)?),
        },
        Some(b'.') => match special(text) {
            Some(number) => Scalar::Float(number),
            None => Scalar::Float(number::parse_point_float(text)?),
        },
        Some(_) => match text {
            "~" | "null" | "Null" | "NULL" => Scalar::Null,
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
                Scalar::Bool(true)
            }
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
                Scalar::Bool(false)
            }
            _ => return None,
        },
    };
    Some(scalar)
}

fn special(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// What a scalar with a tag means. Tags that nobody knows say nothing: it is text.
///
/// The error is in go-yaml's words.
pub(crate) fn tagged<'t>(tag: &str, text: Cow<'t, str>) -> Result<Scalar<'t>, String> {
    let kind = match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(kind @ ("null" | "bool" | "int" | "float" | "timestamp")) => kind,
        Some("binary") => return binary(&text).map(|text| Scalar::String(text.into())),
        _ => return Ok(Scalar::String(text)),
    };
    let natural = plain(text.clone());
    match (kind, natural) {
        ("float", Scalar::Int(number)) => Ok(Scalar::Float(number as f64)),
        ("timestamp", Scalar::String(text)) if crate::timestamp::is_timestamp(&text) => {
            Ok(Scalar::String(text))
        }
        (kind, natural) if natural.tag().strip_prefix("!!") == Some(kind) => Ok(natural),
        (kind, natural) => {
            let found = natural.tag();
            Err(format!("cannot decode {found} `{text}` as a !!{kind}"))
        }
    }
}

/// Decodes standard base64 as Go does: line breaks are skipped, padding is wanted. Bytes that are
/// not UTF-8 become U+FFFD one by one, as in Go's JSON.
fn binary(text: &str) -> Result<String, String> {
    let bytes = base64(text).ok_or("!!binary value contains invalid base64 data")?;
    let mut decoded = String::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                decoded.push_str(valid);
                break;
            }
            Err(error) => {
                let (valid, invalid) = rest.split_at(error.valid_up_to());
                decoded.push_str(&String::from_utf8_lossy(valid));
                decoded.push(char::REPLACEMENT_CHARACTER);
                rest = &invalid[1..];
            }
        }
    }
    Ok(decoded)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let mut groups = digits.chunks_exact(4).peekable();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    while let Some(group) = groups.next() {
        let padding = match group {
            [.., b'=', b'='] => 2,
            [.., b'='] => 1,
            _ => 0,
        };
        if padding > 0 && groups.peek().is_some() {
            return None;
        }
        let mut bits = 0_u32;
        for byte in &group[..4 - padding] {
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(digit);
        }
        bits <<= 6 * padding;
        let [_, decoded @ ..] = bits.to_be_bytes();
        bytes.extend_from_slice(&decoded[..3 - padding]);
    }
    Some(bytes)
}
