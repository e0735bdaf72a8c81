//! What can be wrong with values, in Helm's words where Helm has some.

use crate::schema::SchemaError;

/// Why there are no values to render with.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// A file of `--values` or `--set-file` can't be had; the text is the reader's.
    #[error("{0}")]
    Read(String),
    /// A file of `--values` is no YAML, or no map.
    #[error("failed to parse {file}: {problem}")]
    File {
        /// The file, as it was named.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A `--set-json` isn't what it should be.
    #[error("failed parsing --set-json data {}{value}", if *.whole { "JSON: " } else { "" })]
    Json {
        /// Whether it is one object, and not `key=value`.
        whole: bool,
        /// What was given.
        value: String,
    },
    /// A `--set`, `--set-string`, `--set-file` or `--set-literal` isn't what it should be.
    #[error("failed parsing {flag} data: {problem}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// What is wrong with what it was given.
        problem: String,
    },
    /// There is something else than a table where a subchart's values belong.
    #[error("type mismatch on {chart}: {found}")]
    NotATable {
        /// The subchart.
        chart: String,
        /// What is there, as Go's `%t` prints it.
        found: String,
    },
    /// There are no charts for some dependencies.
    #[error(
        "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: {0}"
    )]
    MissingDependencies(String),
    /// The subcharts can't be decided on.
    #[error("chart dependencies processing failed: {0}")]
    Dependencies(Box<ValuesError>),
    /// The values don't fit the schemas of the charts.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The values are nested deeper than anybody needs.
    #[error("values are nested deeper than the maximum depth {0}")]
    TooDeep(usize),
    /// Merging the values of all charts would take too long.
    #[error("the values of the chart and its subcharts are too large to be merged")]
    TooLarge,
    /// More subcharts than are rendered, each alias counted.
    #[error("chart has more than the maximum number of subcharts {0}")]
    TooManyCharts(usize),
}
