//! Pipelines: those of the guide, to the letter, and those of `docs/ci`, which are to be copied.

use std::fs;
use std::path::Path;

use chartroom_oci::Digest;
use chartroom_test_support::{Issuer, IssuerKey, skipped};
use serde_json::{Value, json};

use crate::blocks::PUSH_CHARTS;
use crate::place::{Desk, Place, Run, Tool};
use crate::registries::Kind;
use crate::runner::{Context, Ended, github, gitlab, succeeded};

/// GitHub Actionsの例, as the guide has it.
const GUIDE_GITHUB: &str = r"name: Build and Push Helm Chart

on:
  push:
    paths:
    - 'charts/**'
    branches:
    - main

jobs:
  build-and-push:
    runs-on: ubuntu-latest
    steps:
    - name: Checkout
      uses: actions/checkout@v3
      
    - name: Install Helm
      uses: azure/setup-helm@v3
      with:
        version: '3.12.0'
        
    - name: Log in to GitHub Container Registry
      run: |
        echo ${{ secrets.GITHUB_TOKEN }} | helm registry login ghcr.io --username ${{ github.actor }} --password-stdin
        
    - name: Package and Push Chart
      run: |
        for chart in charts/*/; do
          chart_name=$(basename $chart)
          helm package $chart
          chart_version=$(helm show chart $chart | grep '^version:' | cut -d' ' -f2)
          helm push ${chart_name}-${chart_version}.tgz oci://ghcr.io/${{ github.repository_owner }}/charts
        done
";

/// GitLab CIの例, as the guide has it.
const GUIDE_GITLAB: &str = r#"stages:
  - package
  - push

package-chart:
  stage: package
  image: alpine/helm:latest
  script:
    - helm package charts/mychart
  artifacts:
    paths:
      - "*.tgz"
    expire_in: 1 hour

push-chart:
  stage: push
  image: alpine/helm:latest
  dependencies:
    - package-chart
  script:
    - echo $CI_REGISTRY_PASSWORD | helm registry login $CI_REGISTRY --username $CI_REGISTRY_USER --password-stdin
    - helm push *.tgz oci://$CI_REGISTRY/$CI_PROJECT_PATH/charts
  only:
    - main
"#;

const ACTIONS: [&str; 3] = ["actions/checkout", "azure/setup-helm", "sigstore/cosign-installer"];

/// A file of `docs/ci`.
fn example(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ci/");
    fs::read_to_string(format!("{folder}{name}")).unwrap()
}

/// A repository with charts, checked out.
fn checkout<'a>(place: &'a Place, name: &str) -> Desk<'a> {
    let desk = place.desk(name);
    desk.chart("charts/mychart", "0.1.0");
    desk.chart("charts/backend", "1.2.3+build.5");
    desk
}

/// What both charts are in the registry below this path: the digests of their manifests.
#[track_caller]
fn pushed(place: &Place, below: &str) -> [String; 2] {
    [("backend", "1.2.3_build.5"), ("mychart", "0.1.0")].map(|(name, tag)| {
        let repository = format!("{below}/{name}");
        assert_eq!(place.witness.tags(&repository), [tag], "{repository}");
        Digest::sha256(&place.witness.manifest(&repository, tag)).to_string()
    })
}

#[track_caller]
fn last(ended: &[Ended]) -> &Run {
    &ended.last().unwrap().1
}

#[test]
fn the_pipelines_of_the_guide() {
    for tool in [Tool::Helm, Tool::AsHelm] {
        let Some(place) = Place::new(tool, Kind::DistributionWithAccounts) else { return };
        let desk = checkout(&place, "github");
        let ended = github(&desk, GUIDE_GITHUB, &Context::github(&desk, "myorg"), &ACTIONS);
        succeeded(&ended, 2);
        pushed(&place, "myorg/charts");
        // What README.md of docs/ci warns of: owners' names have capitals, paths have none.
        let desk = checkout(&place, "github-capitals");
        let ended = github(&desk, GUIDE_GITHUB, &Context::github(&desk, "MyOrg"), &ACTIONS);
        assert_ne!(last(&ended).code, 0, "{ended:#?}");
        assert!(last(&ended).stderr.contains("MyOrg/charts"), "{ended:#?}");

        let desk = checkout(&place, "gitlab");
        succeeded(&gitlab(&desk, GUIDE_GITLAB, &Context::gitlab("group/project")), 2);
        assert_eq!(place.witness.tags("group/project/charts/mychart"), ["0.1.0"]);
        // With more than one archive, Helm takes the second for the registry.
        desk.archive("another", "0.2.0");
        let ended = gitlab(&desk, GUIDE_GITLAB, &Context::gitlab("group/project"));
        let there = place.witness.tags("group/project/charts/another");
        if tool == Tool::Helm {
            assert!(last(&ended).stderr.contains("scheme prefix missing from remote"), "{ended:#?}");
            assert_eq!(there, [""; 0]);
        } else {
            succeeded(&ended, 2);
            assert_eq!(there, ["0.2.0"]);
        }
        assert_eq!(place.road.strayed(), [""; 0]);
    }
}

#[test]
fn push_charts_sh_and_the_one_line_instead() {
    let Some(place) = Place::new(Tool::AsHelm, Kind::ChartroomWithAccounts) else { return };
    let desk = checkout(&place, "work");
    let login = "helm registry login ghcr.io -u myuser --password-stdin <<< mypassword";
    assert_eq!(desk.run(&[login], &[])[0].code, 0);
    let run = desk.script("bash", &[], PUSH_CHARTS, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    let by_script = pushed(&place, "myorg/charts");

    // The same charts are there, so nothing is pushed again.
    let run = &desk.run(&["helm push charts/*/ oci://ghcr.io/myorg/charts"], &[])[0];
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("0 pushed, 2 unchanged, 0 failed"), "{run:?}");
    assert_eq!(pushed(&place, "myorg/charts"), by_script);

    // And where nothing is, the same comes to be: the same archives.
    let run = &desk.run(&["helm push charts/*/ oci://ghcr.io/other/charts"], &[])[0];
    assert!(run.code == 0 && run.stderr.contains("2 pushed"), "{run:?}");
    pushed(&place, "other/charts");
    let archive = |repository: &str| {
        let manifest = place.witness.manifest(repository, "0.1.0");
        serde_json::from_slice::<Value>(&manifest).unwrap()["layers"].clone()
    };
    assert_eq!(archive("other/charts/mychart"), archive("myorg/charts/mychart"));

    // The script ends well whatever happens in it; the one line does not.
    let logout = "helm registry logout ghcr.io";
    assert_eq!(desk.run(&[logout], &[])[0].code, 0);
    let run = desk.script("bash", &[], PUSH_CHARTS, &[]);
    assert!(run.code == 0 && run.stderr.contains("Error: "), "{run:?}");
    let run = &desk.run(&["helm push charts/*/ oci://ghcr.io/third/charts"], &[])[0];
    assert!(run.code == 1 && run.stderr.contains("Error: "), "{run:?}");
}

