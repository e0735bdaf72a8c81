//! The table of remedies: by registry, by the kind of the error, and by what the registry said. The
//! first row that fits is taken; rows for one registry stand before those for all.
//!
//! In a hint, `{host}`, `{repository}`, `{region}` and `{wait}` are filled in.

use crate::error::TlsProblem;

/// Whose registry it is, as far as its address tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    DockerHub,
    Ecr,
    EcrPublic,
    Google,
    Azure,
    GitHub,
    GitLab,
    /// Harbor, Quay, Artifactory, distribution, … under any name.
    Any,
}

/// What went wrong, as far as it matters for what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The registry wants to know who we are, and was shown nothing.
    NoLogin,
    /// The name, password or token is not right.
    WrongLogin,
    /// The login isn't allowed to do this.
    NotAllowed,
    /// There is no such repository.
    NoRepository,
    /// There is no such tag or blob.
    NotFound,
    /// Too many requests, and whether it is known how long to wait.
    TooMany,
    NoConnection,
    BrokenConnection,
    Tls(TlsProblem),
    RealmRefused,
    Altered,
    /// Another refusal.
    Refused,
    /// The registry failed.
    Failed,
}

use Kind::{NoLogin, NoRepository, NotAllowed, NotFound, Refused, TooMany, WrongLogin};
use Owner::{Any, Azure, DockerHub, Ecr, EcrPublic, GitHub, GitLab, Google};

pub(super) struct Row {
    pub(super) owner: Owner,
    /// Any of these; none is all.
    pub(super) kinds: &'static [Kind],
    /// The answer has any of these in it, in small letters; none is whatever it says.
    pub(super) says: &'static [&'static str],
    pub(super) hint: &'static str,
}

