//! Parts of a text, by the number of their bytes.

use chartroom_gotemplate::{CallError, Function, Type, Value};

use crate::arguments::{any, int, text};
use crate::declare::{INT, fixed, part};

pub(super) fn functions() -> Vec<Function> {
    vec![
        fixed("trunc", [INT, Type::String], Type::String, trunc),
        fixed("substr", [INT, INT, Type::String], Type::String, substr),
        fixed("abbrev", [INT, Type::String], Type::String, |arguments| {
            part(any(arguments, 1), &abbreviate(text(arguments, 1), 0, int(arguments, 0)))
        }),
        fixed("abbrevboth", [INT, INT, Type::String], Type::String, |arguments| {
            let (left, right) = (int(arguments, 0), int(arguments, 1));
            if left > 0 && right < 7 {
                return Ok(any(arguments, 2).clone());
            }
            part(any(arguments, 2), &abbreviate(text(arguments, 2), left, right))
        }),
    ]
}

/// The first bytes, or the last ones if the number is negative.
fn trunc(arguments: &[Value]) -> Result<Value, CallError> {
    let (count, whole) = (int(arguments, 0), text(arguments, 1));
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let kept = if count < 0 {
        whole.len().checked_sub(size).and_then(|start| whole.get(start..))
    } else {
        whole.get(..size)
    };
    part(any(arguments, 1), kept.unwrap_or(whole))
}

/// From one byte up to another. A negative start counts as the first byte, and a negative end, or
/// one that is too far, as the last; but what remains nonsense after that fails.
fn substr(arguments: &[Value]) -> Result<Value, CallError> {
    let (start, end, whole) = (int(arguments, 0), int(arguments, 1), text(arguments, 2));
    let length = i64::try_from(whole.len()).unwrap_or(i64::MAX);
    let out_of_range =
        |range: String| CallError::new(format!("runtime error: slice bounds out of range {range}"));
    let (start, end) = match (start, end) {
        (..0, ..0) => return Err(out_of_range(format!("[:{end}]"))),
        (..0, _) if end > length => return Err(out_of_range(format!("[:{end}] with length {length}"))),
        (..0, _) => (0, end),
        (_, _) if end < 0 || end > length => (start, length),
        _ => (start, end),
    };
    if start > end {
        return Err(out_of_range(format!("[{start}:{end}]")));
    }
    let range = usize::try_from(start).unwrap_or_default()..usize::try_from(end).unwrap_or_default();
    part(any(arguments, 2), whole.get(range).unwrap_or_default())
}

/// At most so many bytes, with dots for what is left out: at the end, and, if the text to show
/// starts further on than a few bytes, at the start too.
fn abbreviate(whole: &[u8], start: i64, width: i64) -> Vec<u8> {
    const DOTS: &[u8] = b"...";
    let size = usize::try_from(width).unwrap_or_default();
    if width < 4 || whole.len() <= size {
        return whole.to_vec();
    }
    let shown = size - DOTS.len();
    let start = usize::try_from(start).unwrap_or_default().min(whole.len() - shown);
    if start <= 4 {
        return [whole.get(..shown).unwrap_or_default(), DOTS].concat();
    }
    let tail = whole.get(start..).unwrap_or_default();
    if tail.len() > shown {
        return [DOTS, &abbreviate(tail, 0, width - 3)].concat();
    }
    [DOTS, whole.get(whole.len() - shown..).unwrap_or_default()].concat()
}

#[cfg(test)]
mod tests {
    use super::abbreviate;

    #[test]
    fn abbreviations_have_dots_where_something_is_missing() {
        for (start, width, short) in [
            (0, 3, "Now is the time"),
            (0, 15, "Now is the time"),
            (0, 8, "Now i..."),
            (4, 8, "Now i..."),
            (5, 11, "...s the..."),
            (99, 8, "... time"),
        ] {
            assert_eq!(abbreviate(b"Now is the time", start, width), short.as_bytes(), "{start} {width}");
        }
    }
}
