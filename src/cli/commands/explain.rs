//! `explain`: what a kind, a field, a diagnostic code, a guard or another idea of the program means.

use clap::Args;

use crate::cli::help::is_command;
use crate::cli::ui::Ui;
use crate::cli::{exit, runtime};
use crate::run::explaining::{conditions_of_account, explained, kind_of_conditions, overview};
use crate::run::{Error, Run};

/// Explain a kind, a field, a code, a guard, or another topic.
///
/// Without a topic, the kinds and topics are listed; `explain codes` lists the diagnostic codes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl explain                       all kinds and topics
  campaignctl explain codes                 all diagnostic codes
  campaignctl explain Campaign              a kind and its fields
  campaignctl explain Campaign.schedule     a field
  campaignctl explain TargetAudience.conditions -e production   and what the account uses
  campaignctl explain project.environments  a field of campaignctl.yaml
  campaignctl explain mass-delete           a guard
  campaignctl explain stickyButton          a value, and the fields that take it
  campaignctl explain lifecycle             another topic
  campaignctl explain handoff-channel-mix   a diagnostic code
  campaignctl explain sandbox-faults        what can go wrong in the sandbox on purpose")]
pub(in crate::cli) struct ExplainArgs {
    /// `KIND`, `KIND.field.field`, `project.field`, a field or value by its word alone, a code, a guard, or another topic.
    /// With `-e`, the conditions of a kind come with the numbers and payloads that the account uses.
    #[arg(value_name = "TOPIC", add = crate::cli::completing::topics())]
    topic: Option<String>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &ExplainArgs) -> Result<u8, Error> {
    let topic = args.topic.as_deref();
    ui.data(&match topic {
        None => overview(),
        Some(name) => explained(name, ui.color(), is_command)?,
    });
    let kind = topic.and_then(kind_of_conditions);
    if let Some(kind) = kind.filter(|_| run.given_environment().is_some()) {
        let conditions = runtime()?.block_on(conditions_of_account(run, kind))?;
        ui.data(&format!("\n{conditions}"));
    }
    Ok(exit::DONE)
}
