//! A version of Kubernetes, as `--kube-version` and clusters give it.

use std::fmt;

/// A version of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubernetesVersion {
    version: String,
    normalised: String,
    major: String,
    minor: String,
}

/// A text is no version of Kubernetes, in the words of its own library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KubernetesVersionError(String);

impl KubernetesVersion {
    /// The version that Helm 4.3.1 takes a cluster for that it doesn't ask.
    pub fn of_helm() -> Self {
        let version = "v1.37.0".to_owned();
        Self { normalised: version.clone(), version, major: "1".to_owned(), minor: "37".to_owned() }
    }

    /// Reads a version: at least two numbers, and after them whatever providers add (`-gke.1`, `+k3s1`).
    ///
    /// # Errors
    ///
    /// For anything else.
    pub fn parse(text: &str) -> Result<Self, KubernetesVersionError> {
        let no_version = || KubernetesVersionError(format!("could not parse {text:?} as version"));
        let rest = text.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
        let rest = rest.strip_prefix('v').unwrap_or(rest);
        let (numbers, extra) = rest.split_at(numbers_end(rest));
        if numbers.is_empty() || extra.contains('\n') {
            return Err(no_version());
        }
        let components: Vec<&str> = numbers.split('.').collect();
        if components.len() < 2 {
            return Err(KubernetesVersionError(format!("illegal version string {text:?}")));
        }
        let mut read = Vec::with_capacity(components.len());
        for (at, component) in components.iter().enumerate() {
            if at == 0 && component.len() > 1 && component.starts_with('0') {
                let problem = format!("illegal zero-prefixed version component {component:?} in {text:?}");
                return Err(KubernetesVersionError(problem));
            }
            let number = component.parse::<u64>().map_err(|_| {
                KubernetesVersionError(format!(
                    "illegal non-numeric version component {component:?} in {text:?}: \
                     strconv.ParseUint: parsing {component:?}: value out of range"
                ))
            })?;
            read.push(number.to_string());
        }
        let version = if text.starts_with('v') { text.to_owned() } else { format!("v{text}") };
        let [major, minor, ..] = &read[..] else { return Err(no_version()) };
        let (major, minor) = (major.clone(), minor.clone());
        Ok(Self { version, normalised: format!("v{}", read.join(".")), major, minor })
    }

    /// A version as a cluster tells it: nothing of it is checked.
    pub fn of_cluster(git_version: String, major: String, minor: String) -> Self {
        Self { normalised: git_version.clone(), version: git_version, major, minor }
    }

    /// All of it, such as `v1.33.4-gke.1245000`.
    pub fn full(&self) -> &str {
        &self.version
    }

    /// What constraints are compared with: without what providers add.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }

    /// The first number.
    pub fn major(&self) -> &str {
        &self.major
    }

    /// The second number. Clusters of some providers have a `+` behind it.
    pub fn minor(&self) -> &str {
        &self.minor
    }
}

/// Where digits, with single dots between them, end.
fn numbers_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) || (end > 0 && bytes.get(end) == Some(&b'.') && digit(end + 1)) {
        end += 1;
    }
    end
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.normalised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_helm_reads() {
        // From Helm 4.3.1: what is given, .Version, what it prints as, .Major and .Minor.
        for (text, full, normalised, major, minor) in [
            ("1.27", "v1.27", "v1.27", "1", "27"),
            ("v1.27.1-gke.1", "v1.27.1-gke.1", "v1.27.1", "1", "27"),
            ("1.27.1+k3s1", "v1.27.1+k3s1", "v1.27.1", "1", "27"),
            ("1.2.3.4", "v1.2.3.4", "v1.2.3.4", "1", "2"),
            ("1.027", "v1.027", "v1.27", "1", "27"),
            ("1.27x.", "v1.27x.", "v1.27", "1", "27"),
        ] {
            let expected = KubernetesVersion {
                version: full.into(),
                normalised: normalised.into(),
                major: major.into(),
                minor: minor.into(),
            };
            assert_eq!(KubernetesVersion::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_helm_refuses() {
        for (text, problem) in [
            ("abc", "could not parse \"abc\" as version"),
            ("", "could not parse \"\" as version"),
            ("1", "illegal version string \"1\""),
            ("1.x", "illegal version string \"1.x\""),
            ("01.2", "illegal zero-prefixed version component \"01\" in \"01.2\""),
            (
                "1.99999999999999999999",
                "illegal non-numeric version component \"99999999999999999999\" in \"1.99999999999999999999\": strconv.ParseUint: parsing \"99999999999999999999\": value out of range",
            ),
        ] {
            let error = KubernetesVersion::parse(text).map_err(|error| error.to_string());
            assert_eq!(error, Err(problem.to_owned()), "{text}");
        }
    }
}
