//! Where a run happens: the project file, the paths, and the folder for ledgers and sandbox data.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::environments::is_given_in_vain;
use super::error::Error;
use super::identity::Identity;
use super::manifests::{self, Manifests};
use super::{Machine, Run, broken_tests, codes};
use crate::diag::{Diagnostic, Diags, Severity, Texts};
use crate::load::{self, PathGroup};
use crate::plan::is_blocked;
use crate::project::{self, Environment, PROJECT_FILE, Project, Rules, SANDBOX};
use crate::text::{Limits, Pointer};

/// The folder below the root that holds what runs remember.
pub const STATE_FOLDER: &str = ".campaignctl";

/// What git leaves out of that folder.
pub const STATE_IGNORED: &str = include_str!("files/state-gitignore");

/// What earlier versions wrote there.
const FORMER_IGNORED: [&str; 2] = [
    "# The sandbox is not worth keeping; a ledger is.\nsandbox.sqlite*\n",
    "# What belongs to one computer or one moment. Ledgers belong into git, unless `ledger` of an environment says where they are.\n*.lock\n*.journal\n*.rollback.plan.json\nsandbox.sqlite*\n",
];

/// Says in a folder what git is to leave out of it; a file that people wrote there stays as it is.
///
/// # Errors
/// A file that cannot be written.
pub fn ignore_in(folder: &Path, lines: &str) -> std::io::Result<()> {
    match std::fs::File::create_new(folder.join(".gitignore")) {
        Ok(mut file) => file.write_all(lines.as_bytes()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn is_former(ignored: &Path) -> bool {
    crate::files::read_text(ignored, 4096).is_ok_and(|text| FORMER_IGNORED.contains(&text.as_str()))
}

/// The project around a run.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the project file; without one, the current folder.
    pub root: PathBuf,
    /// The same folder as a person would type it.
    pub shown_root: String,
    /// What the project file says; without one, nothing.
    pub project: Project,
    /// The paths of this run: as given, else those of the project, else the current folder.
    pub paths: Vec<PathBuf>,
    /// Whether the run sees a part of the project only.
    pub is_partial: bool,
    /// The text of the project file, for complaints about it.
    pub project_texts: Texts,
    /// When the run began, at which schedules and waivers are over.
    pub now: Timestamp,
    /// The computer that the run is on.
    pub machine: Arc<Machine>,
    /// The folders that manifests may lie in, see [`Trust::folders`](super::Trust::folders).
    pub within: Vec<PathBuf>,
}

impl Workspace {
    /// Finds the project around the folder that `--project` names, else around the first path, else around the
    /// current folder.
    ///
    /// # Errors
    /// A folder that is not there; a project file that cannot be read or breaks its schema, with its complaints
    /// printed.
    pub fn find(run: &Run, paths: &[PathBuf]) -> Result<Self, Error> {
        let here = run.machine().here().to_path_buf();
        let around = run.given_project().map(Path::to_path_buf);
        let around = around.as_ref();
        if let Some(folder) = around.filter(|folder| !here.join(folder).is_dir()) {
            let why = format!("`--project {}`: there is no such folder", folder.display());
            return Err(Error::invalid(why).help("name a folder of the project, or leave it out"));
        }
        let Some(file) = project_file(around.map_or(paths, std::slice::from_ref), &here) else {
            return Ok(Self::without_project(run, around, paths, &here));
        };
        let (project, project_texts) = read_project(run, &file, &here)?;
        if let Some(name) = &project.default_environment {
            run.defaults_to(name);
        }
        let root = file
            .parent()
            .map_or_else(|| here.clone(), Path::to_path_buf);
        let shown_root = shown_root(&root, &here);
        let whole = project_paths(&project, &shown_root);
        let real = |path: &PathBuf| canonical(&here.join(path));
        // The folder of the project stands for the project.
        let paths = if paths.iter().all(|path| real(path) == root) {
            whole.clone()
        } else {
            paths.to_vec()
        };
        let given: Vec<PathBuf> = paths.iter().map(real).collect();
        let is_covered = |wanted: PathBuf| given.iter().any(|path| wanted.starts_with(path));
        let named: &[PathBuf] = if paths == whole { &[] } else { &paths };
        Ok(Self {
            within: run.machine().trust().folders(&root, &here, named),
            is_partial: !whole.iter().map(real).all(is_covered),
            paths,
            root,
            project,
            project_texts,
            now: run.machine().now(),
            shown_root: slashed(&shown_root),
            machine: Arc::clone(run.machine()),
        })
    }

    /// Finds the project that a saved plan was made of: by the way to it that the plan holds, from here, or else from the folders
    /// around the plan. Whether it is the same project, its account and its ledger say.
    ///
    /// # Errors
    /// As for [`find`](Self::find).
    pub fn of_plan(run: &Run, project: &str, plan: &Path) -> Result<Self, Error> {
        let way = PathBuf::from(project);
        if run.given_project().is_some() {
            return Self::find(run, &[way]);
        }
        let here = run.machine().here();
        let plan = canonical(&here.join(plan));
        let is_root = |folder: &PathBuf| folder.join(PROJECT_FILE).symlink_metadata().is_ok();
        let made = std::iter::once(here).chain(plan.ancestors().skip(1));
        let found = made.map(|folder| folder.join(&way)).find(is_root);
        let around = || {
            project_file(std::slice::from_ref(&way), here)?
                .parent()
                .map(Path::to_path_buf)
        };
        Self::find(run, &[found.or_else(around).unwrap_or(way)])
    }

    /// A run without a project file: the paths, or the folder.
    fn without_project(
        run: &Run,
        around: Option<&PathBuf>,
        paths: &[PathBuf],
        here: &Path,
    ) -> Self {
        let folder = around.cloned().unwrap_or_else(|| PathBuf::from("."));
        let paths = if paths.is_empty() {
            vec![folder.clone()]
        } else {
            paths.to_vec()
        };
        let root = canonical(&here.join(&folder));
        Self {
            within: run.machine().trust().folders(&root, here, &paths),
            project: Project::default(),
            paths,
            is_partial: false,
            project_texts: Texts::default(),
            now: run.machine().now(),
            machine: Arc::clone(run.machine()),
            shown_root: slashed(&shown_root(&root, here)),
            root,
        }
    }

    /// The day of the run in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The rules of an environment today.
    #[must_use]
    pub fn rules_of(&self, environment: &str) -> Rules {
        self.project.rules_of(environment, self.today())
    }

    /// Whether there is a project file.
    #[must_use]
    pub fn has_file(&self) -> bool {
        !self.project_texts.sources.is_empty()
    }

    /// The settings of an environment.
    ///
    /// # Errors
    /// An environment that the project does not have.
    pub fn environment(&self, name: &str) -> Result<Environment, Error> {
        if let Some(environment) = self.project.environments.get(name) {
            return Ok(environment.clone());
        }
        if name == SANDBOX {
            return Ok(Environment::default());
        }
        let known = self
            .project
            .environments
            .keys()
            .map(String::as_str)
            .chain([SANDBOX]);
        let known: std::collections::BTreeSet<&str> = known.collect();
        let hint = crate::diag::did_you_mean(name, known.iter().copied());
        let hint = hint.map(|hint| hint + " Environments"); // it is a question
        let hint = hint.unwrap_or_else(|| {
            let known: Vec<&str> = known.into_iter().collect();
            format!("environments: {}; they", known.join(", "))
        });
        Err(Error::invalid(format!("there is no environment `{name}`"))
            .help(format!("{hint} are defined in `{PROJECT_FILE}`"))
            .about("--environment"))
    }

    /// A file of what runs remember.
    #[must_use]
    pub fn state(&self, file: &str) -> PathBuf {
        self.root.join(STATE_FOLDER).join(file)
    }

    /// Makes the folder for what runs remember, and says in it what git is to keep.
    ///
    /// # Errors
    /// A folder that cannot be made, or that the project leads elsewhere.
    pub fn make_state_folder(&self) -> Result<(), Error> {
        let folder = self.root.join(STATE_FOLDER);
        let trust = self.machine.trust();
        trust.file(&self.root, "the folder", Path::new(STATE_FOLDER))?;
        std::fs::create_dir_all(&folder)?;
        let ignored = folder.join(".gitignore");
        if is_former(&ignored) {
            return Ok(crate::files::replace_own(
                &ignored,
                STATE_IGNORED.as_bytes(),
            )?);
        }
        Ok(ignore_in(&folder, STATE_IGNORED)?)
    }

    /// The overlay folders of some environments, each once and with its place in the project file.
    #[must_use]
    pub fn overlay_folders(&self, environments: &[String]) -> Vec<(PathBuf, Pointer)> {
        let mut folders: Vec<(PathBuf, Pointer)> = Vec::new();
        for name in environments {
            let overlays = self.project.environments.get(name).map(|it| &it.overlays);
            for (index, overlay) in overlays.into_iter().flatten().enumerate() {
                let folder = shown(Path::new(&self.shown_root), overlay);
                if folders.iter().all(|(known, _)| *known != folder) {
                    let pointer = Pointer::from("/environments").key(name);
                    folders.push((folder, pointer.key("overlays").index(index)));
                }
            }
        }
        folders
    }

    /// The overlay folders of all environments: none of them belongs to the base.
    #[must_use]
    pub fn every_overlay_folder(&self) -> Vec<PathBuf> {
        let names: Vec<String> = self.project.environments.keys().cloned().collect();
        let folders = self.overlay_folders(&names).into_iter();
        folders.map(|(folder, _)| folder).collect()
    }

    /// Loads and checks the manifests, and ends the run when they cannot be used.
    ///
    /// # Errors
    /// An unknown environment; invalid manifests, with their complaints printed. Warnings are printed, too.
    pub fn sound_manifests(&self, run: &Run) -> Result<Manifests, Error> {
        let manifests = self.manifests(run)?;
        let refused = refuse(run, &manifests.diags, &manifests.texts, UNUSABLE);
        self.tell_of_projects_below(run);
        refused.map(|()| manifests)
    }

    /// Loads and checks the manifests for a plan. Errors of rules are left to the plan, which knows whether it
    /// writes the object; errors of tests are warnings.
    ///
    /// # Errors
    /// An unknown environment; manifests that no plan can be made of, with their complaints printed.
    pub fn plannable_manifests(&self, run: &Run) -> Result<Manifests, Error> {
        self.plannable_manifests_but(run, &|_| false)
    }

    /// The same, with warnings in place of the errors that the caller mends before it plans.
    ///
    /// # Errors
    /// As there.
    pub fn plannable_manifests_but(
        &self,
        run: &Run,
        is_mended: &dyn Fn(&Diagnostic) -> bool,
    ) -> Result<Manifests, Error> {
        let mut manifests = self.manifests(run)?;
        broken_tests::without_errors_of_tests(&mut manifests);
        manifests::lower(&mut manifests, is_mended);
        let refused = if is_blocked(&manifests.diags) {
            refuse(run, &manifests.diags, &manifests.texts, UNUSABLE)
        } else {
            Ok(())
        };
        self.tell_of_projects_below(run);
        refused.map(|()| manifests)
    }

    /// Loads the manifests, whatever is wrong with them, and says nothing of it.
    ///
    /// # Errors
    /// An unknown environment.
    pub fn readable_manifests(&self, run: &Run) -> Result<Manifests, Error> {
        self.tell_of_projects_below(run);
        self.manifests(run)
    }

    /// Loads and checks the manifests of the run's environment. What the other environments of the run use is not
    /// given in vain.
    fn manifests(&self, run: &Run) -> Result<Manifests, Error> {
        self.environment(run.environment())?;
        let mut manifests = manifests::of_environment(self, run.environment(), run.given());
        if let Some(note) = manifests::skipped_note(&manifests.skipped) {
            run.note(&note);
        }
        if run.is_one_of_several() {
            let diags = std::mem::take(&mut manifests.diags).into_iter();
            manifests.diags = diags.filter(|it| !is_given_in_vain(it)).collect();
        }
        Ok(manifests)
    }
}

impl Workspace {
    /// The folder that relative paths start from, such as those that people gave.
    #[must_use]
    pub fn here(&self) -> &Path {
        self.machine.here()
    }

    /// Names files as the ledger and plans do.
    pub fn identity(&self) -> Identity {
        Identity::new(self.machine.here().to_path_buf(), &self.root)
    }
}

/// What a run says that ends because of its manifests.
pub const UNUSABLE: &str = "the manifests have errors";

/// Prints complaints and ends the run, with this message, when one of them is an error.
///
/// # Errors
/// Any complaint that is an error.
pub fn refuse(run: &Run, diags: &Diags, texts: &Texts, message: &str) -> Result<(), Error> {
    run.complain(diags, texts);
    let mut errors = diags
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    let Some(first) = errors.next() else {
        return Ok(());
    };
    let more = format!("for more, run `campaignctl explain {}`", first.code.name);
    let message = if first.code.name == load::NO_MANIFESTS.name {
        "there are no manifests"
    } else {
        message
    };
    Err(Error::invalid(message).help(more).complaints(diags, texts))
}

/// The project file around the first path, or around the current folder.
fn project_file(paths: &[PathBuf], here: &Path) -> Option<PathBuf> {
    let start = paths
        .iter()
        .find(|path| path.as_os_str() != "-")
        .map_or_else(|| here.to_path_buf(), |path| here.join(path));
    canonical(&start)
        .ancestors()
        .map(|folder| folder.join(PROJECT_FILE))
        // Also one that cannot be read, such as a broken link: reading says so.
        .find(|file| file.symlink_metadata().is_ok() && !file.is_dir())
}

fn read_project(run: &Run, file: &Path, here: &Path) -> Result<(Project, Texts), Error> {
    let folder = file.parent().unwrap_or(here);
    let trust = run.machine().trust();
    trust.file(folder, "the project file", Path::new(PROJECT_FILE))?;
    let shown = file
        .strip_prefix(canonical(here))
        .unwrap_or(file)
        .to_path_buf();
    let (texts, diags) = load::load(
        &PathGroup::of(here, std::slice::from_ref(&shown)),
        &mut std::io::empty(),
        &Limits::default(),
    );
    let (project, diags) = understood(&texts, diags);
    run.complain(&diags, &texts);
    if diags.has_errors() {
        return Err(Error::invalid(format!(
            "the project file `{}` cannot be used",
            shown.display()
        ))
        .complaints(&diags, &texts));
    }
    Ok((project, texts))
}

/// What a project file says, the only one among the sources; with what is wrong with it, which tells no secret that the
/// file holds by mistake.
pub fn understood(texts: &Texts, reading: Diags) -> (Project, Diags) {
    let mut diags = project::without_level_words(reading, texts);
    let (project, found) = project::parse(texts, &codes::catalog());
    diags.extend(found);
    let source = texts.sources.iter().next();
    let text = source.map_or("", |(_, source)| source.text.as_str());
    (project, project::without_secrets(diags, text))
}

/// A folder as a person would type it from the current one. Nothing that is written down names the folders above the
/// two: another machine has others.
fn shown_root(root: &Path, here: &Path) -> PathBuf {
    let here = canonical(here);
    let shared = here.ancestors().find(|folder| root.starts_with(folder));
    let Some((above, below)) =
        shared.and_then(|it| Some((here.strip_prefix(it).ok()?, root.strip_prefix(it).ok()?)))
    else {
        return root.to_path_buf(); // another drive
    };
    let up = above.iter().map(|_| Path::new(".."));
    let shown: PathBuf = up.chain(below.iter().map(Path::new)).collect();
    if shown.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        shown
    }
}

/// The paths of a project, relative to where its folder is seen from.
pub fn project_paths(project: &Project, shown_root: &Path) -> Vec<PathBuf> {
    if project.manifests.is_empty() {
        return vec![shown_root.to_path_buf()];
    }
    let manifests = project.manifests.iter();
    manifests.map(|path| shown(shown_root, path)).collect()
}

/// A path of the project file as positions show it.
pub(super) fn shown(root: &Path, path: &str) -> PathBuf {
    if root == Path::new(".") {
        // People do not type `.` in front of a name.
        PathBuf::from(path.strip_prefix("./").unwrap_or(path))
    } else {
        root.join(path)
    }
}

/// A path with forward slashes, as every system reads it.
pub(super) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}

/// A path without links; as it stands when there is nothing.
pub fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// A path without `.` and `..`, for files that are gone and cannot be asked.
pub fn normal(path: &Path) -> PathBuf {
    path.components()
        .fold(PathBuf::new(), |mut normal, component| {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    normal.pop();
                }
                other => normal.push(other),
            }
            normal
        })
}
