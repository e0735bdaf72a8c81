//! Fetching the key sets of identity providers, for the registry's accounts.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chartroom_access::Fetch;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use reqwest::redirect::Policy;

/// For how long a provider is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Fetches documents. Follows no redirects: a key set is where the configuration or the provider's
/// discovery document says, or nowhere.
pub(crate) struct Fetcher(reqwest::Client);

impl Fetcher {
    pub(crate) fn new() -> Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("chartroom/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("can't set up HTTPS")?;
        Ok(Self(client))
    }

    async fn get(&self, url: &str, limit: usize) -> Result<Vec<u8>, String> {
        let failed = |error: reqwest::Error| {
            // With what led to it, which is where the reason is.
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(error) = source {
                text.push_str(&format!(": {error}"));
                source = error.source();
            }
            text
        };
        let mut answer = self.0.get(url).send().await.map_err(failed)?;
        if !answer.status().is_success() {
            return Err(format!("{url}: {}", answer.status()));
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(failed)? {
            if body.len() + piece.len() > limit {
                return Err(format!("{url}: the document has more than {limit} bytes"));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

impl Fetch for Fetcher {
    fn fetch<'a>(&'a self, url: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, String>> {
        self.get(url, limit).boxed()
    }
}
