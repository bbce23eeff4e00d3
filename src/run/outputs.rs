//! Files that a person names for what a run makes: none of them replaces what people wrote.
//!
//! A plan, a picture or a report is made anew each time, so its file may be replaced. Anything else was made by people or by
//! other programs: a slip such as `--out goals.yaml` or `--json-into seed/skills.json` would lose it. Scenarios that the
//! program writes are for people to edit, so they only go into files that are not there. Where nothing can be written is
//! found out before anything is done, too: a run that changed an account should not end without the result that was asked
//! for. For the same reason no two of them are one file, and none is where a run keeps its ledger or its audit log. An audit
//! log is added to, and lies nowhere else: a run takes its journal away when it ends.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Machine;
use super::error::Error;
use super::same_file::{has_names, identity, whole};
use super::saved;
use super::workspace::STATE_FOLDER;
use crate::files::Stream;
use crate::load::{PROJECT_FILES, is_manifest};
use crate::plan::INDEX_FILE;
use crate::project::SANDBOX;

/// How what a run makes begins, but for documents, which name their format first; and the format that says the same as a
/// document.
const MADE: [(&str, &str); 4] = [
    ("digraph campaignctl", "graph"),
    ("flowchart LR\n  n0[", "graph"),
    (
        "<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, 'Segoe UI'",
        "graph",
    ),
    ("TN:campaignctl\n", "test"),
];

/// A flag that names a file for a result.
#[derive(Clone, Copy, Debug)]
pub struct OutputFlag {
    /// The flag, as it is typed.
    pub name: &'static str,
    /// The formats of the results that it replaces: it makes no others.
    pub makes: &'static [&'static str],
}

impl OutputFlag {
    /// `plan --out`.
    pub const PLAN: Self = Self {
        name: "--out",
        makes: &["plan"],
    };
    /// What `plan --all-environments --out` makes beside the plans.
    pub const INDEX: Self = Self {
        name: "--out",
        makes: &["plan-index"],
    };
    /// `graph --out`.
    pub const GRAPH: Self = Self {
        name: "--out",
        makes: &["graph"],
    };
    /// `launch plan --out`.
    pub const LAUNCH: Self = Self {
        name: "--out",
        makes: &["launch"],
    };
    /// `test --coverage-out`.
    pub const COVERAGE: Self = Self {
        name: "--coverage-out",
        makes: &["test"],
    };
    /// `doctor --capture`.
    pub const CAPTURE: Self = Self {
        name: "--capture",
        makes: &["capture"],
    };
    /// `--json-into`, which takes what a run says, whatever the command is.
    pub const JSON_INTO: Self = Self {
        name: "--json-into",
        makes: &[
            "drift", "drifts", "error", "outcome", "plan", "plans", "pull", "report", "rollout",
            "status",
        ],
    };
}

/// The formats of documents that a run makes anew whenever it is asked to. Those of all other files of ours, a ledger or
/// an audit log, hold what cannot be made again.
const REMADE: [&str; 24] = [
    "capture",
    "diagnostics",
    "doctor",
    "drift",
    "drifts",
    "error",
    "graph",
    "ids",
    "launch",
    "launches",
    "ledger-list",
    "manifests",
    "outcome",
    "plan",
    "plan-index",
    "plans",
    "proof",
    "pull",
    "report",
    "rollout",
    "status",
    "test",
    "uses",
    "visit",
];

/// The ends of names under which a run keeps something for itself beside a ledger, wherever that lies.
const KEPT: [&str; 3] = [".rollback.plan.json", ".journal", ".lock"];

/// The endings of results that people may put beside the state of a run: it keeps nothing there that ends so.
const RESULTS: [&str; 11] = [
    "csv", "dot", "html", "info", "json", "jsonl", "log", "md", "mmd", "svg", "xml",
];

/// How much of a file is looked at.
const START: u64 = 512;

/// The files that flags of a run named, shared by all that the run is made of.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    taken: Arc<Mutex<BTreeMap<PathBuf, &'static str>>>,
    /// Where the run is, which says how far the project is trusted.
    machine: Option<Arc<Machine>>,
}

impl Outputs {
    /// Of a run on this machine.
    #[must_use]
    pub fn of(machine: &Arc<Machine>) -> Self {
        Self {
            taken: Arc::default(),
            machine: Some(Arc::clone(machine)),
        }
    }

