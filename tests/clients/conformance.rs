//! The OCI distribution specification's own suite, with everything on that can be.

use std::fs;

use chartroom_test_support::{JunitReport, Peer};

use crate::server;

#[test]
fn the_specifications_own_suite_finds_nothing_to_complain_about() {
    let Some(suite) = Peer::find_optional("conformance") else { return };
    let server = server();
    let results = suite.home().join("results");
    let output = suite
        .command::<&str>(&[])
        .env("OCI_REGISTRY", server.addr().to_string())
        .env("OCI_TLS", "disabled")
        .env("OCI_VERSION", "dev")
        .env("OCI_DATA_SPARSE", "true")
        .env("OCI_RESULTS_DIR", &results)
        .output()
        .expect("the suite starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let xml = fs::read_to_string(results.join("junit.xml"));
    let xml = xml.unwrap_or_else(|error| panic!("no junit.xml: {error}: {}: {said}", output.status));
    let report = JunitReport::parse(&xml);
    let problems = report.not_passed.join("\n");
    // Skipped tests are what a registry does not do at all: the suite's exit code forgives them.
    let figures = (report.failures, report.errors, report.skipped);
    assert_eq!(figures, (0, 0, 0), "failed, errors, skipped of {}:\n{problems}", report.tests);
    assert!(report.tests > 900, "only {} tests ran", report.tests);
    assert!(output.status.success(), "{}: {said}", output.status);
}
