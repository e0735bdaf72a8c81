//! AES-256 in CBC mode, in the form that Sprig gives it: base64 of IV and ciphertext, the password
//! itself as the key, cut or filled with zeros to 32 bytes.
//!
//! Nothing authenticates the text. What decrypts wrongly gives garbage, or the error that Go's
//! slices make of it.

use aws_lc_rs::cipher::{AES_256, AES_CBC_IV_LEN, DecryptingKey, EncryptingKey, UnboundCipherKey};
use aws_lc_rs::cipher::{DecryptionContext, EncryptionContext};
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use chartroom_gotemplate::{CallError, Value};

use super::{provider_failed, random};
use crate::arguments::text;
use crate::encoding::decode_base64;

const BLOCK: usize = AES_CBC_IV_LEN;
const KEY: usize = 32;

pub(super) fn encrypt(arguments: &[Value]) -> Result<Value, CallError> {
    let plain = text(arguments, 1);
    if plain.is_empty() {
        return Ok("".into());
    }
    let mut iv = [0; BLOCK];
    random::fill(&mut iv)?;
    let padding = BLOCK - plain.len() % BLOCK;
    let mut content = Vec::with_capacity(plain.len() + padding);
    content.extend_from_slice(plain);
    content.extend(std::iter::repeat_n(u8::try_from(padding).unwrap_or_default(), padding));
    let key = EncryptingKey::cbc(key(text(arguments, 0))?).map_err(provider_failed)?;
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(&mut content, context).map_err(provider_failed)?;
    let mut sealed = iv.to_vec();
    sealed.append(&mut content);
    Ok(base64::engine::general_purpose::STANDARD.encode(sealed).into())
}

pub(super) fn decrypt(arguments: &[Value]) -> Result<Value, CallError> {
    let coded = text(arguments, 1);
    if coded.is_empty() {
        return Ok("".into());
    }
    let mut sealed = decode_base64(coded)
        .map_err(|place| CallError::new(format!("illegal base64 data at input byte {place}")))?;
    // How much room Go has made for the decoded bytes, line breaks and padding included.
    let capacity = coded.len() / 4 * 3;
    if capacity < BLOCK {
        return Err(CallError::new(format!(
            "runtime error: slice bounds out of range [:{BLOCK}] with capacity {capacity}"
        )));
    }
    if sealed.len() < BLOCK {
        let length = sealed.len();
        return Err(CallError::new(format!("runtime error: slice bounds out of range [{BLOCK}:{length}]")));
    }
    let mut content = sealed.split_off(BLOCK);
    if content.len() % BLOCK != 0 {
        return Err(CallError::new("crypto/cipher: input not full blocks"));
    }
    let iv: [u8; BLOCK] = sealed.try_into().unwrap_or_default();
    if !content.is_empty() {
        let key = DecryptingKey::cbc(key(text(arguments, 0))?).map_err(provider_failed)?;
        let context = DecryptionContext::Iv128(FixedLength::from(iv));
        key.decrypt(&mut content, context).map_err(provider_failed)?;
    }
    let Some(padding) = content.last().copied() else {
        return Err(CallError::new("runtime error: index out of range [-1]"));
    };
    match content.len().checked_sub(usize::from(padding)) {
        Some(length) => {
            content.truncate(length);
            Ok(Value::String(content.into()))
        }
        None => {
            let beyond = usize::from(padding) - content.len();
            Err(CallError::new(format!("runtime error: slice bounds out of range [:-{beyond}]")))
        }
    }
}

fn key(password: &[u8]) -> Result<UnboundCipherKey, CallError> {
    let mut key = [0; KEY];
    let length = password.len().min(KEY);
    key[..length].copy_from_slice(&password[..length]);
    UnboundCipherKey::new(&AES_256, &key).map_err(provider_failed)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_was_encrypted_is_decrypted() {
        for length in [1, 15, 16, 17, 1000] {
            for password in ["", "secret", "a password of more than thirty-two bytes"] {
                let plain = "x".repeat(length);
                let sealed = encrypt(&[password.into(), plain.as_str().into()]).unwrap();
                let opened = decrypt(&[password.into(), sealed]).unwrap();
                assert_eq!(opened.as_text().unwrap().as_bytes(), plain.as_bytes());
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        for length in 0..80 {
            let coded = base64::engine::general_purpose::STANDARD.encode(vec![7; length]);
            let _ = decrypt(&["k".into(), coded.as_str().into()]);
            let _ = decrypt(&["k".into(), format!("{coded}\n\n").into()]);
        }
    }
}
