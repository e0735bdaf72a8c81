//! `chartroom history`

use anyhow::Result;
use chartroom_cli::{Globals, History};
use chartroom_release::{Summary, Time};
use serde::Serialize;

use super::{Outcome, run_client};
use crate::{cluster, columns, output, printer};

/// A revision, as it is printed.
#[derive(Serialize)]
struct Revision {
    revision: i64,
    #[serde(skip_serializing_if = "Time::is_never")]
    updated: Time,
    status: String,
    chart: String,
    app_version: String,
    #[serde(skip_serializing_if = "is_none")]
    rollback_revision: i64,
    description: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_none(revision: &i64) -> bool {
    *revision == 0
}

impl From<Summary> for Revision {
    fn from(one: Summary) -> Self {
        Self {
            revision: one.revision,
            updated: one.updated,
            status: one.status.to_string(),
            chart: one.chart,
            app_version: one.app_version,
            rollback_revision: one.rollback_revision,
            description: one.description,
        }
    }
}

impl Revision {
    fn row(&self) -> [String; 6] {
        [
            self.revision.to_string(),
            self.updated.format("Mon Jan _2 15:04:05 2006"),
            self.status.clone(),
            self.chart.clone(),
            self.app_version.clone(),
            self.description.clone(),
        ]
    }

    fn row_with_rollback(&self) -> [String; 7] {
        let [revision, updated, status, chart, app_version, description] = self.row();
        let rollback = match self.rollback_revision {
            0 => String::new(),
            revision => revision.to_string(),
        };
        [revision, updated, status, chart, app_version, rollback, description]
    }
}

/// Shows the revisions of a release.
pub(crate) fn history(flags: &History, globals: &Globals) -> Result<Outcome> {
    super::get::check_name(&flags.release)?;
    let revisions = run_client(async {
        let storage = cluster::storage(globals, false).await?;
        Ok(storage.revisions(&flags.release).await?)
    })?;
    let most = usize::try_from(flags.max).unwrap_or(0);
    let skipped = revisions.len().saturating_sub(most);
    let revisions: Vec<Revision> = revisions.into_iter().skip(skipped).map(Revision::from).collect();
    if output::as_helm(flags.output, &revisions)? {
        return Ok(Outcome::Success);
    }
    let text = if flags.show_rollback_revision {
        let headings = ["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "ROLLBACK", "DESCRIPTION"];
        let mut table = vec![headings.map(str::to_owned)];
        table.extend(revisions.iter().map(Revision::row_with_rollback));
        columns::render(&table, 0)
    } else {
        let headings = ["REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"];
        let mut table = vec![headings.map(str::to_owned)];
        table.extend(revisions.iter().map(Revision::row));
        columns::render(&table, 0)
    };
    printer::result(&text)?;
    Ok(Outcome::Success)
}
