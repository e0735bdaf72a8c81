//! References as people write them, right and wrong.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;

fn location(text: &str) -> Location {
    text.parse().unwrap()
}

#[test]
fn every_part_is_found() {
    let digest = Digest::sha256(b"x");
    let all = location(&format!("oci://localhost:5000/charts/webapp:1.2.3_b@{digest}"));
    assert_eq!((all.host.name(), all.host.port()), ("localhost", Some(5000)));
    assert_eq!(all.repository.as_str(), "charts/webapp");
    assert_eq!(all.tag.as_ref().unwrap().as_str(), "1.2.3_b");
    assert_eq!(all.reference(), Some(Reference::Digest(digest)));
    assert_eq!(all.to_string(), format!("localhost:5000/charts/webapp:1.2.3_b@{digest}"));

    assert_eq!(location("oci://ghcr.io/a/b").reference(), None);
    assert_eq!(location("oci://ghcr.io/a/b/").repository.as_str(), "a/b");
    assert_eq!(location("oci://GHCR.io/a/b").host.as_str(), "ghcr.io");
    let v6 = location("oci://[2001:db8::1]:5000/a:1");
    assert_eq!((v6.host.name(), v6.host.port()), ("2001:db8::1", Some(5000)));
    assert_eq!(location("oci://[::1]/a").host.port(), None);
}

#[test]
fn docker_hub_has_several_names() {
    for (text, name, api) in [
        ("oci://docker.io/nginx", "library/nginx", "registry-1.docker.io"),
        ("oci://index.docker.io/nginx:1", "library/nginx", "registry-1.docker.io"),
        ("oci://docker.io/bitnami/nginx", "bitnami/nginx", "registry-1.docker.io"),
        ("oci://registry-1.docker.io/nginx", "nginx", "registry-1.docker.io"),
        ("oci://quay.io/nginx", "nginx", "quay.io"),
    ] {
        let location = location(text);
        assert_eq!((location.repository.as_str(), location.host.api()), (name, api), "{text}");
        assert_eq!(location.host.is_docker_hub(), api == "registry-1.docker.io");
    }
}

#[test]
fn each_mistake_has_its_own_error() {
    let error = |text: &str| text.parse::<Location>().unwrap_err();
    assert_eq!(error("localhost:5000/a"), LocationError::Scheme);
    assert_eq!(error("https://a/b"), LocationError::Scheme);
    assert_eq!(error("oci://"), LocationError::NoHost);
    assert_eq!(error("oci:///a"), LocationError::NoHost);
    assert_eq!(error("oci://user:pw@host/a"), LocationError::UserInfo);
    assert_eq!(error("oci://host"), LocationError::NoRepository);
    assert_eq!(error("oci://host/"), LocationError::NoRepository);
    for host in
        ["a:b", "a:", "a:0", "a:70000", "[::1", "[x]", "::1", "a..b", "-a", "a b", "1.2.3", "[::1]x", "ä"]
    {
        assert!(matches!(error(&format!("oci://{host}/a")), LocationError::Host(_)), "{host}");
    }
    assert!(matches!(error("oci://h/Charts/Demo"), LocationError::Repository { .. }));
    assert!(matches!(error("oci://h/a?b"), LocationError::Repository { .. }));
    assert!(matches!(error("oci://h/a:1.2.3+b"), LocationError::Tag { .. }));
    assert!(matches!(error("oci://h/a:"), LocationError::Tag { .. }));
    assert!(matches!(error("oci://h/a@sha256:00"), LocationError::Digest { .. }));
    // In Helm's words, and what would be right beside them.
    let error = error("oci://h/a:1.2.3+b");
    assert_eq!(error.to_string(), "invalid reference: invalid tag \"1.2.3+b\"");
    assert!(error.hint().is_some_and(|hint| hint.contains("begin with a letter")));
}

#[test]
fn this_machine_is_known_by_its_names() {
    for name in ["localhost", "localhost:80", "127.0.0.1:5000", "127.8.8.8", "[::1]:1"] {
        assert!(name.parse::<Host>().unwrap().is_loopback(), "{name}");
    }
    for name in ["localhost.example.com", "128.0.0.1", "[::2]", "example.com"] {
        assert!(!name.parse::<Host>().unwrap().is_loopback(), "{name}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "(oci://)?\\PC{0,60}") {
        if let Ok(location) = text.parse::<Location>() {
            let again = format!("{location:?}").parse::<Location>();
            prop_assert!(again.is_ok());
        }
    }

    #[test]
    fn what_is_printed_is_read_again(
        host in "[a-z]{1,8}(\\.[a-z]{1,3})?(:[1-9][0-9]{0,3})?",
        path in "[a-z0-9]{1,5}(/[a-z0-9]{1,5}){1,3}",
        tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9._-]{0,9}"),
        digest in proptest::option::of(any::<u8>()),
    ) {
        let digest = digest.map(|byte| Digest::sha256(&[byte]));
        let location = Location {
            host: host.parse().unwrap(),
            repository: path.parse().unwrap(),
            tag: tag.map(|tag| tag.parse().unwrap()),
            digest,
        };
        prop_assert_eq!(format!("{location:?}").parse::<Location>().unwrap(), location);
    }
}