    /// Makes sure that no link of a restricted project leads a result elsewhere.
    fn stays(&self, path: &Path, flag: &'static str) -> Result<(), Error> {
        match &self.machine {
            Some(machine) if Stream::of(path).is_none() => {
                let (trust, here) = (machine.trust(), machine.here());
                trust.result(here, path).map_err(|error| error.about(flag))
            }
            _ => Ok(()),
        }
    }

    /// Takes a file for a flag.
    fn take(&self, path: &Path, flag: &'static str) -> Result<(), Error> {
        if Stream::of(path).is_some() || (path.exists() && !path.is_file()) {
            return Ok(()); // one stream or device takes what several write
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let former = *taken.entry(identity(path)).or_insert(flag);
        if former == flag {
            return Ok(());
        }
        let why = format!("`{flag}` and `{former}` name the same file");
        Err(Error::invalid(why).help("name another file").about(flag))
    }

    /// Makes sure that no flag named a file that the run needs for itself: `what` says of the file, "is the ledger of this run".
    ///
    /// # Errors
    /// A flag that did.
    pub fn leave(&self, path: &Path, what: &str) -> Result<(), Error> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(&flag) = taken.get(&identity(path)) else {
            return Ok(());
        };
        let why = format!("`{flag}` names `{}`, which {what}", path.display());
        Err(Error::invalid(why).help("name another file").about(flag))
    }

    /// Makes sure that no link of a restricted project leads what a run writes into a folder elsewhere: `files` are those below it.
    ///
    /// # Errors
    /// A folder or a file that leads out of the project.
    pub fn stay<'a>(
        &self,
        folder: &Path,
        files: impl IntoIterator<Item = &'a str>,
        flag: &'static str,
    ) -> Result<(), Error> {
        self.stays(folder, flag)?;
        let mut files = files.into_iter();
        files.try_for_each(|file| self.stays(&folder.join(file), flag))
    }
}

/// Whether two paths name one file, however they are spelled.
pub fn is_same(one: &Path, other: &Path) -> bool {
    identity(one) == identity(other)
}

/// Whether a file is one of the plans in a folder, or their index.
pub fn is_plan_in(file: &Path, folder: &Path) -> bool {
    let is_inside = folder.is_dir() && whole(file).parent() == Some(&whole(folder));
    is_inside && matches!(made(file).as_deref(), Some("plan" | "plan-index"))
}

/// Whether a file may be written to that `flag` names: what is there was made by a run as well, and its folder takes
/// files. For the beginning of a run, before anything is done; nothing else of the run is written to it from then on.
///
/// # Errors
/// A file that may not, or cannot.
pub fn allowed(outputs: &Outputs, path: &Path, flag: OutputFlag) -> Result<(), Error> {
    outputs.stays(path, flag.name)?;
    may_replace(path, flag)?;
    outputs.take(path, flag.name)
}

fn may_replace(path: &Path, OutputFlag { name: flag, makes }: OutputFlag) -> Result<(), Error> {
    if Stream::of(path).is_some() {
        return saved::can_write(path).map_err(|error| error.about(flag));
    }
    refuse_state(path, flag, has_content(path))?;
    let made = made(path);
    let is_made = made.as_deref();
    let is_made = is_made.is_some_and(|format| makes.contains(&format));
    if has_content(path) && !is_made {
        let holds = match made {
            Some(_) => "holds another kind of result",
            None if is_of_project(path) => "may hold manifests",
            None => "is no result of an earlier run",
        };
        let why = format!("`{}` would be replaced, and {holds}", path.display());
        return Err(Error::invalid(why)
            .help("name another file, or delete this one first")
            .about(flag));
    }
    refuse_manifest(path, flag)?;
    saved::can_write(path).map_err(|error| error.about(flag))
}

/// Whether a folder that `flag` names may hold the plans of all environments: it is not there or empty, or holds those of an
/// earlier run. Their names would be read as something else elsewhere, such as a seed.
///
/// # Errors
/// Another folder.
pub fn may_hold_plans(outputs: &Outputs, folder: &Path, flag: &'static str) -> Result<(), Error> {
    refuse_kept_folder(outputs, folder, flag)?;
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_shown = |name: &OsStr| !name.to_string_lossy().starts_with('.');
    let is_empty = !files.into_iter().any(|file| is_shown(&file.file_name()));
    let index = made(&folder.join(INDEX_FILE));
    if is_empty || index.as_deref() == Some("plan-index") {
        return Ok(());
    }
    let why = format!("`{}` holds something else than plans", folder.display());
    Err(Error::invalid(why)
        .help("name a new folder, or the one of an earlier run")
        .about(flag))
}

