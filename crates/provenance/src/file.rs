//! Files, and where they are by default.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::keyring::Keyring;
use crate::verify::{Verification, sha256, verify, written};

/// The largest provenance file that is read.
const LARGEST_PROVENANCE: u64 = 4 << 20;
/// The largest archive that is kept in memory.
const LARGEST_ARCHIVE: u64 = 1 << 30;

/// The keyring that is used where none is named: GnuPG's `pubring.gpg`, or `pubring.kbx` if only that is
/// there. They are in `GNUPGHOME`, or in `.gnupg` in the home folder.
///
/// `variable` gives the variables of the environment.
pub fn default_keyring(variable: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    let home = || PathBuf::from(variable("HOME").unwrap_or_default()).join(".gnupg");
    let home = variable("GNUPGHOME").map_or_else(home, PathBuf::from);
    let there = |path: &Path| !fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let legacy = home.join("pubring.gpg");
    let keybox = home.join("pubring.kbx");
    if !there(&legacy) && there(&keybox) { keybox } else { legacy }
}

/// Verifies an archive with the provenance file beside it, `PATH.prov`.
///
/// # Errors
///
/// Where a file is not there or of the wrong kind, and those of [`verify`].
pub fn verify_file(path: &Path, keyring: &Path) -> Result<Verification, Error> {
    verify_with(path, keyring, || digest(path))
}

/// The same, and gives the archive that was verified, for who goes on to use it.
///
/// # Errors
///
/// As [`verify_file`]; [`Error::TooLarge`].
pub fn read_verified(path: &Path, keyring: &Path) -> Result<(Verification, Vec<u8>), Error> {
    let mut archive = Vec::new();
    let verification = verify_with(path, keyring, || {
        archive = read(path, LARGEST_ARCHIVE)?;
        Ok(sha256(&archive))
    })?;
    Ok((verification, archive))
}

/// The checks in Helm's order: whoever gets one error after the other gets the same ones.
fn verify_with(
    path: &Path,
    keyring: &Path,
    digest: impl FnOnce() -> Result<String, Error>,
) -> Result<Verification, Error> {
    let metadata = fs::metadata(path).map_err(|error| Error::file("stat", path, error))?;
    if metadata.is_dir() {
        return Err(Error::Unpacked);
    }
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tgz")) {
        return Err(Error::NotArchive);
    }
    let mut provenance = path.as_os_str().to_owned();
    provenance.push(".prov");
    let provenance = PathBuf::from(provenance);
    fs::metadata(&provenance).map_err(|error| {
        let problem = Box::new(Error::file("stat", &provenance, error));
        Error::NoProvenance { path: provenance.clone(), problem }
    })?;
    let keyring = Keyring::read(keyring).map_err(|error| Error::NoKeyring(Box::new(error)))?;
    let digest = digest().map_err(|error| Error::UnreadableArchive(Box::new(error)))?;
    let provenance = read(&provenance, LARGEST_PROVENANCE)
        .map_err(|error| Error::UnreadableProvenance(Box::new(error)))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    verify(&provenance, &name, &digest, &keyring)
}

/// Reads a file, if it is no larger than this.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let file = File::open(path).map_err(|error| Error::file("open", path, error))?;
    let mut bytes = Vec::new();
    let read =
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| Error::file("read", path, error))?;
    if read as u64 > limit {
        return Err(Error::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

fn digest(path: &Path) -> Result<String, Error> {
    let mut file = File::open(path).map_err(|error| Error::file("open", path, error))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(written(&hasher.finalize())),
            Ok(length) => hasher.update(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::file("read", path, error)),
        }
    }
}
