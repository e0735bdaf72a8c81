//! `Chart.yaml`: everything that a chart says of itself, as Helm models it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use chartroom_goyaml as goyaml;

use crate::error::Error;
use crate::file::{Budget, Limits};
use crate::go_json;
use crate::go_text::{quote, sanitise};
use crate::shape::{self, Shape};
use crate::version::Version;

/// The content of `Chart.yaml`. Fields are declared in the order in which `helm push` writes
/// them into the config of a manifest; what is empty is never written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChartFile {
    /// The chart's name, and that of its archive, folder and repository.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where its project is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub home: String,
    /// Where its source code is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Its version; any that [`Version::coerce`] reads.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// One sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Words to find it by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Who keeps it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<Maintainer>,
    /// Where its picture is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub icon: String,
    /// `v1` or `v2`. Missing in charts of Helm 2, which are read as `v1`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_version: String,
    /// Path in the values that says whether it is used as a subchart. From before dependencies
    /// had their own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// Groups of subcharts that it belongs to. From before dependencies had their own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tags: String,
    /// The version of what it installs; any text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub app_version: String,
    /// Whether its makers advise against it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
    /// What others than Helm want to know of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Which versions of Kubernetes it wants, as a constraint.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kube_version: String,
    /// The charts that it needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// `application`, `library`, or nothing, which is the former.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub chart_type: String,
}

/// Someone who keeps a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Maintainer {
    /// A person or an organisation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Their address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Their page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// A chart that another one needs: as it is asked for in `Chart.yaml`, or with the version that
/// was found, in `Chart.lock`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Dependency {
    /// The chart's name.
    pub name: String,
    /// A constraint, or a version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// `oci://…`, `https://…`, `file://…`, `@alias`, or nothing for a folder in `charts/`.
    pub repository: String,
    /// Paths in the values, the first of which that is there says whether it is used.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub condition: String,
    /// Groups that can be switched off together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Set by Helm while it works; has no meaning in a file.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enabled: bool,
    /// Values of its that become the parent's: names, or pairs of `child` and `parent`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub import_values: Vec<Any>,
    /// Another name for it, so that a chart can be used twice.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alias: String,
}

/// A piece of `Chart.yaml` that has no fixed shape. Numbers are floats, as in Go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Any {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// Text.
    String(String),
    /// A list.
    List(Vec<Any>),
    /// A map, sorted by its keys.
    Map(BTreeMap<String, Any>),
}

impl ChartFile {
    /// Where it is in a chart.
    pub const PATH: &str = "Chart.yaml";

