//! GnuPG with a home of its own: keys that exist as long as a test, and what is signed with them.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Outcome, Peer};

/// The passphrase of all keys that have one.
const PASSPHRASE: &str = "a throw-away passphrase";

/// GnuPG, in a home that is removed afterwards together with its keys.
#[derive(Debug)]
pub struct Gnupg {
    peer: Peer,
}

impl Gnupg {
    /// Finds the peer `gpg`; see [`Peer::find`].
    #[track_caller]
    pub fn find() -> Option<Self> {
        let gnupg = Self { peer: Peer::find("gpg")? };
        let home = gnupg.home();
        fs::create_dir(&home).unwrap();
        // It complains of homes that others may look into.
        fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        // How often a passphrase is hashed: as seldom as possible.
        fs::write(home.join("gpg-agent.conf"), "s2k-count 1024\n").unwrap();
        Some(gnupg)
    }

    /// Its home, in which `pubring.kbx` is.
    pub fn home(&self) -> std::path::PathBuf {
        self.peer.home().join(".gnupg")
    }

    /// The passphrase of the keys that [`Self::key_with_passphrase`] makes.
    pub fn passphrase(&self) -> &'static str {
        PASSPHRASE
    }

    /// Runs it, however it ends. What it printed is text only if that was asked for.
    #[track_caller]
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> (Outcome, Vec<u8>) {
        let always = ["--batch", "--yes", "--pinentry-mode", "loopback"];
        let mut command = self.peer.command(&[&always, arguments].concat());
        command.env("GNUPGHOME", self.home()).env("LC_ALL", "C");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        if let Some(mut stdin) = child.stdin.take() {
            // Who needs no input need not read it.
            let _ = stdin.write_all(input);
        }
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let outcome =
            Outcome { status: output.status, stdout: text(&output.stdout), stderr: text(&output.stderr) };
        (outcome, output.stdout)
    }

    /// Runs it, which must succeed, and gives what it printed.
    #[track_caller]
    pub fn ok(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (outcome, printed) = self.run(arguments, input);
        assert!(outcome.status.success(), "gpg {arguments:?}: {outcome:?}");
        printed
    }

    /// Makes a key without a passphrase. Algorithm, use (`sign`, `cert`) and lifetime (`0`, `1y`) are
    /// those of `--quick-generate-key`; `more` are further options.
    #[track_caller]
    pub fn key(&self, name: &str, algorithm: &str, usage: &str, lifetime: &str, more: &[&str]) {
        let arguments = ["--passphrase", "", "--quick-generate-key", name, algorithm, usage, lifetime];
        self.ok(&[more, &arguments].concat(), b"");
    }

    /// Makes a key for signing that needs [`Self::passphrase`].
    #[track_caller]
    pub fn key_with_passphrase(&self, name: &str, algorithm: &str) {
        self.ok(&["--passphrase", PASSPHRASE, "--quick-generate-key", name, algorithm, "sign", "0"], b"");
    }

    /// A key's fingerprint.
    #[track_caller]
    pub fn fingerprint(&self, name: &str) -> String {
        let listed = self.ok(&["--with-colons", "--list-keys", name], b"");
        let listed = String::from_utf8(listed).unwrap();
        let line = listed.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    /// The public halves of keys, or of all.
    #[track_caller]
    pub fn public(&self, names: &[&str]) -> Vec<u8> {
        self.ok(&[&["--export"], names].concat(), b"")
    }

    /// The secret halves of keys, or of all, protected by `passphrase` if they have one.
    #[track_caller]
    pub fn secret(&self, passphrase: &str, names: &[&str]) -> Vec<u8> {
        self.ok(&[&["--passphrase", passphrase, "--export-secret-keys"], names].concat(), b"")
    }

    /// A text signed by a key without a passphrase.
    #[track_caller]
    pub fn clearsign(&self, name: &str, text: &str, more: &[&str]) -> Vec<u8> {
        let arguments = ["--passphrase", "", "--local-user", name, "--clearsign"];
        self.ok(&[more, &arguments].concat(), text.as_bytes())
    }

    /// Who, by what GnuPG says, has signed a text: the lines about it.
    #[track_caller]
    pub fn verify(&self, signed: &Path) -> Outcome {
        self.run(&["--verify", signed.to_str().unwrap()], b"").0
    }
}

impl Drop for Gnupg {
    /// GnuPG leaves an agent behind that holds the keys.
    fn drop(&mut self) {
        let gpgconf = Path::new("/usr/bin/gpgconf");
        let beside = self.peer.program().canonicalize().ok().map(|path| path.with_file_name("gpgconf"));
        let gpgconf = beside.as_deref().filter(|path| path.is_file()).unwrap_or(gpgconf);
        // If it can't be told, it leaves by itself when its home is gone.
        let _ = Command::new(gpgconf)
            .args(["--kill", "gpg-agent"])
            .env("GNUPGHOME", self.home())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
