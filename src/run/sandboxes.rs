//! The sandbox of a project, as an object of its own: found by a path, emptied with its ledger, filled.

use std::path::PathBuf;

use super::account::{fill, sandbox_options};
use super::execute::released;
use super::ledgers::{ledger_of, lock};
use super::workspace::Workspace;
use super::{Error, Run};
use crate::ledger::JournalEvent;
use crate::manifest::Key;
use crate::project::{PROJECT_FILE, SANDBOX};
use crate::sandbox::Sandbox;

/// The project whose sandbox is meant: that of a path, else that of the current folder.
///
/// # Errors
/// A path that is in no project.
pub fn project_of(run: &Run, path: Option<&PathBuf>) -> Result<Workspace, Error> {
    let paths: Vec<PathBuf> = path.into_iter().cloned().collect();
    let workspace = Workspace::find(run, &paths)?;
    match path {
        Some(path) if !workspace.has_file() => {
            let why = format!(
                "`{}` is in no project: there is no `{PROJECT_FILE}` in it or above it",
                path.display()
            );
            Err(Error::invalid(why).help(
                "leave the path out: without a project file, the sandbox is that of the current folder",
            ))
        }
        _ => Ok(workspace),
    }
}

/// Opens the sandbox of a project.
///
/// # Errors
/// A folder that cannot be made, a store that cannot be opened.
pub fn open(workspace: &Workspace) -> Result<Sandbox, Error> {
    let environment = workspace.environment(SANDBOX)?;
    Ok(Sandbox::open(sandbox_options(workspace, &environment, 0)?)?)
}

/// Starts over with a new account, which holds the seed of the project. Returns how many objects the ledger forgot.
///
/// # Errors
/// A run that is at work on it, a seed that cannot be read.
pub async fn reset(run: &Run, workspace: &Workspace) -> Result<usize, Error> {
    let environment = workspace.environment(SANDBOX)?;
    let sandbox = open(workspace)?;
    let run = run.with_environment(SANDBOX);
    let empty = || {
        sandbox
            .reset()
            .map_err(crate::sandbox::SandboxError::from)?;
        fill(&sandbox, workspace, &environment)
    };
    emptied(&run, workspace, empty).await
}

/// Empties a sandbox while its ledger is locked, so that no run is at work on it, and takes everything out of the ledger,
/// with the plan that takes back the last run: no id of the old account means anything in the new one. Returns how many
/// entries there were.
async fn emptied(
    run: &Run,
    workspace: &Workspace,
    empty: impl FnOnce() -> Result<(), Error>,
) -> Result<usize, Error> {
    let store = ledger_of(run, workspace)?;
    let mut session = lock(workspace, &store).await?;
    let keys: Vec<Key> = session.ledger().entries.keys().cloned().collect();
    let emptied = empty().and_then(|()| {
        let gone = std::fs::remove_file(store.rollback_path());
        gone.or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        for key in &keys {
            session.record(JournalEvent::Unbound {
                key: key.clone(),
                at: None,
            })?;
        }
        Ok(session.note_begun(None)?)
    });
    match emptied {
        Ok(()) if session.events().is_empty() && session.ledger().unfinished.is_empty() => {
            released(session, Ok(0)).await
        }
        Ok(()) => Ok(session.commit().await.map(|_| keys.len())?),
        Err(error) => released(session, Err(error)).await,
    }
}
