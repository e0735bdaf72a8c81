//! The documents that schemas are in, and what in them has a name: resources with an id, anchors.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chartroom_chart::go_text::quote;

use super::draft::Draft;
use super::location::{encode, split, unescape};
use crate::values::go_json::Json;

/// A document that was loaded.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) url: String,
    pub(super) json: Arc<Json>,
    /// By the pointers to them.
    pub(super) resources: BTreeMap<String, Resource>,
    /// The pointers to them, by their ids.
    pub(super) ids: BTreeMap<String, String>,
    /// Pointers to the schemas that have been looked at.
    pub(super) known: BTreeSet<String>,
}

/// A schema with an id, or the whole document.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) draft: Draft,
    /// Pointers by anchor.
    pub(super) anchors: BTreeMap<String, String>,
    /// Those of the anchors that are dynamic.
    pub(super) dynamic: BTreeSet<String>,
}

/// What is at a pointer in a document.
pub(super) fn look_up<'j>(json: &'j Json, url: &str, pointer: &str) -> Result<&'j Json, String> {
    let mut value = json;
    let shown = || quote(&format!("{url}#{}", encode(pointer))).to_string();
    for name in pointer.split('/').skip(1) {
        let Some(name) = unescape(name) else { return Err(format!("invalid json-pointer {}", shown())) };
        let found = match value {
            Json::Object(members) => members.get(&name),
            Json::List(items) => name.parse().ok().and_then(|index: usize| items.get(index)),
            _ => None,
        };
        value = found.ok_or_else(|| format!("json-pointer in {} not found", shown()))?;
    }
    Ok(value)
}

impl Document {
    pub(super) fn new(url: &str, json: Arc<Json>) -> Self {
        Self {
            url: url.to_owned(),
            json,
            resources: BTreeMap::new(),
            ids: BTreeMap::new(),
            known: BTreeSet::new(),
        }
    }

    /// The resource that what is at a pointer belongs to, and the pointer to it.
    pub(super) fn resource(&self, pointer: &str) -> Option<(&str, &Resource)> {
        let mut pointer = pointer;
        loop {
            if let Some((at, resource)) = self.resources.get_key_value(pointer) {
                return Some((at, resource));
            }
            pointer = pointer.get(..pointer.rfind('/')?)?;
        }
    }

    /// The resource with an id, and the pointer to it.
    pub(super) fn by_id(&self, id: &str) -> Option<(&String, &Resource)> {
        self.resources.get_key_value(self.ids.get(id)?)
    }

    /// Adds a resource, unless there is one at its place.
    pub(super) fn add_resource(&mut self, pointer: &str, resource: Resource) {
        self.ids.entry(resource.id.clone()).or_insert_with(|| pointer.to_owned());
        self.resources.entry(pointer.to_owned()).or_insert(resource);
    }

    /// The pointer that a fragment means in a resource.
    pub(super) fn resolve(&self, fragment: &str, at: &str, resource: &Resource) -> Result<String, String> {
        if fragment.is_empty() || fragment.starts_with('/') {
            return Ok(format!("{at}{fragment}"));
        }
        resource.anchors.get(fragment).cloned().ok_or_else(|| {
            let reference = quote(&format!("{}#{}", resource.id, encode(fragment))).to_string();
            format!("anchor in {reference} not found in schema {}", quote(&self.url))
        })
    }

    /// Notes the anchors of a schema.
    pub(super) fn collect_anchors(
        &mut self,
        schema: &BTreeMap<String, Json>,
        pointer: &str,
        resource_at: &str,
    ) -> Result<(), String> {
        let url = self.url.clone();
        let Some(resource) = self.resources.get_mut(resource_at) else { return Ok(()) };
        let mut anchors: Vec<(String, bool)> = Vec::new();
        let text = |keyword: &str| schema.get(keyword).and_then(Json::as_str);
        if resource.draft < Draft::D2019 {
            if schema.contains_key("$ref") {
                return Ok(());
            }
            let fragment = split(resource.draft.written_id(schema)).1;
            let fragment = super::location::decode(fragment).map_err(|_| {
                format!("error in parsing anchor at {}", quote(&format!("{url}#{}", encode(pointer))))
            })?;
            if !fragment.is_empty() && !fragment.starts_with('/') {
                anchors.push((fragment, false));
            }
        } else {
            anchors.extend(text("$anchor").map(|anchor| (anchor.to_owned(), false)));
        }
        if resource.draft >= Draft::D2020 {
            anchors.extend(text("$dynamicAnchor").map(|anchor| (anchor.to_owned(), true)));
        }
        for (anchor, is_dynamic) in anchors {
            match resource.anchors.get(&anchor) {
                Some(known) if known != pointer => {
                    return Err(format!(
                        "duplicate anchor {} in {} at {} and {}",
                        quote(&anchor),
                        quote(&url),
                        quote(known),
                        quote(pointer)
                    ));
                }
                Some(_) => {}
                None => drop(resource.anchors.insert(anchor.clone(), pointer.to_owned())),
            }
            if is_dynamic {
                resource.dynamic.insert(anchor);
            }
        }
        Ok(())
    }
}
