//! Programs that change what was rendered (`--post-renderer`): plugins, as Helm 4 has them, and plain
//! executables, as Helm 3 had them.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use chartroom_goyaml::Value;

use crate::home::Home;
use crate::printer;

/// The type of plugins that change manifests.
const PLUGIN_TYPE: &str = "postrenderer/v1";

/// A program that changes manifests.
#[derive(Debug)]
pub(crate) struct PostRenderer {
    /// What the user calls it.
    name: String,
    arguments: Vec<String>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Gets all documents, hooks too, each with the path of its template in an annotation.
    Plugin { folder: PathBuf, command: PlatformCommand },
    /// Gets the manifests as they would be printed, without hooks; what it prints takes their place.
    Executable(PathBuf),
}

/// How a plugin is started on this platform.
#[derive(Debug, Default, Clone)]
struct PlatformCommand {
    os: String,
    arch: String,
    command: String,
    args: Vec<String>,
}

impl PostRenderer {
    /// Finds the program of a name: a plugin, else a path, else a program in the search path.
    ///
    /// # Errors
    ///
    /// In Helm's words, when there is none, or it can't be started by us.
    pub(crate) fn find(name: &str, arguments: &[String]) -> Result<Self, String> {
        let home = Home::from_environment();
        let own = |kind| Self { name: name.to_owned(), arguments: arguments.to_vec(), kind };
        let folders: Vec<PathBuf> = env::split_paths(home.plugins()).collect();
        if let Some((folder, plugin)) = folders.iter().find_map(|folder| plugin(folder, name)) {
            return Ok(own(Kind::Plugin { folder, command: command_of(name, &plugin)? }));
        }
        let path = if name.contains('/') {
            Some(PathBuf::from(name)).filter(|path| path.is_file())
        } else {
            let places = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&places).map(|folder| folder.join(name)).find(|path| path.is_file())
        };
        path.map(|path| own(Kind::Executable(path))).ok_or_else(|| {
            format!(
                "invalid argument {name:?} for \"--post-renderer\" flag: \
                 plugin: {{Name:{name} Type:{PLUGIN_TYPE}}} not found"
            )
        })
    }

    /// Whether it gets every document with the path of its template.
    pub(crate) fn is_plugin(&self) -> bool {
        matches!(self.kind, Kind::Plugin { .. })
    }

    /// Runs it on manifests, and gives what it makes of them.
    ///
    /// # Errors
    ///
    /// In Helm's words, when it fails, or has nothing to say.
    pub(crate) fn run(&self, manifests: &[u8]) -> Result<Vec<u8>, String> {
        let changed = match &self.kind {
            Kind::Plugin { folder, command } => self.run_plugin(folder, command, manifests),
            Kind::Executable(path) => self.run_executable(path, manifests),
        };
        let changed =
            changed.map_err(|problem| format!("error while running post render on files: {problem}"))?;
        if changed.trim_ascii().is_empty() {
            let name = &self.name;
            return Err(format!(
                "error while running post render on files: post-renderer {name:?} produced empty output"
            ));
        }
        Ok(changed)
    }

    fn run_plugin(
        &self,
        folder: &Path,
        command: &PlatformCommand,
        manifests: &[u8],
    ) -> Result<Vec<u8>, String> {
        let name = &self.name;
        let failed = |problem: String| format!("failed to invoke post-renderer plugin {name:?}: {problem}");
        let variables = BTreeMap::from([
            ("HELM_PLUGIN_NAME", name.clone()),
            ("HELM_PLUGIN_DIR", folder.display().to_string()),
        ]);
        let fill = |text: &str| expanded(text, &variables);
        let mut words = command.command.split(' ').map(fill);
        let program = words.next().unwrap_or_default();
        let mut process = Command::new(&program);
        process.args(words).args(command.args.iter().map(|argument| fill(argument)));
        process.args(&self.arguments).envs(&variables);
        let (success, output, complaint) = exchange(&mut process, manifests)
            .map_err(|error| failed(format!("exec: {program:?}: {error}")))?;
        if !success {
            printer::aside(&String::from_utf8_lossy(&complaint));
            return Err(failed(format!("plugin {name:?} exited with error")));
        }
        Ok(output)
    }

    fn run_executable(&self, path: &Path, manifests: &[u8]) -> Result<Vec<u8>, String> {
        let shown = path.display();
        let mut process = Command::new(path);
        process.args(&self.arguments);
        let (success, output, complaint) =
            exchange(&mut process, manifests).map_err(|error| format!("exec: \"{shown}\": {error}"))?;
        if !success {
            let complaint = String::from_utf8_lossy(&complaint).into_owned();
            return Err(format!("error while running command {shown}. error output:\n{complaint}"));
        }
        Ok(output)
    }
}

