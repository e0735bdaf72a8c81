//! The gate: nothing passes to an endpoint unless its caller may.
//!
//! What each resource demands is in `demand`, for every route and method; who the caller is and what they
//! may do is the business of `chartroom-access`. Here both meet, and become an HTTP answer where they don't
//! fit. Without accounts there is no gate, and everybody may do everything.

mod challenge;
mod demand;
mod origin;

use std::sync::Arc;

use chartroom_access::{
    Action, Audit, AuthError, Authenticator, Caller, Credential, Decision, Entry, Presented,
};
use chartroom_oci::RepositoryName;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;

use crate::Error;
use crate::listen::{ClientCertificate, Peer};
use crate::registry::RequestId;
use crate::route::Route;
use crate::settings::Auth;

pub(crate) use challenge::Challenge;
pub(crate) use demand::{Demand, demand};
pub use origin::{Proxies, ProxyError};

/// Lets in whoever may.
pub struct Gate {
    authenticator: Arc<Authenticator>,
    audit: Option<Audit>,
    /// Whether the audit log has reading, too.
    audit_reads: bool,
    public_url: Option<String>,
    proxies: Proxies,
    open_metrics: bool,
    encrypted: bool,
}

impl Gate {
    /// A gate. `encrypted`: whether clients speak TLS with this server.
    ///
    /// # Errors
    ///
    /// A trusted proxy that is no address.
    pub fn new(
        authenticator: Arc<Authenticator>,
        audit: Option<(Audit, bool)>,
        settings: &Auth,
        encrypted: bool,
    ) -> Result<Self, ProxyError> {
        let (audit, audit_reads) = audit.unzip();
        Ok(Self {
            authenticator,
            audit,
            audit_reads: audit_reads.unwrap_or(false),
            public_url: settings.public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned()),
            proxies: Proxies::parse(&settings.trusted_proxies)?,
            open_metrics: settings.open_metrics,
            encrypted,
        })
    }

    pub(crate) fn authenticator(&self) -> &Arc<Authenticator> {
        &self.authenticator
    }

    /// Where a request came from, behind the proxies that are trusted.
    pub(crate) fn address(&self, parts: &Parts) -> std::net::IpAddr {
        let peer = parts.extensions.get::<Peer>();
        // Only tests call without a connection.
        let peer = peer.map_or(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
        self.proxies.client(peer, &parts.headers)
    }

    /// Who is asking.
    pub(crate) async fn identify(&self, parts: &Parts) -> Result<Arc<Caller>, AuthError> {
        let authorization = parts.headers.get(AUTHORIZATION).map(http::HeaderValue::as_bytes);
        if let Some(caller) = authorization.and_then(|header| self.authenticator.known(header)) {
            return Ok(caller);
        }
        let certificate = parts.extensions.get::<ClientCertificate>();
        self.authenticator
            .authenticate(Presented {
                authorization,
                certificate: certificate.map(|certificate| certificate.0.as_ref()),
                address: self.address(parts),
            })
            .await
    }

    /// Lets a request through to its endpoint, or says why not.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        route: &Route,
        parts: &Parts,
        id: RequestId,
    ) -> Result<Visitor, Error> {
        let demand = demand(route, &parts.method);
        if matches!(demand, Demand::Nothing) || (matches!(demand, Demand::Figures) && self.open_metrics) {
            return Ok(Visitor::stranger(self));
        }
        let caller = match self.identify(parts).await {
            Ok(caller) => caller,
            Err(error) => {
                self.record_refusal(parts, id, &demand, &error);
                return Err(self.refuse(error, &demand, parts));
            }
        };
        let decision = self.weigh(&caller, &demand);
        self.record(parts, id, &caller, &demand, decision);
        if decision.allowed {
            return Ok(Visitor(Some((Arc::clone(self), caller))));
        }
        Err(self.deny(&caller, &demand, parts))
    }

    fn weigh(&self, caller: &Caller, demand: &Demand<'_>) -> Decision {
        match demand {
            // Listings show what the caller may see, which may be nothing.
            Demand::Nothing | Demand::Listing => Decision { allowed: true, rule: None },
            Demand::Known | Demand::Catalog | Demand::Figures => {
                // A token for nobody in particular is a token all the same: anonymous clients that
                // were challenged here come back with one.
                let known =
                    !caller.identity.is_anonymous() || matches!(caller.credential, Credential::Scoped(_));
                let allowed =
                    known && (!matches!(demand, Demand::Figures) || !caller.identity.is_anonymous());
                Decision { allowed, rule: None }
            }
            Demand::Repository { name, action, instead } => {
                let decision = self.authenticator.decide(caller, name, *action);
                match instead {
                    Some(other) if !decision.allowed => self.authenticator.decide(caller, name, *other),
                    _ => decision,
                }
            }
        }
    }

    /// The answer to credentials that prove nothing.
    pub(crate) fn refuse(&self, error: AuthError, demand: &Demand<'_>, parts: &Parts) -> Error {
        match error {
            AuthError::Refused(refusal) => Error::Unauthorized {
                message: refusal.to_string(),
                challenge: self.challenge(demand, parts, Some("invalid_token")),
            },
            AuthError::Throttled(wait) => Error::TooManyRequests(wait),
            AuthError::Unavailable(message) => Error::Unavailable(message),
        }
    }

    /// The answer to somebody who may not. It is the same whether what they ask for exists or not.
    fn deny(&self, caller: &Caller, demand: &Demand<'_>, parts: &Parts) -> Error {
        if caller.identity.is_anonymous() {
            return Error::Unauthorized {
                message: "authentication required".to_owned(),
                challenge: self.challenge(demand, parts, None),
            };
        }
        let Demand::Repository { name, action, .. } = demand else {
            return Error::Denied(format!("{} may not do this", caller.identity.subject));
        };
        // With a token for more, they might: then it is not the last word.
        let direct = Caller { identity: caller.identity.clone(), credential: Credential::Direct("") };
        let scoped = matches!(caller.credential, Credential::Scoped(_));
        if scoped && self.authenticator.decide(&direct, name, *action).allowed {
            return Error::Unauthorized {
                message: format!("the token is not for {action} in {name}"),
                challenge: self.challenge(demand, parts, Some("insufficient_scope")),
            };
        }
        Error::Denied(format!("{} may not {action} in {name}", caller.identity.subject))
    }

    fn challenge(&self, demand: &Demand<'_>, parts: &Parts, error: Option<&'static str>) -> Box<Challenge> {
        let (realm, service) = match self.authenticator.external() {
            Some(external) => (external.realm, external.service),
            None => (format!("{}/token", self.url(parts)), self.authenticator.service()),
        };
        Box::new(Challenge {
            realm,
            service,
            scope: demand.scope(),
            error,
            basic: self.authenticator.external().is_none(),
        })
    }

    /// The URL of this registry, as its clients know it.
    pub(crate) fn url(&self, parts: &Parts) -> String {
        match &self.public_url {
            Some(url) => url.clone(),
            None => origin::url(parts, self.encrypted, &self.proxies),
        }
    }

    fn record(&self, parts: &Parts, id: RequestId, caller: &Caller, demand: &Demand<'_>, decision: Decision) {
        let worth = match demand {
            Demand::Nothing | Demand::Listing | Demand::Catalog | Demand::Figures => self.audit_reads,
            // The question whether one is let in: who was, and from where.
            Demand::Known => decision.allowed || self.audit_reads,
            Demand::Repository { action: Action::Pull, .. } => {
                // Every client first asks without saying who it is.
                self.audit_reads || (!decision.allowed && !caller.identity.is_anonymous())
            }
            Demand::Repository { .. } => true,
        };
        if worth {
            let reason = (!decision.allowed).then(|| "no rule allows it".to_owned());
            self.write(
                parts,
                id,
                (caller.identity.subject.to_string(), caller.credential.name()),
                demand,
                decision,
                reason,
            );
        }
    }

    fn record_refusal(&self, parts: &Parts, id: RequestId, demand: &Demand<'_>, error: &AuthError) {
        let decision = Decision { allowed: false, rule: None };
        self.write(parts, id, ("unknown".to_owned(), "refused"), demand, decision, Some(error.to_string()));
    }

    /// Records an attempt to log in at the token service.
    pub(crate) fn record_login(&self, parts: &Parts, id: RequestId, outcome: Result<&Caller, &AuthError>) {
        let known = Demand::Known;
        match outcome {
            Ok(caller) => {
                let who = (caller.identity.subject.to_string(), caller.credential.name());
                self.write(parts, id, who, &known, Decision { allowed: true, rule: None }, None);
            }
            Err(error) => self.record_refusal(parts, id, &known, error),
        }
    }

    fn write(
        &self,
        parts: &Parts,
        id: RequestId,
        (who, credential): (String, &'static str),
        demand: &Demand<'_>,
        decision: Decision,
        reason: Option<String>,
    ) {
        let Some(audit) = &self.audit else { return };
        let (action, repository) = match demand {
            Demand::Repository { name, action, .. } => (action.as_str(), Some(name.to_string())),
            Demand::Known => ("login", None),
            Demand::Nothing | Demand::Listing | Demand::Catalog | Demand::Figures => ("list", None),
        };
        audit.record(Entry {
            time: Timestamp::now(),
            request: id.to_string(),
            who,
            credential,
            address: self.address(parts),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            action,
            repository,
            allowed: decision.allowed,
            rule: decision.rule,
            reason,
        });
    }
}

