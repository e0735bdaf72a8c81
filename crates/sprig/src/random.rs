//! What is different each time.

use std::ops::RangeInclusive;

use chartroom_gotemplate::{CallError, Function, Type, Value, runes};

use crate::arguments::{int, text};
use crate::declare::{INT, fixed, string};
use crate::limit;

pub(crate) fn functions() -> Vec<Function> {
    vec![
        fixed("randAlphaNum", [INT], Type::String, |arguments| {
            letters(arguments, &['0'..='9', 'A'..='Z', 'a'..='z'])
        }),
        fixed("randAlpha", [INT], Type::String, |arguments| letters(arguments, &['A'..='Z', 'a'..='z'])),
        fixed("randNumeric", [INT], Type::String, |arguments| letters(arguments, &['0'..='9'])),
        fixed("randAscii", [INT], Type::String, |arguments| letters(arguments, &[' '..='~'])),
        fixed("randInt", [INT, INT], INT, between),
        fixed("shuffle", [Type::String], Type::String, shuffle),
        fixed("uuidv4", [], Type::String, |_| {
            let mut bytes = [0; 16];
            fill(&mut bytes)?;
            string(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
        }),
    ]
}

/// Bytes that nobody can guess.
fn fill(bytes: &mut [u8]) -> Result<(), CallError> {
    getrandom::fill(bytes).map_err(|error| CallError::new(format!("no randomness: {error}")))
}

/// Numbers that nobody can guess, each below a bound.
struct Numbers {
    pool: [u8; 1024],
    used: usize,
}

impl Numbers {
    fn new() -> Self {
        Self { pool: [0; 1024], used: 1024 }
    }

    /// A number below `bound`, each with the same probability. A bound of zero counts as one.
    fn below(&mut self, bound: u64) -> Result<u64, CallError> {
        let bound = bound.max(1);
        // The numbers above the last whole multiple of the bound would favour small results.
        let excess = (u64::MAX % bound + 1) % bound;
        loop {
            let number = self.next()?;
            if number <= u64::MAX - excess {
                return Ok(number % bound);
            }
        }
    }

    fn next(&mut self) -> Result<u64, CallError> {
        let chunk = match self.pool.get(self.used..).and_then(|rest| rest.first_chunk()) {
            Some(chunk) => *chunk,
            None => {
                fill(&mut self.pool)?;
                self.used = 0;
                self.pool.first_chunk().copied().unwrap_or_default()
            }
        };
        self.used += chunk.len();
        Ok(u64::from_le_bytes(chunk))
    }
}

/// So many characters out of some ranges of ASCII. A negative number counts as zero.
fn letters(arguments: &[Value], ranges: &[RangeInclusive<char>]) -> Result<Value, CallError> {
    let count = usize::try_from(int(arguments, 0)).unwrap_or_default();
    limit::elements(count)?;
    let alphabet = ranges.iter().cloned().flatten().collect::<Vec<_>>();
    let mut numbers = Numbers::new();
    let mut out = String::with_capacity(count);
    for _ in 0..count {
        let index = usize::try_from(numbers.below(alphabet.len() as u64)?).unwrap_or_default();
        out.extend(alphabet.get(index));
    }
    string(out)
}

/// A number from one up to another, which itself is never drawn.
fn between(arguments: &[Value]) -> Result<Value, CallError> {
    let (start, end) = (int(arguments, 0), int(arguments, 1));
    let distance = end.wrapping_sub(start);
    if distance <= 0 {
        return Err(CallError::new("invalid argument to Intn"));
    }
    let drawn = Numbers::new().below(distance.cast_unsigned())?;
    Ok(Value::int(start.wrapping_add(drawn.cast_signed())))
}

/// The same characters in another order.
fn shuffle(arguments: &[Value]) -> Result<Value, CallError> {
    let mut letters = runes::all(text(arguments, 0)).map(|(letter, _)| letter).collect::<Vec<_>>();
    let mut numbers = Numbers::new();
    for left in (1..letters.len()).rev() {
        let other = usize::try_from(numbers.below(left as u64 + 1)?).unwrap_or_default();
        letters.swap(left, other);
    }
    string(letters.into_iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn numbers_below_a_bound_are_all_drawn() {
        let mut numbers = Numbers::new();
        let mut counts = [0; 3];
        for _ in 0..3000 {
            counts[numbers.below(3).unwrap() as usize] += 1;
        }
        // Each is wrong once in more than 10^40 runs.
        assert!(counts.iter().all(|&count| (600..1400).contains(&count)), "{counts:?}");
        assert_eq!(numbers.below(1).unwrap(), 0);
        assert!(numbers.below(u64::MAX).unwrap() < u64::MAX);
    }
}
