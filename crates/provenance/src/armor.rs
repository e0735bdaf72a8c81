//! ASCII armor (RFC 9580, section 6.2): binary data as lines of text. The checksum at the end is not
//! checked: it protects from nothing that a signature does not protect from. It is written all the same,
//! because GnuPG 2.2 may read beyond the end of the data where there is none, and then fails.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// The longest line of data.
const LONGEST_LINE: usize = 96;
/// How many characters we write in a line.
const LINE: usize = 64;

/// What stood between a pair of lines that say `BEGIN` and `END`.
#[derive(Debug)]
pub(crate) struct Block {
    /// `PGP SIGNATURE`, …
    pub(crate) kind: String,
    /// An error is for who needs this block, not for who looks for another.
    pub(crate) data: Result<Vec<u8>, Error>,
}

/// Reads the next block, and leaves what follows it. Other text before it is skipped; none is found
/// where there is no more.
pub(crate) fn next(text: &mut &[u8]) -> Option<Block> {
    'block: loop {
        let kind = loop {
            let line = line(text)?;
            if let Some(kind) = kind(line) {
                break kind;
            }
        };
        // Headers, up to an empty line. They mean nothing to us.
        loop {
            match line(text)? {
                [] => break,
                line if !line.contains(&b':') => continue 'block,
                _ => {}
            }
        }
        let mut encoded = Vec::new();
        let mut too_long = false;
        while let Some(line) = line(text) {
            if line.starts_with(END) || (line.len() == 5 && line.starts_with(b"=")) {
                break;
            }
            too_long |= line.len() > LONGEST_LINE;
            encoded.extend_from_slice(line);
        }
        let data = if too_long { Err(Error::malformed("armor invalid")) } else { decoded(&encoded) };
        return Some(Block { kind, data });
    }
}

/// A line without its end and without space around it; none at the end of the text.
fn line<'a>(text: &mut &'a [u8]) -> Option<&'a [u8]> {
    if text.is_empty() {
        return None;
    }
    let end = text.iter().position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(end) => (text.get(..end)?, text.get(end + 1..)?),
        None => (*text, &[][..]),
    };
    *text = rest;
    Some(line.trim_ascii())
}

fn kind(line: &[u8]) -> Option<String> {
    let kind = line.strip_prefix(BEGIN).filter(|kind| kind.len() > DASHES.len())?;
    let kind = kind.get(..kind.len() - DASHES.len())?;
    Some(String::from_utf8_lossy(kind).into_owned())
}

fn decoded(encoded: &[u8]) -> Result<Vec<u8>, Error> {
    use base64::DecodeError;
    STANDARD.decode(encoded).map_err(|error| match error {
        DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol { offset: at, .. } => {
            Error::Base64(at)
        }
        _ if encoded.contains(&b'=') => Error::Base64(encoded.len()),
        _ => Error::Truncated,
    })
}

/// Writes a block, with no line end after it.
pub(crate) fn encode(kind: &str, data: &[u8], with_checksum: bool) -> String {
    let encoded = STANDARD.encode(data);
    let mut text = format!("-----BEGIN {kind}-----\n");
    for (number, letter) in encoded.chars().enumerate() {
        if number % LINE == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    if with_checksum {
        let [_, checksum @ ..] = checksum(data).to_be_bytes();
        text.push_str(&format!("\n={}", STANDARD.encode(checksum)));
    }
    text.push_str(&format!("\n-----END {kind}-----"));
    text
}

/// CRC-24 (RFC 9580, section 6.1).
fn checksum(data: &[u8]) -> u32 {
    data.iter().fold(0x00b7_04ce, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 16), |crc, _| {
            let shifted = crc << 1;
            if shifted & 0x0100_0000 == 0 { shifted } else { shifted ^ 0x0186_4cfb }
        })
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_are_found_among_other_text() {
        let mut text = &b"hello\n-----BEGIN NO HEADERS-----\nnonsense\n\n-----BEGIN PGP ONE-----\r\nVersion: 1\r\n\r\n  YWJj\r\n=abcd\r\n-----END PGP ONE-----\nmore\n-----BEGIN PGP TWO-----\n\nZGVm\nZw==\n-----END PGP TWO-----"[..];
        let mut all = Vec::new();
        while let Some(block) = next(&mut text) {
            all.push((block.kind, block.data.unwrap()));
        }
        assert_eq!(all, [("PGP ONE".to_owned(), b"abc".to_vec()), ("PGP TWO".to_owned(), b"defg".to_vec())]);
    }

    #[test]
    fn damage_is_told_in_gos_words() {
        let read = |body: &str| {
            let text = format!("-----BEGIN PGP X-----\n\n{body}\n-----END PGP X-----");
            next(&mut text.as_bytes()).unwrap().data.unwrap_err().to_string()
        };
        assert_eq!(read("YW*j"), "illegal base64 data at input byte 2");
        assert_eq!(read("YWJ"), "unexpected EOF");
        assert_eq!(read(&"A".repeat(100)), "openpgp: invalid data: armor invalid");
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(checksum(b""), 0x00b7_04ce);
        assert_eq!(checksum(b"123456789"), 0x0021_cf02);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(data in prop::collection::vec(any::<u8>(), 1..300), checked in any::<bool>()) {
            let text = encode("PGP SIGNATURE", &data, checked);
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            let block = next(&mut text.as_bytes()).unwrap();
            prop_assert_eq!((block.kind.as_str(), block.data.unwrap()), ("PGP SIGNATURE", data));
        }

        #[test]
        fn nothing_makes_it_panic(text in "(-----BEGIN PGP X-----\n|-----END|\n|:|=|[A-Za-z+/]{0,9}|\\PC){0,20}") {
            let mut rest = text.as_bytes();
            while next(&mut rest).is_some() {}
        }
    }
}
