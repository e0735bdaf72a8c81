//! Who may do what: identities, the credentials that prove them, and the rules.
//!
//! [`Authenticator`] finds out who is asking ([`Caller`]), [`Rules`] decide what they may do, and the
//! token service ([`Authenticator::issue`]) gives them tokens for it. Nothing here speaks HTTP: what a
//! request carries comes in as texts, and what has to be fetched is fetched by whoever starts the registry
//! ([`Fetch`]).

mod action;
mod audit;
mod authenticator;
mod caller;
mod error;
mod federation;
mod glob;
mod header;
mod htpasswd;
mod identity;
pub mod password;
mod password_check;
mod pattern;
mod policy;
mod rules;
mod scope;
mod secret;
mod signed;
mod throttle;
mod token_service;

pub use action::{Action, ActionError, Actions};
pub use audit::{Audit, Entry};
pub use authenticator::{Authenticator, Presented};
pub use caller::{Caller, Credential};
pub use error::{AuthError, Error, Refusal};
pub use federation::{Fetch, IssuerText};
pub use identity::{Claims, Identity, Limits, Subject};
pub use pattern::{Pattern, PatternError};
pub use policy::{Config, ExternalText};
pub use rules::{Decision, OneOrMore, Reason, RuleError, RuleText, Rules};
pub use scope::Scope;
pub use secret::TokenSecret;
pub use signed::MAX_LIFETIME;
pub use token_service::{Issued, TokenRequest};
