//! A request as the operations mean it: with authentication, redirects and retries around the
//! bare exchange.

use chartroom_oci::RepositoryName;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, Url};

use crate::auth::{self, Identity, Shown, TokenAnswer, TokenRequest};
use crate::challenge::Challenge;
use crate::client::Registry;
use crate::credential::Credential;
use crate::error::{Error, Result, Subject};
use crate::observer::RetryEvent;
use crate::retry::{self, Attempts};
use crate::scope::Scopes;
use crate::site;
use crate::transport::{Failure, Incoming, Outgoing, Payload};
use crate::warning;

/// The most redirects that are followed for one request.
const REDIRECTS: usize = 5;

/// The most of a token service's answer that is read.
const TOKEN_LIMIT: u64 = 1 << 20;

/// A request to a registry.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    /// What a token for it has to allow.
    pub(crate) scopes: Scopes,
    /// What it is about.
    pub(crate) subject: Subject<'a>,
    /// Whether sending it twice does no harm.
    pub(crate) repeatable: bool,
    /// Whether nothing may be learned from its challenge's scope, as on `/v2/`.
    pub(crate) ping: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: Method, url: Url, scopes: Scopes, subject: Subject<'a>) -> Self {
        let payload = Payload::Nothing;
        let headers = HeaderMap::new();
        Self { method, url, headers, payload, scopes, subject, repeatable: true, ping: false }
    }

    pub(crate) fn header(mut self, name: reqwest::header::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// It is sent once, unless the registry says that it did nothing.
    pub(crate) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    pub(crate) fn repository(&self) -> Option<&RepositoryName> {
        self.subject.repository
    }
}

impl Registry {
    /// Sends a request and gives the head of an answer that is a success.
    pub(crate) async fn call(&self, call: &Call<'_>) -> Result<Incoming> {
        let incoming = self.send(call).await?;
        if incoming.status.is_success() { Ok(incoming) } else { Err(refusal(incoming, &call.subject).await) }
    }

    /// Sends a request as somebody, and gives the head of whatever answer is final.
    pub(crate) async fn send_as(&self, identity: &Identity, call: &Call<'_>) -> Result<Incoming> {
        let mut attempts = self.attempts();
        loop {
            let outcome = self.attempt(identity, call).await;
            let outcome = outcome.inspect(|incoming| self.heed(incoming));
            if let Some(done) = self.again(&mut attempts, outcome, call.repeatable).await {
                return done;
            }
        }
    }

    pub(crate) fn attempts(&self) -> Attempts {
        Attempts::start(self.options().retry, &*self.options().clock)
    }

    /// Decides whether an outcome is final; if it isn't, waits for the next attempt.
    async fn again(
        &self,
        attempts: &mut Attempts,
        outcome: Result<Incoming, Failure>,
        repeatable: bool,
    ) -> Option<Result<Incoming>> {
        let (reason, asked) = match &outcome {
            Ok(incoming) => {
                let status = incoming.status;
                // Who says "too many" or "not now" has done nothing.
                let refused = matches!(status.as_u16(), 429 | 503);
                if !(retry::passes(status) && (repeatable || refused)) {
                    return Some(outcome.map_err(|failure| failure.error));
                }
                let asked = retry::retry_after(&incoming.headers, self.options().clock.date());
                (format!("{}: {status}", incoming.shown_url()), asked)
            }
            Err(failure) => {
                let passes = if failure.absent { self.was_there() } else { failure.passes && repeatable };
                if !passes {
                    return Some(outcome.map_err(|failure| failure.error));
                }
                (failure.error.to_string(), None)
            }
        };
        if self.pause(attempts, &reason, asked).await {
            None
        } else {
            Some(outcome.map_err(|failure| failure.error))
        }
    }

    /// Waits for the next attempt; says whether there is one.
    pub(crate) async fn pause(
        &self,
        attempts: &mut Attempts,
        reason: &str,
        asked: Option<std::time::Duration>,
    ) -> bool {
        let options = self.options();
        let Some(wait) = attempts.next(&*options.clock, asked) else {
            return false;
        };
        options.observer.retry(&RetryEvent { reason, failed: attempts.failed(), wait });
        options.clock.sleep(wait).await;
        true
    }

