//! `sandbox edit`: what a person in the console would do to an object of the sandbox.

use std::str::FromStr as _;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::uses::named;
use crate::cli::{exit, runtime};
use crate::kinds::KindId;
use crate::project::SANDBOX;
use crate::run::console::{self, FieldEdit};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::text::safe::line;

/// Change an object of the sandbox, as a person in the console would.
///
/// Fields are named and written as in manifests, below `spec`. A mapping is merged into what the object has. Manifests
/// and ledger do not change: the edit of a field that a manifest declares shows up as drift.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl sandbox edit Goal/checkout-done indicator.url=/thank-you
  campaignctl sandbox edit Campaign/sale state=unpublished controlGroup=5%
  campaignctl sandbox edit 'Campaign/Autumn sale 2026' schedule.end=null
  campaignctl sandbox edit Engagement/app-home 'displayInstances[online].enabled=false'
  campaignctl sandbox edit EngagementWindow/club style.sound=true
  campaignctl sandbox edit Behavior/hesitates 'conditions[timeOnPage].data.seconds=50'
  campaignctl sandbox edit Engagement/app-home 'entryPoints=[{ live: Checkout }]'")]
pub(in crate::cli) struct EditArgs {
    /// The object: by the name of its manifest, by display name, or by id.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys(), value_parser = named)]
    what: (KindId, String),
    /// The change: a field below `spec` and its value as YAML. `null` removes it. `LIST[KEY]` is one item of a list.
    #[arg(value_name = "FIELD=VALUE", required = true, add = crate::cli::completing::edited_fields(), value_parser = FieldEdit::from_str)]
    changes: Vec<FieldEdit>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &EditArgs) -> Result<u8, Error> {
    let run = &run.or_environment(SANDBOX);
    let (kind, name) = &args.what;
    console::is_editable(*kind)?;
    let workspace = Workspace::find(run, &[])?;
    let editing = console::edit(run, &workspace, (*kind, name), &args.changes);
    let edited = runtime()?.block_on(editing)?;
    let object = format!("{} `{}`", kind.name(), line(&edited.display_name));
    if edited.is_written {
        ui.note(&format!("{object} was changed in the sandbox."));
    }
    if !edited.same.is_empty() {
        let fields = line(&edited.same.join(", ")).into_owned();
        ui.note(&if edited.is_written {
            format!("Already so before: {fields}.")
        } else {
            format!("Nothing was changed: {object} already has this value of {fields}.")
        });
    }
    Ok(exit::DONE)
}
