//! The names in the guide: the hosts that its commands reach, and the accounts that they use there.

/// All hosts that the guide names, and at the end the one of `docs/ci`. The registry's certificate is for
/// these.
pub(crate) const HOSTS: [&str; 8] = [
    "registry-1.docker.io",
    "ghcr.io",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    "myregistry.azurecr.io",
    "registry.example.com",
    "private-registry.company.com",
    "registry.gitlab.com",
    "charts.example.com",
];

/// A user of a registry with accounts.
pub(crate) struct Account {
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    /// The password as `htpasswd -B` writes it.
    pub(crate) hash: &'static str,
}

const fn account(user: &'static str, password: &'static str, hash: &'static str) -> Account {
    Account { user, password, hash }
}

/// The token that the guide has for GitHub.
pub(crate) const GITHUB_TOKEN: &str = "ghp_xxxxxxxxxxxxxxxxxxxx";
/// What the stand-in for `aws` prints.
pub(crate) const AWS_TOKEN: &str = "token-of-the-stand-in";

/// The user at Docker Hub.
pub(crate) const DOCKER_HUB: Account = account(
    "mydockerhubuser",
    "dckr_pat_xxxxxxxxxxxxxxxxxxxx",
    "$2y$04$abcdefghijklmnopqrstuu6Nfh0Yqr6F0QGlf4fJGtkc0JR8diI/O",
);

/// The user at `registry.example.com`, and everywhere where the guide says `myuser`.
pub(crate) const MY_USER: Account =
    account("myuser", "mypassword", "$2y$04$abcdefghijklmnopqrstuu9oZQP0E7UMk4NbKn6RLt8mFl9OFuldW");

/// That user and the password, as HTTP Basic and credential files have them.
pub(crate) const MY_BASIC: &str = "bXl1c2VyOm15cGFzc3dvcmQ=";

/// Somebody who may pull and not push.
pub(crate) const READER: Account =
    account("reader", "may only read", "$2y$04$abcdefghijklmnopqrstuuMhsIiM5eSA4J9B2wXMuW60WSVh51tyG");

/// The user of a workflow at GitHub.
pub(crate) const GITHUB_ACTOR: Account = account(
    "octocat",
    "ghs_xxxxxxxxxxxxxxxxxxxx",
    "$2y$04$abcdefghijklmnopqrstuupH3Jup4aCIT7oVpYzDxwyeZMZGD6mGC",
);

/// The user of a job at GitLab.
pub(crate) const GITLAB_JOB: Account = account(
    "gitlab-ci-token",
    "glcbt-xxxxxxxxxxxxxxxxxxxx",
    "$2y$04$abcdefghijklmnopqrstuuVmtSgqyHEp4fHzHfy/ANiULY/VqmX7y",
);

/// All users.
pub(crate) const ACCOUNTS: [Account; 8] = [
    account("your-username", GITHUB_TOKEN, "$2y$04$abcdefghijklmnopqrstuu0qg3TXHQ3KDOqe4O/1Rq9ogr9vO2F0q"),
    account("myusername", GITHUB_TOKEN, "$2y$04$abcdefghijklmnopqrstuu0qg3TXHQ3KDOqe4O/1Rq9ogr9vO2F0q"),
    account("AWS", AWS_TOKEN, "$2y$04$abcdefghijklmnopqrstuuIZRDyvF8IUeklv4hYA3iN7/7PCjU34i"),
    DOCKER_HUB,
    MY_USER,
    READER,
    GITHUB_ACTOR,
    GITLAB_JOB,
];

/// The file with all accounts that nginx and `docker-registry` read.
pub(crate) fn htpasswd() -> String {
    ACCOUNTS.iter().map(|account| format!("{}:{}\n", account.user, account.hash)).collect()
}
