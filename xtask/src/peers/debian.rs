//! Peers that Debian packages, unpacked beside the system instead of installed
//! into it.
//!
//! apt works out which packages the machine lacks, downloads them with the
//! machine's own sources into folders of ours, and never installs: nothing
//! outside `target/peers` changes, no service is started, and it takes no
//! privileges. What an installation would have put into `/etc` and the linker's
//! search path, a wrapper script gives to the program instead.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Store;
use crate::process;

/// To be raised when this module makes something else of the same packages.
pub(super) const REVISION: &str = "r1";

pub(super) struct Package {
    /// Of the program, and of its package unless the setup names another.
    pub(super) name: &'static str,
    /// The upstream version. Debian's own revisions of it are taken as they
    /// come: they mend, and the archive keeps only the last.
    pub(super) version: &'static str,
    pub(super) setup: Setup,
    /// Arguments that make the program show its version.
    pub(super) probe: &'static [&'static str],
}

/// What the program needs to be told when it isn't installed.
#[derive(Clone, Copy)]
pub(super) enum Setup {
    /// Nothing but where its libraries are.
    Plain,
    /// The trust policy it would look for in /etc.
    Skopeo,
    /// The same, for each subcommand, and a storage driver and folders that
    /// need neither privileges nor the system's own image store.
    Buildah,
    /// Where its agent is, which is a package of its own.
    Gnupg,
    /// Nothing; but its package has another name.
    Etcd,
}

impl Setup {
    /// The package of a program.
    fn package(self, program: &'static str) -> &'static str {
        match self {
            Self::Etcd => "etcd-server",
            _ => program,
        }
    }

    /// The packages to unpack beside the program's own and those that it depends on.
    fn more(self) -> &'static [&'static str] {
        match self {
            Self::Gnupg => &["gpg-agent", "gpgconf"],
            _ => &[],
        }
    }
}

impl Package {
    pub(super) fn bring(&self, store: &Store, name: &str) -> Result<()> {
        let launcher = match self.installed(store) {
            Some(program) => Launcher { program, root: None, libraries: Vec::new() },
            None => self.unpack(store, name)?,
        };
        match self.setup {
            Setup::Plain | Setup::Skopeo | Setup::Gnupg | Setup::Etcd if launcher.root.is_none() => {
                launcher.link(store, name)
            }
            Setup::Plain | Setup::Etcd if launcher.libraries.is_empty() => launcher.link(store, name),
            setup => launcher.wrap(store, name, setup),
        }?;
        if let Setup::Buildah = self.setup {
            // That it can print its version doesn't mean it may do its work
            // here: that takes user ids or privileges which not all have.
            let buildah = || Command::new(store.program(name));
            process::capture(buildah().args(["from", "--name", "probe", "scratch"]))?;
            process::capture(buildah().args(["rm", "probe"]))?;
        }
        Ok(())
    }

    /// The program as the machine has it, if that is the version wanted.
    fn installed(&self, store: &Store) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        // Servers are in folders that only root has on PATH.
        let folders =
            env::split_paths(&path).chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
        folders.filter(|folder| *folder != store.bin()).map(|folder| folder.join(self.name)).find(|program| {
            let said = process::any_outcome(Command::new(program).args(self.probe));
            said.is_ok_and(|output| process::text(&output).contains(self.version))
        })
    }

    fn unpack(&self, store: &Store, name: &str) -> Result<Launcher> {
        let apt = Apt { cache: store.cache().join("apt") };
        let scratch = store.scratch()?;
        let package = self.setup.package(self.name);
        let wanted = [&[package], self.setup.more()].concat();
        let packages = apt.download(&wanted, scratch.path())?;
        let own = packages.iter().find(|own| own.name == package);
        let own = own.with_context(|| format!("apt has nothing to download for {package}"))?;
        if !own.is_upstream(self.version) {
            bail!("this release of Debian has {package} {}, not {}", own.version, self.version);
        }
        let root = scratch.path().join("root");
        fs::create_dir(&root)?;
        for archive in list(scratch.path())? {
            if archive.extension().is_some_and(|extension| extension == "deb") {
                process::capture(Command::new("dpkg-deb").arg("-x").arg(archive).arg(&root))?;
            }
        }
        let home = store.debian(name);
        if home.exists() {
            fs::remove_dir_all(&home).with_context(|| format!("cannot remove {}", home.display()))?;
        }
        fs::rename(&root, &home).with_context(|| format!("cannot create {}", home.display()))?;
        let places = ["usr/bin", "usr/sbin", "bin", "sbin"];
        let program =
            places.map(|place| home.join(place).join(self.name)).into_iter().find(|path| path.is_file());
        let program =
            program.with_context(|| format!("the package {package} holds no program {}", self.name))?;
        Ok(Launcher { program, libraries: library_folders(&home)?, root: Some(home) })
    }
}

