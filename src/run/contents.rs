//! What an account contains, as far as somebody wants to know it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::account::Account;
use super::recorded::RecordedLedger;
use super::workspace::Workspace;
use super::{Error, Run};
use crate::export::exportable;
use crate::kinds::KindId;
use crate::live::{Inventory, Needs};
use crate::manifest::Key;
use crate::report::launch::{LaunchLine, LaunchStatus};
use crate::select::Selector;
use crate::status::{self, StatusRow};
use crate::users::with_users;

/// Which objects and launches are wanted: those that meet all of it. What is empty asks for nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct WantedObjects<'a> {
    /// Labels of their manifests.
    pub labels: &'a [Selector],
    /// States, one of which they are in.
    pub states: &'a [String],
    /// Kinds, one of which they are.
    pub kinds: &'a [KindId],
    /// Only what the ledger binds.
    pub owned: bool,
    /// Only what the ledger does not bind.
    pub foreign: bool,
    /// Only what drifted.
    pub drifted: bool,
}

/// What an account contains.
#[derive(Debug)]
pub struct Contents {
    /// The account.
    pub account: String,
    /// Why it may be the half of what a run does.
    pub unsettled: Vec<String>,
    /// How many objects are not wanted.
    pub omitted: usize,
    /// The objects that are.
    pub objects: Vec<StatusRow>,
    /// The launches of which something was sent.
    pub launches: Vec<LaunchLine>,
}

/// What is wanted of the account of the run's environment, at a time.
///
/// # Errors
/// Manifests that labels are asked of and that cannot be read; an account that cannot be.
pub async fn of_account(
    run: &Run,
    workspace: &Workspace,
    wanted: &WantedObjects<'_>,
    at: Timestamp,
) -> Result<Contents, Error> {
    let labelled = labelled(run, workspace, wanted.labels)?;
    let account = Account::connect(run, workspace).await?;
    let contents = read(run, &account, wanted, at).await;
    account.close().await;
    Ok(wanted.of(contents?, labelled.as_ref()))
}

async fn read(
    run: &Run,
    account: &Account,
    wanted: &WantedObjects<'_>,
    at: Timestamp,
) -> Result<Contents, Error> {
    let RecordedLedger {
        ledger, unsettled, ..
    } = account.recorded(run).await?;
    let needs = if wanted.kinds.is_empty() {
        Needs::every(exportable()).or_without_observed()
    } else {
        let kinds = wanted.kinds.iter().copied();
        Needs::every(with_users(
            kinds.filter(|kind| !kind.def().is_launch).collect(),
        ))
    };
    let mut looking = account.looking(run);
    let inventory = looking.read(&needs, Inventory::default()).await?;
    Account::tell_of_unread(run, &inventory);
    let launches = ledger
        .launches
        .iter()
        .map(|(name, record)| LaunchLine::of(name, &LaunchStatus::of(record.clone(), None)));
    Ok(Contents {
        account: account.id.clone(),
        unsettled,
        omitted: 0,
        objects: status::status(&inventory, &ledger, at),
        launches: launches.collect(),
    })
}

/// The manifests with the labels that are asked for; `None` when none are.
fn labelled(
    run: &Run,
    workspace: &Workspace,
    labels: &[Selector],
) -> Result<Option<BTreeSet<Key>>, Error> {
    if labels.is_empty() {
        return Ok(None);
    }
    let manifests = workspace.plannable_manifests(run)?;
    let meant = manifests.desired.iter().filter(|resource| {
        let mut selectors = labels.iter();
        selectors.all(|selector| selector.matches(&resource.labels))
    });
    Ok(Some(meant.map(|resource| resource.key.clone()).collect()))
}

impl WantedObjects<'_> {
    /// What is wanted of it.
    fn of(&self, contents: Contents, labelled: Option<&BTreeSet<Key>>) -> Contents {
        let all = contents.objects.len();
        let objects = contents.objects.into_iter();
        let objects: Vec<StatusRow> = objects.filter(|row| self.wants(row, labelled)).collect();
        let launches = contents.launches.into_iter();
        let launches = launches.filter(|launch| self.wants_launch(launch, labelled));
        Contents {
            omitted: all - objects.len(),
            objects,
            launches: launches.collect(),
            ..contents
        }
    }

    fn wants(&self, row: &StatusRow, labelled: Option<&BTreeSet<Key>>) -> bool {
        let is_labelled = |keys: &BTreeSet<Key>| row.key().is_some_and(|key| keys.contains(&key));
        labelled.is_none_or(is_labelled)
            && (self.states.is_empty() || self.states.iter().any(|word| row.is_in(word)))
            && (self.kinds.is_empty() || self.kinds.contains(&row.kind))
            && (!self.owned || row.owned)
            && (!self.foreign || !row.owned)
            && (!self.drifted || !row.drift.is_empty())
    }

    /// Whether a launch is shown: it is ours, has no drift and none of the states of objects.
    fn wants_launch(&self, launch: &LaunchLine, labelled: Option<&BTreeSet<Key>>) -> bool {
        let is_it = |key: &Key| key.kind.def().is_launch && key.name.as_str() == launch.name;
        labelled.is_none_or(|keys| keys.iter().any(is_it))
            && (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind.def().is_launch))
            && self.states.is_empty()
            && !self.foreign
            && !self.drifted
    }
}
