//! What can be wrong with a request, by meaning, and the one place where that becomes
//! status, code and headers.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use chartroom_chart::Version;
use chartroom_oci::{
    Digest, DigestError, ErrorBody, ErrorCode, ManifestError, MediaTypeError, RepositoryName,
    RepositoryNameError, Tag, TagError,
};
use http::header::{
    ALLOW, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderValue, LOCATION, RANGE, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use http::{Method, StatusCode};

use crate::gate::Challenge;

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No resource has this path.
    #[error("there is nothing at this path")]
    NoSuchPath,
    /// The resource does not know the method.
    #[error("this method is not supported here")]
    MethodNotAllowed(&'static [Method]),
    /// The repository name breaks the grammar.
    #[error("{0}")]
    InvalidName(RepositoryNameError),
    /// A tag that is to be set breaks the grammar.
    #[error("{0}")]
    InvalidTag(TagError),
    /// What stands where a digest belongs is none that is supported.
    #[error("{0}")]
    InvalidDigest(DigestError),
    /// An upload is to end, and nobody said with which digest.
    #[error("an upload ends with ?digest=<the digest of the whole content>")]
    MissingDigest,
    /// The `Content-Type` of a manifest is none.
    #[error("the Content-Type header can't be read: {0}")]
    InvalidContentType(MediaTypeError),
    /// A query parameter that is needed is missing, or can't be read.
    #[error("{0}")]
    InvalidParameter(String),
    /// The content is not what its digest says.
    #[error("the content has the digest {found}, not {expected}")]
    DigestMismatch {
        /// What the request says.
        expected: Digest,
        /// What the content has.
        found: Box<Digest>,
    },
    /// There is no such repository.
    #[error("there is no repository {0}")]
    RepositoryUnknown(RepositoryName),
    /// The repository does not have the blob.
    #[error("there is no blob {1} in {0}")]
    BlobUnknown(RepositoryName, Digest),
    /// The repository does not have the manifest.
    #[error("there is no manifest {1} in {0}")]
    ManifestUnknown(RepositoryName, String),
    /// The manifest can't be read.
    #[error("{0}")]
    InvalidManifest(#[from] ManifestError),
    /// The chart breaks a rule that this registry enforces.
    #[error("this registry takes only consistent charts (charts.strict): {0}")]
    InvalidChart(String),
    /// A chart's manifest names a blob that was not pushed before it.
    #[error("the chart's manifest names the blob {1}, which is not in {0}; push it first")]
    ChartBlobMissing(RepositoryName, Digest),
    /// Who is asking has to say who they are, or what they said proves nothing.
    #[error("{message}")]
    Unauthorized {
        /// Why.
        message: String,
        /// How to come back with credentials.
        challenge: Box<Challenge>,
    },
    /// A login at the token service is refused.
    #[error("{message}")]
    LoginRefused {
        /// Why.
        message: String,
        /// How to come back with credentials.
        challenge: Box<Challenge>,
    },
    /// Who is asking may not do this.
    #[error("{0}")]
    Denied(String),
    /// Too many failed logins.
    #[error("too many failed logins; try again in {} s", .0.as_secs().max(1))]
    TooManyRequests(Duration),
    /// The tag is there, and who pushes may add but not overwrite.
    #[error("tag {tag} is there already, at {existing}, and you may not overwrite it; push another tag")]
    TagExists {
        /// The tag.
        tag: Tag,
        /// Where it points.
        existing: Digest,
    },
    /// Chart versions stay what they are here.
    #[error(
        "version {} is already there as {existing} and can't be changed or removed (charts.immutable_versions); \
         push a new version instead",
        version(tag)
    )]
    ImmutableVersion {
        /// The version's tag.
        tag: Tag,
        /// What it stands for.
        existing: Digest,
    },
    /// The body is longer than this registry takes.
    #[error("the {what} is larger than the {limit} bytes that this registry takes")]
    TooLarge {
        /// What the body is.
        what: &'static str,
        /// The limit in bytes.
        limit: u64,
    },
    /// The body is shorter or longer than was said.
    #[error("{0}")]
    LengthMismatch(String),
    /// No byte of the body came for a long time.
    #[error("the request's body did not arrive in time")]
    BodyTimeout,
    /// The `Range` header asks for nothing that is there.
    #[error("the content has {0} bytes; none of the range is in it")]
    RangeNotSatisfiable(u64),
    /// There is no such upload session in this repository.
    #[error("there is no such upload; it ended, expired, or belongs to another repository")]
    UploadUnknown,
    /// The chunk does not begin where the upload stands.
    #[error("the upload stands at byte {}; go on from there", .0.offset)]
    UploadOffset(Box<UploadPosition>),
    /// Another request has taken the upload over.
    #[error("another request has taken over this upload")]
    UploadTakenOver,
    /// There is no room left.
    #[error("the registry has no space left; nothing was stored")]
    StorageFull,
    /// The server can't do this now.
    #[error("the registry is not ready: {0}")]
    Unavailable(String),
    /// Something failed that the caller can do nothing about. Logged, and not told.
    #[error("the registry failed to do this; its log says why")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The version that a tag stands for, with its `+`.
fn version(tag: &Tag) -> String {
    Version::from_tag(tag.as_str()).map_or_else(|_| tag.to_string(), |version| version.to_string())
}

/// Where an upload stands, for the answer that tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadPosition {
    /// The session's URL.
    pub location: String,
    /// How many bytes have been taken in.
    pub offset: u64,
}

