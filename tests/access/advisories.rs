//! The kinds of security bugs that registries and their clients have had, each with the tests that keep it
//! out of here. What is missing among those tests is below.

use std::fs;
use std::path::Path;

use chartroom_test_support::{Issuer, IssuerKey, OCI_MANIFEST, TestServer};
use serde_json::json;

use crate::accounts::{Caller, Office};

/// A kind of bug, and in which file which test is about it.
struct Class {
    bug: &'static str,
    tests: &'static [(&'static str, &'static [&'static str])],
}

const CLASSES: [Class; 15] = [
    Class {
        bug: "1: a blob is read or mounted by way of a repository that its reader may not read, or by another's upload",
        tests: &[
            (
                "tests/access/separation.rs",
                &[
                    "a_blob_is_only_mounted_from_where_its_taker_may_read",
                    "an_upload_belongs_to_whoever_began_it",
                    "what_exists_can_not_be_told_from_what_does_not",
                ],
            ),
            (
                "tests/http/blobs.rs",
                &[
                    "a_blob_is_read_only_through_a_repository_that_links_it",
                    "a_manifest_that_names_a_foreign_blob_does_not_open_it",
                    "a_deleted_blob_is_gone_at_once_and_only_there",
                ],
            ),
        ],
    },
    Class {
        bug: "2: reading without credentials, or with a scope for something else",
        tests: &[
            ("tests/access/matrix.rs", &["every_route_answers_as_the_rules_say"]),
            ("tests/access/tokens.rs", &["a_token_is_good_for_what_it_was_asked_for_and_allowed"]),
            (
                "tests/access/separation.rs",
                &["a_listing_shows_what_its_reader_may_see_and_no_trace_of_the_rest"],
            ),
        ],
    },
    Class {
        // Retention and replication, by which a version could be lost as well, are not there yet.
        bug: "3: who may add can overwrite or delete by another way",
        tests: &[
            ("tests/access/separation.rs", &["whoever_may_add_may_not_overwrite_by_any_way"]),
            (
                "tests/http/immutable.rs",
                &[
                    "a_version_can_not_be_pushed_anew_by_tag",
                    "a_version_can_not_be_pushed_anew_with_a_tag_parameter",
                    "a_version_can_not_be_deleted_by_tag_or_digest",
                    "the_blobs_of_a_version_can_not_be_deleted",
                ],
            ),
        ],
    },
    Class {
        bug: "4: what was revoked goes on to work",
        tests: &[
            (
                "tests/access/tokens.rs",
                &[
                    "what_is_revoked_is_refused_from_the_next_request_on",
                    "rules_are_read_anew_and_hold_for_tokens_from_before",
                    "a_session_goes_on_without_the_password_until_that_changes",
                ],
            ),
            ("tests/access/htpasswd.rs", &["they_get_in_and_out_as_the_file_changes"]),
        ],
    },
    Class {
        bug: "5: the client takes its credentials where a server sends it",
        tests: &[(
            "crates/registry-client/tests/registries/safety.rs",
            &[
                "a_login_is_not_sent_to_another_sites_token_service",
                "redirects_to_another_host_get_no_authorization",
                "an_upload_to_another_host_gets_no_authorization",
                "a_store_that_asks_for_a_login_gets_none",
            ],
        )],
    },
    Class {
        // There are no mirrors and no replication yet; all that a registry fetches are key sets.
        bug: "6: somebody from outside decides where the registry or the client connects to",
        tests: &[
            (
                "tests/access/advisories.rs",
                &["key_sets_are_fetched_from_nowhere_else", "foreign_layers_are_not_fetched"],
            ),
            ("tests/access/federation.rs", &["what_nobody_vouches_for_is_refused"]),
            (
                "crates/registry-client/src/site.rs",
                &["redirects_never_leave_encryption_or_enter_a_private_network"],
            ),
            ("crates/registry-client/tests/registries/lists.rs", &["a_link_to_another_host_is_refused"]),
        ],
    },
    Class {
        bug: "7: a manifest that some take for an image and others for an index",
        tests: &[(
            "tests/http/manifest_bodies.rs",
            &[
                "a_manifest_that_could_be_two_things_is_refused",
                "a_header_and_a_field_that_disagree_on_the_type_are_refused",
            ],
        )],
    },
    Class {
        bug: "8: memory without bounds",
        tests: &[
            (
                "tests/http/limits.rs",
                &["a_head_that_is_too_large_is_refused", "memory_does_not_grow_with_what_is_refused"],
            ),
            ("tests/http/manifest_bodies.rs", &["a_manifest_above_the_limit_is_too_large"]),
            ("tests/http/catalog.rs", &["repositories_are_listed_in_ascii_order_and_in_pages"]),
            ("tests/access/tokens.rs", &["forms_that_make_no_sense_are_refused"]),
            ("crates/access/src/throttle.rs", &["what_is_remembered_is_bounded"]),
        ],
    },
    Class {
        bug: "9: a signed token is believed for the wrong reasons",
        tests: &[
            ("tests/access/federation.rs", &["what_nobody_vouches_for_is_refused"]),
            ("tests/access/external.rs", &["its_tokens_say_what_they_are_good_for"]),
            ("crates/access/src/signed.rs", &["what_we_did_not_sign_is_refused"]),
        ],
    },
    Class {
        bug: "10: names in charts and archives become paths",
        tests: &[
            (
                "crates/chart/tests/archive.rs",
                &[
                    "entries_that_no_chart_needs_are_refused_by_name",
                    "files_are_written_below_the_chart_only",
                ],
            ),
            ("tests/http/paths.rs", &["encoded_slashes_and_dots_lead_nowhere_else"]),
            (
                "tests/http/names.rs",
                &[
                    "a_malformed_repository_name_is_refused_by_every_endpoint",
                    "a_malformed_tag_is_never_stored",
                ],
            ),
        ],
    },
    Class {
        bug: "11: something small that becomes huge, or that is fetched, when it is read",
        tests: &[
            (
                "crates/chart/tests/archive.rs",
                &["bombs_stop_early", "nested_archives_share_the_limits", "aliases_share_the_limits"],
            ),
            (
                "tests/http/hostile_charts.rs",
                &[
                    "an_archive_that_is_a_bomb_is_never_opened",
                    "deep_metadata_that_nobody_asks_for_is_passed_over",
                ],
            ),
            (
                "crates/render/tests/values/schema_limits.rs",
                &["nothing_is_fetched", "deep_schemas_and_values_end"],
            ),
            ("tests/corpora/main.rs", &["archives", "yaml", "indexes", "provenance_files"]),
        ],
    },
    Class {
        // There is no web interface, no cookie and no redirect; what is left is a browser at the API.
        bug: "12: a browser runs what somebody has pushed, or is used against its owner",
        tests: &[("tests/access/advisories.rs", &["a_browser_runs_nothing_that_was_pushed"])],
    },
    Class {
        // Beside these, every server that any test starts has its logs searched when it ends.
        bug: "13: secrets in logs",
        tests: &[
            ("tests/access/secrets.rs", &["no_credential_is_in_any_log"]),
            (
                "crates/test-support/src/server.rs",
                &["a_server_that_logs_a_secret_fails_the_test", "the_log_before_a_restart_counts_too"],
            ),
            (
                "tests/commands/network.rs",
                &["debug_shows_the_requests_and_no_password", "debug_shows_no_token"],
            ),
            ("crates/registry-client/src/credential.rs", &["no_way_of_printing_shows_a_secret"]),
        ],
    },
    Class {
        bug: "14: a password that everybody knows",
        tests: &[("tests/access/commands.rs", &["a_registry_without_users_says_how_to_add_one"])],
    },
    Class {
        bug: "15: a mistake in the configuration opens the door",
        tests: &[
            ("tests/access/commands.rs", &["settings_that_contradict_each_other_stop_the_start"]),
            ("tests/access/tokens.rs", &["rules_are_read_anew_and_hold_for_tokens_from_before"]),
        ],
    },
];

