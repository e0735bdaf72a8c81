//! How a stream of OpenPGP falls into packets (RFC 9580, section 4.2). What is in them is read elsewhere.

use std::borrow::Cow;

use crate::cursor::Cursor;
use crate::error::Error;

/// The types of packets that are told apart here.
pub(crate) mod tag {
    pub(crate) const SIGNATURE: u8 = 2;
    pub(crate) const SECRET_KEY: u8 = 5;
    pub(crate) const PUBLIC_KEY: u8 = 6;
    pub(crate) const SECRET_SUBKEY: u8 = 7;
    pub(crate) const MARKER: u8 = 10;
    pub(crate) const TRUST: u8 = 12;
    pub(crate) const USER_ID: u8 = 13;
    pub(crate) const PUBLIC_SUBKEY: u8 = 14;
    /// From here on, what is not known may be skipped.
    pub(crate) const NON_CRITICAL: u8 = 40;
}

/// A packet.
#[derive(Debug)]
pub(crate) struct Packet<'a> {
    pub(crate) tag: u8,
    /// What there is of it: at the end of the stream, a packet may be cut off. Most can't be read then;
    /// what is wrong with the part that is there counts first.
    pub(crate) body: Cow<'a, [u8]>,
    pub(crate) is_cut_off: bool,
}

/// A stream of packets.
#[derive(Clone, Debug)]
pub(crate) struct Packets<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Packets<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(bytes) }
    }

    /// How many bytes are left.
    pub(crate) fn remaining(&self) -> usize {
        self.cursor.rest().len()
    }

    /// The next packet that means anything; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Packet<'a>>, Error> {
        loop {
            let Some(packet) = self.any()? else { return Ok(None) };
            match packet.tag {
                tag::MARKER | tag::TRUST | tag::NON_CRITICAL.. => {}
                1..=9 | 11 | 13 | 14 | 17 | 18 | 20 | 21 => return Ok(Some(packet)),
                tag => return Err(Error::CriticalPacket(tag)),
            }
        }
    }

    fn any(&mut self) -> Result<Option<Packet<'a>>, Error> {
        if self.cursor.is_empty() {
            return Ok(None);
        }
        let first = self.cursor.u8()?;
        if first & 0x80 == 0 {
            return Err(Error::malformed("tag byte does not have MSB set"));
        }
        if first & 0x40 != 0 {
            let (body, is_cut_off) = self.chunked()?;
            return Ok(Some(Packet { tag: first & 0x3f, body, is_cut_off }));
        }
        let tag = (first & 0x3f) >> 2;
        let length = match first & 3 {
            0 => usize::from(self.cursor.u8()?),
            1 => usize::from(self.cursor.u16()?),
            2 => self.cursor.u32()? as usize,
            _ => self.remaining(),
        };
        let (body, is_cut_off) = self.body(length);
        Ok(Some(Packet { tag, body: body.into(), is_cut_off }))
    }

    /// The body of a packet of the new format, which may come in chunks.
    fn chunked(&mut self) -> Result<(Cow<'a, [u8]>, bool), Error> {
        let (length, mut partial) = self.length()?;
        let (first, mut is_cut_off) = self.body(length);
        let mut body = Cow::Borrowed(first);
        while partial && !is_cut_off {
            match self.length() {
                Ok((length, more)) => {
                    let (chunk, cut_off) = self.body(length);
                    body.to_mut().extend_from_slice(chunk);
                    (partial, is_cut_off) = (more, cut_off);
                }
                Err(_) => is_cut_off = true,
            }
        }
        Ok((body, is_cut_off))
    }

    /// A length of the new format, and whether more chunks follow.
    fn length(&mut self) -> Result<(usize, bool), Error> {
        Ok(match self.cursor.u8()? {
            short @ ..192 => (usize::from(short), false),
            high @ 192..224 => {
                ((usize::from(high) - 192) * 256 + usize::from(self.cursor.u8()?) + 192, false)
            }
            power @ 224..255 => (1 << (power & 0x1f), true),
            255 => (self.cursor.u32()? as usize, false),
        })
    }

    fn body(&mut self, length: usize) -> (&'a [u8], bool) {
        let there = length.min(self.remaining());
        (self.cursor.take(there).unwrap_or_default(), there < length)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, String> {
        let mut packets = Packets::new(bytes);
        let mut found = Vec::new();
        while let Some(packet) = packets.next().map_err(|error| error.to_string())? {
            found.push((packet.tag, packet.body.into_owned()));
        }
        Ok(found)
    }

    #[test]
    fn lengths_of_all_formats_are_read() {
        assert_eq!(all(&[0xcd, 2, b'a', b'b']).unwrap(), [(13, b"ab".to_vec())]);
        assert_eq!(
            all(&[0xb4, 1, b'a', 0xb5, 0, 1, b'b', 0xb6, 0, 0, 0, 1, b'c', 0xb7, b'd', b'e']).unwrap(),
            [(13, b"a".to_vec()), (13, b"b".to_vec()), (13, b"c".to_vec()), (13, b"de".to_vec())]
        );
        let long = [&[0xcd, 0xc0, 8][..], &[7; 200]].concat();
        assert_eq!(all(&long).unwrap(), [(13, vec![7; 200])]);
        assert_eq!(all(&[0xcd, 0xff, 0, 0, 0, 1, 9]).unwrap(), [(13, vec![9])]);
        assert_eq!(all(&[0xcd, 0xe1, 1, 2, 0xe0, 3, 1, 4]).unwrap(), [(13, vec![1, 2, 3, 4])]);
    }

    #[test]
    fn what_means_nothing_is_skipped_and_what_must_not_be_is_an_error() {
        // A marker, trust, and something private that is cut off.
        assert_eq!(all(&[0xca, 1, 1, 0xcc, 1, 1, 0xff, 9, 1]).unwrap(), []);
        assert_eq!(all(&[0xd6, 0]).unwrap_err(), "openpgp: unknown critical packet type: 22");
        assert_eq!(all(b"hello").unwrap_err(), "openpgp: invalid data: tag byte does not have MSB set");
        for short in [&[0xcd][..], &[0xcd, 0xc0], &[0xcd, 0xff, 0], &[0xb5, 1]] {
            assert_eq!(all(short).unwrap_err(), "unexpected EOF", "{short:?}");
        }
        for cut in [&[0xcd, 2, 1][..], &[0xcd, 0xe0, 1], &[0xcd, 0xe0, 1, 0xe0], &[0xb5, 1, 0, 1]] {
            let packet = Packets::new(cut).next().unwrap().unwrap();
            assert!(packet.is_cut_off && *packet.body == [1], "{cut:?}");
        }
    }
}
