//! Keyboxes (`pubring.kbx`): how GnuPG 2.1 and later keep public keys. A keybox is a row of blobs, each
//! with its length in front; those of OpenPGP say where in them the packets of a key are. (The format is
//! described in GnuPG's `kbx/keybox-blob.c`.)

use crate::cursor::Cursor;
use crate::error::Error;

/// Types of blobs.
const HEADER: u8 = 1;
const OPENPGP: u8 = 2;
/// What marks a blob that is not part of the keyring yet.
const EPHEMERAL: u16 = 0x0002;
/// Length and type.
const SHORTEST: usize = 5;

/// Whether the data begins as a keybox does.
pub(crate) fn is_keybox(data: &[u8]) -> bool {
    data.get(4) == Some(&HEADER) && data.get(8..12) == Some(b"KBXf")
}

/// The packets of all keys in a keybox, one after the other.
///
/// # Errors
///
/// [`Error::Keybox`], where a length leads out of the data, or where there are no keys.
pub fn keyblocks(data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut keys = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let at = data.len() - rest.len();
        let problem = |problem: String| Error::Keybox(problem);
        if rest.len() < SHORTEST {
            return Err(problem(format!("truncated blob header at offset {at}")));
        }
        let length = Cursor::new(rest).u32().unwrap_or_default() as usize;
        if length < SHORTEST {
            return Err(problem(format!("invalid blob length {length} at offset {at}")));
        }
        let Some((blob, after)) = rest.split_at_checked(length) else {
            return Err(problem(format!(
                "blob at offset {at} has length {length} exceeding the {} remaining bytes",
                rest.len()
            )));
        };
        rest = after;
        if blob.get(4) == Some(&OPENPGP) {
            let too_short = |_| problem(format!("OpenPGP blob at offset {at} is too short"));
            let (flags, start, length) = fields(blob).map_err(too_short)?;
            let key = start.checked_add(length).and_then(|end| blob.get(start..end));
            let key = key.ok_or_else(|| {
                problem(format!("OpenPGP blob at offset {at} has an out-of-range keyblock"))
            })?;
            if flags & EPHEMERAL == 0 {
                keys.extend_from_slice(key);
            }
        }
    }
    if keys.is_empty() {
        return Err(Error::Keybox("keybox contains no OpenPGP keys".to_owned()));
    }
    Ok(keys)
}

/// A blob's flags, and where its key begins and how long it is.
fn fields(blob: &[u8]) -> Result<(u16, usize, usize), Error> {
    let mut cursor = Cursor::new(blob);
    cursor.take(6)?;
    Ok((cursor.u16()?, cursor.u32()? as usize, cursor.u32()? as usize))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn blob(kind: u8, flags: u16, key: &[u8]) -> Vec<u8> {
        let length = u32::try_from(20 + key.len()).unwrap();
        let key_length = u32::try_from(key.len()).unwrap();
        let fields = [&length.to_be_bytes()[..], &[kind, 1], &flags.to_be_bytes(), &20_u32.to_be_bytes()];
        [&fields.concat()[..], &key_length.to_be_bytes(), &[0; 4], key].concat()
    }

    fn header() -> Vec<u8> {
        [&32_u32.to_be_bytes()[..], &[1, 1, 0, 0], b"KBXf", &[0; 20]].concat()
    }

    #[test]
    fn keys_are_found_in_a_row() {
        let all =
            [header(), blob(2, 0, b"one"), blob(3, 0, b"x509"), blob(2, 2, b"not yet"), blob(2, 0, b"two")];
        assert!(is_keybox(&all.concat()));
        assert_eq!(keyblocks(&all.concat()).unwrap(), b"onetwo");
    }

    #[test]
    fn damage_is_told_in_helms_words() {
        let message = |data: Vec<u8>| keyblocks(&data).unwrap_err().to_string();
        assert_eq!(message(header()), "keybox contains no OpenPGP keys");
        assert_eq!(message([header(), vec![0; 3]].concat()), "truncated blob header at offset 32");
        assert_eq!(message([header(), vec![0; 9]].concat()), "invalid blob length 0 at offset 32");
        let mut cut = blob(2, 0, b"one");
        cut.pop();
        assert_eq!(
            message([header(), cut].concat()),
            "blob at offset 32 has length 23 exceeding the 22 remaining bytes"
        );
        assert_eq!(message(vec![0, 0, 0, 9, 2, 0, 0, 0, 0]), "OpenPGP blob at offset 0 is too short");
        let mut outside = blob(2, 0, b"one");
        outside[11] = 0xff;
        assert_eq!(message(outside.clone()), "OpenPGP blob at offset 0 has an out-of-range keyblock");
        outside[8..16].fill(0xff);
        assert_eq!(message(outside), "OpenPGP blob at offset 0 has an out-of-range keyblock");
    }

    proptest! {
        #[test]
        fn keys_are_never_larger_than_the_keybox(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            blobs in prop::collection::vec((0_u8..4, 0_u16..4, prop::collection::vec(any::<u8>(), 0..20)), 0..5),
            flip in any::<prop::sample::Index>(),
            to in any::<u8>(),
        ) {
            let _ = keyblocks(&bytes);
            let mut data: Vec<u8> = blobs.iter().flat_map(|(kind, flags, key)| blob(*kind, *flags, key)).collect();
            let expected: Vec<u8> = blobs
                .iter()
                .filter(|(kind, flags, _)| *kind == 2 && flags & 2 == 0)
                .flat_map(|(_, _, key)| key.clone())
                .collect();
            prop_assert_eq!(keyblocks(&data).unwrap_or_default(), expected);
            if !data.is_empty() {
                let at = flip.index(data.len());
                data[at] = to;
                prop_assert!(keyblocks(&data).unwrap_or_default().len() <= data.len());
            }
        }
    }
}
