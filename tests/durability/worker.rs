//! A client that pushes, moves tags and deletes until the server is gone, and remembers what it
//! was told.

use std::io;
use std::sync::mpsc::Sender;

use chartroom_oci::Digest;
use chartroom_test_support::{Chart, ChartBuilder, Client, OCI_MANIFEST, Random, Response, with_query};

use crate::ledger::{Ledger, Unfinished};

/// One writer, with a repository of its own.
pub(crate) struct Worker {
    pub(crate) repository: String,
    pub(crate) ledger: Ledger,
    random: Random,
    charts: u64,
}

impl Worker {
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        Self {
            repository: format!("charts/{name}"),
            ledger: Ledger::default(),
            random: Random::seeded(seed),
            charts: 0,
        }
    }

    /// Works until the connection breaks. Says on `acknowledged` whenever something was.
    pub(crate) fn work(&mut self, client: &Client, acknowledged: &Sender<()>) {
        while self.step(client, acknowledged).is_ok() {}
    }

    fn step(&mut self, client: &Client, acknowledged: &Sender<()>) -> io::Result<()> {
        match self.random.below(10) {
            0..4 => self.push_chart(client, acknowledged)?,
            4..6 => self.push_blob(client)?,
            6..8 => self.push_in_chunks(client, acknowledged)?,
            8 => self.move_a_tag(client)?,
            _ => self.delete_a_tag(client)?,
        }
        let _ = acknowledged.send(());
        Ok(())
    }

    fn push_chart(&mut self, client: &Client, acknowledged: &Sender<()>) -> io::Result<()> {
        let name = self.repository.rsplit('/').next().unwrap_or_default().to_owned();
        self.charts += 1;
        let padding = usize::try_from(self.random.below(40_000)).unwrap();
        let chart = ChartBuilder::new(&name, &format!("1.0.{}", self.charts)).padding(padding);
        let chart = chart.field("description", self.random.number().to_string()).build();
        for blob in chart.blobs() {
            self.upload(client, blob)?;
            let _ = acknowledged.send(());
        }
        self.put_by_digest(client, &chart)?;
        let _ = acknowledged.send(());
        self.point(client, &chart.tag(), &chart)
    }

    fn put_by_digest(&mut self, client: &Client, chart: &Chart) -> io::Result<()> {
        let digest = chart.digests().manifest;
        let target = format!("/v2/{}/manifests/{digest}", self.repository);
        let put = client.put(&target).content_type(OCI_MANIFEST).body(&chart.manifest).try_send()?;
        put.expect(201);
        self.ledger.manifests.push(digest);
        Ok(())
    }

    /// Points a tag at a chart that has been pushed.
    fn point(&mut self, client: &Client, tag: &str, chart: &Chart) -> io::Result<()> {
        let digest = chart.digests().manifest;
        self.change(tag, Some(digest), |target| {
            client
                .put(target)
                .content_type(OCI_MANIFEST)
                .body(&chart.manifest)
                .try_send()
                .map(|it| it.expect(201))
        })
    }

    /// Makes a request that leaves a tag at `to`, and keeps the ledger right whatever comes of it.
    fn change(
        &mut self,
        tag: &str,
        to: Option<Digest>,
        request: impl FnOnce(&str) -> io::Result<Response>,
    ) -> io::Result<()> {
        let target = format!("/v2/{}/manifests/{tag}", self.repository);
        self.ledger.tags.entry(tag.to_owned()).or_default().in_flight = Some(to);
        request(&target)?;
        let claim = self.ledger.tags.entry(tag.to_owned()).or_default();
        claim.settled = to;
        claim.in_flight = None;
        Ok(())
    }

    fn push_blob(&mut self, client: &Client) -> io::Result<()> {
        let length = usize::try_from(self.random.below(200_000)).unwrap();
        let content = self.random.bytes(length);
        self.upload(client, &content)
    }

    fn upload(&mut self, client: &Client, content: &[u8]) -> io::Result<()> {
        let digest = Digest::sha256(content);
        let location = self.begin(client)?;
        let target = with_query(&location, "digest", &digest.to_string());
        client.put(&target).body(content).try_send()?.expect(201);
        self.ledger.blobs.push(digest);
        Ok(())
    }

    fn begin(&self, client: &Client) -> io::Result<String> {
        let begun = client.post(&format!("/v2/{}/blobs/uploads/", self.repository)).try_send()?.expect(202);
        Ok(begun.location().to_owned())
    }

    fn push_in_chunks(&mut self, client: &Client, acknowledged: &Sender<()>) -> io::Result<()> {
        let seed = self.random.number();
        let length = 100_000 + usize::try_from(self.random.below(300_000)).unwrap();
        let location = self.begin(client)?;
        let upload = Unfinished { location, seed, length, acknowledged: 0, sent: 0 };
        let content = upload.content();
        // In the ledger while it is under way, so that it is there when the server goes.
        self.ledger.uploads.push(upload);
        let chunks = 2 + usize::try_from(self.random.below(4)).unwrap();
        for chunk in content.chunks(length.div_ceil(chunks)) {
            let upload = self.ledger.uploads.last_mut().expect("pushed above");
            upload.sent += chunk.len();
            let range = format!("{}-{}", upload.acknowledged, upload.sent - 1);
            let patch = client.patch(&upload.location).header("Content-Range", range).body(chunk);
            let patched = patch.try_send()?.expect(202);
            upload.acknowledged = upload.sent;
            patched.location().clone_into(&mut upload.location);
            let _ = acknowledged.send(());
        }
        // From here on the session may be gone because the blob is there.
        let upload = self.ledger.uploads.pop().expect("pushed above");
        let digest = Digest::sha256(&content);
        let target = with_query(&upload.location, "digest", &digest.to_string());
        client.put(&target).try_send()?.expect(201);
        self.ledger.blobs.push(digest);
        Ok(())
    }

    /// Points one of a few floating tags at some chart that is there.
    fn move_a_tag(&mut self, client: &Client) -> io::Result<()> {
        let manifests = &self.ledger.manifests;
        if manifests.is_empty() {
            return Ok(());
        }
        let chosen = usize::try_from(self.random.below(manifests.len() as u64)).unwrap();
        let digest = manifests[chosen];
        let tag = ["stable", "latest", "edge"][usize::try_from(self.random.below(3)).unwrap()];
        let source = format!("/v2/{}/manifests/{digest}", self.repository);
        let manifest = client.get(&source).try_send()?.expect(200).body;
        self.change(tag, Some(digest), |target| {
            let put = client.put(target).content_type(OCI_MANIFEST).body(&manifest);
            put.try_send().map(|answer| answer.expect(201))
        })
    }

    fn delete_a_tag(&mut self, client: &Client) -> io::Result<()> {
        let there = self.ledger.tags.iter().filter(|(_, claim)| claim.settled.is_some());
        let there = there.map(|(tag, _)| tag.clone()).collect::<Vec<_>>();
        if there.is_empty() {
            return Ok(());
        }
        let tag = &there[usize::try_from(self.random.below(there.len() as u64)).unwrap()];
        self.change(tag, None, |target| client.delete(target).try_send().map(|answer| answer.expect(202)))
    }
}
