//! The files of a ledger on this computer. What the runs of one environment keep beside its ledger is nothing of another's.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::{Environment, LedgerPlace, Project, SANDBOX};

/// The folder of the ledgers that are named after their environments, in the folder of a project.
const LEDGERS: &str = ".campaignctl/ledger";

/// A ledger, or its copy where it is elsewhere, and what runs keep beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerFiles {
    /// The ledger.
    pub ledger: PathBuf,
    /// Whoever holds it is at work.
    pub lock: PathBuf,
    /// What a run did, until the ledger is stored.
    pub journal: PathBuf,
    /// The plan that undoes the last run.
    pub rollback: PathBuf,
}

impl LedgerFiles {
    /// The files of the ledger at a path.
    #[must_use]
    pub fn of(ledger: impl Into<PathBuf>) -> Self {
        let ledger = ledger.into();
        let name = ledger.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(".json").unwrap_or(&name);
        Self {
            lock: ledger.with_file_name(format!("{name}.lock")),
            journal: ledger.with_file_name(format!("{name}.journal")),
            rollback: ledger.with_file_name(format!("{stem}.rollback.plan.json")),
            ledger,
        }
    }

    fn all(&self) -> [&PathBuf; 4] {
        [&self.ledger, &self.lock, &self.journal, &self.rollback]
    }
}

/// The file of the ledger of an environment, or of its copy where the ledger is elsewhere, in the folder of the project.
#[must_use]
pub fn ledger_file(name: &str, environment: Option<&Environment>) -> PathBuf {
    let given = environment.and_then(|it| it.ledger.as_deref());
    let given = given.filter(|it| LedgerPlace::of(it) == Ok(LedgerPlace::File));
    given.map_or_else(|| local_ledger(name), PathBuf::from)
}

/// The file that the ledger of an environment has by itself.
#[must_use]
pub fn local_ledger(name: &str) -> PathBuf {
    Path::new(LEDGERS).join(format!("{name}.json"))
}

/// What is wrong with the ledgers of the environments together: an environment, and why.
pub(super) fn complaints(project: &Project) -> Vec<(String, String)> {
    let sandbox = std::iter::once(SANDBOX); // it is there, whatever the file says
    let others = project.environments.keys().map(String::as_str);
    let mut taken: BTreeMap<PathBuf, (&str, PathBuf)> = BTreeMap::new();
    let mut found = Vec::new();
    for name in sandbox.chain(others.filter(|name| *name != SANDBOX)) {
        let path = ledger_file(name, project.environments.get(name));
        let steps = path.components().filter(|it| *it != Component::CurDir);
        let files = LedgerFiles::of(steps.collect::<PathBuf>());
        let shared = files.all().into_iter().find_map(|file| {
            let (other, ledger) = taken.get(file)?;
            (*ledger != files.ledger).then_some((file, other))
        });
        if let Some((file, other)) = shared {
            let file = file.display();
            let message =
                format!("runs of `{name}` and runs of `{other}` would both write `{file}`");
            found.push((name.to_owned(), message));
        }
        for file in files.all() {
            let owner = (name, files.ledger.clone());
            taken.entry(file.clone()).or_insert(owner);
        }
    }
    found
}
