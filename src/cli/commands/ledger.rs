//! `ledger`: which live object each manifest is bound to.

use clap::{Args, Subcommand};

use crate::cli::auditing::AuditArgs;
use crate::cli::signals;
use crate::cli::ui::Ui;
use crate::cli::{Format, block_on, exit};
use crate::ledger::Loaded;
use crate::manifest::Key;
use crate::report::ledger::{
    ListedLedger, json, render_entry, render_list, render_list_json, render_summary,
};
use crate::run::mending::{Mending, entry_of};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::text::safe::line;

/// Inspect and repair the ledger. It is the record of which live object each manifest is bound to.
///
/// The ledger of an environment is a file, or a place that a team shares: `ledger:` of the environment in
/// `campaignctl.yaml` names it. Losing it costs little: the next plan adopts objects by display name.
#[derive(Debug, Args)]
pub(in crate::cli) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    List(LedgerListArgs),
    Show(LedgerShowArgs),
    Bind(BindArgs),
    Forget(ForgetArgs),
    Unlock(UnlockArgs),
}

/// List the bound objects.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger list
  campaignctl ledger list -e production --format json")]
struct LedgerListArgs {}

/// Show what the ledger is, or one entry with all that was applied.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger show -e production
  campaignctl ledger show Campaign/autumn-sale")]
struct LedgerShowArgs {
    /// The manifest whose entry is shown.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys())]
    manifest: Option<Key>,
}

/// Bind a manifest to a live object, regardless of its display name.
///
/// The object must exist, must not be one of the vendor's own, and must not be bound to another manifest. It
/// is not changed; the next plan shows how it differs from the manifest.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger bind Goal/checkout-done 4100000101
  campaignctl ledger bind -e production Campaign/autumn-sale 4100000207")]
struct BindArgs {
    /// The manifest.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys())]
    manifest: Key,
    /// The id of the live object.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Unbind a manifest. Nothing on the account changes.
///
/// The live object becomes a foreign one: no plan deletes it. As long as the manifest is there, the next
/// plan adopts an object with the same display name, or creates one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger forget Goal/checkout-done
  campaignctl ledger forget -e production Campaign/autumn-sale")]
struct ForgetArgs {
    /// The manifest.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys())]
    manifest: Key,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Remove the lock of a dead run, after showing whose lock it is.
///
/// A run that is still alive notices that its lock is gone: it stops with an error, does not write the ledger and
/// keeps its journal.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger unlock -e production
  campaignctl ledger unlock -e production --force      without asking, for pipelines")]
struct UnlockArgs {
    /// Do not ask. Without a terminal this is required.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &LedgerArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let mut mending = Mending::of(run, &workspace)?;
    // From there on Ctrl-C would leave the lock behind; it is a matter of moments.
    mending.on_lock = || signals::stop().map(drop);
    mending.audit = match &args.command {
        LedgerCommand::List(_) | LedgerCommand::Show(_) => None,
        LedgerCommand::Bind(args) => args.audit.file(),
        LedgerCommand::Forget(args) => args.audit.file(),
        LedgerCommand::Unlock(args) => args.audit.file(),
    };
    block_on(async {
        match &args.command {
            LedgerCommand::List(LedgerListArgs {}) => list(ui, run, &mending).await,
            LedgerCommand::Show(args) => show(ui, run, &mending, args.manifest.as_ref()).await,
            LedgerCommand::Bind(args) => bind(ui, &mending, args).await,
            LedgerCommand::Forget(args) => forget(ui, &mending, args).await,
            LedgerCommand::Unlock(args) => {
                let is_free = mending.unlock(args.force).await?;
                Ok(if is_free { exit::DONE } else { exit::ERROR })
            }
        }
    })
}

fn listed<'l>(run: &'l Run, loaded: &'l Loaded, place: &'l str) -> ListedLedger<'l> {
    ListedLedger {
        environment: run.environment(),
        place,
        is_stored: loaded.is_stored(),
        ledger: &loaded.ledger,
    }
}

async fn list(ui: &Ui, run: &Run, mending: &Mending<'_>) -> Result<u8, Error> {
    let loaded = mending.load().await?;
    let place = mending.store.place();
    let listed = listed(run, &loaded, &place);
    let text = match ui.format() {
        Format::Text => render_list(&listed),
        _ => render_list_json(&listed),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}

async fn show(ui: &Ui, run: &Run, mending: &Mending<'_>, key: Option<&Key>) -> Result<u8, Error> {
    let loaded = mending.load().await?;
    let text = match (key, ui.format()) {
        (Some(key), Format::Text) => render_entry(key, entry_of(&loaded.ledger, key)?),
        (Some(key), _) => json(entry_of(&loaded.ledger, key)?),
        (None, Format::Text) => render_summary(&listed(run, &loaded, &mending.store.place())),
        (None, _) => json(&loaded.ledger),
    };
    ui.formatted(ui.format(), &text);
    mending.tell_of_unfinished(&loaded.ledger);
    Ok(exit::DONE)
}

async fn bind(ui: &Ui, mending: &Mending<'_>, args: &BindArgs) -> Result<u8, Error> {
    let BindArgs { manifest, id, .. } = args;
    let object = mending.bind(manifest, id).await?;
    ui.note(&format!(
        "{manifest} is bound to {id}, `{}`. The account is as it was; `campaignctl plan` shows how it differs.",
        line(&object.display_name)
    ));
    Ok(exit::DONE)
}

async fn forget(ui: &Ui, mending: &Mending<'_>, args: &ForgetArgs) -> Result<u8, Error> {
    let key = &args.manifest;
    let entry = mending.forget(key).await?;
    ui.note(&format!(
        "{key} is no longer bound. Nothing in the account changed: {} `{}` is kept.",
        entry.id,
        line(&entry.display_name)
    ));
    Ok(exit::DONE)
}