/// What starts a program: a link where that is enough, a script where it isn't.
struct Launcher {
    program: PathBuf,
    /// Where its packages are unpacked, if the machine hasn't them installed.
    root: Option<PathBuf>,
    libraries: Vec<PathBuf>,
}

impl Launcher {
    fn link(&self, store: &Store, name: &str) -> Result<()> {
        let link = store.program(name);
        symlink(&self.program, &link).with_context(|| format!("cannot create {}", link.display()))
    }

    fn wrap(&self, store: &Store, name: &str, setup: Setup) -> Result<()> {
        let mut script = vec!["#!/bin/sh".to_owned()];
        if !self.libraries.is_empty() {
            let libraries: Vec<_> =
                self.libraries.iter().map(|folder| folder.display().to_string()).collect();
            let libraries = quote(&libraries.join(":"));
            script.push(format!("LD_LIBRARY_PATH={libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"));
            script.push("export LD_LIBRARY_PATH".to_owned());
        }
        let policy = self.root.as_ref().map(|root| root.join("etc/containers/policy.json"));
        let containers = matches!(setup, Setup::Skopeo | Setup::Buildah);
        if let Some(root) = self.root.as_ref().filter(|_| containers) {
            let registries = quote(&root.join("etc/containers/registries.conf").display().to_string());
            script.push(format!("CONTAINERS_REGISTRIES_CONF=${{CONTAINERS_REGISTRIES_CONF:-{registries}}}"));
            script.push("export CONTAINERS_REGISTRIES_CONF".to_owned());
        }
        let mut command = vec![self.program.display().to_string()];
        match (setup, policy) {
            (Setup::Skopeo, Some(policy)) => {
                command.extend(["--policy".to_owned(), policy.display().to_string()])
            }
            (Setup::Buildah, policy) => {
                let state = store.state(name);
                for (option, folder) in [("--root", "storage"), ("--runroot", "run")] {
                    command.extend([option.to_owned(), state.join(folder).display().to_string()]);
                }
                command.extend(["--storage-driver", "vfs"].map(str::to_owned));
                script.extend(policy.map(|policy| policy_for_subcommands(&policy)));
            }
            (Setup::Gnupg, _) => {
                let agent = self.program.with_file_name("gpg-agent").display().to_string();
                command.extend(["--agent-program".to_owned(), agent]);
            }
            _ => {}
        }
        let command: Vec<_> = command.iter().map(|word| quote(word)).collect();
        // What the caller gives comes last, and so overrides.
        script.push(format!("exec {} \"$@\"", command.join(" ")));
        script.push(String::new());
        let scratch = store.scratch()?;
        let file = scratch.path().join(name);
        fs::write(&file, script.join("\n")).with_context(|| format!("cannot write {}", file.display()))?;
        store.install(name, &file)
    }
}

/// Shell code that puts `--signature-policy` behind the subcommands that have
/// it: buildah has no such option for all of them, nor a variable. Only the
/// first such word is one; with `placed` set, no later one matches.
fn policy_for_subcommands(policy: &Path) -> String {
    format!(
        r#"placed=
for word in "$@"; do
    shift
    set -- "$@" "$word"
    case $placed$word in
    bud|build|build-using-dockerfile|commit|from|pull|push)
        set -- "$@" --signature-policy {}
        placed=1
        ;;
    esac
done"#,
        quote(&policy.display().to_string())
    )
}

/// apt with its lists and downloads in folders of ours.
struct Apt {
    cache: PathBuf,
}

struct Missing {
    name: String,
    version: String,
}

impl Missing {
    /// Whether Debian's version, `[epoch:]upstream[+ds][-revision]`, is one of
    /// the upstream version.
    fn is_upstream(&self, version: &str) -> bool {
        let own = self.version.split_once(':').map_or(self.version.as_str(), |(_, rest)| rest);
        own.strip_prefix(version)
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit() || next == '.'))
    }
}

