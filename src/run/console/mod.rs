//! What a person in the console would do to an object: fields are changed on the account, behind the back of manifests and
//! ledger.
//!
//! Only for accounts that nobody uses, such as the sandbox: it is how drift is made on purpose. Fields are named and written as
//! in manifests ([`FieldEdit`]).

mod change;
mod field;
mod given;

pub use given::FieldEdit;

use super::account::Account;
use super::{Error, Run, Workspace};
use crate::api::{Address, Reader as _, Writer as _};
use crate::export::{exportable, named_object};
use crate::kinds::mapping::lift;
use crate::kinds::{KindId, Role};
use crate::live::{Needs, References};
use crate::select::UnknownSelection;
use change::{EditedObject, refused};

/// What became of an edit.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The name that people see.
    pub display_name: String,
    /// Whether the object is another one now.
    pub is_written: bool,
    /// The fields that had their values before.
    pub same: Vec<String>,
}

/// Changes an object, which is named as its manifest is, by display name or by id.
///
/// # Errors
/// An object or a field that is not there, a value that the kind does not take.
pub async fn edit(
    run: &Run,
    workspace: &Workspace,
    (kind, name): (KindId, &str),
    edits: &[FieldEdit],
) -> Result<Edited, Error> {
    let account = Account::connect(run, workspace).await?;
    let edited = edit_in(run, &account, (kind, name), edits).await;
    account.close().await;
    edited
}

/// Refuses a kind that no account holds, or that has no fields to edit.
///
/// # Errors
/// Such a kind.
pub fn is_editable(kind: KindId) -> Result<(), Error> {
    match kind.def().role {
        Role::Local => {
            let why = format!("{} is in no account: edit its manifest", kind.one());
            Err(Error::invalid(why))
        }
        Role::Reference => Err(Error::invalid(format!(
            "{} cannot be edited here",
            kind.one()
        ))),
        _ => Ok(()),
    }
}

async fn edit_in(
    run: &Run,
    account: &Account,
    (kind, name): (KindId, &str),
    edits: &[FieldEdit],
) -> Result<Edited, Error> {
    let ledger = account
        .ledger
        .load(&run.machine().unique_id())
        .await?
        .ledger;
    let inventory = account.read(run, &Needs::every(exportable())).await?;
    let object = named_object(&inventory, &ledger, kind, name)
        .map_err(|UnknownSelection { message, help }| Error::invalid(message).help(help))?;
    for FieldEdit { field, .. } in edits {
        field.check(kind).map_err(refused)?;
    }
    let address = Address {
        kind,
        parent: object.parent.clone(),
        id: object.id.clone(),
    };
    let item = account.client.get(&address).await?;
    let references = References::bound(&inventory, &ledger);
    let held = lift(kind.def(), &item.body, &references);
    let wanted = EditedObject::of(kind, name, (&held, &item.body), edits, &references)?;
    if wanted.body != item.body {
        let written = account
            .client
            .update(&address, &item.revision, &wanted.body)
            .await?;
        let taken = lift(kind.def(), &written.body, &references);
        if taken == held && !wanted.is_unreturned {
            return Err(Error::invalid("the sandbox kept nothing of the change"));
        }
    }
    Ok(Edited {
        display_name: object.display_name.clone(),
        is_written: wanted.body != item.body,
        same: wanted.same,
    })
}
