//! `resolve`: the manifests of one environment as a plan sees them.

use std::path::PathBuf;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit};
use crate::report::manifests::{ResolvedManifests, render_manifests};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::text::safe::json;

/// Print the manifests as a plan uses them. Those of one environment, with overlays merged, variables filled in and
/// templates expanded. Needs no account and no credentials.
///
/// References stay as they are written. The manifests are checked first, as `validate` does: problems go to stderr,
/// and if one of them is an error, the command exits 3. `--format json` is for policies: `campaignctl explain policies`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl resolve -e production                            YAML, a document per manifest
  campaignctl resolve campaigns -e staging                     of some files and folders
  diff <(campaignctl resolve -e staging) <(campaignctl resolve -e production)
  campaignctl resolve -e production --format json | conftest test --parser json -p examples/policies -")]
pub(in crate::cli) struct ResolveArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ResolveArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let manifests = workspace.sound_manifests(run)?;
    let resolved = ResolvedManifests::new(run.environment(), &manifests.texts, &manifests.desired);
    let data = match ui.format() {
        Format::Json => json(&resolved),
        _ => render_manifests(&resolved),
    };
    ui.raw(&data);
    Ok(exit::DONE)
}
