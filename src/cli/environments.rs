//! Something for every environment of a project, side by side: one that fails hides no other.

use std::path::Path;
use std::sync::Mutex;

use super::error::CliError;
use super::ui::Ui;
use super::workspace::{UNUSABLE, Workspace, refuse};
use super::{Global, exit, manifests, progress};
use crate::diag::{Diagnostic, Diags, Location};
use crate::plan::Failure;
use crate::project::SANDBOX;
use crate::resolve::codes::UNUSED_VARIABLE;

/// How many environments are worked on at a time.
const AT_A_TIME: usize = 4;

/// The exit codes from the worst: a run of several environments has that of the worst of them.
const FROM_THE_WORST: [u8; 7] = [
    exit::ERROR,
    exit::INVALID,
    exit::DENIED,
    exit::THROTTLED,
    exit::BLOCKED,
    exit::CHANGES,
    exit::DONE,
];

/// What came of one environment, under its name.
pub(super) type Came<T> = (String, Result<T, CliError>);

/// Every environment of the project; without any, the sandbox.
#[must_use]
pub(super) fn every(workspace: &Workspace) -> Vec<String> {
    let names: Vec<String> = workspace.project.environments.keys().cloned().collect();
    if names.is_empty() {
        vec![SANDBOX.to_owned()]
    } else {
        names
    }
}

/// Does something for every environment, and returns what came of it in the order of the names. `work` gets a terminal
/// that says which environment it is about, and the flags as they would be for that environment alone.
///
/// # Errors
/// Flags that only one environment can have.
pub(super) fn side_by_side<T: Send>(
    ui: &Ui,
    global: &Global,
    workspace: &Workspace,
    work: impl Fn(&Ui, &Global) -> Result<T, CliError> + Sync,
) -> Result<Vec<Came<T>>, CliError> {
    check(ui, global, workspace)?;
    let names = every(workspace);
    let reading = progress::reading(ui, &format!("{} environments", names.len()));
    let one = |name: &String| {
        let global = Global {
            environment: Some(name.clone()),
            is_one_of_several: true,
            ..global.clone()
        };
        work(&ui.about(name), &global)
    };
    let waiting = Mutex::new(names.iter().enumerate());
    let next = || {
        let mut waiting = waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        waiting.next()
    };
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..names.len().min(AT_A_TIME) {
            scope.spawn(|| {
                while let Some((index, name)) = next() {
                    let result = one(name);
                    let mut done = done
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    done.push((index, name.clone(), result));
                }
            });
        }
    });
    reading.finish();
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(index, ..)| *index);
    Ok(done
        .into_iter()
        .map(|(_, name, result)| (name, result))
        .collect())
}

/// The exit code of a run of several.
#[must_use]
pub(super) fn worst(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| FROM_THE_WORST.iter().position(|other| other == code);
    codes.into_iter().min_by_key(rank).unwrap_or(exit::DONE)
}

/// Tells people what went wrong where data for programs is all that stands on stdout.
pub(super) fn tell<'a>(ui: &Ui, failures: impl Iterator<Item = (&'a str, &'a Failure)>) {
    for (environment, Failure { message, help }) in failures {
        let error = CliError::new(exit::ERROR, format!("{environment}: {message}"));
        ui.error(&CliError {
            help: help.clone(),
            ..error
        });
    }
}

fn check(ui: &Ui, global: &Global, workspace: &Workspace) -> Result<(), CliError> {
    if global.environment.is_some() {
        return Err(
            CliError::invalid("`--all-environments` leaves no room for `--environment`")
                .help("give one of them"),
        );
    }
    if workspace.paths.iter().any(|path| path == Path::new("-")) {
        return Err(CliError::invalid(
            "`--all-environments` cannot read standard input, which is there once only",
        )
        .help("give files or folders"));
    }
    if global.variables.is_empty() {
        return Ok(());
    }
    // A variable that no environment refers to is a mistake; one that some of them do not is none.
    let surveyed = manifests::of_environments(workspace, &every(workspace), &global.given());
    let unused: Diags = surveyed
        .diags
        .into_iter()
        .filter(is_given_in_vain)
        .collect();
    refuse(ui, &unused, &surveyed.texts, UNUSABLE)
}

/// Whether a complaint is about a variable that a flag gives and nothing refers to.
pub(super) fn is_given_in_vain(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.name == UNUSED_VARIABLE.name && matches!(diagnostic.at, Location::Run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_code_wins() {
        assert_eq!(worst([0, 2, 0]), 2);
        assert_eq!(worst([2, 6, 0]), 6);
        assert_eq!(worst([2, 6, 4, 5]), 4);
        assert_eq!(worst([3, 1, 2]), 1);
        assert_eq!(worst([]), 0);
    }
}
