//! Reading numbers and fields of OpenPGP from bytes, with a check before each step.

use crate::error::Error;

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_be_bytes)
    }

    /// A number of any size: its length in bits, and its bytes.
    pub(crate) fn mpi(&mut self) -> Result<&'a [u8], Error> {
        let bits = self.u16()?;
        self.take(usize::from(bits).div_ceil(8))
    }

    /// A field with its length in one byte, such as the name of a curve. Two lengths are reserved.
    pub(crate) fn short_field(&mut self) -> Result<&'a [u8], Error> {
        match self.u8()? {
            0 | 0xff => Err(Error::unsupported("reserved for future extensions")),
            length => self.take(usize::from(length)),
        }
    }
}
