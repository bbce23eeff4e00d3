//! Saved plans on disk.

use std::path::Path;

use super::error::CliError;
use super::exit;
use crate::files;
use crate::plan::{self, Plan};

/// The largest plan file that is read: far above a plan of 10,000 objects.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Whether the arguments of `apply` name one plan file rather than manifests.
pub(super) fn is_plan_file(paths: &[std::path::PathBuf]) -> bool {
    matches!(paths, [only] if only.extension().is_some_and(|ending| ending == "json"))
}

/// Reads a plan file.
///
/// # Errors
/// A file that cannot be read or is no plan of ours.
pub(super) fn read(path: &Path) -> Result<Plan, CliError> {
    let shown = path.display();
    let text = files::read_text(path, LARGEST)
        .map_err(|error| CliError::invalid(format!("cannot read the plan `{shown}`: {error}")))?;
    let refused = |why: String| {
        CliError::invalid(format!("`{shown}` is not a plan that can be used: {why}"))
            .help("make a new one with `campaignctl plan --out FILE`")
    };
    plan::read(&text).map_err(refused)
}

/// Writes a file whole, or not at all, see [`files::replace`].
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    files::replace(path, text.as_bytes()).map_err(|error| failed(path, &error))
}

/// Writes a file that only the program makes, see [`files::replace_own`].
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write_own(path: &Path, text: &str) -> Result<(), CliError> {
    files::replace_own(path, text.as_bytes()).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> CliError {
    CliError::new(
        exit::ERROR,
        format!("cannot write `{}`: {error}", path.display()),
    )
}
