//! What the fuzz targets do with bytes from outside. Each function must return, for any input;
//! where an input is accepted, what was read must hold together.

use std::rc::Rc;

use chartroom_chart::{
    Chart, ChartFile, Constraint, Limits, Metadata, Version, looks_like_version, read_archive,
};
use chartroom_chart_repository::{Index, Query, Search, address};
use chartroom_gotemplate::{
    Body, CallError, Exec, Function, Limits as TemplateLimits, Map, MissingKey, Signature, TemplateSet, Type,
    Value, format,
};
use chartroom_oci::{Digest, Kind, Manifest, MediaType, Reference, RepositoryName, Tag};
use chartroom_provenance::{Checksums, Cleartext, Keyring, Signer, keyblocks, verify};
use chartroom_server::Route;

/// A manifest as it is pushed, without and with a content type.
pub(crate) fn manifest(bytes: &[u8]) {
    for header in
        [None, Some(MediaType::OCI_MANIFEST), Some(MediaType::OCI_INDEX), Some(MediaType::DOCKER_LIST)]
    {
        if let Ok(manifest) = Manifest::parse(header.as_ref(), bytes) {
            assert!(header.is_none_or(|header| header == manifest.media_type));
            assert!(
                manifest.kind == Kind::Other || manifest.layers.is_empty() || manifest.manifests.is_empty()
            );
            assert!(manifest.blobs().count() <= manifest.layers.len() + 1);
        }
    }
}

/// Everything that names something.
pub(crate) fn names(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
    }
    if let Ok(name) = text.parse::<RepositoryName>() {
        assert!(name.as_str() == text && !text.contains("..") && !text.starts_with('/'));
    }
    if let Ok(tag) = text.parse::<Tag>() {
        assert!(tag.as_str() == text && !text.contains('/'));
        if let Ok(version) = Version::from_tag(text) {
            assert_eq!(version.to_tag(), text);
        }
        looks_like_version(text);
    }
    if let Ok(reference) = text.parse::<Reference>() {
        assert_eq!(reference.to_string(), text);
    }
    if let Ok(media_type) = MediaType::from_content_type(text) {
        assert!(media_type.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

/// A request path.
pub(crate) fn route(bytes: &[u8]) {
    if let Ok(path) = std::str::from_utf8(bytes)
        && let Ok(route) = Route::parse(path)
    {
        assert!(!route.methods().is_empty() && route.template().starts_with('/'));
    }
}

/// The config of a chart.
pub(crate) fn metadata(bytes: &[u8]) {
    if let Ok(metadata) = Metadata::from_config(bytes) {
        assert!(!metadata.name.is_empty() && !metadata.version.is_empty());
    }
}

/// A chart's archive, and all that is read of it.
pub(crate) fn archive(bytes: &[u8]) {
    let limits = Limits { total: 1 << 20, entries: 1000, ..Limits::untrusted() };
    if let Ok(files) = read_archive(bytes, &limits) {
        for file in &files {
            let safe = !file.name.starts_with('/')
                && file.name.split('/').all(|part| part != ".." && !part.is_empty());
            assert!(safe, "{:?}", file.name);
        }
        assert!(files.iter().map(|file| file.data.len()).sum::<usize>() <= 1 << 20);
    }
    if let Ok(chart) = Chart::from_archive(bytes, &limits) {
        assert!(!chart.name().is_empty());
    }
}

/// YAML, and what is written of it again.
pub(crate) fn yaml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(value) = chartroom_goyaml::decode(text)
        && let Ok(again) = chartroom_goyaml::encode(&value)
    {
        assert!(again.ends_with(['\n', '\u{2028}', '\u{2029}']), "{again:?}");
    }
    if let Ok(chart) = ChartFile::parse(bytes) {
        assert!(!chart.name.is_empty());
    }
}

/// A range of versions.
pub(crate) fn constraint(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(range) = text.parse::<Constraint>()
        && let Ok(version) = "1.2.3-rc.1+b".parse::<Version>()
    {
        range.matches(&version);
    }
}

/// A template, executed on some data with functions that nest and change it; and the same bytes as a
/// format.
pub(crate) fn gotemplate(bytes: &[u8]) {
    let limits = TemplateLimits { steps: 10_000, output: 1 << 16, ..TemplateLimits::default() };
    let data = Value::map([
        ("s", Value::from("text")),
        ("n", Value::Nil),
        ("i", Value::int(3)),
        ("f", Value::Float(1.5)),
        ("l", Value::list(vec![Value::int(1), Value::Nil, "b".into()])),
        ("m", Value::map([("a", Value::from("b")), ("n", Value::Nil)])),
        ("z", Value::Map(Map::nil(Type::String))),
    ]);
    for missing_key in [MissingKey::Zero, MissingKey::Default, MissingKey::Error] {
        let mut set = TemplateSet::new("gotpl", missing_key, template_functions());
        if set.parse("t", bytes).is_ok()
            && let Ok(out) = set.execute("t", data.clone(), &limits)
        {
            assert!(out.len() <= 1 << 16);
        }
    }
    let operands = [Value::int(-7), "é".into(), Value::Float(0.1), data];
    assert_eq!(format::sprintf(bytes, &[]), format::sprintf(bytes, &[]));
    format::sprintf(bytes, &operands);
}

fn template_functions() -> [Function; 5] {
    let variadic = |result| Signature::variadic([Type::Any], result);
    let pair = |result| Signature::new([Type::String, Type::Any], result);
    let bad = || CallError::new("arguments");
    [
        Function {
            name: "list",
            signature: variadic(Type::list()),
            body: Body::Pure(|arguments| Ok(Value::list(arguments.to_vec()))),
        },
        Function {
            name: "dict",
            signature: variadic(Type::map()),
            body: Body::Pure(|arguments| {
                let pairs =
                    arguments.chunks_exact(2).map(|pair| (format::display(&pair[0]), pair[1].clone()));
                Ok(Value::map(pairs))
            }),
        },
        Function {
            name: "set",
            signature: Signature::new([Type::map(), Type::String, Type::Any], Type::map()),
            body: Body::Pure(|arguments| {
                if let [Value::Map(map), Value::String(key), value] = arguments {
                    map.insert(key.clone(), value.clone());
                }
                Ok(arguments[0].clone())
            }),
        },
        Function {
            name: "include",
            signature: pair(Type::String),
            body: Body::Executor(Rc::new(move |exec: &mut Exec<'_>, arguments: &[Value]| {
                let [Value::String(name), data] = arguments else { return Err(bad()) };
                Ok(Value::String(exec.execute(name, data.clone())?.into()))
            })),
        },
        Function {
            name: "tpl",
            signature: pair(Type::String),
            body: Body::Executor(Rc::new(move |exec: &mut Exec<'_>, arguments: &[Value]| {
                let [Value::String(source), data] = arguments else { return Err(bad()) };
                let mut set = exec.templates().clone();
                set.parse("tpl", source.clone()).map_err(|error| CallError::new(error.to_string()))?;
                Ok(Value::String(exec.execute_in(&set, "tpl", data.clone())?.into()))
            })),
        },
    ]
}

