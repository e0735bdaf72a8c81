//! Blobs that are larger than the memory anybody should spend on them.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use chartroom_oci::{Algorithm, Digest, Digester};
use chartroom_test_support::{RandomReader, TestServer};

use crate::server;

const LENGTH: u64 = 2 << 30;

/// The most memory that the server may ever have had resident, in a build without optimisation.
const PEAK: u64 = 120 << 20;

/// A stream that is hashed while it is read.
struct Hashed<R> {
    inner: R,
    digester: Option<Digester>,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.digester.as_mut().expect("still reading").update(&buffer[..length]);
        Ok(length)
    }
}

/// A sink that only hashes.
struct Sum(Digester, u64);

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        self.1 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[expect(clippy::print_stderr, reason = "the figures are asked for")]
fn report(server: &TestServer, what: &str, began: Instant) -> Instant {
    let peak = server.peak_memory();
    eprintln!(
        "2 GiB {what}: {:.1} s, server's peak memory {:.1} MiB",
        began.elapsed().as_secs_f64(),
        peak as f64 / 1048576.0
    );
    assert!(peak < PEAK, "{what}: peak memory of {peak} bytes");
    Instant::now()
}

/// Streams one PATCH without a length, ends it by its digest, then reads all of it back.
#[test]
fn two_gibibytes_are_streamed_in_and_out_in_bounded_memory() {
    let server = server();
    let client = server.client().with_timeout(Duration::from_secs(120));
    let began = Instant::now();
    let location = client.begin_upload("large");
    let mut source =
        Hashed { inner: RandomReader::new(1, LENGTH), digester: Some(Digester::new(Algorithm::Sha256)) };
    let patched = client.patch(&location).chunked(&mut source).send().expect(202);
    let digest = source.digester.take().expect("read to its end").finish();
    client.finish_upload(patched.location(), &digest, b"").expect(201);
    let began = report(&server, "by PATCH", began);

    let mut sum = Sum(Digester::new(Algorithm::Sha256), 0);
    let got = client.get(&format!("/v2/large/blobs/{digest}")).send_into(&mut sum).expect(200);
    assert_eq!((got.content_length(), sum.1), (LENGTH, LENGTH));
    assert_eq!(sum.0.finish(), digest);
    let began = report(&server, "read back", began);

    // The same content by one PUT with a length, as Helm and containerd send it.
    put(&server, &digest);
    report(&server, "by PUT", began);
}

fn put(server: &TestServer, digest: &Digest) {
    let client = server.client().with_timeout(Duration::from_secs(120));
    let location = client.begin_upload("again");
    let target = chartroom_test_support::with_query(&location, "digest", &digest.to_string());
    let put = client.put(&target).reader(LENGTH, RandomReader::new(1, LENGTH)).send();
    put.expect(201);
    let target = format!("/v2/again/blobs/{digest}");
    assert_eq!(client.head(&target).send().expect(200).content_length(), LENGTH);
    let range = format!("bytes={}-{}", LENGTH - 100, LENGTH - 1);
    let end = client.get(&target).header("Range", range).send().expect(206).body;
    let mut expected = Vec::new();
    RandomReader::new(1, LENGTH).from(LENGTH - 100).read_to_end(&mut expected).expect("random bytes");
    assert_eq!(end, expected);
}
