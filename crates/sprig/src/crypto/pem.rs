//! PEM as Go's `encoding/pem` writes and reads it: whatever stands around a block is skipped, and so
//! is a block that is broken.

use base64::Engine as _;

use crate::encoding::decode_base64;

/// What stands between BEGIN and END.
#[derive(Debug, PartialEq)]
pub(super) struct Block {
    /// `CERTIFICATE`, `RSA PRIVATE KEY` and the like.
    pub(super) kind: Vec<u8>,
    /// The decoded content.
    pub(super) bytes: Vec<u8>,
}

/// Writes a block without headers.
pub(super) fn encode(kind: &str, bytes: &[u8]) -> String {
    let coded = base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut text = format!("-----BEGIN {kind}-----\n");
    for (index, character) in coded.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    if !coded.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!("-----END {kind}-----\n"));
    text
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// Reads the first block of a text.
pub(super) fn decode(text: &[u8]) -> Option<Block> {
    let mut rest = text;
    loop {
        // The last BEGIN before the first END: blocks that never end are skipped.
        let end = find(rest, END)?;
        let after_end = &rest[end + END.len()..];
        if let Some(begin) = rest[..end].windows(BEGIN.len()).rposition(|window| window == BEGIN)
            && (begin == 0 || rest[begin - 1] == b'\n')
            && let Some(block) = block(&rest[begin + BEGIN.len()..end + 1], after_end)
        {
            return Some(block);
        }
        rest = after_end;
    }
}

/// Reads a block of which everything between BEGIN and END is given, line break before END
/// included, and what follows END.
fn block(inside: &[u8], after_end: &[u8]) -> Option<Block> {
    let (line, mut body) = split_line(inside);
    let kind = line.strip_suffix(DASHES)?;
    let mut headers = false;
    while !body.is_empty() {
        let (line, next) = split_line(body);
        if !line.contains(&b':') {
            break;
        }
        headers = true;
        body = next;
    }
    // Headers need at least an empty line between them and the end.
    if headers && body.is_empty() {
        return None;
    }
    let trailer = after_end.strip_prefix(kind)?.strip_prefix(DASHES)?;
    if !split_line(trailer).0.is_empty() {
        return None;
    }
    let body: Vec<u8> = body.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t')).collect();
    let bytes = decode_base64(&body).ok()?;
    Some(Block { kind: kind.to_vec(), bytes })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// The first line, without blanks at its end, and what follows.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match text.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[][..]),
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let length = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    (&line[..length], rest)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn read(text: &str) -> Option<(String, Vec<u8>)> {
        decode(text.as_bytes()).map(|block| (String::from_utf8(block.kind).unwrap(), block.bytes))
    }

    #[test]
    fn what_was_written_is_read() {
        for length in [0, 1, 47, 48, 49, 96, 1000] {
            let bytes = vec![0xA5; length];
            assert_eq!(read(&encode("X Y", &bytes)), Some(("X Y".to_owned(), bytes)));
        }
        assert!(encode("X", &[0; 48]).contains("AAA\n-----END"));
    }

    #[test]
    fn what_stands_around_is_skipped() {
        let good = "-----BEGIN A-----\nYWJj\n-----END A-----";
        let read_well = Some(("A".to_owned(), b"abc".to_vec()));
        for text in [
            good.to_owned(),
            format!("words\n{good}\nmore"),
            format!("-----BEGIN A-----\n{good}"),
            format!("-----BEGIN B-----\n!\n-----END B-----\n{good}"),
            format!("-----BEGIN B-----\nYQ==\n-----END C-----\n{good}"),
            good.replace("YWJj\n", "Proc-Type: 4\nDEK-Info: x\n\nYW Jj\n"),
            good.replace('\n', "\r\n"),
            good.replace("YWJj", "YW\nJj"),
            good.replace("YWJj", "k: v\nYWJj"),
        ] {
            assert_eq!(read(&text), read_well, "{text}");
        }
    }

    #[test]
    fn what_is_no_block_is_none() {
        for text in [
            "",
            "YWJj",
            "-----BEGIN A-----",
            "-----BEGIN A-----\nYWJj\n-----END A----",
            "-----BEGIN A-----\nYWJj\n-----END B-----",
            "x-----BEGIN A-----\nYWJj\n-----END A-----",
            "-----BEGIN A-----\nYWJj\n-----END A-----x",
            "-----BEGIN A----\nYWJj\n-----END A-----",
            "-----BEGIN A-----\nYWJ\n-----END A-----",
            "-----BEGIN A-----\nk: v\n-----END A-----",
            "-----BEGIN A-----\nYWJj\nk: v\n-----END A-----",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
