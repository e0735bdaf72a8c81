//! One credential file: what it says of a registry, and the order in which to believe it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::{Error, Result};
use super::json::{Fault, Object, position, quote};
use super::target::LoginTarget;

/// Credential files are a few kilobytes; more than this is none.
const MAX_BYTES: u64 = 4 << 20;

/// A credential file's text, and what in it concerns logins.
#[derive(Clone, Default)]
pub(super) struct Document<'a> {
    top: Object<'a>,
    auths: Object<'a>,
    creds_store: Option<String>,
    cred_helpers: Vec<(String, String)>,
}

/// Where in a file to look next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The entry of `auths` with this key.
    Entry(String),
    /// What this helper keeps under this key.
    Helper { name: String, key: String },
}

/// Reads a credential file's text; one that is not there is empty.
pub(super) fn read(path: &Path) -> Result<String> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => 0,
        Err(error) => return Err(unreadable(error)),
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unreadable(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 4 MiB")));
    }
    match String::from_utf8(bytes) {
        // A byte order mark, which PowerShell likes to write.
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let at = position(&String::from_utf8_lossy(&error.as_bytes()[..valid]), valid);
            Err(malformed(path, Fault { at, message: "the text is not UTF-8".to_owned() }))
        }
    }
}

pub(super) fn malformed(path: &Path, fault: Fault) -> Error {
    let Fault { at: (line, column), message } = fault;
    Error::Malformed { path: path.to_owned(), line, column, message }
}

impl<'a> Document<'a> {
    /// Understands a file's text. Entries of `auths` are not looked into.
    pub(super) fn parse(text: &'a str) -> Result<Self, Fault> {
        let top = Object::parse(text)?;
        // Values are parts of the text, which tells where they stand.
        let fault = |value: &str, message: &str| {
            let offset = (value.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            Fault { at: position(text, offset), message: message.to_owned() }
        };
        let creds_store = match top.get("credsStore") {
            Some(value) => serde_json::from_str::<Option<String>>(value)
                .map_err(|_| fault(value, "`credsStore` must be a text"))?
                .filter(|name| !name.is_empty()),
            None => None,
        };
        let mut cred_helpers = Vec::new();
        if let Some(value) = top.get("credHelpers") {
            let helpers =
                Object::parse(value).map_err(|_| fault(value, "`credHelpers` must be an object"))?;
            for (host, value) in helpers.fields() {
                let name = serde_json::from_str::<Option<String>>(value)
                    .map_err(|_| fault(value, "`credHelpers` must hold texts"))?;
                cred_helpers.extend(name.filter(|name| !name.is_empty()).map(|name| (host.to_owned(), name)));
            }
        }
        let auths = match top.borrowed("auths") {
            Some(value) => Object::parse(value).map_err(|_| fault(value, "`auths` must be an object"))?,
            None => Object::default(),
        };
        Ok(Self { top, auths, creds_store, cred_helpers })
    }

    /// The helper that keeps a host's logins, if one does.
    pub(super) fn helper(&self, host: &str) -> Option<&str> {
        let own = self.cred_helpers.iter().rfind(|(key, _)| {
            LoginTarget::from_key(key).is_some_and(|target| target.host() == host && target.path().is_none())
        });
        own.map(|(_, name)| name).or(self.creds_store.as_ref()).map(String::as_str)
    }

    /// The helper for every host that has none of its own.
    pub(super) fn creds_store(&self) -> Option<&str> {
        self.creds_store.as_deref()
    }

    /// Hosts that have a helper of their own.
    pub(super) fn cred_helpers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cred_helpers.iter().map(|(host, name)| (host.as_str(), name.as_str()))
    }

