//! From documents to schemas that can be checked: every schema that can be reached from the root,
//! with its references resolved.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chartroom_chart::go_text::quote;

use super::compiled::{Additional, Dependency, Id, Items, Number, Schema, Types};
use super::document::{Document, look_up};
use super::draft::Draft;
use super::format::Format;
use super::load::{Documents, place};
use super::location::{below, decode, encode, join, split};
use super::metaschema::metaschemas;
use super::pattern::{Pattern, PatternBudget};
use super::plain;
use super::validate::Validator;
use crate::log::LogLine;
use crate::values::go_json::Json;

/// How many schemas may be inside of each other and refer to each other.
const MAX_SCHEMAS: usize = 200_000;

/// Schemas that were compiled together.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) schemas: Vec<Schema>,
}

/// Whether `format` is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormatRule {
    Always,
    /// In the drafts before 2019 only.
    ByDraft,
}

/// Compiles schemas.
pub(super) struct Compiler {
    documents: Documents,
    schemas: Vec<Schema>,
    /// The document and the pointer of each.
    places: Vec<(String, String)>,
    ids: HashMap<(String, String), Id>,
    formats: FormatRule,
    patterns: PatternBudget,
    /// How much may still be done: see [`Validator`].
    steps: usize,
}

type Members = BTreeMap<String, Json>;

impl Compiler {
    pub(super) fn new(documents: Documents, formats: FormatRule, steps: usize) -> Self {
        Self {
            documents,
            schemas: Vec::new(),
            places: Vec::new(),
            ids: HashMap::new(),
            formats,
            patterns: PatternBudget::default(),
            steps,
        }
    }

    /// Compiles what is at a URL, and all that it refers to.
    pub(super) fn compile(&mut self, url: &str) -> Result<Id, String> {
        let mut compiled = self.schemas.len();
        self.document(url)?;
        let root = self.enqueue(url, "");
        while compiled < self.schemas.len() {
            if self.schemas.len() > MAX_SCHEMAS {
                return Err(format!("schema has more than the maximum number of subschemas {MAX_SCHEMAS}"));
            }
            self.one(compiled)?;
            compiled += 1;
        }
        Ok(root)
    }

    /// The schemas, what Helm would log, and the steps that are left.
    pub(super) fn finish(self) -> (Compiled, Vec<LogLine>, usize) {
        (Compiled { schemas: self.schemas }, self.documents.log, self.steps)
    }

    fn enqueue(&mut self, url: &str, pointer: &str) -> Id {
        let place = (url.to_owned(), pointer.to_owned());
        if let Some(id) = self.ids.get(&place) {
            return *id;
        }
        let id = self.schemas.len();
        self.schemas.push(Schema { location: self::place(url, pointer), ..Schema::default() });
        self.places.push(place.clone());
        self.ids.insert(place, id);
        id
    }

    fn document(&mut self, url: &str) -> Result<&mut Document, String> {
        let steps = &mut self.steps;
        self.documents.document(url, &mut |document, pointer| check(document, pointer, steps))
    }

    #[expect(clippy::indexing_slicing, reason = "ids are made by enqueue, and nothing is removed")]
    fn one(&mut self, id: Id) -> Result<(), String> {
        let (url, pointer) = self.places[id].clone();
        self.documents.spend(url.len() + pointer.len())?;
        let steps = &mut self.steps;
        self.documents.ensure(&url, &pointer, &mut |document, pointer| check(document, pointer, steps))?;
        let document = self.document(&url)?;
        let json = Arc::clone(&document.json);
        let Some((at, resource)) = document.resource(&pointer) else {
            return Err(format!("json-pointer in {} not found", quote(&place(&url, &pointer))));
        };
        let (at, resource) = (at.to_owned(), resource.clone());
        let value = look_up(&json, &url, &pointer)?;

        let own = self.enqueue(&url, &at);
        let mut schema = Schema {
            location: std::mem::take(&mut self.schemas[id].location),
            draft: resource.draft,
            resource: own,
            ..Schema::default()
        };
        if resource.draft >= Draft::D2020 && own == id {
            for anchor in &resource.dynamic {
                if let Some(pointer) = resource.anchors.get(anchor) {
                    let id = self.enqueue(&url, pointer);
                    schema.dynamic_anchors.insert(anchor.clone(), id);
                }
            }
        }
        match value {
            Json::Bool(truth) => schema.boolean = Some(*truth),
            Json::Object(members) if members.is_empty() => schema.boolean = Some(true),
            Json::Object(members) => {
                let base = resource.id;
                Keywords { compiler: self, url: &url, pointer: &pointer, base: &base, members }
                    .read(&mut schema)?;
            }
            _ => {}
        }
        self.schemas[id] = schema;
        Ok(())
    }
}

