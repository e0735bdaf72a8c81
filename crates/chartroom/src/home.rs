//! Helm's folders: where caches, settings and data of the client are, as the environment and the
//! operating system have it. Nothing is read or made here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Helm's folders, and the files in them that have variables of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Home {
    cache: PathBuf,
    config: PathBuf,
    data: PathBuf,
    repository_config: PathBuf,
    repository_cache: PathBuf,
    registry_config: PathBuf,
    content_cache: PathBuf,
    plugins: PathBuf,
}

/// One of the three folders: its own variable, the one of XDG, and its place below the user's home on
/// macOS and elsewhere.
struct Place(&'static str, &'static str, &'static str, &'static str);

const CACHE: Place = Place("HELM_CACHE_HOME", "XDG_CACHE_HOME", "Library/Caches", ".cache");
const CONFIG: Place = Place("HELM_CONFIG_HOME", "XDG_CONFIG_HOME", "Library/Preferences", ".config");
const DATA: Place = Place("HELM_DATA_HOME", "XDG_DATA_HOME", "Library", ".local/share");

impl Home {
    /// As this process's environment has it.
    pub(crate) fn from_environment() -> Self {
        Self::from(&|name| std::env::var_os(name), cfg!(target_os = "macos"))
    }

    fn from(variable: &dyn Fn(&str) -> Option<OsString>, macos: bool) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let place = |Place(own, xdg, on_macos, elsewhere): Place| {
            filled(own).unwrap_or_else(|| {
                let base = filled(xdg).unwrap_or_else(|| {
                    let below = if macos { on_macos } else { elsewhere };
                    filled("HOME").unwrap_or_default().join(below)
                });
                base.join("helm")
            })
        };
        let (cache, config, data) = (place(CACHE), place(CONFIG), place(DATA));
        // As with Helm, a variable of one of these counts even if it is empty.
        let own = |name: &str, default: PathBuf| variable(name).map_or(default, PathBuf::from);
        Self {
            repository_config: own("HELM_REPOSITORY_CONFIG", config.join("repositories.yaml")),
            repository_cache: own("HELM_REPOSITORY_CACHE", cache.join("repository")),
            registry_config: own("HELM_REGISTRY_CONFIG", config.join("registry/config.json")),
            content_cache: own("HELM_CONTENT_CACHE", cache.join("content")),
            plugins: own("HELM_PLUGINS", data.join("plugins")),
            cache,
            config,
            data,
        }
    }

    /// Folder of what can be had again (`HELM_CACHE_HOME`).
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// Folder of settings (`HELM_CONFIG_HOME`).
    pub(crate) fn config(&self) -> &Path {
        &self.config
    }

    /// Folder of plugins and starters (`HELM_DATA_HOME`).
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// File with the names and URLs of chart repositories.
    pub(crate) fn repository_config(&self) -> &Path {
        &self.repository_config
    }

    /// Folder with the indexes of chart repositories.
    pub(crate) fn repository_cache(&self) -> &Path {
        &self.repository_cache
    }

    /// File with logins.
    pub(crate) fn registry_config(&self) -> &Path {
        &self.registry_config
    }

    /// Folder with downloaded charts.
    pub(crate) fn content_cache(&self) -> &Path {
        &self.content_cache
    }

    /// Folder with plugins; several can be parted by `:`.
    pub(crate) fn plugins(&self) -> &Path {
        &self.plugins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(variables: &[(&str, &str)], macos: bool) -> Home {
        let find = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        };
        Home::from(&find, macos)
    }

    #[test]
    fn folders_follow_the_environment() {
        let plain = home(&[("HOME", "/h")], false);
        assert_eq!(plain.cache(), Path::new("/h/.cache/helm"));
        assert_eq!(plain.config(), Path::new("/h/.config/helm"));
        assert_eq!(plain.data(), Path::new("/h/.local/share/helm"));
        assert_eq!(plain.repository_config(), Path::new("/h/.config/helm/repositories.yaml"));
        assert_eq!(plain.registry_config(), Path::new("/h/.config/helm/registry/config.json"));
        assert_eq!(plain.content_cache(), Path::new("/h/.cache/helm/content"));
        let xdg = home(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x"), ("HELM_DATA_HOME", "/d")], false);
        assert_eq!(xdg.repository_cache(), Path::new("/x/helm/repository"));
        assert_eq!(xdg.plugins(), Path::new("/d/plugins"));
        let own = home(&[("HELM_REPOSITORY_CONFIG", ""), ("HELM_CONFIG_HOME", "/c")], false);
        assert_eq!((own.repository_config(), own.config()), (Path::new(""), Path::new("/c")));
        assert_eq!(home(&[("HOME", "/h")], true).config(), Path::new("/h/Library/Preferences/helm"));
    }
}
