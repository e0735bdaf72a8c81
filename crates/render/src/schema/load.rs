//! Which documents there are: the chart's schema, the metaschemas of JSON Schema, and nothing else.
//!
//! Helm fetches what a `$ref` names from the network and reads it from the disk. Here nothing that a
//! chart says makes a request or opens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chartroom_chart::go_text::quote;

use super::document::{Document, Resource, look_up};
use super::draft::Draft;
use super::location::{encode, join, scheme, split};
use super::metaschema;
use crate::log::LogLine;
use crate::values::go_json::Json;

/// Where the chart's schema is, for itself.
pub(super) const OWN: &str = "file:///values.schema.json";

/// How many bytes all pointers to schemas may have together. With long names, few schemas have long
/// pointers.
const MAX_POINTERS: usize = 64 << 20;

/// The documents that were loaded.
#[derive(Debug, Default)]
pub(super) struct Documents {
    loaded: BTreeMap<String, Arc<Json>>,
    pub(super) analysed: BTreeMap<String, Document>,
    warned: BTreeSet<String>,
    /// How many bytes of pointers there are.
    pointers: usize,
    /// What Helm would log.
    pub(super) log: Vec<LogLine>,
}

impl Documents {
    /// Lends a document.
    pub(super) fn add(&mut self, url: &str, json: Json) {
        self.loaded.insert(url.to_owned(), Arc::new(json));
    }

