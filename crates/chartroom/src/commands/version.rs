//! `chartroom version`

use anyhow::Result;
use chartroom_cli::Version;

use super::Outcome;
use crate::printer;

/// Prints which version this is.
pub(crate) fn version(_: &Version) -> Result<Outcome> {
    printer::result(concat!("chartroom ", env!("CARGO_PKG_VERSION")))?;
    Ok(Outcome::Success)
}
