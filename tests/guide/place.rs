//! Where the guide is followed: a home with the programs that the guide names, and a registry that
//! stands for all of its hosts.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chartroom_test_support::{Peer, at_home, skipped, spilled};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::names::{AWS_TOKEN, MY_BASIC};
use crate::registries::{Kind, Registry};
use crate::road::Road;
use crate::witness::Witness;

/// The Helm whose guide it is.
const HELM: &str = "helm-4.3.1";

/// When all files that a test writes were changed last.
const MODIFIED: u64 = 1_767_323_045;

/// Who carries the commands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Stock Helm.
    Helm,
    /// Chartroom, through a link named `helm`, because that is what the guide's users type.
    AsHelm,
    /// Chartroom under its own name: `chartroom push …` for `helm push …`.
    Chartroom,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A home with programs, and a registry behind the only road that leads out of it.
pub(crate) struct Place {
    pub(crate) tool: Tool,
    pub(crate) kind: Kind,
    pub(crate) witness: Witness,
    pub(crate) road: Road,
    registry: Registry,
    folder: TempDir,
}

impl Place {
    /// A new home for this tool, with a registry of its own; nothing where a program is missing.
    #[track_caller]
    pub(crate) fn new(tool: Tool, kind: Kind) -> Option<Self> {
        Self::with(tool, kind, "")
    }

    /// The same, with more in the configuration of a registry with accounts of our own.
    #[track_caller]
    pub(crate) fn with(tool: Tool, kind: Kind, more: &str) -> Option<Self> {
        let helm = match tool {
            Tool::Helm => PathBuf::from(Peer::find(HELM)?.command::<&str>(&[]).get_program()),
            Tool::AsHelm | Tool::Chartroom => PathBuf::from(env!("CARGO_BIN_EXE_chartroom")),
        };
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        for name in ["home", "registry", "bin", "steps"] {
            fs::create_dir(path.join(name)).unwrap();
        }
        let authority = Authority::new();
        fs::write(path.join("ca.pem"), &authority.root).unwrap();
        let registry = Registry::start(kind, &authority, &path.join("registry"), more)?;
        let name = if tool == Tool::Chartroom { "chartroom" } else { "helm" };
        symlink(fs::canonicalize(helm).unwrap(), path.join("bin").join(name)).unwrap();
        stand_ins(&path.join("bin"), &registry.secrets.fill(AWS_TOKEN));
        let authorization = match kind {
            Kind::ChartroomBehindTokens => "Bearer everything".to_owned(),
            _ => format!("Basic {MY_BASIC}"),
        };
        let witness = Witness::new(registry.addr, &authority, &authorization);
        let road = Road::to(registry.addr);
        Some(Self { tool, kind, witness, road, registry, folder })
    }

    /// The home.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A folder in the home.
    pub(crate) fn desk(&self, name: &str) -> Desk<'_> {
        let folder = self.home().join(name);
        fs::create_dir_all(&folder).unwrap();
        Desk { place: self, folder }
    }

    /// Where programs are looked for: those of the test, then those of the system.
    pub(crate) fn search_path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.folder.path().join("bin").display())
    }

    /// Takes the program away, and tells where it is.
    pub(crate) fn take_program(&self) -> PathBuf {
        let name = if self.tool == Tool::Chartroom { "chartroom" } else { "helm" };
        let link = self.folder.path().join("bin").join(name);
        let program = fs::canonicalize(&link).unwrap();
        fs::remove_file(link).unwrap();
        program
    }

    /// One more program that is not what is tested.
    pub(crate) fn stand_in(&self, name: &str, text: &str) {
        stand_in(&self.folder.path().join("bin"), name, text);
    }

    /// A shell command in a folder, with nothing of the user's own settings.
    fn shell(&self, folder: &Path) -> Command {
        let mut command = Command::new("bash");
        self.settle(&mut command, folder);
        command.args(["--noprofile", "--norc"]);
        command
    }

    /// Variables of a step, with the secrets of this registry.
    fn environment<'a>(&self, variables: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
        variables.iter().map(|(name, value)| (*name, self.registry.secrets.fill(value))).collect()
    }

    fn settle(&self, command: &mut Command, folder: &Path) {
        at_home(command, &self.home());
        command
            .current_dir(folder)
            .env("PATH", self.search_path())
            .env("TMPDIR", self.folder.path())
            .env("SSL_CERT_FILE", self.folder.path().join("ca.pem"))
            // Whatever goes astray comes to the same door, and is seen there.
            .env("HTTPS_PROXY", self.road.url())
            .env("HTTP_PROXY", self.road.url())
            .env("TZ", "UTC")
            .env("SHELL", "/bin/bash")
            .env_remove("BASH_ENV")
            .env_remove("ENV")
            .env_remove("SOURCE_DATE_EPOCH");
    }

    /// The words of the guide as this tool's user types them, at this registry.
    pub(crate) fn typed(&self, text: &str) -> String {
        let text = &self.registry.secrets.fill(text);
        if self.tool != Tool::Chartroom {
            return text.to_owned();
        }
        let verbs = ["registry", "push", "pull", "package", "show", "create", "tags"];
        verbs.iter().fold(text.to_owned(), |text, verb| {
            text.replace(&format!("helm {verb} "), &format!("chartroom {verb} "))
        })
    }
}

