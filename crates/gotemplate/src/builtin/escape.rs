//! `html`, `js` and `urlquery`.

use crate::format::{MAX_LENGTH, Printer};
use crate::runes;
use crate::unicode;
use crate::value::Value;

/// The operands as one text, as templates print them.
fn text(operands: &[Value]) -> Vec<u8> {
    if let [Value::String(text)] = operands {
        return text.to_vec();
    }
    let shown = operands.iter().map(|operand| match operand {
        Value::Nil => Value::from("<no value>"),
        operand => operand.clone(),
    });
    let mut out = Vec::new();
    Printer::new(&mut out, MAX_LENGTH).print_pointees(&shown.collect::<Vec<_>>());
    out
}

/// The operands with what means something in HTML escaped.
pub(crate) fn html(operands: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in text(operands) {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            byte => out.push(byte),
        }
    }
    out
}

/// The operands with what means something in a JavaScript string escaped.
pub(crate) fn js(operands: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for (char, bytes) in runes::all(&text(operands)) {
        match char {
            '\\' => out.extend_from_slice(b"\\\\"),
            '\'' => out.extend_from_slice(b"\\'"),
            '"' => out.extend_from_slice(b"\\\""),
            '\0'..' ' | '<' | '>' | '&' | '=' => {
                out.extend_from_slice(format!("\\u{:04X}", u32::from(char)).as_bytes());
            }
            ' '..='\x7f' => out.extend_from_slice(bytes),
            char if unicode::is_printable(char) => out.extend_from_slice(bytes),
            char => out.extend_from_slice(format!("\\u{:04X}", u32::from(char)).as_bytes()),
        }
    }
    out
}

/// The operands as a value in the query of a URL.
pub(crate) fn url_query(operands: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in text(operands) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            byte => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}