#[test]
fn the_examples_with_helm() {
    for (tool, kind) in [
        (Tool::Helm, Kind::ChartroomWithAccounts),
        (Tool::Helm, Kind::DistributionWithAccounts),
        (Tool::AsHelm, Kind::ChartroomBehindTokens),
    ] {
        let Some(place) = Place::new(tool, kind) else { continue };
        // Each run begins with a checkout of its own. The owner has capitals in the name.
        for run in ["first", "second"] {
            let desk = checkout(&place, &format!("github-{run}"));
            let ended =
                github(&desk, &example("github-helm.yml"), &Context::github(&desk, "MyOrg"), &ACTIONS);
            succeeded(&ended, 3);
            pushed(&place, "myorg/charts");
            let desk = checkout(&place, &format!("gitlab-{run}"));
            let context = Context::gitlab("Group/Project");
            succeeded(&gitlab(&desk, &example("gitlab-helm.yml"), &context), 2);
            pushed(&place, "group/project/charts");
        }
        assert_eq!(place.road.strayed(), [""; 0]);
    }
}

#[test]
fn the_examples_with_chartroom() {
    if !Path::new("/usr/bin/jq").exists() {
        return skipped("needs jq, with which the workflow reads what was pushed");
    }
    for kind in [Kind::ChartroomWithAccounts, Kind::DistributionWithAccounts] {
        let Some(place) = Place::new(Tool::Chartroom, kind) else { continue };
        // The pipeline finds no program: it is where CHARTROOM_BINARY says, and the pipeline installs it.
        let binary = place.take_program().display().to_string();
        let signed = place.home().join("signed");
        place.stand_in("cosign", &format!("echo \"$*\" >> '{}' && exit", signed.display()));
        let mut digests = Vec::new();
        for (run, status) in [("first", "pushed"), ("second", "unchanged")] {
            let desk = checkout(&place, &format!("github-{run}"));
            desk.touch("charts/mychart/values.yaml");
            let mut context = Context::github(&desk, "MyOrg");
            context.expressions.push(("vars.CHARTROOM_BINARY".to_owned(), binary.clone()));
            succeeded(&github(&desk, &example("github-chartroom.yml"), &context, &ACTIONS), 4);
            let [backend, mychart] = pushed(&place, "myorg/charts");
            let lines = format!(
                "sign --yes ghcr.io/myorg/charts/backend@{backend}\nsign --yes ghcr.io/myorg/charts/mychart@{mychart}\n"
            );
            assert_eq!(fs::read_to_string(&signed).unwrap(), lines);
            fs::remove_file(&signed).unwrap();
            check_listing(&desk, status, &[&backend, &mychart]);
            digests.push((backend, mychart));

            let desk = checkout(&place, &format!("gitlab-{run}"));
            desk.touch("charts/backend/Chart.yaml");
            let mut context = Context::gitlab("Group/Project");
            context.variables.push(("CHARTROOM_BINARY".to_owned(), binary.clone()));
            succeeded(&gitlab(&desk, &example("gitlab-chartroom.yml"), &context), 1);
            let [backend, mychart] = pushed(&place, "group/project/charts");
            check_listing(&desk, status, &[&backend, &mychart]);
        }
        assert_eq!(digests[0], digests[1], "what is there is left alone");

        // Other content under the same version stops the pipeline before anything is signed.
        let desk = checkout(&place, "github-third");
        desk.write("charts/mychart/values.yaml", "replicas: 2\n");
        let mut context = Context::github(&desk, "MyOrg");
        context.expressions.push(("vars.CHARTROOM_BINARY".to_owned(), binary));
        let ended = github(&desk, &example("github-chartroom.yml"), &context, &ACTIONS);
        assert!(last(&ended).code == 1 && last(&ended).stderr.contains("other content"), "{ended:#?}");
        assert!(!signed.exists());
        assert_eq!(place.road.strayed(), [""; 0]);
    }
}

