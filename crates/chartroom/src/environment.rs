//! What holds of the flags that all commands of the client take: the flag, else its variable, else the
//! default. As with Helm, a variable whose text is no number or truth value counts for nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chartroom_cli::{Globals, go};

use crate::home::Home;

/// Requests to a cluster at once, unless something else is said.
const BURST_LIMIT: i64 = 100;
/// Revisions of a release that are kept, unless something else is said.
const MAX_HISTORY: i64 = 10;

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn truth(flag: Option<bool>, name: &str) -> bool {
    flag.or_else(|| variable(name).and_then(|value| go::boolean(&value).ok())).unwrap_or(false)
}

fn text(flag: Option<&str>, name: &str) -> String {
    flag.map(str::to_owned).or_else(|| variable(name)).unwrap_or_default()
}

fn path(flag: Option<&Path>, otherwise: &Path) -> String {
    flag.unwrap_or(otherwise).display().to_string()
}

/// Whether requests are shown.
pub(crate) fn debug(globals: &Globals) -> bool {
    truth(globals.debug, "HELM_DEBUG")
}

/// The folder with downloaded charts.
pub(crate) fn content_cache(globals: &Globals) -> PathBuf {
    globals.content_cache.clone().unwrap_or_else(|| Home::from_environment().content_cache().to_owned())
}

/// The namespace of releases.
pub(crate) fn namespace(globals: &Globals) -> String {
    let namespace = text(globals.namespace.as_deref(), "HELM_NAMESPACE");
    if namespace.is_empty() { "default".to_owned() } else { namespace }
}

/// Everything that holds, under the names of the variables.
pub(crate) fn all(globals: &Globals, program: &str) -> BTreeMap<&'static str, String> {
    let home = Home::from_environment();
    let kube = &globals.kube;
    let shown = |path: &Path| path.display().to_string();
    let number = |flag: Option<i64>, name: &str, default: i64| {
        // Helm reads variables without the prefixes that flags may have.
        flag.or_else(|| variable(name)?.parse().ok()).unwrap_or(default).to_string()
    };
    let qps = kube.qps.or_else(|| variable("HELM_QPS").and_then(|value| go::float(&value).ok()));
    let groups = match &kube.as_groups[..] {
        [] => variable("HELM_KUBEASGROUPS").unwrap_or_default(),
        groups => groups.join(","),
    };
    let ca_file = kube.kube_ca_file.as_deref().map(Path::to_string_lossy);
    let mut all = BTreeMap::from([
        ("HELM_BIN", program.to_owned()),
        ("HELM_BURST_LIMIT", number(kube.burst_limit, "HELM_BURST_LIMIT", BURST_LIMIT)),
        ("HELM_CACHE_HOME", shown(home.cache())),
        ("HELM_CONFIG_HOME", shown(home.config())),
        ("HELM_CONTENT_CACHE", path(globals.content_cache.as_deref(), home.content_cache())),
        ("HELM_DATA_HOME", shown(home.data())),
        ("HELM_DEBUG", debug(globals).to_string()),
        ("HELM_KUBEAPISERVER", text(kube.apiserver.as_deref(), "HELM_KUBEAPISERVER")),
        ("HELM_KUBEASGROUPS", groups),
        ("HELM_KUBEASUSER", text(kube.as_user.as_deref(), "HELM_KUBEASUSER")),
        ("HELM_KUBECAFILE", text(ca_file.as_deref(), "HELM_KUBECAFILE")),
        ("HELM_KUBECONTEXT", text(kube.context.as_deref(), "HELM_KUBECONTEXT")),
        (
            "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
            truth(kube.kube_insecure, "HELM_KUBEINSECURE_SKIP_TLS_VERIFY").to_string(),
        ),
        ("HELM_KUBETLS_SERVER_NAME", text(kube.tls_server_name.as_deref(), "HELM_KUBETLS_SERVER_NAME")),
        ("HELM_KUBETOKEN", text(kube.token.as_deref(), "HELM_KUBETOKEN")),
        ("HELM_MAX_HISTORY", number(None, "HELM_MAX_HISTORY", MAX_HISTORY)),
        ("HELM_NAMESPACE", namespace(globals)),
        ("HELM_PLUGINS", shown(home.plugins())),
        ("HELM_QPS", format!("{:.2}", qps.unwrap_or_default())),
        ("HELM_REGISTRY_CONFIG", path(globals.registry_config.as_deref(), home.registry_config())),
        ("HELM_REPOSITORY_CACHE", path(globals.repository_cache.as_deref(), home.repository_cache())),
        ("HELM_REPOSITORY_CONFIG", path(globals.repository_config.as_deref(), home.repository_config())),
    ]);
    if let Some(kubeconfig) = &kube.kubeconfig {
        all.insert("KUBECONFIG", shown(kubeconfig));
    }
    all
}
