//! Bytes from strangers: nothing makes it panic, and nothing that was changed is believed.

use std::sync::LazyLock;

use chartroom_provenance::{Checksums, Cleartext, Keyring};
use pgp::composed::KeyType;
use pgp::types::KeyVersion;
use proptest::prelude::*;

use crate::made::key;
use crate::{check, sign};

struct Signed {
    secret: Vec<u8>,
    public: Vec<u8>,
    provenance: String,
}

/// A key with a subkey, and what it signed.
static SIGNED: LazyLock<Signed> = LazyLock::new(|| {
    let (secret, public) = key(KeyVersion::V4, KeyType::Ed25519Legacy, Some(KeyType::Ed25519Legacy));
    let provenance = sign(secret.clone(), "made@", b"").unwrap();
    Signed { secret, public, provenance }
});

/// What can happen to bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(u8),
    Cut,
    Remove(usize),
    Repeat(usize),
}

fn change() -> impl Strategy<Value = (prop::sample::Index, Change)> {
    let change = prop_oneof![
        4 => any::<u8>().prop_map(Change::Set),
        1 => Just(Change::Cut),
        1 => (1_usize..20).prop_map(Change::Remove),
        1 => (1_usize..60).prop_map(Change::Repeat),
    ];
    (any::<prop::sample::Index>(), change)
}

fn changed(bytes: &[u8], changes: &[(prop::sample::Index, Change)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, change) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = place.index(bytes.len());
        match change {
            Change::Set(byte) => bytes[at] = *byte,
            Change::Cut => bytes.truncate(at),
            Change::Remove(length) => drop(bytes.drain(at..bytes.len().min(at + length))),
            Change::Repeat(length) => {
                let again = bytes[at..bytes.len().min(at + length)].to_vec();
                bytes.splice(at..at, again);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changed_keyrings_are_read_or_refused(changes in prop::collection::vec(change(), 1..4)) {
        for bytes in [&SIGNED.public, &SIGNED.secret] {
            let bytes = changed(bytes, &changes);
            if let Ok(verified) = check(&SIGNED.provenance, &bytes) {
                // Only whose own signature still holds is anybody.
                prop_assert_eq!(verified.signed_by, [crate::made::OWNER]);
            }
            let _ = sign(bytes, "made@", b"");
        }
    }

    #[test]
    fn a_text_that_was_changed_is_not_believed(changes in prop::collection::vec(change(), 1..4)) {
        let bytes = changed(SIGNED.provenance.as_bytes(), &changes);
        if check(&bytes, &SIGNED.public).is_ok() {
            let text = |bytes: &[u8]| Cleartext::parse(bytes).unwrap().text;
            prop_assert_eq!(text(&bytes), text(SIGNED.provenance.as_bytes()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Keyring::parse(bytes.clone());
        let _ = Keyring::parse([b"\x00\x00\x00\x20\x01\x01\x00\x00KBXf".as_slice(), &bytes].concat());
        let _ = Keyring::parse([b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n".as_slice(), &bytes].concat());
        let _ = Checksums::parse(&bytes);
        let _ = check(&bytes, &SIGNED.public);
    }

    #[test]
    fn packets_in_any_order_are_read_or_refused(order in prop::collection::vec(0_usize..5, 0..8)) {
        let packets = split(&SIGNED.public);
        let bytes: Vec<u8> = order.iter().filter_map(|number| packets.get(*number)).flatten().copied().collect();
        let _ = Keyring::parse(bytes);
    }
}

/// The packets of a key, which are all of the new format and short.
fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    let mut rest = bytes;
    while let [_, first, ..] = rest {
        let length = match first {
            short @ ..192 => usize::from(*short) + 2,
            high => (usize::from(*high) - 192) * 256 + usize::from(rest[2]) + 192 + 3,
        };
        let (packet, after) = rest.split_at(length);
        packets.push(packet.to_vec());
        rest = after;
    }
    assert_eq!(packets.len(), 5);
    packets
}

#[test]
fn many_small_things_take_no_time() {
    // The key's own signature a thousand times and more, each of which would be checked.
    let signature = &split(&SIGNED.public)[2];
    let signed = [&split(&SIGNED.public)[..2].concat()[..], &signature.repeat(50_000)].concat();
    let problem = Keyring::parse(signed).unwrap_err().to_string();
    assert_eq!(problem, "openpgp: invalid data: too many signatures");
    // Half a million names, and as many keys without any.
    let names = [&SIGNED.public[..], &[0xcd, 1, b'x'].repeat(500_000)].concat();
    assert!(Keyring::parse(names).is_ok());
    let first = &split(&SIGNED.public)[0];
    assert!(Keyring::parse(first.repeat(100_000)).is_err());
    let chunks = [&[0xcd][..], &[0xe0, b'x'].repeat(500_000)].concat();
    assert!(Keyring::parse(chunks).is_err());
    let lines = format!("-----BEGIN PGP SIGNED MESSAGE-----\n\n{}", "- -\n".repeat(1_000_000));
    assert!(Cleartext::parse(lines.as_bytes()).is_none());
}