#[test]
fn the_tests_of_each_class_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (number, Class { bug, tests }) in CLASSES.iter().enumerate() {
        assert!(bug.starts_with(&format!("{}: ", number + 1)) && !tests.is_empty(), "{bug}");
        for (file, names) in *tests {
            let text = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            for name in *names {
                // As a function without parameters, and not only by name, as it is here.
                assert!(text.contains(&format!("fn {name}()")), "{bug}: {name} is not in {file}");
            }
        }
    }
}

#[test]
fn key_sets_are_fetched_from_nowhere_else() {
    let office = Office::new();
    let issuer = Issuer::start(IssuerKey::ecdsa("first"));
    let inside = Issuer::start(IssuerKey::ecdsa("first"));
    issuer.move_keys(&format!("{}/keys", inside.url()));
    let server = office.serve(&format!(
        "[[auth.issuer]]\nname = \"ci\"\nissuer = \"{}\"\naudience = \"here\"\n",
        issuer.url()
    ));
    let client = server.client();
    // Its own, and one of whoever it sends us to.
    let claims = issuer.claims("here", &json!({}));
    for key in [issuer.key(), inside.key()] {
        let token = key.sign(&key.header(), &claims);
        let answer = Caller::bearer(&token).request(&client, "GET", "/v2/").send();
        assert_eq!(answer.status, 503, "{}", answer.describe());
    }
    assert_eq!((issuer.fetched(), inside.fetched()), (0, 0), "a redirect is not followed");
}

