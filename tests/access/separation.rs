//! Nobody gets at what is another's, by whatever way: blobs, uploads, tags, listings.

use chartroom_test_support::{Image, OCI_MANIFEST};

use crate::accounts::{Caller, Office};

const RULES: &str = r#"
[auth]
[[access]]
who = ["user:anna"]
repositories = ["anna/**", "both/**"]
actions = ["pull", "push", "overwrite", "delete"]
[[access]]
who = ["user:bob"]
repositories = ["bob/**", "both/**"]
actions = ["pull", "push"]
[[access]]
who = ["user:reader"]
repositories = ["**"]
actions = ["pull"]
"#;

struct Setup {
    _office: Office,
    server: chartroom_test_support::TestServer,
    anna: Caller,
    bob: Caller,
    reader: Caller,
}

fn setup() -> Setup {
    let office = Office::new();
    let [anna, bob, reader] =
        ["anna", "bob", "reader"].map(|name| Caller::basic(name, &office.robot(name, &[], &[])));
    let server = office.serve(RULES);
    Setup { _office: office, server, anna, bob, reader }
}

#[test]
fn a_blob_is_only_mounted_from_where_its_taker_may_read() {
    let Setup { server, anna, bob, .. } = &setup();
    let client = server.client();
    let secret = anna.push_blob(&client, "anna/app", b"secret");
    for source in ["&from=anna/app", ""] {
        let target = format!("/v2/bob/app/blobs/uploads/?mount={secret}{source}");
        // As if it was nowhere: an upload to send it by.
        bob.request(&client, "POST", &target).send().expect(202);
        bob.request(&client, "GET", &format!("/v2/bob/app/blobs/{secret}")).send().expect(404);
    }
    let shared = anna.push_blob(&client, "both/app", b"shared");
    let target = format!("/v2/bob/app/blobs/uploads/?mount={shared}&from=both/app");
    bob.request(&client, "POST", &target).send().expect(201);
    let body = bob.request(&client, "GET", &format!("/v2/bob/app/blobs/{shared}")).send().expect(200).body;
    assert_eq!(body, b"shared");
}

#[test]
fn an_upload_belongs_to_whoever_began_it() {
    let Setup { server, anna, bob, .. } = &setup();
    let client = server.client();
    let begun = anna.request(&client, "POST", "/v2/both/app/blobs/uploads/").send().expect(202);
    let location = begun.location().to_owned();
    for method in ["GET", "PATCH", "DELETE"] {
        bob.request(&client, method, &location).body(b"x").send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    }
    let digest = chartroom_oci::Digest::sha256(b"mine");
    bob.request(&client, "PUT", &format!("{location}?digest={digest}"))
        .body(b"mine")
        .send()
        .expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    anna.request(&client, "PATCH", &location).body(b"mine").send().expect(202);
    // Also once it has a row of its own.
    bob.request(&client, "GET", &location).send().expect_error(404, &["BLOB_UPLOAD_UNKNOWN"]);
    anna.request(&client, "PUT", &format!("{location}?digest={digest}")).send().expect(201);
}

#[test]
fn whoever_may_add_may_not_overwrite_by_any_way() {
    let Setup { server, anna, bob, .. } = &setup();
    let client = server.client();
    let (first, second) = (Image::of("first"), Image::of("second"));
    for image in [&first, &second] {
        for blob in image.blobs() {
            anna.push_blob(&client, "both/app", blob);
        }
    }
    let put = |caller: &Caller, reference: &str, image: &Image| {
        caller
            .request(&client, "PUT", &format!("/v2/both/app/manifests/{reference}"))
            .content_type(OCI_MANIFEST)
            .body(&image.manifest)
            .send()
    };
    put(bob, "v1", &first).expect(201);
    put(bob, "v1", &first).expect(201);
    put(bob, "v2", &second).expect(201);
    put(bob, "v1", &second).expect_error(403, &["DENIED"]);
    put(bob, &format!("{}?tag=v1", second.digest()), &second).expect_error(403, &["DENIED"]);
    put(bob, &format!("{}?tag=v3&tag=v1", second.digest()), &second).expect_error(403, &["DENIED"]);
    for path in ["manifests/v1".to_owned(), format!("manifests/{}", first.digest())] {
        bob.request(&client, "DELETE", &format!("/v2/both/app/{path}")).send().expect_error(403, &["DENIED"]);
    }
    let now = anna.request(&client, "GET", "/v2/both/app/manifests/v1").send().expect(200);
    assert_eq!(now.digest(), first.digest());
    anna.request(&client, "GET", "/v2/both/app/manifests/v3").send().expect(404);
    put(anna, "v1", &second).expect(201);
    anna.request(&client, "DELETE", "/v2/both/app/manifests/v1").send().expect(202);
}

