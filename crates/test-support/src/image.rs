//! Small images: a config, layers and the manifest over them.

use std::fs;
use std::path::Path;

use chartroom_oci::Digest;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};

/// Media type of OCI image manifests.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of OCI image indexes.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An image with everything that is pushed for it.
#[derive(Clone, Debug)]
pub struct Image {
    /// The config blob.
    pub config: Vec<u8>,
    /// The layer blobs.
    pub layers: Vec<Vec<u8>>,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
}

impl Image {
    /// An image with one layer, all of whose bytes follow from the text.
    pub fn of(text: &str) -> Self {
        let config = format!(r#"{{"architecture":"amd64","os":"linux","author":"{text}"}}"#).into_bytes();
        let layers = vec![format!("the layer of {text}").into_bytes()];
        let manifest = manifest_of(&config, &layers).to_string().into_bytes();
        Self { config, layers, manifest }
    }

    /// An image that container programs can make a file system of: a compressed layer with one
    /// file, and a config that says so.
    pub fn runnable(text: &str) -> Self {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, "message.txt", text.as_bytes()).expect("memory takes it");
        let tar = tar.into_inner().expect("memory takes it");
        let mut gzip = GzBuilder::new().read(tar.as_slice(), Compression::default());
        let mut layer = Vec::new();
        std::io::copy(&mut gzip, &mut layer).expect("memory takes it");
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": { "Labels": { "text": text } },
            "rootfs": { "type": "layers", "diff_ids": [Digest::sha256(&tar).to_string()] },
            "history": [{ "created": "2026-01-02T03:04:05Z" }],
        });
        let config = config.to_string().into_bytes();
        let layers = vec![layer];
        let mut manifest = manifest_of(&config, &layers);
        manifest["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip".into();
        Self { config, layers, manifest: manifest.to_string().into_bytes() }
    }

    /// Writes the image as an OCI image layout into a folder, under a tag.
    pub fn write_layout(&self, folder: &Path, tag: &str) {
        let blobs = folder.join("blobs/sha256");
        fs::create_dir_all(&blobs).expect("a folder");
        for content in self.blobs().chain([self.manifest.as_slice()]) {
            fs::write(blobs.join(Digest::sha256(content).hex()), content).expect("a file");
        }
        let mut descriptor = self.descriptor();
        descriptor["annotations"] = json!({ "org.opencontainers.image.ref.name": tag });
        fs::write(folder.join("index.json"), index(&[descriptor])).expect("a file");
        fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
    }

    /// The same image with other fields in its manifest; `null` takes one out.
    pub fn with(mut self, fields: Value) -> Self {
        let mut manifest = serde_json::from_slice::<Value>(&self.manifest).expect("JSON");
        for (name, value) in fields.as_object().expect("an object") {
            let object = manifest.as_object_mut().expect("an object");
            if value.is_null() {
                object.remove(name);
            } else {
                object.insert(name.clone(), value.clone());
            }
        }
        self.manifest = manifest.to_string().into_bytes();
        self
    }

    /// The config and the layers.
    pub fn blobs(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(&self.config).chain(&self.layers).map(Vec::as_slice)
    }

    /// The manifest's digest.
    pub fn digest(&self) -> Digest {
        Digest::sha256(&self.manifest)
    }

    /// A descriptor of the manifest.
    pub fn descriptor(&self) -> Value {
        json!({
            "mediaType": OCI_MANIFEST,
            "digest": self.digest().to_string(),
            "size": self.manifest.len(),
        })
    }
}

/// An OCI image manifest over these blobs.
pub fn manifest_of(config: &[u8], layers: &[Vec<u8>]) -> Value {
    let layer = |content: &Vec<u8>| {
        json!({
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": Digest::sha256(content).to_string(),
            "size": content.len(),
        })
    };
    json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": Digest::sha256(config).to_string(),
            "size": config.len(),
        },
        "layers": layers.iter().map(layer).collect::<Vec<_>>(),
    })
}

/// An OCI index over these descriptors.
pub fn index(manifests: &[Value]) -> Vec<u8> {
    json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests }).to_string().into_bytes()
}
