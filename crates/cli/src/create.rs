//! `chartroom create`

use std::path::PathBuf;

use clap::Args;

/// Flags of `chartroom create`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n\n    chartroom create webapp")]
pub struct Create {
    /// Name of the chart, or the path of its folder; the folder above it has to be there
    #[arg(value_name = "NAME")]
    pub name: PathBuf,

    /// Chart to start from, in which `<CHARTNAME>` stands for the new name: the name of a folder in
    /// `starters` of Helm's data, or the path of one
    #[arg(short = 'p', long, value_name = "FOLDER")]
    pub starter: Option<PathBuf>,

    /// Version of the chart's format
    #[arg(long, value_name = "VERSION", value_parser = format, hide = true)]
    pub chart_api_version: Option<String>,
}

fn format(text: &str) -> Result<String, String> {
    match text {
        "v2" => Ok(text.to_owned()),
        _ => Err(format!("unsupported chart API version: {text} (supported: v2)")),
    }
}
