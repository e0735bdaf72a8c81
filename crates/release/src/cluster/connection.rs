//! How a cluster is reached: kubeconfig files, what flags change of them, and the account of a pod.

use std::env;
use std::path::{Path, PathBuf};

use http::Uri;
use kube::Config;
use kube::config::{
    AuthInfo, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext,
};
use secrecy::SecretString;

use super::{Cluster, proxy};
use crate::error::{Error, Result};

/// What flags and variables say of the way to the cluster. What is not said is as kubeconfig files have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// The one file to read, which must be there.
    pub kubeconfig: Option<PathBuf>,
    /// The context to use.
    pub context: Option<String>,
    /// The address of the API server.
    pub server: Option<String>,
    /// A token to show to it.
    pub token: Option<String>,
    /// Certificates that its own is checked against.
    pub ca_file: Option<PathBuf>,
    /// Whom to act as.
    pub as_user: Option<String>,
    /// The groups of who that is.
    pub as_groups: Vec<String>,
    /// The name that its certificate is for.
    pub tls_server_name: Option<String>,
    /// Whether any certificate will do.
    pub insecure: bool,
    /// The namespace, if it is said.
    pub namespace: Option<String>,
}

/// What the names are under which flags take part in a configuration that hasn't any.
const OWN: &str = "chartroom";

impl Connection {
    /// The namespace: what is said, else that of the context, else that of the pod, else `default`.
    ///
    /// # Errors
    ///
    /// When files can't be read.
    pub fn namespace(&self) -> Result<String> {
        if let Some(namespace) = self.namespace.as_deref().filter(|namespace| !namespace.is_empty()) {
            return Ok(namespace.to_owned());
        }
        let config = self.files()?;
        let own = self.context_of(&config)?.and_then(|(_, context)| context.namespace);
        let own = own.filter(|namespace| !namespace.is_empty());
        let pod = || std::fs::read_to_string("/var/run/secrets/kubernetes.io/serviceaccount/namespace").ok();
        let own = own.or_else(|| if in_cluster(&config) { pod() } else { None });
        Ok(own.map_or_else(|| "default".to_owned(), |namespace| namespace.trim().to_owned()))
    }

    /// Gets ready to ask the cluster. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When it can't be found out how.
    pub async fn open(&self) -> Result<Cluster> {
        let config = self.config().await?;
        let url = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let client = kube::Client::try_from(config).map_err(problem)?;
        Ok(Cluster { client, url })
    }

    async fn config(&self) -> Result<Config> {
        let mut file = self.files()?;
        let mut config = if in_cluster(&file) && self.server.is_none() {
            let mut config = Config::incluster().map_err(problem)?;
            if let Some(token) = &self.token {
                config.auth_info.token_file = None;
                config.auth_info.token = Some(SecretString::from(token.clone()));
            }
            self.impersonate(&mut config.auth_info);
            config
        } else {
            let context = self.apply_to(&mut file)?;
            let server = file.clusters.iter().find(|cluster| cluster.name == context.cluster);
            let own_proxy = server
                .and_then(|cluster| cluster.cluster.as_ref()?.proxy_url.clone())
                .filter(|proxy| !proxy.is_empty());
            let options = KubeConfigOptions { context: Some(OWN.to_owned()), ..KubeConfigOptions::default() };
            file.contexts.retain(|named| named.name != OWN);
            file.contexts.push(NamedContext {
                name: OWN.to_owned(),
                context: Some(context),
                ..NamedContext::default()
            });
            let mut config = Config::from_custom_kubeconfig(file, &options).await.map_err(problem)?;
            config.proxy_url = match own_proxy {
                Some(proxy) => Some(proxy.parse::<Uri>().map_err(problem)?),
                None => proxy::of_environment(&config.cluster_url).map_err(Error::Configuration)?,
            };
            config
        };
        if let Some(name) = &self.tls_server_name {
            config.tls_server_name = Some(name.clone());
        }
        // A wait on the cluster has its own bound, and a large request may take its time.
        config.read_timeout = None;
        config.write_timeout = None;
        Ok(config)
    }

