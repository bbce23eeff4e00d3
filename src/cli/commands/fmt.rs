//! `fmt`: manifests and project files in canonical form.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::run::formatting::{Formatted, FormattedFile, formatted, summary};
use crate::run::{Error, Meaning, Run};

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

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &FmtArgs) -> Result<u8, Error> {
    let writes = !args.check && !args.diff;
    let Formatted {
        texts,
        errors,
        files,
    } = formatted(run, &args.paths, writes)?;
    run.complain(&errors, &texts);
    let refused = files
        .iter()
        .filter_map(|it| Some((it, it.after.as_ref().err()?)));
    let refused = refused
        .map(|(it, error)| ui.complain(&format!("{}: {error}", it.path), true))
        .count();
    let changed = files.iter().filter(|it| it.is_changed());
    let changed: Vec<&FormattedFile> = changed.collect();
    if writes {
        write(ui, &files)?;
    } else {
        show(ui, args.diff, &changed);
    }
    ui.note(&summary(files.len(), changed.len(), writes));
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

/// Names the files, or shows what would change in them.
fn show(ui: &Ui, as_diff: bool, changed: &[&FormattedFile]) {
    for it in changed {
        ui.data(&if as_diff {
            it.diff()
        } else {
            format!("{}\n", it.path)
        });
    }
}

/// Replaces what has changed, and names it; standard input goes to standard output.
fn write(ui: &Ui, files: &[FormattedFile]) -> Result<(), Error> {
    for it in files {
        match &it.after {
            Ok(after) if it.is_stdin() => ui.raw(after),
            _ if it.replace()? => ui.data(&format!("{}\n", it.path)),
            _ => {}
        }
    }
    Ok(())
}
