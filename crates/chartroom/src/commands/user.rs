//! `chartroom user`

use std::io::{self, IsTerminal as _, Read as _, Write as _};

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_access::password;
use chartroom_catalog::accounts::{Purpose, UserName};
use chartroom_cli::{
    NewPassword, OutputFormat, User, UserAdd, UserCommand, UserList, UserPasswd, UserRemove,
};
use jiff::Timestamp;
use serde::Serialize;

use super::Outcome;
use crate::failure::Hinted;
use crate::table::count;
use crate::{accounts, printer, table};

/// The shortest password that is taken (NIST SP 800-63B §5.1.1.2).
const SHORTEST: usize = 8;

/// Adds, lists, removes or changes users.
pub(crate) fn user(flags: &User) -> Result<Outcome> {
    match &flags.command {
        UserCommand::Add(flags) => add(flags),
        UserCommand::List(flags) => list(flags),
        UserCommand::Remove(flags) => remove(flags),
        UserCommand::Passwd(flags) => change(flags),
    }
}

fn add(flags: &UserAdd) -> Result<Outcome> {
    let name: UserName = flags.name.parse()?;
    groups(&flags.groups)?;
    let accounts = accounts::of_flags(&flags.storage)?;
    // Before the password is asked for.
    if accounts.user(&name)?.is_some() {
        return Err(taken(&name));
    }
    let user = chartroom_catalog::accounts::User {
        name: name.clone(),
        password: new_password(&flags.password)?,
        groups: flags.groups.clone(),
        created_at: Timestamp::now(),
    };
    if !accounts.add_user(&user)? {
        return Err(taken(&name));
    }
    printer::result(&format!("Added user {name}"))?;
    Ok(Outcome::Success)
}

fn taken(name: &UserName) -> anyhow::Error {
    let hint = format!("change the password with `chartroom user passwd {name}`");
    Hinted::new(anyhow!("there is a user {name} already"), hint).into()
}

fn unknown(name: &UserName) -> anyhow::Error {
    Hinted::new(anyhow!("there is no user {name}"), "`chartroom user list` shows those that there are").into()
}

/// Groups stand in rules after `group:`.
fn groups(names: &[String]) -> Result<()> {
    match names.iter().find(|name| name.is_empty() || name.contains(char::is_whitespace)) {
        Some(name) => bail!("`{name}` is no name for a group: it is empty or has a space in it"),
        None => Ok(()),
    }
}

fn list(flags: &UserList) -> Result<Outcome> {
    #[derive(Serialize)]
    struct Entry {
        name: String,
        groups: Vec<String>,
        password: bool,
        tokens: usize,
        created: Timestamp,
    }
    let mut entries = Vec::new();
    if let Some(accounts) = accounts::of_flags_if_any(&flags.storage)? {
        for user in accounts.users()? {
            let tokens = accounts.tokens(Some(&user.name))?;
            entries.push(Entry {
                tokens: tokens.iter().filter(|token| token.purpose == Purpose::Access).count(),
                name: user.name.to_string(),
                groups: user.groups,
                password: user.password.is_some(),
                created: user.created_at,
            });
        }
    }
    if flags.output == OutputFormat::Json {
        printer::result(&serde_json::to_string_pretty(&entries)?)?;
        return Ok(Outcome::Success);
    }
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            let password = if entry.password { "yes" } else { "no" };
            [
                entry.name.clone(),
                entry.groups.join(","),
                password.to_owned(),
                entry.tokens.to_string(),
                format!("{:.0}", entry.created),
            ]
        })
        .collect();
    printer::result(&table::render(["NAME", "GROUPS", "PASSWORD", "TOKENS", "CREATED"], &rows))?;
    Ok(Outcome::Success)
}

fn remove(flags: &UserRemove) -> Result<Outcome> {
    let name: UserName = flags.name.parse()?;
    let accounts = accounts::of_flags(&flags.storage)?;
    let tokens = accounts.tokens(Some(&name))?.len();
    if !accounts.remove_user(&name)? {
        return Err(unknown(&name));
    }
    let tokens = if tokens > 0 { format!(" and {}", count(tokens as u64, "token")) } else { String::new() };
    printer::result(&format!("Removed user {name}{tokens}"))?;
    Ok(Outcome::Success)
}

fn change(flags: &UserPasswd) -> Result<Outcome> {
    let name: UserName = flags.name.parse()?;
    groups(&flags.groups)?;
    let accounts = accounts::of_flags(&flags.storage)?;
    if accounts.user(&name)?.is_none() {
        return Err(unknown(&name));
    }
    if flags.no_groups || !flags.groups.is_empty() {
        if !accounts.set_groups(&name, &flags.groups)? {
            return Err(unknown(&name));
        }
        printer::result(&format!("Changed the groups of {name}"))?;
        return Ok(Outcome::Success);
    }
    let hash = new_password(&flags.password)?;
    if !accounts.set_password(&name, hash.as_deref())? {
        return Err(unknown(&name));
    }
    printer::result(&format!("Changed the password of {name}"))?;
    Ok(Outcome::Success)
}

/// The hash of the password that the flags, the standard input or the user say.
fn new_password(flags: &NewPassword) -> Result<Option<String>> {
    if flags.no_password {
        return Ok(None);
    }
    let password = if flags.password_stdin {
        let mut text = String::new();
        let limit = password::MAX_PASSWORD as u64 + 2;
        io::stdin().take(limit).read_to_string(&mut text).context("can't read the password")?;
        text.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        let first = ask("Password: ")?;
        if ask("Again: ")? != first {
            bail!("the two are not the same; nothing was changed");
        }
        first
    };
    if password.chars().count() < SHORTEST {
        bail!("a password has at least {SHORTEST} characters");
    }
    Ok(Some(password::hash(&password)?))
}

fn ask(prompt: &str) -> Result<String> {
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask at; use --password-stdin, or --no-password");
    }
    let mut stderr = io::stderr();
    write!(stderr, "{prompt}").and_then(|()| stderr.flush())?;
    rpassword::read_password().context("can't read from the terminal")
}
