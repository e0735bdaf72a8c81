//! `.Capabilities`: what the cluster can do, and which Helm this is.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

use chartroom_gotemplate::{CallError, Kind, List, Object, Signature, Text, Type, Value};

use crate::kubernetes_version::KubernetesVersion;

/// What templates are told of the cluster.
#[derive(Clone, Debug)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kubernetes: KubernetesVersion,
    /// API versions: `apps/v1`, and of a cluster that was asked also `apps/v1/Deployment`.
    pub api_versions: Vec<String>,
    /// Which Helm this is.
    pub helm: HelmVersion,
}

impl Capabilities {
    /// What Helm 4.3.1 supposes where it doesn't ask a cluster.
    pub fn of_helm() -> Self {
        Self {
            kubernetes: KubernetesVersion::of_helm(),
            api_versions: BUILT_IN.iter().map(|&version| version.to_owned()).collect(),
            helm: HelmVersion::default(),
        }
    }

    /// The value that templates see.
    pub(crate) fn value(&self) -> Value {
        let kubernetes = Rc::new(KubernetesObject(self.kubernetes.clone()));
        let versions = List::strings(self.api_versions.iter().map(String::as_str));
        Value::Object(Rc::new(CapabilitiesObject {
            kubernetes: Value::Object(kubernetes),
            api_versions: Value::Object(Rc::new(VersionSet(versions))),
            helm: Value::Object(Rc::new(HelmObject(self.helm.clone()))),
        }))
    }
}

/// The Helm that templates are rendered as: charts ask for it with `semverCompare`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelmVersion {
    /// `v4.3.1`
    pub version: String,
    /// The commit that it was built of.
    pub git_commit: String,
    /// `clean`
    pub git_tree_state: String,
    /// The version of Go.
    pub go_version: String,
    /// The version of the library that speaks to Kubernetes.
    pub kube_client_version: String,
}

impl Default for HelmVersion {
    /// What Helm 4.3.1 says of itself, so that a chart that prints it renders the same here.
    fn default() -> Self {
        Self {
            version: "v4.3.1".to_owned(),
            git_commit: "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff".to_owned(),
            git_tree_state: "clean".to_owned(),
            go_version: "go1.27.2".to_owned(),
            kube_client_version: "v1.37".to_owned(),
        }
    }
}

impl HelmVersion {
    fn fields(&self) -> [(&'static str, &'static str, &str); 5] {
        [
            ("Version", "version", &self.version),
            ("GitCommit", "git_commit", &self.git_commit),
            ("GitTreeState", "git_tree_state", &self.git_tree_state),
            ("GoVersion", "go_version", &self.go_version),
            ("KubeClientVersion", "kube_client_version", &self.kube_client_version),
        ]
    }
}

/// The API versions that Helm 4.3.1 knows, in its order.
const BUILT_IN: [&str; 57] = [
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// `*common.Capabilities`
struct CapabilitiesObject {
    kubernetes: Value,
    api_versions: Value,
    helm: Value,
}

impl fmt::Debug for CapabilitiesObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Capabilities")
    }
}

impl Object for CapabilitiesObject {
    fn type_name(&self) -> &'static str {
        "*common.Capabilities"
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "KubeVersion" => self.kubernetes.clone(),
            "APIVersions" => self.api_versions.clone(),
            "HelmVersion" => self.helm.clone(),
            _ => return None,
        })
    }

    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        vec![
            ("KubeVersion", "KubeVersion", self.kubernetes.clone()),
            ("APIVersions", "APIVersions", self.api_versions.clone()),
            ("HelmVersion", "HelmVersion", self.helm.clone()),
        ]
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `common.KubeVersion`
#[derive(Debug)]
struct KubernetesObject(KubernetesVersion);

impl Object for KubernetesObject {
    fn type_name(&self) -> &'static str {
        "common.KubeVersion"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        Some(Value::from(match name {
            "Version" => self.0.full(),
            "Major" => self.0.major(),
            "Minor" => self.0.minor(),
            _ => return None,
        }))
    }

    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        vec![
            ("Version", "Version", Value::from(self.0.full())),
            ("Major", "Major", Value::from(self.0.major())),
            ("Minor", "Minor", Value::from(self.0.minor())),
        ]
    }

    fn method(&self, name: &str) -> Option<Signature> {
        matches!(name, "String" | "GitVersion").then(|| Signature::new([], Type::String))
    }

    fn call(&self, name: &str, _: &[Value]) -> Result<Value, CallError> {
        match name {
            "String" => Ok(Value::from(self.0.normalised())),
            _ => Ok(Value::from(self.0.full())),
        }
    }

    fn string(&self) -> Option<Text> {
        Some(self.0.normalised().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `common.VersionSet`
struct VersionSet(List);

impl fmt::Debug for VersionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("APIVersions")
    }
}

impl Object for VersionSet {
    fn type_name(&self) -> &'static str {
        "common.VersionSet"
    }

    fn kind(&self) -> Kind {
        Kind::Slice
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::List(self.0.clone()))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "Has").then(|| Signature::new([Type::String], Type::Bool))
    }

    fn call(&self, _: &str, arguments: &[Value]) -> Result<Value, CallError> {
        let wanted = arguments.first().and_then(Value::as_text);
        Ok(Value::Bool(self.0.items().iter().any(|version| version.as_text() == wanted)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `version.BuildInfo`
#[derive(Debug)]
struct HelmObject(HelmVersion);

impl Object for HelmObject {
    fn type_name(&self) -> &'static str {
        "version.BuildInfo"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn field(&self, name: &str) -> Option<Value> {
        let mut fields = self.0.fields().into_iter();
        fields.find(|(go, ..)| *go == name).map(|(.., value)| Value::from(value))
    }

    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        self.0.fields().into_iter().map(|(go, json, value)| (go, json, Value::from(value))).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