    /// All files together: the one that is named, those of `KUBECONFIG`, or the one at home.
    fn files(&self) -> Result<Kubeconfig> {
        if let Some(file) = &self.kubeconfig {
            return read(file)?.ok_or_else(|| {
                Error::Configuration(format!("stat {}: no such file or directory", file.display()))
            });
        }
        let variable = env::var_os("KUBECONFIG").filter(|value| !value.is_empty());
        let paths: Vec<PathBuf> = match &variable {
            Some(value) => env::split_paths(value).filter(|path| !path.as_os_str().is_empty()).collect(),
            None => env::home_dir().into_iter().map(|home| home.join(".kube/config")).collect(),
        };
        let mut all = Kubeconfig::default();
        for path in paths {
            if let Some(next) = read(&path)? {
                all = all.merge(next).map_err(problem)?;
            }
        }
        Ok(all)
    }

    fn context_of(&self, config: &Kubeconfig) -> Result<Option<(String, Context)>> {
        let wanted = self.context.as_ref().or(config.current_context.as_ref());
        let Some(wanted) = wanted.filter(|name| !name.is_empty()) else { return Ok(None) };
        let found = config.contexts.iter().find(|named| named.name == *wanted);
        match found.and_then(|named| named.context.clone()) {
            Some(context) => Ok(Some((wanted.clone(), context))),
            None if self.context.is_some() => {
                Err(Error::Configuration(format!("context {wanted:?} does not exist")))
            }
            None => Ok(None),
        }
    }

    /// Puts what flags say into the files, and gives the context that holds.
    fn apply_to(&self, config: &mut Kubeconfig) -> Result<Context> {
        let mut context = self.context_of(config)?.map(|(_, context)| context).unwrap_or_default();
        let mut cluster = config
            .clusters
            .iter()
            .find(|named| named.name == context.cluster)
            .and_then(|named| named.cluster.clone())
            .unwrap_or_default();
        let user_name = context.user.clone().unwrap_or_default();
        let mut user = config
            .auth_infos
            .iter()
            .find(|named| named.name == user_name)
            .and_then(|named| named.auth_info.clone())
            .unwrap_or_default();
        if let Some(server) = &self.server {
            cluster.server = Some(server.clone());
        }
        let server = cluster.server.get_or_insert_with(|| "http://localhost:8080".to_owned());
        if !server.contains("://") {
            *server = format!("http://{server}");
        }
        if let Some(file) = &self.ca_file {
            cluster.certificate_authority = Some(file.display().to_string());
            cluster.certificate_authority_data = None;
        }
        if self.insecure {
            cluster.insecure_skip_tls_verify = Some(true);
            cluster.certificate_authority = None;
            cluster.certificate_authority_data = None;
        }
        if let Some(token) = &self.token {
            user.token = Some(SecretString::from(token.clone()));
            user.token_file = None;
            user.exec = None;
        }
        self.impersonate(&mut user);
        OWN.clone_into(&mut context.cluster);
        context.user = Some(OWN.to_owned());
        config.clusters.retain(|named| named.name != OWN);
        config.clusters.push(NamedCluster {
            name: OWN.to_owned(),
            cluster: Some(cluster),
            ..NamedCluster::default()
        });
        config.auth_infos.retain(|named| named.name != OWN);
        config.auth_infos.push(NamedAuthInfo {
            name: OWN.to_owned(),
            auth_info: Some(user),
            ..NamedAuthInfo::default()
        });
        Ok(context)
    }

    fn impersonate(&self, user: &mut AuthInfo) {
        if let Some(name) = &self.as_user {
            user.impersonate = Some(name.clone());
        }
        if !self.as_groups.is_empty() {
            user.impersonate_groups = Some(self.as_groups.clone());
        }
    }
}

/// Whether this is a pod of a cluster, and no file says otherwise.
fn in_cluster(config: &Kubeconfig) -> bool {
    config.clusters.is_empty()
        && env::var_os("KUBERNETES_SERVICE_HOST").is_some_and(|host| !host.is_empty())
        && Path::new("/var/run/secrets/kubernetes.io/serviceaccount/token").is_file()
}

/// Reads a file, if it is there.
fn read(path: &Path) -> Result<Option<Kubeconfig>> {
    if !path.exists() {
        return Ok(None);
    }
    Kubeconfig::read_from(path).map(Some).map_err(|error| {
        Error::Configuration(format!("error loading config file \"{}\": {error}", path.display()))
    })
}

fn problem(error: impl std::fmt::Display) -> Error {
    Error::Configuration(error.to_string())
}
