//! The flags that every command of the client takes, before its name or after it, named as Helm names
//! them. The commands of the server don't have them.
//!
//! What was given is here; what holds (a flag, else its variable, else the default) is found out by
//! who uses it.

use std::path::PathBuf;

use clap::Args;

/// Flags of all commands of the client. `None`, or an empty list, is a flag that was not given.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Show each request and its answer, without secrets [env: HELM_DEBUG]
    #[arg(
        long,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL",
        value_parser = crate::go::boolean
    )]
    pub debug: Option<bool>,

    /// File with logins [default: Helm's, then Docker's, then podman's] [env: HELM_REGISTRY_CONFIG]
    #[arg(long, value_name = "FILE")]
    pub registry_config: Option<PathBuf>,

    /// File with the names and URLs of chart repositories [env: HELM_REPOSITORY_CONFIG]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub repository_config: Option<PathBuf>,

    /// Folder with the indexes of chart repositories [env: HELM_REPOSITORY_CACHE]
    #[arg(long, value_name = "FOLDER", hide_short_help = true)]
    pub repository_cache: Option<PathBuf>,

    /// Folder with downloaded charts [env: HELM_CONTENT_CACHE]
    #[arg(long, value_name = "FOLDER", hide_short_help = true)]
    pub content_cache: Option<PathBuf>,

    /// Whether to print in colour: never, auto, always [env: HELM_COLOR, NO_COLOR]
    #[arg(long, alias = "colour", value_name = "WHEN", value_parser = colour, hide_short_help = true)]
    pub color: Option<String>,

    /// Namespace of the release [env: HELM_NAMESPACE]
    #[arg(short, long, value_name = "NAMESPACE", hide_short_help = true)]
    pub namespace: Option<String>,

    /// How to reach the cluster.
    #[command(flatten)]
    pub kube: Kube,

    /// Level of detail of a log that is not kept here
    #[arg(
        short = 'v',
        long = "v",
        value_name = "LEVEL",
        value_parser = crate::go::integer,
        hide = true,
        allow_hyphen_values = true
    )]
    pub verbosity: Option<i64>,
}

/// How to reach a cluster: used by commands that talk to one.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Global options")]
pub struct Kube {
    /// File that says how to reach the cluster [env: KUBECONFIG]
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub kubeconfig: Option<PathBuf>,

    /// Context of that file to use [env: HELM_KUBECONTEXT]
    #[arg(long = "kube-context", value_name = "NAME", hide_short_help = true)]
    pub context: Option<String>,

    /// Address of the Kubernetes API server [env: HELM_KUBEAPISERVER]
    #[arg(long = "kube-apiserver", value_name = "URL", hide_short_help = true)]
    pub apiserver: Option<String>,

    /// User to act as [env: HELM_KUBEASUSER]
    #[arg(long = "kube-as-user", value_name = "NAME", hide_short_help = true)]
    pub as_user: Option<String>,

    /// Group to act as; can be given several times [env: HELM_KUBEASGROUPS]
    #[arg(long = "kube-as-group", value_name = "NAME", hide_short_help = true)]
    pub as_groups: Vec<String>,

    /// Certificates that the API server's certificate is checked against [env: HELM_KUBECAFILE]
    #[arg(long = "kube-ca-file", value_name = "FILE", hide_short_help = true)]
    pub kube_ca_file: Option<PathBuf>,

    /// Token to show to the API server [env: HELM_KUBETOKEN]
    #[arg(long = "kube-token", value_name = "TOKEN", hide_short_help = true)]
    pub token: Option<String>,

    /// Name that the API server's certificate is for [env: HELM_KUBETLS_SERVER_NAME]
    #[arg(long = "kube-tls-server-name", value_name = "NAME", hide_short_help = true)]
    pub tls_server_name: Option<String>,

    /// Accept any certificate of the API server [env: HELM_KUBEINSECURE_SKIP_TLS_VERIFY]
    #[arg(
        long = "kube-insecure-skip-tls-verify",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL",
        value_parser = crate::go::boolean,
        hide_short_help = true
    )]
    pub kube_insecure: Option<bool>,

    /// Requests to the API server that may go out at once [env: HELM_BURST_LIMIT]
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = crate::go::integer,
        hide_short_help = true,
        allow_hyphen_values = true
    )]
    pub burst_limit: Option<i64>,

    /// Requests to the API server per second, beyond those at once [env: HELM_QPS]
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = crate::go::float,
        hide_short_help = true,
        allow_hyphen_values = true
    )]
    pub qps: Option<f32>,
}

/// When to print in colour.
fn colour(text: &str) -> Result<String, &'static str> {
    match text {
        "never" | "auto" | "always" => Ok(text.to_owned()),
        _ => Err("must be one of: never, auto, always"),
    }
}
