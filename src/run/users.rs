//! Who uses an object: in the manifests alone, or in an account with them.

use std::path::PathBuf;

use super::account::Account;
use super::manifests::{Manifests, lower};
use super::workspace::{UNUSABLE, Workspace, refuse};
use super::{Error, Run};
use crate::kinds::KindId;
use crate::load::NO_MANIFESTS;
use crate::resolve::codes::UNKNOWN_REFERENCE;
use crate::select::Unknown;
use crate::users::{Uses, Web, needs};

/// The users of an object: of the manifests, and of the account where an environment is given.
///
/// # Errors
/// Manifests that cannot be used, an account that cannot be read, a name that means nothing.
pub async fn of_object(
    run: &Run,
    paths: &[PathBuf],
    (kind, name): &(KindId, String),
) -> Result<Uses, Error> {
    let workspace = Workspace::find(run, paths)?;
    let unknown = |Unknown { message, help }| Error::invalid(message).help(help);
    let now = Some(workspace.now);
    if run.given_environment().is_none() {
        let manifests = manifests_for(run, &workspace, false)?;
        let web = Web::of_manifests(&manifests.desired, now).for_questions_about(*kind);
        let node = web.find(*kind, name).map_err(unknown)?;
        return Ok(web.uses(&node));
    }
    let manifests = manifests_for(run, &workspace, true)?;
    let account = Account::connect(run, &workspace).await?;
    let uses = async {
        let ledger = account.recorded(run).await?.ledger;
        let inventory = account.read(run, &needs([*kind])).await?;
        let web = Web::of_account(&manifests.desired, &inventory, &ledger, now);
        let web = web.for_questions_about(*kind);
        let node = web.find(*kind, name).map_err(unknown)?;
        Ok::<_, Error>(Uses {
            environment: Some(account.environment.clone()),
            account: Some(account.id.clone()),
            ..web.uses(&node)
        })
    };
    let uses = uses.await;
    account.close().await;
    uses
}

/// The manifests, whose references may lead to objects that no manifest defines any more: who uses such an object is
/// what people ask right after they removed it. An account has users without manifests, too.
fn manifests_for(run: &Run, workspace: &Workspace, of_account: bool) -> Result<Manifests, Error> {
    let mut manifests = workspace.readable_manifests(run)?;
    let diags = std::mem::take(&mut manifests.diags).into_iter();
    let diags = diags.filter(|it| !of_account || it.code.name != NO_MANIFESTS.name);
    manifests.diags = diags.collect();
    lower(&mut manifests, &|it| it.code.name == UNKNOWN_REFERENCE.name);
    refuse(run, &manifests.diags, &manifests.texts, UNUSABLE)?;
    Ok(manifests)
}
