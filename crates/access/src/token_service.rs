//! The token service: gives short-lived tokens to those who prove who they are.
//!
//! What is asked for and not allowed is left out of the token, which is no error (the distribution
//! project's token specification). A token without any scope is good for asking whether one is let in.

use std::net::IpAddr;
use std::sync::Arc;

use chartroom_catalog::accounts::{AccessToken, Purpose, UserName};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::authenticator::Authenticator;
use crate::caller::{Caller, Credential};
use crate::error::{AuthError, Error, Refusal};
use crate::identity::Subject;
use crate::scope::Scope;
use crate::secret::TokenSecret;

/// How long a session lasts without a new login.
const SESSION: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What a client asks the token service for.
#[derive(Clone, Debug, Default)]
pub struct TokenRequest {
    /// What the token is to be good for.
    pub scopes: Vec<Scope>,
    /// Whether the client wants to come again without a password.
    pub offline: bool,
    /// Whether it exchanges another token for it (RFC 8693).
    pub exchange: bool,
}

/// A token, as the token service answers.
#[derive(Serialize)]
pub struct Issued {
    /// The token.
    pub token: String,
    /// The same, under OAuth's name.
    pub access_token: String,
    /// How it is to be sent (RFC 6749 §5.1).
    pub token_type: &'static str,
    /// For how many seconds it is good.
    pub expires_in: i64,
    /// When it was made.
    pub issued_at: String,
    /// What it is good for, separated by spaces.
    pub scope: String,
    /// What the client can come again with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What kind of token it is, where one was exchanged for it (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
}

impl Authenticator {
    /// Gives a token to somebody who has proved who they are, or to nobody in particular.
    ///
    /// # Errors
    ///
    /// If what they came with is a token of a token service; if no token can be signed, or a session can't
    /// be recorded.
    pub async fn issue(
        self: &Arc<Self>,
        caller: &Caller,
        request: TokenRequest,
    ) -> Result<Issued, AuthError> {
        // Otherwise whoever gets hold of one could have it renewed for ever, and for more than it is for.
        if matches!(caller.credential, Credential::Scoped(_) | Credential::Foreign(_)) {
            return Err(Refusal::Derived.into());
        }
        self.sign(caller, request).await.map_err(|error| {
            tracing::error!(%error, "no token can be issued");
            AuthError::Unavailable("no token can be issued".to_owned())
        })
    }

    async fn sign(self: &Arc<Self>, caller: &Caller, request: TokenRequest) -> Result<Issued, Error> {
        let now = Timestamp::now();
        let (service, lifetime, scopes) = {
            let policy = self.policy();
            let lifetime = policy.token_lifetime.min(crate::MAX_LIFETIME);
            (policy.service.clone(), lifetime, caller.grant(&policy.rules, &request.scopes))
        };
        let refresh_token = if request.offline { self.begin_session(caller, now).await? } else { None };
        let scope = scopes.iter().map(Scope::to_string).collect::<Vec<_>>().join(" ");
        let token = self.signer.sign(caller, &service, scopes, lifetime, now)?;
        Ok(Issued {
            access_token: token.clone(),
            token,
            token_type: "Bearer",
            expires_in: lifetime.as_secs(),
            issued_at: format!("{now:.0}"),
            scope,
            refresh_token,
            issued_token_type: request.exchange.then_some("urn:ietf:params:oauth:token-type:access_token"),
        })
    }

    /// Records a session for a user of this registry who came with a password. Others have no account
    /// that it could end with; they come again with what they came with.
    async fn begin_session(
        self: &Arc<Self>,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let (Credential::Direct("password"), Subject::User(name)) =
            (&caller.credential, &caller.identity.subject)
        else {
            return Ok(None);
        };
        let Ok(user) = name.parse::<UserName>() else { return Ok(None) };
        let secret = TokenSecret::generate()?;
        let session = AccessToken {
            id: secret.id.clone(),
            user,
            purpose: Purpose::Session,
            description: "login".to_owned(),
            secret_hash: secret.hash(),
            repositories: Vec::new(),
            actions: Vec::new(),
            created_at: now,
            expires_at: Some(now + SESSION),
        };
        let this = Arc::clone(self);
        let added = tokio::task::spawn_blocking(move || {
            // Nobody else tidies up, and logins are rare.
            this.accounts.forget_expired(now)?;
            this.accounts.add_token(&session)
        });
        let added = added.await.map_err(|_| Error::Cryptography("the session can't be recorded"))??;
        Ok(added.then(|| secret.reveal()))
    }

    /// Who comes again with a refresh token.
    ///
    /// # Errors
    ///
    /// If it proves nothing (any more).
    pub async fn refresh_token(&self, token: &str, address: IpAddr) -> Result<Caller, AuthError> {
        self.session(token, address).await
    }

    /// Who has an identity token of an issuer that is trusted (RFC 8693's subject token).
    ///
    /// # Errors
    ///
    /// If it proves nothing.
    pub async fn subject_token(&self, token: &str, address: IpAddr) -> Result<Caller, AuthError> {
        self.token(token, address).await
    }

    /// The public keys of the tokens, as a JSON Web Key Set.
    pub fn key_set(&self) -> serde_json::Value {
        self.signer.key_set()
    }
}
