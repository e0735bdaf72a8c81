//! Setting up connections: TLS, its files, proxies.

use std::fs;
use std::path::Path;

use super::cause::reason;
use crate::error::{Error, Result};
use crate::options::Options;

/// The files that the options name, read.
pub(super) struct Tls {
    pub(super) roots: Option<Vec<reqwest::Certificate>>,
    pub(super) identity: Option<reqwest::Identity>,
}

/// What both kinds of connections have in common.
pub(super) fn basis(options: &Options) -> reqwest::ClientBuilder {
    let proxies = options.proxies.clone();
    reqwest::Client::builder()
        .user_agent(&options.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(options.timeouts.connect)
        .http2_adaptive_window(true)
        .tcp_nodelay(true)
        .no_proxy()
        .proxy(reqwest::Proxy::custom(move |url| proxies.of(url).cloned()))
}

/// Finishes it.
pub(super) fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder.build().map_err(|error| {
        let what = format!("can't create TLS config for client: {}", reason(&error));
        Error::Setup { what, source: Some(Box::new(error)) }
    })
}

impl Tls {
    pub(super) fn read(options: &Options) -> Result<Self> {
        let roots = options.ca_file.as_deref().map(|path| {
            let pem = read("CA file", path)?;
            let roots = reqwest::Certificate::from_pem_bundle(&pem);
            roots.ok().filter(|roots| !roots.is_empty()).ok_or_else(|| {
                Error::setup(format!(
                    "failed to append certificates from file: {:?}",
                    path.display().to_string()
                ))
            })
        });
        let identity = match (options.cert_file.as_deref(), options.key_file.as_deref()) {
            (None, None) => None,
            (Some(cert), Some(key)) => {
                let mut pem = read("cert file", cert)?;
                pem.push(b'\n');
                pem.extend_from_slice(&read("key file", key)?);
                let identity = reqwest::Identity::from_pem(&pem).map_err(|error| {
                    let what = format!("can't load key pair from {} and {}", cert.display(), key.display());
                    Error::Setup { what, source: Some(Box::new(error)) }
                })?;
                Some(identity)
            }
            (Some(_), None) => return Err(Error::setup("a client certificate needs its key file too")),
            (None, Some(_)) => return Err(Error::setup("a client key needs its certificate file too")),
        };
        Ok(Self { roots: roots.transpose()?, identity })
    }
}

fn read(what: &str, path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        let what = format!("can't read {what}: {:?}: {error}", path.display().to_string());
        Error::Setup { what, source: Some(Box::new(error)) }
    })
}
