//! Whether objects are what they were asked to be: by the rules of `kstatus`, which Helm 4 takes.

mod kinds;
mod watch;

use serde_json::Value;

pub(crate) use watch::{Goal, wait};

/// How an object stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) status: Status,
    /// Why, in the words of `kstatus`.
    pub(crate) message: String,
}

/// How an object stands, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Something is still to be done.
    InProgress,
    /// It has failed, and won't get ready by itself.
    Failed,
    /// It is as it should be.
    Current,
    /// It is being deleted.
    Terminating,
    /// It isn't there.
    NotFound,
    /// Nobody has looked yet.
    Unknown,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Failed => "Failed",
            Self::Current => "Current",
            Self::Terminating => "Terminating",
            Self::NotFound => "NotFound",
            Self::Unknown => "Unknown",
        }
    }
}

impl State {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    fn in_progress(message: impl Into<String>) -> Self {
        Self::new(Status::InProgress, message)
    }

    fn current(message: impl Into<String>) -> Self {
        Self::new(Status::Current, message)
    }

    /// Of an object as the cluster has it.
    pub(crate) fn of(object: &Value) -> Self {
        if !object["metadata"]["deletionTimestamp"].is_null() {
            return Self::new(Status::Terminating, "Resource scheduled for deletion");
        }
        let generation = object["metadata"]["generation"].as_i64();
        let kind = object["kind"].as_str().unwrap_or_default();
        if let (Some(wanted), Some(observed)) = (generation, object["status"]["observedGeneration"].as_i64())
            && wanted != observed
        {
            return Self::in_progress(format!(
                "{kind} generation is {wanted}, but latest observed generation is {observed}"
            ));
        }
        if let Some(condition) = condition(object, "Reconciling").filter(|one| is(one, "True")) {
            return Self::in_progress(text(condition, "message"));
        }
        if let Some(condition) = condition(object, "Stalled").filter(|one| is(one, "True")) {
            return Self::new(Status::Failed, text(condition, "message"));
        }
        kinds::state(object).unwrap_or_else(|| Self::of_any(object))
    }

    /// Of a kind that nothing is known about: by its condition `Ready`, if it has one.
    fn of_any(object: &Value) -> Self {
        match condition(object, "Ready") {
            Some(ready) if !is(ready, "True") => Self::in_progress(text(ready, "message")),
            _ => Self::current("Resource is current"),
        }
    }
}

/// A condition of the status.
fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let conditions = object["status"]["conditions"].as_array()?;
    conditions.iter().find(|condition| condition["type"] == name)
}

fn is(condition: &Value, status: &str) -> bool {
    condition["status"] == status
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_say_how_they_stand() {
        let deployment = |status: Value| {
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"generation": 1},
                   "spec": {"replicas": 2}, "status": status})
        };
        let conditions = json!([{"type": "Available", "status": "True"},
                                {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]);
        for (object, status, message) in [
            (deployment(json!({})), Status::InProgress, "Replicas: 0/2"),
            (
                deployment(json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 1})),
                Status::InProgress,
                "Updated: 1/2",
            ),
            (
                deployment(json!({"observedGeneration": 0})),
                Status::InProgress,
                "Deployment generation is 1, but latest observed generation is 0",
            ),
            (
                deployment(json!({"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2,
                                  "availableReplicas": 2, "readyReplicas": 2, "conditions": conditions})),
                Status::Current,
                "Deployment is available. Replicas: 2",
            ),
            (
                deployment(json!({"conditions": [{"type": "Progressing", "status": "False",
                                                  "reason": "ProgressDeadlineExceeded"}]})),
                Status::Failed,
                "Progress deadline exceeded",
            ),
            (json!({"kind": "ConfigMap", "apiVersion": "v1"}), Status::Current, "Resource is always ready"),
            (
                json!({"kind": "Pod", "apiVersion": "v1", "status": {"phase": "Failed"}}),
                Status::Failed,
                "Pod has completed, but not successfully",
            ),
            (
                json!({"kind": "Foo", "apiVersion": "a/v1", "status": {"conditions":
                    [{"type": "Ready", "status": "False", "message": "not yet"}]}}),
                Status::InProgress,
                "not yet",
            ),
            (json!({"kind": "Foo", "apiVersion": "a/v1"}), Status::Current, "Resource is current"),
        ] {
            assert_eq!(State::of(&object), State::new(status, message), "{object}");
        }
    }
}
