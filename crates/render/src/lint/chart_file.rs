//! The rules for `Chart.yaml`.

use std::fs;

use chartroom_chart::go_text::quote;
use chartroom_chart::shape::{self, Shape};
use chartroom_chart::{ChartFile, Constraint, Version};
use chartroom_goyaml::{self as goyaml, Value};

use super::Severity::{Error, Info, Warning};
use super::{Check, file, urls};

const NAME: &str = ChartFile::PATH;

/// What `Chart.yaml` says, valid or not.
struct Found {
    file: ChartFile,
    value: Value,
}

impl Check<'_> {
    pub(super) fn chart_file(&mut self) {
        let path = self.folder.join(NAME);
        let is_folder = fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        let rule = if is_folder { Err("should be a file, not a directory".to_owned()) } else { Ok(()) };
        self.report.check(Error, NAME, rule);
        let content = file::read(&path);
        let found = content.as_deref().map_err(Clone::clone).and_then(read);
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.report.check(Error, NAME, Err(format!("unable to parse YAML\n\t{error}")));
                return;
            }
        };
        let content = content.unwrap_or_default();
        let report = &mut self.report;
        let strict = read_strictly(&content);
        let strict =
            strict.map_err(|error| format!("failed to strictly parse chart metadata file\n\t{error}"));
        report.check(Warning, NAME, strict);
        report.check(Error, NAME, name(&found.file));
        report.check(Error, NAME, api_version(&found.file));
        report.check(Error, NAME, is_text(&found.value, "version"));
        report.check(Error, NAME, version(&found.file));
        report.check(Error, NAME, is_text(&found.value, "appVersion"));
        report.check(Error, NAME, maintainers(&found));
        report.check(Error, NAME, sources(&found.file));
        report.check(Info, NAME, icon_presence(&found.file));
        report.check(Error, NAME, icon(&found.file));
        report.check(Error, NAME, chart_type(&found.file));
        report.check(Error, NAME, dependencies(&found.file));
        report.check(Warning, NAME, strict_version(&found.file));
    }
}

fn read(content: &[u8]) -> Result<Found, String> {
    let value = goyaml::decode(file::text(content)?).map_err(|error| error.to_string())?;
    if value.is_null() {
        return Ok(Found { file: ChartFile::default(), value });
    }
    shape::CHART.check(&value)?;
    let file = goyaml::from_value(value.clone()).map_err(|error| error.to_string())?;
    Ok(Found { file, value })
}

/// As [`read`], with nothing twice and nothing unknown in it.
fn read_strictly(content: &[u8]) -> Result<(), String> {
    let value = goyaml::decode_strict(file::text(content)?).map_err(|error| error.to_string())?;
    match Shape::unknown_field(shape::CHART, &value) {
        None => Ok(()),
        Some(field) => {
            Err(format!("error unmarshaling JSON: while decoding JSON: json: unknown field {}", quote(field)))
        }
    }
}

fn name(file: &ChartFile) -> Result<(), String> {
    if file.name.is_empty() {
        return Err("name is required".into());
    }
    // What Go's `filepath.Base` would make another.
    if file.name.contains('/') {
        return Err(format!("chart name {} is invalid", quote(&file.name)));
    }
    Ok(())
}

fn api_version(file: &ChartFile) -> Result<(), String> {
    match file.api_version.as_str() {
        "v1" | "v2" => Ok(()),
        "" => Err("apiVersion is required. The value must be either \"v1\" or \"v2\"".into()),
        other => Err(format!("apiVersion '{other}' is not valid. The value must be either \"v1\" or \"v2\"")),
    }
}

/// Numbers are turned into texts where a text is wanted, but it is rarely the text that was meant.
fn is_text(value: &Value, key: &str) -> Result<(), String> {
    let found = match value.get(key) {
        None | Some(Value::String(_)) => return Ok(()),
        Some(Value::Null) => "<nil>",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Int(_) | Value::Uint(_) | Value::Float(_)) => "float64",
        Some(Value::List(_)) => "[]interface {}",
        Some(Value::Map(_)) => "map[string]interface {}",
    };
    Err(format!("{key} should be of type string but it's of type {found}"))
}

fn version(file: &ChartFile) -> Result<(), String> {
    /// Below which there is no version.
    const ABOVE: &str = "0.0.0-0";
    if file.version.is_empty() {
        return Err("version is required".into());
    }
    let Ok(version) = Version::coerce(&file.version) else {
        return Err(format!("version '{}' is not a valid SemVer", file.version));
    };
    match format!(">{ABOVE}").parse::<Constraint>() {
        Ok(constraint) if !constraint.matches(&version) => {
            let version = version.to_string();
            Err(format!("version {} is less than or equal to {}", quote(&version), quote(ABOVE)))
        }
        _ => Ok(()),
    }
}

fn strict_version(file: &ChartFile) -> Result<(), String> {
    match file.version.parse::<Version>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("version '{}' is not a valid SemVerV2", file.version)),
    }
}

fn maintainers(found: &Found) -> Result<(), String> {
    let mut fields = found.value.as_map().into_iter().flatten();
    let raw = fields.find(|(key, _)| key.eq_ignore_ascii_case("maintainers"));
    let raw = raw.and_then(|(_, list)| list.as_list()).unwrap_or_default();
    for (index, maintainer) in found.file.maintainers.iter().enumerate() {
        if raw.get(index).is_some_and(Value::is_null) {
            return Err("a maintainer entry is empty".into());
        }
        let name = &maintainer.name;
        if name.is_empty() {
            return Err("each maintainer requires a name".into());
        }
        if !maintainer.email.is_empty() && !urls::is_email(&maintainer.email) {
            return Err(format!("invalid email '{}' for maintainer '{name}'", maintainer.email));
        }
        if !maintainer.url.is_empty() && !urls::is_url(&maintainer.url) {
            return Err(format!("invalid url '{}' for maintainer '{name}'", maintainer.url));
        }
    }
    Ok(())
}

fn sources(file: &ChartFile) -> Result<(), String> {
    match file.sources.iter().find(|source| !urls::is_request_url(source)) {
        Some(source) => Err(format!("invalid source URL '{source}'")),
        None => Ok(()),
    }
}

fn icon_presence(file: &ChartFile) -> Result<(), String> {
    if file.icon.is_empty() { Err("icon is recommended".into()) } else { Ok(()) }
}

fn icon(file: &ChartFile) -> Result<(), String> {
    if file.icon.is_empty() || urls::is_request_url(&file.icon) {
        return Ok(());
    }
    Err(format!("invalid icon URL '{}'", file.icon))
}

fn chart_type(file: &ChartFile) -> Result<(), String> {
    if file.chart_type.is_empty() || file.api_version == "v2" {
        return Ok(());
    }
    let found = &file.api_version;
    Err(format!("chart type is not valid in apiVersion '{found}'. It is valid in apiVersion 'v2'"))
}

fn dependencies(file: &ChartFile) -> Result<(), String> {
    if file.dependencies.is_empty() || file.api_version == "v2" {
        return Ok(());
    }
    let found = &file.api_version;
    Err(format!(
        "dependencies are not valid in the Chart file with apiVersion '{found}'. They are valid in apiVersion 'v2'"
    ))
}
