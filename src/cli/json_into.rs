//! `--json-into`: the data of a run as JSON in a file, whatever stands on stdout.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::run::outputs::is_same;

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

/// Whether an argument beside this flag names the same file: what a run that fails early has to say of itself must not take the
/// place of what the run was to read or write.
pub(super) fn is_named_elsewhere(file: &Path, arguments: &[OsString]) -> bool {
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if text == "--json-into" {
            arguments.next();
            continue;
        }
        let value = match text.split_once('=') {
            Some(("--json-into", _)) => continue,
            Some((flag, value)) if flag.starts_with('-') => Path::new(value).to_path_buf(),
            _ => PathBuf::from(argument),
        };
        if is_same(&value, file) {
            return true;
        }
    }
    false
}
