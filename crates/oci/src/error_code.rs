//! The error codes of the distribution specification and the JSON body that carries them.

use serde::{Deserialize, Serialize};

/// A code in an error body (OCI distribution specification, "Error Codes"). The last two
/// are not in the specification's table; registries and clients have long agreed on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// Blob unknown to the registry.
    BlobUnknown,
    /// Blob upload invalid.
    BlobUploadInvalid,
    /// Blob upload unknown to the registry.
    BlobUploadUnknown,
    /// The digest does not match the content, or is not a digest.
    DigestInvalid,
    /// A manifest names a manifest or blob that the registry does not have.
    ManifestBlobUnknown,
    /// The manifest is not valid.
    ManifestInvalid,
    /// Manifest unknown to the registry.
    ManifestUnknown,
    /// The repository name is not valid.
    NameInvalid,
    /// The repository is not known to the registry.
    NameUnknown,
    /// The length given does not match the content.
    SizeInvalid,
    /// The caller has to log in.
    Unauthorized,
    /// The caller may not do this.
    Denied,
    /// The operation is not supported.
    Unsupported,
    /// Too many requests.
    #[serde(rename = "TOOMANYREQUESTS")]
    TooManyRequests,
    /// The server failed.
    Unknown,
    /// The server can't do this now.
    Unavailable,
}

/// The body of an error answer: `{"errors":[{"code":…,"message":…,"detail":…}]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// One entry or more.
    pub errors: Vec<ErrorEntry>,
}

/// One error within an [`ErrorBody`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEntry {
    /// What programs decide by.
    pub code: ErrorCode,
    /// What people read: Helm and others print it.
    #[serde(default)]
    pub message: String,
    /// More for programs, where there is more.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub detail: serde_json::Value,
}

impl ErrorBody {
    /// A body with a single entry and no detail.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { errors: vec![ErrorEntry { code, message: message.into(), detail: serde_json::Value::Null }] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_spelled_as_the_specification_spells_them() {
        let spelled = |code| serde_json::to_value(code).unwrap_or_default();
        assert_eq!(spelled(ErrorCode::BlobUploadUnknown), "BLOB_UPLOAD_UNKNOWN");
        assert_eq!(spelled(ErrorCode::ManifestBlobUnknown), "MANIFEST_BLOB_UNKNOWN");
        assert_eq!(spelled(ErrorCode::TooManyRequests), "TOOMANYREQUESTS");
    }

    #[test]
    fn the_body_has_the_form_that_clients_read() {
        let body = serde_json::to_string(&ErrorBody::new(ErrorCode::NameInvalid, "no")).unwrap_or_default();
        assert_eq!(body, r#"{"errors":[{"code":"NAME_INVALID","message":"no"}]}"#);
    }
}
