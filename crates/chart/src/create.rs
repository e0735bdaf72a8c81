//! Beginning a new chart: from our scaffold (`scaffold/`), or from a starter of the user's.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chart::Chart;
use crate::chart_file::ChartFile;
use crate::error::Error;
use crate::file::Limits;

/// What stands for the chart's name in the scaffold and in starters.
const PLACEHOLDER: &str = "<CHARTNAME>";

/// Every file of the scaffold, in the order in which they are written.
const SCAFFOLD: [(&str, &str); 13] = [
    ("Chart.yaml", include_str!("../scaffold/Chart.yaml")),
    ("values.yaml", include_str!("../scaffold/values.yaml")),
    ("values.schema.json", include_str!("../scaffold/values.schema.json")),
    (".helmignore", include_str!("../scaffold/helmignore")),
    ("templates/ingress.yaml", include_str!("../scaffold/templates/ingress.yaml")),
    ("templates/httproute.yaml", include_str!("../scaffold/templates/httproute.yaml")),
    ("templates/deployment.yaml", include_str!("../scaffold/templates/deployment.yaml")),
    ("templates/service.yaml", include_str!("../scaffold/templates/service.yaml")),
    ("templates/serviceaccount.yaml", include_str!("../scaffold/templates/serviceaccount.yaml")),
    ("templates/hpa.yaml", include_str!("../scaffold/templates/hpa.yaml")),
    ("templates/NOTES.txt", include_str!("../scaffold/templates/NOTES.txt")),
    ("templates/_helpers.tpl", include_str!("../scaffold/templates/_helpers.tpl")),
    (
        "templates/tests/test-connection.yaml",
        include_str!("../scaffold/templates/tests/test-connection.yaml"),
    ),
];

/// A chart that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its folder, as an absolute path.
    pub folder: PathBuf,
    /// The files that were there before, and are no more what they were.
    pub overwritten: Vec<PathBuf>,
}

/// Makes a chart from the scaffold at this path. Its name is the last part of the path; the
/// folder above must be there. What is already in the chart's folder stays, except for files
/// that the scaffold has, too.
pub fn create(path: &Path) -> Result<Created, Error> {
    let (name, folder) = destination(path)?;
    let files = SCAFFOLD.map(|(file, content)| (file.to_owned(), named(content.as_bytes(), &name)));
    let created = write(folder, files)?;
    // So that people see where subcharts go; a starter has its own if it wants any.
    make_folder(&created.folder.join("charts"))?;
    Ok(created)
}

/// Makes a chart at this path from a starter, a chart in a folder or an archive:
/// `<CHARTNAME>` in its templates and values becomes the new name, and its `Chart.yaml` a new
/// one. Its subcharts become archives in `charts/`.
pub fn create_from(path: &Path, starter: &Path, limits: &Limits) -> Result<Created, Error> {
    let (name, folder) = destination(path)?;
    let chart = Chart::open(starter, limits)
        .map_err(|source| Error::Starter { path: starter.to_owned(), source: Box::new(source) })?;
    let metadata = ChartFile {
        name: name.clone(),
        version: "0.1.0".into(),
        description: "A Helm chart for Kubernetes".into(),
        api_version: "v2".into(),
        app_version: "0.1.0".into(),
        chart_type: "application".into(),
        ..ChartFile::default()
    };
    let mut files = vec![(ChartFile::PATH.to_owned(), metadata.to_yaml()?.into_bytes())];
    if let Some(values) = chart.values() {
        files.push((Chart::VALUES.to_owned(), named(values, &name)));
    }
    if let Some(schema) = chart.schema() {
        files.push((Chart::SCHEMA.to_owned(), schema.to_vec()));
    }
    files.extend(chart.templates().iter().map(|file| (file.name.clone(), named(&file.data, &name))));
    files.extend(chart.files().iter().map(|file| (file.name.clone(), file.data.to_vec())));
    for subchart in chart.subcharts() {
        files.push((format!("charts/{}", subchart.archive_name()), subchart.to_archive()?));
    }
    write(folder, files)
}

/// The name and the folder of a chart that is to be made at a path.
fn destination(path: &Path) -> Result<(String, PathBuf), Error> {
    let path = std::path::absolute(path).map_err(|error| Error::io("stat", path, error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.is_empty() || name.len() > 250 {
        return Err(Error::NameLength);
    }
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    if !name.chars().all(allowed) {
        return Err(Error::NameLetters);
    }
    let above = path.parent().unwrap_or(&path);
    let metadata = fs::metadata(above).map_err(|error| Error::io("stat", above, error))?;
    if !metadata.is_dir() {
        return Err(Error::NoSuchFolder(above.to_owned()));
    }
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_dir()) {
        return Err(Error::NotAFolder(path));
    }
    Ok((name, path))
}

fn write(folder: PathBuf, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Created, Error> {
    let mut overwritten = Vec::new();
    make_folder(&folder)?;
    for (name, content) in files {
        let path = folder.join(name);
        if path.exists() {
            overwritten.push(path.clone());
        }
        make_folder(path.parent().unwrap_or(&folder))?;
        fs::write(&path, content).map_err(|error| Error::io("open", path, error))?;
    }
    Ok(Created { folder, overwritten })
}

fn make_folder(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::io("mkdir", folder, error))
}

/// A file with the chart's name in it; as it is, if it isn't text.
fn named(content: &[u8], name: &str) -> Vec<u8> {
    match std::str::from_utf8(content) {
        Ok(text) => text.replace(PLACEHOLDER, name).into_bytes(),
        Err(_) => content.to_vec(),
    }
}
