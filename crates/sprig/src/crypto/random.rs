//! Random bytes, from the provider's generator.

use base64::Engine as _;
use chartroom_gotemplate::{CallError, Value};

use super::provider_failed;
use crate::arguments::int;

/// How many bytes a template may ask for at once. Helm has no limit but the machine's memory.
const MAX_BYTES: usize = 64 << 20;

pub(super) fn fill(bytes: &mut [u8]) -> Result<(), CallError> {
    aws_lc_rs::rand::fill(bytes).map_err(provider_failed)
}

pub(super) fn rand_bytes(arguments: &[Value]) -> Result<Value, CallError> {
    let Ok(count) = usize::try_from(int(arguments, 0)) else {
        return Err(CallError::new("runtime error: makeslice: len out of range"));
    };
    if count > MAX_BYTES {
        return Err(CallError::new(format!(
            "{count} bytes are more than the {MAX_BYTES} that one call may have"
        )));
    }
    let mut bytes = vec![0; count];
    fill(&mut bytes)?;
    Ok(base64::engine::general_purpose::STANDARD.encode(bytes).into())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn as_many_bytes_as_asked_for() {
        for count in [0_i64, 1, 3, 32, 1000] {
            let value = rand_bytes(&[Value::int(count)]).unwrap();
            let text = value.as_text().unwrap().to_string();
            let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
            assert_eq!(i64::try_from(bytes.len()).unwrap(), count);
        }
    }

    #[test]
    fn impossible_numbers_of_bytes_are_errors() {
        for count in [-1, i64::MIN, i64::MAX, 1 << 40] {
            assert!(rand_bytes(&[Value::int(count)]).is_err());
        }
    }
}
