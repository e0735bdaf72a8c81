//! The functions of Sprig that Helm's templates have, over `gotemplate`'s values.
//!
//! Each subject has a file or a folder, with the table of its functions near the top: name,
//! signature and body. What Helm adds or overrides (`toYaml`, `toJson`, `fromJson`, `include` …) is
//! none of this crate's business, and `env` and `expandenv` are left out, as Helm does.
//!
//! Templates are hostile. What a function makes is bounded; beyond that it fails, where
//! Helm would take all memory there is.

mod arguments;
mod crypto;
mod dates;
mod declare;
mod dict;
mod encoding;
mod equality;
mod fallback;
pub mod json;
mod limit;
mod list;
mod number;
mod path;
mod pattern;
mod random;
mod reflection;
mod text;
pub mod url;
mod version;

use chartroom_gotemplate::Function;

pub use dates::{Duration, Month, Time, Weekday};
pub use pattern::{Pattern, SyntaxError};

/// All functions, each once.
pub fn functions() -> Vec<Function> {
    [
        crypto::functions(),
        dates::functions(),
        dict::functions(),
        encoding::functions(),
        equality::functions(),
        fallback::functions(),
        json::functions(),
        list::functions(),
        number::functions(),
        path::functions(),
        pattern::functions(),
        random::functions(),
        reflection::functions(),
        text::functions(),
        url::functions(),
        version::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
