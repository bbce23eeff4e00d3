//! `show`: a saved plan, rendered again.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit;
use crate::cli::guards::{GuardArgs, shown};
use crate::cli::ui::Ui;
use crate::kinds::words::VOCABULARY;
use crate::run::Error;
use crate::run::planning::for_whom;
use crate::run::saved;

/// Show a saved plan. Only the file is read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl show plan.json
  campaignctl show plan.json --format json
  campaignctl show plan.json --format html > plan.html   a page to search and filter")]
pub(in crate::cli) struct ShowArgs {
    /// The file that `plan --out` wrote.
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Show every object and field. Without it, equal changes are one line with a count, and many creates are grouped
    /// by kind.
    #[arg(long)]
    pub(in crate::cli) full: bool,
    /// Show guards that these flags override as allowed, as they were given to `plan`.
    #[command(flatten)]
    guards: GuardArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, args: &ShowArgs) -> Result<u8, Error> {
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
        ui.format(),
        &shown(ui, ui.format(), args.guards, &plan, args.full),
    );
    Ok(exit::DONE)
}
