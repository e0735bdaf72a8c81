//! Checksums of strings.

use std::fmt::Write as _;

use aws_lc_rs::digest::{self, Algorithm};
use chartroom_gotemplate::{CallError, Value};

use crate::arguments::text;

pub(super) fn sha1sum(arguments: &[Value]) -> Result<Value, CallError> {
    Ok(sum(&digest::SHA1_FOR_LEGACY_USE_ONLY, arguments))
}

pub(super) fn sha256sum(arguments: &[Value]) -> Result<Value, CallError> {
    Ok(sum(&digest::SHA256, arguments))
}

pub(super) fn sha512sum(arguments: &[Value]) -> Result<Value, CallError> {
    Ok(sum(&digest::SHA512, arguments))
}

pub(super) fn adler32sum(arguments: &[Value]) -> Result<Value, CallError> {
    Ok(adler32(text(arguments, 0)).to_string().into())
}

fn sum(algorithm: &'static Algorithm, arguments: &[Value]) -> Value {
    let sum = digest::digest(algorithm, text(arguments, 0));
    let mut hex = String::with_capacity(2 * sum.as_ref().len());
    for byte in sum.as_ref() {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex.into()
}

/// RFC 1950, section 9.
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    /// So many bytes can be added before the sums of 32 bits run over.
    const CHUNK: usize = 5552;
    let (mut low, mut high) = (1_u32, 0_u32);
    for chunk in bytes.chunks(CHUNK) {
        for byte in chunk {
            low += u32::from(*byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adler32_of_known_texts_and_of_long_ones() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        // By the definition, without any shortcut.
        let bytes = vec![0xFF_u8; 100_000];
        let (mut low, mut high) = (1_u64, 0_u64);
        for byte in &bytes {
            low = (low + u64::from(*byte)) % 65_521;
            high = (high + low) % 65_521;
        }
        assert_eq!(u64::from(adler32(&bytes)), high << 16 | low);
    }
}
