//! The log: to the standard error, as text for people or as JSON for machines.

use std::io::{self, IsTerminal as _};

use chartroom_server::settings::{Log, LogFormat, LogLevel};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// Logs what a server does.
pub(crate) fn of_server(settings: &Log) -> Result<(), TryInitError> {
    start(settings, settings.level)
}

/// Logs what goes wrong in a command, which says on the standard output what it does.
pub(crate) fn of_command(settings: &Log) -> Result<(), TryInitError> {
    let level = if settings.level == LogLevel::Info { LogLevel::Warn } else { settings.level };
    start(settings, level)
}

fn start(settings: &Log, level: LogLevel) -> Result<(), TryInitError> {
    let terminal = io::stderr().is_terminal();
    let json = match settings.format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let registry = tracing_subscriber::registry().with(filter(level));
    // `log_internal_errors` would panic when the standard error is closed.
    let layer = fmt::layer().with_writer(io::stderr).log_internal_errors(false);
    if json {
        registry.with(layer.json().flatten_event(true)).try_init()
    } else {
        registry.with(layer.with_ansi(terminal).with_target(false)).try_init()
    }
}

/// Our own crates at the level that is set, libraries one step less talkative: what they do is
/// rarely what anybody looks for.
fn filter(level: LogLevel) -> Targets {
    let (own, others) = match level {
        LogLevel::Error => (LevelFilter::ERROR, LevelFilter::ERROR),
        LogLevel::Warn => (LevelFilter::WARN, LevelFilter::WARN),
        LogLevel::Info => (LevelFilter::INFO, LevelFilter::WARN),
        LogLevel::Debug => (LevelFilter::DEBUG, LevelFilter::INFO),
        LogLevel::Trace => (LevelFilter::TRACE, LevelFilter::DEBUG),
    };
    Targets::new().with_default(others).with_target("chartroom", own)
}