/// Programs that the guide names and that are not what is tested. Each knows the calls of the guide
/// and no others.
fn stand_ins(bin: &Path, aws_token: &str) {
    let script = |name: &str, text: &str| {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/bash\n{text}\necho \"{name}: unknown: $*\" >&2\nexit 64\n"))
            .unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    // A login token is all that Helm gets from AWS. Making the repository is the registry's affair:
    // those of the tests make them when something is pushed.
    script(
        "aws",
        &format!(
            "[ \"$*\" = 'ecr get-login-password --region us-east-1' ] && echo {aws_token} && exit\n\
             [ \"$*\" = 'ecr create-repository --repository-name helm-charts --region us-east-1' ] && exit"
        ),
    );
    // `az acr login` logs Docker in, which the guide follows with `helm registry login` as the other way.
    script(
        "az",
        "[ \"$*\" = 'acr create --resource-group myResourceGroup --name myregistry --sku Basic' ] && exit\n\
         [ \"$*\" = 'acr login --name myregistry' ] && exit",
    );
    // The image alpine/helm has no registry-cli; its entry point is helm, which does not know the word.
    script(
        "docker",
        "[ \"$*\" = 'run --rm -it alpine/helm:latest registry-cli list oci://registry.example.com/charts/mychart' ] \
         && echo 'Error: unknown command \"registry-cli\" for \"helm\"' >&2 && exit 1",
    );
    if !Path::new("/usr/bin/jq").exists() {
        // The one call of the guide, on a file that the test wrote.
        script(
            "jq",
            "[ \"$1 $2\" = '-r .auths[\"registry.example.com\"].auth' ] \
             && exec sed -n 's/.*\"auth\": *\"\\([^\"]*\\)\".*/\\1/p'",
        );
    }
}

