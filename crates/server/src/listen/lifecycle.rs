//! Whether the process is to go on, to finish, or to end.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Tells everybody who holds a clone when to stop. First comes draining: nothing new is begun, and
/// what is under way is finished. Then, if that takes too long for somebody, the end.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    drain: CancellationToken,
    end: CancellationToken,
}

impl Lifecycle {
    /// One that goes on until it is told otherwise.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing new is to be begun.
    pub fn draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Asks everybody to finish.
    pub fn drain(&self) {
        self.drain.cancel();
    }

    /// Asks everybody to stop at once.
    pub fn end(&self) {
        self.drain.cancel();
        self.end.cancel();
    }

    /// Waits for [`Lifecycle::drain`].
    pub async fn drained(&self) {
        self.drain.cancelled().await;
    }

    /// Waits for [`Lifecycle::end`].
    pub async fn ended(&self) {
        self.end.cancelled().await;
    }

    /// From now on, the first SIGTERM or SIGINT means [`Lifecycle::drain`], the second one
    /// [`Lifecycle::end`].
    pub fn follow_signals(&self) -> io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let lifecycle = self.clone();
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                if lifecycle.draining() {
                    tracing::warn!("{name}: stopping at once");
                    lifecycle.end();
                } else {
                    tracing::info!("{name}: stopping");
                    lifecycle.drain();
                }
            }
        });
        Ok(())
    }
}
