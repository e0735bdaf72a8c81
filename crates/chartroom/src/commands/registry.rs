//! `chartroom registry login` and `chartroom registry logout`

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use chartroom_cli::{Login, Logout, Registry, RegistryCommand, Transport};
use chartroom_registry_client::credentials::LoginTarget;
use chartroom_registry_client::{Client, Credential, Secret, StaticCredential};

use super::{Outcome, run_client};
use crate::{printer, remote};

/// The longest password that is read from the standard input; tokens of some clouds have kilobytes.
const MAX_PASSWORD: u64 = 1 << 20;

/// Logs in, or out.
pub(crate) fn registry(flags: &Registry) -> Result<Outcome> {
    match &flags.command {
        RegistryCommand::Login(login) => log_in(login),
        RegistryCommand::Logout(logout) => log_out(logout),
    }
}

fn log_in(flags: &Login) -> Result<Outcome> {
    let target: LoginTarget = flags.host.parse()?;
    let credential = credential(flags)?;
    run_client(async {
        let store = remote::store(&flags.transport);
        // No password goes out for a login that couldn't be kept.
        store.check().await?;
        let options = remote::options(&flags.transport, flags.insecure);
        let client = Client::new(options, Arc::new(StaticCredential::anonymous()))?;
        let attempt = client.registry(&target.host().parse()?)?.login(&credential).await;
        // Scripts look for these words, which are Helm's.
        attempt.with_context(|| format!("authenticating to {:?}", target.host()))?;
        store.save(&target, &credential).await?;
        anyhow::Ok(())
    })?;
    printer::result("Login Succeeded")?;
    Ok(Outcome::Success)
}

/// What the flags, the standard input or the user say. A password without a user is a token.
fn credential(flags: &Login) -> Result<Credential> {
    let asks = flags.password.is_none() && !flags.password_stdin;
    let username = match &flags.username {
        Some(username) => username.clone(),
        None if asks => ask("Username: ", true)?,
        None => String::new(),
    };
    let password = match &flags.password {
        Some(password) => {
            // As Helm logs it.
            let warning = "using --password via the CLI is insecure. Use --password-stdin";
            printer::aside(&format!("level=WARN msg={warning:?}\n"));
            password.clone()
        }
        None if flags.password_stdin => {
            let mut text = String::new();
            io::stdin().take(MAX_PASSWORD).read_to_string(&mut text).context("can't read the password")?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        None if username.is_empty() => ask("Token: ", false)?,
        None => ask("Password: ", false)?,
    };
    if password.is_empty() {
        bail!("the password is empty");
    }
    if username.is_empty() {
        return Ok(Credential::IdentityToken(Secret::new(password)));
    }
    Ok(Credential::basic(username, password))
}

/// Asks at the terminal, for secrets without showing what is typed.
fn ask(prompt: &str, shown: bool) -> Result<String> {
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask at; use --username and --password-stdin");
    }
    let mut stdout = io::stdout();
    write!(stdout, "{prompt}").and_then(|()| stdout.flush())?;
    if !shown {
        return rpassword::read_password().context("can't read from the terminal");
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).context("can't read from the terminal")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn log_out(flags: &Logout) -> Result<Outcome> {
    let target: LoginTarget = flags.host.parse()?;
    let transport = Transport { globals: flags.globals.clone(), ..Transport::default() };
    run_client(async { anyhow::Ok(remote::store(&transport).erase(&target).await?) })?;
    printer::result(&format!("Removing login credentials for {}", flags.host))?;
    Ok(Outcome::Success)
}
