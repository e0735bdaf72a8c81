//! The names that objects of Kubernetes may have.

use chartroom_chart::go_text::quote;

use super::object::Object;

/// What a name has to be.
#[derive(Clone, Copy)]
enum Rule {
    /// Labels with dots between them.
    Subdomain,
    /// One label.
    Label,
    /// One label that begins with a letter.
    ServiceLabel,
    /// A part of a path.
    PathSegment,
    Anything,
}

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SERVICE_LABEL: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/// Whether an object has a name that its kind may have.
pub(super) fn check(object: &Object) -> Result<(), String> {
    let name = &object.metadata.name;
    let rule = match object.kind.to_lowercase().as_str() {
        "service" => Rule::ServiceLabel,
        "namespace" => Rule::Label,
        "certificatesigningrequest" => Rule::Anything,
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => Rule::PathSegment,
        _ => Rule::Subdomain,
    };
    let mut problems = Vec::new();
    for problem in problems_of(name, rule) {
        let problem = format!("metadata.name: Invalid value: {}: {problem}", quote(name));
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let problems = match problems.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    };
    Err(format!(
        "object name does not conform to Kubernetes naming requirements: {}: {problems}",
        quote(name)
    ))
}

fn problems_of(name: &str, rule: Rule) -> Vec<String> {
    let mut problems = Vec::new();
    let mut longest = |length: usize| {
        if name.len() > length {
            problems.push(format!("must be no more than {length} characters"));
        }
    };
    match rule {
        Rule::Anything => {}
        Rule::PathSegment if matches!(name, "." | "..") => problems.push(format!("may not be '{name}'")),
        Rule::PathSegment => {
            let found = ["/", "%"].into_iter().filter(|part| name.contains(part));
            problems.extend(found.map(|part| format!("may not contain '{part}'")));
        }
        Rule::Subdomain => {
            longest(253);
            if !name.split('.').all(is_label) {
                problems.push(SUBDOMAIN.to_owned());
            }
        }
        Rule::Label => {
            longest(63);
            if !is_label(name) {
                let is_subdomain = name.split('.').all(is_label);
                problems.push(if is_subdomain { "must not contain dots" } else { LABEL }.to_owned());
            }
        }
        Rule::ServiceLabel => {
            longest(63);
            if !is_label(name) || !name.starts_with(|letter: char| letter.is_ascii_lowercase()) {
                problems.push(SERVICE_LABEL.to_owned());
            }
        }
    }
    problems
}

/// Small letters, digits, and hyphens inside.
fn is_label(text: &str) -> bool {
    let end = |letter: Option<char>| {
        letter.is_some_and(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    end(text.chars().next())
        && end(text.chars().next_back())
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
}
