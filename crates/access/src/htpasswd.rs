//! Users of an htpasswd file, for those who come from other registries.
//!
//! Only bcrypt is taken (`htpasswd -B`): the other forms are broken by any laptop.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::Error;
use crate::password::{bcrypt_cost, is_bcrypt};

/// The largest file that is read.
const MAX_BYTES: u64 = 16 << 20;

/// The users of an htpasswd file.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Htpasswd {
    users: HashMap<String, String>,
    slowest: Option<String>,
}

impl Htpasswd {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
        let size = fs::metadata(path).map_err(unreadable)?.len();
        if size > MAX_BYTES {
            return Err(unreadable(std::io::Error::other("it is larger than 16 MiB")));
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text).map_err(|(line, message)| Error::Htpasswd { path: path.to_owned(), line, message })
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut users = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |message: &str| (index + 1, message.to_owned());
            let (name, hash) = line.split_once(':').ok_or_else(|| fault("there is no `:` after the name"))?;
            if name.is_empty() {
                return Err(fault("there is no name before the `:`"));
            }
            if !is_bcrypt(hash) {
                return Err(fault(
                    "the hash is not bcrypt with a cost of 4 to 16; make the line with `htpasswd -B`",
                ));
            }
            users.insert(name.to_owned(), hash.to_owned());
        }
        let slowest = users.values().max_by_key(|hash| bcrypt_cost(hash)).cloned();
        Ok(Self { users, slowest })
    }

    /// The hash of a user's password.
    pub(crate) fn hash(&self, name: &str) -> Option<&str> {
        self.users.get(name).map(String::as_str)
    }

    /// The hash that takes longest to check, whosever it is.
    pub(crate) fn slowest(&self) -> Option<&str> {
        self.slowest.as_deref()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const HASH: &str = "$2y$05$WSOAEbAhIrBpLdXCfTVFeO2Oa3IEJWcqDhS7tjNrHYVHZ7mwQXvpq";

    #[test]
    fn users_are_read_line_by_line() {
        let users = Htpasswd::parse(&format!("# people\n\nanna:{HASH}\n bob:{HASH} \r\n")).unwrap();
        assert_eq!(users.users.len(), 2);
        assert_eq!(users.hash("anna"), Some(HASH));
        assert_eq!(users.hash("bob"), Some(HASH));
        assert_eq!(users.hash("carl"), None);
    }

    #[test]
    fn the_slowest_is_the_one_of_the_highest_cost() {
        let slow = HASH.replace("$05$", "$12$");
        let users = Htpasswd::parse(&format!("anna:{HASH}\nbob:{slow}\ncarl:{HASH}\n")).unwrap();
        assert_eq!(users.slowest(), Some(&*slow));
        assert_eq!(Htpasswd::parse("").unwrap().slowest(), None);
    }

    #[test]
    fn what_is_weak_or_wrong_is_an_error_with_its_line() {
        for (text, line) in
            [("anna", 1), (&*format!("a:{HASH}\n:{HASH}"), 2), ("a:$apr1$x$y", 1), ("a:plain", 1)]
        {
            assert_eq!(Htpasswd::parse(text).err().unwrap().0, line, "{text}");
        }
    }
}
