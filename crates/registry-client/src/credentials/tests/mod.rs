//! The store against real files, programs made up for the test, and the programs of others.

#![expect(clippy::unwrap_used, reason = "tests")]

mod credential_helpers;
mod interop;
mod lookup;
mod saving;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use chartroom_oci::RepositoryName;
use tempfile::TempDir;

use super::{LoginTarget, Store};
use crate::credential::Credential;

const HELM: &str = ".config/helm/registry/config.json";
const DOCKER: &str = ".docker/config.json";
const PODMAN: &str = ".config/containers/auth.json";

/// A home folder, with a folder of programs in it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(TempDir::new().unwrap());
        fs::create_dir(home.path("bin")).unwrap();
        home
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    #[track_caller]
    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn mode(&self, path: &str) -> u32 {
        self.path(path).metadata().unwrap().permissions().mode() & 0o777
    }

    fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The names of what lies in a folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A credential helper. The script finds its action in `$1` and a folder of its own in `$D`.
    fn helper(&self, name: &str, script: &str) -> &Self {
        let path = format!("bin/docker-credential-{name}");
        let folder = self.path(&format!("of-{name}"));
        fs::create_dir_all(&folder).unwrap();
        let text = format!("of-{name}/text");
        self.write(&text, format!("#!/bin/sh\nD='{}'\n{script}\n", folder.display()));
        // A program that is open for writing can't be run, and each process that another test
        // starts just now has our open files for a moment. What `cp` opens, it alone has.
        let _ = fs::remove_file(self.path(&path));
        let copied = Command::new("cp").arg(self.path(&text)).arg(self.path(&path)).status();
        assert!(copied.unwrap().success());
        self.set_mode(&path, 0o755);
        self
    }

    /// A credential helper that keeps one login and writes down what it is asked.
    fn keeper(&self, name: &str) -> &Self {
        self.helper(
            name,
            r#"input=$(cat)
            printf '%s %s\n' "$1" "$input" >>"$D/log"
            none() { echo 'credentials not found in native keychain'; exit 1; }
            case $1 in
            store) printf '%s' "$input" >"$D/kept" ;;
            get) cat "$D/kept" 2>/dev/null || none ;;
            erase) rm "$D/kept" 2>/dev/null || none ;;
            list) echo '{"ghcr.io":"alice"}' ;;
            esac"#,
        )
    }

    fn store(&self) -> Store {
        self.store_with(&[])
    }

    fn store_with(&self, variables: &[(&str, &Path)]) -> Store {
        let env = |name: &str| match variables.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Some(value.as_os_str().to_owned()),
            None if name == "HOME" => Some(self.0.path().as_os_str().to_owned()),
            None if name == "XDG_CONFIG_HOME" => Some(self.path(".config").into()),
            None if name == "PATH" => {
                let mut path = OsString::from(self.path("bin"));
                path.push(":/usr/bin:/bin");
                Some(path)
            }
            None => None,
        };
        Store::from_environment(&env, None)
    }
}

/// What a fresh store finds.
async fn find(home: &Home, host: &str, repository: &str) -> Credential {
    let repository: Option<RepositoryName> = (!repository.is_empty()).then(|| repository.parse().unwrap());
    let found = home.store().find(host, repository.as_ref()).await;
    found.unwrap().map(|found| found.credential).unwrap_or_default()
}

fn target(text: &str) -> LoginTarget {
    text.parse().unwrap()
}

/// A file with one login for each key; the user has the name that stands behind the key.
fn auths(users: &[(&str, &str)]) -> String {
    let entry = |(key, user): &(&str, &str)| format!(r#""{key}":{{"username":"{user}","password":"p"}}"#);
    format!(r#"{{"auths":{{{}}}}}"#, users.iter().map(entry).collect::<Vec<_>>().join(","))
}

fn user(name: &str) -> Credential {
    Credential::basic(name, "p")
}
