//! `chartroom repo add`

use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_chart_repository::{Entry, Error, Guard, Repositories, address};
use chartroom_cli::RepoAdd;

use crate::commands::{Outcome, run_client};
use crate::failure::Hinted;
use crate::printer;
use crate::remote::{Classic, tell_skipped};

/// Repositories that are gone for good, and where their charts are now.
const GONE: [(&str, &str); 2] = [
    ("//kubernetes-charts.storage.googleapis.com", "https://charts.helm.sh/stable"),
    ("//kubernetes-charts-incubator.storage.googleapis.com", "https://charts.helm.sh/incubator"),
];

/// The longest password that is read from the standard input.
const MAX_PASSWORD: u64 = 1 << 20;

/// Gives a repository a name, once its index could be had.
pub(super) fn add(flags: &RepoAdd) -> Result<Outcome> {
    let RepoAdd { name, url, .. } = flags;
    let gone = GONE.iter().find(|(old, _)| url.contains(old) && !flags.allow_deprecated_repos);
    if let Some((_, new)) = gone {
        bail!("repo {url:?} is no longer available; try {new:?} instead");
    }
    if url.starts_with("oci://") {
        return Err(registry(url).into());
    }
    let classic = Classic::plain(&flags.globals);
    let _guard = Guard::take(&classic.file)?;
    let mut repositories = Repositories::load(&classic.file)?.unwrap_or_default();
    let entry = entry(flags)?;
    if name.contains('/') {
        bail!("repository name ({name}) contains '/', please specify a different name without '/'");
    }
    if let Some(known) = repositories.get(name).filter(|_| !flags.force_update) {
        if *known != entry {
            let hint = "--force-update replaces it";
            let error = anyhow!("repository name ({name}) already exists, please specify a different name");
            return Err(Hinted::new(error, hint).into());
        }
        printer::result(&format!("{name:?} already exists with the same configuration, skipping"))?;
        return Ok(Outcome::Success);
    }
    address::web(url)?;
    let web = classic.web.timeout(flags.timeout);
    let read = run_client(async {
        web.refresh(&entry, &classic.cache)
            .await
            .map_err(|source| Error::NotARepository { url: url.clone(), source: Box::new(source) }.into())
    })?;
    tell_skipped(&read.skipped, url);
    repositories.set(entry);
    repositories.save(&classic.file)?;
    printer::result(&format!("{name:?} has been added to your repositories"))?;
    Ok(Outcome::Success)
}

/// A registry has no index, and needs no name.
fn registry(url: &str) -> Hinted {
    let error = anyhow!(
        "looks like {url:?} is not a valid chart repository or cannot be reached: it is in a registry, which has no index.yaml"
    );
    let chart = format!("{}/CHART", url.trim_end_matches('/'));
    Hinted::new(
        error,
        format!(
            "charts in registries need no repo add: use {chart} as it is\nits versions: chartroom tags {chart}"
        ),
    )
}

fn entry(flags: &RepoAdd) -> Result<Entry> {
    let text = |path: &Option<std::path::PathBuf>| {
        path.as_deref().map(Path::to_string_lossy).unwrap_or_default().into_owned()
    };
    let username = flags.username.clone().unwrap_or_default();
    let password = match &flags.password {
        Some(password) => password.clone(),
        None if username.is_empty() => String::new(),
        None => password(flags.password_stdin)?,
    };
    Ok(Entry {
        name: flags.name.clone(),
        url: flags.url.clone(),
        username,
        password,
        cert_file: text(&flags.cert_file),
        key_file: text(&flags.key_file),
        ca_file: text(&flags.ca_file),
        insecure_skip_tls_verify: flags.insecure_skip_tls_verify,
        pass_credentials_all: flags.pass_credentials,
    })
}

fn password(stdin: bool) -> Result<String> {
    if stdin {
        let mut text = String::new();
        io::stdin().take(MAX_PASSWORD).read_to_string(&mut text).context("can't read the password")?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        return Ok(text.strip_suffix('\r').unwrap_or(text).to_owned());
    }
    if !io::stdin().is_terminal() {
        bail!("there is no terminal to ask at; use --password-stdin");
    }
    let mut stdout = io::stdout();
    write!(stdout, "Password: ").and_then(|()| stdout.flush())?;
    let password = rpassword::read_password().context("can't read from the terminal");
    writeln!(stdout)?;
    password
}