/// Somebody who was let through, for endpoints that have more to ask.
#[derive(Clone)]
pub(crate) struct Visitor(Option<(Arc<Gate>, Arc<Caller>)>);

impl Visitor {
    /// Anybody, where there is no gate.
    pub(crate) fn unguarded() -> Self {
        Self(None)
    }

    fn stranger(gate: &Arc<Gate>) -> Self {
        Self(Some((Arc::clone(gate), Arc::default())))
    }

    /// Whether they may do something in a repository.
    pub(crate) fn may(&self, repository: &RepositoryName, action: Action) -> bool {
        self.0
            .as_ref()
            .is_none_or(|(gate, caller)| gate.authenticator.decide(caller, repository, action).allowed)
    }

    /// Whether they may know of a repository.
    pub(crate) fn sees(&self, repository: &RepositoryName) -> bool {
        self.0.as_ref().is_none_or(|(gate, caller)| gate.authenticator.sees(caller, repository))
    }

    /// Whether there is a gate, and repositories that not everybody sees.
    pub(crate) fn is_guarded(&self) -> bool {
        self.0.is_some()
    }

    /// What ties an upload to whoever began it; empty if nothing does.
    pub(crate) fn owner(&self) -> String {
        let subject = self.0.as_ref().map(|(_, caller)| &caller.identity.subject);
        subject.map(ToString::to_string).unwrap_or_default()
    }
}
