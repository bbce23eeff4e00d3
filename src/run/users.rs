//! Who uses an object: in the manifests alone, or in an account with them.

use std::path::PathBuf;

use super::account::Account;
use super::manifests::{Manifests, lower};
use super::workspace::{UNUSABLE, Workspace, refuse};
use super::{Error, Run};
use crate::kinds::{KindId, Role};
use crate::load::NO_MANIFESTS;
use crate::manifest::Key;
use crate::resolve::codes::UNKNOWN_REFERENCE;
use crate::select::UnknownSelection;
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
    let unknown =
        |it: UnknownSelection| Error::invalid(&*it.message).help(remedy(run, *kind, it.help));
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

/// What to do about an object that is not known: what was written nearly so, or where objects of its kind are listed.
fn remedy(run: &Run, kind: KindId, help: String) -> String {
    if help.starts_with("did you mean") {
        return help;
    }
    match kind.def().role {
        Role::Local => format!(
            "only manifests define a {kind}, not an account: `campaignctl explain {kind}` shows how to write one"
        ),
        Role::Reference => {
            let environment = run.environment();
            format!("`campaignctl doctor -e {environment}` lists what the account contains")
        }
        Role::Managed | Role::Observed => help,
    }
}

/// What a name without a kind may mean: the manifests of that name.
///
/// # Errors
/// A project that cannot be read.
pub fn of_name(run: &Run, paths: &[PathBuf], name: &str) -> Result<Vec<Key>, Error> {
    let workspace = Workspace::find(run, paths)?;
    let manifests = workspace.readable_manifests(run)?;
    let keys = manifests.desired.iter().map(|it| it.key.clone());
    Ok(keys.filter(|key| key.name.as_str() == name).collect())
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
