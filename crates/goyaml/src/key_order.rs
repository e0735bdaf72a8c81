//! The order of keys in a mapping that go-yaml writes: natural, so that `a9` comes before `a10`.

use std::cmp::Ordering;

use crate::Layout;

/// Sorts entries by their keys, as go-yaml does for a layout.
///
/// A merge sort of our own, because go-yaml's order isn't transitive (`1b` < `2b` < `10b` < `1b`),
/// which the sorts of the standard library may answer with a panic. With such keys the order of
/// Helm's output depends on chance, and ours on the keys alone.
pub fn sort_by_key<K: AsRef<str>, V>(
    entries: impl IntoIterator<Item = (K, V)>,
    layout: Layout,
) -> Vec<(K, V)> {
    let entries: Vec<(K, V)> = entries.into_iter().collect();
    let less = |left: usize, right: usize| {
        compare(entries[left].0.as_ref(), entries[right].0.as_ref(), layout) == Ordering::Less
    };
    // What comes from a map in order of its keys is mostly in this order, too.
    if (1..entries.len()).all(|index| !less(index, index - 1)) {
        return entries;
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let mut spare = Vec::with_capacity(order.len());
    let mut width = 1;
    while width < order.len() {
        for pair in order.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([first, ..], [second, ..]) = (left, right) {
                if less(*second, *first) {
                    spare.push(*second);
                    right = &right[1..];
                } else {
                    spare.push(*first);
                    left = &left[1..];
                }
            }
            spare.extend_from_slice(left);
            spare.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut spare);
        spare.clear();
        width *= 2;
    }
    let mut entries: Vec<Option<(K, V)>> = entries.into_iter().map(Some).collect();
    order.into_iter().filter_map(|index| entries[index].take()).collect()
}

/// Compares at the first character that differs. Two letters: by code point. A letter and
/// something else: the letter is greater, but within or behind a number go-yaml 3 has it smaller.
/// Else numbers that begin there compare by value, then by length.
fn compare(left: &str, right: &str, layout: Layout) -> Ordering {
    // Bytes are enough to find the first difference, if it is then moved to a character.
    let mut at = left.bytes().zip(right.bytes()).take_while(|(a, b)| a == b).count();
    while !left.is_char_boundary(at) || !right.is_char_boundary(at) {
        at -= 1;
    }
    let (common, left) = left.split_at(at);
    let right = &right[at..];
    let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) else {
        return left.len().cmp(&right.len());
    };
    match (a.is_alphabetic(), b.is_alphabetic()) {
        (true, true) => return a.cmp(&b),
        (false, false) => {}
        (a_is_letter, _) => {
            let behind_number =
                layout == Layout::Indented && common.chars().next_back().is_some_and(is_digit);
            return if a_is_letter == behind_number { Ordering::Less } else { Ordering::Greater };
        }
    }
    // A zero that differs is a part of the number that the digits before it began.
    let within_number =
        (a == '0' || b == '0') && common.chars().rev().take_while(|c| is_digit(*c)).any(|c| c != '0');
    let (left_value, left_length) = number(left, within_number);
    let (right_value, right_length) = number(right, within_number);
    left_value.cmp(&right_value).then(left_length.cmp(&right_length)).then(a.cmp(&b))
}

/// The number that a text begins with, and how many digits it has. It wraps around, as in Go.
fn number(text: &str, within_number: bool) -> (i64, usize) {
    let digits = text.chars().take_while(|c| is_digit(*c));
    digits.fold((i64::from(within_number), 0), |(value, length), digit| {
        let digit = i64::from(u32::from(digit)) - i64::from(u32::from('0'));
        (value.wrapping_mul(10).wrapping_add(digit), length + 1)
    })
}

/// Whether a character is one of Unicode's decimal digits (general category Nd).
fn is_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    let code = u32::from(c);
    let run = DECIMAL_ZEROS.partition_point(|zero| *zero <= code);
    run.checked_sub(1).is_some_and(|run| code - DECIMAL_ZEROS[run] < 10)
}

/// The zeros of the runs of ten decimal digits beyond ASCII (Unicode 15).
#[rustfmt::skip]
const DECIMAL_ZEROS: [u32; 67] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50,
    0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
    0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &[&str]) -> Vec<String> {
        let sorted = sort_by_key(keys.iter().map(|key| (*key, ())), Layout::Compact);
        sorted.into_iter().map(|(key, ())| key.to_owned()).collect()
    }

    #[test]
    fn numbers_count_and_letters_come_last() {
        let keys = ["-", "_x", "1", "10", "10x", "B", "a", "a1", "a01", "a2", "a10", "ab"];
        let mut reversed = keys;
        reversed.reverse();
        assert_eq!(sorted(&reversed), keys);
        assert_eq!(sorted(&[]), [""; 0]);
        assert_eq!(sorted(&["٣", "9"]), ["9", "٣"]);
    }

    #[test]
    fn letters_behind_numbers_come_first_where_they_do_in_go_yaml_3() {
        let keys = ["a1b", "a10b", "a1"].map(|key| (key, ()));
        let keys = |layout| sort_by_key(keys, layout).into_iter().map(|(key, ())| key).collect::<Vec<_>>();
        assert_eq!(keys(Layout::Compact), ["a1", "a10b", "a1b"]);
        assert_eq!(keys(Layout::Indented), ["a1", "a1b", "a10b"]);
    }
}
