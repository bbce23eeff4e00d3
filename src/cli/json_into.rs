//! `--json-into`: the data of a run as JSON in a file, whatever stands on stdout.

use std::path::PathBuf;

use clap::Args;

/// Where the data goes as JSON.
#[derive(Debug, Args)]
pub(super) struct JsonIntoArgs {
    /// Also write the data as JSON to a file. It is written whatever the format on stdout is. A run that fails writes its error.
    #[arg(
        long = "json-into",
        value_name = "FILE",
        hide_env_values = true,
        env = "CAMPAIGNCTL_JSON_INTO"
    )]
    pub(super) file: Option<PathBuf>,
}
