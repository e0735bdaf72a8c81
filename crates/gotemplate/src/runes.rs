//! How Go reads bytes as characters: what is no UTF-8 counts as U+FFFD, a byte at a time.

/// The first character and how many bytes it takes; `None` at the end.
pub fn first(bytes: &[u8]) -> Option<(char, usize)> {
    let lead = *bytes.first()?;
    let length = match lead {
        0..=0x7f => return Some((char::from(lead), 1)),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((char::REPLACEMENT_CHARACTER, 1)),
    };
    let decoded = bytes.get(..length).and_then(|sequence| std::str::from_utf8(sequence).ok());
    match decoded.and_then(|text| text.chars().next()) {
        Some(char) => Some((char, length)),
        None => Some((char::REPLACEMENT_CHARACTER, 1)),
    }
}

/// All characters, with their bytes.
pub fn all(mut bytes: &[u8]) -> impl Iterator<Item = (char, &[u8])> {
    std::iter::from_fn(move || {
        let (char, length) = first(bytes)?;
        let (head, tail) = bytes.split_at(length);
        bytes = tail;
        Some((char, head))
    })
}

/// How many characters there are.
pub fn count(bytes: &[u8]) -> usize {
    if bytes.is_ascii() { bytes.len() } else { all(bytes).count() }
}

/// Appends a character as UTF-8.
pub(crate) fn push(out: &mut Vec<u8>, char: char) {
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{all, count};

    #[test]
    fn stray_bytes_count_one_each() {
        let text = b"a\xc3\xa9\xff\xe2\x82\xed\xa0\x80\xf0\x9f\x98\x80";
        let read = all(text).map(|(char, bytes)| (char, bytes.len())).collect::<Vec<_>>();
        let stray = ('\u{fffd}', 1);
        assert_eq!(read, [('a', 1), ('é', 2), stray, stray, stray, stray, stray, stray, ('😀', 4)]);
        assert_eq!(count(text), 9);
    }
}
