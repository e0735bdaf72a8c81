//! Where manifests go: to the standard output, or to files.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use chartroom_cli::Template;
use chartroom_render::manifests::Hook;
use chartroom_render::{Crd, Rendered, Unsorted, printing};

use crate::post_renderer::PostRenderer;
use crate::printer;

/// Prints what was rendered, or writes it to files.
pub(super) fn print(
    flags: &Template,
    release: &str,
    rendered: &Rendered,
    executable: Option<&PostRenderer>,
) -> Result<()> {
    let crds = if flags.include_crds { &rendered.crds[..] } else { &[] };
    let hooks = hooks(flags, &rendered.hooks);
    let mut printed = Vec::new();
    match (&flags.output_dir, executable) {
        // As with Helm 3: what the program makes takes the place of all but the hooks.
        (None, Some(executable)) => {
            let changed = executable.run(&printing::manifest(crds, &rendered.manifests));
            let changed = changed.map_err(anyhow::Error::msg)?;
            printing::write_changed(&mut printed, &changed, &hooks)?;
        }
        (Some(_), Some(_)) => bail!("--output-dir can't be used with a post-renderer that is no plugin"),
        (Some(folder), None) => {
            to_files(flags, folder, release, crds, rendered, &hooks)?;
            printing::write(&mut printed, &[], &[], &[])?;
        }
        (None, None) => printing::write(&mut printed, crds, &rendered.manifests, &hooks)?,
    }
    show(flags, printed)
}

/// Prints what was rendered though some of it makes no sense.
pub(super) fn print_unsorted(flags: &Template, unsorted: Option<&Unsorted>) -> Result<()> {
    let mut printed = Vec::new();
    match unsorted {
        Some(Unsorted { files, hooks, .. }) => {
            printing::write_unsorted(&mut printed, files, &self::hooks(flags, hooks))?;
        }
        None => printed.push(b'\n'),
    }
    // What is asked for may be missing for the error that is told anyway.
    let _ = show(flags, printed);
    Ok(())
}

fn hooks<'a>(flags: &Template, hooks: &'a [Hook]) -> Vec<&'a Hook> {
    if flags.release.no_hooks {
        return Vec::new();
    }
    hooks.iter().filter(|hook| !(flags.skip_tests && hook.is_test())).collect()
}

fn show(flags: &Template, printed: Vec<u8>) -> Result<()> {
    let printed =
        if flags.show_only.is_empty() { printed } else { printing::only(printed, &flags.show_only)? };
    Ok(printer::whole(&printed)?)
}

fn to_files(
    flags: &Template,
    folder: &Path,
    release: &str,
    crds: &[Crd],
    rendered: &Rendered,
    hooks: &[&Hook],
) -> Result<()> {
    let below = if flags.release_name { folder.join(release) } else { folder.to_owned() };
    let mut known = HashSet::new();
    for crd in crds {
        write(folder, &crd.path, &crd.content, &mut known)?;
    }
    for manifest in &rendered.manifests {
        write(&below, &manifest.path, &manifest.content, &mut known)?;
    }
    for hook in hooks {
        write(&below, &hook.path, &hook.manifest, &mut known)?;
    }
    Ok(())
}

/// Writes a document, behind those that this run has written to the same file.
fn write(folder: &Path, path: &str, content: &[u8], known: &mut HashSet<String>) -> Result<()> {
    // Not `join`: what is printed has the folder as it was given.
    let file = format!("{}/{path}", folder.display());
    let parent = Path::new(&file).parent().unwrap_or(folder);
    fs::create_dir_all(parent).with_context(|| format!("mkdir {}", parent.display()))?;
    let again = !known.insert(file.clone());
    let opened = fs::OpenOptions::new().write(true).create(true).truncate(!again).append(again).open(&file);
    let written = opened.map(io::BufWriter::new).and_then(|mut opened| {
        printing::write_to_file(&mut opened, path, content)?;
        opened.flush()
    });
    written.with_context(|| format!("open {file}"))?;
    Ok(printer::result(&format!("wrote {file}"))?)
}
