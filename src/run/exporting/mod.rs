//! What an account holds, as manifests: which objects are meant, what is read for them, and whether they would stand beside
//! manifests that describe the same.

mod beside;
pub mod folder;
mod refused;

use std::collections::BTreeSet;

pub use beside::{Beside, manifests, of_project};
pub use refused::warn;

use super::account::Account;
use super::workspace::Workspace;
use super::{Error, Run};
use crate::diff::bind;
use crate::export::{Choice, Export, ObjectIds, chosen, export_chosen, exportable, kinds_of};
use crate::kinds::KindId;
use crate::live::Needs;
use crate::manifest::Key;
use crate::resolve::Desired;
use crate::select::UnknownSelection;
use crate::text::safe::line;

/// A kind, or one object of it by name, display name or id.
pub type ExportSelection = (KindId, Option<String>);

/// What is asked for.
#[derive(Debug)]
pub struct ExportRequest<'a> {
    /// Kinds and objects; everything where there are none.
    pub what: &'a [ExportSelection],
    /// The manifests of the project, where only foreign objects are wanted.
    pub foreign: Option<Desired>,
    /// Whether what the objects refer to is exported, too.
    pub with_references: bool,
    /// The manifests that would be read together with the export.
    pub beside: &'a Beside,
}

/// What is asked for, of the account of an environment, and the kinds that were read for it. Where everything is asked for,
/// handoffs are left out if the account has no service for them.
///
/// # Errors
/// An account that cannot be read, a name that nothing has, an object that a manifest beside describes already.
pub async fn of_account(
    run: &Run,
    workspace: &Workspace,
    asked: &ExportRequest<'_>,
) -> Result<(Export, BTreeSet<KindId>), Error> {
    let account = Account::connect(run, workspace).await?;
    let exported = read(run, &account, asked).await;
    account.close().await;
    let (exported, kinds) = exported?;
    for note in &exported.notes {
        run.note(&format!("note: {}", line(note)));
    }
    Ok((exported, kinds))
}

/// Everything that the account of an environment holds, but handoffs where the account has no service for them. Tells what
/// there is to say about it.
///
/// # Errors
/// An account that cannot be read.
pub async fn whole_account(run: &Run, workspace: &Workspace) -> Result<Export, Error> {
    let asked = ExportRequest {
        what: &[],
        foreign: None,
        with_references: false,
        beside: &Beside::default(),
    };
    let (exported, _) = of_account(run, workspace, &asked).await?;
    let files = exported.files.iter();
    let files = files.map(|file| (file.path.clone(), file.text.clone()));
    warn(run, workspace, files.collect());
    Ok(exported)
}

/// Reads and exports some kinds, or every one that there is: handoffs are left out of that where the account has no
/// service for them, or does not let these credentials read it.
async fn read(
    run: &Run,
    account: &Account,
    asked: &ExportRequest<'_>,
) -> Result<(Export, BTreeSet<KindId>), Error> {
    let of_kind = asked.what.iter().filter(|(_, name)| name.is_none());
    let mut kinds: BTreeSet<KindId> = of_kind.map(|(kind, _)| *kind).collect();
    if asked.what.is_empty() {
        kinds = exportable().collect();
    }
    let named = asked.what.iter();
    let named = named.filter_map(|(kind, name)| Some((*kind, name.clone()?)));
    let named: Vec<(KindId, String)> = named.collect();
    let mut choice = Choice {
        kinds: &kinds,
        named: &named,
        foreign: asked.foreign.is_some(),
        described: &ObjectIds::new(),
        with_references: asked.with_references,
    };
    let ledger = account
        .ledger
        .load(&run.machine().unique_id())
        .await?
        .ledger;
    let mut read = kinds_of(&choice);
    let mut needs = Needs::every(read.iter().copied()).with_named();
    if asked.what.is_empty() {
        needs = needs.or_without_observed();
    }
    let inventory = account.read(run, &needs).await?;
    Account::tell_of_unread(run, &inventory);
    for (kind, _) in inventory.unreadable() {
        read.remove(&kind);
    }
    let described = asked.foreign.as_ref().map(|desired| {
        let bound = bind(desired, &inventory, &ledger).0.bound.into_iter();
        bound
            .map(|(key, bound)| (key.kind, bound.object.id.clone()))
            .collect::<ObjectIds>()
    });
    let described = described.unwrap_or_default();
    choice.described = &described;
    let ids = chosen(&inventory, &ledger, &choice)
        .map_err(|UnknownSelection { message, help }| Error::invalid(message).help(help))?;
    let taken: BTreeSet<Key> = if choice.foreign {
        asked.beside.names_of_others(&ids, &inventory, &ledger)
    } else {
        BTreeSet::new()
    };
    let exported = export_chosen(&inventory, &ledger, &ids, &taken);
    asked.beside.refuse(&exported, &inventory, &ledger)?;
    Ok((exported, read))
}