    /// Reads and validates a `Chart.yaml`.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        Self::parse_with(text, None, &mut Budget::new(&Limits::default()))
    }

    /// Reads a `Chart.yaml`, lays the fields of a `requirements.yaml` over it, as charts of
    /// Helm 2 have one, and validates what comes out.
    pub(crate) fn parse_with(
        text: &[u8],
        requirements: Option<&[u8]>,
        budget: &mut Budget<'_>,
    ) -> Result<Self, Error> {
        let mut value = decode(Self::PATH, text, budget)?;
        if let Some(requirements) = requirements {
            let file = "requirements.yaml";
            let more = decode(file, requirements, budget)?;
            // Each must fit by itself, so that the error names the right file.
            from_value::<Self>(Self::PATH, shape::CHART, value.clone())?;
            from_value::<Self>(file, shape::CHART, more.clone())?;
            if let (goyaml::Value::Map(fields), goyaml::Value::Map(more)) = (&mut value, more) {
                fields.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
            }
        }
        let nulls = (null_in(&value, "maintainers"), null_in(&value, "dependencies"));
        let mut file: Self = from_value(Self::PATH, shape::CHART, value)?;
        if file.api_version.is_empty() {
            "v1".clone_into(&mut file.api_version);
        }
        file.validate_with(nulls)?;
        Ok(file)
    }

    /// The type of its fields in Go.
    pub const SHAPE: Shape = shape::CHART;

    /// Takes the fields of a chart out of a map that may have others too, as the entries of a
    /// repository's index have. What is wrong with them beyond their types is the second result, as
    /// [`Self::validate`] has it. The caller has compared the value with [`Self::SHAPE`].
    pub fn from_value(value: goyaml::Value) -> Result<(Self, Result<(), Error>), Error> {
        let nulls = (null_in(&value, "maintainers"), null_in(&value, "dependencies"));
        let mut file: Self = goyaml::from_value(value)
            .map_err(|error| Error::Unreadable { file: Self::PATH, problem: error.to_string() })?;
        if file.api_version.is_empty() {
            "v1".clone_into(&mut file.api_version);
        }
        let valid = file.validate_with(nulls);
        Ok((file, valid))
    }

    /// Checks the fields as Helm does, and cleans their texts: any space becomes `' '`, and what
    /// can't be printed is dropped.
    pub fn validate(&mut self) -> Result<(), Error> {
        self.validate_with((false, false))
    }

    fn validate_with(&mut self, (null_maintainer, null_dependency): (bool, bool)) -> Result<(), Error> {
        let invalid = |problem: String| Err(Error::Invalid(problem));
        self.sanitise();
        if self.api_version.is_empty() {
            return invalid("chart.metadata.apiVersion is required".into());
        }
        if self.name.is_empty() {
            return invalid("chart.metadata.name is required".into());
        }
        if matches!(self.name.as_str(), "." | "..") {
            return invalid(format!("chart.metadata.name {} is not allowed", quote(&self.name)));
        }
        if self.name.contains('/') {
            return invalid(format!("chart.metadata.name {} is invalid", quote(&self.name)));
        }
        if self.version.is_empty() {
            return invalid("chart.metadata.version is required".into());
        }
        if Version::coerce(&self.version).is_err() {
            return invalid(format!("chart.metadata.version {} is invalid", quote(&self.version)));
        }
        if !matches!(self.chart_type.as_str(), "" | "application" | "library") {
            return invalid("chart.metadata.type must be application or library".into());
        }
        if null_maintainer {
            return invalid("maintainers must not contain empty or null nodes".into());
        }
        if null_dependency {
            return invalid("dependencies must not contain empty or null nodes".into());
        }
        let mut known = std::collections::HashSet::new();
        for dependency in &self.dependencies {
            let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
            if !dependency.alias.chars().all(allowed) {
                let name = quote(&dependency.name);
                return invalid(format!("dependency {name} has disallowed characters in the alias"));
            }
            let key = dependency.effective_name();
            if !known.insert(key) {
                return invalid(format!("more than one dependency with name or alias {}", quote(key)));
            }
        }
        Ok(())
    }

    /// Neither the version nor the annotations: the first is checked, the others are free.
    fn sanitise(&mut self) {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        let lists = self.sources.iter_mut().chain(&mut self.keywords);
        let people = self.maintainers.iter_mut();
        let people = people.flat_map(|person| [&mut person.name, &mut person.email, &mut person.url]);
        let dependencies = self.dependencies.iter_mut().flat_map(|dependency| {
            let Dependency { name, version, repository, condition, tags, .. } = dependency;
            [name, version, repository, condition].into_iter().chain(tags)
        });
        for text in texts.into_iter().chain(lists).chain(people).chain(dependencies) {
            let clean = sanitise(text);
            if clean != *text {
                *text = clean;
            }
        }
    }

    /// The bytes of the `Chart.yaml` that `helm package` puts into an archive: keys sorted,
    /// comments gone. Charts of Helm 2 keep their dependencies in a file of their own.
    pub fn to_yaml(&self) -> Result<String, Error> {
        let unwritable =
            |error: goyaml::Error| Error::Encode { what: Self::PATH, problem: error.to_string() };
        if self.api_version == "v1" && !self.dependencies.is_empty() {
            let without = Self { dependencies: Vec::new(), ..self.clone() };
            return goyaml::to_string(&without).map_err(unwritable);
        }
        goyaml::to_string(self).map_err(unwritable)
    }

    /// What `helm show chart` prints, and what a `.prov` begins with: as [`Self::to_yaml`], with
    /// the dependencies in any case.
    pub fn to_full_yaml(&self) -> Result<String, Error> {
        goyaml::to_string(self)
            .map_err(|error| Error::Encode { what: Self::PATH, problem: error.to_string() })
    }

    /// The bytes that `helm push` makes the config of a manifest.
    pub fn to_config(&self) -> Result<Vec<u8>, Error> {
        go_json::to_vec("the config", self)
    }
}

impl Dependency {
    /// The name under which the parent chart knows it: its alias, or else its name.
    pub fn effective_name(&self) -> &str {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }
}

/// Whether a list in one of the fields has a null in it.
fn null_in(value: &goyaml::Value, field: &str) -> bool {
    let fields = value.as_map().into_iter().flatten();
    let mut lists = fields.filter(|(key, _)| key.eq_ignore_ascii_case(field));
    lists.any(|(_, list)| list.as_list().unwrap_or_default().iter().any(goyaml::Value::is_null))
}

/// Reads the first YAML document of a file of a chart.
pub(crate) fn decode(
    file: &'static str,
    text: &[u8],
    budget: &mut Budget<'_>,
) -> Result<goyaml::Value, Error> {
    let problem = |problem: String| Error::Unreadable { file, problem };
    let text = std::str::from_utf8(text)
        .map_err(|_| problem("error converting YAML to JSON: yaml: invalid leading UTF-8 octet".into()))?;
    let value = goyaml::decode(text).map_err(|error| problem(error.to_string()))?;
    budget.yaml(text, &value)?;
    Ok(value)
}

/// Turns the content of a file of a chart into a type of this shape.
pub(crate) fn from_value<T>(file: &'static str, shape: Shape, value: goyaml::Value) -> Result<T, Error>
where
    T: serde::de::DeserializeOwned + Default,
{
    if value.is_null() {
        return Ok(T::default());
    }
    shape.check(&value).map_err(|problem| Error::Unreadable { file, problem })?;
    goyaml::from_value(value).map_err(|error| Error::Unreadable { file, problem: error.to_string() })
}
