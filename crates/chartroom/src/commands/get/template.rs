//! A release as a Go template sees it: with the fields of Helm's structs.

use std::any::Any;
use std::rc::Rc;

use anyhow::{Result, anyhow};
use chartroom_chart::ChartFile;
use chartroom_gotemplate::{Kind, Limits, List, Map, MissingKey, Object, TemplateSet, Text, Type, Value};
use chartroom_goyaml::Value as Plain;
use chartroom_release::{ChartRecord, FileRecord, Hook, Info, Release};
use chartroom_render::on_large_stack;
use chartroom_render::plain::from_plain;

/// Fills a release into a template.
pub(super) fn fill(template: &str, release: &Release) -> Result<Vec<u8>> {
    const NAME: &str = "_";
    let run = || {
        let mut set = TemplateSet::new(NAME, MissingKey::Default, []);
        set.parse(NAME, template).map_err(|error| error.to_string())?;
        let data = Value::map([("Release", self::release(release))]);
        set.execute(NAME, data, &Limits::default()).map_err(|error| error.to_string())
    };
    on_large_stack(run).map_err(|problem: String| anyhow!("{problem}"))
}

/// A struct, or a pointer to one.
#[derive(Debug)]
struct Struct {
    type_name: &'static str,
    fields: Vec<(&'static str, Value)>,
}

impl Object for Struct {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn kind(&self) -> Kind {
        if self.type_name.starts_with('*') { Kind::Pointer } else { Kind::Struct }
    }

    fn field(&self, name: &str) -> Option<Value> {
        self.fields.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone())
    }

    fn fields(&self) -> Vec<(&'static str, &'static str, Value)> {
        self.fields.iter().map(|(name, value)| (*name, *name, value.clone())).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn object(type_name: &'static str, fields: Vec<(&'static str, Value)>) -> Value {
    Value::Object(Rc::new(Struct { type_name, fields }))
}

fn strings<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::List(List::strings(texts))
}

fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> Value {
    let pairs = pairs.into_iter().map(|(name, value)| (Text::from(name.as_str()), value.as_str().into()));
    Value::Map(Map::of(Type::String, pairs.collect()))
}

/// A time, which prints as Go prints it.
fn time(time: &chartroom_release::Time) -> Value {
    time.format("2006-01-02 15:04:05.999999999 -0700 MST").as_str().into()
}

fn release(release: &Release) -> Value {
    let chart = release.chart.as_ref().map_or(Value::Nil, chart);
    object(
        "*v1.Release",
        vec![
            ("Name", release.name.as_str().into()),
            ("Info", info(&release.info)),
            ("Chart", chart),
            ("Config", config(release)),
            ("Manifest", release.manifest.as_str().into()),
            ("Hooks", Value::List(List::new(release.hooks.iter().map(hook).collect()))),
            ("Version", Value::int(release.version)),
            ("Namespace", release.namespace.as_str().into()),
            ("Labels", pairs(&release.labels)),
            ("ApplyMethod", release.apply_method.name().into()),
        ],
    )
}

fn config(release: &Release) -> Value {
    match super::given(release) {
        Plain::Null => Value::Map(Map::nil(Type::Any)),
        values => from_plain(&values),
    }
}

fn info(info: &Info) -> Value {
    object(
        "*v1.Info",
        vec![
            ("FirstDeployed", time(&info.first_deployed)),
            ("LastDeployed", time(&info.last_deployed)),
            ("Deleted", time(&info.deleted)),
            ("Description", info.description.as_str().into()),
            ("Status", info.status.name().into()),
            ("RollbackRevision", Value::int(info.rollback_revision)),
            ("Notes", info.notes.as_str().into()),
            ("Resources", Value::Map(Map::new(Default::default()))),
        ],
    )
}

fn hook(hook: &Hook) -> Value {
    let run = object(
        "v1.HookExecution",
        vec![
            ("StartedAt", time(&hook.last_run.started_at)),
            ("CompletedAt", time(&hook.last_run.completed_at)),
            ("Phase", hook.last_run.phase.name().into()),
        ],
    );
    object(
        "*v1.Hook",
        vec![
            ("Name", hook.name.as_str().into()),
            ("Kind", hook.kind.as_str().into()),
            ("Path", hook.path.as_str().into()),
            ("Manifest", hook.manifest.as_str().into()),
            ("Events", strings(hook.events.iter().map(String::as_str))),
            ("LastRun", run),
            ("Weight", Value::int(hook.weight)),
            ("DeletePolicies", strings(hook.delete_policies.iter().map(String::as_str))),
            ("OutputLogPolicies", strings(hook.output_log_policies.iter().map(String::as_str))),
        ],
    )
}

fn chart(chart: &ChartRecord) -> Value {
    let files = |files: &Option<Vec<FileRecord>>| {
        let files = files.iter().flatten().map(|file| {
            let data = file.decoded();
            let name = file.name.as_str().into();
            object(
                "*common.File",
                vec![
                    ("Name", name),
                    ("Data", String::from_utf8_lossy(&data).as_ref().into()),
                    ("ModTime", time(&file.modtime)),
                ],
            )
        });
        Value::List(List::new(files.collect()))
    };
    object(
        "*v2.Chart",
        vec![
            ("Metadata", metadata(&chart.metadata)),
            ("Templates", files(&chart.templates)),
            ("Values", from_plain(&chart.values)),
            ("Files", files(&chart.files)),
            ("ModTime", time(&chart.modtime)),
        ],
    )
}

fn metadata(chart: &ChartFile) -> Value {
    let people = chart.maintainers.iter().map(|person| {
        object(
            "*v2.Maintainer",
            vec![
                ("Name", person.name.as_str().into()),
                ("Email", person.email.as_str().into()),
                ("URL", person.url.as_str().into()),
            ],
        )
    });
    let dependencies = chart.dependencies.iter().map(|dependency| {
        object(
            "*v2.Dependency",
            vec![
                ("Name", dependency.name.as_str().into()),
                ("Version", dependency.version.as_str().into()),
                ("Repository", dependency.repository.as_str().into()),
                ("Condition", dependency.condition.as_str().into()),
                ("Tags", strings(dependency.tags.iter().map(String::as_str))),
                ("Enabled", Value::Bool(dependency.enabled)),
                ("Alias", dependency.alias.as_str().into()),
            ],
        )
    });
    object(
        "*v2.Metadata",
        vec![
            ("Name", chart.name.as_str().into()),
            ("Home", chart.home.as_str().into()),
            ("Sources", strings(chart.sources.iter().map(String::as_str))),
            ("Version", chart.version.as_str().into()),
            ("Description", chart.description.as_str().into()),
            ("Keywords", strings(chart.keywords.iter().map(String::as_str))),
            ("Maintainers", Value::List(List::new(people.collect()))),
            ("Icon", chart.icon.as_str().into()),
            ("APIVersion", chart.api_version.as_str().into()),
            ("Condition", chart.condition.as_str().into()),
            ("Tags", chart.tags.as_str().into()),
            ("AppVersion", chart.app_version.as_str().into()),
            ("Deprecated", Value::Bool(chart.deprecated)),
            ("Annotations", pairs(&chart.annotations)),
            ("KubeVersion", chart.kube_version.as_str().into()),
            ("Dependencies", Value::List(List::new(dependencies.collect()))),
            ("Type", chart.chart_type.as_str().into()),
        ],
    )
}
