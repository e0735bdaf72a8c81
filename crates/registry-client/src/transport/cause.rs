//! What a failed exchange failed of.

use std::error::Error as StdError;
use std::io;

use crate::content::SourceError;
use crate::error::TlsProblem;

/// All that led to an error, the error itself left out: it says the address again, secrets included.
pub(super) fn reason(error: &reqwest::Error) -> String {
    let texts =
        chain(error).skip(1).map(ToString::to_string).filter(|text| !text.starts_with("client error"));
    let mut parts: Vec<String> = Vec::new();
    for text in texts {
        let text = go_words(text);
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    if parts.is_empty() { "the connection failed".to_owned() } else { parts.join(": ") }
}

/// What scripts look for, in the words of Go's library.
fn go_words(text: String) -> String {
    for (own, known) in [
        ("tcp connect error", "dial tcp"),
        ("Connection refused (os error 111)", "connect: connection refused"),
        ("Connection reset by peer (os error 104)", "connection reset by peer"),
        ("Connection timed out (os error 110)", "connect: connection timed out"),
        ("No route to host (os error 113)", "connect: no route to host"),
        ("Network is unreachable (os error 101)", "connect: network is unreachable"),
        ("failed to lookup address information: Name or service not known", "no such host"),
        (
            "keys may not be consistent: KeyMismatch",
            "unable to load cert from key pair: tls: private key does not match public key",
        ),
    ] {
        if text.contains(own) {
            return text.replace(own, known);
        }
    }
    text
}

/// What is wrong with TLS, in the words of Go's library, before those of ours.
pub(super) fn tls_reason(problem: TlsProblem, own: &str) -> String {
    let known = match problem {
        TlsProblem::NotTls => "http: server gave HTTP response to HTTPS client",
        TlsProblem::UnknownAuthority => {
            "tls: failed to verify certificate: x509: certificate signed by unknown authority"
        }
        TlsProblem::WrongName => {
            "tls: failed to verify certificate: x509: certificate is not valid for this name"
        }
        TlsProblem::NotValidNow => {
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"
        }
        TlsProblem::ClientCertificate => "remote error: tls: certificate required",
        TlsProblem::Other => return own.to_owned(),
    };
    format!("{known} ({own})")
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// What is wrong with TLS, if that is what broke.
pub(super) fn tls_problem(error: &reqwest::Error) -> Option<TlsProblem> {
    rustls_error(error).map(problem)
}

/// What an error of the operating system holds within it is not among its sources.
fn rustls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    chain(error).find_map(|error| {
        let within = || error.downcast_ref::<io::Error>()?.get_ref().and_then(|inner| rustls_error(inner));
        error.downcast_ref::<rustls::Error>().or_else(within)
    })
}

fn problem(error: &rustls::Error) -> TlsProblem {
    use rustls::{AlertDescription as Alert, CertificateError as Certificate, Error as Tls};
    match error {
        Tls::InvalidMessage(_) => TlsProblem::NotTls,
        // An authority of the right name with another key signs what looks like a bad signature.
        Tls::InvalidCertificate(Certificate::UnknownIssuer | Certificate::BadSignature) => {
            TlsProblem::UnknownAuthority
        }
        Tls::InvalidCertificate(
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. },
        ) => TlsProblem::WrongName,
        Tls::InvalidCertificate(
            Certificate::Expired
            | Certificate::ExpiredContext { .. }
            | Certificate::NotValidYet
            | Certificate::NotValidYetContext { .. },
        ) => TlsProblem::NotValidNow,
        Tls::AlertReceived(
            Alert::CertificateRequired | Alert::BadCertificate | Alert::UnknownCA | Alert::CertificateUnknown,
        ) => TlsProblem::ClientCertificate,
        _ => TlsProblem::Other,
    }
}

/// The error of reading what was to be sent, if that is what broke.
pub(super) fn own_fault(error: &reqwest::Error) -> Option<io::Error> {
    let source = chain(error).find_map(|error| error.downcast_ref::<SourceError>())?;
    Some(io::Error::new(source.kind, source.text.clone()))
}
