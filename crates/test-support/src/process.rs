//! Processes: a clean environment for them, and signals.

use std::path::Path;
use std::process::{Command, Stdio};

/// Takes out of a child's environment what would make it behave as on this machine only:
/// Chartroom's own settings and those of proxies.
pub fn clean_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_lowercase();
        if text.starts_with("chartroom_") || text.ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
}

/// Makes a folder the home and working folder of a child that knows nothing of the user's settings,
/// and has nobody to ask.
pub fn at_home(command: &mut Command, home: &Path) {
    const FOREIGN: [&str; 8] =
        ["HELM_", "XDG_", "DOCKER_", "REGISTRY_", "OCI_", "KUBE", "SSL_CERT_", "GNUPG"];
    clean_environment(command);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().into_owned();
        if FOREIGN.iter().any(|foreign| text.starts_with(foreign)) {
            command.env_remove(&name);
        }
    }
    command
        .current_dir(home)
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join(".cache"))
        .env("XDG_CONFIG_HOME", home.join(".config"))
        .env("XDG_DATA_HOME", home.join(".local/share"))
        .env("XDG_RUNTIME_DIR", home.join(".run"))
        .env("DOCKER_CONFIG", home.join(".docker"))
        .env("HELM_CONFIG_HOME", home.join(".helm/config"))
        .env("HELM_CACHE_HOME", home.join(".helm/cache"))
        .env("HELM_DATA_HOME", home.join(".helm/data"))
        .stdin(Stdio::null());
}

/// Sends a signal, such as `TERM`, to a process.
///
/// # Panics
///
/// When there is no such process.
#[track_caller]
pub fn signal(pid: u32, name: &str) {
    // The standard library sends no signal but KILL; every shell does.
    let status = Command::new("sh")
        .args(["-c", r#"kill -s "$0" "$1""#, name, &pid.to_string()])
        .status()
        .expect("sh starts");
    assert!(status.success(), "process {pid} takes no {name}");
}
