//! Whether the ledger of a run outlives the runner of a pipeline.
//!
//! A runner is wiped when its job ends, and a ledger that is a file goes with it: the next run knows no object as its
//! own any more, so that a manifest which is removed later leaves its live object behind, and nothing says so.

use std::path::{Path, PathBuf};

use super::git::Repository;
use super::workspace::Workspace;
use super::{Machine, Run};
use crate::project::{LedgerFiles, LedgerPlace, SANDBOX, ledger_file};

/// What to do about a ledger that is not kept.
const REMEDY: &str = "commit it when the job is done, and set `CAMPAIGNCTL_COMMITS_LEDGER=true` for the job; or share \
     it: `ledger: s3://bucket/key` of the environment, `gs://..`, `az://..` or the `https://` address of GitLab's state";

/// The variable by which a job says that it commits the ledger: nobody else knows what comes after the run.
const COMMITS: &str = "CAMPAIGNCTL_COMMITS_LEDGER";

/// A ledger that goes with its runner.
pub struct Unkept {
    /// Why it goes.
    pub why: String,
    /// What to do about it.
    pub help: &'static str,
    /// Whether git has the file, and what goes is what was recorded since its last commit.
    is_tracked: bool,
}

/// How far the job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It is going to record something.
    Records,
    /// It recorded whatever the file holds.
    Recorded,
}

/// Warns, before anything is recorded, of a ledger of which git has nothing.
pub fn warn(run: &Run, workspace: &Workspace) {
    let unkept = unkept(workspace, run.environment(), Timing::Recorded);
    tell(run, unkept.filter(|it| !it.is_tracked));
    if let Some(folder) = unignored(workspace, run.environment()) {
        let folder = folder.strip_prefix(&workspace.root).unwrap_or(&folder);
        run.note(&format!(
            "warning: git does not ignore what runs leave beside the ledger\n  = help: add `*.lock`, `*.journal` and \
             `*.rollback.plan.json` to `{}`",
            folder.join(".gitignore").display()
        ));
    }
}

/// Warns, after a run, of what it recorded in a ledger that git has and the job does not commit.
pub fn warn_of_recorded(run: &Run, workspace: &Workspace) {
    let unkept = unkept(workspace, run.environment(), Timing::Recorded);
    tell(run, unkept.filter(|it| it.is_tracked));
}

fn tell(run: &Run, unkept: Option<Unkept>) {
    if let Some(Unkept { why, help, .. }) = unkept {
        run.note(&format!("warning: {why}\n  = help: {help}"));
    }
}

/// The folder of a ledger in which git would keep its lock: people have a `.gitignore` of their own there.
fn unignored(workspace: &Workspace, name: &str) -> Option<PathBuf> {
    let address = workspace.environment(name).ok()?.ledger.clone()?;
    let file = workspace.root.join(&address);
    let is_inside = file.starts_with(&workspace.root) && !file.starts_with(workspace.state(""));
    let folder = file.parent()?.to_owned();
    let is_theirs = LedgerPlace::of(&address) == Ok(LedgerPlace::File)
        && is_inside
        && folder.join(".gitignore").is_file();
    let repository = Repository::around(&workspace.root)
        .ok()
        .filter(|_| is_theirs)?;
    let LedgerFiles { lock, journal, .. } = LedgerFiles::of(file);
    let mut leftovers = [lock, journal].into_iter();
    let is_kept = leftovers.any(|file| repository.ignores(&file).is_ok_and(|ignores| !ignores));
    is_kept.then_some(folder)
}

/// Why the ledger of an environment is lost when this job ends; none where it is kept, and outside of pipelines. The
/// sandbox goes together with its ledger.
pub fn unkept(workspace: &Workspace, name: &str, timing: Timing) -> Option<Unkept> {
    if name == SANDBOX || !is_pipeline(&workspace.machine) {
        return None;
    }
    let environment = workspace.environment(name).ok()?;
    let address = environment.ledger.as_ref();
    if address.is_some_and(|it| LedgerPlace::of(it) != Ok(LedgerPlace::File)) {
        return None;
    }
    let file = workspace.root.join(ledger_file(name, Some(&environment)));
    let said = file.strip_prefix(&workspace.root).unwrap_or(&file);
    let said = said.display();
    let commits = is_set(&workspace.machine, COMMITS);
    let lost = lost(&workspace.root, &file, commits, timing)?;
    let why = match lost {
        Goes::Everything(why) => format!("the ledger `{said}` is lost when this job ends{why}"),
        Goes::Recorded(Timing::Records) => format!(
            "what this job records in the ledger `{said}` is lost when it ends, unless the job commits it"
        ),
        Goes::Recorded(Timing::Recorded) => format!(
            "what this job recorded in the ledger `{said}` is lost when it ends, unless the job commits it: it is not as \
             in git"
        ),
    };
    Some(Unkept {
        why,
        help: REMEDY,
        is_tracked: matches!(lost, Goes::Recorded(_)),
    })
}

/// Pipelines set `CI`; some say `false` where a person runs the same script.
pub fn is_pipeline(machine: &Machine) -> bool {
    is_set(machine, "CI")
}

fn is_set(machine: &Machine, variable: &str) -> bool {
    let variable = machine.variable(variable);
    variable.is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// What goes with the runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    /// The whole ledger, and why.
    Everything(&'static str),
    /// What was, or will be, recorded since its last commit.
    Recorded(Timing),
}

/// What git does not keep of a file, even if the job `commits` it. A file outside of the project is the business of whoever put it there.
fn lost(root: &Path, file: &Path, commits: bool, timing: Timing) -> Option<Goes> {
    if !file.starts_with(root) {
        return None;
    }
    let Ok(repository) = Repository::around(root) else {
        return Some(Goes::Everything(": there is no git repository around it"));
    };
    match (repository.tracks(file), repository.ignores(file)) {
        (Err(_), _) => None,
        _ if commits => None,
        (Ok(true), _) => {
            let is_newer = timing == Timing::Records || repository.differs(file).unwrap_or(false);
            is_newer.then_some(Goes::Recorded(timing))
        }
        (Ok(false), Ok(true)) => Some(Goes::Everything(": git ignores it")),
        (Ok(false), _) => Some(Goes::Everything(
            ", unless the job commits it: it is new to git",
        )),
    }
}
