//! `fmt`: manifests and project files in canonical form.

use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;
use similar::TextDiff;

use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::diag::{Diagnostic, Diags, Location, Severity, Texts};
use crate::format::{self, FormatError};
use crate::load::{self, Group};
use crate::project::PROJECT_FILE;
use crate::report::diagnostics::render_text;
use crate::run::editor_schemas;
use crate::run::manifests::skipped_note;
use crate::run::saved;
use crate::run::workspace::{Workspace, canonical};
use crate::run::{Error, Meaning, Run};
use crate::text::{FileId, Limits};

/// What standard input is called.
const STDIN: &str = "<stdin>";

/// Format manifests and project files. Sets the order of keys, quotes and indentation.
///
/// Comments and blank lines are kept, and the meaning never changes. A file with errors is skipped. Prints the names
/// of the changed files. Without a path, the whole project is formatted, including overlays and `campaignctl.yaml`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl fmt                       the project, or the current folder
  campaignctl fmt --check               list unformatted files, exit 2
  campaignctl fmt --diff campaigns      show what would change, and write nothing
  campaignctl fmt - <goal.yaml          standard input to standard output

Exit codes: 0 formatted, 2 `--check` found an unformatted file, 3 a file with errors was skipped.")]
pub(in crate::cli) struct FmtArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing, and exit 2 when a file is not formatted.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_CHECK")]
    check: bool,
    /// Write nothing, and show what would change as a unified diff.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_DIFF")]
    diff: bool,
}

/// What became of one file.
struct Done<'t> {
    path: &'t str,
    before: &'t str,
    after: Result<String, FormatError>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &FmtArgs) -> Result<u8, Error> {
    let group = files(run, args)?;
    let (texts, diags, skipped) =
        load::load_with_projects(&group, &mut std::io::stdin().lock(), &Limits::default());
    if let Some(note) = skipped_note(&skipped) {
        ui.note(&note);
    }
    let errors: Diags = diags
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    let broken: Vec<FileId> = errors.iter().filter_map(file_of).collect();
    let files: Vec<_> = texts.sources.iter().collect();
    let done: Vec<Done<'_>> = files
        .into_par_iter()
        .filter(|(file, _)| !broken.contains(file))
        .map(|(file, source)| Done {
            path: &source.path,
            before: &source.text,
            after: format::format(file, &source.text),
        })
        .collect();
    let refused = tell(ui, &texts, &errors, &done);
    let changed: Vec<&Done<'_>> = done.iter().filter(|it| it.is_changed()).collect();
    if args.check || args.diff {
        show(ui, args.diff, &changed);
    } else {
        write(ui, &done)?;
    }
    summarize(ui, args, done.len(), changed.len());
    if !errors.is_empty() {
        let message = "files with mistakes were left as they are";
        return Err(Error::invalid(message).complaints(&errors, &texts));
    }
    if refused > 0 {
        return Err(Error::new(Meaning::Failed, "files were left as they are"));
    }
    let is_found = args.check && !changed.is_empty();
    Ok(if is_found { exit::CHANGES } else { exit::DONE })
}

/// What is to be formatted: as given; else the project with all that belongs to it.
fn files(run: &Run, args: &FmtArgs) -> Result<Group, Error> {
    let given = args.paths.as_slice();
    if !given.is_empty() && !given.iter().any(|path| path.is_dir()) {
        // A broken project file is no reason to leave them.
        return Ok(Group::of(run.machine().here(), given));
    }
    let workspace = Workspace::find(run, given)?;
    if !args.check && !args.diff {
        editor_schemas::refresh(run, &workspace);
    }
    let mut paths = workspace.paths.clone();
    if given != paths {
        paths.extend(workspace.every_overlay_folder());
        paths.push(Path::new(&workspace.shown_root).join(PROJECT_FILE));
        paths.retain(|path| path.exists() || workspace.paths.contains(path));
    }
    Ok(Group {
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

/// Tells what cannot be formatted, and counts what was refused.
fn tell(ui: &Ui, texts: &Texts, errors: &Diags, done: &[Done<'_>]) -> usize {
    if !errors.is_empty() {
        ui.complain(&render_text(errors, texts, ui.color_err()), true);
    }
    let refused = done
        .iter()
        .filter_map(|it| Some((it, it.after.as_ref().err()?)));
    refused
        .map(|(it, error)| ui.complain(&format!("{}: {error}", it.path), true))
        .count()
}

/// Names the files, or shows what would change in them.
fn show(ui: &Ui, as_diff: bool, changed: &[&Done<'_>]) {
    for it in changed {
        let after = it.after.as_deref().unwrap_or_default();
        let text = if as_diff {
            let (from, to) = (format!("a/{}", it.path), format!("b/{}", it.path));
            let diff = TextDiff::from_lines(it.before, after);
            diff.unified_diff().header(&from, &to).to_string()
        } else {
            format!("{}\n", it.path)
        };
        ui.data(&text);
    }
}

/// Replaces what has changed, each file whole or not at all; standard input goes to standard output.
fn write(ui: &Ui, done: &[Done<'_>]) -> Result<(), Error> {
    for it in done {
        let Ok(after) = &it.after else {
            continue;
        };
        if it.path == STDIN {
            ui.raw(after);
        } else if it.is_changed() {
            saved::write(&canonical(Path::new(it.path)), after)?; // a link stays a link
            ui.data(&format!("{}\n", it.path));
        }
    }
    Ok(())
}

fn summarize(ui: &Ui, args: &FmtArgs, all: usize, changed: usize) {
    let files = |count: usize| format!("{count} file{}", if count == 1 { "" } else { "s" });
    let doing = if args.check || args.diff {
        "to format"
    } else {
        "formatted"
    };
    ui.note(&match changed {
        0 => format!("{} formatted already.", files(all)),
        _ => format!(
            "{} {doing}, {} formatted already.",
            files(changed),
            all - changed
        ),
    });
}

impl Done<'_> {
    fn is_changed(&self) -> bool {
        self.after.as_ref().is_ok_and(|after| after != self.before)
    }
}
