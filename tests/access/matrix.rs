//! Every route with every method, asked by everybody, under random rules: the answer is what ten lines
//! say.

use std::fmt::Write as _;

use chartroom_oci::Digest;
use chartroom_server::Route;
use chartroom_test_support::{Client, Random};

use crate::accounts::{Caller, Office};

const REPOSITORIES: [&str; 4] = ["charts/app", "charts/team/app", "public/app", "app"];
const PATTERNS: [&str; 6] = ["**", "charts/**", "charts/*", "public/**", "app", "*/app"];
const METHODS: [&str; 7] = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"];
const WHO: [&str; 7] =
    ["anonymous", "*", "user:anna", "user:bob", "group:platform", "group:robots", "user:nobody"];
/// Name, and groups.
const PEOPLE: [(&str, &[&str]); 4] =
    [("", &[]), ("anna", &["platform"]), ("bob", &["robots", "platform"]), ("carl", &[])];

#[derive(Debug)]
struct Rule {
    who: Vec<&'static str>,
    repositories: Vec<&'static str>,
    actions: Vec<&'static str>,
}

/// Patterns as far as they are used here.
fn covers(pattern: &str, repository: &str) -> bool {
    match pattern {
        "**" => true,
        "charts/**" => repository.starts_with("charts/"),
        "charts/*" => repository.starts_with("charts/") && repository.matches('/').count() == 1,
        "public/**" => repository.starts_with("public/"),
        "*/app" => repository.ends_with("/app") && repository.matches('/').count() == 1,
        exact => exact == repository,
    }
}

/// The model: whether the rules let somebody do something.
fn may(rules: &[Rule], (name, groups): (&str, &[&str]), repository: &str, action: &str) -> bool {
    rules.iter().any(|rule| {
        let is_for = rule.who.iter().any(|who| match who.split_once(':') {
            Some(("user", user)) => user == name,
            Some((_, group)) => groups.contains(&group),
            None => *who == "anonymous" || !name.is_empty(),
        });
        is_for
            && rule.actions.contains(&action)
            && rule.repositories.iter().any(|one| covers(one, repository))
    })
}

/// What a route demands for a method, said once more: nothing, to be somebody, or one of some rights.
enum Demand {
    Nothing,
    Somebody,
    OneOf(&'static [&'static str]),
}

fn demand(template: &str, method: &str) -> Demand {
    let reads = ["GET", "HEAD"].contains(&method);
    match template {
        "/" | "/healthz" | "/readyz" | "/token" | "/.well-known/jwks.json" => Demand::Nothing,
        "/api/v1/charts" => Demand::Nothing,
        "/v2/" | "/v2/_catalog" | "/metrics" => Demand::Somebody,
        "/api/v1/charts/{repository}"
        | "/v2/{repository}/tags/list"
        | "/v2/{repository}/referrers/{digest}" => Demand::OneOf(&["pull"]),
        "/v2/{repository}/manifests/{reference}" | "/v2/{repository}/blobs/{digest}" => match method {
            "HEAD" => Demand::OneOf(&["pull", "push"]),
            "DELETE" => Demand::OneOf(&["delete"]),
            _ if reads => Demand::OneOf(&["pull"]),
            _ => Demand::OneOf(&["push"]),
        },
        "/v2/{repository}/blobs/uploads/" | "/v2/{repository}/blobs/uploads/{id}" => Demand::OneOf(&["push"]),
        other => panic!("nobody has said what {other} demands"),
    }
}

/// A path for each route. The `match` makes a new route fail to compile here, until it has one.
fn paths(repository: &str) -> Vec<(&'static str, String)> {
    let name = || repository.parse().unwrap();
    let digest = Digest::sha256(b"nobody has this");
    let reference = || chartroom_server::ManifestReference::Valid("v1".parse().unwrap());
    let routes = [
        Route::Home,
        Route::Health,
        Route::Ready,
        Route::Metrics,
        Route::Token,
        Route::Keys,
        Route::Charts,
        Route::ChartVersions(name()),
        Route::Base,
        Route::Catalog,
        Route::Tags(name()),
        Route::Manifest(name(), reference()),
        Route::Blob(name(), digest),
        Route::Uploads(name()),
        Route::Upload(name(), "00000000-0000-4000-8000-000000000000".to_owned()),
        Route::Referrers(name(), digest),
    ];
    let mut kinds = 0;
    let paths = routes.iter().map(|route| {
        kinds += match route {
            Route::Home | Route::Health | Route::Ready | Route::Metrics | Route::Token | Route::Keys => 1,
            Route::Charts | Route::ChartVersions(_) | Route::Base | Route::Catalog | Route::Tags(_) => 1,
            Route::Manifest(..) | Route::Blob(..) | Route::Uploads(_) | Route::Upload(..) => 1,
            Route::Referrers(..) => 1,
        };
        let template = route.template();
        let path = template
            .replace("{repository}", repository)
            .replace("{reference}", "v1")
            .replace("{digest}", &digest.to_string())
            .replace("{id}", "00000000-0000-4000-8000-000000000000");
        assert_eq!(Route::parse(&path).as_ref().ok(), Some(route), "{path}");
        (template, path)
    });
    let paths = paths.collect();
    assert_eq!(kinds, 16, "every kind of route is asked for once");
    paths
}

