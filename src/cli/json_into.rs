//! `--json-into`: the data of a run as JSON in a file, whatever stands on stdout.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::run::outputs::{is_plan_in, is_same};

/// Where the data goes as JSON.
#[derive(Debug, Args)]
pub(super) struct JsonIntoArgs {
    /// Also write the data as JSON to a file. It is written whatever the format on stdout is. A run that fails before it has data writes its error.
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
        if text.starts_with("--json-into=") {
            continue;
        }
        let is_it = |value: &Path| is_same(value, file) || is_plan_in(file, value);
        if is_it(Path::new(argument)) || values(&text).any(|value| is_it(Path::new(value))) {
            return true;
        }
    }
    false
}

/// What may be the value in an argument: behind the `=` of a flag, or joined to one in `-qoFILE`.
fn values(text: &str) -> impl Iterator<Item = &str> {
    let is_long = text.starts_with("--");
    let is_short = text.starts_with('-') && !is_long;
    let joined = text.char_indices().skip(2).map(|(at, _)| &text[at..]);
    let behind = text.split_once('=').filter(|_| is_long || is_short);
    joined
        .filter(move |_| is_short)
        .chain(behind.map(|(_, value)| value))
}
