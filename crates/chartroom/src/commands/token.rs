//! `chartroom token`

use anyhow::{Result, anyhow};
use chartroom_access::{Action, Pattern, TokenSecret};
use chartroom_catalog::accounts::{AccessToken, Purpose, TokenId, UserName};
use chartroom_cli::{OutputFormat, Token, TokenCommand, TokenCreate, TokenList, TokenRevoke};
use chartroom_server::settings::Period;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Outcome;
use crate::failure::Hinted;
use crate::{accounts, printer, table};

/// Makes, lists or revokes tokens.
pub(crate) fn token(flags: &Token) -> Result<Outcome> {
    match &flags.command {
        TokenCommand::Create(flags) => create(flags),
        TokenCommand::List(flags) => list(flags),
        TokenCommand::Revoke(flags) => revoke(flags),
    }
}

/// A token as it is shown to people and programs.
#[derive(Serialize)]
struct Entry {
    id: String,
    user: String,
    description: String,
    repositories: Vec<String>,
    actions: Vec<String>,
    created: Timestamp,
    expires: Option<Timestamp>,
    /// The token itself, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

impl Entry {
    fn of(token: AccessToken, secret: Option<String>) -> Self {
        Self {
            id: token.id.to_string(),
            user: token.user.to_string(),
            description: token.description,
            repositories: token.repositories,
            actions: token.actions,
            created: token.created_at,
            expires: token.expires_at,
            token: secret,
        }
    }
}

fn create(flags: &TokenCreate) -> Result<Outcome> {
    let user: UserName = flags.user.parse()?;
    for pattern in &flags.repositories {
        pattern.parse::<Pattern>()?;
    }
    for action in &flags.actions {
        action.parse::<Action>()?;
    }
    let now = Timestamp::now();
    let expires_at = match &flags.expires {
        Some(text) => Some(now.checked_add(SignedDuration::try_from(text.parse::<Period>()?.duration())?)?),
        None => None,
    };
    let accounts = accounts::of_flags(&flags.storage)?;
    let secret = TokenSecret::generate()?;
    let token = AccessToken {
        id: secret.id.clone(),
        user: user.clone(),
        purpose: Purpose::Access,
        description: flags.description.clone(),
        secret_hash: secret.hash(),
        repositories: flags.repositories.clone(),
        actions: flags.actions.clone(),
        created_at: now,
        expires_at,
    };
    if !accounts.add_token(&token)? {
        let hint = format!("add it with `chartroom user add {user} --no-password`");
        return Err(Hinted::new(anyhow!("there is no user {user}"), hint).into());
    }
    if flags.output == OutputFormat::Json {
        printer::result(&serde_json::to_string_pretty(&Entry::of(token, Some(secret.reveal())))?)?;
        return Ok(Outcome::Success);
    }
    printer::aside(&format!("Made token {} of {user}. It is shown this once:\n", token.id));
    printer::result(&secret.reveal())?;
    Ok(Outcome::Success)
}

fn list(flags: &TokenList) -> Result<Outcome> {
    let user = flags.user.as_deref().map(str::parse::<UserName>).transpose()?;
    let tokens = match accounts::of_flags_if_any(&flags.storage)? {
        Some(accounts) => accounts.tokens(user.as_ref())?,
        None => Vec::new(),
    };
    let tokens = tokens.into_iter().filter(|token| token.purpose == Purpose::Access);
    let entries: Vec<Entry> = tokens.map(|token| Entry::of(token, None)).collect();
    if flags.output == OutputFormat::Json {
        printer::result(&serde_json::to_string_pretty(&entries)?)?;
        return Ok(Outcome::Success);
    }
    let now = Timestamp::now();
    let all = |list: &[String]| if list.is_empty() { "(all)".to_owned() } else { list.join(",") };
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            let expires = match entry.expires {
                None => "never".to_owned(),
                Some(time) if time <= now => "expired".to_owned(),
                Some(time) => format!("{time:.0}"),
            };
            [
                entry.id.clone(),
                entry.user.clone(),
                all(&entry.repositories),
                all(&entry.actions),
                expires,
                entry.description.clone(),
            ]
        })
        .collect();
    let headings = ["ID", "USER", "REPOSITORIES", "ACTIONS", "EXPIRES", "DESCRIPTION"];
    printer::result(&table::render(headings, &rows))?;
    Ok(Outcome::Success)
}

fn revoke(flags: &TokenRevoke) -> Result<Outcome> {
    let ids = flags.ids.iter().map(|id| Ok((id, id.parse::<TokenId>()?))).collect::<Result<Vec<_>>>()?;
    let accounts = accounts::of_flags(&flags.storage)?;
    for (text, id) in ids {
        if !accounts.revoke_token(&id)? {
            let hint = "`chartroom token list` shows those that there are";
            return Err(Hinted::new(anyhow!("there is no token {text}"), hint).into());
        }
        printer::result(&format!("Revoked token {id}"))?;
    }
    Ok(Outcome::Success)
}
