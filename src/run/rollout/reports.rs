//! Reports of rollouts in files.

use std::path::PathBuf;

use crate::files;
use crate::report::rollout::{self, RolloutReport};
use crate::run::Error;
use crate::text::is_blank;

/// The longest report that is read.
const LONGEST: u64 = 256 * 1024 * 1024;

/// The report in some files, put together. `None` where the first of them is something else. An empty file is that of a job
/// which was killed: the others say which environments are missing.
///
/// # Errors
/// A file that cannot be read, or is no report where others are.
pub fn read(files: &[PathBuf]) -> Result<Option<RolloutReport>, Error> {
    let is_empty = |file: &&PathBuf| files::read_text(file, LONGEST).is_ok_and(|it| is_blank(&it));
    let files: Vec<&PathBuf> = files.iter().filter(|it| !is_empty(it)).collect();
    let Some(first) = files.first() else {
        return Ok(None);
    };
    let first = files::read_text(first, LONGEST).unwrap_or_default(); // a plan: its reader says why it cannot
    if !rollout::is_report(&first) {
        return Ok(None);
    }
    let parts = files.iter().map(|file| {
        let shown = file.display();
        let text = files::read_text(file, LONGEST)
            .map_err(|error| Error::invalid(format!("cannot read `{shown}`: {error}")))?;
        let report = rollout::read(&text).map_err(|why| {
            Error::invalid(format!("`{shown}` is not a report of a rollout: {why}"))
                .help("give the files that `apply --all-environments --json-into FILE` wrote")
        })?;
        Ok((shown.to_string(), report))
    });
    let parts: Vec<(String, RolloutReport)> = parts.collect::<Result<_, Error>>()?;
    Ok(RolloutReport::together(parts))
}
