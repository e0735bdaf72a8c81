//! APIs of Kubernetes that are deprecated, as of the client library 0.37.1 that Helm 4.3.1 is built
//! with. The table is data of that library, written down by a program that asked it.

use super::object::Object;
use crate::kubernetes_version::KubernetesVersion;

/// Group and version; the minor versions of Kubernetes 1 in which they are deprecated and gone, 0 where
/// the latter isn't decided; what to use instead; and the kinds. `*` means that there are lists of it
/// too; `>` precedes the name that it has in what is to be used instead.
const TABLE: &[(&str, u32, u32, &str, &str)] = &[
    (
        "admissionregistration.k8s.io/v1alpha1",
        35,
        38,
        "",
        "MutatingAdmissionPolicy* MutatingAdmissionPolicyBinding*",
    ),
    (
        "admissionregistration.k8s.io/v1alpha1",
        29,
        32,
        "",
        "ValidatingAdmissionPolicy* ValidatingAdmissionPolicyBinding*",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        37,
        40,
        "admissionregistration.k8s.io/v1",
        "MutatingAdmissionPolicy* MutatingAdmissionPolicyBinding*",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        16,
        22,
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration* ValidatingWebhookConfiguration*",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        31,
        34,
        "",
        "ValidatingAdmissionPolicy* ValidatingAdmissionPolicyBinding*",
    ),
    ("apps/v1beta1", 8, 16, "apps/v1", "ControllerRevision* Deployment* DeploymentRollback StatefulSet*"),
    ("apps/v1beta1", 8, 16, "autoscaling/v1", "Scale"),
    ("apps/v1beta2", 9, 16, "apps/v1", "ControllerRevision* DaemonSet* Deployment* ReplicaSet* StatefulSet*"),
    ("apps/v1beta2", 9, 16, "autoscaling/v1", "Scale"),
    ("authentication.k8s.io/v1alpha1", 29, 32, "", "SelfSubjectReview"),
    ("authentication.k8s.io/v1beta1", 30, 33, "", "SelfSubjectReview"),
    ("authentication.k8s.io/v1beta1", 19, 22, "authentication.k8s.io/v1", "TokenReview"),
    (
        "authorization.k8s.io/v1beta1",
        19,
        22,
        "authorization.k8s.io/v1",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    ),
    ("batch/v1beta1", 21, 25, "batch/v1", "CronJob*"),
    ("certificates.k8s.io/v1alpha1", 34, 37, "", "ClusterTrustBundle*"),
    ("certificates.k8s.io/v1beta1", 19, 22, "certificates.k8s.io/v1", "CertificateSigningRequest*"),
    (
        "certificates.k8s.io/v1beta1",
        37,
        40,
        "certificates.k8s.io/v1",
        "ClusterTrustBundle* PodCertificateRequest*",
    ),
    ("coordination.k8s.io/v1alpha2", 35, 38, "", "LeaseCandidate*"),
    ("coordination.k8s.io/v1beta1", 19, 22, "coordination.k8s.io/v1", "Lease*"),
    ("coordination.k8s.io/v1beta1", 36, 39, "", "LeaseCandidate*"),
    (
        "discovery.k8s.io/v1beta1",
        21,
        25,
        "discovery.k8s.io/v1",
        "EndpointSlice EndpointSliceList>EndpointSlice",
    ),
    ("events.k8s.io/v1beta1", 22, 25, "", "Event*"),
    ("extensions/v1beta1", 8, 16, "apps/v1", "DaemonSet* Deployment* ReplicaSet*"),
    ("extensions/v1beta1", 8, 16, "", "DeploymentRollback"),
    ("extensions/v1beta1", 14, 22, "networking.k8s.io/v1", "Ingress*"),
    ("extensions/v1beta1", 9, 16, "networking.k8s.io/v1", "NetworkPolicy*"),
    ("extensions/v1beta1", 2, 16, "", "Scale"),
    (
        "flowcontrol.apiserver.k8s.io/v1beta1",
        23,
        26,
        "flowcontrol.apiserver.k8s.io/v1beta3",
        "FlowSchema* PriorityLevelConfiguration*",
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta2",
        26,
        29,
        "flowcontrol.apiserver.k8s.io/v1beta3",
        "FlowSchema* PriorityLevelConfiguration*",
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1beta3",
        29,
        32,
        "flowcontrol.apiserver.k8s.io/v1",
        "FlowSchema* PriorityLevelConfiguration*",
    ),
    ("lifecycle.k8s.io/v1alpha1", 40, 43, "", "Eviction* EvictionRequest*"),
    ("networking.k8s.io/v1beta1", 34, 37, "", "IPAddress* ServiceCIDR*"),
    (
        "networking.k8s.io/v1beta1",
        19,
        22,
        "networking.k8s.io/v1",
        "Ingress* IngressClass>IngressClassList IngressClassList",
    ),
    ("node.k8s.io/v1beta1", 22, 25, "", "RuntimeClass*"),
    ("policy/v1beta1", 22, 25, "", "Eviction"),
    ("policy/v1beta1", 21, 25, "policy/v1", "PodDisruptionBudget*"),
    (
        "rbac.authorization.k8s.io/v1beta1",
        17,
        22,
        "rbac.authorization.k8s.io/v1",
        "ClusterRole* ClusterRoleBinding* Role* RoleBinding*",
    ),
    ("resource.k8s.io/v1alpha3", 36, 39, "", "DeviceTaintRule*"),
    ("resource.k8s.io/v1alpha3", 39, 42, "", "ResourcePoolStatusRequest*"),
    (
        "resource.k8s.io/v1beta1",
        35,
        38,
        "",
        "DeviceClass* ResourceClaim* ResourceClaimTemplate* ResourceSlice*",
    ),
    (
        "resource.k8s.io/v1beta2",
        36,
        39,
        "",
        "DeviceClass* ResourceClaim* ResourceClaimTemplate* ResourceSlice*",
    ),
    ("resource.k8s.io/v1beta2", 39, 42, "", "DeviceTaintRule*"),
    ("scheduling.k8s.io/v1beta1", 40, 43, "", "PodGroup* Workload*"),
    ("scheduling.k8s.io/v1beta1", 14, 22, "scheduling.k8s.io/v1", "PriorityClass*"),
    ("storage.k8s.io/v1alpha1", 21, 24, "storage.k8s.io/v1beta1", "CSIStorageCapacity*"),
    ("storage.k8s.io/v1alpha1", 21, 24, "storage.k8s.io/v1", "VolumeAttachment*"),
    ("storage.k8s.io/v1alpha1", 32, 35, "storage.k8s.io/v1", "VolumeAttributesClass*"),
    ("storage.k8s.io/v1beta1", 19, 22, "storage.k8s.io/v1", "CSIDriver* StorageClass* VolumeAttachment*"),
    ("storage.k8s.io/v1beta1", 17, 22, "storage.k8s.io/v1", "CSINode CSINodeList>CSINode"),
    ("storage.k8s.io/v1beta1", 24, 27, "storage.k8s.io/v1", "CSIStorageCapacity*"),
    ("storage.k8s.io/v1beta1", 34, 37, "storage.k8s.io/v1", "VolumeAttributesClass*"),
    ("storagemigration.k8s.io/v1beta1", 37, 40, "storagemigration.k8s.io/v1", "StorageVersionMigration*"),
    ("v1", 19, 0, "", "ComponentStatus*"),
    ("v1", 33, 0, "discovery.k8s.io/v1", "Endpoints*>EndpointSlice"),
];

