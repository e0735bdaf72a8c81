//! Charts, as Helm packages and pushes them.

use std::io::Write;

use chartroom_oci::Digest;
use flate2::{Compression, GzBuilder};
use serde_json::{Map, Value, json};

use crate::{Client, OCI_MANIFEST, Random};

const CONFIG_TYPE: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART_TYPE: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const PROVENANCE_TYPE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// When all built charts were made, as the manifest says it.
const CREATED: &str = "2026-01-02T03:04:05Z";

/// What a chart is to be.
#[derive(Clone, Debug)]
pub struct ChartBuilder {
    name: String,
    version: String,
    fields: Map<String, Value>,
    padding: usize,
    provenance: bool,
    created: String,
    config: Option<Vec<u8>>,
}

impl ChartBuilder {
    /// A chart of this name and version, with one template.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            fields: Map::new(),
            padding: 0,
            provenance: false,
            created: CREATED.to_owned(),
            config: None,
        }
    }

    /// One more field of `Chart.yaml`, such as `description` or `keywords`.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// A file of so many bytes that can't be compressed.
    pub fn padding(mut self, length: usize) -> Self {
        self.padding = length;
        self
    }

    /// With a provenance layer. Its form is that of a signature; it signs nothing.
    pub fn provenance(mut self) -> Self {
        self.provenance = true;
        self
    }

    /// What the manifest says of when the chart was made.
    pub fn created(mut self, timestamp: &str) -> Self {
        timestamp.clone_into(&mut self.created);
        self
    }

    /// Another config than the one that belongs to the chart.
    pub fn config(mut self, config: impl Into<Vec<u8>>) -> Self {
        self.config = Some(config.into());
        self
    }

    /// Makes the chart. The same settings always give the same bytes.
    pub fn build(self) -> Chart {
        let metadata = self.metadata();
        let archive = self.archive(&metadata);
        let provenance = self.provenance.then(|| self.signature(&archive));
        let config = self.config.clone().unwrap_or_else(|| go_object(&metadata).into_bytes());
        let mut layers = vec![(CHART_TYPE, archive.as_slice())];
        layers.extend(provenance.iter().map(|content| (PROVENANCE_TYPE, content.as_slice())));
        layers.sort_by_key(|(_, content)| Digest::sha256(content));
        let layers = layers.iter().map(|(media_type, content)| descriptor(media_type, content));
        let layers = layers.collect::<Vec<_>>().join(",");

        let annotation = |name: &str, value: Value| (format!("org.opencontainers.image.{name}"), value);
        let mut annotations = vec![annotation("created", self.created.clone().into())];
        if let Some(description) = self.fields.get("description") {
            annotations.push(annotation("description", description.clone()));
        }
        annotations.push(annotation("title", self.name.clone().into()));
        annotations.push(annotation("version", self.version.clone().into()));
        let manifest = format!(
            r#"{{"schemaVersion":2,"config":{},"layers":[{layers}],"annotations":{}}}"#,
            descriptor(CONFIG_TYPE, &config),
            go_object(&annotations),
        );
        Chart {
            name: self.name,
            version: self.version,
            archive,
            provenance,
            config,
            manifest: manifest.into_bytes(),
        }
    }

    /// The fields of `Chart.yaml` in Helm's order; those that Helm does not know come last.
    fn metadata(&self) -> Vec<(String, Value)> {
        const ORDER: [&str; 17] = [
            "name",
            "home",
            "sources",
            "version",
            "description",
            "keywords",
            "maintainers",
            "icon",
            "apiVersion",
            "condition",
            "tags",
            "appVersion",
            "deprecated",
            "annotations",
            "kubeVersion",
            "dependencies",
            "type",
        ];
        let mut fields = self.fields.clone();
        fields.insert("name".to_owned(), self.name.clone().into());
        fields.insert("version".to_owned(), self.version.clone().into());
        fields.entry("apiVersion").or_insert_with(|| "v2".into());
        fields.entry("type").or_insert_with(|| "application".into());
        let mut metadata = Vec::new();
        for name in ORDER {
            metadata.extend(fields.remove_entry(name));
        }
        metadata.extend(fields);
        metadata
    }

    fn archive(&self, metadata: &[(String, Value)]) -> Vec<u8> {
        // JSON is YAML, so Chart.yaml needs no writer of its own.
        let chart_yaml =
            metadata.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>();
        let mut files = vec![
            ("Chart.yaml".to_owned(), chart_yaml.into_bytes()),
            ("values.yaml".to_owned(), b"replicas: 1\n".to_vec()),
            ("README.md".to_owned(), format!("# {}\n", self.name).into_bytes()),
            (
                "templates/configmap.yaml".to_owned(),
                b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  \
                  replicas: {{ .Values.replicas | quote }}\n"
                    .to_vec(),
            ),
        ];
        if self.padding > 0 {
            let seed = u64::from_be_bytes(
                Digest::sha256(format!("{} {}", self.name, self.version).as_bytes()).as_bytes()[..8]
                    .try_into()
                    .expect("8 bytes"),
            );
            files.push(("files/padding.bin".to_owned(), Random::seeded(seed).bytes(self.padding)));
        }
        let gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
        let mut tar = tar::Builder::new(gzip);
        for (path, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(1_767_323_045);
            let path = format!("{}/{path}", self.name);
            tar.append_data(&mut header, path, content.as_slice()).expect("memory takes it");
        }
        let mut gzip = tar.into_inner().expect("memory takes it");
        gzip.flush().expect("memory takes it");
        gzip.finish().expect("memory takes it")
    }

    fn signature(&self, archive: &[u8]) -> Vec<u8> {
        let Self { name, version, .. } = self;
        let digest = Digest::sha256(archive);
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: {name}\n\
             version: {version}\n\n...\nfiles:\n  {name}-{version}.tgz: {digest}\n\
             -----BEGIN PGP SIGNATURE-----\n\nbm90IGEgc2lnbmF0dXJl\n-----END PGP SIGNATURE-----\n"
        )
        .into_bytes()
    }
}

