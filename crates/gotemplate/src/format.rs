//! Go's `fmt`: what `print`, `printf` and `println` write, and how a value looks as text.
//!
//! Everything that Go prints is printed the same, addresses apart. Two things end early that Go
//! would die of: values that contain themselves, below [`MAX_DEPTH`] levels, and texts beyond
//! [`MAX_LENGTH`] bytes, which are cut off there.

mod arguments;
mod directive;
mod number;
mod printer;
mod string;

pub(crate) use printer::Printer;

use crate::text::Text;
use crate::value::Value;

pub use crate::float::format_float;

/// How deep values may be nested to be printed. What is deeper is written as `…`.
pub const MAX_DEPTH: usize = 1000;

/// How long a text may get that is made here.
pub const MAX_LENGTH: usize = 256 << 20;

/// `fmt.Sprint`: the operands with a space between any two that are no strings.
pub fn sprint(operands: &[Value]) -> Vec<u8> {
    with_printer(|printer| printer.print(operands))
}

/// `fmt.Sprintln`: the operands with spaces between them, and a newline.
pub fn sprintln(operands: &[Value]) -> Vec<u8> {
    with_printer(|printer| printer.println(operands))
}

/// `fmt.Sprintf`: the operands as the format says. What is wrong with it shows in the text, as
/// `%!d(string=x)` and the like.
pub fn sprintf(format: &[u8], operands: &[Value]) -> Vec<u8> {
    with_printer(|printer| printer.printf(format, operands))
}

/// The text of a value, as `%v` writes it.
pub fn display(value: &Value) -> Text {
    match value {
        Value::String(text) => text.clone(),
        value => sprint(std::slice::from_ref(value)).into(),
    }
}

fn with_printer(print: impl FnOnce(&mut Printer<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    print(&mut Printer::new(&mut out, MAX_LENGTH));
    out
}