/// Gives a program its input while taking its output, of which each may wait for the other.
fn exchange(process: &mut Command, input: &[u8]) -> io::Result<(bool, Vec<u8>, Vec<u8>)> {
    let mut child = process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // Who doesn't read to the end doesn't want to.
                let _ = stdin.write_all(input);
            }
        });
        let output = child.wait_with_output()?;
        Ok((output.status.success(), output.stdout, output.stderr))
    })
}

/// The plugin of a name among those in a folder, and where it is.
fn plugin(folder: &Path, name: &str) -> Option<(PathBuf, Value)> {
    let mut folders: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.into_iter().find_map(|folder| {
        let text = fs::read_to_string(folder.join("plugin.yaml")).ok()?;
        let plugin = chartroom_goyaml::decode(&text).ok()?;
        let is = |key: &str, wanted: &str| plugin.get(key).and_then(Value::as_str) == Some(wanted);
        (is("apiVersion", "v1") && is("name", name) && is("type", PLUGIN_TYPE)).then_some((folder, plugin))
    })
}

fn command_of(name: &str, plugin: &Value) -> Result<PlatformCommand, String> {
    let runtime = plugin.get("runtime").and_then(Value::as_str).unwrap_or_default();
    if runtime != "subprocess" {
        return Err(format!(
            "the plugin {name} has the runtime {runtime:?}; only plugins that are programs (subprocess) can be run"
        ));
    }
    let commands = plugin.get("runtimeConfig").and_then(|config| config.get("platformCommand"));
    let commands = commands.and_then(Value::as_list).unwrap_or_default().iter().map(PlatformCommand::of);
    best(commands).filter(|command| !command.command.is_empty()).ok_or_else(|| {
        format!(
            "failed to invoke post-renderer plugin {name:?}: \
             failed to prepare plugin command: no plugin command is applicable"
        )
    })
}

impl PlatformCommand {
    fn of(value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let args = value.get("args").and_then(Value::as_list).unwrap_or_default();
        let args = args.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Self { os: text("os"), arch: text("arch"), command: text("command"), args }
    }

    /// How well it fits this machine: it names system and processor, the system, or nothing.
    fn rank(&self) -> Option<u8> {
        let arch = match env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            other => other,
        };
        let os = match env::consts::OS {
            "macos" => "darwin",
            other => other,
        };
        match (self.os.eq_ignore_ascii_case(os), self.arch.eq_ignore_ascii_case(arch)) {
            (true, true) => Some(0),
            (true, false) if self.arch.is_empty() => Some(1),
            (false, _) if self.os.is_empty() && self.arch.is_empty() => Some(2),
            _ => None,
        }
    }
}

/// The command that fits best; the first of equal ones.
fn best(commands: impl Iterator<Item = PlatformCommand>) -> Option<PlatformCommand> {
    let ranked = commands.filter_map(|command| Some((command.rank()?, command)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, command)| command)
}

/// A text with `$NAME` and `${NAME}` filled in.
fn expanded(text: &str, variables: &BTreeMap<&str, String>) -> String {
    let value = |name: &str| match variables.get(name) {
        Some(value) => value.clone(),
        None => env::var_os(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some((name, after)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            out.push_str(&value(name));
            rest = after;
            continue;
        }
        let end = after.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let (name, after) = after.split_at(end.unwrap_or(after.len()));
        if name.is_empty() {
            out.push('$');
        } else {
            out.push_str(&value(name));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_command_that_fits_best_is_taken() {
        let command = |os: &str, arch: &str, command: &str| PlatformCommand {
            os: os.to_owned(),
            arch: arch.to_owned(),
            command: command.to_owned(),
            args: Vec::new(),
        };
        let os = if env::consts::OS == "macos" { "darwin" } else { env::consts::OS };
        let chosen = |commands: Vec<PlatformCommand>| best(commands.into_iter()).map(|found| found.command);
        let any = command("", "", "any");
        assert_eq!(
            chosen(vec![any.clone(), command(os, "", "own"), command("plan9", "", "no")]).unwrap(),
            "own"
        );
        assert_eq!(chosen(vec![command("plan9", "", "no"), any.clone(), any]).unwrap(), "any");
        assert_eq!(chosen(vec![command(os, "pdp11", "no"), command("", "pdp11", "no")]), None);
    }

    #[test]
    fn variables_are_filled_in() {
        let variables = BTreeMap::from([("HELM_PLUGIN_DIR", "/p".to_owned())]);
        let fill = |text: &str| expanded(text, &variables);
        assert_eq!(fill("${HELM_PLUGIN_DIR}/run $HELM_PLUGIN_DIR-x"), "/p/run /p-x");
        assert_eq!(fill("$NO_SUCH_VARIABLE_HERE!$"), "!$");
    }

    #[test]
    fn large_inputs_and_outputs_do_not_wait_for_each_other() {
        let input = vec![b'x'; 4 << 20];
        let (success, output, _) = exchange(&mut Command::new("cat"), &input).unwrap();
        assert!(success && output == input);
    }
}
