//! `validate`: the manifests, checked offline.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Format;
use crate::cli::complaints::rendered_as;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::report::valid::render_valid;
use crate::run::editor_schemas;
use crate::run::manifests::{self, Surveyed};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run, give_back};

/// Check manifests: syntax, schema, references, rules. Needs no account and no credentials.
///
/// Reports all problems in one run, each with file, line and column. Exits 3 if one of them is an error.
/// Without `-e`, the manifests are checked for every environment of the project, overlays and variables
/// included; a problem that does not occur in all of them names the environments.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl validate                        the manifests of the project, or the current folder
  campaignctl validate -e production          for one environment
  campaignctl validate campaigns goals.yaml   some files and folders
  cat goal.yaml | campaignctl validate -      standard input
  campaignctl validate --format json          the same problems for a program
  campaignctl validate --format github        as annotations of a GitHub workflow, ten of each level
  campaignctl validate --format sarif > validate.sarif   for code scanning; `junit`, `code-quality` for GitLab")]
pub(in crate::cli) struct ValidateArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Treat warnings as errors.
    #[arg(long, hide_env_values = true, env = "CAMPAIGNCTL_STRICT")]
    strict: bool,
    /// Show each of many equal problems instead of a count and the first places.
    #[arg(long)]
    full: bool,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ValidateArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let environments = of_run(run, &workspace)?;
    editor_schemas::refresh(run, &workspace);
    let given = run.given();
    let Surveyed {
        texts,
        diags,
        counts,
        skipped,
    } = match environments.as_slice() {
        [only] => manifests::of_environment_with_findings(&workspace, only, given).surveyed(only),
        several => manifests::of_environments(&workspace, several, given),
    };
    let shown = rendered_as(ui, ui.format(), &diags, &texts, args.full);
    match ui.format() {
        Format::Text => ui.data(&shown), // with lines of files, which stay as they are
        _ => ui.raw(&shown),
    }
    if let Some(note) = manifests::skipped_note(&skipped) {
        ui.note(&note);
    }
    if let Some(note) = workspace.projects_below() {
        ui.note(&note);
    }
    give_back(texts);
    let (errors, warnings) = diags.counts();
    if errors > 0 || (args.strict && warnings > 0) {
        return Ok(exit::INVALID);
    }
    if matches!(ui.format(), Format::Text | Format::Github) {
        ui.data(&render_valid(&counts));
    }
    Ok(exit::DONE)
}

/// The environment of the run, or all that the project has.
fn of_run(run: &Run, workspace: &Workspace) -> Result<Vec<String>, Error> {
    if let Some(name) = run.given_environment() {
        workspace.environment(name)?;
        return Ok(vec![name.to_owned()]);
    }
    Ok(workspace.project.every_environment())
}
