//! Saved plans on disk.

use std::path::Path;

use super::error::Error;
use super::{Meaning, Run};
use crate::files;
use crate::plan::{self, Plan};

/// The largest plan file that is read: far above a plan of 10,000 objects.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What is said of the plan that a run is about, where a flag names it for what the run makes.
pub(super) const READS: &str = "is the plan that this run reads";

/// Whether the arguments of `apply` name one plan file rather than manifests.
pub fn is_plan_file(paths: &[std::path::PathBuf]) -> bool {
    matches!(paths, [only] if only.extension().is_some_and(|ending| ending == "json"))
}

/// Reads the plan file that a run is about.
///
/// # Errors
/// As [`read`]; a flag that names it for what the run makes.
pub fn read_in(run: &Run, path: &Path) -> Result<Plan, Error> {
    run.outputs().leave(path, READS)?;
    read(path)
}

/// Reads a plan file.
///
/// # Errors
/// A file that cannot be read or is no plan of ours.
pub fn read(path: &Path) -> Result<Plan, Error> {
    let shown = path.display();
    let text = files::read_text(path, LARGEST)
        .map_err(|error| Error::invalid(format!("cannot read the plan `{shown}`: {error}")))?;
    let refused = |why: String| {
        Error::invalid(format!("`{shown}` is not a plan that can be used: {why}"))
            .help("make a new one with `campaignctl plan --out FILE`")
    };
    plan::read(&text).map_err(refused)
}

/// Writes a file whole, or not at all, see [`files::replace`].
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    files::replace(path, text.as_bytes()).map_err(|error| failed(path, &error))
}

/// Whether [`write()`] would work, found out without changing the file.
///
/// # Errors
/// A file that cannot be written.
pub fn can_write(path: &Path) -> Result<(), Error> {
    files::can_replace(path).map_err(|error| failed(path, &error))
}

/// Writes a file that only the program makes, see [`files::replace_own`].
///
/// # Errors
/// A file that cannot be written.
pub fn write_own(path: &Path, text: &str) -> Result<(), Error> {
    files::replace_own(path, text.as_bytes()).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Meaning::Failed,
        format!("cannot write `{}`: {error}", path.display()),
    )
}
