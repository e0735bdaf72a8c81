//! Writing DER.

use super::tag;

/// An element with all of its parts behind each other.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    if length < 0x80 {
        out.push(u8::try_from(length).unwrap_or_default());
    } else {
        let bytes = length.to_be_bytes();
        let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
        out.push(0x80 | u8::try_from(significant.len()).unwrap_or_default());
        out.extend_from_slice(significant);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(tag::SEQUENCE, parts)
}

pub(crate) fn octet_string(content: &[u8]) -> Vec<u8> {
    element(tag::OCTET_STRING, &[content])
}

/// Whole bytes.
pub(crate) fn bit_string(content: &[u8]) -> Vec<u8> {
    element(tag::BIT_STRING, &[&[0], content])
}

pub(crate) fn object_identifier(content: &[u8]) -> Vec<u8> {
    element(tag::OBJECT_IDENTIFIER, &[content])
}

/// A number that is not negative, from its bytes, the highest first.
pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let magnitude = &magnitude[magnitude.iter().take_while(|byte| **byte == 0).count()..];
    match magnitude.first() {
        None => element(tag::INTEGER, &[&[0]]),
        Some(first) if first & 0x80 != 0 => element(tag::INTEGER, &[&[0], magnitude]),
        Some(_) => element(tag::INTEGER, &[magnitude]),
    }
}

pub(crate) const NULL: &[u8] = &[0x05, 0x00];
pub(crate) const TRUE: &[u8] = &[tag::BOOLEAN, 0x01, 0xFF];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_integers() {
        assert_eq!(element(0x04, &[]), [0x04, 0x00]);
        assert_eq!(element(0x04, &[&[7; 0x7F]])[..3], [0x04, 0x7F, 7]);
        assert_eq!(element(0x04, &[&[7; 0x80]])[..4], [0x04, 0x81, 0x80, 7]);
        assert_eq!(element(0x04, &[&[7; 0x100], &[8]])[..5], [0x04, 0x82, 0x01, 0x01, 7]);
        assert_eq!(integer(&[]), [0x02, 0x01, 0x00]);
        assert_eq!(integer(&[0, 0, 5]), [0x02, 0x01, 0x05]);
        assert_eq!(integer(&[0x80]), [0x02, 0x02, 0x00, 0x80]);
    }
}
