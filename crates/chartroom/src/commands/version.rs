//! `chartroom version`
//!
//! Called as `helm`, this answers as the Helm whose behaviour it has: scripts ask for the version to
//! know what they may rely on. Which program it is in truth stands in `GoVersion`.

use anyhow::{Result, bail};
use chartroom_cli::{Program, Version};

use super::Outcome;
use crate::printer;

/// The version of Helm whose behaviour this program has.
const HELM: &str = "v4.3.1";
/// The version of Kubernetes whose API that Helm is made for.
const KUBERNETES: &str = "v1.37";
/// The commit that this was built from, where the build says so.
const COMMIT: Option<&str> = option_env!("CHARTROOM_COMMIT");
/// In the place of a commit that is not known.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// What there is to tell, under the names that templates have for it.
type Fields = [(&'static str, &'static str); 5];

/// Prints which version this is.
pub(crate) fn version(flags: &Version, program: Program) -> Result<Outcome> {
    let fields = fields(program);
    let of = |name: &str| fields.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
    if let Some(template) = &flags.template {
        printer::whole(fill(template, &fields)?.as_bytes())?;
        return Ok(Outcome::Success);
    }
    let text = match (program, flags.short) {
        (Program::Chartroom, true) => of("Version").to_owned(),
        (Program::Chartroom, false) => format!("chartroom {}", of("Version")),
        (Program::Helm, true) => {
            let commit = of("GitCommit");
            format!("{}+g{}", of("Version"), commit.get(..7).unwrap_or(commit))
        }
        (Program::Helm, false) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}:{value:?}")).collect();
            format!("version.BuildInfo{{{}}}", fields.join(", "))
        }
    };
    printer::result(&text)?;
    Ok(Outcome::Success)
}

fn fields(program: Program) -> Fields {
    let version = match program {
        Program::Chartroom => env!("CARGO_PKG_VERSION"),
        Program::Helm => HELM,
    };
    [
        ("Version", version),
        ("GitCommit", COMMIT.unwrap_or(NO_COMMIT)),
        ("GitTreeState", "clean"),
        ("GoVersion", concat!("chartroom ", env!("CARGO_PKG_VERSION"))),
        ("KubeClientVersion", KUBERNETES),
    ]
}

/// Fills fields into a text.
fn fill(template: &str, fields: &Fields) -> Result<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let read = &template[..template.len() - after.len()];
        let line = 1 + read.matches('\n').count();
        let Some((action, end)) = after.split_once("}}") else {
            bail!("template: _:{line}: unclosed action");
        };
        let wanted = action.trim();
        let Some(name) = wanted.strip_prefix('.').filter(|name| name.chars().all(char::is_alphanumeric))
        else {
            bail!(
                "template: _:{line}: only fields such as {{{{.Version}}}} can be filled in, not {{{{{action}}}}}"
            );
        };
        let Some((_, value)) = fields.iter().find(|(known, _)| *known == name) else {
            let spaces = action.len() - action.trim_start().len();
            let column = read.len() - read.rfind('\n').map_or(0, |at| at + 1) + spaces;
            bail!(
                "template: _:{line}:{column}: executing \"_\" at <{wanted}>: can't evaluate field {name} in type \
                 version.BuildInfo"
            );
        };
        text.push_str(value);
        rest = end;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in() {
        let fields = fields(Program::Helm);
        let fill = |template| fill(template, &fields).map_err(|error| error.to_string());
        assert_eq!(fill("a {{.Version}} {{ .KubeClientVersion }}b").as_deref(), Ok("a v4.3.1 v1.37b"));
        assert_eq!(fill("").as_deref(), Ok(""));
        assert_eq!(fill("\n{{"), Err("template: _:2: unclosed action".to_owned()));
        for template in ["{{.Nope}}", "{{.}}", "{{ printf \"x\" }}", "{{}}", "{{- .Version }}"] {
            assert!(fill(template).is_err_and(|error| error.starts_with("template: _:1:")), "{template}");
        }
    }
}
