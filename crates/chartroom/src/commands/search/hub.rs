//! `chartroom search hub`

use anyhow::Result;
use chartroom_chart_repository::{HubChart, search_hub};
use chartroom_cli::SearchHub;
use serde::Serialize;

use super::Form;
use crate::commands::{Outcome, run_client};
use crate::remote::{self, Classic};

/// A chart, as it is printed.
#[derive(Serialize)]
struct Found {
    url: String,
    version: String,
    app_version: String,
    description: String,
    repository: Repository,
}

#[derive(Serialize)]
struct Repository {
    url: String,
    name: String,
}

/// Asks a hub.
pub(super) fn search(flags: &SearchHub) -> Result<Outcome> {
    let words = flags.keywords.join(" ");
    let options = remote::options(&flags.transport, false);
    let web = Classic::new(&flags.transport.globals, options).web;
    let charts = run_client(async { Ok(search_hub(&web, &flags.endpoint, &words).await?) })?;
    let found: Vec<Found> = charts.into_iter().map(Found::from).collect();
    let form =
        Form { format: flags.output, widest: flags.max_col_width, fail_on_nothing: flags.fail_on_no_result };
    if flags.list_repo_url {
        let headings = ["URL", "CHART VERSION", "APP VERSION", "DESCRIPTION", "REPO URL"];
        return form.print(&found, headings, |chart: &Found| {
            let [url, version, app_version, description] = chart.row();
            [url, version, app_version, description, chart.repository.url.clone()]
        });
    }
    form.print(&found, ["URL", "CHART VERSION", "APP VERSION", "DESCRIPTION"], Found::row)
}

impl From<HubChart> for Found {
    fn from(chart: HubChart) -> Self {
        let HubChart { url, version, app_version, description, repository_url, repository_name } = chart;
        let repository = Repository { url: repository_url, name: repository_name };
        Self { url, version, app_version, description, repository }
    }
}

impl Found {
    fn row(&self) -> [String; 4] {
        [self.url.clone(), self.version.clone(), self.app_version.clone(), self.description.clone()]
    }
}
