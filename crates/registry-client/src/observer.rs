//! Watching the client at work: `--debug`, warnings, progress.

use std::sync::Arc;
use std::time::Duration;

use chartroom_oci::Digest;

/// Is told what the client does. Nothing secret reaches it: credentials, tokens and signatures
/// are replaced by `<redacted>` in URLs, headers and bodies.
///
/// Called from the task that does the work, so it must not block for long.
pub trait Observer: Send + Sync {
    /// A request is about to be sent.
    fn request(&self, request: &RequestEvent<'_>) {
        let _ = request;
    }

    /// The head of an answer has come.
    fn response(&self, response: &ResponseEvent<'_>) {
        let _ = response;
    }

    /// The text of an answer has come: of errors, lists and token services, not of content.
    fn body(&self, id: u64, text: &str) {
        let _ = (id, text);
    }

    /// No answer came.
    fn failure(&self, id: u64, reason: &str) {
        let _ = (id, reason);
    }

    /// What failed will be tried again after a wait.
    fn retry(&self, retry: &RetryEvent<'_>) {
        let _ = retry;
    }

    /// The registry has something to say to its user (`Warning: 299`, OCI distribution
    /// specification, "Warnings"). Each text comes once for each registry.
    fn warning(&self, host: &str, text: &str) {
        let _ = (host, text);
    }

    /// Some of a blob or a file has passed.
    fn progress(&self, progress: &Progress) {
        let _ = progress;
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}

/// A request.
#[derive(Clone, Debug)]
pub struct RequestEvent<'a> {
    /// The request's number; its answer has the same. They start with 0.
    pub id: u64,
    /// The method.
    pub method: &'a str,
    /// The URL.
    pub url: &'a str,
    /// Names and values, in order.
    pub headers: &'a [(String, String)],
    /// The form that is sent to a token service.
    pub form: Option<&'a str>,
}

/// The head of an answer.
#[derive(Clone, Debug)]
pub struct ResponseEvent<'a> {
    /// The number of the request that it answers.
    pub id: u64,
    /// The status code.
    pub status: u16,
    /// The status line's words.
    pub reason: &'a str,
    /// Names and values, in order.
    pub headers: &'a [(String, String)],
    /// How long it took to come.
    pub elapsed: Duration,
}

/// Another attempt.
#[derive(Clone, Debug)]
pub struct RetryEvent<'a> {
    /// What failed, and how.
    pub reason: &'a str,
    /// How many attempts have failed.
    pub failed: u32,
    /// How long the client waits.
    pub wait: Duration,
}

/// Which way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the registry.
    Download,
    /// To the registry.
    Upload,
}

/// What is transferred.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A blob of a registry.
    Blob(Digest),
    /// A file of a web server, by its URL, without what is secret in it.
    File(Arc<str>),
}

/// How far the transfer of a blob or a file has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is.
    pub item: Item,
    /// Which way it goes.
    pub direction: Direction,
    /// How many bytes have passed. It goes back when a transfer starts over.
    pub done: u64,
    /// How many there are, where that is known.
    pub total: Option<u64>,
}
