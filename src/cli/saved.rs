//! Saved plans on disk.

use std::io::Read as _;
use std::path::Path;

use super::error::CliError;
use super::exit;
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
    let file = std::fs::File::open(path)
        .map_err(|error| CliError::invalid(format!("cannot read the plan `{shown}`: {error}")))?;
    let mut text = String::new();
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| CliError::invalid(format!("cannot read the plan `{shown}`: {error}")))?;
    if text.len() as u64 > LARGEST {
        return Err(CliError::invalid(format!(
            "`{shown}` is too large to be a plan"
        )));
    }
    let refused = |why: String| {
        CliError::invalid(format!("`{shown}` is not a plan that can be used: {why}"))
            .help("make a new one with `campaignctl plan --out FILE`")
    };
    plan::read(&text).map_err(refused)
}

/// Writes a file whole, or not at all. One that is there keeps its permissions.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |error: std::io::Error| {
        CliError::new(
            exit::ERROR,
            format!("cannot write `{}`: {error}", path.display()),
        )
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    if let Ok(former) = path.metadata() {
        file.as_file()
            .set_permissions(former.permissions())
            .map_err(failed)?;
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
