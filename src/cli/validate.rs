//! `validate`: the manifests, checked offline.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::exit;
use super::ui::Ui;
use super::workspace::{Workspace, rendered};
use super::{Format, Global};

/// Check manifests: syntax, schema, references, rules. Needs no account and no credentials.
///
/// All complaints come together, each with file, line and column. Exits 3 when one of them is an error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl validate                        the manifests of the project, or the current folder
  campaignctl validate campaigns goals.yaml   some files and folders
  cat goal.yaml | campaignctl validate -      standard input
  campaignctl validate --format json          the same complaints for a program")]
pub(super) struct ValidateArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Treat warnings as errors.
    #[arg(long)]
    strict: bool,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &ValidateArgs) -> Result<u8, CliError> {
    let workspace = Workspace::find(ui, &args.paths)?;
    let manifests = workspace.manifests();
    let text = rendered(
        ui,
        &manifests.diags,
        &manifests.texts,
        global.format == Format::Json,
    );
    ui.data(&text)?;
    let (errors, warnings) = manifests.diags.counts();
    let (count, files) = (manifests.desired.len(), manifests.texts.sources.len());
    // The process ends here. Giving back a million small pieces of memory first takes a tenth of the run.
    std::mem::forget(manifests);
    if errors > 0 || (args.strict && warnings > 0) {
        return Ok(exit::INVALID);
    }
    if global.format == Format::Text {
        let plural = |number: usize, word: &str| {
            format!("{number} {word}{}", if number == 1 { "" } else { "s" })
        };
        ui.data(&format!(
            "{} in {} can be used.\n",
            plural(count, "manifest"),
            plural(files, "file")
        ))?;
    }
    Ok(exit::DONE)
}
