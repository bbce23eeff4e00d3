//! `resolve`: the manifests of one environment as a plan sees them.

use std::path::PathBuf;

use clap::Args;

use super::ui::Ui;
use super::{Format, exit};
use crate::report::manifests::{ResolvedManifests, render_manifests};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::text::safe::json;

/// Print the manifests as they are planned with. Of one environment, with overlays merged, variables filled in, templates
/// expanded. Needs no account and no credentials.
///
/// References stay as they were written. The manifests are checked first, as by `validate`: complaints are on stderr,
/// and with an error among them the run exits 3. `--format json` is for policies: `campaignctl explain policies`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl resolve -e production                            YAML, a document per manifest
  campaignctl resolve campaigns -e staging                     of some files and folders
  diff <(campaignctl resolve -e staging) <(campaignctl resolve -e production)
  campaignctl resolve -e production --format json | conftest test --parser json -p examples/policies -")]
pub(super) struct ResolveArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, run: &Run, args: &ResolveArgs) -> Result<u8, Error> {
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
