//! The everyday operations of a registry, for tests that are about something else.

use chartroom_oci::Digest;

use crate::{Client, Image, OCI_MANIFEST, Response, encode};

/// Adds a query parameter to a URL that may have some already.
pub fn with_query(url: &str, name: &str, value: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{name}={}", encode(value))
}

impl Client {
    /// Opens an upload session and gives its URL.
    #[track_caller]
    pub fn begin_upload(&self, repository: &str) -> String {
        let answer = self.post(&format!("/v2/{repository}/blobs/uploads/")).send().expect(202);
        answer.location().to_owned()
    }

    /// Ends an upload session, with the last bytes of the blob, which may be all of them.
    #[track_caller]
    pub fn finish_upload(&self, location: &str, digest: &Digest, rest: &[u8]) -> Response {
        let target = with_query(location, "digest", &digest.to_string());
        self.put(&target).content_type("application/octet-stream").body(rest).send()
    }

    /// Pushes a blob as Helm does: POST, then one PUT.
    #[track_caller]
    pub fn push_blob(&self, repository: &str, content: &[u8]) -> Digest {
        let digest = Digest::sha256(content);
        let location = self.begin_upload(repository);
        self.finish_upload(&location, &digest, content).expect(201);
        digest
    }

    /// Puts a manifest under a tag or digest.
    #[track_caller]
    pub fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        media_type: &str,
        manifest: &[u8],
    ) -> Response {
        let target = format!("/v2/{repository}/manifests/{reference}");
        self.put(&target).content_type(media_type).body(manifest).send()
    }

    /// Pushes an image with its blobs, under a tag or its digest.
    #[track_caller]
    pub fn push_image(&self, repository: &str, reference: &str, image: &Image) {
        for blob in image.blobs() {
            self.push_blob(repository, blob);
        }
        self.put_manifest(repository, reference, OCI_MANIFEST, &image.manifest).expect(201);
    }

    /// The manifest that a tag or digest names.
    #[track_caller]
    pub fn manifest(&self, repository: &str, reference: &str) -> Response {
        self.get(&format!("/v2/{repository}/manifests/{reference}")).send()
    }

    /// A blob.
    #[track_caller]
    pub fn blob(&self, repository: &str, digest: &Digest) -> Response {
        self.get(&format!("/v2/{repository}/blobs/{digest}")).send()
    }

    /// All tags of a repository.
    #[track_caller]
    pub fn tags(&self, repository: &str) -> Vec<String> {
        let listing = self.get(&format!("/v2/{repository}/tags/list")).send().expect(200).json();
        strings(&listing["tags"])
    }

    /// Checks that the server still serves, which every test of bad input ends with.
    #[track_caller]
    pub fn still_serves(&self) {
        self.clone().get("/v2/").send().expect(200);
    }
}

/// The elements of a JSON list of strings.
#[track_caller]
fn strings(list: &serde_json::Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|item| item.as_str().expect("a string").to_owned()).collect()
}
