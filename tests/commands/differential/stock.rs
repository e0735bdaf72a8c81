//! What lies at each desk, and what is in each registry.

use chartroom_test_support::{ChartBuilder, Client, Image, OCI_INDEX, OCI_MANIFEST, index};

use crate::charts;
use crate::desk::Desk;

/// The versions of the chart that most cases are about.
const VERSIONS: [&str; 9] = [
    "0.9.0",
    "1.0.0",
    "1.1.0",
    "1.2.0-rc.1",
    "1.2.0",
    "1.2.3+build.5",
    "2.0.0",
    "2.1.0-beta.2",
    "2.1.0-beta.10",
];

/// Lays out charts, archives and what is none.
pub(super) fn lay_out(desk: &Desk) {
    charts::rich(desk, "webapp", "1.2.3");
    charts::plain(desk, "plain", "0.1.0", "image:\n  tag: \"7\"\nlist: [1, 2]\n");
    charts::plain(desk, "Upper", "1.0.0", "");
    charts::plain(desk, "lenient", "v1.2", "");
    charts::plain(desk, "number", "8", "");
    charts::plain(desk, "bad-version", "not.a.version", "");
    charts::plain(desk, "build", "1.0.0+a.1", "");
    let chart = |folder: &str, text: &str| {
        desk.write(&format!("{folder}/Chart.yaml"), text);
        desk.set_modified(&format!("{folder}/Chart.yaml"), charts::MODIFIED);
    };
    chart("nameless", "apiVersion: v2\nversion: 1.0.0\n");
    chart("versionless", "apiVersion: v2\nname: versionless\n");
    chart("apiless", "name: apiless\nversion: 1.0.0\n");
    chart("v1", "apiVersion: v1\nname: v1\nversion: 1.0.0\n");
    chart("v3", "apiVersion: v3\nname: v3\nversion: 1.0.0\n");
    chart("odd-type", "apiVersion: v2\nname: odd-type\nversion: 1.0.0\ntype: plugin\n");
    chart("unparsable", "apiVersion: v2\nname: [\n");
    chart(
        "needy",
        "apiVersion: v2\nname: needy\nversion: 1.0.0\ndependencies:\n- name: lost\n  version: 1.0.0\n  repository: oci://example.com/charts\n",
    );
    chart("other-name", "apiVersion: v2\nname: something-else\nversion: 1.0.0\n");
    desk.write("no-chart/values.yaml", "a: 1\n");
    desk.write("bad-values/Chart.yaml", "apiVersion: v2\nname: bad-values\nversion: 1.0.0\n");
    desk.write("bad-values/values.yaml", "a: [\n");
    desk.write("ignorant/Chart.yaml", "apiVersion: v2\nname: ignorant\nversion: 1.0.0\n");
    desk.write("ignorant/.helmignore", "**/x\n");
    desk.folder("empty");
    desk.folder("out");
    desk.write("junk.tgz", "no gzip at all");
    desk.write("empty.tgz", "");
    desk.write("values.yaml", "a: 1\n");
    for (file, builder) in [
        ("demo-1.0.0.tgz", ChartBuilder::new("demo", "1.0.0")),
        ("renamed.tgz", ChartBuilder::new("demo", "1.1.0")),
        ("build-1.2.3+build.5.tgz", ChartBuilder::new("build", "1.2.3+build.5")),
        ("lenient-v1.2.tgz", ChartBuilder::new("lenient", "v1.2")),
        ("Upper-1.0.0.tgz", ChartBuilder::new("Upper", "1.0.0")),
        ("signed-1.0.0.tgz", ChartBuilder::new("signed", "1.0.0").provenance()),
    ] {
        let chart = builder.build();
        desk.write(file, &chart.archive);
        desk.set_modified(file, charts::MODIFIED);
        if let Some(provenance) = &chart.provenance {
            desk.write(&format!("{file}.prov"), provenance);
        }
    }
}

/// Fills a registry.
pub(super) fn fill(client: &Client) {
    for version in VERSIONS {
        ChartBuilder::new("demo", version).build().push(client, "charts/demo");
    }
    for version in ["v3.0.0", "1.4", "1.0.0"] {
        ChartBuilder::new("lenient", version).build().push(client, "charts/lenient");
    }
    let chart = ChartBuilder::new("tagged", "1.0.0").build();
    chart.push_blobs(client, "charts/tagged");
    for tag in ["stable", "latest", "v1.2.3"] {
        client.put_manifest("charts/tagged", tag, OCI_MANIFEST, &chart.manifest).expect(201);
    }
    ChartBuilder::new("signed", "1.0.0").provenance().build().push(client, "charts/signed");
    ChartBuilder::new("a_b", "1.0.0").build().push(client, "charts/a_b");
    client.push_image("charts/image", "1.0.0", &Image::of("no chart"));
    let listed = ChartBuilder::new("listed", "1.0.0").build();
    listed.push(client, "charts/listed");
    let image = Image::of("beside a chart");
    client.push_image("charts/listed", "image", &image);
    let both = index(&[image.descriptor(), listed.descriptor()]);
    client.put_manifest("charts/listed", "3.0.0", OCI_INDEX, &both).expect(201);
    let altered = |name: &str, alter: &dyn Fn(&mut serde_json::Value)| {
        let chart = ChartBuilder::new(name, "1.0.0").build();
        let repository = format!("charts/{name}");
        chart.push_blobs(client, &repository);
        let other = client.push_blob(&repository, b"something else");
        let mut manifest = serde_json::from_slice::<serde_json::Value>(&chart.manifest).unwrap();
        let mut layer = manifest["layers"][0].clone();
        layer["mediaType"] = "application/vnd.example.other".into();
        layer["digest"] = other.to_string().into();
        layer["size"] = 14.into();
        manifest["layers"].as_array_mut().unwrap().push(layer);
        alter(&mut manifest);
        client.put_manifest(&repository, "1.0.0", OCI_MANIFEST, manifest.to_string().as_bytes()).expect(201);
    };
    altered("extra", &|_| {});
    altered("layerless", &|manifest| drop(manifest["layers"].as_array_mut().unwrap().remove(0)));
    altered("legacy", &|manifest| manifest["layers"][0]["mediaType"] = "application/tar+gzip".into());
}
