//! Random bytes that are the same in every run with the same seed.

use std::io::{self, Read};
use std::time::{SystemTime, UNIX_EPOCH};

/// A small generator (SplitMix64): fast, seeded, and no more than that.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator that gives the same numbers for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A seed that differs from run to run, for the caller to print; `CHARTROOM_TEST_SEED` fixes it.
    pub fn fresh_seed() -> u64 {
        if let Ok(text) = std::env::var("CHARTROOM_TEST_SEED") {
            return text.parse().expect("CHARTROOM_TEST_SEED is a number");
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.as_secs() ^ u64::from(now.subsec_nanos()) << 32
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number in `0..limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        assert!(limit > 0, "there is no number below 0");
        self.number() % limit
    }

    /// Fills a buffer.
    pub fn fill(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.number().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }

    /// That many bytes, which no compression makes smaller.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes
    }
}

/// A stream of bytes of a known length, which is never in memory as a whole and can begin
/// anywhere in it: one random block again and again, each time with its number in front.
#[derive(Clone, Debug)]
pub struct RandomReader {
    block: Vec<u8>,
    position: u64,
    length: u64,
}

impl RandomReader {
    const BLOCK: usize = 64 * 1024;

    /// A stream of `length` bytes.
    pub fn new(seed: u64, length: u64) -> Self {
        Self { block: Random::seeded(seed).bytes(Self::BLOCK), position: 0, length }
    }

    /// The same stream, from this byte on.
    pub fn from(mut self, position: u64) -> Self {
        self.position = position.min(self.length);
        self
    }
}

impl Read for RandomReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < buffer.len() && self.position < self.length {
            let number = self.position / Self::BLOCK as u64;
            self.block[..8].copy_from_slice(&number.to_le_bytes());
            let used = usize::try_from(self.position % Self::BLOCK as u64).expect("less than a block");
            let left = usize::try_from(self.length - self.position).unwrap_or(usize::MAX);
            let length = (buffer.len() - written).min(Self::BLOCK - used).min(left);
            buffer[written..written + length].copy_from_slice(&self.block[used..used + length]);
            written += length;
            self.position += length as u64;
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_however_it_is_read() {
        let mut whole = Vec::new();
        RandomReader::new(7, 200_000).read_to_end(&mut whole).unwrap();
        assert_eq!(whole.len(), 200_000);
        assert_ne!(whole[..65_536], whole[65_536..131_072]);
        let mut end = Vec::new();
        RandomReader::new(7, 200_000).from(131_000).read_to_end(&mut end).unwrap();
        assert_eq!(end, whole[131_000..]);
        let mut pieces = Vec::new();
        let mut reader = RandomReader::new(7, 200_000);
        let mut buffer = [0; 37];
        loop {
            let length = reader.read(&mut buffer).unwrap();
            if length == 0 {
                break;
            }
            pieces.extend_from_slice(&buffer[..length]);
        }
        assert_eq!(whole, pieces);
    }

    #[test]
    fn another_seed_gives_other_bytes() {
        assert_eq!(Random::seeded(1).bytes(20), Random::seeded(1).bytes(20));
        assert_ne!(Random::seeded(1).bytes(20), Random::seeded(2).bytes(20));
    }
}
