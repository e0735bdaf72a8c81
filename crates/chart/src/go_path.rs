//! Paths as Go's `path` and `filepath` write them. Nothing here looks at a disk.

/// The shortest way to write a path: without `.`, without `..` after a name, without doubled or
/// trailing slashes. An empty path is `.`.
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, joined) => format!("/{joined}"),
        (false, joined) if joined.is_empty() => ".".to_owned(),
        (false, joined) => joined,
    }
}

/// The parts that are not empty with slashes between them, cleaned; nothing if all are empty.
pub fn join(parts: &[&str]) -> String {
    let filled: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    if filled.is_empty() { String::new() } else { clean(&filled.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans_as_go_does() {
        for (path, cleaned) in [
            ("", "."),
            (".", "."),
            ("./a/", "a"),
            ("a//b/./c/..", "a/b"),
            ("../a/../..", "../.."),
            ("/..", "/"),
            ("//a", "/a"),
            ("a/..", "."),
            ("/a/../../b", "/b"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        assert_eq!(join(&["", "a", "../b"]), "b");
        assert_eq!(join(&["", ""]), "");
        assert_eq!(join(&[".", "charts"]), "charts");
    }
}
