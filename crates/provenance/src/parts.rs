//! The parts of keyrings: packets that were read, and those that can't be used left out.

use crate::cursor::Cursor;
use crate::error::Error;
use crate::packet::{Packet, Packets, tag};
use crate::public_key::PublicKey;
use crate::secret_key::SecretKey;
use crate::signature::Signature;

/// A part of a keyring.
#[derive(Debug)]
pub(crate) enum Part {
    Key(Box<PublicKey>, Option<SecretKey>),
    Subkey(Box<PublicKey>, Option<SecretKey>),
    /// As it is: most are UTF-8, and none has to be.
    UserId(Vec<u8>),
    Signature(Box<Signature>),
    /// What has no meaning in a keyring.
    Other,
}

/// Reads parts, and can take one back.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    packets: Packets<'a>,
    length: usize,
    /// Where the last part began.
    start: usize,
    back: Option<Part>,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { packets: Packets::new(bytes), length: bytes.len(), start: 0, back: None }
    }

    /// Where the next part begins, or some bytes before it that mean nothing.
    pub(crate) fn position(&self) -> usize {
        if self.back.is_some() { self.start } else { self.length - self.packets.remaining() }
    }

    /// Lets a part be the next again.
    pub(crate) fn put_back(&mut self, part: Part) {
        self.back = Some(part);
    }

    /// The next part that can be used; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Part>, Error> {
        if let Some(part) = self.back.take() {
            return Ok(Some(part));
        }
        loop {
            self.start = self.position();
            let Some(packet) = self.packets.next()? else { return Ok(None) };
            match part(&packet) {
                Ok(part) => return Ok(Some(part)),
                Err(Error::Unsupported(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn part(packet: &Packet<'_>) -> Result<Part, Error> {
    let body = &*packet.body;
    let public = || PublicKey::parse(&mut Cursor::new(body)).map(Box::new);
    let secret =
        || SecretKey::parse(body, packet.is_cut_off).map(|(public, secret)| (Box::new(public), Some(secret)));
    Ok(match packet.tag {
        tag::PUBLIC_KEY => Part::Key(public()?, None),
        tag::PUBLIC_SUBKEY => Part::Subkey(public()?, None),
        tag::SECRET_KEY => secret().map(|(public, secret)| Part::Key(public, secret))?,
        tag::SECRET_SUBKEY => secret().map(|(public, secret)| Part::Subkey(public, secret))?,
        tag::USER_ID if !packet.is_cut_off => Part::UserId(body.to_vec()),
        tag::SIGNATURE => Part::Signature(Box::new(Signature::parse(body)?)),
        _ if packet.is_cut_off => return Err(Error::Truncated),
        _ => Part::Other,
    })
}