    /// One attempt: with what is known of the registry, and once more with what it answers to that.
    async fn attempt(&self, identity: &Identity, call: &Call<'_>) -> Result<Incoming, Failure> {
        let shown = self.show(identity, call, &Scopes::none()).await?;
        let incoming = self.try_password(identity, call, &shown).await?;
        let refused = match incoming.status {
            StatusCode::UNAUTHORIZED => true,
            // Some say "forbidden" to strangers instead of asking who they are.
            StatusCode::FORBIDDEN if shown.header.is_none() => {
                !identity.credential(call.repository()).await?.is_anonymous()
            }
            _ => false,
        };
        if !refused || !site::same_origin(&incoming.url, self.base()) {
            return Ok(incoming);
        }
        let mut challenge = identity.learn(&incoming.headers);
        if challenge.is_none() && !call.ping && shown.header.is_none() {
            // Nothing to answer to: perhaps the registry says on its front page what it wants.
            let ping = Call::new(Method::GET, self.url("v2/"), Scopes::none(), Subject::registry());
            let front = self.follow(&ping, &Shown::default()).await?;
            challenge = identity.learn(&front.headers);
        }
        let Some(challenge) = challenge else {
            return Ok(incoming);
        };
        if let Some(header) = &shown.header {
            identity.tokens.forget(header);
        }
        let asked = match &challenge {
            Challenge::Bearer(bearer) if !call.ping => {
                Scopes::parse(bearer.scope.as_deref().unwrap_or_default())
            }
            _ => Scopes::none(),
        };
        let renewed = self.show(identity, call, &asked).await?;
        if renewed.header.is_none() || (renewed.basic && renewed.header == shown.header) {
            return Ok(incoming);
        }
        drop(incoming);
        self.try_password(identity, call, &renewed).await
    }

    /// Sends a request, alone if it is the first that shows a password.
    async fn try_password(
        &self,
        identity: &Identity,
        call: &Call<'_>,
        shown: &Shown,
    ) -> Result<Incoming, Failure> {
        let proving = if shown.basic { identity.proving().await } else { None };
        let incoming = self.follow(call, shown).await?;
        if let Some(mut proven) = proving {
            *proven = incoming.status != StatusCode::UNAUTHORIZED;
        }
        Ok(incoming)
    }

    /// What to show with a request.
    async fn show(&self, identity: &Identity, call: &Call<'_>, first: &Scopes) -> Result<Shown, Failure> {
        let challenge = identity.challenge();
        let credential = identity.credential(call.repository()).await?;
        let known = |header, basic| Ok(Shown { header: Some(header), credential: true, basic });
        match (challenge, &credential) {
            (_, Credential::RegistryToken(token)) => known(auth::bearer(token.expose())?, false),
            (Some(Challenge::Basic), Credential::Basic { username, password }) => {
                known(auth::basic(username, password.expose())?, true)
            }
            (Some(Challenge::Bearer(bearer)), _) => {
                let request = identity.token_request(&bearer, &credential, &call.scopes, first)?;
                let header = self.token(identity, &request).await?;
                Ok(Shown { header: Some(header), credential: !credential.is_anonymous(), basic: false })
            }
            _ => Ok(Shown::default()),
        }
    }

    /// A token, from the cache or from the service.
    pub(crate) async fn token(
        &self,
        identity: &Identity,
        request: &TokenRequest,
    ) -> Result<HeaderValue, Failure> {
        let clock = &self.options().clock;
        if let Some(header) = identity.tokens.find(request, clock.now()) {
            return Ok(header);
        }
        let _alone = identity.fetching().await;
        if let Some(header) = identity.tokens.find(request, clock.now()) {
            return Ok(header);
        }
        let asked = clock.now();
        let answer = self.fetch_token(request).await?;
        let no_token =
            || Error::protocol(crate::redact::url(&request.realm), "the token service gave no token");
        let header = auth::bearer(answer.token().ok_or_else(no_token)?.expose())?;
        identity.tokens.insert(request, header.clone(), asked + answer.lifetime());
        Ok(header)
    }

    /// GET first, POST for those who want that. An identity token can be used with POST only.
    async fn fetch_token(&self, request: &TokenRequest) -> Result<TokenAnswer, Failure> {
        let status = |failure: &Failure| failure.error.answer().map_or(0, |answer| answer.status.as_u16());
        match &request.credential {
            Credential::IdentityToken(token) => {
                let posted = self.post_token(request).await;
                let azure = request.realm.host_str().is_some_and(|host| host.contains(".azurecr."));
                match posted {
                    Err(failure) if azure && matches!(status(&failure), 400 | 401 | 404 | 405) => {
                        // Azure takes its refresh tokens as the password of nobody.
                        let nobody = "00000000-0000-0000-0000-000000000000";
                        self.get_token(request, Some(auth::basic(nobody, token.expose())?)).await
                    }
                    other => other,
                }
            }
            Credential::Basic { username, password } => {
                let header = auth::basic(username, password.expose())?;
                match self.get_token(request, Some(header)).await {
                    Err(failure) if matches!(status(&failure), 404 | 405 | 501) => {
                        self.post_token(request).await
                    }
                    other => other,
                }
            }
            Credential::Anonymous | Credential::RegistryToken(_) => self.get_token(request, None).await,
        }
    }

