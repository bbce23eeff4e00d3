//! The files beside the ledgers of a project: what the runs of one environment keep there is nothing of another's.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::{Environment, LedgerPlace, Project, SANDBOX};

/// The folder of what runs remember, where the ledger of an environment is named after it.
const LEDGERS: &str = ".campaignctl/ledger";

/// What is wrong with the ledgers of the environments together: an environment, and why.
pub(super) fn complaints(project: &Project) -> Vec<(String, String)> {
    let mut taken: BTreeMap<PathBuf, (String, PathBuf)> = BTreeMap::new();
    let mut found = Vec::new();
    let sandbox = std::iter::once(SANDBOX.to_owned()); // it is there, whatever the file says
    let others = project.environments.keys().cloned();
    for name in sandbox.chain(others.filter(|name| name != SANDBOX)) {
        let ledger = ledger(&name, project.environments.get(&name));
        let files = files(&ledger);
        let shared = files.iter().find_map(|file| {
            let (other, theirs) = taken.get(file)?;
            (*theirs != ledger).then_some((file, other))
        });
        if let Some((file, other)) = shared {
            let file = file.display();
            let message =
                format!("runs of `{name}` and runs of `{other}` would both write `{file}`");
            found.push((name.clone(), message));
        }
        for file in files {
            let owner = (name.clone(), ledger.clone());
            taken.entry(file).or_insert(owner);
        }
    }
    found
}

/// The file of a ledger, or of its copy where the ledger is elsewhere.
fn ledger(name: &str, environment: Option<&Environment>) -> PathBuf {
    let given = environment.and_then(|it| it.ledger.as_deref());
    let given = given.filter(|it| LedgerPlace::of(it) == Ok(LedgerPlace::File));
    let path = given.map_or_else(
        || Path::new(LEDGERS).join(format!("{name}.json")),
        PathBuf::from,
    );
    let steps = path.components().filter(|it| *it != Component::CurDir);
    steps.collect()
}

/// A ledger, and what runs keep beside it.
fn files(ledger: &Path) -> Vec<PathBuf> {
    let name = ledger.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".json").unwrap_or(&name);
    let names = [
        name.to_string(),
        format!("{name}.lock"),
        format!("{name}.journal"),
        format!("{stem}.rollback.plan.json"),
    ];
    names.map(|name| ledger.with_file_name(name)).to_vec()
}
