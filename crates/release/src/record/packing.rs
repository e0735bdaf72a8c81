//! How records are packed: Base64 of gzip.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::RecordError;

/// The largest record that is read. A cluster keeps 1 MiB of it at most, compressed.
pub(super) const MAX_RECORD: usize = 256 << 20;

const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// Base64 of the compressed JSON, with the header that Go's gzip writes: no name, no time, no system.
pub(super) fn pack(json: &[u8]) -> Result<String, RecordError> {
    let failed = |error: std::io::Error| RecordError::Gzip(error.to_string());
    let mut encoder = GzBuilder::new().operating_system(255).write(Vec::new(), Compression::best());
    encoder.write_all(json).map_err(failed)?;
    Ok(STANDARD.encode(encoder.finish().map_err(failed)?))
}

/// The JSON. The oldest releases of all were not compressed.
pub(super) fn unpack(stored: &[u8]) -> Result<Vec<u8>, RecordError> {
    let bytes = STANDARD.decode(stored).map_err(|_| RecordError::Base64)?;
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes);
    }
    let mut json = Vec::with_capacity((bytes.len() * 5).min(MAX_RECORD));
    let bound = MAX_RECORD as u64 + 1;
    let read = GzDecoder::new(&bytes[..]).take(bound).read_to_end(&mut json);
    read.map_err(|error| RecordError::Gzip(error.to_string()))?;
    if json.len() > MAX_RECORD { Err(RecordError::TooLarge) } else { Ok(json) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn packs_with_gos_header() {
        let packed = pack(b"{}").unwrap();
        assert!(packed.starts_with("H4sIAAAAAAAC/"), "{packed}");
        assert_eq!(unpack(packed.as_bytes()).unwrap(), b"{}");
    }

    #[test]
    fn reads_what_is_not_compressed() {
        assert_eq!(unpack(STANDARD.encode("{}").as_bytes()).unwrap(), b"{}");
        assert_eq!(unpack(b"!"), Err(RecordError::Base64));
        assert!(matches!(unpack(STANDARD.encode([0x1f, 0x8b, 8, 0]).as_bytes()), Err(RecordError::Gzip(_))));
    }

    #[test]
    fn inflating_ends_somewhere() {
        let mut encoder = GzBuilder::new().write(Vec::new(), Compression::fast());
        let zeros = vec![0; 1 << 20];
        for _ in 0..=MAX_RECORD >> 20 {
            encoder.write_all(&zeros).unwrap();
        }
        let bomb = STANDARD.encode(encoder.finish().unwrap());
        assert_eq!(unpack(bomb.as_bytes()), Err(RecordError::TooLarge));
    }
}
