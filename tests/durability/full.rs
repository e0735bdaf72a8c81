//! A full disk: writers are told, readers are not bothered, and when there is room again all is
//! well.

use std::time::Duration;

use chartroom_oci::Digest;
use chartroom_test_support::{
    ChartBuilder, Client, OCI_MANIFEST, Random, Response, TestServer, eventually, with_query,
};

use crate::ledger::{all_visible_is_whole, intact_manifest};
use crate::scratch::Scratch;
use crate::{builder, is_clean};

fn small_disk() -> Option<(Scratch, TestServer)> {
    let Some(scratch) = Scratch::mount(24) else {
        chartroom_test_support::skipped(
            "needs unshare and nsenter, and to be allowed to mount a tmpfs in a namespace",
        );
        return None;
    };
    let server = builder().launcher(scratch.launcher()).data(scratch.inside().join("data")).start();
    Some((scratch, server))
}

/// A refusal for want of room, or nothing at all.
#[track_caller]
fn is_refusal(answer: &Response) -> bool {
    match answer.status {
        201 | 202 | 204 => false,
        507 => {
            assert!(!answer.error_codes().is_empty(), "{}", answer.describe());
            true
        }
        _ => panic!("neither done nor 507: {}", answer.describe()),
    }
}

/// Pushes a blob in one of the ways there are; `true` if it was refused for want of room.
fn push(client: &Client, way: u64, content: &[u8]) -> bool {
    let digest = Digest::sha256(content);
    let target = with_query("/v2/charts/full/blobs/uploads/", "digest", &digest.to_string());
    if way.is_multiple_of(3) {
        return is_refusal(&client.post(&target).body(content).send());
    }
    let begun = client.post("/v2/charts/full/blobs/uploads/").send();
    if is_refusal(&begun) {
        return true;
    }
    let target = with_query(begun.location(), "digest", &digest.to_string());
    if way % 3 == 1 {
        return is_refusal(&client.put(&target).body(content).send());
    }
    is_refusal(&client.patch(begun.location()).body(content).send())
        || is_refusal(&client.put(&target).send())
}

#[test]
fn a_full_disk_stops_writers_and_nobody_else() {
    let Some((scratch, mut server)) = small_disk() else { return };
    let client = server.client();
    let charts = (0..5)
        .map(|number| ChartBuilder::new("full", &format!("1.0.{number}")).padding(20_000).build())
        .collect::<Vec<_>>();
    for chart in &charts {
        chart.push(&client, "charts/full");
    }
    scratch.fill(0);

    let mut random = Random::seeded(1);
    let mut refused = 0;
    for way in 0..12 {
        refused += u32::from(push(&client, way, &random.bytes(300_000)));
    }
    assert_eq!(refused, 12, "blobs were taken by a full disk");
    // Metadata alone: there may be room left in the catalog's own file, or not.
    for number in 0..50 {
        let put =
            client.put_manifest("charts/full", &format!("tag-{number}"), OCI_MANIFEST, &charts[0].manifest);
        is_refusal(&put);
    }
    let readable = |client: &Client| {
        for chart in &charts {
            intact_manifest(client, "charts/full", &chart.tag());
        }
        all_visible_is_whole(client);
        client.get("/v2/_catalog").send().expect(200);
        client.get("/api/v1/charts/charts/full").send().expect(200);
        client.get("/healthz").send().expect(200);
    };
    readable(&client);

    scratch.release();
    let content = random.bytes(300_000);
    eventually("pushes work again", Duration::from_secs(10), || (!push(&client, 0, &content)).then_some(()));
    for way in 0..6 {
        assert!(!push(&client, way, &random.bytes(300_000)), "refused although there is room");
    }
    ChartBuilder::new("full", "2.0.0").padding(20_000).build().push(&client, "charts/full");
    client.get("/readyz").send().expect(200);
    readable(&client);
    server.restart();
    readable(&server.client());
    intact_manifest(&server.client(), "charts/full", "2.0.0");
    is_clean(&mut server);
}

#[test]
fn a_disk_that_fills_up_in_the_middle_of_things_loses_nothing() {
    let Some((scratch, mut server)) = small_disk() else { return };
    let client = server.client();
    let mut random = Random::seeded(2);
    let mut pushed = vec![ChartBuilder::new("full", "1.0.0").build()];
    pushed[0].push(&client, "charts/full");
    // Room for some more, not for all: each time the last write fails at another place.
    for round in 0..6_u32 {
        scratch.fill(u64::from(round) * 70_000 + 30_000);
        loop {
            let number = pushed.len();
            let chart = ChartBuilder::new("full", &format!("2.{round}.{number}")).padding(15_000).build();
            if chart.blobs().any(|blob| push(&client, random.below(3), blob)) {
                break;
            }
            let put = client.put_manifest("charts/full", &chart.tag(), OCI_MANIFEST, &chart.manifest);
            if is_refusal(&put) {
                break;
            }
            pushed.push(chart);
        }
        for chart in &pushed {
            intact_manifest(&client, "charts/full", &chart.tag());
        }
        assert_eq!(client.tags("charts/full").len(), pushed.len());
        scratch.release();
    }
    assert!(pushed.len() > 6, "only {} charts", pushed.len());
    server.restart();
    let client = server.client();
    for chart in &pushed {
        intact_manifest(&client, "charts/full", &chart.tag());
    }
    all_visible_is_whole(&client);
    is_clean(&mut server);
}

#[test]
fn an_upload_that_met_a_full_disk_can_go_on_when_there_is_room() {
    let Some((scratch, mut server)) = small_disk() else { return };
    let client = server.client();
    let content = Random::seeded(3).bytes(3_000_000);
    let location = client.begin_upload("charts/full");
    let location = client.patch(&location).body(&content[..500_000]).send().expect(202).location().to_owned();
    scratch.fill(200_000);
    assert!(is_refusal(&client.patch(&location).body(&content[500_000..]).send()));
    scratch.release();
    let status = client.get(&location).send().expect(204);
    let end = status.need("Range").trim_start_matches("0-").parse::<usize>().unwrap();
    assert!(end + 1 >= 500_000, "acknowledged bytes are gone: {end}");
    let digest = Digest::sha256(&content);
    client.finish_upload(&location, &digest, &content[end + 1..]).expect(201);
    assert_eq!(client.blob("charts/full", &digest).expect(200).body, content);
    is_clean(&mut server);
}