#[test]
fn a_listing_shows_what_its_reader_may_see_and_no_trace_of_the_rest() {
    let Setup { server, anna, bob, reader, .. } = &setup();
    let client = server.client();
    let image = Image::of("x");
    for (caller, repository) in [(anna, "anna/a"), (anna, "both/b"), (bob, "bob/c"), (bob, "both/d")] {
        for blob in image.blobs() {
            caller.push_blob(&client, repository, blob);
        }
        caller
            .request(&client, "PUT", &format!("/v2/{repository}/manifests/v1"))
            .content_type(OCI_MANIFEST)
            .body(&image.manifest)
            .send()
            .expect(201);
    }
    let listed = |caller: &Caller, size: usize| {
        let mut found = Vec::new();
        let mut next = Some(format!("/v2/_catalog?n={size}"));
        while let Some(path) = next {
            let answer = caller.request(&client, "GET", &path).send().expect(200);
            let link = answer.header("Link").map(str::to_owned);
            next = link.and_then(|link| Some(link.strip_prefix('<')?.split_once('>')?.0.to_owned()));
            let page = answer.json()["repositories"].as_array().unwrap().clone();
            assert!(next.is_none() || page.len() == size, "a page is full, or the last");
            found.extend(page.iter().map(|name| name.as_str().unwrap().to_owned()));
        }
        found
    };
    for size in [1, 2, 100] {
        assert_eq!(listed(anna, size), ["anna/a", "both/b", "both/d"]);
        assert_eq!(listed(bob, size), ["bob/c", "both/b", "both/d"]);
        assert_eq!(listed(reader, size), ["anna/a", "bob/c", "both/b", "both/d"]);
        let nobody = Caller::anonymous().with_scope(&client, "registry:catalog:*");
        assert_eq!(listed(&nobody, size), Vec::<String>::new());
        client.get("/v2/_catalog").send().expect(401);
    }
}

#[test]
fn what_exists_can_not_be_told_from_what_does_not() {
    let Setup { server, anna, bob, .. } = &setup();
    let client = server.client();
    let blob = anna.push_blob(&client, "anna/app", b"secret");
    let nowhere = crate::nowhere();
    let ask = |caller: &Caller, method: &str, path: &str| {
        let answer = caller.request(&client, method, path).send();
        let headers = answer.headers("WWW-Authenticate").join("\n");
        (answer.status, headers, answer.text())
    };
    for caller in [bob, &Caller::anonymous()] {
        for method in ["GET", "DELETE"] {
            let there = ask(caller, method, &format!("/v2/anna/app/blobs/{blob}"));
            let missing = ask(caller, method, &format!("/v2/anna/app/blobs/{nowhere}"));
            assert_eq!(there, missing);
            let (status, challenge, text) = ask(caller, method, &format!("/v2/anna/none/blobs/{nowhere}"));
            let same = |text: String| text.replace("anna/none", "anna/app");
            assert_eq!(there, (status, same(challenge), same(text)));
        }
    }
    // Whoever may push is told that there is nothing yet.
    anna.request(&client, "HEAD", "/v2/anna/new/manifests/v1").send().expect(404);
    anna.request(&client, "HEAD", &format!("/v2/anna/new/blobs/{nowhere}")).send().expect(404);
}
