//! Processes: a clean environment for them, and signals.

use std::process::Command;

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
