//! The ids that an account has for manifests, and whether those that a build needs are among them.

use std::collections::BTreeSet;

use super::account::Account;
use super::workspace::Workspace;
use super::{Error, Run};
use crate::ids::{EnvironmentIds, ids, needs, usual_kinds, with_parents};
use crate::kinds::KindId;
use crate::manifest::Key;

/// The ids of some manifests, with what they refer to, or of all of some kinds; of the usual kinds where none are named.
///
/// # Errors
/// An account that cannot be read, or lacks what is wanted.
pub async fn of_account(
    run: &Run,
    workspace: &Workspace,
    (wanted, kinds): (&[Key], &[KindId]),
) -> Result<EnvironmentIds, Error> {
    let named = wanted.iter().map(|key| key.kind);
    let mut kinds = with_parents(named.chain(kinds.iter().copied()));
    if kinds.is_empty() {
        kinds = usual_kinds().collect();
    }
    let account = Account::connect(run, workspace).await?;
    let found = read(run, workspace, &account, &kinds).await;
    account.close().await;
    checked(found?, wanted)
}

async fn read(
    run: &Run,
    workspace: &Workspace,
    account: &Account,
    kinds: &BTreeSet<KindId>,
) -> Result<EnvironmentIds, Error> {
    let ledger = account.recorded(run).await?.ledger;
    let inventory = account.read(run, &needs(kinds)).await?;
    Account::tell_of_unread(run, &inventory);
    let place = (account.environment.as_str(), account.id.as_str());
    Ok(ids(place, kinds, &inventory, &ledger, workspace.now))
}

/// The ids, if what was asked for is among them. A build that goes on with a part of its ids would be found out by consumers.
fn checked(found: EnvironmentIds, wanted: &[Key]) -> Result<EnvironmentIds, Error> {
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