/// The index of a classic repository, and what is done with it.
pub(crate) fn index(bytes: &[u8]) {
    let Ok(read) = Index::read(bytes) else { return };
    let index = read.index;
    if let Ok(any) = "*".parse::<Constraint>() {
        let mut search = Search::new(Query::words("a"), any, true);
        search.add("r", &index);
        let all = index.entries.values().map(Vec::len).sum();
        assert!(search.hits().len() <= all);
    }
    for (name, versions) in &index.entries {
        let newest = index.get(name, "");
        assert!(newest.is_err() || !versions.is_empty());
        for url in versions.iter().flat_map(|version| &version.urls) {
            if let Ok(url) = address::resolve("https://e.example/charts", url) {
                let file = address::file_name(&url).unwrap_or_default();
                assert!(!file.contains('/') && file != ".." && file != ".");
            }
        }
    }
    if let Ok(yaml) = index.to_yaml() {
        let _ = Index::read(yaml.as_bytes());
    }
}

/// A provenance file: the signed text, its checksums, and the signature, which nobody has made whose key is
/// known.
pub(crate) fn provenance(bytes: &[u8]) {
    if let Some(text) = Cleartext::parse(bytes) {
        assert!(text.text.split(|byte| *byte == b'\n').all(|line| !line.ends_with(b" ")));
        assert_eq!(
            text.text.iter().filter(|byte| **byte == b'\n').count(),
            text.signed.windows(2).filter(|end| end == b"\r\n").count()
        );
        let _ = text.signature();
        let _ = Checksums::parse(&text.text);
    }
    let _ = Checksums::parse(bytes);
    let nobody = Keyring::parse(Vec::new());
    assert!(nobody.is_ok_and(|nobody| verify(bytes, "webapp-0.1.0.tgz", "sha256:00", &nobody).is_err()));
}

/// A keyring of any form, and the keys in it.
pub(crate) fn keyring(bytes: &[u8]) {
    if let Ok(keys) = keyblocks(bytes) {
        assert!(!keys.is_empty() && keys.len() <= bytes.len());
    }
    if let Ok(keyring) = Keyring::parse(bytes.to_vec())
        && let Ok(mut signer) = Signer::find(&keyring, "<")
    {
        let _ = (signer.name(), signer.caveat());
        // Hashing a passphrase is slow on purpose.
        if !signer.is_locked() {
            let _ = signer.unlock(b"");
        }
    }
}
