//! Functions on text.

mod affix;
mod case;
mod cut;
mod layout;
mod letter;
mod pieces;
mod print;
mod words;

pub(crate) use letter::is_punctuation;
pub(crate) use print::{in_backquotes, plain};

use chartroom_gotemplate::Function;

pub(crate) fn functions() -> Vec<Function> {
    [
        affix::functions(),
        case::functions(),
        cut::functions(),
        layout::functions(),
        pieces::functions(),
        print::functions(),
        words::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Appends a character as UTF-8.
pub(crate) fn push(out: &mut Vec<u8>, letter: char) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}
