//! The cluster and the releases in it, as flags and variables name them.

use anyhow::Result;
use chartroom_cli::{Globals, go};
use chartroom_release::{Connection, Driver, Storage};

use crate::helm_log;

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How the cluster is reached: flags go before variables.
pub(crate) fn connection(globals: &Globals) -> Connection {
    let kube = &globals.kube;
    let text = |flag: &Option<String>, name: &str| {
        flag.clone().or_else(|| variable(name)).filter(|value| !value.is_empty())
    };
    let groups = match &kube.as_groups[..] {
        [] => variable("HELM_KUBEASGROUPS").unwrap_or_default().split(',').map(str::to_owned).collect(),
        groups => groups.to_vec(),
    };
    let insecure = kube
        .kube_insecure
        .or_else(|| variable("HELM_KUBEINSECURE_SKIP_TLS_VERIFY").and_then(|value| go::boolean(&value).ok()));
    Connection {
        kubeconfig: kube.kubeconfig.clone(),
        context: text(&kube.context, "HELM_KUBECONTEXT"),
        server: text(&kube.apiserver, "HELM_KUBEAPISERVER"),
        token: text(&kube.token, "HELM_KUBETOKEN"),
        ca_file: kube.kube_ca_file.clone().or_else(|| variable("HELM_KUBECAFILE").map(Into::into)),
        as_user: text(&kube.as_user, "HELM_KUBEASUSER"),
        as_groups: groups.into_iter().filter(|group: &String| !group.is_empty()).collect(),
        tls_server_name: text(&kube.tls_server_name, "HELM_KUBETLS_SERVER_NAME"),
        insecure: insecure.unwrap_or(false),
        namespace: text(&globals.namespace, "HELM_NAMESPACE"),
    }
}

/// The releases of the namespace, or of all of them.
pub(crate) async fn storage(globals: &Globals, all_namespaces: bool) -> Result<Storage> {
    let connection = connection(globals);
    let name = std::env::var("HELM_DRIVER").unwrap_or_default();
    let Some(driver) = Driver::named(&name) else {
        // As Helm has it, which says it before anything else.
        let message = format!("unknown driver {name:?}");
        helm_log::info(&message, &[]);
        anyhow::bail!("{message}");
    };
    let namespace = if all_namespaces { None } else { Some(connection.namespace()?) };
    let cluster = connection.open().await?;
    Ok(Storage::new(cluster, driver, namespace))
}
