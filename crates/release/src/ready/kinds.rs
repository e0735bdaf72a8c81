//! The rules for the kinds that Kubernetes has of its own.

use serde_json::Value;

use super::{State, Status, condition, is, text};

/// How an object stands, if something is known about its kind.
pub(super) fn state(object: &Value) -> Option<State> {
    let group = object["apiVersion"].as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
    Some(match (group, object["kind"].as_str()?) {
        ("apps", "Deployment") => deployment(object),
        ("apps", "StatefulSet") => stateful_set(object),
        ("apps", "ReplicaSet") => replica_set(object),
        ("apps", "DaemonSet") => daemon_set(object),
        ("", "Pod") => pod(object),
        ("batch", "Job") => job(object),
        ("", "PersistentVolumeClaim") => claim(object),
        ("", "Service") => service(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object),
        ("", "ConfigMap" | "Secret") => State::current("Resource is always ready"),
        _ => return None,
    })
}

fn wanted(object: &Value) -> i64 {
    object["spec"]["replicas"].as_i64().unwrap_or(1)
}

fn count(object: &Value, name: &str) -> i64 {
    object["status"][name].as_i64().unwrap_or(0)
}

fn deployment(object: &Value) -> State {
    if let Some(progressing) = condition(object, "Progressing")
        && progressing["reason"] == "ProgressDeadlineExceeded"
    {
        return State::new(Status::Failed, "Progress deadline exceeded");
    }
    let wanted = wanted(object);
    let [replicas, updated, ready, available] =
        ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"].map(|name| count(object, name));
    if wanted > replicas {
        return State::in_progress(format!("Replicas: {replicas}/{wanted}"));
    }
    if wanted > updated {
        return State::in_progress(format!("Updated: {updated}/{wanted}"));
    }
    if replicas > wanted {
        return State::in_progress(format!("Pending termination: {}", replicas - wanted));
    }
    if updated > available {
        return State::in_progress(format!("Available: {available}/{updated}"));
    }
    if wanted > ready {
        return State::in_progress(format!("Ready: {ready}/{wanted}"));
    }
    // A deployment that sets no deadline for its progress has no such condition.
    let bounded = object["spec"]["progressDeadlineSeconds"].as_i64().is_some_and(|most| most < 2_147_483_647);
    let progressed = condition(object, "Progressing")
        .is_some_and(|one| is(one, "True") && one["reason"] == "NewReplicaSetAvailable");
    if bounded && !progressed {
        return State::in_progress("ReplicaSet not Available");
    }
    if !condition(object, "Available").is_some_and(|one| is(one, "True")) {
        return State::in_progress("Deployment not Available");
    }
    State::current(format!("Deployment is available. Replicas: {replicas}"))
}

fn stateful_set(object: &Value) -> State {
    if object["spec"]["updateStrategy"]["type"] == "OnDelete" {
        return State::current("StatefulSet is using the ondelete update strategy");
    }
    let wanted = wanted(object);
    let [replicas, ready, current, updated] =
        ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas"].map(|name| count(object, name));
    if wanted > replicas {
        return State::in_progress(format!("Replicas: {replicas}/{wanted}"));
    }
    if wanted > ready {
        return State::in_progress(format!("Ready: {ready}/{wanted}"));
    }
    if replicas > wanted {
        return State::in_progress(format!("Pending termination: {}", replicas - wanted));
    }
    let partition = object["spec"]["updateStrategy"]["rollingUpdate"]["partition"].as_i64();
    if let Some(partition) = partition.filter(|partition| *partition > 0) {
        if updated < wanted - partition {
            return State::in_progress(format!("updated: {updated}/{}", wanted - partition));
        }
        return State::current(format!("Partition rollout complete. updated: {updated}"));
    }
    if wanted > current {
        return State::in_progress(format!("current: {current}/{wanted}"));
    }
    if object["status"]["currentRevision"] != object["status"]["updateRevision"] {
        return State::in_progress("Waiting for updated revision to match current");
    }
    State::current(format!("All replicas scheduled as expected. Replicas: {replicas}"))
}