impl Apt {
    /// Downloads packages and those they need that the machine has not.
    fn download(&self, packages: &[&str], into: &Path) -> Result<Vec<Missing>> {
        if let Ok(missing) = self.try_download(packages, into) {
            return Ok(missing);
        }
        // The lists are not there yet, or name what the archive has replaced.
        // Some of a machine's sources may be out of reach without any harm to
        // us, so its failure counts only if the download then fails too.
        let update = process::capture(self.apt_get()?.arg("update"));
        self.try_download(packages, into).with_context(|| match update {
            Ok(_) => "after `apt-get update`".to_owned(),
            Err(error) => format!("after {error:#}"),
        })
    }

    fn try_download(&self, packages: &[&str], into: &Path) -> Result<Vec<Missing>> {
        let plan = ["install", "--simulate", "--no-install-recommends"];
        let plan = self.apt_get()?.args(plan).args(packages).capture()?;
        let missing: Vec<_> = plan.lines().filter_map(missing).collect();
        if !missing.is_empty() {
            let wanted = missing.iter().map(|package| format!("{}={}", package.name, package.version));
            self.apt_get()?.current_dir(into).arg("download").args(wanted).capture()?;
        }
        Ok(missing)
    }

    fn apt_get(&self) -> Result<Command> {
        let lists = self.cache.join("lists");
        for folder in [lists.join("partial"), self.cache.join("archives/partial")] {
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let mut apt = Command::new("apt-get");
        apt.env("LC_ALL", "C")
            .arg("-o")
            .arg(format!("Dir::State::Lists={}", lists.display()))
            .arg("-o")
            .arg(format!("Dir::Cache={}", self.cache.display()))
            // Started by root, apt downloads as a user of its own, who may
            // have no way into this checkout.
            .args(["-o", "APT::Sandbox::User=root"]);
        Ok(apt)
    }
}

trait Capture {
    fn capture(&mut self) -> Result<String>;
}

impl Capture for Command {
    fn capture(&mut self) -> Result<String> {
        let output = process::capture(self)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Reads a line of apt's plan: `Inst name (version source [architecture])`.
fn missing(line: &str) -> Option<Missing> {
    let mut words = line.strip_prefix("Inst ")?.split_whitespace();
    let name = words.next()?;
    // An upgrade has the installed version here, in brackets. What is
    // installed is left as it is; it has served the machine so far.
    let version = words.next()?.strip_prefix('(')?;
    Some(Missing { name: name.to_owned(), version: version.to_owned() })
}

/// The folders below root that hold shared libraries.
fn library_folders(root: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for place in ["usr/lib", "lib"] {
        let place = root.join(place);
        if place.is_dir() {
            let below =
                list(&place)?.into_iter().filter(|path| path.to_string_lossy().contains("-linux-gnu"));
            for folder in below.chain([place]) {
                if list(&folder)?.iter().any(|path| path.to_string_lossy().contains(".so")) {
                    folders.push(folder);
                }
            }
        }
    }
    Ok(folders)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    paths.with_context(|| format!("cannot list {}", folder.display()))
}

/// One word of a shell script, whatever is in it.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_names_what_is_missing_and_not_what_would_be_upgraded() {
        let new = missing("Inst skopeo (1.9.3+ds1-1+b10 Debian:12.11/oldstable [amd64])");
        assert_eq!(
            new.map(|new| (new.name, new.version)),
            Some(("skopeo".to_owned(), "1.9.3+ds1-1+b10".to_owned()))
        );
        assert!(missing("Inst login [1:4.13-1] (1:4.13-2 Debian:12.11 [amd64])").is_none());
        assert!(missing("Conf skopeo (1.9.3+ds1-1+b10 Debian:12.11/oldstable [amd64])").is_none());
    }

    #[test]
    fn debian_revisions_are_of_the_upstream_version() {
        let is_upstream = |version: &str, upstream| {
            Missing { name: "x".to_owned(), version: version.to_owned() }.is_upstream(upstream)
        };
        assert!(is_upstream("1.22.1-9+deb12u11", "1.22.1"));
        assert!(is_upstream("2:2.8.2+ds1-1", "2.8.2"));
        assert!(!is_upstream("1.22.11-1", "1.22.1"));
        assert!(!is_upstream("1.22.1.1-1", "1.22.1"));
        assert!(!is_upstream("1.23.0-1", "1.22.1"));
    }

    #[test]
    fn a_quoted_word_stays_one_word() {
        assert_eq!(quote("it's here"), r"'it'\''s here'");
    }
}
