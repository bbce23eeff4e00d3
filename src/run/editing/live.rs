//! What is known of live objects without asking an account, read again when the files have changed: the ledgers in
//! local files, and the newest plan that was saved into the folder of the project or its `.campaignctl`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::editor::LiveStates;
use crate::ledger::LedgerStore;
use crate::plan::PLAN_FORMAT;
use crate::project::{LedgerPlace, Project, SANDBOX, SANDBOX_ACCOUNT, ledger_file};
use crate::run::{Trust, saved};

/// The files, and what was read from them. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct LiveCache {
    root: PathBuf,
    /// The account and the address of the ledger by environment.
    ledgers: Vec<(String, String, PathBuf)>,
    read: Arc<Mutex<(FileTimes, Arc<LiveStates>)>>,
}

/// When each of the files was last written.
type FileTimes = BTreeMap<PathBuf, Option<SystemTime>>;

impl LiveCache {
    /// The files of a project.
    pub fn new(trust: &Trust, root: &Path, project: &Project) -> Self {
        let mut names: Vec<&str> = project.environments.keys().map(String::as_str).collect();
        if !names.contains(&SANDBOX) {
            names.push(SANDBOX);
        }
        let ledgers = names.into_iter().filter_map(|name| {
            let environment = project.environments.get(name);
            let account = environment.and_then(|it| it.account.clone());
            let account =
                account.or_else(|| (name == SANDBOX).then(|| SANDBOX_ACCOUNT.to_owned()))?;
            let address = environment.and_then(|it| it.ledger.as_deref());
            if address.is_some_and(|it| LedgerPlace::of(it) != Ok(LedgerPlace::File)) {
                return None; // that would be the network
            }
            let path = root.join(ledger_file(name, environment));
            trust.file(root, "the ledger", &path).ok()?;
            Some((name.to_owned(), account, path))
        });
        Self {
            root: root.to_path_buf(),
            ledgers: ledgers.collect(),
            read: Arc::default(),
        }
    }

    /// What is known.
    pub fn states(&self) -> Arc<LiveStates> {
        let plan = newest_plan(&self.root);
        let ledgers = self.ledgers.iter().map(|(_, _, path)| path.clone());
        let journals = self.ledgers.iter().map(|(_, account, path)| {
            let store = LedgerStore::new(path, account);
            store.journal_path().to_path_buf()
        });
        let stamps: FileTimes = ledgers
            .chain(journals)
            .chain(plan.clone())
            .map(|path| (path.clone(), written(&path)))
            .collect();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.0 != stamps {
            *read = (stamps, Arc::new(self.look(plan.as_deref())));
        }
        Arc::clone(&read.1)
    }

    fn look(&self, plan: Option<&Path>) -> LiveStates {
        let mut states = LiveStates::default();
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
            return states;
        };
        for (name, account, path) in self.ledgers.iter().filter(|(_, _, path)| path.is_file()) {
            let store = LedgerStore::new(path, account);
            // A ledger that cannot be read is for the other commands to complain about.
            if let Ok(loaded) = runtime.block_on(store.load("")) {
                states.ledgers.insert(name.clone(), Arc::new(loaded.ledger));
            }
        }
        let read = plan.and_then(|path| Some((path, saved::read(path).ok()?)));
        states.plan = read.map(|(path, plan)| {
            let name = path.file_name().unwrap_or_default();
            (name.to_string_lossy().into_owned(), Arc::new(plan))
        });
        states
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// The newest plan among the files of the project's folder and its `.campaignctl`.
fn newest_plan(root: &Path) -> Option<PathBuf> {
    let folders = [root.to_path_buf(), root.join(".campaignctl")];
    let entries = folders
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten();
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let plans =
        files.filter(|path| path.extension().is_some_and(|it| it == "json") && is_plan(path));
    plans.max_by_key(|path| (written(path), path.clone()))
}

/// Whether a file begins like a plan.
fn is_plan(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(200).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains(PLAN_FORMAT)
}