impl UploadPosition {
    /// The `Range` header: what has been taken in, inclusive. There is no way to write an empty
    /// range; clients expect `0-0` for it.
    pub fn range(&self) -> String {
        format!("0-{}", self.offset.saturating_sub(1))
    }
}

impl Error {
    /// Wraps a failure of the server itself.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    /// The status and the code of the distribution specification.
    pub fn parts(&self) -> (StatusCode, ErrorCode) {
        use ErrorCode as Code;
        match self {
            Self::NoSuchPath => (StatusCode::NOT_FOUND, Code::NameUnknown),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, Code::Unsupported),
            Self::InvalidName(_) => (StatusCode::BAD_REQUEST, Code::NameInvalid),
            Self::InvalidTag(_) => (StatusCode::BAD_REQUEST, Code::ManifestInvalid),
            Self::InvalidDigest(_) | Self::MissingDigest | Self::DigestMismatch { .. } => {
                (StatusCode::BAD_REQUEST, Code::DigestInvalid)
            }
            Self::InvalidParameter(_) => (StatusCode::BAD_REQUEST, Code::Unsupported),
            Self::RepositoryUnknown(_) => (StatusCode::NOT_FOUND, Code::NameUnknown),
            Self::BlobUnknown(..) => (StatusCode::NOT_FOUND, Code::BlobUnknown),
            Self::ManifestUnknown(..) => (StatusCode::NOT_FOUND, Code::ManifestUnknown),
            Self::InvalidManifest(_) | Self::InvalidContentType(_) | Self::InvalidChart(_) => {
                (StatusCode::BAD_REQUEST, Code::ManifestInvalid)
            }
            Self::ChartBlobMissing(..) => (StatusCode::NOT_FOUND, Code::ManifestBlobUnknown),
            Self::ImmutableVersion { .. } | Self::TagExists { .. } | Self::Denied(_) => {
                (StatusCode::FORBIDDEN, Code::Denied)
            }
            Self::Unauthorized { .. } | Self::LoginRefused { .. } => {
                (StatusCode::UNAUTHORIZED, Code::Unauthorized)
            }
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, Code::TooManyRequests),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, Code::SizeInvalid),
            Self::LengthMismatch(_) => (StatusCode::BAD_REQUEST, Code::SizeInvalid),
            Self::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, Code::SizeInvalid),
            Self::RangeNotSatisfiable(_) => (StatusCode::RANGE_NOT_SATISFIABLE, Code::SizeInvalid),
            Self::UploadUnknown => (StatusCode::NOT_FOUND, Code::BlobUploadUnknown),
            Self::UploadOffset(_) => (StatusCode::RANGE_NOT_SATISFIABLE, Code::BlobUploadInvalid),
            Self::UploadTakenOver => (StatusCode::CONFLICT, Code::BlobUploadInvalid),
            Self::StorageFull => (StatusCode::INSUFFICIENT_STORAGE, Code::Unavailable),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, Code::Unknown),
        }
    }
}

impl From<chartroom_catalog::Error> for Error {
    fn from(error: chartroom_catalog::Error) -> Self {
        use chartroom_catalog::Error as Catalog;
        match error {
            Catalog::Immutable { tag, existing } => Self::ImmutableVersion { tag, existing },
            Catalog::TagExists { tag, existing } => Self::TagExists { tag, existing },
            Catalog::StorageFull => Self::StorageFull,
            Catalog::Closed => Self::Unavailable("it is shutting down".to_owned()),
            other => Self::internal(other),
        }
    }
}

impl From<chartroom_blobs::Error> for Error {
    fn from(error: chartroom_blobs::Error) -> Self {
        use chartroom_blobs::Error as Blobs;
        match error {
            Blobs::StorageFull => Self::StorageFull,
            Blobs::DigestMismatch { expected, found } => Self::DigestMismatch { expected, found },
            Blobs::UploadLost => Self::UploadUnknown,
            Blobs::UploadBusy => Self::UploadTakenOver,
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = self.parts();
        let body = serde_json::to_vec(&ErrorBody::new(code, self.to_string())).unwrap_or_default();
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_LENGTH, body.len().into());
        match &self {
            Self::MethodNotAllowed(methods) => {
                let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
                if let Ok(value) = HeaderValue::try_from(methods.join(", ")) {
                    headers.insert(ALLOW, value);
                }
            }
            Self::RangeNotSatisfiable(length) => {
                if let Ok(value) = HeaderValue::try_from(format!("bytes */{length}")) {
                    headers.insert(CONTENT_RANGE, value);
                }
            }
            Self::UploadOffset(position) => {
                if let Ok(value) = HeaderValue::try_from(position.location.as_str()) {
                    headers.insert(LOCATION, value);
                }
                if let Ok(value) = HeaderValue::try_from(position.range()) {
                    headers.insert(RANGE, value);
                }
            }
            Self::Unauthorized { challenge, .. } => {
                for value in challenge.headers() {
                    headers.append(WWW_AUTHENTICATE, value);
                }
            }
            Self::LoginRefused { challenge, .. } => {
                headers.extend(challenge.basic_only().map(|value| (WWW_AUTHENTICATE, value)));
            }
            Self::TooManyRequests(wait) => {
                headers.insert(RETRY_AFTER, wait.as_secs().max(1).into());
            }
            Self::Unavailable(_) | Self::StorageFull => {
                headers.insert(RETRY_AFTER, Duration::from_secs(5).as_secs().into());
            }
            _ => {}
        }
        *response.body_mut() = Body::from(body);
        response
    }
}
