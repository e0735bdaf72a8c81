//! What a server has acknowledged, and whether it still knows.

use std::collections::BTreeMap;

use chartroom_oci::Digest;
use chartroom_test_support::{Client, Random, Response};
use serde_json::json;

/// What was acknowledged in one repository, which only one worker writes to.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) blobs: Vec<Digest>,
    pub(crate) manifests: Vec<Digest>,
    pub(crate) tags: BTreeMap<String, Claim>,
    pub(crate) uploads: Vec<Unfinished>,
}

/// Where a tag points, `None` if it is not there.
type Target = Option<Digest>;

/// What is known of a tag.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Claim {
    /// What was acknowledged last.
    pub(crate) settled: Target,
    /// What was asked for and not acknowledged.
    pub(crate) in_flight: Option<Target>,
}

/// An upload that was begun and not ended.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    pub(crate) location: String,
    /// The content follows from these two.
    pub(crate) seed: u64,
    pub(crate) length: usize,
    /// How much of it was acknowledged.
    pub(crate) acknowledged: usize,
    /// How much of it was sent.
    pub(crate) sent: usize,
}

impl Unfinished {
    pub(crate) fn content(&self) -> Vec<u8> {
        Random::seeded(self.seed).bytes(self.length)
    }
}

impl Ledger {
    /// Checks that all that was acknowledged is there, and takes over what became of the rest.
    pub(crate) fn check(&mut self, client: &Client, repository: &str) {
        for digest in &self.blobs {
            let got = client.blob(repository, digest).expect(200);
            assert_eq!(Digest::of(digest.algorithm(), &got.body), *digest, "{repository}: a blob is damaged");
        }
        for digest in &self.manifests {
            intact_manifest(client, repository, &digest.to_string());
        }
        for (tag, claim) in &mut self.tags {
            let answer = client.manifest(repository, tag);
            let found = match answer.status {
                200 => Some(answer.digest()),
                _ => {
                    answer.expect_error(404, &["MANIFEST_UNKNOWN", "NAME_UNKNOWN"]);
                    None
                }
            };
            let known = found == claim.settled || Some(found) == claim.in_flight;
            assert!(known, "{repository}:{tag} is at {found:?}, not at {claim:?}");
            *claim = Claim { settled: found, in_flight: None };
        }
    }

    /// Finishes the uploads that were interrupted, from where the server says it is. Gives how many
    /// could go on and how many were gone.
    pub(crate) fn resume(&mut self, client: &Client, repository: &str) -> (usize, usize) {
        let (mut resumed, mut gone) = (0, 0);
        for upload in self.uploads.drain(..) {
            let content = upload.content();
            let status = client.get(&upload.location).send();
            if status.status == 404 {
                status.expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
                gone += 1;
                continue;
            }
            let end = status.expect(204).need("Range").trim_start_matches("0-").parse::<usize>().unwrap();
            // Nothing and one byte look the same; no test sends a single byte.
            let from = if end == 0 { 0 } else { end + 1 };
            assert!(
                (upload.acknowledged..=upload.sent).contains(&from),
                "{repository}: an upload has {from} bytes: {upload:?}"
            );
            let digest = Digest::sha256(&content);
            client.finish_upload(&upload.location, &digest, &content[from..]).expect(201);
            assert_eq!(client.blob(repository, &digest).expect(200).body, content);
            self.blobs.push(digest);
            resumed += 1;
        }
        (resumed, gone)
    }
}

/// Checks that everything that can be seen is whole: each tag's manifest, and all that it names.
pub(crate) fn all_visible_is_whole(client: &Client) {
    let mut next = Some("/v2/_catalog".to_owned());
    while let Some(target) = next {
        let answer = client.get(&target).send().expect(200);
        for repository in answer.json()["repositories"].as_array().unwrap() {
            let repository = repository.as_str().unwrap();
            for tag in client.tags(repository) {
                intact_manifest(client, repository, &tag);
            }
        }
        next = link(&answer);
    }
}

fn link(answer: &Response) -> Option<String> {
    let (target, _) = answer.header("Link")?.strip_prefix('<')?.split_once('>')?;
    Some(target.to_owned())
}

/// Checks that a manifest and the blobs that it names are there and intact.
pub(crate) fn intact_manifest(client: &Client, repository: &str, reference: &str) {
    let got = client.manifest(repository, reference).expect(200);
    let digest = got.digest();
    assert_eq!(Digest::of(digest.algorithm(), &got.body), digest, "{repository}: {reference} is damaged");
    let manifest = got.json();
    let layers = manifest["layers"].as_array().cloned().unwrap_or_default();
    for descriptor in layers.iter().chain([&manifest["config"]]).filter(|descriptor| descriptor.is_object()) {
        let digest = descriptor["digest"].as_str().unwrap().parse::<Digest>().unwrap();
        let blob = client.blob(repository, &digest).expect(200);
        assert_eq!(Digest::of(digest.algorithm(), &blob.body), digest, "{repository}: a blob is damaged");
        assert_eq!(descriptor["size"], json!(blob.body.len()));
    }
    for descriptor in manifest["manifests"].as_array().unwrap_or(&Vec::new()) {
        intact_manifest(client, repository, descriptor["digest"].as_str().unwrap());
    }
}
