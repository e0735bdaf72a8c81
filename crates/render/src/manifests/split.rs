//! A rendered file's documents, parted as Helm parts them: at any line that begins with `---`, whether
//! or not YAML has a document end there.

use bytes::Bytes;

/// The documents of a file, without those that are empty. Comments count as something. White space
/// before a document is left out, that after it is kept.
pub fn split(file: &Bytes) -> Vec<Bytes> {
    let mut documents = Vec::new();
    let mut start = file.len() - trim_start(file).len();
    let mut add = |from: usize, to: usize| {
        let part = file.get(from..to).unwrap_or_default();
        let trimmed = trim_start(part);
        if !trimmed.is_empty() {
            documents.push(file.slice(to - trimmed.len()..to));
        }
    };
    let mut line = start;
    while let Some(rest) = file.get(line..) {
        if rest.starts_with(b"---") {
            add(start, line);
            let blanks = rest.iter().skip(3).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            start = line + 3 + blanks;
        }
        match memchr(rest) {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    add(start, file.len());
    documents
}

fn memchr(text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| *byte == b'\n')
}

/// A text without the white space before it, in the sense of Go and Unicode.
pub(crate) fn trim_start(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        // U+000B is no white space to Rust's ASCII.
        if let Some(after) = rest.strip_prefix(b"\x0b") {
            rest = after;
            continue;
        }
        if rest.first().is_none_or(u8::is_ascii) {
            return rest;
        }
        let first = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
        match first {
            Some(letter) if letter.is_whitespace() => {
                rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            }
            _ => return rest,
        }
    }
}

/// A text without the white space around it, in the sense of Go and Unicode.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let mut rest = trim_start(text);
    loop {
        rest = rest.trim_ascii_end();
        if let Some(before) = rest.strip_suffix(b"\x0b") {
            rest = before;
            continue;
        }
        // The longest letter has four bytes.
        let letter = (1..=4.min(rest.len())).find_map(|length| {
            let (_, last) = rest.split_at_checked(rest.len() - length)?;
            std::str::from_utf8(last).ok()?.chars().next()
        });
        match letter {
            Some(letter) if letter.is_whitespace() => {
                rest = rest.get(..rest.len() - letter.len_utf8()).unwrap_or_default();
            }
            _ => return rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(text: &str) -> Vec<String> {
        let file = Bytes::copy_from_slice(text.as_bytes());
        split(&file).iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    }

    #[test]
    fn documents_are_parted_as_by_helm() {
        let cases: [(&str, &[&str]); 12] = [
            ("", &[]),
            (" \n\n", &[]),
            ("a: b", &["a: b"]),
            ("\n  a: b\n\n", &["a: b\n\n"]),
            ("a\n---\nb\n", &["a\n", "b\n"]),
            ("---\na\n--- \t\n---\n\n---\nb", &["a\n", "b"]),
            ("---foo: x\n", &["foo: x\n"]),
            ("a\n---   # c\nb\n", &["a\n", "# c\nb\n"]),
            ("a\n ---\nb\n", &["a\n ---\nb\n"]),
            ("# only\n---\na", &["# only\n", "a"]),
            ("----\na", &["-\na"]),
            ("   ---\na\n\u{a0}\n", &["a\n\u{a0}\n"]),
        ];
        for (text, expected) in cases {
            assert_eq!(parts(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn trimming_is_that_of_unicode(text in "[ a\n\t\u{b}\u{85}\u{a0}\u{2003}\u{feff}é]{0,8}") {
            prop_assert_eq!(trim_start(text.as_bytes()), text.trim_start().as_bytes());
            prop_assert_eq!(trim(text.as_bytes()), text.trim().as_bytes());
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
            let _ = (trim(&bytes), split(&Bytes::from(bytes.clone())));
        }
    }
}
