//! `show`: a saved plan, rendered again.

use std::path::PathBuf;

use clap::Args;

use super::exit;
use super::guards::{GuardArgs, shown};
use super::ui::Ui;
use crate::kinds::words::VOCABULARY;
use crate::run::Error;
use crate::run::planning::for_whom;
use crate::run::saved;

/// Show a saved plan. Nothing is read but the file.
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
    /// Show every object and field. Without it, changes that say the same are told once, and many creates by kind.
    #[arg(long)]
    pub(super) full: bool,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, args: &ShowArgs) -> Result<u8, Error> {
    let plan = saved::read(&args.plan)?;
    let folder = Some(plan.project.as_str()).filter(|folder| *folder != ".");
    ui.note(&for_whom(&plan.environment, &plan.account, folder));
    if plan.vocabulary != VOCABULARY {
        ui.note(&format!(
            "warning: `{}` was made by version {} of campaignctl, whose words stand for other numbers of the platform: it cannot be applied, plan again",
            args.plan.display(),
            plan.tool_version
        ));
    }
    ui.formatted(
        ui.format(),
        &shown(ui, ui.format(), GuardArgs::default(), &plan, args.full),
    );
    Ok(exit::DONE)
}
