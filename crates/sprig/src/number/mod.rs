//! Numbers: out of values, and calculating with them.

mod arithmetic;
mod cast;
mod decimal;
mod rounding;
mod scan;

pub(crate) use cast::to_int64;

use chartroom_gotemplate::Function;

pub(crate) fn functions() -> Vec<Function> {
    [arithmetic::functions(), cast::functions(), decimal::functions(), rounding::functions()]
        .into_iter()
        .flatten()
        .collect()
}
