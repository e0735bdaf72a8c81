//! Texts with a signature around them (RFC 9580, section 7): the text itself, and what of it is signed,
//! which is without space at the ends of lines.

use crate::armor;
use crate::error::Error;

const START: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"\n-----END PGP SIGNATURE-----";
/// What may stand in a header. It is the signature that says which is used.
const HASHES: [&str; 9] =
    ["MD5", "SHA1", "RIPEMD160", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512"];

/// A signed text.
#[derive(Debug, PartialEq, Eq)]
pub struct Cleartext<'a> {
    /// The text, with `\n` at the ends of lines and no other space there.
    pub text: Vec<u8>,
    /// The same with `\r\n`: what is signed.
    pub signed: Vec<u8>,
    /// The signature, armored.
    signature: &'a [u8],
}

impl<'a> Cleartext<'a> {
    /// Finds the first signed text; none where nothing looks like one, or where it breaks off.
    pub fn parse(data: &'a [u8]) -> Option<Self> {
        let mut rest = begin(data)?;
        headers(&mut rest)?;
        let mut text = Vec::new();
        let mut signed = Vec::new();
        let mut first = true;
        let signature = loop {
            let start = rest;
            let line = line(&mut rest);
            if line.is_empty() && rest.is_empty() {
                return None;
            }
            if line == SIGNATURE {
                break start;
            }
            if !first {
                // The end of the last line is not signed.
                text.push(b'\n');
                signed.extend_from_slice(b"\r\n");
            }
            first = false;
            let line = line.strip_prefix(b"- ").unwrap_or(line);
            let line = trimmed(line);
            text.extend_from_slice(line);
            signed.extend_from_slice(line);
        };
        if first {
            return None;
        }
        let end = find(signature, END)? + END.len();
        Some(Self { text, signed, signature: signature.get(..end)? })
    }

    /// The packets of the signature.
    ///
    /// # Errors
    ///
    /// [`Error::NoSignature`], [`Error::Base64`], [`Error::Truncated`] and [`Error::Malformed`] where it
    /// is not well-formed armor.
    pub fn signature(&self) -> Result<Vec<u8>, Error> {
        armor::next(&mut &self.signature[..]).ok_or(Error::NoSignature)?.data
    }
}

/// What follows the line that begins a signed text.
fn begin(data: &[u8]) -> Option<&[u8]> {
    let mut rest = match data.strip_prefix(START) {
        Some(rest) => rest,
        None => {
            let start = [b"\n", START].concat();
            data.get(find(data, &start)? + start.len()..)?
        }
    };
    line(&mut rest).is_empty().then_some(rest)
}

/// Reads over the headers; none where one of them must not be there.
fn headers(rest: &mut &[u8]) -> Option<()> {
    loop {
        if rest.is_empty() {
            return None;
        }
        let line = std::str::from_utf8(line(rest)).ok()?;
        if line.trim().is_empty() {
            return Some(());
        }
        if line.bytes().any(|byte| !matches!(byte, 0x20..=0x7e)) {
            return None;
        }
        let (key, value) = line.split_once(':')?;
        let known = |hash: &str| HASHES.contains(&hash.trim().to_uppercase().as_str());
        if key.trim() != "Hash" || !value.split(',').all(known) {
            return None;
        }
    }
}

/// A line without its end, which may be `\r\n`.
fn line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let all = *rest;
    let end = all.iter().position(|byte| *byte == b'\n');
    let (line, after) = all.split_at(end.unwrap_or(all.len()));
    *rest = after.get(1..).unwrap_or_default();
    match (end, line) {
        (Some(_), [line @ .., b'\r']) => line,
        _ => line,
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    let space = line.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    line.get(..line.len() - space).unwrap_or_default()
}

fn find(data: &[u8], what: &[u8]) -> Option<usize> {
    data.windows(what.len()).position(|window| window == what)
}

/// What is signed of a text, and how it is written down: with `- ` before lines that begin with a dash.
pub(crate) fn prepare(text: &str) -> (Vec<u8>, String) {
    let mut signed = Vec::new();
    let mut written = String::new();
    for (number, line) in text.split('\n').enumerate() {
        let line = line.trim_end_matches([' ', '\t', '\r']);
        if number > 0 {
            signed.extend_from_slice(b"\r\n");
            written.push('\n');
        }
        signed.extend_from_slice(line.as_bytes());
        if line.starts_with('-') {
            written.push_str("- ");
        }
        written.push_str(line);
    }
    (signed, written)
}

/// A signed text as it is written down. There is no line end after it, as with Helm.
pub(crate) fn compose(hash: Option<&str>, written: &str, signature: &[u8]) -> String {
    let header = hash.map(|hash| format!("Hash: {hash}\n")).unwrap_or_default();
    let start = String::from_utf8_lossy(START);
    // Of a signature of the newest version, neither is wanted.
    let signature = armor::encode("PGP SIGNATURE", signature, hash.is_some());
    format!("{start}\n{header}\n{written}\n{signature}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: x  \n- - a\n\n...\n-----BEGIN PGP SIGNATURE-----\n\nYWJj\n-----END PGP SIGNATURE-----";

    #[test]
    fn the_text_is_without_escapes_and_trailing_space() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n"), format!("before\n{TEXT}\nafter")] {
            let clear = Cleartext::parse(text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(clear.text.clone()).unwrap(), "name: x\n- a\n\n...");
            assert_eq!(String::from_utf8(clear.signed.clone()).unwrap(), "name: x\r\n- a\r\n\r\n...");
            assert_eq!(clear.signature().unwrap(), b"abc");
        }
    }

    #[test]
    fn what_is_not_whole_is_none() {
        let without = |part: &str| TEXT.replacen(part, "", 1);
        let with = |part: &str, other: &str| TEXT.replacen(part, other, 1);
        for text in [
            String::new(),
            "hello".to_owned(),
            without("-----END PGP SIGNATURE-----"),
            without("-----BEGIN PGP SIGNATURE-----\n"),
            without("-----BEGIN PGP SIGNED MESSAGE-----\n"),
            with("MESSAGE-----", "MESSAGE----- "),
            with("Hash: SHA512", "Hash: SHA5"),
            with("Hash: SHA512", "Comment: x"),
            with("Hash: SHA512", "Hash"),
            with("Hash: SHA512", "Hash: SHA512\u{7}"),
            "-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----".to_owned(),
        ] {
            assert_eq!(Cleartext::parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "([ \ta-z-]{0,5}[\r\n]{0,2}){1,9}\n") {
            let (signed, written) = prepare(&text);
            let whole = compose(Some("SHA512"), &written, b"signature");
            let clear = Cleartext::parse(whole.as_bytes()).unwrap();
            prop_assert_eq!(clear.signed, signed);
            prop_assert_eq!(clear.signature, whole.get(whole.find("-----BEGIN PGP SIGNATURE").unwrap()..).unwrap().as_bytes());
        }

        #[test]
        fn nothing_makes_it_panic(cuts in prop::collection::vec((0..TEXT.len(), 0..TEXT.len()), 0..6)) {
            let pieces = cuts.iter().map(|(a, b)| &TEXT.as_bytes()[*a.min(b)..*a.max(b)]);
            let text = pieces.collect::<Vec<_>>().concat();
            if let Some(clear) = Cleartext::parse(&text) {
                let _ = clear.signature();
            }
        }
    }
}
