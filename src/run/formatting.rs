//! Files in canonical form: which files of a project are meant, what each would be, and replacing them.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use similar::TextDiff;

use super::manifests::skipped_note;
use super::workspace::{Workspace, canonical};
use super::{Error, Run, editor_schemas, saved};
use crate::diag::{Diagnostic, Diags, Location, Severity, Texts};
use crate::format::{self, FormatError};
use crate::load::{self, PathGroup};
use crate::project::PROJECT_FILE;
use crate::text::{FileId, Limits};

/// What standard input is called.
const STDIN: &str = "<stdin>";

/// Files, and what each is in canonical form.
#[derive(Debug)]
pub struct Formatted {
    /// The texts that complaints are about.
    pub texts: Texts,
    /// Why some files are left as they are.
    pub errors: Diags,
    /// The others.
    pub files: Vec<FormattedFile>,
}

/// A file, and what it is in canonical form.
#[derive(Debug)]
pub struct FormattedFile {
    /// Its path, as it was given.
    pub path: String,
    before: String,
    /// Its text in canonical form.
    pub after: Result<String, FormatError>,
}

/// Formats files and folders, or the project with all that belongs to it. Nothing is written, but the schemas for editors
/// where `writes` says that the files will be. Tells of files that are passed over.
///
/// # Errors
/// A project file that cannot be read, where the project is asked for.
pub fn formatted(run: &Run, paths: &[PathBuf], writes: bool) -> Result<Formatted, Error> {
    let group = group(run, paths, writes)?;
    let mut stdin = run.machine().stdin();
    let (texts, diags, skipped) = load::load_with_projects(&group, &mut *stdin, &Limits::default());
    drop(stdin);
    if let Some(note) = skipped_note(&skipped) {
        run.note(&note);
    }
    let errors: Diags = diags
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    let broken: Vec<FileId> = errors.iter().filter_map(file_of).collect();
    let sources: Vec<_> = texts.sources.iter().collect();
    let files = sources
        .into_par_iter()
        .filter(|(file, _)| !broken.contains(file))
        .map(|(file, source)| FormattedFile {
            path: source.path.clone(),
            before: source.text.clone(),
            after: format::format(file, &source.text),
        });
    let files = files.collect();
    Ok(Formatted {
        texts,
        errors,
        files,
    })
}

/// What is to be formatted: as given; else the project with all that belongs to it.
fn group(run: &Run, given: &[PathBuf], writes: bool) -> Result<PathGroup, Error> {
    if !given.is_empty() && !given.iter().any(|path| path.is_dir()) {
        // A broken project file is no reason to leave them.
        return Ok(PathGroup::of(run.machine().here(), given));
    }
    let workspace = Workspace::find(run, given)?;
    if writes {
        editor_schemas::refresh(run, &workspace);
    }
    let mut paths = workspace.paths.clone();
    if given != paths {
        paths.extend(workspace.every_overlay_folder());
        paths.push(Path::new(&workspace.shown_root).join(PROJECT_FILE));
        paths.retain(|path| path.exists() || workspace.paths.contains(path));
    }
    Ok(PathGroup {
        here: workspace.here().to_owned(),
        paths,
        except: Vec::new(),
        within: workspace.within,
    })
}

fn file_of(diagnostic: &Diagnostic) -> Option<FileId> {
    match diagnostic.at {
        Location::File(file) | Location::Span(file, _) => Some(file),
        Location::Run | Location::Node { .. } => None,
    }
}

impl FormattedFile {
    /// Whether it is not in canonical form.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.after.as_ref().is_ok_and(|after| *after != self.before)
    }

    /// Whether it is standard input, which has no file to be replaced.
    #[must_use]
    pub fn is_stdin(&self) -> bool {
        self.path == STDIN
    }

    /// What would change, as a unified diff.
    #[must_use]
    pub fn diff(&self) -> String {
        let after = self.after.as_deref().unwrap_or_default();
        let (from, to) = (format!("a/{}", self.path), format!("b/{}", self.path));
        let diff = TextDiff::from_lines(self.before.as_str(), after);
        diff.unified_diff().header(&from, &to).to_string()
    }

    /// Replaces the file, whole or not at all, where it is not in canonical form. A link stays a link. Returns whether it
    /// was.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn replace(&self) -> Result<bool, Error> {
        match &self.after {
            Ok(after) if self.is_changed() => {
                saved::write(&canonical(Path::new(&self.path)), after)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// How many files there are and how many were not in canonical form, in words.
#[must_use]
pub fn summary(all: usize, changed: usize, writes: bool) -> String {
    let files = |count: usize| format!("{count} file{}", if count == 1 { "" } else { "s" });
    let doing = if writes { "formatted" } else { "to format" };
    match changed {
        0 => format!("{} formatted already.", files(all)),
        _ => format!(
            "{} {doing}, {} formatted already.",
            files(changed),
            all - changed
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(before: &str) -> FormattedFile {
        FormattedFile {
            path: "a.yaml".to_owned(),
            before: before.to_owned(),
            after: format::format(FileId(0), before),
        }
    }

    #[test]
    fn what_is_formatted_is_left_and_what_is_not_is_shown() {
        let done = file("a: 1\n");
        assert!(!done.is_changed() && !done.replace().unwrap());
        assert_eq!(done.diff(), "");
        let open = file("a:   1\n");
        assert!(open.is_changed());
        assert_eq!(
            open.diff(),
            "--- a/a.yaml\n+++ b/a.yaml\n@@ -1 +1 @@\n-a:   1\n+a: 1\n"
        );
    }

    #[test]
    fn the_files_are_counted() {
        assert_eq!(summary(1, 0, true), "1 file formatted already.");
        assert_eq!(
            summary(3, 1, true),
            "1 file formatted, 2 formatted already."
        );
        assert_eq!(
            summary(3, 2, false),
            "2 files to format, 1 formatted already."
        );
    }
}
