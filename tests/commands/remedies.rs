//! What users are told to do when a registry refuses: each registry played by a small server, which
//! answers in its words and stands in its place as a proxy.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use chartroom_test_support::ChartBuilder;

use crate::desk::{Desk, Run, finish};
use crate::front::{Answer, Front};
use crate::{charts, server};

/// How a registry refuses, and what is said then.
struct Case {
    /// The command, after which `--plain-http` comes.
    line: &'static str,
    status: u16,
    /// Headers, each with its line end.
    headers: &'static str,
    body: &'static str,
    /// What scripts look for, as Helm words it.
    says: &'static str,
    /// What the hint has in it.
    hint: &'static str,
}

const fn case(
    line: &'static str,
    (status, headers, body): (u16, &'static str, &'static str),
    says: &'static str,
    hint: &'static str,
) -> Case {
    Case { line, status, headers, body, says, hint }
}

const PUSH_ECR: &str = "push app-1.0.0.tgz oci://123456789012.dkr.ecr.eu-west-1.amazonaws.com/charts";
const PULL_ECR: &str = "pull oci://123456789012.dkr.ecr.eu-west-1.amazonaws.com/charts/app --version 1.0.0";
const PUSH_HUB: &str = "push app-1.0.0.tgz oci://registry-1.docker.io/me";
const PULL_HUB: &str = "pull oci://registry-1.docker.io/me/app --version 1.0.0";
const PUSH_GHCR: &str = "push app-1.0.0.tgz oci://ghcr.io/org/charts";
const PULL_GHCR: &str = "pull oci://ghcr.io/org/charts/app --version 1.0.0";
const PUSH_GAR: &str = "push app-1.0.0.tgz oci://europe-docker.pkg.dev/project/charts";
const PULL_ACR: &str = "pull oci://team.azurecr.io/charts/app --version 1.0.0";
const PUSH_GITLAB: &str = "push app-1.0.0.tgz oci://registry.gitlab.com/group/project";
const PUSH_OWN: &str = "push app-1.0.0.tgz oci://registry.example.com/charts";
const PULL_OWN: &str = "pull oci://registry.example.com/charts/app --version 1.0.0";
const BASIC: &str = "WWW-Authenticate: Basic realm=\"x\"\r\n";