fn some<T: Copy>(random: &mut Random, all: &[T]) -> Vec<T> {
    let first = all[random.below(all.len() as u64) as usize];
    all.iter().copied().filter(|_| random.below(4) == 0).chain([first]).collect()
}

fn rules(random: &mut Random) -> Vec<Rule> {
    let rule = |random: &mut Random| {
        let mut actions = some(random, &["pull", "push", "delete"]);
        actions.dedup();
        Rule { who: some(random, &WHO), repositories: some(random, &PATTERNS), actions }
    };
    (0..1 + random.below(4)).map(|_| rule(random)).collect()
}

fn config(rules: &[Rule]) -> String {
    let mut text = "[auth]\n".to_owned();
    for rule in rules {
        writeln!(text, "[[access]]\nwho = {:?}", rule.who).unwrap();
        writeln!(text, "repositories = {:?}\nactions = {:?}", rule.repositories, rule.actions).unwrap();
    }
    text
}

/// How somebody comes: with their access token as a password, with it as a bearer token, or with a token
/// of the token service for all that they could ask for.
#[track_caller]
fn ways(client: &Client, name: &str, token: &str) -> Vec<Caller> {
    let scopes: Vec<String> =
        REPOSITORIES.iter().map(|repository| format!("repository:{repository}:pull,push,delete")).collect();
    if name.is_empty() {
        return vec![Caller::anonymous(), Caller::anonymous().with_scope(client, &scopes.join(" "))];
    }
    let basic = Caller::basic(name, token);
    let scoped = basic.with_scope(client, &scopes.join(" "));
    vec![basic, Caller::bearer(token), scoped]
}

#[test]
fn every_route_answers_as_the_rules_say() {
    let seed = Random::fresh_seed();
    let mut random = Random::seeded(seed);
    for round in 0..3 {
        let rules = rules(&mut random);
        let office = Office::new();
        let tokens: Vec<String> = PEOPLE
            .iter()
            .map(
                |(name, groups)| {
                    if name.is_empty() { String::new() } else { office.robot(name, groups, &[]) }
                },
            )
            .collect();
        let server = office.serve(&config(&rules));
        let client = server.client();
        for ((name, groups), token) in PEOPLE.iter().zip(&tokens) {
            let ways = ways(&client, name, token);
            for (way, caller) in ways.iter().enumerate() {
                for repository in REPOSITORIES {
                    for (template, path) in paths(repository) {
                        for method in METHODS {
                            let context = format!(
                                "seed {seed}, round {round}: {rules:?}: {name:?} ({way}) {method} {path}"
                            );
                            let answer = caller.request(&client, method, &path).send();
                            // An anonymous token will do to find out that one is let in.
                            let known = !name.is_empty() || (way == 1 && template != "/metrics");
                            // But no token gives another one; the last way is with one.
                            let again = template == "/token"
                                && ["GET", "HEAD"].contains(&method)
                                && way + 1 == ways.len();
                            let allowed = match demand(template, method) {
                                Demand::Nothing => !again,
                                Demand::Somebody => known,
                                Demand::OneOf(actions) => actions
                                    .iter()
                                    .any(|action| may(&rules, (name, groups), repository, action)),
                            };
                            if allowed {
                                assert!(![401, 403].contains(&answer.status), "{context}: {}", answer.status);
                            } else {
                                let expected = if name.is_empty() || again { 401 } else { 403 };
                                assert_eq!(answer.status, expected, "{context}");
                                assert_eq!(
                                    !answer.headers("WWW-Authenticate").is_empty(),
                                    expected == 401,
                                    "{context}"
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}
