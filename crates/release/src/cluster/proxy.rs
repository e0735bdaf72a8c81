//! The proxy on the way to the API server, as variables of the environment name it.

use std::env;
use std::net::IpAddr;

use http::Uri;

/// The proxy for a server, if there is one: `HTTPS_PROXY` or `HTTP_PROXY`, unless `NO_PROXY` names the
/// server. As with Go, this machine is never asked for through a proxy.
pub(super) fn of_environment(server: &Uri) -> Result<Option<Uri>, String> {
    let host = server.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
        return Ok(None);
    }
    let variables = if server.scheme_str() == Some("http") {
        ["HTTP_PROXY", "http_proxy"]
    } else {
        ["HTTPS_PROXY", "https_proxy"]
    };
    let Some(proxy) = variables.into_iter().find_map(variable) else { return Ok(None) };
    let exceptions = ["NO_PROXY", "no_proxy"].into_iter().find_map(variable).unwrap_or_default();
    if exceptions.split(',').any(|exception| names(exception.trim(), host)) {
        return Ok(None);
    }
    let proxy = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
    proxy.parse().map(Some).map_err(|error| format!("invalid proxy address {proxy:?}: {error}"))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether an item of `NO_PROXY` names a host: `*`, a name with all below it, only what is below it
/// (`.name`), an address, or a network.
fn names(exception: &str, host: &str) -> bool {
    let exception = exception.rsplit_once(':').map_or(exception, |(name, port)| {
        if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { exception }
    });
    if exception.is_empty() {
        return false;
    }
    if exception == "*" || exception.eq_ignore_ascii_case(host) {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return exception.split_once('/').is_some_and(|(network, length)| {
            match (network.parse(), length.parse()) {
                (Ok(network), Ok(length)) => is_within(address, network, length),
                _ => false,
            }
        });
    }
    let host = host.to_ascii_lowercase();
    let exception = exception.to_ascii_lowercase();
    let exception = exception.strip_prefix("*").unwrap_or(&exception);
    let below = if exception.starts_with('.') { exception.to_owned() } else { format!(".{exception}") };
    host.ends_with(&below)
}

fn is_within(address: IpAddr, network: IpAddr, length: u32) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(u32::from(address)), u128::from(u32::from(network)), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (u128::from(address), u128::from(network), 128),
        _ => return false,
    };
    length <= width && (address ^ network).checked_shr(width - length).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_name_hosts() {
        for (exception, host, expected) in [
            ("*", "a.test", true),
            ("a.test", "a.test", true),
            ("a.test", "b.a.test", true),
            (".a.test", "b.a.test", true),
            (".a.test", "a.test", false),
            ("*.a.test", "b.a.test", true),
            ("a.test", "ba.test", false),
            ("a.test:6443", "a.test", true),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("fd00::/8", "fd00::1", true),
            ("0.0.0.0/0", "10.1.2.3", true),
            ("", "a.test", false),
        ] {
            assert_eq!(names(exception, host), expected, "{exception} {host}");
        }
    }
}
