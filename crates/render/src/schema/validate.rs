//! Checking a value by a schema, keyword by keyword, in the order of the Go library: what is wrong
//! is told in that order. Among properties, the Go library leaves the order to chance; here it is
//! that of their names.

use std::collections::BTreeMap;

use super::compile::Compiled;
use super::compiled::{Id, Schema, type_of};
use super::draft::Draft;
use super::kind::{Kind, Misfit, Quoted};
use super::left::Left;
use super::metaschema::Metaschemas;
use super::scope::{At, Scope};
use crate::values::go_json::Json;

/// How many schemas may be applied inside of each other. A schema that is nested ten deep takes some
/// sixty to be checked itself. See [`STACK`].
const MAX_DEPTH: usize = 3_000;

/// The stack that a check needs at most, in bytes. Without optimisation, one application of a schema
/// takes some 8 kB.
pub(super) const STACK: usize = 64 << 20;

/// Checks values by schemas that were compiled together.
pub(super) struct Validator<'s> {
    schemas: &'s [Schema],
    /// Where values are schemas themselves: parts of them may be of other drafts.
    meta: Option<(&'s Metaschemas, BTreeMap<String, Draft>)>,
    /// How much may still be done: applying a schema, looking at a member, copying 64 bytes.
    left: usize,
    depth: usize,
    given_up: Option<&'static str>,
}

impl<'s> Validator<'s> {
    /// For ordinary values, in so many steps.
    pub(super) fn new(compiled: &'s Compiled, steps: usize) -> Self {
        Self { schemas: &compiled.schemas, meta: None, left: steps, depth: 0, given_up: None }
    }

    /// For schemas; `drafts` says of which drafts the parts are, by the pointers to them.
    pub(super) fn for_schemas(all: &'s Metaschemas, drafts: BTreeMap<String, Draft>, steps: usize) -> Self {
        Self { meta: Some((all, drafts)), ..Self::new(&all.compiled, steps) }
    }

    /// The steps that are left.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// Checks a value. The error lists what is wrong.
    pub(super) fn validate(&mut self, schema: Id, value: &Json) -> Result<(), String> {
        let outcome = self.top(schema, value);
        if let Some(why) = self.given_up {
            return Err(why.to_owned());
        }
        let Err(causes) = outcome else { return Ok(()) };
        let location = self.schemas.get(schema).map_or("", |schema| &schema.location);
        let mut text = format!("jsonschema validation failed with {}", Quoted(location));
        for cause in causes {
            cause.write(&mut text, 0);
        }
        Err(text)
    }

    /// Checks a value that nothing is around.
    pub(super) fn top(&mut self, schema: Id, value: &Json) -> Result<(), Vec<Misfit>> {
        let meta = self.meta.as_ref().map(|_| schema);
        let scope = Scope::of_top(schema);
        let frame = Frame { value, at: At::Top, schema, scope, needs_left: false, quiet: false, meta };
        match self.apply(frame) {
            Ok(_) => Ok(()),
            Err(Misfit { kind: Kind::Group, causes, .. }) => Err(causes),
            Err(misfit) => Err(vec![misfit]),
        }
    }

    /// Applies a schema to a value; what it says nothing of is left.
    pub(super) fn apply<'v>(&mut self, frame: Frame<'v, '_>) -> Result<Left<'v>, Misfit> {
        self.step(1);
        if self.depth >= MAX_DEPTH {
            self.given_up = Some("the schema is nested too deeply");
        }
        let Some(schema) = self.schemas.get(frame.schema).filter(|_| self.given_up.is_none()) else {
            return Err(Misfit { at: String::new(), kind: Kind::Unsaid, causes: Vec::new() });
        };
        self.depth += 1;
        let left = Left::new(frame.value, schema, frame.needs_left);
        let check = Check { validator: self, schema, frame, left, misfits: Vec::new() };
        let outcome = check.run();
        self.depth -= 1;
        outcome
    }

    /// Counts work.
    pub(super) fn step(&mut self, steps: usize) {
        match self.left.checked_sub(steps) {
            Some(left) => self.left = left,
            None => {
                self.left = 0;
                self.given_up = Some("the schema takes too long to be checked");
            }
        }
    }

    pub(super) fn schema(&self, id: Id) -> Option<&'s Schema> {
        self.schemas.get(id)
    }
}

/// What a schema is applied to, and on whose behalf.
pub(super) struct Frame<'v, 'p> {
    value: &'v Json,
    at: At<'p>,
    schema: Id,
    scope: Scope<'p>,
    /// Whether whoever asks wants to know what is left.
    needs_left: bool,
    /// Whether it only matters if the value fits.
    quiet: bool,
    meta: Option<Id>,
}

