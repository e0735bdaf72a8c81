//! Setting up connections: TLS, its files, proxies.

use std::fs;
use std::path::Path;

use super::cause::reason;
use crate::error::{Error, Result};
use crate::options::Options;

/// What goes before all that is wrong with TLS options. Scripts look for these words, which are Helm's.
const UNUSABLE: &str = "can't create TLS config for client";

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
    // The reason is all that there is to say.
    builder.build().map_err(|error| Error::setup(format!("{UNUSABLE}: {}", reason(&error))))
}

impl Tls {
    pub(super) fn read(options: &Options) -> Result<Self> {
        let roots = options.ca_file.as_deref().map(|path| {
            let pem = read("can't read CA file", path)?;
            let roots = reqwest::Certificate::from_pem_bundle(&pem);
            let roots = roots.ok().filter(|roots| !roots.is_empty());
            let path = path.display().to_string();
            let none = || format!("{UNUSABLE}: failed to append certificates from pem block: {path:?}");
            roots.ok_or_else(|| Error::setup(none()))
        });
        let identity = match (options.cert_file.as_deref(), options.key_file.as_deref()) {
            (None, None) => None,
            (Some(cert), Some(key)) => {
                let mut pem = read("unable to read cert file", cert)?;
                pem.push(b'\n');
                pem.extend_from_slice(&read("unable to read key file", key)?);
                let identity = reqwest::Identity::from_pem(&pem).map_err(|error| {
                    let (cert, key) = (cert.display(), key.display());
                    let what = format!("{UNUSABLE}: unable to load cert from key pair: {cert} and {key}");
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

fn read(cannot: &str, path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| {
        let path = path.display().to_string();
        // As Go says it: in small letters, without the number.
        let text = error.to_string();
        let text = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
        let what = format!("{UNUSABLE}: {cannot}: {path:?}: open {path}: {text}");
        Error::Setup { what, source: Some(Box::new(error)) }
    })
}
