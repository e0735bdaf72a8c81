//! The contract of [`Catalog`](crate::Catalog), as tests that every implementation runs.
//!
//! Each function states one subject on a catalog that is empty at first, and panics where the
//! contract is broken. [`conformance!`](crate::conformance!) makes a test of each.

mod blobs;
mod charts;
mod checking;
mod collecting;
mod concurrency;
mod epochs;
mod manifests;
mod referrers;
mod repositories;
pub(crate) mod samples;
mod tags;
mod uploads;
mod versions;

pub use blobs::{blobs, grace_periods, mounts};
pub use charts::charts;
pub use checking::{checking, quarantine, records};
pub use collecting::{collecting, forgetting};
pub use concurrency::{blob_locks, concurrency};
pub use epochs::epochs;
pub use manifests::{deleting_manifests, manifests, missing_content, pushing_again};
pub use referrers::referrers;
pub use repositories::repositories;
pub use samples::Outcome;
pub use tags::{many_tags, tags};
pub use uploads::{expiring_uploads, uploads};
pub use versions::{immutable_blobs, immutable_versions, kept_tags, mutable_versions};

/// Makes a test of every subject. The expression is evaluated once per test and gives a tuple
/// whose first field is an empty catalog; the rest of it is kept until the test is over.
#[macro_export]
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::conformance! { $fresh =>
            repositories
            epochs
            blobs
            grace_periods
            mounts
            uploads
            expiring_uploads
            manifests
            pushing_again
            missing_content
            deleting_manifests
            tags
            many_tags
            immutable_versions
            immutable_blobs
            mutable_versions
            kept_tags
            referrers
            charts
            collecting
            forgetting
            checking
            records
            quarantine
            concurrency
            blob_locks
        }
    };
    ($fresh:expr => $($subject:ident)+) => {
        $(
            #[tokio::test]
            async fn $subject() -> $crate::conformance::Outcome {
                let fresh = $fresh;
                $crate::conformance::$subject(&fresh.0).await
            }
        )+
    };
}
