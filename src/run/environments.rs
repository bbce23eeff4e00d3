//! Something for every environment of a project, side by side: one that fails hides no other.

use std::path::Path;
use std::sync::Mutex;

use super::error::Error;
use super::workspace::{UNUSABLE, Workspace, refuse};
use super::{Run, manifests};
use crate::diag::{Diagnostic, Diags, Location};
use crate::resolve::codes::UNUSED_VARIABLE;

/// What came of one environment, under its name.
pub type Came<T> = (String, Result<T, Error>);

/// Does something for every environment, and returns what came of it in the order of the names. `work` gets a terminal
/// that says which environment it is about, and the flags as they would be for that environment alone. At most
/// `at_a_time` of them are worked on at once.
///
/// # Errors
/// Flags that only one environment can have.
pub fn side_by_side<T: Send>(
    run: &Run,
    workspace: &Workspace,
    at_a_time: u16,
    work: impl Fn(&Run) -> Result<T, Error> + Sync,
) -> Result<Vec<Came<T>>, Error> {
    check(run, workspace)?;
    let names = workspace.project.every_environment();
    let reading = run
        .news()
        .waiting(&format!("reading {} environments", names.len()));
    let came = of_each(run, &names, at_a_time, work);
    drop(reading);
    Ok(came)
}

/// The same for some environments, whatever the flags say.
pub fn of_each<T: Send>(
    run: &Run,
    names: &[String],
    at_a_time: u16,
    work: impl Fn(&Run) -> Result<T, Error> + Sync,
) -> Vec<Came<T>> {
    let one = |name: &String| work(&run.about(name));
    let waiting = Mutex::new(names.iter().enumerate());
    let next = || {
        let mut waiting = waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        waiting.next()
    };
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..names.len().min(usize::from(at_a_time.max(1))) {
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
    let mut done = done
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(index, ..)| *index);
    done.into_iter()
        .map(|(_, name, result)| (name, result))
        .collect()
}

/// Whether the flags of a run can be about all environments.
///
/// # Errors
/// Flags that only one environment can have.
pub fn check(run: &Run, workspace: &Workspace) -> Result<(), Error> {
    if run.given_environment().is_some() {
        return Err(
            Error::invalid("`--all-environments` leaves no room for `--environment`")
                .help("give one of them"),
        );
    }
    if workspace.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Error::invalid(
            "`--all-environments` cannot read standard input, which is there once only",
        )
        .help("give files or folders"));
    }
    if run.given().is_empty() {
        return Ok(());
    }
    // A variable that no environment refers to is a mistake; one that only some of them use is not.
    let surveyed = manifests::of_environments(
        workspace,
        &workspace.project.every_environment(),
        run.given(),
    );
    let unused: Diags = surveyed
        .diags
        .into_iter()
        .filter(is_given_in_vain)
        .collect();
    refuse(run, &unused, &surveyed.texts, UNUSABLE)
}

/// Whether a complaint is about a variable that a flag gives and nothing refers to.
pub fn is_given_in_vain(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.name == UNUSED_VARIABLE.name && matches!(diagnostic.at, Location::Run)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::run::{Machine, Options, Silent};

    #[test]
    fn no_more_are_worked_on_at_once_than_the_caller_wants() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = "environments:\n".to_owned();
        for number in 0..9 {
            let _ = writeln!(
                file,
                "  e{number}: {{ account: '{number}', credentials: {{ bearer: {{ env: A }} }} }}"
            );
        }
        std::fs::write(folder.path().join("campaignctl.yaml"), file).unwrap();
        let machine = Machine::new(std::env::current_dir().unwrap(), jiff::Timestamp::now);
        let run = Run::new(Options::default(), Arc::new(machine), Arc::new(Silent));
        let workspace = Workspace::find(&run, &[folder.path().to_path_buf()]).unwrap();
        for at_a_time in [1, 3, 4, 64] {
            let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let came = side_by_side(&run, &workspace, at_a_time, |run| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(run.environment().to_owned())
            });
            let came = came.unwrap();
            assert!(most.into_inner() <= usize::from(at_a_time), "{at_a_time}");
            assert_eq!(came.len(), 9);
            assert!(
                came.iter()
                    .all(|(name, said)| said.as_ref().unwrap() == name)
            );
            assert!(came.is_sorted_by_key(|(name, _)| name));
        }
    }
}