    async fn get_token(
        &self,
        request: &TokenRequest,
        header: Option<HeaderValue>,
    ) -> Result<TokenAnswer, Failure> {
        let call = Call::new(Method::GET, request.get_url(), Scopes::none(), Subject::registry());
        let shown = Shown { credential: header.is_some(), basic: header.is_some(), header };
        self.ask_service(&call, &shown).await
    }

    async fn post_token(&self, request: &TokenRequest) -> Result<TokenAnswer, Failure> {
        let form = request.post_form().unwrap_or_default();
        let call = Call::new(Method::POST, request.realm.clone(), Scopes::none(), Subject::registry())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .payload(Payload::Form(form));
        // The form is the credential.
        let shown = Shown { header: None, credential: true, basic: true };
        self.ask_service(&call, &shown).await
    }

    async fn ask_service(&self, call: &Call<'_>, shown: &Shown) -> Result<TokenAnswer, Failure> {
        let mut attempts = self.attempts();
        let mut incoming = loop {
            let outcome = self.follow(call, shown).await;
            if let Some(done) = self.again(&mut attempts, outcome, true).await {
                break done?;
            }
        };
        if !incoming.status.is_success() {
            return Err(refusal(incoming, &call.subject).await.into());
        }
        let body = incoming.bytes("the token", TOKEN_LIMIT).await?;
        incoming.show(&body);
        let unread =
            |_| Error::protocol(incoming.shown_url(), "the token service's answer is not what it should be");
        Ok(serde_json::from_slice(&body).map_err(unread)?)
    }

    /// Sends a request, and follows redirects of those that only read.
    async fn follow(&self, call: &Call<'_>, shown: &Shown) -> Result<Incoming, Failure> {
        let reads = matches!(call.method, Method::GET | Method::HEAD);
        let mut url = call.url.clone();
        // The first hop alone decides who may see the credential.
        let home = call.url.clone();
        let mut left_home = false;
        for _ in 0..=REDIRECTS {
            left_home |= !site::same_origin(&url, &home);
            let mut headers = call.headers.clone();
            if let Some(header) = shown.header.as_ref().filter(|_| !left_home && self.may_see(&home, call)) {
                headers.insert(AUTHORIZATION, header.clone());
            }
            let _turn = self.turn().await;
            let outgoing = Outgoing { method: &call.method, url: &url, headers, payload: &call.payload };
            let mut incoming = self.transport().send(outgoing).await?;
            self.note_answer();
            let basic = shown.basic && incoming.status == StatusCode::UNAUTHORIZED && !left_home;
            (incoming.shown, incoming.wrong) = (shown.credential, basic);
            let target = incoming.header(LOCATION.as_str()).map(str::to_owned);
            let moved = matches!(incoming.status.as_u16(), 301 | 302 | 303 | 307 | 308);
            let Some(target) = target.filter(|_| moved && reads) else {
                return Ok(incoming);
            };
            let broken = |what: String| Failure::from(Error::protocol(incoming.shown_url(), what));
            let next =
                url.join(&target).map_err(|_| broken("it redirects to what is no address".to_owned()))?;
            if let Some(reason) = site::refuse_redirect(&url, &next) {
                let next = crate::redact::url(&next);
                return Err(broken(format!("it redirects to {next}, which {reason}")));
            }
            url = next;
        }
        Err(Error::protocol(crate::redact::url(&call.url), "it redirects without end").into())
    }

    /// Whether a credential may go where a request goes to begin with: to the registry itself, or
    /// to the token service, which was looked at before.
    fn may_see(&self, home: &Url, call: &Call<'_>) -> bool {
        call.subject.repository.is_none() || site::same_origin(home, self.base())
    }

    /// Passes on what the registry has to say to its user.
    fn heed(&self, incoming: &Incoming) {
        for text in warning::read(&incoming.headers) {
            self.warn(&text);
        }
    }
}

/// Reads a refusal and sorts it.
pub(crate) async fn refusal(incoming: Incoming, subject: &Subject<'_>) -> Error {
    let (shown, is_wrong) = (incoming.shown, incoming.wrong);
    let mut error = Error::refused(incoming.answer().await, subject.clone(), shown);
    if let Error::Unauthorized { wrong, .. } = &mut error {
        *wrong = is_wrong;
    }
    error
}

/// A `Content-Length` that has to be there although there is nothing.
pub(crate) fn nothing() -> Payload {
    Payload::Bytes(bytes::Bytes::new())
}