/// One application of a schema.
pub(super) struct Check<'a, 's, 'v, 'p> {
    pub(super) validator: &'a mut Validator<'s>,
    pub(super) schema: &'s Schema,
    frame: Frame<'v, 'p>,
    pub(super) left: Left<'v>,
    misfits: Vec<Misfit>,
}

impl<'s, 'v> Check<'_, 's, 'v, '_> {
    fn run(mut self) -> Result<Left<'v>, Misfit> {
        let (schema, value) = (self.schema, self.frame.value);
        match schema.boolean {
            Some(true) => return Ok(self.left),
            Some(false) => return Err(self.misfit(|| Kind::FalseSchema)),
            None => {}
        }
        if let Some(other) = self.frame.scope.cycle() {
            let schemas = self.validator.schemas;
            let (one, other) = (self.frame.scope.path(schemas), other.path(schemas));
            return Err(self.misfit(|| Kind::Cycle(one, other, schema.location.clone())));
        }
        if let Some(misfit) = self.simple(value) {
            return Err(misfit);
        }
        if let Some(target) = schema.reference {
            let outcome = self.refer(target, "$ref");
            if schema.draft < Draft::D2019 {
                return outcome.map(|()| self.left);
            }
            self.note(outcome);
        }
        match value {
            Json::Object(members) => {
                self.validator.step(members.len() + schema.required.len());
                self.object(members);
            }
            Json::List(items) => {
                self.validator.step(items.len());
                self.list(items);
            }
            Json::String(text) => self.text(text),
            Json::Number(text) => self.number(text),
            Json::Null | Json::Bool(_) => {}
        }
        if !self.is_settled() {
            if schema.draft >= Draft::D2019 {
                self.references();
            }
            self.conditions();
            if schema.draft >= Draft::D2019 {
                self.left_over();
            }
        }
        match self.misfits.len() {
            0 => Ok(self.left),
            1 => Err(self.misfits.swap_remove(0)),
            _ => {
                let mut group = self.misfit(|| Kind::Group);
                group.causes = self.misfits;
                Err(group)
            }
        }
    }

    /// What ends the check by itself: type, constants, format.
    fn simple(&mut self, value: &Json) -> Option<Misfit> {
        let schema = self.schema;
        if !schema.types.is_empty() {
            let got = type_of(value);
            let is_integer = || schema.types.contains("integer") && super::equality::is_integer(value);
            if !schema.types.contains(got) && !is_integer() {
                return Some(self.misfit(|| Kind::Type(got, schema.types.names())));
            }
        }
        if let Some(constant) = &schema.constant
            && !self.equal(value, constant)
        {
            return Some(self.misfit(|| Kind::Const(constant.clone())));
        }
        if let Some(values) = &schema.enumeration
            && !values.iter().any(|item| self.equal(value, item))
        {
            return Some(self.misfit(|| Kind::Enum(values.clone())));
        }
        if let (Some(format), Json::String(text)) = (schema.format, value) {
            let (steps, outcome) = format.check(text);
            self.validator.step(steps);
            if let Err(problem) = outcome {
                return Some(self.misfit(|| Kind::Format(text.clone(), format.name(), problem)));
            }
        }
        None
    }

    fn equal(&mut self, one: &Json, other: &Json) -> bool {
        self.validator.step(super::equality::weight(other));
        super::equality::equal(one, other)
    }

    /// Whether the answer is known already, and nobody wants to know more.
    pub(super) fn is_settled(&self) -> bool {
        self.frame.quiet && !self.misfits.is_empty()
    }

    fn misfit(&mut self, kind: impl FnOnce() -> Kind) -> Misfit {
        if self.frame.quiet || self.validator.given_up.is_some() {
            return Misfit { at: String::new(), kind: Kind::Unsaid, causes: Vec::new() };
        }
        let misfit = Misfit { at: self.frame.at.pointer(), kind: kind(), causes: Vec::new() };
        self.validator.step(misfit.weight());
        misfit
    }

    /// Notes that something is wrong.
    pub(super) fn wrong(&mut self, kind: impl FnOnce() -> Kind) {
        let misfit = self.misfit(kind);
        self.misfits.push(misfit);
    }

    /// Notes that something is wrong, and why.
    pub(super) fn wrong_by(&mut self, causes: Vec<Misfit>, kind: impl FnOnce() -> Kind) {
        let mut misfit = self.misfit(kind);
        misfit.causes = causes;
        self.misfits.push(misfit);
    }

    /// Notes the outcome of another check.
    pub(super) fn note(&mut self, outcome: Result<(), Misfit>) {
        self.misfits.extend(outcome.err());
    }

    /// Applies a schema to the same value.
    pub(super) fn same_value(
        &mut self,
        schema: Id,
        keyword: Option<&'static str>,
        quiet: bool,
    ) -> Result<(), Misfit> {
        let above = self.frame.scope;
        let scope = above.same_value(schema, keyword);
        let at = self.frame.at;
        let (schema, meta) = self.dialect(schema, &at);
        let quiet = quiet || self.frame.quiet;
        let needs_left = !self.left.is_empty();
        let frame = Frame { value: self.frame.value, at, schema, scope, needs_left, quiet, meta };
        let left = self.validator.apply(frame)?;
        self.left.merge(&left);
        Ok(())
    }

    /// Applies a schema to a member.
    pub(super) fn member(&mut self, schema: Id, value: &Json, name: &str) -> Result<(), Misfit> {
        let above = self.frame.at;
        self.inner(schema, value, At::Member(&above, name))
    }

    /// Applies a schema to an element.
    pub(super) fn item(&mut self, schema: Id, value: &Json, index: usize) -> Result<(), Misfit> {
        let above = self.frame.at;
        self.inner(schema, value, At::Item(&above, index))
    }

    fn inner(&mut self, schema: Id, value: &Json, at: At<'_>) -> Result<(), Misfit> {
        let above = self.frame.scope;
        let scope = above.inner_value(schema);
        let (schema, meta) = self.dialect(schema, &at);
        let frame = Frame { value, at, schema, scope, needs_left: false, quiet: self.frame.quiet, meta };
        self.validator.apply(frame).map(drop)
    }

    /// Applies a schema to the name of a member, as to a value of its own.
    pub(super) fn name(&mut self, schema: Id, name: &str) {
        let value = Json::String(name.to_owned());
        if let Err(causes) = self.validator.top(schema, &value) {
            self.wrong_by(causes, || Kind::PropertyNames(name.to_owned()));
        }
    }

    /// The metaschema, where a part of a schema is of another draft than what is around it.
    fn dialect(&self, schema: Id, at: &At<'_>) -> (Id, Option<Id>) {
        let meta = self.frame.meta;
        if let (Some((all, drafts)), true) = (&self.validator.meta, meta == Some(schema))
            && let Some(draft) = drafts.get(&at.pointer())
        {
            let own = all.of(*draft);
            return (own, Some(own));
        }
        (schema, meta)
    }

    fn refer(&mut self, target: Id, keyword: &'static str) -> Result<(), Misfit> {
        let Err(misfit) = self.same_value(target, Some(keyword), false) else { return Ok(()) };
        let mut reference = self.misfit(|| Kind::Reference);
        reference.causes = match misfit.kind {
            Kind::Group => misfit.causes,
            _ => vec![misfit],
        };
        Err(reference)
    }

    /// The references whose targets depend on who asks.
    fn references(&mut self) {
        let validator = &*self.validator;
        let mut recursive = self.schema.recursive_reference;
        if let Some(target) = recursive.and_then(|id| validator.schema(id))
            && target.recursive_anchor
        {
            let outermost = self.frame.scope.schemas().filter(|id| {
                let resource = validator.schema(*id).and_then(|schema| validator.schema(schema.resource));
                resource.is_some_and(|resource| resource.recursive_anchor)
            });
            recursive = outermost.last().or(recursive);
        }
        let mut dynamic = self.schema.dynamic_reference.as_ref().map(|(target, _)| *target);
        if let Some((target, Some(anchor))) = &self.schema.dynamic_reference
            && validator.schema(*target).is_some_and(|target| target.dynamic_anchor.as_ref() == Some(anchor))
        {
            let outermost = self.frame.scope.schemas().filter_map(|id| {
                let resource = validator.schema(validator.schema(id)?.resource)?;
                resource.dynamic_anchors.get(anchor).copied()
            });
            dynamic = outermost.last().or(dynamic);
        }
        if let Some(target) = recursive {
            let outcome = self.refer(target, "$recursiveRef");
            self.note(outcome);
        }
        if let Some(target) = dynamic {
            let outcome = self.refer(target, "$dynamicRef");
            self.note(outcome);
        }
    }

    /// What no keyword has looked at.
    fn left_over(&mut self) {
        let schema = self.schema;
        if let (Json::Object(members), Some(id)) = (self.frame.value, schema.unevaluated_properties) {
            for name in std::mem::take(&mut self.left.members) {
                if let Some(value) = members.get(name) {
                    let outcome = self.member(id, value, name);
                    self.note(outcome);
                }
            }
        }
        if let (Json::List(items), Some(id)) = (self.frame.value, schema.unevaluated_items) {
            for index in std::mem::take(&mut self.left.items) {
                if let Some(value) = items.get(index) {
                    let outcome = self.item(id, value, index);
                    self.note(outcome);
                }
            }
        }
    }
}

/// The names of some that have to be there, but aren't.
pub(super) fn missing(members: &BTreeMap<String, Json>, wanted: &[String]) -> Vec<String> {
    wanted.iter().filter(|name| !members.contains_key(*name)).cloned().collect()
}
