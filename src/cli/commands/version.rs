//! `version`: which program this is, and which formats it reads and writes.

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit};
use crate::live::LEDGER_FORMAT;
use crate::manifest::API_VERSION;
use crate::plan::{PLAN_FORMAT, PLANS_FORMAT};

/// Print the version. With `--format json`, also the formats that this program reads and writes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl version
  campaignctl version --format json")]
pub(in crate::cli) struct VersionArgs {}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, _: &VersionArgs) -> u8 {
    let version = env!("CARGO_PKG_VERSION");
    let text = match ui.format() {
        Format::Text => format!("campaignctl {version}\n"),
        _ => crate::text::safe::json(&serde_json::json!({
            "version": version,
            "manifests": API_VERSION,
            "plan": PLAN_FORMAT,
            "plans": PLANS_FORMAT,
            "ledger": LEDGER_FORMAT,
        })),
    };
    ui.data(&text);
    exit::DONE
}
