//! Which files may hold credentials, in the order in which they are asked. Nothing is read here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How the environment is asked for a variable.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The files that may hold credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// Helm's file, the only one that is ever written.
    pub(super) own: Option<PathBuf>,
    /// Those of others, in their order.
    pub(super) others: Vec<PathBuf>,
}

impl Places {
    /// Helm's file (or the one that was given in its place), then Docker's, then podman's.
    pub(super) fn from_environment(env: Environment<'_>, explicit: Option<PathBuf>, macos: bool) -> Self {
        let variable = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = variable("HOME");
        let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let xdg_config = || variable("XDG_CONFIG_HOME");

        let helm_home = || {
            let xdg = || xdg_config().map(|folder| folder.join("helm"));
            let default = || below_home(if macos { "Library/Preferences/helm" } else { ".config/helm" });
            variable("HELM_CONFIG_HOME").or_else(xdg).or_else(default)
        };
        let own = explicit
            .or_else(|| variable("HELM_REGISTRY_CONFIG"))
            .or_else(|| helm_home().map(|folder| folder.join("registry/config.json")));

        let docker = variable("DOCKER_CONFIG").or_else(|| below_home(".docker"));
        let mut others = Vec::from_iter(docker.map(|folder| folder.join("config.json")));
        match variable("REGISTRY_AUTH_FILE") {
            // To podman, it replaces the others.
            Some(file) => others.push(file),
            None => {
                let in_run = variable("XDG_RUNTIME_DIR");
                let in_config = xdg_config().or_else(|| below_home(".config"));
                let of = |folder: PathBuf| folder.join("containers/auth.json");
                others.extend(in_run.map(of));
                others.extend(in_config.map(of));
            }
        }
        Self { own, others }
    }

    /// All of them, each once.
    pub(super) fn all(&self) -> Vec<&Path> {
        let mut all: Vec<&Path> = Vec::new();
        for path in self.own.iter().chain(&self.others) {
            if !all.contains(&path.as_path()) {
                all.push(path);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(variables: &[(&str, &str)], explicit: Option<&str>, macos: bool) -> Vec<String> {
        let env = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        let places = Places::from_environment(&env, explicit.map(PathBuf::from), macos);
        places.all().iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn helm_then_docker_then_podman() {
        let home = ("HOME", "/h");
        assert_eq!(
            places(&[home], None, false),
            [
                "/h/.config/helm/registry/config.json",
                "/h/.docker/config.json",
                "/h/.config/containers/auth.json"
            ]
        );
        assert_eq!(places(&[home], None, true)[0], "/h/Library/Preferences/helm/registry/config.json");
        let xdg = [home, ("XDG_CONFIG_HOME", "/c"), ("XDG_RUNTIME_DIR", "/run/u")];
        assert_eq!(
            places(&xdg, None, true),
            [
                "/c/helm/registry/config.json",
                "/h/.docker/config.json",
                "/run/u/containers/auth.json",
                "/c/containers/auth.json"
            ]
        );
    }

    #[test]
    fn what_replaces_what() {
        let all = [
            ("HOME", "/h"),
            ("XDG_CONFIG_HOME", "/c"),
            ("XDG_RUNTIME_DIR", "/run/u"),
            ("HELM_CONFIG_HOME", "/helm"),
            ("HELM_REGISTRY_CONFIG", "/r.json"),
            ("DOCKER_CONFIG", "/d"),
            ("REGISTRY_AUTH_FILE", "/p.json"),
        ];
        assert_eq!(places(&all, Some("/e.json"), false), ["/e.json", "/d/config.json", "/p.json"]);
        assert_eq!(places(&all, None, false)[0], "/r.json");
        assert_eq!(places(&all[..4], None, false)[0], "/helm/registry/config.json");
        // An empty variable is none.
        assert_eq!(
            places(&[("HOME", "/h"), ("HELM_REGISTRY_CONFIG", ""), ("DOCKER_CONFIG", "")], None, false)[..2],
            ["/h/.config/helm/registry/config.json", "/h/.docker/config.json"]
        );
        assert!(places(&[], None, false).is_empty());
        // The same file isn't asked twice.
        assert_eq!(places(&[("DOCKER_CONFIG", "/d")], Some("/d/config.json"), false), ["/d/config.json"]);
    }
}