fn replica_set(object: &Value) -> State {
    if condition(object, "ReplicaFailure").is_some_and(|one| is(one, "True")) {
        return State::in_progress("Replica Failure condition. Check Pods");
    }
    let wanted = wanted(object);
    let [labelled, available, ready, replicas] =
        ["fullyLabeledReplicas", "availableReplicas", "readyReplicas", "replicas"]
            .map(|name| count(object, name));
    for (name, number) in [("Labelled", labelled), ("Available", available), ("Ready", ready)] {
        if wanted > number {
            return State::in_progress(format!("{name}: {number}/{wanted}"));
        }
    }
    if replicas > wanted {
        return State::in_progress(format!("Pending termination: {}", replicas - wanted));
    }
    State::current(format!("ReplicaSet is available. Replicas: {replicas}"))
}

fn daemon_set(object: &Value) -> State {
    if object["status"]["observedGeneration"].is_null() {
        return State::in_progress("Missing .status.observedGeneration");
    }
    let Some(desired) = object["status"]["desiredNumberScheduled"].as_i64() else {
        return State::in_progress("Missing .status.desiredNumberScheduled");
    };
    for (name, field) in [
        ("Current", "currentNumberScheduled"),
        ("Updated", "updatedNumberScheduled"),
        ("Available", "numberAvailable"),
        ("Ready", "numberReady"),
    ] {
        let number = count(object, field);
        if desired > number {
            return State::in_progress(format!("{name}: {number}/{desired}"));
        }
    }
    State::current(format!("All replicas scheduled as expected. Replicas: {desired}"))
}

fn pod(object: &Value) -> State {
    let crashed = || {
        let containers = object["status"]["containerStatuses"].as_array()?;
        containers.iter().find(|one| one["state"]["waiting"]["reason"] == "CrashLoopBackOff")
    };
    match object["status"]["phase"].as_str().unwrap_or_default() {
        "Succeeded" => State::current("Pod has completed successfully"),
        "Failed" => State::new(Status::Failed, "Pod has completed, but not successfully"),
        "Running" => {
            if condition(object, "Ready").is_some_and(|one| is(one, "True")) {
                return State::current("Pod is Ready");
            }
            match crashed() {
                Some(container) => State::new(
                    Status::Failed,
                    format!("Containers in CrashLoop state: {}", text(container, "name")),
                ),
                None => State::in_progress("Pod is running but is not Ready"),
            }
        }
        "Pending" => match condition(object, "PodScheduled") {
            Some(scheduled) if is(scheduled, "False") && scheduled["reason"] == "Unschedulable" => {
                State::in_progress("Pod has not been scheduled")
            }
            _ => State::in_progress("Pod is in the Pending phase"),
        },
        _ => State::in_progress("Pod phase not available"),
    }
}

fn job(object: &Value) -> State {
    let wanted = object["spec"]["completions"].as_i64().unwrap_or(1);
    let [succeeded, active, failed] = ["succeeded", "active", "failed"].map(|name| count(object, name));
    if condition(object, "Complete").is_some_and(|one| is(one, "True")) {
        return State::current(format!("Job Completed. succeeded: {succeeded}/{wanted}"));
    }
    if condition(object, "Failed").is_some_and(|one| is(one, "True")) {
        return State::new(Status::Failed, format!("Job Failed. failed: {failed}/{wanted}"));
    }
    if object["status"]["startTime"].is_null() {
        return State::in_progress("Job not started");
    }
    State::current(format!("Job in progress. success:{succeeded}, active: {active}, failed: {failed}"))
}

fn claim(object: &Value) -> State {
    match object["status"]["phase"].as_str().unwrap_or("unknown") {
        "Bound" => State::current("PVC is Bound"),
        phase => State::in_progress(format!("PVC is not Bound. phase: {phase}")),
    }
}

fn service(object: &Value) -> State {
    let empty = object["spec"]["clusterIP"].as_str().unwrap_or_default().is_empty();
    if object["spec"]["type"] == "LoadBalancer" && empty {
        return State::in_progress("ClusterIP not set. Service type: LoadBalancer");
    }
    State::current("Service is ready")
}

fn definition(object: &Value) -> State {
    if let Some(accepted) = condition(object, "NamesAccepted").filter(|one| is(one, "False")) {
        return State::new(Status::Failed, text(accepted, "message"));
    }
    match condition(object, "Established") {
        Some(established) if is(established, "True") => State::current("CRD is established"),
        Some(established) if established["reason"] != "Installing" => {
            State::new(Status::Failed, text(established, "message"))
        }
        _ => State::in_progress("Install in progress"),
    }
}
