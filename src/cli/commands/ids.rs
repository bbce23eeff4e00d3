//! `ids`: the ids of an environment by the names of the manifests.

use std::collections::BTreeSet;

use clap::Args;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit, runtime};
use crate::ids::{Ids, ids, needs, usual_kinds, with_parents};
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::report::ids::render_ids;
use crate::run::account::Account;
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
    let found = runtime()?.block_on(async {
        let account = Account::connect(run, &workspace).await?;
        let found = read(run, &workspace, &account, &args.kinds()).await;
        account.close().await;
        found
    })?;
    let found = checked(found, &args.wanted)?;
    let text = match ui.format() {
        Format::Json => json(&found),
        _ => render_ids(&found),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}

impl IdsArgs {
    fn kinds(&self) -> BTreeSet<KindId> {
        let wanted = self.wanted.iter().map(|key| key.kind);
        let kinds = with_parents(wanted.chain(self.kinds.iter().copied()));
        if kinds.is_empty() {
            usual_kinds().collect()
        } else {
            kinds
        }
    }
}

async fn read(
    run: &Run,
    workspace: &Workspace,
    account: &Account,
    kinds: &BTreeSet<KindId>,
) -> Result<Ids, Error> {
    let ledger = account.recorded(run).await?.ledger;
    let inventory = account.read(run, &needs(kinds)).await?;
    Account::tell_of_unread(run, &inventory);
    let place = (account.environment.as_str(), account.id.as_str());
    Ok(ids(place, kinds, &inventory, &ledger, workspace.now))
}

/// The ids, if what was asked for is among them. A build that goes on with a part of its ids would be found out by consumers.
fn checked(found: Ids, wanted: &[Key]) -> Result<Ids, Error> {
    let missing: Vec<String> = found
        .missing(wanted)
        .iter()
        .map(|key| format!("`{key}`"))
        .collect();
    let help = format!(
        "run `campaignctl apply -e {}` first, or bind the object: `campaignctl help ledger`",
        found.environment
    );
    if !missing.is_empty() {
        let message = format!(
            "account {} has no {}",
            found.account,
            missing.join(" and no ")
        );
        return Err(Error::invalid(message).help(help));
    }
    if found.objects.is_empty() {
        let message = format!(
            "account {} has no object with a binding in the ledger",
            found.account
        );
        return Err(Error::invalid(message).help(help));
    }
    Ok(if wanted.is_empty() {
        found
    } else {
        found.only(wanted)
    })
}
