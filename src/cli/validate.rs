//! `validate`: the manifests, checked offline.

use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::complaints::rendered;
use super::editor_schemas;
use super::environments;
use super::error::CliError;
use super::exit;
use super::manifests::{self, Surveyed};
use super::ui::Ui;
use super::workspace::Workspace;
use super::{Format, Global};

/// Check manifests: syntax, schema, references, rules. Needs no account and no credentials.
///
/// All complaints come together, each with file, line and column. Exits 3 when one of them is an error.
/// Without `-e`, the manifests are checked for every environment of the project, overlays and variables
/// included; a complaint that does not occur in all of them says where it does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl validate                        the manifests of the project, or the current folder
  campaignctl validate -e production          for one environment
  campaignctl validate campaigns goals.yaml   some files and folders
  cat goal.yaml | campaignctl validate -      standard input
  campaignctl validate --format json          the same complaints for a program
  campaignctl validate --format github        as annotations of a GitHub workflow, ten of each level
  campaignctl validate --format sarif > validate.sarif   for code scanning; `junit`, `code-quality` for GitLab")]
pub(super) struct ValidateArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Treat warnings as errors.
    #[arg(long, hide_env_values = true, value_parser = FalseyValueParser::new(), env = "CAMPAIGNCTL_STRICT")]
    strict: bool,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &ValidateArgs) -> Result<u8, CliError> {
    let workspace = Workspace::find(ui, global, &args.paths)?;
    let environments = of_run(global, &workspace)?;
    editor_schemas::refresh(ui, &workspace);
    let given = global.given();
    let Surveyed {
        texts,
        diags,
        counts,
        skipped,
    } = match environments.as_slice() {
        [only] => manifests::of_environment_with_findings(&workspace, only, &given).surveyed(only),
        several => manifests::of_environments(&workspace, several, &given),
    };
    ui.formatted(global.format, &rendered(ui, global.format, &diags, &texts));
    if let Some(note) = manifests::skipped_note(&skipped) {
        ui.note(&note);
    }
    // The process ends here. Giving back a million small pieces of memory first takes a tenth of the run.
    std::mem::forget(texts);
    let (errors, warnings) = diags.counts();
    if errors > 0 || (args.strict && warnings > 0) {
        return Ok(exit::INVALID);
    }
    if matches!(global.format, Format::Text | Format::Github) {
        ui.data(&summary(&counts));
    }
    Ok(exit::DONE)
}

/// The environment of the run, or all that the project has.
fn of_run(global: &Global, workspace: &Workspace) -> Result<Vec<String>, CliError> {
    if let Some(name) = &global.environment {
        workspace.environment(name)?;
        return Ok(vec![name.clone()]);
    }
    Ok(environments::every(workspace))
}

/// One line, or one per environment where they differ.
fn summary(counts: &[(String, usize, usize)]) -> String {
    let plural = |number: usize, word: &str| {
        format!("{number} {word}{}", if number == 1 { "" } else { "s" })
    };
    let said = |(_, manifests, files): &(String, usize, usize)| {
        let (manifests, files) = (plural(*manifests, "manifest"), plural(*files, "file"));
        format!("{manifests} in {files} can be used")
    };
    let mut distinct: Vec<String> = counts.iter().map(said).collect();
    distinct.dedup();
    if let [only] = distinct.as_slice() {
        return format!("{only}.\n");
    }
    let line = |count: &(String, usize, usize)| format!("{} in {}.\n", said(count), count.0);
    counts.iter().map(line).collect()
}
