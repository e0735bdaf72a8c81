//! Passwords: hashing with Argon2id, and checking against what hashes there are.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use crate::Error;

/// The longest password that is looked at. Hashing takes longer the longer the password.
pub const MAX_PASSWORD: usize = 4096;

/// What a password that nobody has is compared with, so that it takes as long as one that somebody
/// has: the hash of a text that was thrown away, with the parameters that [`hash`] uses.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$q4TzHDXxS5eCzEeLbYq3tA$ZbyC3JhKe6hDG8mIkWbhA2ZlyOX8IebrWfE1RFh9Wjk";

/// Hashes a password with Argon2id and a fresh salt, as a PHC string. Takes tens of milliseconds.
///
/// # Errors
///
/// If it is longer than [`MAX_PASSWORD`], or the system has no random numbers.
pub fn hash(password: &str) -> Result<String, Error> {
    if password.len() > MAX_PASSWORD {
        return Err(Error::Cryptography("a password has at most 4096 bytes"));
    }
    let hashed = Argon2::default().hash_password(password.as_bytes());
    Ok(hashed.map_err(|_| Error::Cryptography("the password can't be hashed"))?.to_string())
}

/// Whether a password has this hash: Argon2 as a PHC string, or bcrypt. Takes tens of milliseconds.
pub(crate) fn verify(password: &str, hash: &str) -> bool {
    if password.len() > MAX_PASSWORD {
        return false;
    }
    if is_bcrypt(hash) {
        // bcrypt takes no account of what comes after 72 bytes; htpasswd files are made so.
        return bcrypt::verify(password, hash).unwrap_or(false);
    }
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Takes as long as [`verify`] does with a hash of [`hash`], for a user who has none. Never right.
pub(crate) fn pretend(password: &str) -> bool {
    let _ = verify(password, NOBODY);
    false
}

/// The cost of a hash of bcrypt: the logarithm of its rounds.
pub(crate) fn bcrypt_cost(hash: &str) -> Option<u32> {
    hash.get(4..6)?.parse().ok()
}

/// Whether a hash is bcrypt's: `$2a$`, `$2b$` or `$2y$`, a cost, and 53 characters.
pub(crate) fn is_bcrypt(hash: &str) -> bool {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix));
    let Some((cost, digits)) = rest.and_then(|rest| rest.split_once('$')) else { return false };
    let cost = cost.parse::<u32>();
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/';
    // More than 2^16 rounds would take a second or longer for each guess of a stranger.
    cost.is_ok_and(|cost| (4..=16).contains(&cost)) && digits.len() == 53 && digits.bytes().all(alphabet)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_password_has_its_hash_and_no_other() {
        let hashed = hash("correct horse").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(verify("correct horse", &hashed));
        assert!(!verify("correct horse ", &hashed));
        assert!(!verify("", &hashed));
        assert_ne!(hashed, hash("correct horse").unwrap(), "each has its own salt");
        assert!(hash(&"x".repeat(MAX_PASSWORD + 1)).is_err());
    }

    #[test]
    fn the_hash_of_nobody_costs_what_others_cost() {
        let parsed = PasswordHash::new(NOBODY).unwrap();
        let ours = hash("x").unwrap();
        assert_eq!(parsed.params, PasswordHash::new(&ours).unwrap().params);
        assert_eq!(parsed.algorithm, PasswordHash::new(&ours).unwrap().algorithm);
        assert!(!verify("", NOBODY));
    }

    #[test]
    fn bcrypt_as_htpasswd_writes_it() {
        let hashed = bcrypt::hash("secret", 4).unwrap();
        assert!(is_bcrypt(&hashed) && verify("secret", &hashed) && !verify("Secret", &hashed));
        for other in [
            "",
            "$apr1$x$y",
            "{SHA}xyz",
            "$2y$31$abc",
            "$2y$20$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(!is_bcrypt(other) && !verify("secret", other), "{other}");
        }
    }
}
