//! The keywords for each type of value, and those that combine schemas.

use std::collections::{BTreeMap, HashMap};

use super::compiled::{Additional, Dependency, Items, Number};
use super::decimal::Decimal;
use super::draft::Draft;
use super::equality::canonical;
use super::kind::Kind;
use super::validate::{Check, missing};
use crate::values::go_json::Json;

type Members = BTreeMap<String, Json>;

/// Whether a number of things is below a bound.
fn below(count: usize, bound: i64) -> bool {
    i64::try_from(count).unwrap_or(i64::MAX) < bound
}

/// Whether a number of things is above a bound.
fn above(count: usize, bound: i64) -> bool {
    i64::try_from(count).unwrap_or(i64::MAX) > bound
}

impl<'v> Check<'_, '_, 'v, '_> {
    pub(super) fn object(&mut self, members: &'v Members) {
        let schema = self.schema;
        let count = members.len();
        if let Some(bound) = schema.min_properties.filter(|bound| below(count, *bound)) {
            self.wrong(|| Kind::MinProperties(count, bound));
        }
        if let Some(bound) = schema.max_properties.filter(|bound| above(count, *bound)) {
            self.wrong(|| Kind::MaxProperties(count, bound));
        }
        let absent = missing(members, &schema.required);
        if !absent.is_empty() {
            self.wrong(|| Kind::Required(absent));
        }
        if self.is_settled() {
            return;
        }
        for (name, dependency) in schema.dependencies.iter().filter(|(name, _)| members.contains_key(*name)) {
            match dependency {
                Dependency::Properties(wanted) => self.require(name, missing(members, wanted)),
                Dependency::Schema(id) => {
                    let outcome = self.same_value(*id, None, false);
                    self.note(outcome);
                }
            }
        }
        self.members(members);
        if schema.draft == Draft::D4 {
            return;
        }
        if let Some(id) = schema.property_names {
            for name in members.keys() {
                self.name(id, name);
            }
        }
        if schema.draft == Draft::D6 {
            return;
        }
        for (_, id) in schema.dependent_schemas.iter().filter(|(name, _)| members.contains_key(*name)) {
            let outcome = self.same_value(*id, None, false);
            self.note(outcome);
        }
        for (name, wanted) in schema.dependent_required.iter().filter(|(name, _)| members.contains_key(*name))
        {
            self.require(name, missing(members, wanted));
        }
    }

    fn require(&mut self, name: &str, absent: Vec<String>) {
        if !absent.is_empty() {
            self.wrong(|| Kind::Dependency(name.to_owned(), absent));
        }
    }

    /// `properties`, `patternProperties` and `additionalProperties`.
    fn members(&mut self, members: &'v Members) {
        let schema = self.schema;
        let mut surplus = Vec::new();
        for (name, value) in members {
            if self.is_settled() {
                return;
            }
            let mut is_known = false;
            if let Some(id) = schema.properties.get(name) {
                is_known = true;
                let outcome = self.member(*id, value, name);
                self.note(outcome);
            }
            for (pattern, id) in &schema.pattern_properties {
                self.validator.step(1 + name.len() / 64);
                if pattern.matches(name) {
                    is_known = true;
                    let outcome = self.member(*id, value, name);
                    self.note(outcome);
                }
            }
            if let (false, Some(additional)) = (is_known, &schema.additional_properties) {
                is_known = true;
                match additional {
                    Additional::Allowed(true) => {}
                    Additional::Allowed(false) => surplus.push(name.clone()),
                    Additional::Schema(id) => {
                        let outcome = self.member(*id, value, name);
                        self.note(outcome);
                    }
                }
            }
            if is_known {
                self.left.members.remove(name.as_str());
            }
        }
        if !surplus.is_empty() {
            self.wrong(|| Kind::AdditionalProperties(surplus));
        }
    }

    pub(super) fn list(&mut self, items: &[Json]) {
        let schema = self.schema;
        let count = items.len();
        if let Some(bound) = schema.min_items.filter(|bound| below(count, *bound)) {
            self.wrong(|| Kind::MinItems(count, bound));
        }
        if let Some(bound) = schema.max_items.filter(|bound| above(count, *bound)) {
            self.wrong(|| Kind::MaxItems(count, bound));
        }
        if schema.unique_items
            && let Some((one, other)) = self.duplicates(items)
        {
            self.wrong(|| Kind::UniqueItems(one, other));
        }
        if schema.draft < Draft::D2020 {
            self.items_before_2020(items);
        } else {
            let mut each = schema.prefix_items.iter();
            for (index, item) in items.iter().enumerate() {
                let Some(id) = each.next().copied().or(schema.items_2020) else { break };
                let outcome = self.item(id, item, index);
                self.note(outcome);
            }
        }
        if let Some(id) = schema.contains {
            self.contains(id, items);
        }
    }

    fn items_before_2020(&mut self, items: &[Json]) {
        let schema = self.schema;
        let mut looked_at = 0;
        match &schema.items {
            None => {}
            Some(Items::All(id)) => {
                for (index, item) in items.iter().enumerate() {
                    let outcome = self.item(*id, item, index);
                    self.note(outcome);
                }
                looked_at = items.len();
            }
            Some(Items::Each(ids)) => {
                for (index, (item, id)) in items.iter().zip(ids).enumerate() {
                    let outcome = self.item(*id, item, index);
                    self.note(outcome);
                }
                looked_at = ids.len().min(items.len());
            }
        }
        let rest = items.len() - looked_at;
        match &schema.additional_items {
            Some(Additional::Allowed(false)) if rest > 0 => self.wrong(|| Kind::AdditionalItems(rest)),
            Some(Additional::Schema(id)) => {
                for (index, item) in items.iter().enumerate().skip(looked_at) {
                    let outcome = self.item(*id, item, index);
                    self.note(outcome);
                }
            }
            _ => {}
        }
    }

    fn contains(&mut self, id: usize, items: &[Json]) {
        let schema = self.schema;
        let (mut causes, mut matched) = (Vec::new(), Vec::new());
        for (index, item) in items.iter().enumerate() {
            match self.item(id, item, index) {
                Err(misfit) => causes.push(misfit),
                Ok(()) => {
                    matched.push(index);
                    if schema.draft >= Draft::D2020 {
                        self.left.items.remove(&index);
                    }
                }
            }
        }
        match schema.min_contains {
            Some(bound) if below(matched.len(), bound) => {
                self.wrong_by(causes, || Kind::MinContains(matched.clone(), bound));
            }
            None if matched.is_empty() => self.wrong_by(causes, || Kind::Contains),
            _ => {}
        }
        if let Some(bound) = schema.max_contains.filter(|bound| above(matched.len(), *bound)) {
            self.wrong(|| Kind::MaxContains(matched, bound));
        }
    }

    /// The first two elements that are equal.
    fn duplicates(&mut self, items: &[Json]) -> Option<(usize, usize)> {
        let mut seen = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let text = canonical(item);
            self.validator.step(1 + text.len() / 64);
            if let Some(first) = seen.insert(text, index) {
                return Some((first, index));
            }
        }
        None
    }

    pub(super) fn text(&mut self, text: &str) {
        let schema = self.schema;
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let length = text.chars().count();
            if let Some(bound) = schema.min_length.filter(|bound| below(length, *bound)) {
                self.wrong(|| Kind::MinLength(length, bound));
            }
            if let Some(bound) = schema.max_length.filter(|bound| above(length, *bound)) {
                self.wrong(|| Kind::MaxLength(length, bound));
            }
        }
        if let Some(pattern) = &schema.pattern {
            self.validator.step(1 + text.len() / 64);
            if !pattern.matches(text) {
                self.wrong(|| Kind::Pattern(text.to_owned(), pattern.text().to_owned()));
            }
        }
    }

    pub(super) fn number(&mut self, text: &str) {
        let schema = self.schema;
        let bounds = [
            ("minimum", &schema.minimum),
            ("maximum", &schema.maximum),
            ("exclusiveMinimum", &schema.exclusive_minimum),
            ("exclusiveMaximum", &schema.exclusive_maximum),
            ("multipleOf", &schema.multiple_of),
        ];
        if bounds.iter().all(|(_, bound)| bound.is_none()) {
            return;
        }
        let Some(number) = Number::parse(text) else { return };
        for (keyword, bound) in bounds {
            if let Some(bound) = bound
                && !fits(keyword, &number.exact, &bound.exact)
            {
                self.wrong(|| Kind::Bound(keyword, number.float, bound.float));
            }
        }
    }

    /// `not`, `allOf`, `anyOf`, `oneOf` and `if`.
    pub(super) fn conditions(&mut self) {
        let schema = self.schema;
        if let Some(id) = schema.not
            && self.same_value(id, None, true).is_ok()
        {
            self.wrong(|| Kind::Not);
        }
        let mut causes = Vec::new();
        for id in &schema.all_of {
            causes.extend(self.same_value(*id, None, false).err());
        }
        if !causes.is_empty() {
            self.wrong_by(causes, || Kind::AllOf);
        }
        self.any_of();
        self.one_of();
        if let Some(id) = schema.condition {
            let next = if self.same_value(id, None, true).is_ok() { schema.then } else { schema.otherwise };
            if let Some(id) = next {
                let outcome = self.same_value(id, None, false);
                self.note(outcome);
            }
        }
    }

    fn any_of(&mut self) {
        let schema = self.schema;
        let (mut causes, mut is_any) = (Vec::new(), schema.any_of.is_empty());
        for id in &schema.any_of {
            match self.same_value(*id, None, false) {
                Err(misfit) => causes.push(misfit),
                Ok(()) => {
                    is_any = true;
                    // What is left over depends on all that fit.
                    if self.left.is_empty() {
                        break;
                    }
                }
            }
        }
        if !is_any {
            self.wrong_by(causes, || Kind::AnyOf);
        }
    }

    fn one_of(&mut self) {
        let schema = self.schema;
        let (mut causes, mut first) = (Vec::new(), None);
        for (index, id) in schema.one_of.iter().enumerate() {
            match (self.same_value(*id, None, first.is_some()), first) {
                (Err(misfit), None) => causes.push(misfit),
                (Err(_), Some(_)) => {}
                (Ok(()), None) => first = Some(index),
                (Ok(()), Some(first)) => {
                    self.wrong(|| Kind::OneOf(Some((first, index))));
                    break;
                }
            }
        }
        if first.is_none() && !schema.one_of.is_empty() {
            self.wrong_by(causes, || Kind::OneOf(None));
        }
    }
}

fn fits(keyword: &str, number: &Decimal, bound: &Decimal) -> bool {
    match keyword {
        "minimum" => number >= bound,
        "maximum" => number <= bound,
        "exclusiveMinimum" => number > bound,
        "exclusiveMaximum" => number < bound,
        _ => number.is_multiple_of(bound),
    }
}