/// The file that the pipeline leaves is JSON with these digests.
#[track_caller]
fn check_listing(desk: &Desk<'_>, status: &str, digests: &[&String]) {
    let listing = serde_json::from_slice::<Value>(&desk.read("pushed.json")).unwrap();
    let charts = listing["charts"].as_array().unwrap();
    assert_eq!(charts.iter().map(|chart| chart["digest"].as_str().unwrap()).collect::<Vec<_>>(), digests);
    assert!(charts.iter().all(|chart| chart["status"] == status), "{listing}");
    assert_eq!(listing["failed"], serde_json::json!([]));
}

/// A recipe of docs/access.md, for a job's token: what it says in TOML, with this issuer in the place of the
/// real one.
fn recipe(heading: &str, name: &str, issuer: &Issuer) -> String {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/access.md")).unwrap();
    let (_, section) = text.split_once(&format!("### {heading}\n")).unwrap();
    let (_, block) = section.split_once("```toml\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let named = format!("name = \"{name}\"");
    assert!(block.contains(&named), "{block}");
    block.replace(&named, &format!("issuer = \"{}\"\n{named}", issuer.url()))
}

/// What GitHub says of a job.
fn github_job(repository: &str, reference: &str) -> Value {
    json!({
        "sub": format!("repo:{repository}:ref:{reference}"),
        "repository": repository,
        "ref": reference,
        "event_name": "push",
    })
}

/// What GitLab says of a job.
fn gitlab_job(project: &str, protected: bool) -> Value {
    json!({
        "sub": format!("project_path:{project}:ref_type:branch:ref:main"),
        "project_path": project,
        "ref": "main",
        "ref_protected": protected.to_string(),
    })
}

/// Both issuers, and a registry that knows them as docs/access.md says.
fn with_issuers(tool: Tool) -> Option<(Place, Issuer, Issuer)> {
    let github = Issuer::start(IssuerKey::rsa("github-1"));
    let gitlab = Issuer::start(IssuerKey::rsa("gitlab-1"));
    let more = [
        recipe("GitHub Actions without a stored secret", "github", &github),
        recipe("GitLab CI without a stored secret", "gitlab", &gitlab),
    ];
    Some((Place::with(tool, Kind::ChartroomWithAccounts, &more.concat())?, github, gitlab))
}

