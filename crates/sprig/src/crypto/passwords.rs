//! bcrypt, and lines for password files of web servers.

use chartroom_gotemplate::{CallError, Value};

use super::random;
use crate::arguments::text;

/// The cost that Go's library calls its default.
const COST: u32 = 10;
/// bcrypt looks at no more bytes than these.
const MAX_LENGTH: usize = 72;

pub(super) fn bcrypt(arguments: &[Value]) -> Result<Value, CallError> {
    Ok(hash(text(arguments, 0))?.into())
}

pub(super) fn htpasswd(arguments: &[Value]) -> Result<Value, CallError> {
    let (user, password) = (text(arguments, 0), text(arguments, 1));
    if user.contains(&b':') {
        return Ok(Value::String([&b"invalid username: "[..], user].concat().into()));
    }
    Ok(Value::String([user, b":", hash(password)?.as_bytes()].concat().into()))
}

/// The hash in its usual form, `$2a$10$…`; what Sprig says instead where there is none.
fn hash(password: &[u8]) -> Result<String, CallError> {
    if password.len() > MAX_LENGTH {
        return Ok(format!(
            "failed to encrypt string with bcrypt: bcrypt: password length exceeds {MAX_LENGTH} bytes"
        ));
    }
    let mut salt = [0; 16];
    random::fill(&mut salt)?;
    let parts = bcrypt::hash_with_salt(password, COST, salt);
    let parts = parts.map_err(|error| CallError::new(error.to_string()))?;
    Ok(parts.format_for_version(bcrypt::Version::TwoA))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn call(function: fn(&[Value]) -> Result<Value, CallError>, arguments: &[&str]) -> String {
        let arguments: Vec<Value> = arguments.iter().map(|argument| Value::from(*argument)).collect();
        function(&arguments).unwrap().as_text().unwrap().to_string()
    }

    #[test]
    fn hashes_fit_their_passwords_and_no_other() {
        let longest = "0123456789".repeat(8)[..72].to_owned();
        for password in ["", "secret", "zero\0inside", longest.as_str()] {
            let hash = call(bcrypt, &[password]);
            assert!(hash.starts_with("$2a$10$"), "{hash}");
            assert_eq!(hash.len(), 60);
            assert!(::bcrypt::verify(password, &hash).unwrap());
        }
        let hash = call(bcrypt, &["secret"]);
        assert!(!::bcrypt::verify("Secret", &hash).unwrap());
        assert_ne!(hash, call(bcrypt, &["secret"]));
    }

    #[test]
    fn htpasswd_puts_the_user_before_the_hash() {
        let line = call(htpasswd, &["me", "secret"]);
        let hash = line.strip_prefix("me:").unwrap();
        assert!(::bcrypt::verify("secret", hash).unwrap());
    }
}