/// Checks a document, or a schema in it, by the metaschema of its draft.
fn check(document: &Document, pointer: &str, steps: &mut usize) -> Result<(), String> {
    if document.url.contains("://json-schema.org/") {
        return Ok(());
    }
    let Some((_, resource)) = document.resource(pointer) else { return Ok(()) };
    let value = look_up(&document.json, &document.url, pointer)?;
    if document.resources.len() == 1 && plain::is_sound(resource.draft, value) {
        return Ok(());
    }
    let Some(all) = metaschemas() else { return Ok(()) };
    let id = all.of(resource.draft);
    let drafts = document.resources.iter().map(|(at, resource)| (at.clone(), resource.draft)).collect();
    let mut validator = Validator::for_schemas(all, drafts, *steps);
    let outcome = validator.validate(id, value);
    *steps = validator.left();
    outcome.map_err(|problem| {
        let place = quote(&place(&document.url, pointer)).to_string();
        format!("{place} is not valid against metaschema: {problem}")
    })
}

/// The keywords of one schema.
struct Keywords<'c, 'j> {
    compiler: &'c mut Compiler,
    url: &'j str,
    pointer: &'j str,
    /// The URL that references are relative to.
    base: &'j str,
    members: &'j Members,
}

impl<'j> Keywords<'_, 'j> {
    fn read(&mut self, schema: &mut Schema) -> Result<(), String> {
        schema.reference = self.reference("$ref")?;
        if schema.draft < Draft::D2019 && schema.reference.is_some() {
            // The older drafts look at nothing beside it.
            return Ok(());
        }
        self.structure(schema)?;
        self.bounds(schema)?;
        if schema.draft >= Draft::D6 {
            schema.contains = self.schema("contains");
            schema.property_names = self.schema("propertyNames");
            schema.constant = self.members.get("const").cloned();
        }
        if schema.draft >= Draft::D7 {
            schema.condition = self.schema("if");
            if schema.condition.is_some() {
                let always = self.boolean_or_none("if");
                schema.then = if always == Some(false) { None } else { self.schema("then") };
                schema.otherwise = if always == Some(true) { None } else { self.schema("else") };
            }
        }
        if schema.draft >= Draft::D2019 {
            self.since_2019(schema)?;
        }
        if schema.draft >= Draft::D2020 {
            self.since_2020(schema)?;
        }
        Ok(())
    }

    fn structure(&mut self, schema: &mut Schema) -> Result<(), String> {
        schema.all_of = self.schemas("allOf");
        schema.any_of = self.schemas("anyOf");
        schema.one_of = self.schemas("oneOf");
        schema.not = self.schema("not");
        if schema.draft < Draft::D2020 {
            match self.members.get("items") {
                Some(Json::List(_)) => {
                    schema.items = Some(Items::Each(self.schemas("items")));
                    schema.additional_items = self.additional("additionalItems");
                }
                Some(_) => schema.items = self.schema("items").map(Items::All),
                None => {}
            }
        }
        schema.properties = self.named_schemas("properties");
        for (pattern, id) in self.named_schemas("patternProperties") {
            let pattern = self.pattern("patternProperties", &pattern)?;
            schema.pattern_properties.push((pattern, id));
        }
        schema.additional_properties = self.additional("additionalProperties");
        for (name, value) in self.object("dependencies").into_iter().flatten() {
            let dependency = match value {
                Json::List(names) => Dependency::Properties(texts(names)),
                _ => {
                    let pointer = below(&below(self.pointer, "dependencies"), name);
                    Dependency::Schema(self.compiler.enqueue(self.url, &pointer))
                }
            };
            schema.dependencies.insert(name.clone(), dependency);
        }
        Ok(())
    }

    fn bounds(&mut self, schema: &mut Schema) -> Result<(), String> {
        if let Some(types) = self.members.get("type") {
            schema.types = Types::of_keyword(types);
        }
        schema.enumeration = self.list("enum").map(<[Json]>::to_vec);
        schema.multiple_of = self.number("multipleOf");
        (schema.maximum, schema.exclusive_maximum) = self.bound("maximum", "exclusiveMaximum");
        (schema.minimum, schema.exclusive_minimum) = self.bound("minimum", "exclusiveMinimum");
        schema.min_length = self.integer("minLength");
        schema.max_length = self.integer("maxLength");
        if let Some(pattern) = self.text("pattern") {
            schema.pattern = Some(self.pattern("pattern", pattern)?);
        }
        schema.min_items = self.integer("minItems");
        schema.max_items = self.integer("maxItems");
        schema.unique_items = self.boolean_or_none("uniqueItems") == Some(true);
        schema.max_properties = self.integer("maxProperties");
        schema.min_properties = self.integer("minProperties");
        schema.required = self.list("required").map(texts).unwrap_or_default();
        if self.compiler.formats == FormatRule::Always || schema.draft < Draft::D2019 {
            schema.format = self.text("format").and_then(Format::named);
        }
        Ok(())
    }

    fn since_2019(&mut self, schema: &mut Schema) -> Result<(), String> {
        schema.recursive_reference = self.reference("$recursiveRef")?;
        schema.recursive_anchor = self.boolean_or_none("$recursiveAnchor") == Some(true);
        if schema.contains.is_some() {
            schema.min_contains = self.integer("minContains");
            schema.max_contains = self.integer("maxContains");
        }
        let required = self.object("dependentRequired").into_iter().flatten();
        let required = required.filter_map(|(name, value)| Some((name.clone(), texts(value.as_list()?))));
        schema.dependent_required = required.collect();
        schema.dependent_schemas = self.named_schemas("dependentSchemas");
        schema.unevaluated_items = self.schema("unevaluatedItems");
        schema.unevaluated_properties = self.schema("unevaluatedProperties");
        Ok(())
    }

    fn since_2020(&mut self, schema: &mut Schema) -> Result<(), String> {
        if let Some(target) = self.reference("$dynamicRef")? {
            let fragment = split(self.text("$dynamicRef").unwrap_or_default()).1;
            let fragment = decode(fragment).unwrap_or_default();
            let is_anchor = !fragment.is_empty() && !fragment.starts_with('/');
            schema.dynamic_reference = Some((target, is_anchor.then_some(fragment)));
        }
        schema.dynamic_anchor = self.text("$dynamicAnchor").map(str::to_owned);
        schema.prefix_items = self.schemas("prefixItems");
        schema.items_2020 = self.schema("items");
        Ok(())
    }

    /// What a reference leads to.
    fn reference(&mut self, keyword: &str) -> Result<Option<Id>, String> {
        let Some(reference) = self.text(keyword) else { return Ok(None) };
        let (relative, fragment) = split(reference);
        let fragment =
            decode(fragment).map_err(|error| format!("error in parsing {}: {error}", quote(reference)))?;
        let url = join(self.base, relative);
        let document = self.compiler.document(self.url)?;
        let same =
            if url == document.url { document.resources.get_key_value("") } else { document.by_id(&url) };
        if let Some((at, resource)) = same {
            let pointer = document.resolve(&fragment, at, resource)?;
            return Ok(Some(self.compiler.enqueue(self.url, &pointer)));
        }
        let document = self.compiler.document(&url)?;
        let pointer = match document.resources.get("") {
            Some(resource) => document.resolve(&fragment, "", resource)?,
            None => fragment,
        };
        Ok(Some(self.compiler.enqueue(&url, &pointer)))
    }

    fn schema(&mut self, keyword: &str) -> Option<Id> {
        self.members.get(keyword)?;
        Some(self.compiler.enqueue(self.url, &below(self.pointer, keyword)))
    }

    fn schemas(&mut self, keyword: &str) -> Vec<Id> {
        let count = self.list(keyword).map_or(0, <[Json]>::len);
        let place = below(self.pointer, keyword);
        (0..count).map(|index| self.compiler.enqueue(self.url, &format!("{place}/{index}"))).collect()
    }

    fn named_schemas(&mut self, keyword: &str) -> BTreeMap<String, Id> {
        let place = below(self.pointer, keyword);
        let members = self.object(keyword).into_iter().flatten();
        members
            .map(|(name, _)| (name.clone(), self.compiler.enqueue(self.url, &below(&place, name))))
            .collect()
    }

    fn additional(&mut self, keyword: &str) -> Option<Additional> {
        if let Some(allowed) = self.boolean_or_none(keyword) {
            return Some(Additional::Allowed(allowed));
        }
        self.schema(keyword).map(Additional::Schema)
    }

    fn pattern(&mut self, keyword: &str, pattern: &str) -> Result<Pattern, String> {
        Pattern::compile(pattern, &mut self.compiler.patterns).map_err(|error| {
            let place = format!("{}#{}/{}", self.url, encode(self.pointer), keyword);
            format!("invalid regex {} at {}: {error}", quote(pattern), quote(&place))
        })
    }

    /// A bound, and the same where it is exclusive: in draft 4, a flag beside it says so.
    fn bound(&self, keyword: &str, exclusive: &str) -> (Option<Number>, Option<Number>) {
        let bound = self.number(keyword);
        match self.boolean_or_none(exclusive) {
            Some(true) => (None, bound),
            _ => (bound, self.number(exclusive)),
        }
    }

    fn boolean_or_none(&self, keyword: &str) -> Option<bool> {
        match self.members.get(keyword)? {
            Json::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    fn text(&self, keyword: &str) -> Option<&'j str> {
        self.members.get(keyword)?.as_str()
    }

    fn list(&self, keyword: &str) -> Option<&'j [Json]> {
        self.members.get(keyword)?.as_list()
    }

    fn object(&self, keyword: &str) -> Option<&'j Members> {
        self.members.get(keyword)?.as_object()
    }

    fn number(&self, keyword: &str) -> Option<Number> {
        match self.members.get(keyword)? {
            Json::Number(text) => Number::parse(text),
            _ => None,
        }
    }

    fn integer(&self, keyword: &str) -> Option<i64> {
        self.number(keyword)?.exact.to_integer()
    }
}

fn texts(list: &[Json]) -> Vec<String> {
    list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
