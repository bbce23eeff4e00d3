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
    let texts = files
        .iter()
        .map(|file| (file, files::read_text(file, LONGEST)));
    let mut texts = texts.filter(|(_, text)| !text.as_ref().is_ok_and(|it| is_blank(it)));
    // Where the first is no report, it is a plan: its reader says why it cannot be read.
    let first = texts.next();
    let Some(first) =
        first.filter(|(_, text)| text.as_ref().is_ok_and(|it| rollout::is_report(it)))
    else {
        return Ok(None);
    };
    let parts = std::iter::once(first).chain(texts).map(|(file, text)| {
        let shown = file.display();
        let text =
            text.map_err(|error| Error::invalid(format!("cannot read `{shown}`: {error}")))?;
        let report = rollout::read(&text).map_err(|why| {
            Error::invalid(format!("`{shown}` is not a report of a rollout: {why}"))
                .help("give the files that `apply --all-environments --json-into FILE` wrote")
        })?;
        Ok((shown.to_string(), report))
    });
    let parts: Vec<(String, RolloutReport)> = parts.collect::<Result<_, Error>>()?;
    Ok(RolloutReport::together(parts))
}
