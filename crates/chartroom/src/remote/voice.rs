//! What is said on the standard error while a command talks to a registry: warnings of the registry,
//! attempts that failed, how far transfers are, and every request under `--debug`.

use chartroom_cli::Globals;
use chartroom_registry_client::{Observer, Progress, RequestEvent, ResponseEvent, RetryEvent};

use crate::{environment, printer, progress};

/// Says it. The client has taken all secrets out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice {
    /// Whether to show every request and answer.
    pub(crate) debug: bool,
    /// Whether to show how far transfers are.
    pub(crate) progress: bool,
}

impl Voice {
    pub(crate) fn new(globals: &Globals) -> Self {
        let debug = environment::debug(globals);
        // Between requests and answers, bars would only be in the way.
        Self { debug, progress: !debug }
    }

    /// Says something that is of interest to those who look for a fault.
    pub(crate) fn detail(self, text: &str) {
        if self.debug {
            printer::aside(&format!("{text}\n"));
        }
    }

    fn headers(sign: char, headers: &[(String, String)]) -> String {
        headers.iter().map(|(name, value)| format!("{sign} {name}: {value}\n")).collect()
    }
}

impl Observer for Voice {
    fn request(&self, request: &RequestEvent<'_>) {
        if self.debug {
            let RequestEvent { id, method, url, .. } = request;
            let form = request.form.map(|form| format!("> {form}\n")).unwrap_or_default();
            let headers = Self::headers('>', request.headers);
            printer::aside(&format!("[{id}] {method} {url}\n{headers}{form}"));
        }
    }

    fn response(&self, response: &ResponseEvent<'_>) {
        if self.debug {
            let ResponseEvent { id, status, reason, .. } = response;
            let headers = Self::headers('<', response.headers);
            printer::aside(&format!("[{id}] {status} {reason} in {:?}\n{headers}", response.elapsed));
        }
    }

    fn body(&self, id: u64, text: &str) {
        if self.debug {
            printer::aside(&format!("[{id}] {text}\n"));
        }
    }

    fn failure(&self, id: u64, reason: &str) {
        if self.debug {
            printer::aside(&format!("[{id}] no answer: {reason}\n"));
        }
    }

    fn retry(&self, retry: &RetryEvent<'_>) {
        let seconds = retry.wait.as_secs_f32();
        printer::aside(&format!("trying again in {seconds:.1} s: {}\n", retry.reason));
    }

    fn progress(&self, progress: &Progress) {
        if self.progress {
            progress::show(progress);
        }
    }

    fn warning(&self, host: &str, text: &str) {
        printer::aside(&format!("WARNING: {host}: {text}\n"));
    }
}
