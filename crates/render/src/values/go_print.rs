//! Values in messages, as Go's `fmt` prints them.

use chartroom_gotemplate::{Value, format};

/// `%v`: maps in the order of their keys, nothing in quotes.
pub(crate) fn plain(value: &Value) -> String {
    print(b"%v", value)
}

/// `%t`, which is for booleans: anything else is printed with a complaint around it.
pub(crate) fn as_bool(value: &Value) -> String {
    print(b"%t", value)
}

/// A `float64` with as few digits as are exact, and an exponent where there would be many.
pub(crate) fn float(number: f64) -> String {
    print(b"%v", &Value::Float(number))
}

fn print(verb: &[u8], value: &Value) -> String {
    let text = format::sprintf(verb, std::slice::from_ref(value));
    String::from_utf8_lossy(&text).into_owned()
}