/// An entry of the table for one kind.
struct Deprecation {
    since: u32,
    gone: u32,
    instead: Option<(&'static str, String)>,
}

fn find(version: &str, kind: &str) -> Option<Deprecation> {
    TABLE.iter().filter(|(known, ..)| *known == version).find_map(|(_, since, gone, instead, kinds)| {
        let (replacement, suffix) = kinds.split(' ').find_map(|entry| {
            let (name, other) = entry.split_once('>').unwrap_or((entry, ""));
            let (name, has_list) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
            let other = if other.is_empty() { name } else { other };
            match kind.strip_prefix(name)? {
                "" => Some((other, "")),
                "List" if has_list => Some((other, "List")),
                _ => None,
            }
        })?;
        let instead = (!instead.is_empty()).then(|| (*instead, format!("{replacement}{suffix}")));
        Some(Deprecation { since: *since, gone: *gone, instead })
    })
}

/// Whether an object is of an API that Kubernetes, in this version or the one that Helm supposes, keeps
/// for a while only.
pub(super) fn check(object: &Object, kubernetes: Option<&KubernetesVersion>) -> Result<(), String> {
    let (version, kind) = (&object.api_version, &object.kind);
    let Some(found) = find(version, kind) else { return Ok(()) };
    let default = KubernetesVersion::of_helm();
    let kubernetes = kubernetes.unwrap_or(&default);
    let number = |text: &str| {
        text.parse::<u32>().map_err(|_| {
            format!("strconv.Atoi: parsing {}: invalid syntax", chartroom_chart::go_text::quote(text))
        })
    };
    let current = (number(kubernetes.major())?, number(kubernetes.minor())?);
    if current < (1, found.since) {
        return Ok(());
    }
    let mut text = format!("{version} {kind} is deprecated in v1.{}+", found.since);
    if found.gone > 0 {
        text.push_str(&format!(", unavailable in v1.{}+", found.gone));
    }
    if let Some((version, kind)) = found.instead {
        text.push_str(&format!("; use {version} {kind}"));
    }
    Err(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_lists_are_found() {
        let text = |version: &str, kind: &str, kubernetes: &str| {
            let object = Object { api_version: version.into(), kind: kind.into(), ..Object::default() };
            check(&object, KubernetesVersion::parse(kubernetes).ok().as_ref()).err()
        };
        let expected = "extensions/v1beta1 Deployment is deprecated in v1.8+, unavailable in v1.16+; use apps/v1 Deployment";
        assert_eq!(text("extensions/v1beta1", "Deployment", "1.30").as_deref(), Some(expected));
        assert_eq!(text("extensions/v1beta1", "Deployment", "1.7"), None);
        assert_eq!(text("extensions/v1beta1", "Deploymen", "1.30"), None);
        let expected = "v1 EndpointsList is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSliceList";
        assert_eq!(text("v1", "EndpointsList", "1.37").as_deref(), Some(expected));
        assert_eq!(
            text("v1", "ComponentStatus", "1.37").as_deref(),
            Some("v1 ComponentStatus is deprecated in v1.19+")
        );
        assert_eq!(text("apps/v1beta1", "ScaleList", "1.37"), None);
        assert_eq!(text("v1", "Pod", "1.37"), None);
    }
}
