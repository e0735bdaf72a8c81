//! What each resource demands of whoever asks for it.
//!
//! One `match` over all routes, without a catch-all: a route that nobody decided about doesn't compile.

use chartroom_access::{Action, Actions, Scope};
use chartroom_oci::RepositoryName;
use http::Method;

use crate::route::Route;

/// What a request demands of its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Demand<'a> {
    /// Nothing: everybody may.
    Nothing,
    /// Credentials that prove something; a token for nobody in particular will do.
    Known,
    /// Somebody with a name, or everybody if the operator says so: figures tell of others' work.
    Figures,
    /// Nothing, but each sees only what is theirs to see.
    Listing,
    /// The same, for clients that say who they are only when they are asked: a token for nobody in
    /// particular will do.
    Catalog,
    /// A right in a repository.
    Repository {
        /// The repository.
        name: &'a RepositoryName,
        /// The right.
        action: Action,
        /// Another right that will do in its place.
        instead: Option<Action>,
    },
}

/// What a request demands.
pub(crate) fn demand<'a>(route: &'a Route, method: &Method) -> Demand<'a> {
    let right = |name, action| Demand::Repository { name, action, instead: None };
    match route {
        Route::Home | Route::Health | Route::Ready => Demand::Nothing,
        // These find out themselves who is asking.
        Route::Token | Route::Keys => Demand::Nothing,
        Route::Metrics => Demand::Figures,
        Route::Base => Demand::Known,
        Route::Catalog => Demand::Catalog,
        Route::Charts => Demand::Listing,
        Route::ChartVersions(name) | Route::Tags(name) | Route::Referrers(name, _) => {
            right(name, Action::Pull)
        }
        Route::Manifest(name, _) | Route::Blob(name, _) => match *method {
            // Whoever pushes asks first what is there, and gets no content by it.
            Method::HEAD => Demand::Repository { name, action: Action::Pull, instead: Some(Action::Push) },
            Method::GET => right(name, Action::Pull),
            Method::DELETE => right(name, Action::Delete),
            _ => right(name, Action::Push),
        },
        // Ending one's own upload is part of pushing.
        Route::Uploads(name) | Route::Upload(name, _) => right(name, Action::Push),
    }
}

impl Demand<'_> {
    /// The scope of a token that would do.
    pub(crate) fn scope(&self) -> Option<Scope> {
        match self {
            Self::Repository { name, action, .. } => {
                let actions = match action {
                    // Whoever pushes also reads: what is there, and what it became.
                    Action::Push | Action::Overwrite => [Action::Pull, Action::Push].into_iter().collect(),
                    one => Actions::from_iter([*one]),
                };
                Some(Scope::of(name, actions))
            }
            Self::Catalog => Scope::parse("registry:catalog:*"),
            Self::Nothing | Self::Known | Self::Figures | Self::Listing => None,
        }
    }
}
