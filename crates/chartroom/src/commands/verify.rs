//! `chartroom verify`

use anyhow::Result;
use chartroom_cli::Verify;

use super::Outcome;
use crate::{printer, provenance};

/// Says who has signed an archive, if somebody did whose key is in the keyring.
pub(crate) fn verify(flags: &Verify) -> Result<Outcome> {
    let keyring = provenance::keyring(flags.keyring.as_deref());
    let verification = chartroom_provenance::verify_file(&flags.path, &keyring)?;
    printer::whole(verification.to_string().as_bytes())?;
    Ok(Outcome::Success)
}
