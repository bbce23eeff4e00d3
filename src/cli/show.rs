//! `show`: a saved plan, rendered again.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::planning::{GuardArgs, for_whom, shown};
use super::ui::Ui;
use super::{Global, exit, saved};
use crate::kinds::words::VOCABULARY;

/// Show a saved plan. Only the file is read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl show plan.json
  campaignctl show plan.json --format json
  campaignctl show plan.json --format html > plan.html   a page to search and filter")]
pub(super) struct ShowArgs {
    /// The file that `plan --out` wrote.
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Show every object and field. Without it, equal changes are one line with a count, and many creates are grouped
    /// by kind.
    #[arg(long)]
    pub(super) full: bool,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &ShowArgs) -> Result<u8, CliError> {
    let plan = saved::read(&args.plan)?;
    let project = plan.project_shown();
    ui.note(&for_whom(
        &plan.environment,
        &plan.account,
        project.as_deref(),
    ));
    if plan.vocabulary != VOCABULARY {
        ui.note(&format!(
            "warning: `{}` was made by version {} of campaignctl, which maps words to other numbers of the platform: it cannot be applied, plan again",
            args.plan.display(),
            plan.tool_version
        ));
    }
    ui.formatted(
        global.format,
        &shown(ui, global.format, GuardArgs::default(), &plan, args.full),
    );
    Ok(exit::DONE)
}
