//! Reading DER that others wrote. Keys are read with the words of Go's `encoding/asn1`; for
//! certificates it is enough to know that an element isn't there.

use super::tag;

/// Some elements behind each other, of which the first are taken one by one.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// An element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Element<'a> {
    /// Class, form and number.
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    /// With tag and length.
    pub(crate) whole: &'a [u8],
}

/// Why reading failed, in Go's words.
pub(crate) type Problem = String;

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The tag of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes the next element, whatever it is.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, Problem> {
        let header = self.header()?;
        let whole = self.whole(&header)?;
        self.at += whole.len();
        Ok(Element { tag: header.tag, content: &whole[header.size..], whole })
    }

    /// Takes the content of the next element, if that has a tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Problem> {
        if self.peek() == Some(tag) { self.any().map(|element| Some(element.content)) } else { Ok(None) }
    }

    /// Takes the content of the next element, which must have a tag. `go_type` is what Go's error
    /// calls the type that it reads.
    pub(crate) fn expect(&mut self, tag: u8, go_type: &str) -> Result<&'a [u8], Problem> {
        if self.is_empty() {
            return Err("asn1: syntax error: sequence truncated".to_owned());
        }
        let header = self.header()?;
        if header.tag != tag {
            return Err(format!(
                "asn1: structure error: tags don't match ({} vs {{class:{} tag:{} length:{} isCompound:{}}}) \
                 {{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> \
                 stringType:0 timeType:0 set:false omitEmpty:false}} {go_type} @{}",
                tag & 0x1F,
                header.tag >> 6,
                header.tag & 0x1F,
                header.length,
                header.tag & 0x20 != 0,
                self.at + header.size,
            ));
        }
        let whole = self.whole(&header)?;
        self.at += whole.len();
        Ok(&whole[header.size..])
    }

    /// Takes an integer and gives its magnitude; `None` where it is negative.
    pub(crate) fn integer(&mut self, go_type: &str) -> Result<Option<&'a [u8]>, Problem> {
        let content = self.expect(tag::INTEGER, go_type)?;
        match content {
            [] => Err("asn1: structure error: empty integer".to_owned()),
            [0, next, ..] if next & 0x80 == 0 => Err(NOT_MINIMAL_INTEGER.to_owned()),
            [0xFF, next, ..] if next & 0x80 != 0 => Err(NOT_MINIMAL_INTEGER.to_owned()),
            [first, ..] if first & 0x80 != 0 => Ok(None),
            [0, rest @ ..] => Ok(Some(rest)),
            _ => Ok(Some(content)),
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The next element, if it is there to its end.
    fn whole(&self, header: &Header) -> Result<&'a [u8], Problem> {
        let whole = self.rest().get(..header.size + header.length);
        whole.ok_or_else(|| "asn1: syntax error: data truncated".to_owned())
    }

    /// Reads tag and length of the next element without taking it.
    fn header(&self) -> Result<Header, Problem> {
        let syntax = |problem: &str| Err(format!("asn1: syntax error: {problem}"));
        let structure = |problem: &str| Err(format!("asn1: structure error: {problem}"));
        let [tag, after @ ..] = self.rest() else { return syntax("truncated tag or length") };
        if tag & 0x1F == 0x1F {
            // No key or certificate has tags of more than one byte.
            return syntax("invalid tag");
        }
        let [first, after @ ..] = after else { return syntax("truncated tag or length") };
        let (length, size) = match first {
            0x80 => return syntax("indefinite length found (not DER)"),
            short @ ..0x80 => (usize::from(*short), 2),
            long => {
                let count = usize::from(long & 0x7F);
                let mut length = 0_usize;
                for index in 0..count {
                    let Some(byte) = after.get(index) else { return syntax("truncated tag or length") };
                    if length >= 1 << 23 {
                        return structure("length too large");
                    }
                    length = length << 8 | usize::from(*byte);
                    if length == 0 {
                        return structure("superfluous leading zeros in length");
                    }
                }
                if length < 0x80 {
                    return structure("non-minimal length");
                }
                (length, 2 + count)
            }
        };
        Ok(Header { tag: *tag, length, size })
    }
}

/// Tag and length of an element, and how many bytes these take.
struct Header {
    tag: u8,
    length: usize,
    size: usize,
}

const NOT_MINIMAL_INTEGER: &str = "asn1: structure error: integer not minimally-encoded";

/// The bytes of a bit string, moved to the right end if its last bits are unused.
pub(crate) fn bits(content: &[u8]) -> Option<Vec<u8>> {
    let (unused, bytes) = content.split_first()?;
    let last = bytes.last().copied().unwrap_or(0);
    if *unused > 7 || (bytes.is_empty() && *unused != 0) || last & ((1 << unused) - 1) != 0 {
        return None;
    }
    let mut carried = 0_u8;
    Some(
        bytes
            .iter()
            .map(|byte| {
                let moved = if *unused == 0 { *byte } else { byte >> unused | carried << (8 - unused) };
                carried = byte & ((1 << unused) - 1);
                moved
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::der::write;

    #[test]
    fn elements_come_one_by_one() {
        let bytes = [write::integer(&[5]), write::octet_string(&[9; 200])].concat();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.optional(tag::OCTET_STRING), Ok(None));
        assert_eq!(reader.integer("int"), Ok(Some(&[5][..])));
        assert_eq!(reader.expect(tag::OCTET_STRING, ""), Ok(&[9; 200][..]));
        assert!(reader.is_empty());
        assert_eq!(reader.integer("int"), Err("asn1: syntax error: sequence truncated".to_owned()));
    }

    #[test]
    fn bit_strings_end_at_the_right() {
        assert_eq!(bits(&[0, 1, 2]), Some(vec![1, 2]));
        assert_eq!(bits(&[4, 0x12, 0x30]), Some(vec![0x01, 0x23]));
        for wrong in [&[][..], &[8, 0], &[1], &[4, 0x01]] {
            assert_eq!(bits(wrong), None);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = Reader::new(&bytes);
            while !reader.is_empty() {
                if reader.any().is_err() {
                    break;
                }
            }
            let _ = bits(&bytes);
            let _ = Reader::new(&bytes).integer("int");
            let _ = super::super::oid::dotted(&bytes);
        }
    }
}
