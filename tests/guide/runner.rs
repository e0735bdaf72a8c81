//! What runs a pipeline: reads its YAML as GitHub's and GitLab's runners do, fills in what they fill
//! in, and hands its steps to a shell one after the other.
//!
//! It knows what the pipelines of the guide and of `docs/ci` use, and stops at anything else.

use std::fs;

use chartroom_goyaml::{Value as Yaml, decode};
use chartroom_test_support::Issuer;
use serde_json::Value;

use crate::names::{GITHUB_ACTOR, GITLAB_JOB};
use crate::place::{Desk, Run};

/// For whom the pipelines of `docs/ci` have the tokens of their jobs made.
pub(crate) const AUDIENCE: &str = "https://charts.example.com";

/// Expressions of GitHub with their values, and variables that are set for every step.
pub(crate) struct Context<'a> {
    pub(crate) expressions: Vec<(String, String)>,
    pub(crate) variables: Vec<(String, String)>,
    /// Who vouches for the jobs that ask for it, and what it says of them.
    pub(crate) identity: Option<(&'a Issuer, Value)>,
}

impl Context<'_> {
    /// What a workflow at GitHub finds.
    pub(crate) fn github(desk: &Desk<'_>, owner: &str) -> Self {
        fs::write(desk.place.home().join("github-path"), "").unwrap();
        let path = desk.place.home().join("github-path").display().to_string();
        Self {
            expressions: pairs(&[
                ("secrets.GITHUB_TOKEN", GITHUB_ACTOR.password),
                ("github.actor", GITHUB_ACTOR.user),
                ("github.repository_owner", owner),
                ("vars.CHARTROOM_SOURCE", ""),
            ]),
            variables: pairs(&[
                ("GITHUB_ACTOR", GITHUB_ACTOR.user),
                ("GITHUB_REPOSITORY_OWNER", owner),
                ("GITHUB_PATH", &path),
            ]),
            identity: None,
        }
    }

    /// What a job at GitLab finds.
    pub(crate) fn gitlab(project: &str) -> Self {
        let image = format!("registry.gitlab.com/{}", project.to_lowercase());
        Self {
            expressions: Vec::new(),
            variables: pairs(&[
                ("CI_REGISTRY", "registry.gitlab.com"),
                ("CI_REGISTRY_USER", GITLAB_JOB.user),
                ("CI_REGISTRY_PASSWORD", GITLAB_JOB.password),
                ("CI_REGISTRY_IMAGE", &image),
                ("CI_PROJECT_PATH", project),
            ]),
            identity: None,
        }
    }

    /// Fills in all `${{ … }}`.
    #[track_caller]
    fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (name, after) = after.split_once("}}").unwrap();
            let value = self.expressions.iter().find(|(known, _)| known == name.trim());
            let (_, value) = value.unwrap_or_else(|| panic!("{name} is not known"));
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        filled + rest
    }

    fn environment<'b>(&'b self, more: &'b [(String, String)]) -> Vec<(&'b str, &'b str)> {
        self.variables.iter().chain(more).map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// How a step ended, under its name.
pub(crate) type Ended = (String, Run);