#[test]
fn foreign_layers_are_not_fetched() {
    let inside = Issuer::start(IssuerKey::ecdsa("first"));
    let server = TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).start();
    let client = server.client();
    let config = client.push_blob("app", b"{}");
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": config.to_string(), "size": 2 },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            "digest": crate::nowhere(),
            "size": 15,
            "urls": [format!("{}/keys", inside.url())],
        }],
    });
    client.put_manifest("app", "v1", OCI_MANIFEST, manifest.to_string().as_bytes()).expect(201);
    client.manifest("app", "v1").expect(200);
    client.get(&format!("/v2/app/blobs/{}", crate::nowhere())).send().expect(404);
    assert_eq!(inside.fetched(), 0);
}

#[test]
fn a_browser_runs_nothing_that_was_pushed() {
    let server = TestServer::builder(env!("CARGO_BIN_EXE_chartroom")).start();
    let client = server.client();
    let script = "<script>alert(document.domain)</script>";
    let manifest = json!({ "schemaVersion": 2, "annotations": { "a": script } }).to_string();
    for (tag, media_type) in [("a", "text/html"), ("b", "image/svg+xml"), ("c", "application/xhtml+xml")] {
        client.put_manifest("app", tag, media_type, manifest.as_bytes()).expect(201);
        for _ in ["from the catalog", "from memory"] {
            let page = client.manifest("app", tag).expect(200);
            assert_eq!(page.body, manifest.as_bytes());
            assert_eq!(page.need("Content-Security-Policy"), "default-src 'none'; sandbox", "{media_type}");
            assert_eq!(page.need("X-Content-Type-Options"), "nosniff", "{media_type}");
        }
    }
    // A blob is bytes, whatever it looks like, and errors and listings are JSON.
    let digest = client.push_blob("app", script.as_bytes());
    let blob = client.blob("app", &digest).expect(200);
    assert_eq!(blob.need("Content-Type"), "application/octet-stream");
    let odd = "/v2/app/tags/list?last=%3Cscript%3E";
    for path in [odd, "/v2/%3Cscript%3E/tags/list", "/v2/_catalog", "/api/v1/charts", "/%3Cscript%3E"] {
        assert_eq!(client.get(path).send().need("Content-Type"), "application/json", "{path}");
    }
    // Nobody else's page may read answers, with or without the credentials that the browser remembers.
    for path in ["/", "/v2/", "/v2/_catalog", "/token", "/api/v1/charts", "/v2/app/manifests/a"] {
        for method in ["GET", "OPTIONS"] {
            let request = client.request(method, path).header("Origin", "https://evil.example.com");
            let answer = request.header("Access-Control-Request-Method", "DELETE").send();
            assert!(answer.headers("Access-Control-Allow-Origin").is_empty(), "{method} {path}");
            assert!(answer.headers("Set-Cookie").is_empty(), "{method} {path}");
        }
    }
}
