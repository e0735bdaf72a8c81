//! Going on without a login where a stored one is refused, and what is wanted is there for everybody.
//!
//! GitHub, Amazon's public registry, Azure and Docker Hub refuse an old login even for what strangers may
//! have. Only reading is tried again, and only if no login was named by hand; if strangers are refused,
//! too, what was said to the login stands.

use reqwest::{Method, StatusCode};

use crate::auth::lock;
use crate::client::Registry;
use crate::error::{Error, Result};
use crate::exchange::Call;
use crate::scope::Scopes;
use crate::transport::Incoming;

impl Registry {
    /// Sends a request and gives the head of whatever answer is final.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Incoming> {
        let strangers = self.strangers();
        let Some(repository) =
            call.repository().filter(|_| self.options().forgo_refused_login && reads(call))
        else {
            return self.send_as(self.identity(), call).await;
        };
        if lock(&strangers.welcome).contains(repository) {
            return self.send_as(&strangers.identity, call).await;
        }
        let outcome = self.send_as(self.identity(), call).await;
        if !refused(&outcome) || self.identity().credential(Some(repository)).await?.is_anonymous() {
            return outcome;
        }
        match self.send_as(&strangers.identity, call).await {
            Ok(incoming) if incoming.status.is_success() => {
                self.warn("the stored login is refused; going on without it, since everybody may read this");
                lock(&strangers.welcome).insert(repository.clone());
                Ok(incoming)
            }
            _ => outcome,
        }
    }
}

/// Whether a request does no more than read, and asks for no more.
fn reads(call: &Call<'_>) -> bool {
    let pull = call.repository().map(Scopes::pull);
    matches!(call.method, Method::GET | Method::HEAD) && pull.is_some_and(|pull| call.scopes == pull)
}

/// Whether it is the login that is in the way, be it at the registry or at its token service.
fn refused(outcome: &Result<Incoming>) -> bool {
    match outcome {
        Ok(incoming) => {
            incoming.shown && matches!(incoming.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        }
        Err(Error::Unauthorized { shown, .. }) => *shown,
        Err(error) => matches!(error, Error::Denied(_)),
    }
}
