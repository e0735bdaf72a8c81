//! `chartroom serve`

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use chartroom_cli::{Serve, Storage};
use chartroom_server::Registry;
use chartroom_server::data_folder::DataFolder;
use chartroom_server::jobs::{self, Collector};
use chartroom_server::listen::{Lifecycle, Server};
use chartroom_server::settings::Settings;
use tokio::task::JoinHandle;

use super::{Outcome, run};
use crate::storage::{self, Contents};
use crate::{gate, logging, printer};

/// Runs the registry until it is told to stop.
pub(crate) fn serve(flags: Serve) -> Result<Outcome> {
    let settings = settings(&flags)?;
    logging::of_server(&settings.log).context("can't set up logging")?;
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| anyhow!("another TLS library is set up already"))?;
    // Held until everything that could write has ended.
    let folder = DataFolder::claim(&settings.data)?;
    run(serve_from(&folder, settings, flags.storage))
}

fn settings(flags: &Serve) -> Result<Settings> {
    let mut settings = storage::settings(&flags.storage)?;
    if let Some(listen) = flags.listen {
        settings.listen = listen;
    }
    settings.allow_anonymous |= flags.allow_anonymous;
    settings.check_exposure()?;
    Ok(settings)
}

async fn serve_from(folder: &DataFolder, settings: Settings, flags: Storage) -> Result<Outcome> {
    let lifecycle = Lifecycle::new();
    lifecycle.follow_signals().context("can't receive signals")?;
    let contents = Contents::open(folder).await?;
    let server = Server::bind(&settings).await?;
    let gate = match gate::gate(&settings, folder.path())? {
        Some((gate, authenticator)) => {
            gate::follow_hangups(authenticator, flags)?;
            Some(gate)
        }
        None => None,
    };
    let registry = Registry::new(
        Arc::clone(&contents.catalog),
        contents.blobs.clone(),
        &settings,
        lifecycle.clone(),
        gate,
    );
    let collecting = settings.gc.enabled.then(|| collect(&contents, &settings, &registry, &lifecycle));

    let url = server.url();
    // Whoever started us may not be reading.
    let _ = printer::result(&format!("chartroom listening on {url}"));
    tracing::info!(%url, data = %folder.path().display(), version = env!("CARGO_PKG_VERSION"), "listening");
    server.serve(registry.router(), lifecycle).await;

    if let Some(collecting) = collecting {
        collecting.await.context("garbage collection failed")?;
    }
    tracing::info!("stopped");
    Ok(Outcome::Success)
}

fn collect(
    contents: &Contents,
    settings: &Settings,
    registry: &Registry,
    lifecycle: &Lifecycle,
) -> JoinHandle<()> {
    let collector = Collector::new(Arc::clone(&contents.catalog), contents.blobs.clone(), settings);
    let metrics = registry.metrics();
    jobs::spawn(collector, settings.gc.interval.duration(), lifecycle.clone(), move |collected| {
        metrics.collected_blobs.inc_by(collected.blobs + collected.orphans);
        metrics.collected_bytes.inc_by(collected.blob_bytes + collected.orphan_bytes);
    })
}