/// Refuses a folder in which a run or git keeps its own state, or one below it, and a link of a restricted project that leads
/// elsewhere.
///
/// # Errors
/// Such a folder.
pub fn refuse_kept_folder(
    outputs: &Outputs,
    folder: &Path,
    flag: &'static str,
) -> Result<(), Error> {
    outputs.stays(folder, flag)?;
    let whole = whole(folder);
    let mut names = folder.iter().chain(&whole);
    if !names.any(|name| name == STATE_FOLDER || name == ".git") {
        return Ok(());
    }
    let why = format!(
        "`{}` is where a program keeps its own state",
        folder.display()
    );
    Err(Error::invalid(why).help("name another folder").about(flag))
}

/// Refuses a name under which a run would look for manifests in what is no manifest.
fn refuse_manifest(path: &Path, flag: &'static str) -> Result<(), Error> {
    if !is_of_project(path) || (path.exists() && !path.is_file()) {
        return Ok(());
    }
    let why = format!("`{}` would be read as manifests", path.display());
    Err(Error::invalid(why)
        .help("give it a name with another ending")
        .about(flag))
}

/// Whether a file has a name under which manifests or the project are read, or is a link to such a one.
fn is_of_project(path: &Path) -> bool {
    let is_read = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        is_manifest(path) || PROJECT_FILES.iter().any(|it| name == *it)
    };
    is_read(path) || is_read(&whole(path))
}

/// Whether an audit log may be at a path that `flag` names, as far as the path tells: no run keeps something else there, and
/// nothing else reads it. What the file holds is looked at when it is opened.
///
/// # Errors
/// A file that it may not be.
pub fn may_append(outputs: &Outputs, path: &Path, flag: &'static str) -> Result<(), Error> {
    outputs.leave(path, "is the audit log of this run")?;
    outputs.stays(path, flag)?;
    if Stream::of(path).is_some() || (path.exists() && !path.is_file()) {
        return Ok(());
    }
    refuse_state(path, flag, false)?;
    refuse_manifest(path, flag)?;
    if has_names(path) {
        let why = format!("`{}` has another name (a hard link)", path.display());
        return Err(Error::invalid(why).help("name another file").about(flag));
    }
    Ok(())
}

/// Refuses a file of a run's own state; one that is replaced also where a person put it into the folder of that.
fn refuse_state(path: &Path, flag: &'static str, is_replaced: bool) -> Result<(), Error> {
    let whole = whole(path);
    let is_below = |folder: &str| path.iter().chain(&whole).any(|name| name == folder);
    let is_of_git = is_below(".git");
    if !(is_state(path) || is_of_git || is_replaced && is_below(STATE_FOLDER)) {
        return Ok(());
    }
    let why = format!("`{}` is where a run keeps its own state", path.display());
    Err(Error::invalid(why).help("name another file").about(flag))
}

/// Whether a file is where a run keeps its ledger, its journal and the plans that undo it, or has the name of one of these,
/// whether it is there yet or not.
fn is_state(path: &Path) -> bool {
    let is_named = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        KEPT.iter().any(|end| name.ends_with(end))
    };
    [path, &whole(path)]
        .into_iter()
        .any(|path| is_named(path) || is_in_state_folder(path))
}

/// Whether a path is one of those that a run uses in the folder of its state: people may put their own files beside these.
fn is_in_state_folder(path: &Path) -> bool {
    let mut names = path.iter().skip_while(|name| *name != STATE_FOLDER).skip(1);
    let (Some(name), is_below) = (names.next(), names.next().is_some()) else {
        return false;
    };
    let ending = Path::new(name).extension().unwrap_or_default();
    let is_result = RESULTS.iter().any(|it| ending == *it);
    is_below || !is_result || name.to_string_lossy().starts_with(SANDBOX)
}

/// The format of the result of a run that a file begins as.
fn made(path: &Path) -> Option<String> {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    let start = String::from_utf8_lossy(&start);
    read.ok()?;
    let document = format_of(&start).filter(|format| REMADE.contains(format));
    let is_coverage = start.starts_with("<?xml ") && start.contains("<coverage line-rate=");
    let other = || {
        let known = MADE.iter().find(|(it, _)| start.starts_with(it));
        known.map(|(_, format)| *format)
    };
    let made = document.or_else(|| is_coverage.then_some("test"));
    made.or_else(other).map(str::to_owned)
}

