//! Passwords derived from a master password: the algorithm of Master Password, version 1, as Sprig
//! has it.

use aws_lc_rs::hmac;
use chartroom_gotemplate::{CallError, Value};

use crate::arguments::{int, text};

/// What every seed begins with.
const SCOPE: &[u8] = b"com.lyndir.masterpassword";

pub(super) fn derive_password(arguments: &[Value]) -> Result<Value, CallError> {
    let counter = u32::try_from(int(arguments, 0)).unwrap_or_default();
    let [kind, password, user, site] = [1, 2, 3, 4].map(|index| text(arguments, index));
    let Some(templates) = templates(kind) else {
        return Ok(Value::String([&b"cannot find password template "[..], kind].concat().into()));
    };
    let salt = [SCOPE, &length(user), user].concat();
    let mut key = [0; 64];
    // N = 2^15, r = 8, p = 2: 32 MiB of memory.
    scrypt::Params::new(15, 8, 2)
        .map_err(|error| error.to_string())
        .and_then(|parameters| {
            scrypt::scrypt(password, &salt, &parameters, &mut key).map_err(|error| error.to_string())
        })
        .map_err(|error| CallError::new(format!("failed to derive password: {error}")))?;
    let message = [SCOPE, &length(site), site, &counter.to_be_bytes()].concat();
    let seed = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message);
    let Some((first, rest)) = seed.as_ref().split_first() else {
        return Err(CallError::new("failed to derive password: no seed"));
    };
    let template = templates[usize::from(*first) % templates.len()];
    let characters = template.bytes().zip(rest).map(|(class, byte)| {
        let alphabet = alphabet(class);
        char::from(alphabet[usize::from(*byte) % alphabet.len()])
    });
    Ok(characters.collect::<String>().into())
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// The forms of passwords of a kind: one letter for the class of each character.
fn templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn alphabet(class: u8) -> &'static [u8] {
    match class {
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}
