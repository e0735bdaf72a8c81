//! What can be wrong with a provenance file, a keyring, or a key. The words are Helm's, since scripts
//! and people look for them.

use std::io;
use std::path::{Path, PathBuf};

use crate::go_text::{quote, system};

/// Why something was not signed, or not found to be what was signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file can't be had.
    #[error("{operation} {}: {}", path.display(), system(source))]
    File {
        /// What was tried: `stat`, `open` or `read`.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is larger than any of its kind.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How large it may be.
        limit: u64,
    },
    /// What is to be verified is a folder.
    #[error("unpacked charts cannot be verified")]
    Unpacked,
    /// What is to be verified is not called `….tgz`.
    #[error("chart must be a tgz file")]
    NotArchive,
    /// There is no provenance file.
    #[error("could not load provenance file {}: {problem}", path.display())]
    NoProvenance {
        /// Where it should be.
        path: PathBuf,
        /// Why it can't be had.
        problem: Box<Error>,
    },
    /// The provenance file can't be read.
    #[error("failed to read provenance file: {0}")]
    UnreadableProvenance(Box<Error>),
    /// The archive can't be read.
    #[error("failed to read chart archive: {0}")]
    UnreadableArchive(Box<Error>),
    /// The keyring can't be used.
    #[error("failed to load keyring: {0}")]
    NoKeyring(Box<Error>),
    /// The keybox can't be read.
    #[error("reading keybox {}: {problem}", path.display())]
    KeyboxFile {
        /// The keybox.
        path: PathBuf,
        /// What is wrong with it.
        problem: Box<Error>,
    },
    /// The armored keyring can't be read.
    #[error("reading armored keyring {}: {problem}", path.display())]
    ArmoredFile {
        /// The keyring.
        path: PathBuf,
        /// What is wrong with it.
        problem: Box<Error>,
    },

    /// A provenance file has no signature around it.
    #[error("signature block not found")]
    NoSignature,
    /// The signed text ends before the checksums.
    #[error("message block must have at least two parts")]
    NoChecksums,
    /// The checksums can't be read.
    #[error("{0}")]
    Checksums(String),
    /// What was signed is another file.
    #[error("provenance does not contain a SHA for a file named {}", quote(name))]
    OtherFile {
        /// The name that was looked for.
        name: String,
    },
    /// The archive is not the one that was signed.
    #[error("sha256 sum does not match for {name}: {} != {}", quote(signed), quote(actual))]
    OtherContent {
        /// The archive's name.
        name: String,
        /// `sha256:…` as it was signed.
        signed: String,
        /// `sha256:…` as it is.
        actual: String,
    },

    /// No key of the keyring has made the signature.
    #[error("openpgp: signature made by unknown entity")]
    UnknownSigner,
    /// The signature does not fit the text, or demands what we don't know.
    #[error("openpgp: invalid signature: {0}")]
    BadSignature(String),
    /// The key that signed was revoked.
    #[error("openpgp: signature made by revoked key")]
    Revoked,
    /// The key that signed has expired, or is from the future.
    #[error("openpgp: key expired")]
    KeyExpired,
    /// The signature, or one that the key rests on, has expired, or is from the future.
    #[error("openpgp: signature expired")]
    SignatureExpired,
    /// The data ends too early.
    #[error("unexpected EOF")]
    Truncated,
    /// The data breaks the rules of OpenPGP.
    #[error("openpgp: invalid data: {0}")]
    Malformed(String),
    /// The data asks for what we can't do.
    #[error("openpgp: unsupported feature: {0}")]
    Unsupported(String),
    /// Two things that were put together don't fit.
    #[error("openpgp: invalid argument: {0}")]
    Mismatch(&'static str),
    /// A packet that must not be skipped is none that we know.
    #[error("openpgp: unknown critical packet type: {0}")]
    CriticalPacket(u8),
    /// Armored text is not base64, from this byte on.
    #[error("illegal base64 data at input byte {0}")]
    Base64(usize),
    /// An armored keyring holds something else.
    #[error("expected a public or private key block, got {}", quote(.0))]
    OtherBlock(String),
    /// An armored keyring holds nothing.
    #[error("no keys found")]
    NoKeys,
    /// A keybox breaks the rules.
    #[error("{0}")]
    Keybox(String),

    /// No key of the keyring has this name.
    #[error("private key not found")]
    NoSuchKey,
    /// Several keys have it.
    #[error("more than one key contain the id {}", quote(.0))]
    Ambiguous(String),
    /// The key is there, and its secret half is not.
    #[error("provided key is not a private key. Try providing a keyring with secret keys")]
    NotSecret,
    /// The secret half of the key is kept elsewhere.
    #[error("openpgp: s2k GNU dummy key: dummy key found")]
    SecretElsewhere,
    /// The passphrase does not open the key.
    #[error("openpgp: invalid data: private key checksum failure")]
    WrongPassphrase,
    /// The signature could not be made.
    #[error("can't sign: {0}")]
    Unsigned(String),
}

impl Error {
    pub(crate) fn malformed(problem: impl Into<String>) -> Self {
        Self::Malformed(problem.into())
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    pub(crate) fn file(operation: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { operation, path: path.to_owned(), source }
    }
}