    /// Counts the bytes of a pointer.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), String> {
        self.pointers += bytes;
        if self.pointers > MAX_POINTERS {
            return Err("the names in the schema are too long".to_owned());
        }
        Ok(())
    }

    fn load(&mut self, url: &str) -> Result<Arc<Json>, String> {
        if let Some(json) = self.loaded.get(url) {
            return Ok(Arc::clone(json));
        }
        let failing = |why: &str| Err(format!("failing loading {}: {why}", quote(url)));
        let json = match (metaschema::source(url), scheme(url)) {
            (Some(json), _) => json,
            (None, "urn") => {
                if self.warned.insert(url.to_owned()) {
                    let message = "unresolved URN reference ignored; using permissive schema";
                    self.log.push(LogLine::warn(message, vec![("urn", url.to_owned())]));
                }
                Json::Bool(true)
            }
            (None, "http" | "https") => {
                return failing(
                    "schemas are not fetched from the network; put it into values.schema.json, or use --skip-schema-validation",
                );
            }
            (None, "file") => {
                return failing("a schema can't refer to files; put it into values.schema.json");
            }
            _ => return failing(&format!("no URLLoader registered for {}", quote(url))),
        };
        let json = Arc::new(json);
        self.loaded.insert(url.to_owned(), Arc::clone(&json));
        Ok(json)
    }

    /// A document, with all resources and anchors in it noted. `check` sees it when it is new.
    pub(super) fn document(
        &mut self,
        url: &str,
        check: &mut dyn FnMut(&Document, &str) -> Result<(), String>,
    ) -> Result<&mut Document, String> {
        if !self.analysed.contains_key(url) {
            let json = self.load(url)?;
            let mut document = Document::new(url, Arc::clone(&json));
            self.collect(&mut document, &json, url, "", Draft::default())?;
            check(&document, "")?;
            self.analysed.insert(url.to_owned(), document);
        }
        self.analysed.get_mut(url).ok_or_else(|| format!("failing loading {}", quote(url)))
    }

    /// Makes sure that what is at a pointer is known as a schema: references lead to places where
    /// none would be looked for.
    pub(super) fn ensure(
        &mut self,
        url: &str,
        pointer: &str,
        check: &mut dyn FnMut(&Document, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.document(url, check)?.known.contains(pointer) {
            return Ok(());
        }
        let Some(mut document) = self.analysed.remove(url) else { return Ok(()) };
        let json = Arc::clone(&document.json);
        let value = look_up(&json, url, pointer)?;
        let Some((at, resource)) = document.resource(pointer) else { return Ok(()) };
        let (at, id, draft) = (at.to_owned(), resource.id.clone(), resource.draft);
        self.collect(&mut document, value, &id, pointer, draft)?;
        if let (false, Json::Object(schema)) = (document.resources.contains_key(pointer), value) {
            document.collect_anchors(schema, pointer, &at)?;
        }
        check(&document, pointer)?;
        self.analysed.insert(url.to_owned(), document);
        Ok(())
    }

    fn collect(
        &mut self,
        document: &mut Document,
        schema: &Json,
        base: &str,
        pointer: &str,
        fallback: Draft,
    ) -> Result<(), String> {
        if document.known.contains(pointer) {
            return Ok(());
        }
        self.spend(pointer.len() + base.len())?;
        self.collect_new(document, schema, base, pointer, fallback)?;
        document.known.insert(pointer.to_owned());
        Ok(())
    }

    fn collect_new(
        &mut self,
        document: &mut Document,
        schema: &Json,
        base: &str,
        pointer: &str,
        fallback: Draft,
    ) -> Result<(), String> {
        let resource = |id: &str, draft: Draft| Resource {
            id: id.to_owned(),
            draft,
            anchors: BTreeMap::new(),
            dynamic: BTreeSet::new(),
        };
        let Json::Object(members) = schema else {
            if pointer.is_empty() {
                document.add_resource("", resource(base, fallback));
            }
            return Ok(());
        };
        let mut draft = self.draft_of(&document.url, pointer, schema, fallback, &mut BTreeSet::new())?;
        let mut has_schema = members.get("$schema").and_then(Json::as_str).is_some();
        let mut id = draft.id(members);
        if id.is_empty() && !pointer.is_empty() {
            draft = fallback;
            has_schema = false;
            id = draft.id(members);
        }
        let is_resource = !id.is_empty() || pointer.is_empty();
        let base = if id.is_empty() { base.to_owned() } else { join(base, id) };
        if is_resource {
            match document.ids.get(&base).filter(|at| *at != pointer) {
                Some(at) => {
                    return Err(format!(
                        "duplicate id {} in {} at {} and {}",
                        quote(&base),
                        quote(&document.url),
                        quote(pointer),
                        quote(at)
                    ));
                }
                None => {
                    let own = if has_schema { draft } else { fallback };
                    document.add_resource(pointer, resource(&base, own));
                }
            }
        }
        let Some((at, own)) = document.by_id(&base).map(|(at, known)| (at.clone(), known.draft)) else {
            return Ok(());
        };
        document.collect_anchors(members, pointer, &at)?;
        for (pointer, value) in draft.subschemas(members, pointer) {
            self.collect(document, value, &base, &pointer, own)?;
        }
        Ok(())
    }

    /// The draft that a schema is written in: by its `$schema`, and that of what it names.
    fn draft_of(
        &mut self,
        url: &str,
        pointer: &str,
        schema: &Json,
        fallback: Draft,
        seen: &mut BTreeSet<String>,
    ) -> Result<Draft, String> {
        let named = schema.as_object().and_then(|members| members.get("$schema")).and_then(Json::as_str);
        let Some(named) = named else { return Ok(fallback) };
        if let Some(draft) = Draft::named(named) {
            return Ok(draft);
        }
        let named = split(named).0.to_owned();
        if pointer.is_empty() && named == url {
            return Err(format!("draft {} is not supported", quote(&named)));
        }
        if !seen.insert(named.clone()) {
            return Err(format!("cycle in resolving $schema in {}", quote(&named)));
        }
        let json = self.load(&named)?;
        self.draft_of(&named, "", &json, fallback, seen)
    }
}

/// A place in a document, as errors show it.
pub(super) fn place(url: &str, pointer: &str) -> String {
    format!("{url}#{}", encode(pointer))
}