/// An object as Go writes it: in the given order, compact, with `<`, `>` and `&` escaped.
fn go_object(fields: &[(String, Value)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
    let object = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
    object.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn descriptor(media_type: &str, content: &[u8]) -> String {
    let digest = Digest::sha256(content);
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#, content.len())
}

/// A chart, with everything that is pushed for it.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its name.
    pub name: String,
    /// Its version, as `Chart.yaml` has it.
    pub version: String,
    /// The `.tgz`.
    pub archive: Vec<u8>,
    /// The provenance file, if there is one.
    pub provenance: Option<Vec<u8>>,
    /// The config blob: the metadata as JSON.
    pub config: Vec<u8>,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
}

/// What is in the registry after a push.
#[derive(Clone, Copy, Debug)]
pub struct PushedChart {
    /// The manifest's digest.
    pub manifest: Digest,
    /// The config's digest.
    pub config: Digest,
    /// The archive's digest.
    pub archive: Digest,
    /// The provenance file's digest, if there is one.
    pub provenance: Option<Digest>,
}

impl Chart {
    /// The tag that Helm gives it: the version, with `_` for `+`.
    pub fn tag(&self) -> String {
        self.version.replace('+', "_")
    }

    /// The config, the archive and the provenance file, if there is one.
    pub fn blobs(&self) -> impl Iterator<Item = &[u8]> {
        let own = [&self.config, &self.archive];
        own.into_iter().chain(&self.provenance).map(Vec::as_slice)
    }

    /// The digests of its parts.
    pub fn digests(&self) -> PushedChart {
        PushedChart {
            manifest: Digest::sha256(&self.manifest),
            config: Digest::sha256(&self.config),
            archive: Digest::sha256(&self.archive),
            provenance: self.provenance.as_deref().map(Digest::sha256),
        }
    }

    /// Pushes the blobs that the repository does not have yet.
    #[track_caller]
    pub fn push_blobs(&self, client: &Client, repository: &str) {
        for blob in self.blobs() {
            let digest = Digest::sha256(blob);
            if client.head(&format!("/v2/{repository}/blobs/{digest}")).send().status != 200 {
                client.push_blob(repository, blob);
            }
        }
    }

    /// Pushes the chart with the requests that Helm 4 makes, in their order.
    #[track_caller]
    pub fn push(&self, client: &Client, repository: &str) -> PushedChart {
        let digests = self.digests();
        let by_digest = format!("/v2/{repository}/manifests/{}", digests.manifest);
        if client.head(&by_digest).send().status != 200 {
            self.push_blobs(client, repository);
            client.put(&by_digest).content_type(OCI_MANIFEST).body(&self.manifest).send().expect(201);
        }
        let stored = client.get(&by_digest).header("Accept", OCI_MANIFEST).send().expect(200);
        assert_eq!(stored.body, self.manifest);
        client.put_manifest(repository, &self.tag(), OCI_MANIFEST, &self.manifest).expect(201);
        digests
    }

    /// A descriptor of the manifest.
    pub fn descriptor(&self) -> Value {
        json!({
            "mediaType": OCI_MANIFEST,
            "digest": self.digests().manifest.to_string(),
            "size": self.manifest.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_settings_make_the_same_chart() {
        let chart = || ChartBuilder::new("webapp", "1.2.3+build.5").padding(20_000).provenance().build();
        assert_eq!(chart().manifest, chart().manifest);
        assert!(chart().archive.len() > 20_000);
        assert_eq!(chart().tag(), "1.2.3_build.5");
    }

    #[test]
    fn the_manifest_is_the_one_that_helm_writes() {
        let chart = ChartBuilder::new("webapp", "1.0.0").field("kubeVersion", ">=1.25.0-0").build();
        let config = String::from_utf8_lossy(&chart.config).into_owned();
        assert_eq!(
            config,
            r#"{"name":"webapp","version":"1.0.0","apiVersion":"v2","kubeVersion":"\u003e=1.25.0-0","type":"application"}"#
        );
        let manifest = String::from_utf8_lossy(&chart.manifest).into_owned();
        let expected = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{}","size":{}}}],"annotations":{{"org.opencontainers.image.created":"2026-01-02T03:04:05Z","org.opencontainers.image.title":"webapp","org.opencontainers.image.version":"1.0.0"}}}}"#,
            Digest::sha256(&chart.config),
            chart.config.len(),
            Digest::sha256(&chart.archive),
            chart.archive.len(),
        );
        assert_eq!(manifest, expected);
    }
}
