//! New texts into the files: all of them, or none.

use std::path::Path;

use super::NewTexts;
use crate::files;
use crate::pull::PulledFile;
use crate::pull::fresh::NewFile;
use crate::run::manifests::Manifests;
use crate::run::workspace::canonical;
use crate::run::{Error, Meaning, saved};

/// The largest manifest that is read again before it is written: that of a run.
const LARGEST: u64 = 64 * 1024 * 1024;

pub(super) fn pulled_files(
    manifests: &Manifests,
    texts: NewTexts,
    new: &[NewFile],
) -> Vec<PulledFile> {
    let before = |path: &str| {
        let is_new = new.iter().any(|file| file.path == path);
        let mut sources = manifests.texts.sources.iter();
        let source = sources.find(|(_, source)| !is_new && source.path == path);
        source.map(|(_, source)| source.text.clone())
    };
    let files = texts.into_iter().map(|(path, after)| PulledFile {
        before: before(&path),
        path,
        after,
    });
    files
        .filter(|file| file.before.as_ref() != Some(&file.after))
        .collect()
}

/// Writes the files, whose paths start from a folder: all of them, unless one changed since it was read.
///
/// # Errors
/// A file that changed, or cannot be written; in the first case none is.
pub fn write(here: &Path, changed: &[PulledFile]) -> Result<(), Error> {
    for file in changed {
        let path = &here.join(&file.path);
        let is_as_read = match &file.before {
            Some(before) => files::read_text(path, LARGEST).is_ok_and(|now| now == *before),
            None => path.symlink_metadata().is_err(),
        };
        if !is_as_read {
            let message = format!("`{}` changed while the account was read", file.path);
            return Err(
                Error::new(Meaning::Failed, message).help("run it again: nothing was written")
            );
        }
        if file.before.is_some() {
            files::can_replace(&canonical(path)).map_err(|error| {
                Error::new(
                    Meaning::Failed,
                    format!("cannot write `{}`: {error}", file.path),
                )
            })?;
        }
    }
    for file in changed {
        let path = &here.join(&file.path);
        match (&file.before, path.file_name()) {
            (None, Some(name)) => {
                let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
                let folder = folder.unwrap_or_else(|| Path::new("."));
                files::write_inside(folder, Path::new(name), file.after.as_bytes(), false)
                    .map_err(|error| {
                        let message = format!("cannot write `{}`: {error}", file.path);
                        Error::new(Meaning::Failed, message)
                    })?;
            }
            _ => saved::write(&canonical(path), &file.after)?, // a link stays a link
        }
    }
    Ok(())
}
