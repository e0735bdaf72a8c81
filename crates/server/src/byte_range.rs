//! `Range` on downloads and `Content-Range` on uploads.

use std::ops::Range;

/// What a `Range` header asks of content that has a known length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requested {
    /// All of it: no header, another unit, several ranges, or a header that can't be read
    /// (RFC 9110 §14.2 lets a server ignore those).
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that are not there.
    Nothing,
}

/// Reads a `Range` header against content of `length` bytes.
pub(crate) fn requested(header: Option<&str>, length: u64) -> Requested {
    let Some(spec) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Requested::Whole;
    };
    let Some((first, last)) = spec.trim().split_once('-') else {
        return Requested::Whole;
    };
    let range = match (number(first), number(last)) {
        // `-500`: the last 500 bytes.
        (None, Some(suffix)) if first.trim().is_empty() => length.saturating_sub(suffix)..length,
        (Some(first), None) if last.trim().is_empty() => first..length,
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        // The other way round: strictly this may be ignored; saying that nothing is there is clearer.
        (Some(_), Some(_)) => return Requested::Nothing,
        _ => return Requested::Whole,
    };
    if range.start < range.end { Requested::Part(range) } else { Requested::Nothing }
}

/// The `Content-Range` of an upload, in any of the forms that clients send: `a-b`,
/// `bytes a-b/*`, `bytes a-b/total`, `bytes=a-b`. Both ends are inclusive. `None` if it is none of these.
pub(crate) fn uploaded(header: &str) -> Option<(u64, u64)> {
    let spec = header.trim();
    let spec = spec.strip_prefix("bytes").map_or(spec, |rest| rest.trim_start_matches([' ', '=']));
    let (range, total) = match spec.split_once('/') {
        Some((range, total)) if total.trim() != "*" => (range, Some(number(total)?)),
        Some((range, _)) => (range, None),
        None => (spec, None),
    };
    let (first, last) = range.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    (first <= last && total.is_none_or(|total| last < total)).then_some((first, last))
}

/// Digits only: `str::parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn single_ranges() {
        for (header, expected) in [
            ("bytes=500-1499", Requested::Part(500..1500)),
            ("bytes=500-", Requested::Part(500..4000)),
            ("bytes=-500", Requested::Part(3500..4000)),
            ("bytes=-9000", Requested::Part(0..4000)),
            ("bytes=2000-5000", Requested::Part(2000..4000)),
            ("bytes=0-0", Requested::Part(0..1)),
            ("bytes=3999-3999", Requested::Part(3999..4000)),
            ("bytes=500-0", Requested::Nothing),
            ("bytes=4000-", Requested::Nothing),
            ("bytes=5000-10000", Requested::Nothing),
            ("bytes=-0", Requested::Nothing),
            ("bytes=0-18446744073709551615", Requested::Part(0..4000)),
        ] {
            assert_eq!(requested(Some(header), 4000), expected, "{header}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_ignored() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=+1-2",
            "lines=1-2",
            "bytes=0-1,3-4",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(requested(Some(header), 4000), Requested::Whole, "{header}");
        }
        assert_eq!(requested(None, 4000), Requested::Whole);
        assert_eq!(requested(Some("bytes=0-"), 0), Requested::Nothing);
    }

    #[test]
    fn upload_ranges_in_all_their_forms() {
        for header in ["10-19", "bytes 10-19/*", "bytes 10-19/100", "bytes=10-19", " 10-19 "] {
            assert_eq!(uploaded(header), Some((10, 19)), "{header}");
        }
        for header in
            ["", "10", "19-10", "a-b", "-5", "5-", "10-19/x", "bytes", "+1-2", "1-2-3", "4-7/3", "4-7/7"]
        {
            assert_eq!(uploaded(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_always_within_the_content(header in "bytes=[0-9]{0,3}-[0-9]{0,3}", length in 0u64..500) {
            if let Requested::Part(range) = requested(Some(&header), length) {
                prop_assert!(range.start < range.end && range.end <= length);
            }
        }
    }
}
