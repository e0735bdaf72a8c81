//! Provenance, as commands use it: which keyring the flags mean, charts that are verified before they are
//! used, and signing with a key that may want a passphrase.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_chart::{Chart, Limits, Version};
use chartroom_provenance::{Caveat, Error, Keyring, Signer, Verification, default_keyring, sha256};

use crate::printer;
use crate::remote::Fetched;

/// The longest passphrase. As with Helm, the rest of the line counts for nothing.
const MAX_PASSPHRASE: u64 = 4096;

/// The keyring that was named, or else GnuPG's.
pub(crate) fn keyring(named: Option<&Path>) -> PathBuf {
    named.map_or_else(|| default_keyring(&|name| std::env::var_os(name)), Path::to_owned)
}

/// Verifies an archive that was downloaded, wherever from. `url` is where, and `file_name` what it is
/// called there: the provenance file must speak of a file of this name.
///
/// That there is no provenance file is an error; who can do without asks first.
pub(crate) fn verify_archive(
    archive: &[u8],
    file_name: &str,
    provenance: Option<&[u8]>,
    url: &str,
    keyring: &Path,
) -> Result<Verification> {
    let provenance =
        provenance.ok_or_else(|| anyhow!("failed to fetch provenance {:?}", format!("{url}.prov")))?;
    let keyring = Keyring::read(keyring).map_err(|error| Error::NoKeyring(Box::new(error)))?;
    Ok(chartroom_provenance::verify(provenance, file_name, &sha256(archive), &keyring)?)
}

/// Verifies a chart that was fetched from a registry together with its provenance file.
///
/// A version that was asked for must be the one that was signed. Behind another tag, or a digest, may be
/// any version of the chart; which one, its archive says, and that is signed.
pub(crate) fn verified(fetched: &Fetched, keyring: &Path) -> Result<Verification> {
    let location = &fetched.location;
    let version = location.tag.as_ref().map(|tag| tag.as_str().replace('_', "+"));
    let url = match &version {
        Some(version) => format!("oci://{}/{}:{version}", location.host, location.repository),
        None => format!("oci://{location}"),
    };
    let file_name = match version.filter(|version| Version::coerce(version).is_ok()) {
        Some(version) => format!("{}-{version}.tgz", location.repository.last_component()),
        None => fetched.open()?.archive_name(),
    };
    verify_archive(&fetched.archive, &file_name, fetched.provenance.as_deref(), &url, keyring)
}

/// Opens a chart on the disk, which must be an archive with its provenance file beside it.
pub(crate) fn open_verified(path: &Path, keyring: &Path) -> Result<Chart> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // What is opened is what was verified, whatever becomes of the file meanwhile.
    let (_, archive) = chartroom_provenance::read_verified(&path, keyring)?;
    Ok(Chart::from_archive(&archive[..], &Limits::default())?)
}

/// Finds the key to sign with, and opens it.
pub(crate) fn signer(name: &str, keyring: &Path, passphrase_file: Option<&Path>) -> Result<Signer> {
    let keyring = Keyring::read(keyring)?;
    let signer = Signer::find(&keyring, name);
    let given = passphrase_file.map(read_passphrase).transpose()?;
    let mut signer = signer?;
    let passphrase = match given {
        Some(passphrase) => passphrase,
        None if signer.is_locked() => ask(&signer.name())?,
        None => Vec::new(),
    };
    signer.unlock(&passphrase)?;
    let reason = match signer.caveat() {
        Some(Caveat::Revoked) => "it was revoked",
        Some(Caveat::Expired) => "it has expired",
        Some(Caveat::NotForSigning) => "it isn't meant for signing",
        None => return Ok(signer),
    };
    printer::aside(&format!("WARNING: nobody will trust what {} signs: {reason}\n", signer.name()));
    Ok(signer)
}

/// The first line of a file, or of the standard input.
fn read_passphrase(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        let line = if io::stdin().is_terminal() { None } else { first_line(io::stdin().lock())? };
        return line.context("specified reading passphrase from stdin, without input on stdin");
    }
    let file = File::open(path);
    let file = file.map_err(|source| Error::File { operation: "open", path: path.to_owned(), source })?;
    let line = first_line(BufReader::new(file))?;
    line.with_context(|| format!("there is no passphrase in {}", path.display()))
}

/// None where there is nothing at all.
fn first_line(reader: impl io::BufRead) -> Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let read = reader.take(MAX_PASSPHRASE).read_until(b'\n', &mut line);
    if read.context("can't read the passphrase")? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    Ok(Some(line))
}

/// Asks at the terminal, without showing what is typed.
fn ask(name: &str) -> Result<Vec<u8>> {
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask for the passphrase at; use --passphrase-file");
    }
    let mut stdout = io::stdout();
    write!(stdout, "Password for key {name:?} >  ").and_then(|()| stdout.flush())?;
    let typed = rpassword::read_password().context("can't read from the terminal")?;
    Ok(typed.into_bytes())
}