/// The word in `{ "format": "campaignctl.WORD/v1"`, with which our documents begin.
fn format_of(start: &str) -> Option<&str> {
    let rest = start.trim_start().strip_prefix('{')?.trim_start();
    let rest = rest.strip_prefix("\"format\"")?.trim_start();
    let rest = rest.strip_prefix(':')?.trim_start();
    let (word, _) = rest.strip_prefix("\"campaignctl.")?.split_once('/')?;
    Some(word)
}

/// Whether a file may be made that `flag` names, and holds what is to be kept as it is: it is not there, or is empty.
///
/// # Errors
/// A file that is there, a device or a pipe, one that cannot be written.
pub fn is_free(outputs: &Outputs, path: &Path, flag: &'static str) -> Result<(), Error> {
    outputs.stays(path, flag)?;
    is_unused(path, flag)?;
    refuse_manifest(path, flag)?;
    outputs.take(path, flag)
}

fn is_unused(path: &Path, flag: &'static str) -> Result<(), Error> {
    if Stream::of(path).is_some() || (path.exists() && !path.is_file()) {
        let why = format!("`{}` is not a file", path.display());
        let help = "name a new file: what it holds is kept, and may be private";
        return Err(Error::invalid(why).help(help).about(flag));
    }
    refuse_state(path, flag, has_content(path))?;
    if has_content(path) {
        let why = format!("`{}` already exists", path.display());
        return Err(Error::invalid(why)
            .help("name a new file, or delete this one first")
            .about(flag));
    }
    saved::can_write(path).map_err(|error| error.about(flag))
}

/// Whether a file of manifests may be made that `flag` names: it is not there, or is empty, and would be read.
///
/// # Errors
/// A file that is there; one of another ending.
pub fn is_new(outputs: &Outputs, path: &Path, flag: &'static str) -> Result<(), Error> {
    outputs.stays(path, flag)?;
    is_new_manifest(path, flag)?;
    outputs.take(path, flag)
}

fn is_new_manifest(path: &Path, flag: &'static str) -> Result<(), Error> {
    if !is_manifest(path) {
        let why = format!("`{}` would not be read as manifests", path.display());
        return Err(Error::invalid(why)
            .help("give it a name that ends in `.yaml`")
            .about(flag));
    }
    is_unused(path, flag)
}

/// Writes a file that `flag` names.
///
/// # Errors
/// One that may not be written to, see [`allowed`], or cannot.
pub fn write(path: &Path, text: &str, flag: OutputFlag) -> Result<(), Error> {
    may_replace(path, flag)?;
    saved::write(path, text).map_err(|error| error.about(flag.name))
}

/// Makes a file that `flag` names.
///
/// # Errors
/// One that is there, see [`is_new`], or cannot be written.
pub fn create(path: &Path, text: &str, flag: &'static str) -> Result<(), Error> {
    is_new_manifest(path, flag)?;
    saved::write(path, text).map_err(|error| error.about(flag))
}

/// Whether a regular file is there that holds anything.
fn has_content(path: &Path) -> bool {
    let found = path.metadata();
    found.is_ok_and(|it| it.is_file() && it.len() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::generated::documents;

    #[test]
    fn every_document_with_a_schema_is_made_anew_or_kept() {
        for (name, _) in documents() {
            let is_kept = ["audit", "notice"].contains(&name); // a log, and what is sent and not written
            let format = name.strip_suffix("-plan").unwrap_or(name);
            assert_ne!(REMADE.contains(&format), is_kept, "{name}");
        }
    }

    #[test]
    fn a_file_is_one_whichever_way_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("in")).unwrap();
        let outputs = Outputs::default();
        allowed(&outputs, &path("in/../plan.json"), OutputFlag::PLAN).unwrap();
        allowed(&outputs, &path("plan.json"), OutputFlag::PLAN).unwrap();
        let error = allowed(&outputs, &path("plan.json"), OutputFlag::JSON_INTO).unwrap_err();
        assert_eq!(
            error.message,
            "`--json-into` and `--out` name the same file"
        );
        assert!(
            outputs
                .leave(&path("in/../in/../plan.json"), "is the ledger")
                .is_err()
        );
        assert!(outputs.leave(&path("ledger.json"), "is the ledger").is_ok());
        for flag in [OutputFlag::PLAN, OutputFlag::JSON_INTO] {
            allowed(&outputs, Path::new("/dev/stdout"), flag).unwrap();
        }
    }
}