    /// The entries of `auths`.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.auths.fields()
    }

    /// The JSON of one entry.
    pub(super) fn entry(&self, key: &str) -> Option<&str> {
        self.auths.get(key)
    }

    /// Whether the file says nothing about where logins are.
    pub(super) fn says_nothing(&self) -> bool {
        self.creds_store.is_none() && self.cred_helpers.is_empty() && self.auths.is_empty()
    }

    /// Where to look for a credential, in order: logins for a path of the repository, the
    /// longest first; then what is there for the whole host, where a helper of that host wins
    /// over the common one, and that over `auths`.
    pub(super) fn steps(&self, host: &str, repository: Option<&str>) -> Vec<Step> {
        let helper = self.helper(host);
        let ask =
            |name: &str, target: &LoginTarget| Step::Helper { name: name.to_owned(), key: target.key() };
        let known = self.entries().filter_map(|(key, _)| Some((key, LoginTarget::from_key(key)?)));
        let known: Vec<_> = known.filter(|(_, target)| target.host() == host).collect();

        let mut paths: Vec<_> = known
            .iter()
            .filter_map(|(key, target)| Some((target.covers(host, repository?)?, *key, target)))
            .collect();
        paths.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
        let mut steps = Vec::new();
        for (_, key, target) in paths {
            steps.push(Step::Entry(key.to_owned()));
            // The entry may only say that the helper has such a login.
            steps.extend(helper.map(|name| ask(name, target)));
        }
        let Some(whole) = LoginTarget::from_key(host) else { return steps };
        match helper {
            Some(name) => steps.push(ask(name, &whole)),
            None => {
                let mut whole_host: Vec<_> =
                    known.iter().filter(|(_, target)| *target == whole).map(|(key, _)| *key).collect();
                whole_host.sort_by_key(|key| *key != whole.key());
                steps.extend(whole_host.into_iter().map(|key| Step::Entry(key.to_owned())));
            }
        }
        steps
    }

    /// Sets the target's entry to this JSON, and takes out those that spell the same target
    /// in another way.
    pub(super) fn replace_entries(&mut self, target: &LoginTarget, json: &str) {
        let own = target.key();
        self.auths.remove(|key| key != own && LoginTarget::from_key(key).as_ref() == Some(target));
        self.auths.set(&own, json.to_owned());
        self.top.set("auths", self.auths.compact());
    }

    /// Takes out all entries with what they hold for exactly this target; says whether there
    /// was one.
    pub(super) fn remove_entries(&mut self, target: &LoginTarget) -> bool {
        let removed = self.auths.remove(|key| LoginTarget::from_key(key).as_ref() == Some(target));
        if removed {
            self.top.set("auths", self.auths.compact());
        }
        removed
    }

    /// Names the helper for every host.
    pub(super) fn set_creds_store(&mut self, name: &str) {
        self.top.set("auths", self.auths.compact());
        self.top.set("credsStore", quote(name));
        self.creds_store = Some(name.to_owned());
    }

    /// The text to write.
    pub(super) fn render(&self) -> String {
        self.top.pretty()
    }
}

/// A file that was read.
pub(super) struct CredentialFile {
    pub(super) path: PathBuf,
    text: String,
}

impl fmt::Debug for CredentialFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Its text has secrets.
        f.debug_struct("CredentialFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl CredentialFile {
    /// Reads a file and checks it.
    pub(super) fn load(path: &Path) -> Result<Self> {
        Self::given(path, &read(path)?)
    }

    /// Checks a text; the path is what it is called.
    pub(super) fn given(path: &Path, text: &str) -> Result<Self> {
        Document::parse(text).map_err(|fault| malformed(path, fault))?;
        Ok(Self { path: path.to_owned(), text: text.to_owned() })
    }

    /// What it says.
    pub(super) fn document(&self) -> Result<Document<'_>> {
        Document::parse(&self.text).map_err(|fault| malformed(&self.path, fault))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn entry(key: &str) -> Step {
        Step::Entry(key.to_owned())
    }

    fn helper(name: &str, key: &str) -> Step {
        Step::Helper { name: name.to_owned(), key: key.to_owned() }
    }

    #[test]
    fn the_longest_path_wins_then_the_host() {
        let text = r#"{"auths":{"https://ghcr.io/v1/":{},"ghcr.io/org":{},"ghcr.io":{},"ghcr.io/org/team":{},
            "ghcr.io/other":{},"quay.io/org":{}}}"#;
        let document = Document::parse(text).unwrap();
        let hosts = [entry("ghcr.io"), entry("https://ghcr.io/v1/")];
        assert_eq!(document.steps("ghcr.io", None), hosts);
        assert_eq!(document.steps("ghcr.io", Some("org2/chart")), hosts);
        assert_eq!(
            document.steps("ghcr.io", Some("org/team/chart")),
            [entry("ghcr.io/org/team"), entry("ghcr.io/org"), hosts[0].clone(), hosts[1].clone()]
        );
        assert!(document.steps("localhost:5000", Some("org")).is_empty());
    }

    #[test]
    fn helpers_win_over_entries_of_the_same_host() {
        let text = r#"{"auths":{"ghcr.io":{},"docker.io/org":{}},"credsStore":"common",
            "credHelpers":{"docker.io":"own","none.io":""}}"#;
        let document = Document::parse(text).unwrap();
        assert_eq!(document.steps("ghcr.io", Some("a")), [helper("common", "ghcr.io")]);
        assert_eq!(document.steps("none.io", None), [helper("common", "none.io")]);
        assert_eq!(
            document.steps("docker.io", Some("org/a")),
            [
                entry("docker.io/org"),
                helper("own", "docker.io/org"),
                helper("own", "https://index.docker.io/v1/")
            ]
        );
    }

    #[test]
    fn faults_say_where() {
        for (text, at) in [
            ("{\n\t\"auths\": []\n}", (2, 11)),
            ("{\"credsStore\": 5}", (1, 16)),
            ("{\n\"credHelpers\": {\"a\":\n {}}}", (3, 2)),
            ("{\"credHelpers\":\"hunter2\"}", (1, 16)),
        ] {
            let fault = Document::parse(text).err().unwrap();
            assert_eq!(fault.at, at, "{text}");
            assert!(!fault.message.contains("hunter2"));
        }
        for text in ["", " \n", "null", "{}", r#"{"auths":null,"credsStore":null,"credHelpers":null}"#] {
            assert!(Document::parse(text).unwrap().says_nothing(), "{text:?}");
        }
    }
}