const fn row(owner: Owner, kinds: &'static [Kind], says: &'static [&'static str], hint: &'static str) -> Row {
    Row { owner, kinds, says, hint }
}

const ACCESS: &[Kind] = &[NoLogin, WrongLogin, NotAllowed];
const IMMUTABLE: &str = "a pushed version can't be changed there; give the chart a new version";
const ECR_LOGIN: &str = "logins hold for twelve hours: aws ecr get-login-password --region {region} | \
     chartroom registry login {host} --username AWS --password-stdin";
const ECR_PUBLIC_LOGIN: &str = "an expired login is refused even for public charts: \
     `chartroom registry logout public.ecr.aws` and try again; to push, log in with\n\
     aws ecr-public get-login-password --region us-east-1 | \
     chartroom registry login public.ecr.aws --username AWS --password-stdin";
const GOOGLE_LOGIN: &str = "tokens hold for an hour: gcloud auth print-access-token | \
     chartroom registry login {host} --username oauth2accesstoken --password-stdin";
const GITLAB_TOKEN: &str = "the token needs read_registry to pull and write_registry to push; in a pipeline: \
     echo $CI_JOB_TOKEN | chartroom registry login {host} --username gitlab-ci-token --password-stdin";

pub(super) const TABLE: &[Row] = &[
    // Docker Hub
    row(
        DockerHub,
        &[TooMany],
        &[],
        "Docker Hub counts pulls: log in (`chartroom registry login docker.io`) to have more of them{wait}",
    ),
    row(
        DockerHub,
        &[WrongLogin],
        &[],
        "use a personal access token as the password: chartroom registry login docker.io",
    ),
    row(
        DockerHub,
        ACCESS,
        &[],
        "log in with `chartroom registry login docker.io`, and push below your own name, without the \
         chart's: oci://registry-1.docker.io/NAME; the token needs the right Read & Write",
    ),
    // Amazon ECR
    row(
        Ecr,
        &[],
        &["is not authorized to perform"],
        "give the AWS identity the permission that is named above for {repository}",
    ),
    row(
        Ecr,
        &[NoRepository],
        &[],
        "Amazon ECR makes no repository by itself: aws ecr create-repository --repository-name {repository} \
         --region {region}",
    ),
    row(Ecr, &[], &["is immutable", "immutability"], IMMUTABLE),
    row(Ecr, ACCESS, &[], ECR_LOGIN),
    row(Ecr, &[Refused], &["token", "authorization"], ECR_LOGIN),
    row(
        EcrPublic,
        &[NoRepository],
        &[],
        "make the repository first: aws ecr-public create-repository --repository-name {repository} \
         --region us-east-1",
    ),
    row(EcrPublic, ACCESS, &[], ECR_PUBLIC_LOGIN),
    row(EcrPublic, &[Refused], &["token", "authorization"], ECR_PUBLIC_LOGIN),
    // Google Artifact Registry
    row(Google, &[], &["immutab"], IMMUTABLE),
    row(Google, &[], &["unauthenticated request"], GOOGLE_LOGIN),
    row(Google, &[NoLogin, WrongLogin], &[], GOOGLE_LOGIN),
    row(
        Google,
        &[NotAllowed, NoRepository],
        &[],
        "the account needs the role roles/artifactregistry.writer (reader, to pull), and the repository has to \
         be there: gcloud artifacts repositories create NAME --repository-format=docker --location=LOCATION",
    ),
    // Azure Container Registry
    row(
        Azure,
        &[],
        &["client with ip"],
        "the registry's network rules keep this address out: let it in, or use a private endpoint",
    ),
    row(
        Azure,
        ACCESS,
        &["metadata_read", "metadata/read", "tags/list"],
        "the token may not list tags: give it metadata/read (or the role AcrPull), or name an exact --version",
    ),
    row(
        Azure,
        ACCESS,
        &[],
        "log in anew: az acr login --name NAME --expose-token --query accessToken --output tsv | chartroom \
         registry login {host} --username 00000000-0000-0000-0000-000000000000 --password-stdin; to push, \
         the role AcrPush is needed",
    ),
    // GitHub
    row(
        GitHub,
        &[],
        &["create organization package"],
        "an owner of the organization has to allow it (Settings, Packages), or to push the chart once by hand",
    ),
    row(
        GitHub,
        &[],
        &["write_package", "does not match expected scopes"],
        "the token needs the scope write:packages (a classic token), a workflow `permissions: packages: write`; \
         and the package has to give the workflow's repository the role Write",
    ),
    row(
        GitHub,
        &[WrongLogin, NotAllowed],
        &[],
        "an expired login is refused even for public charts: `chartroom registry logout ghcr.io` and try again, \
         or log in with a new classic token (read:packages, write:packages)",
    ),
    row(
        GitHub,
        &[NoLogin, NoRepository],
        &[],
        "check the path; a private package is seen only after `chartroom registry login ghcr.io` with a token \
         that has read:packages",
    ),
    // GitLab
    row(
        GitLab,
        &[],
        &["too many failed authentication attempts"],
        "GitLab refuses this network for a while: correct the stored login (`chartroom registry logout {host}`), \
         and wait before trying again",
    ),
    row(
        GitLab,
        &[],
        &["protected"],
        "the path is protected: ask a maintainer of the project, or push elsewhere",
    ),
    row(GitLab, ACCESS, &[], GITLAB_TOKEN),
    // What software under any name says
    row(Any, &[], &["http basic: access denied", "access forbidden"], GITLAB_TOKEN),
    row(
        Any,
        &[],
        &["unauthorized to access repository"],
        "Harbor: the project has to be there, and the user or robot needs the role Developer in it to push; \
         quote the $ in a robot's name",
    ),
    row(Any, ACCESS, &["project"], "Harbor: make the project first, and log in to {host}"),
    row(
        Any,
        &[],
        &["access to the requested resource is not authorized"],
        "Quay: give the robot the right Write on the repository, or Creator in the organization to make a new \
         one; log in to {host}",
    ),
    row(
        Any,
        &[],
        &["unsupported docker v2 repository request"],
        "Artifactory: the path begins with the key of a repository of the type Helm OCI or Docker: \
         oci://{host}/KEY",
    ),
    row(Any, &[], &["immutab", "can't be overwritten", "cannot be overwritten"], IMMUTABLE),
    row(
        Any,
        &[],
        &["http request to an https server", "http request was sent to https port"],
        "the registry speaks HTTPS: leave out --plain-http",
    ),
    row(
        Any,
        ACCESS,
        &["csrf token invalid"],
        "a proxy in front of the registry adds cookies; it has to leave /v2/ alone",
    ),
    // Whatever it says
    row(
        Any,
        &[NotAllowed],
        &["insufficient_scope"],
        "the login has not the right to do this in {repository}: ask for it, or use a token that has it; \
         a push names the namespace, without the chart's name",
    ),
    row(
        Any,
        &[WrongLogin],
        &[],
        "the user name, password or token is wrong or has expired; log in again: \
         chartroom registry login {host}",
    ),
    row(
        Any,
        &[NoLogin],
        &[],
        "no credentials were sent; log in to the registry first: chartroom registry login {host}",
    ),
    row(
        Any,
        &[NotAllowed],
        &[],
        "the login is not allowed to do this; ask for access, or log in as somebody who is: \
         chartroom registry login {host}",
    ),
    row(
        Any,
        &[NoRepository],
        &[],
        "check the repository's path, which ends in the chart's name; it may not exist yet, or be visible only \
         after logging in",
    ),
    row(Any, &[NotFound], &[], "check the name and the tag; list the tags to see what is there"),
    row(Any, &[TooMany], &[], "too many requests; logging in often raises the limit{wait}"),
    row(
        Any,
        &[Kind::NoConnection],
        &[],
        "check the registry's name and port, the network, and the proxy settings",
    ),
    row(
        Any,
        &[Kind::BrokenConnection],
        &[],
        "the connection broke; try again, or look at proxies in between",
    ),
    row(
        Any,
        &[Kind::Tls(TlsProblem::NotTls)],
        &[],
        "the registry seems to speak plain HTTP; add --plain-http if you trust the network",
    ),
    row(
        Any,
        &[Kind::Tls(TlsProblem::UnknownAuthority)],
        &[],
        "give the certificate authority that signed the registry's certificate, with each command: --ca-file FILE",
    ),
    row(Any, &[Kind::Tls(TlsProblem::WrongName)], &[], "use the name that the registry's certificate is for"),
    row(
        Any,
        &[Kind::Tls(TlsProblem::NotValidNow)],
        &[],
        "check the clock, and renew the registry's certificate",
    ),
    row(
        Any,
        &[Kind::Tls(TlsProblem::ClientCertificate)],
        &[],
        "give the client certificate that the registry wants, and its key: --cert-file FILE --key-file FILE",
    ),
    row(Any, &[Kind::RealmRefused], &[], "if you trust that token service, allow its host"),
    row(Any, &[Kind::Altered], &[], "the content was altered on its way or in the registry; do not use it"),
    row(
        Any,
        &[Refused],
        &["response status code 413"],
        "a proxy before the registry limits the size of requests; its limit has to be raised \
         (client_max_body_size, proxy-body-size)",
    ),
    row(
        Any,
        &[Refused],
        &["response status code 405"],
        "the registry doesn't offer this, or a proxy changes addresses on the way (X-Forwarded-Proto)",
    ),
    row(Any, &[Kind::Failed], &[], "the registry failed; try again later"),
];