const CASES: &[Case] = &[
    case(
        "push app-1.0.0.tgz oci://public.ecr.aws/org",
        (
            404,
            "",
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"The repository with name 'org/app' does not exist"}]}"#,
        ),
        "name unknown: The repository with name 'org/app' does not exist",
        "aws ecr-public create-repository --repository-name org/app --region us-east-1",
    ),
    case(
        "pull oci://public.ecr.aws/org/app --version 1.0.0",
        (400, "", r#"{"errors":[{"code":"UNSUPPORTED","message":"Invalid authorization token"}]}"#),
        "unsupported: Invalid authorization token",
        "chartroom registry logout public.ecr.aws",
    ),
    case(
        PULL_ECR,
        (400, "", r#"{"errors":[{"code":"UNSUPPORTED","message":"Your authorization token is invalid"}]}"#),
        "unsupported: Your authorization token is invalid",
        "aws ecr get-login-password --region eu-west-1",
    ),
    case(PUSH_GAR, (401, BASIC, ""), "401", "--username oauth2accesstoken --password-stdin"),
    case(
        PUSH_GAR,
        (404, "", r#"{"errors":[{"code":"NAME_UNKNOWN","message":"Repository \"charts\" not found"}]}"#),
        "name unknown: Repository \"charts\" not found",
        "gcloud artifacts repositories create",
    ),
    case(
        PUSH_OWN,
        (401, "", r#"{"errors":[{"code":"UNAUTHORIZED","message":"HTTP Basic: Access denied"}]}"#),
        "unauthorized: HTTP Basic: Access denied",
        "write_registry",
    ),
    case(
        PUSH_OWN,
        (403, "", r#"{"errors":[{"code":"FORBIDDEN","message":"CSRF token invalid"}]}"#),
        "forbidden: CSRF token invalid",
        "leave /v2/ alone",
    ),
    case(
        PULL_OWN,
        (404, "", r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#),
        "registry.example.com/charts/app:1.0.0: not found",
        "list the tags",
    ),
    case(
        "pull oci://ghcr.io/org/charts/app",
        (
            404,
            "",
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#,
        ),
        "name unknown: repository name not known to registry",
        "read:packages",
    ),
    case(
        PULL_HUB,
        (
            429,
            "Retry-After: 21600\r\n",
            r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"}]}"#,
        ),
        "toomanyrequests: You have reached your unauthenticated pull rate limit",
        "log in (`chartroom registry login docker.io`) to have more of them; wait 21600 seconds",
    ),
    case(
        PUSH_HUB,
        (
            401,
            "",
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository","Name":"me/app","Action":"push"}]}]}"#,
        ),
        "unauthorized: authentication required",
        "oci://registry-1.docker.io/NAME",
    ),
    case(
        PUSH_HUB,
        (403, "", r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#),
        "denied: requested access to the resource is denied",
        "Read & Write",
    ),
    case(
        PUSH_ECR,
        (
            404,
            "",
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"The repository with name 'charts/app' does not exist in the registry with id '123456789012'"}]}"#,
        ),
        "name unknown: The repository with name 'charts/app' does not exist",
        "aws ecr create-repository --repository-name charts/app --region eu-west-1",
    ),
    case(
        PULL_ECR,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}"#,
        ),
        "denied: Your authorization token has expired",
        "aws ecr get-login-password --region eu-west-1 | chartroom registry login \
         123456789012.dkr.ecr.eu-west-1.amazonaws.com --username AWS",
    ),
    case(PULL_ECR, (401, BASIC, "Not Authorized\n"), "401", "aws ecr get-login-password --region eu-west-1"),
    case(
        PUSH_ECR,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"User: arn:aws:iam::1:user/x is not authorized to perform: ecr:InitiateLayerUpload on resource: y"}]}"#,
        ),
        "is not authorized to perform: ecr:InitiateLayerUpload",
        "the permission that is named above",
    ),
    case(
        PUSH_ECR,
        (
            400,
            "",
            r#"{"errors":[{"code":"TAG_INVALID","message":"The image tag '1.0.0' already exists in the 'charts/app' repository and cannot be overwritten because the repository is immutable."}]}"#,
        ),
        "tag invalid: The image tag '1.0.0' already exists",
        "give the chart a new version",
    ),
    case(
        "pull oci://public.ecr.aws/org/app --version 1.0.0",
        (403, "", r#"{"errors":[{"code":"DENIED","message":"Not Authorized"}]}"#),
        "denied: Not Authorized",
        "chartroom registry logout public.ecr.aws",
    ),
    case(
        PUSH_GAR,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"Permission \"artifactregistry.repositories.uploadArtifacts\" denied on resource \"x\" (or it may not exist)"}]}"#,
        ),
        "denied: Permission \"artifactregistry.repositories.uploadArtifacts\" denied",
        "roles/artifactregistry.writer",
    ),
    case(
        PUSH_GAR,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"Unauthenticated request. Unauthenticated requests do not have permission \"x\""}]}"#,
        ),
        "denied: Unauthenticated request.",
        "gcloud auth print-access-token | chartroom registry login europe-docker.pkg.dev",
    ),
    case(
        PUSH_GAR,
        (
            400,
            "",
            r#"{"errors":[{"code":"MANIFEST_INVALID","message":"cannot update tag 1.0.0. The repository has enabled tag immutability"}]}"#,
        ),
        "manifest invalid: cannot update tag 1.0.0",
        "give the chart a new version",
    ),
    case(
        PULL_ACR,
        (
            401,
            BASIC,
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required, visit https://aka.ms/acr/authorization for more information."}]}"#,
        ),
        "unauthorized: authentication required",
        "az acr login --name NAME --expose-token",
    ),
    case(
        "pull oci://team.azurecr.io/charts/app",
        (
            401,
            "",
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository","Name":"charts/app","Action":"metadata_read"}]}]}"#,
        ),
        "Action:metadata_read",
        "name an exact --version",
    ),
    case(
        PULL_ACR,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"client with IP '192.0.2.1' is not allowed access."}]}"#,
        ),
        "denied: client with IP '192.0.2.1' is not allowed access",
        "network rules",
    ),
    case(
        PUSH_GHCR,
        (403, "", r#"{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}"#),
        "denied: permission_denied: write_package",
        "packages: write",
    ),
    case(
        PUSH_GHCR,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"installation not allowed to Create organization package"}]}"#,
        ),
        "denied: installation not allowed to Create organization package",
        "owner of the organization",
    ),
    case(
        PULL_GHCR,
        (403, "", r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#),
        "denied: denied",
        "chartroom registry logout ghcr.io",
    ),
    case(
        PULL_GHCR,
        (401, BASIC, r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#),
        "unauthorized: authentication required",
        "chartroom registry login ghcr.io",
    ),
    case(
        PUSH_GITLAB,
        (403, "", r#"{"errors":[{"code":"DENIED","message":"access forbidden"}]}"#),
        "denied: access forbidden",
        "write_registry",
    ),
    case(
        PUSH_GITLAB,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"Access denied: too many failed authentication attempts from this network"}]}"#,
        ),
        "denied: Access denied: too many failed authentication attempts",
        "correct the stored login (`chartroom registry logout registry.gitlab.com`)",
    ),
    case(
        PUSH_GITLAB,
        (
            403,
            "",
            r#"{"errors":[{"code":"DENIED","message":"Pushing to protected repository path forbidden"}]}"#,
        ),
        "denied: Pushing to protected repository path forbidden",
        "ask a maintainer",
    ),
    case(
        PUSH_OWN,
        (
            401,
            BASIC,
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"unauthorized to access repository: charts/app, action: push"}]}"#,
        ),
        "unauthorized: unauthorized to access repository: charts/app, action: push",
        "role Developer",
    ),
    case(
        PUSH_OWN,
        (404, "", r#"{"errors":[{"code":"NOT_FOUND","message":"artifact charts/app:1.0.0 not found"}]}"#),
        "not found",
        "",
    ),
    case(
        PUSH_OWN,
        (401, "", r#"{"errors":[{"code":"UNAUTHORIZED","message":"project charts not found"}]}"#),
        "unauthorized: project charts not found",
        "make the project first",
    ),
    case(
        PUSH_OWN,
        (
            412,
            "",
            r#"{"errors":[{"code":"PRECONDITION","message":"Failed to process request due to 'charts/app:1.0.0' configured as immutable."}]}"#,
        ),
        "configured as immutable",
        "give the chart a new version",
    ),
    case(
        PUSH_OWN,
        (
            401,
            "",
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"access to the requested resource is not authorized"}]}"#,
        ),
        "unauthorized: access to the requested resource is not authorized",
        "right Write on the repository",
    ),
    case(
        PUSH_OWN,
        (403, "", r#"{"errors":[{"code":"DENIED","message":"insufficient_scope: authorization failed"}]}"#),
        "insufficient_scope: authorization failed",
        "the login has not the right to do this in charts/app",
    ),
    case(PUSH_OWN, (401, BASIC, ""), "401", "chartroom registry login registry.example.com"),
    case(
        PUSH_OWN,
        (403, "", r#"{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}"#),
        "denied: requested access to the resource is denied",
        "log in as somebody who is",
    ),
    case(
        PULL_OWN,
        (
            404,
            "",
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}"#,
        ),
        "not found",
        "ends in the chart's name",
    ),
    case(
        PULL_OWN,
        (429, "Retry-After: 7200\r\n", r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#),
        "toomanyrequests: slow down",
        "wait 7200 seconds",
    ),
    case(
        PUSH_OWN,
        (413, "Content-Type: text/html\r\n", "<html><h1>413 Request Entity Too Large</h1></html>"),
        "413",
        "client_max_body_size",
    ),
    case(
        PUSH_OWN,
        (405, "", r#"{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}"#),
        "unsupported: The operation is unsupported.",
        "doesn't offer this",
    ),
    case(
        PULL_OWN,
        (400, "", "Client sent an HTTP request to an HTTPS server.\n"),
        "Client sent an HTTP request to an HTTPS server.",
        "leave out --plain-http",
    ),
    case(
        "pull oci://team.jfrog.io/charts/app --version 1.0.0",
        (
            404,
            "",
            r#"{"errors":[{"code":"UNSUPPORTED","message":"Unsupported docker v2 repository request for 'charts'"}]}"#,
        ),
        "Unsupported docker v2 repository request",
        "key of a repository",
    ),
];

/// Runs a line where all addresses lead to a server that answers so.
fn refused(case: &Case) -> (Desk, Run) {
    let (status, headers, body) = (case.status, case.headers, case.body);
    let pushes = case.line.starts_with("push");
    let front = Front::start(([127, 0, 0, 1], 1).into(), move |seen| {
        // What a push asks first is answered without words.
        if pushes && seen.line.starts_with("HEAD ") {
            return Answer::Own(404, String::new(), String::new());
        }
        Answer::Own(status, headers.to_owned(), body.to_owned())
    });
    let desk = Desk::alone();
    charts::plain(&desk, "app", "1.0.0", "");
    desk.ok("package app");
    let mut command = desk.command(&format!("{} --plain-http", case.line));
    command
        .env("http_proxy", format!("http://{}", front.addr()))
        .env("HTTP_PROXY", format!("http://{}", front.addr()));
    command.env_remove("NO_PROXY").env_remove("no_proxy");
    let run = finish(&mut command, b"");
    (desk, run)
}

#[test]
fn each_refusal_comes_with_its_remedy() {
    let mut seen = BTreeMap::new();
    for case in CASES {
        let (_desk, run) = refused(case);
        let what = format!("{} {} {}: {run:?}", case.line, case.status, case.body);
        assert_eq!(run.status.code(), Some(1), "{what}");
        assert_eq!(run.stdout, "", "{what}");
        let (error, hint): (Vec<&str>, Vec<&str>) =
            run.stderr.lines().partition(|line| !line.starts_with("hint: "));
        assert!(error.iter().any(|line| line.starts_with("Error: ")), "{what}");
        assert!(error.join("\n").contains(case.says), "{what}");
        assert!(!hint.is_empty() && hint.join("\n").contains(case.hint), "{what}");
        assert!(!hint.join("\n").contains(['{', '}']), "{what}");
        seen.insert(hint.join("\n"), case.line);
    }
    assert!(seen.len() > 25, "{}", seen.len());
}

#[test]
fn a_remedy_names_the_program_that_was_called() {
    let front = Front::start(([127, 0, 0, 1], 1).into(), |_| {
        Answer::Own(401, "WWW-Authenticate: Basic realm=\"x\"\r\n".to_owned(), String::new())
    });
    let desk = Desk::at(front.addr());
    let run = desk.as_helm("pull REGISTRY/charts/app --version 1.0.0 --plain-http");
    assert!(run.stderr.contains(&format!("helm registry login {}", desk.host())), "{run:?}");
}

#[test]
fn a_connection_that_can_not_be_is_told_in_known_words() {
    let desk = Desk::alone();
    let run = desk.fails("pull REGISTRY/charts/app --version 1.0.0 --plain-http");
    assert!(run.stderr.contains("connect: connection refused") && run.stderr.contains("hint: "), "{run:?}");
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let desk = Desk::at(listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]).unwrap();
        stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\nno TLS here\n").unwrap();
    });
    let run = desk.fails("pull REGISTRY/charts/app --version 1.0.0");
    server.join().unwrap();
    assert!(run.stderr.contains("http: server gave HTTP response to HTTPS client"), "{run:?}");
    assert!(run.stderr.contains("hint: ") && run.stderr.contains("--plain-http"), "{run:?}");
}

#[test]
fn where_a_version_is_not_there_those_near_it_are_named() {
    let server = server();
    for version in ["1.0.0", "1.2.2", "1.2.4", "2.0.0", "3.1.0+b"] {
        ChartBuilder::new("webapp", version).build().push(&server.client(), "charts/webapp");
    }
    let desk = Desk::at(server.addr());
    for (line, hint) in [
        (
            "pull REGISTRY/charts/webapp --version 1.2.3",
            "versions near it are 1.2.4, 1.2.2, 1.0.0, 2.0.0; the newest is 3.1.0+b",
        ),
        ("show values REGISTRY/charts/webapp:v1.2.3", "versions near it are 1.2.4, 1.2.2, 1.0.0, 2.0.0"),
        ("pull REGISTRY/charts/webapp --version ~9", "the newest versions are 3.1.0+b, 2.0.0, 1.2.4, 1.2.2"),
    ] {
        let run = desk.fails(&format!("{line} --plain-http"));
        assert!(run.stderr.contains(&format!("hint: {hint}")), "{line}: {run:?}");
    }
    let run = desk.fails("pull REGISTRY/charts/other --version 1.0.0 --plain-http");
    assert!(run.stderr.contains("not found") && !run.stderr.contains("near it"), "{run:?}");
}
