//! With keys that are made here: of the newest version too, which GnuPG and old Helms don't know.

use chartroom_provenance::{Keyring, Signer};
use chartroom_test_support::Peer;
use pgp::composed::{
    EncryptionCaps, KeyType, SecretKeyParamsBuilder, SignedPublicKey, SignedSecretKey, SubkeyParamsBuilder,
};
use pgp::ser::Serialize as _;
use pgp::types::KeyVersion;

use crate::{ARCHIVE, NAME, check, problem, sign};

/// The name of all keys that are made here.
pub(crate) const OWNER: &str = "Made <made@example.com>";

/// A key with its secret and its public half.
pub(crate) fn key(version: KeyVersion, kind: KeyType, subkey: Option<KeyType>) -> (Vec<u8>, Vec<u8>) {
    let mut parameters = SecretKeyParamsBuilder::default();
    parameters.version(version).key_type(kind).can_certify(true).can_sign(subkey.is_none());
    parameters.primary_user_id(OWNER.to_owned());
    if let Some(kind) = subkey {
        let mut subkey = SubkeyParamsBuilder::default();
        subkey.version(version).key_type(kind).can_sign(true).can_encrypt(EncryptionCaps::None);
        parameters.subkeys(vec![subkey.build().unwrap()]);
    }
    let secret: SignedSecretKey = parameters.build().unwrap().generate(rand::rngs::OsRng).unwrap();
    let public = SignedPublicKey::from(secret.clone());
    (secret.to_bytes().unwrap(), public.to_bytes().unwrap())
}

#[test]
fn keys_of_both_versions_sign_and_verify() {
    let helm = Peer::find("helm-4.3.1");
    for (version, kind, subkey, digits) in [
        (KeyVersion::V4, KeyType::Ed25519Legacy, None, 40),
        (KeyVersion::V4, KeyType::Ed25519Legacy, Some(KeyType::Ed25519Legacy), 40),
        (KeyVersion::V4, KeyType::Ed25519, None, 40),
        (KeyVersion::V6, KeyType::Ed25519, None, 64),
        (KeyVersion::V6, KeyType::Ed25519, Some(KeyType::Ed25519), 64),
        (KeyVersion::V6, KeyType::Ed448, None, 64),
    ] {
        let (secret, public) = key(version, kind.clone(), subkey);
        let signed = sign(secret, "made@", b"").unwrap();
        let verified = check(&signed, &public).unwrap();
        assert_eq!(verified.signed_by, [OWNER]);
        assert_eq!(verified.fingerprint.len(), digits);
        assert_eq!(signed.contains("\nHash: SHA512\n"), version == KeyVersion::V4);
        let changed = signed.replacen("webapp", "webapq", 1);
        assert!(problem(changed, &public).ends_with("verification failure") || version == KeyVersion::V6);
        if let Some(helm) = &helm {
            helm.write(NAME, ARCHIVE);
            helm.write(&format!("{NAME}.prov"), &signed);
            helm.write("public.gpg", &public);
            let theirs = helm.ok(&["verify", NAME, "--keyring", "public.gpg"]);
            assert_eq!(theirs.stdout, verified.to_string(), "{kind:?}");
        }
    }
}

#[test]
fn the_signature_of_another_key_is_refused() {
    let (secret, _) = key(KeyVersion::V4, KeyType::Ed25519Legacy, None);
    let (_, public) = key(KeyVersion::V4, KeyType::Ed25519Legacy, None);
    let signed = sign(secret, "made@", b"").unwrap();
    assert_eq!(problem(signed, &public), "openpgp: signature made by unknown entity");
}

#[test]
fn the_same_text_is_never_signed_the_same() {
    let (secret, public) = key(KeyVersion::V4, KeyType::Ed25519Legacy, None);
    let mut signer = Signer::find(&Keyring::parse(secret).unwrap(), OWNER).unwrap();
    assert!(!signer.is_locked());
    signer.unlock(b"").unwrap();
    let digest = chartroom_provenance::sha256(ARCHIVE);
    let sign = || signer.sign("name: x\n", NAME, &digest).unwrap();
    let (one, other) = (sign(), sign());
    assert_ne!(one, other);
    assert!(check(one, &public).is_ok() && check(other, &public).is_ok());
}