/// Runs the one job of a workflow, up to the first step that fails. Steps that use an action of others
/// are the test's to stand in for; these are the actions that it may be.
#[track_caller]
pub(crate) fn github(desk: &Desk<'_>, workflow: &str, context: &Context<'_>, actions: &[&str]) -> Vec<Ended> {
    let workflow = decode(workflow).unwrap();
    let jobs = workflow.get("jobs").and_then(Yaml::as_map).unwrap();
    assert_eq!(jobs.len(), 1, "one job");
    let default = path(&workflow, &["defaults", "run", "shell"]).and_then(Yaml::as_str);
    let mut all = variables(&workflow, "env");
    // A job gets the means to ask for its token only where it may.
    let may_ask = path(&workflow, &["permissions", "id-token"]).and_then(Yaml::as_str) == Some("write");
    if let Some((issuer, claims)) = context.identity.as_ref().filter(|_| may_ask) {
        all.extend(issuer.job(AUDIENCE, claims));
    }
    let mut ended = Vec::new();
    for step in jobs.values().next().and_then(|job| job.get("steps")).and_then(Yaml::as_list).unwrap() {
        let name = step.get("name").and_then(Yaml::as_str).unwrap().to_owned();
        if let Some(action) = step.get("uses").and_then(Yaml::as_str) {
            let known = action.split('@').next().unwrap();
            assert!(actions.contains(&known), "{action}");
            continue;
        }
        let text = context.fill(step.get("run").and_then(Yaml::as_str).unwrap());
        let own = variables(step, "env").into_iter().map(|(name, value)| (name, context.fill(&value)));
        let mut own = all.iter().cloned().chain(own).collect::<Vec<_>>();
        let added = fs::read_to_string(desk.place.home().join("github-path")).unwrap();
        let folders = added.lines().rev().map(|folder| format!("{folder}:")).collect::<String>();
        own.push(("PATH".to_owned(), folders + &desk.place.search_path()));
        // What runs a step depends on whether it names the shell.
        let options: &[&str] = match default {
            None => &["-e"],
            Some("bash") => &["--noprofile", "--norc", "-eo", "pipefail"],
            Some(shell) => panic!("{shell} is not known"),
        };
        let run = desk.script("bash", options, &text, &context.environment(&own));
        let failed = run.code != 0;
        ended.push((name, run));
        if failed {
            break;
        }
    }
    ended
}

/// Runs the jobs of a pipeline, stage by stage, up to the first that fails. Each job has the shell
/// that its image has. Artifacts stay where they are, which is where the next job finds them.
#[track_caller]
pub(crate) fn gitlab(desk: &Desk<'_>, pipeline: &str, context: &Context<'_>) -> Vec<Ended> {
    let pipeline = decode(pipeline).unwrap();
    let stages = pipeline.get("stages").and_then(Yaml::as_list).into_iter().flatten();
    let mut stages = stages.map(|stage| stage.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    if stages.is_empty() {
        stages.push("test".to_owned());
    }
    let image = |of: &Yaml| {
        let image = of.get("image")?;
        image.as_str().or_else(|| image.get("name")?.as_str()).map(str::to_owned)
    };
    let default = pipeline.get("default").and_then(image);
    let mut ended = Vec::new();
    for stage in stages {
        for (name, job) in pipeline.as_map().unwrap() {
            let own = job.get("stage").and_then(Yaml::as_str).unwrap_or("test");
            let Some(script) = job.get("script").filter(|_| own == stage) else { continue };
            let before = job.get("before_script").and_then(Yaml::as_list).into_iter().flatten();
            let lines = before.chain(script.as_list().unwrap()).map(|line| line.as_str().unwrap());
            let text = lines.collect::<Vec<_>>().join("\n");
            let image = image(job).or_else(|| default.clone()).unwrap();
            let (shell, options): (_, &[&str]) = match image.split(':').next() {
                Some("alpine/helm") => ("sh", &["-e"]),
                Some("rust") => ("bash", &["-eo", "pipefail"]),
                _ => panic!("{image} is not known"),
            };
            let mut own = variables(&pipeline, "variables");
            for (name, token) in job.get("id_tokens").and_then(Yaml::as_map).into_iter().flatten() {
                let (issuer, claims) = context.identity.as_ref().unwrap();
                let audience = token.get("aud").and_then(Yaml::as_str).unwrap();
                own.push((name.clone(), issuer.token(audience, claims)));
            }
            let run = desk.script(shell, options, &text, &context.environment(&own));
            let failed = run.code != 0;
            ended.push((name.clone(), run));
            if failed {
                return ended;
            }
        }
    }
    ended
}

/// The variables under a key.
fn variables(of: &Yaml, key: &str) -> Vec<(String, String)> {
    let variables = of.get(key).and_then(Yaml::as_map).into_iter().flatten();
    variables.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn path<'a>(value: &'a Yaml, keys: &[&str]) -> Option<&'a Yaml> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

/// All steps ended well.
#[track_caller]
pub(crate) fn succeeded(ended: &[Ended], steps: usize) {
    assert!(ended.iter().all(|(_, run)| run.code == 0), "{ended:#?}");
    assert_eq!(ended.len(), steps, "{ended:#?}");
}