#[test]
fn the_examples_without_a_secret_with_helm() {
    if !Path::new("/usr/bin/jq").exists() || !Path::new("/usr/bin/curl").exists() {
        return skipped("needs curl and jq, with which the workflow gets its token");
    }
    for tool in [Tool::Helm, Tool::AsHelm] {
        let Some((place, github_issuer, gitlab_issuer)) = with_issuers(tool) else { continue };
        let run = |name: &str, job: Value| {
            let desk = checkout(&place, name);
            let mut context = Context::github(&desk, "MyOrg");
            context.identity = Some((&github_issuer, job));
            github(&desk, &example("github-helm-oidc.yml"), &context, &ACTIONS)
        };
        // Nobody else's job, nor one of another branch.
        for (repository, reference) in [("evil/charts", "refs/heads/main"), ("myorg/charts", "refs/heads/x")]
        {
            let ended = run("stranger", github_job(repository, reference));
            assert!(
                last(&ended).code != 0 && last(&ended).stderr.contains("no rule here is for it"),
                "{ended:#?}"
            );
            assert_eq!(place.witness.tags("charts/mychart"), [""; 0]);
        }
        let job = || github_job("myorg/charts", "refs/heads/main");
        succeeded(&run("github-first", job()), 3);
        let released = pushed(&place, "charts");
        // The same version with another archive is not pushed over what was released.
        let desk = checkout(&place, "github-second");
        for chart in ["backend", "mychart"] {
            desk.write(&format!("charts/{chart}/values.yaml"), "replicas: 2\n");
        }
        let mut context = Context::github(&desk, "MyOrg");
        context.identity = Some((&github_issuer, job()));
        let ended = github(&desk, &example("github-helm-oidc.yml"), &context, &ACTIONS);
        let refused = last(&ended);
        assert!(refused.code != 0 && refused.stderr.contains("overwrite"), "{ended:#?}");
        assert_eq!(pushed(&place, "charts"), released);

        let run = |name: &str, job: Value| {
            let desk = checkout(&place, name);
            desk.chart("charts/webapp", "3.0.0");
            fs::remove_dir_all(desk.path("charts/mychart")).unwrap();
            fs::remove_dir_all(desk.path("charts/backend")).unwrap();
            let mut context = Context::gitlab("MyGroup/Charts");
            context.identity = Some((&gitlab_issuer, job));
            gitlab(&desk, &example("gitlab-helm-oidc.yml"), &context)
        };
        let ended = run("gitlab-stranger", gitlab_job("mygroup/charts", false));
        assert!(
            last(&ended).code != 0 && last(&ended).stderr.contains("no rule here is for it"),
            "{ended:#?}"
        );
        succeeded(&run("gitlab", gitlab_job("mygroup/charts", true)), 2);
        assert_eq!(place.witness.tags("charts/webapp"), ["3.0.0"]);
        assert_eq!(place.road.strayed(), [""; 0]);
    }
}

#[test]
fn the_examples_without_a_secret_with_chartroom() {
    if !Path::new("/usr/bin/jq").exists() || !Path::new("/usr/bin/curl").exists() {
        return skipped("needs curl and jq, with which the workflow gets its token");
    }
    let Some((place, github_issuer, gitlab_issuer)) = with_issuers(Tool::Chartroom) else { return };
    let binary = place.take_program().display().to_string();
    for (run, status) in [("first", "pushed"), ("second", "unchanged")] {
        let desk = checkout(&place, &format!("github-{run}"));
        desk.touch("charts/mychart/values.yaml");
        let mut context = Context::github(&desk, "MyOrg");
        context.expressions.push(("vars.CHARTROOM_BINARY".to_owned(), binary.clone()));
        context.identity = Some((&github_issuer, github_job("myorg/charts", "refs/tags/v1")));
        succeeded(&github(&desk, &example("github-chartroom-oidc.yml"), &context, &ACTIONS), 3);
        let [backend, mychart] = pushed(&place, "charts");
        check_listing(&desk, status, &[&backend, &mychart]);

        // For the other's pipeline everything is there already, in the first run, too.
        let desk = checkout(&place, &format!("gitlab-{run}"));
        let mut context = Context::gitlab("MyGroup/Charts");
        context.variables.push(("CHARTROOM_BINARY".to_owned(), binary.clone()));
        context.identity = Some((&gitlab_issuer, gitlab_job("mygroup/charts", true)));
        succeeded(&gitlab(&desk, &example("gitlab-chartroom-oidc.yml"), &context), 1);
        check_listing(&desk, "unchanged", &[&backend, &mychart]);
    }
    assert_eq!(place.road.strayed(), [""; 0]);
}