/// A program that is this text of shell, which ends by itself for calls that it knows.
fn stand_in(bin: &Path, name: &str, text: &str) {
    let path = bin.join(name);
    fs::write(&path, format!("#!/bin/bash\n{text}\necho \"{name}: unknown: $*\" >&2\nexit 64\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A folder in a home, where commands are typed.
pub(crate) struct Desk<'a> {
    pub(crate) place: &'a Place,
    folder: PathBuf,
}

impl Desk<'_> {
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(MODIFIED);
        fs::File::open(path).unwrap().set_modified(time).unwrap();
    }

    /// Makes a file look as if it had just been written.
    pub(crate) fn touch(&self, path: &str) {
        fs::File::open(self.path(path)).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The names in this folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
        names.sort();
        names
    }

    /// Writes a chart's folder.
    pub(crate) fn chart(&self, folder: &str, version: &str) {
        let name = folder.rsplit('/').next().unwrap();
        let chart = format!(
            "apiVersion: v2\nname: {name}\nversion: {version}\ndescription: The chart {name} of the guide\n\
             appVersion: \"1.16.0\"\n"
        );
        self.write(&format!("{folder}/Chart.yaml"), chart);
        self.write(&format!("{folder}/values.yaml"), "replicas: 1\n");
        self.write(
            &format!("{folder}/templates/configmap.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  replicas: \
             {{ .Values.replicas | quote }}\n",
        );
    }

    /// Writes a chart's archive: the same bytes for every tool.
    pub(crate) fn archive(&self, name: &str, version: &str) {
        let chart = chartroom_test_support::ChartBuilder::new(name, version).build();
        self.write(&format!("{name}-{version}.tgz"), chart.archive);
    }

    /// Runs pieces of shell text one after the other in one shell, so that what one exports the next
    /// one finds, and tells how each ended.
    #[track_caller]
    pub(crate) fn run(&self, steps: &[&str], environment: &[(&str, &str)]) -> Vec<Run> {
        let folder = TempDir::new_in(self.place.folder.path().join("steps")).unwrap();
        let file = |number: usize, what: &str| folder.path().join(format!("{number}.{what}"));
        let mut driver = String::new();
        for (number, step) in steps.iter().enumerate() {
            fs::write(file(number, "sh"), format!("{}\n", self.place.typed(step))).unwrap();
            let base = folder.path().join(number.to_string()).display().to_string();
            driver.push_str(&format!(
                ". '{base}.sh' >'{base}.out' 2>'{base}.err' </dev/null; echo $? >'{base}.code'\n"
            ));
        }
        let mut command = self.place.shell(&self.folder);
        command.envs(self.place.environment(environment));
        let output = command.arg("-c").arg(driver).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = |number, what| fs::read_to_string(file(number, what)).unwrap();
        let run = |number| Run {
            code: text(number, "code").trim().parse().unwrap(),
            stdout: text(number, "out"),
            stderr: text(number, "err"),
        };
        let runs = (0..steps.len()).map(run).collect::<Vec<_>>();
        runs.iter().for_each(|run| self.keeps_secrets(run));
        runs
    }

    /// Chartroom says nothing secret beside what it was asked for.
    #[track_caller]
    fn keeps_secrets(&self, run: &Run) {
        if self.place.tool != Tool::Helm {
            assert_eq!(spilled(&run.stderr), [""; 0], "secrets on the standard error: {run:?}");
        }
    }

    /// Runs a script as a runner of pipelines does: a shell of its own, with these options.
    #[track_caller]
    pub(crate) fn script(
        &self,
        shell: &str,
        options: &[&str],
        text: &str,
        environment: &[(&str, &str)],
    ) -> Run {
        let mut command = Command::new(shell);
        self.place.settle(&mut command, &self.folder);
        let folder = TempDir::new_in(self.place.folder.path().join("steps")).unwrap();
        let file = folder.path().join("script.sh");
        fs::write(&file, self.place.typed(text)).unwrap();
        command.args(options).arg(file).envs(self.place.environment(environment));
        let output = command.output().unwrap();
        let run = Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        self.keeps_secrets(&run);
        run
    }

    /// Runs shell text at a terminal, waits for each prompt and types what belongs there. Nothing
    /// where there is no `script`, which makes the terminal.
    #[track_caller]
    pub(crate) fn at_terminal(&self, text: &str, dialogue: &[(&str, &str)]) -> Option<Run> {
        let program = Path::new("/usr/bin/script");
        if !program.exists() {
            skipped("needs script (Debian: bsdutils) for a terminal");
            return None;
        }
        let mut command = Command::new(program);
        self.place.settle(&mut command, &self.folder);
        command.args(["--quiet", "--return", "--command", &self.place.typed(text), "/dev/null"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 1024];
        for (prompt, answer) in dialogue {
            let from = seen.len();
            while !String::from_utf8_lossy(&seen[from..]).contains(prompt) {
                let length = stdout.read(&mut buffer).unwrap();
                assert!(length > 0, "no {prompt:?} in {}", String::from_utf8_lossy(&seen));
                seen.extend_from_slice(&buffer[..length]);
            }
            stdin.write_all(format!("{}\n", self.place.registry.secrets.fill(answer)).as_bytes()).unwrap();
        }
        stdout.read_to_end(&mut seen).unwrap();
        drop(stdin);
        let code = child.wait().unwrap().code().unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let stdout = String::from_utf8_lossy(&seen).replace("\r\n", "\n");
        Some(Run { code, stdout, stderr })
    }
}
