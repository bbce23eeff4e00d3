//! `ids`: the ids of an environment by the names of the manifests.

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::report::ids::render_ids;
use crate::run::ids::of_account;
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::text::safe::json;

/// Print the ids of campaigns and engagements by manifest name. For builds of apps and web pages, which
/// need the ids of one account to start a conversation, or to know an engagement in an answer of the platform.
///
/// The account is read, so the ids are those that exist now. The skills, app installations and others that they refer to are
/// listed, too. Names are the same in every environment; ids are not. An object without a binding in the ledger has no
/// name, and is not listed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ids -e production                             a table
  campaignctl ids -e production --format json > ids.json    for the build of an app
  campaignctl ids Engagement/ios-orders -e production       one engagement; exit code 3 where the account lacks it
  campaignctl ids --kind EntryPoint -e staging              another kind")]
pub(in crate::cli) struct IdsArgs {
    /// Only these objects, with what they refer to. Each must exist on the account.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys())]
    wanted: Vec<Key>,
    /// Kinds instead of Campaign and Engagement. Can be repeated.
    #[arg(long = "kind", value_name = "KIND", add = crate::cli::completing::account_kinds(), value_delimiter = ',', value_parser = crate::cli::status::kind, conflicts_with = "wanted")]
    kinds: Vec<KindId>,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &IdsArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let asked = (args.wanted.as_slice(), args.kinds.as_slice());
    let found = runtime()?.block_on(of_account(run, &workspace, asked))?;
    let text = match ui.format() {
        Format::Json => json(&found),
        _ => render_ids(&found),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}
