//! Functions compared with Helm's.
//!
//! Each file under `tests/functions/golden` holds templates and what Helm 4.3.1 makes of them: one
//! line each, after a line that names the Helm and the time zone. One test compares us with what is
//! recorded; another asks Helm itself, where it is there. `CHARTROOM_BLESS=1` lets that one write the
//! files anew; a new case is a line with a template only.
//!
//! What is random is tested by its properties.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod ask;
mod certificates;
mod golden;
mod limits;
mod random;
mod template;
