//! `chartroom access`

use anyhow::{Context as _, Result, anyhow, bail};
use chartroom_access::{Action, Claims, Identity, Reason, Rules, Subject};
use chartroom_catalog::accounts::UserName;
use chartroom_cli::{Access, AccessCommand, Explain, OutputFormat};
use chartroom_oci::RepositoryName;
use serde::Serialize;

use super::Outcome;
use crate::{accounts, printer, storage};

/// Explains the rules.
pub(crate) fn access(flags: &Access) -> Result<Outcome> {
    match &flags.command {
        AccessCommand::Explain(flags) => explain(flags),
    }
}

#[derive(Serialize)]
struct Explanation {
    who: String,
    groups: Vec<String>,
    action: &'static str,
    repository: String,
    allowed: bool,
    rule: Option<usize>,
    rules: Vec<RuleEntry>,
}

#[derive(Serialize)]
struct RuleEntry {
    rule: usize,
    reason: String,
}

fn explain(flags: &Explain) -> Result<Outcome> {
    let settings = storage::settings(&flags.storage)?;
    let rules = Rules::parse(&settings.access)?;
    let action: Action = flags.action.parse()?;
    let repository: RepositoryName = flags.repository.parse()?;
    let mut identity = identity(flags)?;
    if let Subject::User(name) = &identity.subject {
        let of_file = settings.auth.iter().flat_map(|auth| &auth.groups);
        let of_file = of_file.filter(|(_, members)| members.contains(name)).map(|(group, _)| group.clone());
        identity.groups.extend(of_file);
        if let (Some(accounts), Ok(name)) =
            (accounts::of_flags_if_any(&flags.storage)?, name.parse::<UserName>())
        {
            identity.groups.extend(accounts.user(&name)?.map(|user| user.groups).unwrap_or_default());
        }
    }
    let decision = rules.decide(&identity, &repository, action);
    let reasons = rules.explain(&identity, &repository, action);
    let outcome = if decision.allowed { Outcome::Success } else { Outcome::FoundProblems };
    if flags.output == OutputFormat::Json {
        let rules =
            reasons.iter().map(|(rule, reason)| RuleEntry { rule: *rule, reason: reason.to_string() });
        let explanation = Explanation {
            who: flags.who.clone(),
            groups: identity.groups,
            action: action.as_str(),
            repository: repository.to_string(),
            allowed: decision.allowed,
            rule: decision.rule,
            rules: rules.collect(),
        };
        printer::result(&serde_json::to_string_pretty(&explanation)?)?;
        return Ok(outcome);
    }
    let groups = if identity.groups.is_empty() {
        String::new()
    } else {
        format!(" (in {})", identity.groups.join(", "))
    };
    printer::result(&match decision.rule {
        Some(rule) => format!("{}{groups} may {action} in {repository}, by rule {rule}", flags.who),
        None => format!("{}{groups} may not {action} in {repository}: no rule allows it", flags.who),
    })?;
    for (rule, reason) in reasons {
        if reason != Reason::OtherRepositories {
            printer::result(&format!("  rule {rule} {reason}"))?;
        }
    }
    Ok(outcome)
}

fn identity(flags: &Explain) -> Result<Identity> {
    let subject = match flags.who.split_once(':') {
        None if flags.who == "anonymous" => Subject::Anonymous,
        Some(("user", name)) if !name.is_empty() => Subject::User(name.to_owned()),
        Some(("ci", issuer)) if !issuer.is_empty() => Subject::Federated(issuer.to_owned(), String::new()),
        Some(("cert", name)) if !name.is_empty() => Subject::Certificate(name.to_owned()),
        _ => bail!("`{}` is nobody; WHO is anonymous, user:NAME, ci:ISSUER or cert:NAME", flags.who),
    };
    let mut claims = Claims::new();
    for claim in &flags.claims {
        let (name, value) =
            claim.split_once('=').ok_or_else(|| anyhow!("`{claim}` has no `=`")).context("--claim")?;
        claims.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    Ok(Identity { subject, groups: flags.groups.clone(), claims, limits: None })
}
