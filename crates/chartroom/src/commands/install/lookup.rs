//! `lookup` of templates, which looks into the cluster while a chart is rendered.

use std::rc::Rc;
use std::sync::Arc;

use chartroom_gotemplate::Value;
use chartroom_release::{Cluster, Discovery};
use chartroom_render::Lookup;
use chartroom_render::plain::{float_numbers, from_plain};
use tokio::runtime::Runtime;

/// With what the cluster is looked into.
pub(super) struct Eyes {
    pub(super) runtime: Arc<Runtime>,
    pub(super) cluster: Cluster,
    pub(super) discovery: Arc<Discovery>,
}

impl Eyes {
    pub(super) fn into_lookup(self) -> Rc<Lookup> {
        Rc::new(move |api_version: &str, kind: &str, namespace: &str, name: &str| {
            self.find(api_version, kind, namespace, name)
        })
    }

    fn find(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Value, String> {
        let found =
            chartroom_release::lookup(&self.cluster, &self.discovery, (api_version, kind), (namespace, name));
        let mut found = self.runtime.block_on(found).map_err(|error| error.to_string())?;
        float_numbers(&mut found);
        Ok(from_plain(&found))
    }
}
