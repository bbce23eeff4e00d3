//! Where a run happens: the project file, the manifests, and the folder for ledgers and sandbox data.

use std::path::{Component, Path, PathBuf};

use super::error::CliError;
use super::ui::Ui;
use crate::diag::{Diags, Texts};
use crate::project::{self, Environment, PROJECT_FILE, Project, SANDBOX};
use crate::report::diagnostics::{render_json, render_text};
use crate::resolve::Desired;
use crate::text::Limits;
use crate::{check, load, manifest, resolve};

/// The folder below the root that holds what runs remember.
const STATE_FOLDER: &str = ".campaignctl";

/// What standard input is called in positions.
const STDIN: &str = "<stdin>";

/// The project around a run.
#[derive(Debug)]
pub(super) struct Workspace {
    /// The folder of the project file; without one, the current folder.
    pub(super) root: PathBuf,
    /// The same folder as a person would type it.
    pub(super) shown_root: String,
    /// What the project file says; without one, nothing.
    pub(super) project: Project,
    /// The paths of this run: as given, else those of the project, else the current folder.
    pub(super) paths: Vec<PathBuf>,
}

/// The manifests of a run, checked.
#[derive(Debug)]
pub(super) struct Manifests {
    /// The files.
    pub(super) texts: Texts,
    /// The desired state.
    pub(super) desired: Desired,
    /// Every complaint.
    pub(super) diags: Diags,
}

impl Workspace {
    /// Finds the project around the first path, or around the current folder.
    ///
    /// # Errors
    /// A project file that cannot be read or breaks its schema, with its complaints printed.
    pub(super) fn find(ui: &Ui, paths: &[PathBuf]) -> Result<Self, CliError> {
        let here = std::env::current_dir()?;
        let start = paths
            .iter()
            .find(|path| path.as_os_str() != "-")
            .map_or_else(|| here.clone(), |path| here.join(path));
        let start = std::fs::canonicalize(&start).unwrap_or(start);
        let found = start
            .ancestors()
            .map(|folder| folder.join(PROJECT_FILE))
            .find(|file| file.is_file());
        let Some(file) = found else {
            let paths = if paths.is_empty() {
                vec![PathBuf::from(".")]
            } else {
                paths.to_vec()
            };
            return Ok(Self {
                root: std::fs::canonicalize(&here).unwrap_or(here),
                shown_root: ".".to_owned(),
                project: Project::default(),
                paths,
            });
        };
        let project = read_project(ui, &file, &here)?;
        let root = file
            .parent()
            .map_or_else(|| here.clone(), Path::to_path_buf);
        let shown_root = shown(&root, &here);
        let paths = if paths.is_empty() {
            project_paths(&project, &shown_root)
        } else {
            paths.to_vec()
        };
        Ok(Self {
            shown_root: shown_root.to_string_lossy().into_owned(),
            root,
            project,
            paths,
        })
    }

    /// The settings of an environment.
    ///
    /// # Errors
    /// An environment that the project does not have.
    pub(super) fn environment(&self, name: &str) -> Result<Environment, CliError> {
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
        let hint = hint.unwrap_or_else(|| {
            format!(
                "there is {}",
                known.into_iter().collect::<Vec<_>>().join(", ")
            )
        });
        Err(
            CliError::invalid(format!("there is no environment `{name}`")).help(format!(
                "{hint}; environments are described in `{PROJECT_FILE}`"
            )),
        )
    }

    /// A file of what runs remember.
    #[must_use]
    pub(super) fn state(&self, file: &str) -> PathBuf {
        self.root.join(STATE_FOLDER).join(file)
    }

    /// Loads and checks the manifests of this run.
    #[must_use]
    pub(super) fn manifests(&self) -> Manifests {
        let (texts, mut diags) = load::load(
            &self.paths,
            &mut std::io::stdin().lock(),
            &Limits::default(),
        );
        let (manifests, found) = manifest::parse(&texts);
        diags.extend(found);
        let (desired, found) = resolve::resolve(manifests);
        diags.extend(found);
        diags.extend(check::check(&texts, &desired));
        if desired.is_empty() && diags.is_empty() {
            diags.push(load::no_manifests(&self.paths));
        }
        Manifests {
            texts,
            desired,
            diags,
        }
    }

    /// Loads and checks the manifests, and ends the run when they cannot be used.
    ///
    /// # Errors
    /// Invalid manifests, with their complaints printed. Warnings are printed, too.
    pub(super) fn sound_manifests(&self, ui: &Ui) -> Result<Manifests, CliError> {
        let manifests = self.manifests();
        refuse(ui, &manifests.diags, &manifests.texts)?;
        Ok(manifests)
    }

    /// The path of a manifest's file as the ledger keeps it: relative to the root.
    #[must_use]
    pub(super) fn relative(&self, shown: &str) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        let whole = normal(&canonical(&here.join(shown)));
        whole
            .strip_prefix(&self.root)
            .unwrap_or(&whole)
            .to_string_lossy()
            .into_owned()
    }

    /// Whether a file of the ledger lies below the paths of this run.
    pub(super) fn covers(&self) -> impl Fn(&str) -> bool {
        let here = std::env::current_dir().unwrap_or_default();
        let root = self.root.clone();
        let reads_stdin = self.paths.iter().any(|path| path.as_os_str() == "-");
        let paths: Vec<PathBuf> = self
            .paths
            .iter()
            .map(|path| normal(&canonical(&here.join(path))))
            .collect();
        move |file| {
            if file == STDIN {
                return reads_stdin;
            }
            let whole = normal(&root.join(file));
            paths.iter().any(|path| whole.starts_with(path))
        }
    }
}

/// Prints complaints and ends the run when one of them is an error.
///
/// # Errors
/// Any complaint that is an error.
pub(super) fn refuse(ui: &Ui, diags: &Diags, texts: &Texts) -> Result<(), CliError> {
    if !diags.is_empty() {
        ui.complain(
            &render_text(diags, texts, ui.color_err()),
            diags.has_errors(),
        );
    }
    if diags.has_errors() {
        return Err(CliError::invalid("the manifests cannot be used")
            .help("`campaignctl explain CODE` tells more of a complaint"));
    }
    Ok(())
}

/// Complaints in the format of the run.
#[must_use]
pub(super) fn rendered(ui: &Ui, diags: &Diags, texts: &Texts, is_json: bool) -> String {
    if is_json {
        render_json(diags, texts)
    } else {
        render_text(diags, texts, ui.color())
    }
}

fn read_project(ui: &Ui, file: &Path, here: &Path) -> Result<Project, CliError> {
    let shown = file
        .strip_prefix(canonical(here))
        .unwrap_or(file)
        .to_path_buf();
    let (texts, mut diags) = load::load(
        std::slice::from_ref(&shown),
        &mut std::io::empty(),
        &Limits::default(),
    );
    let (project, found) = project::parse(&texts);
    diags.extend(found);
    if !diags.is_empty() {
        ui.complain(
            &render_text(&diags, &texts, ui.color_err()),
            diags.has_errors(),
        );
    }
    if diags.has_errors() {
        return Err(CliError::invalid(format!(
            "the project file `{}` cannot be used",
            shown.display()
        )));
    }
    Ok(project)
}

/// A folder as a person would type it from the current one.
fn shown(root: &Path, here: &Path) -> PathBuf {
    match root.strip_prefix(canonical(here)) {
        Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
        Ok(inside) => inside.to_path_buf(),
        Err(_) => root.to_path_buf(),
    }
}

fn project_paths(project: &Project, shown_root: &Path) -> Vec<PathBuf> {
    if project.manifests.is_empty() {
        return vec![shown_root.to_path_buf()];
    }
    let paths = project.manifests.iter();
    paths.map(|path| shown_root.join(path)).collect()
}

fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// A path without `.` and `..`, for files that are gone and cannot be asked.
fn normal(path: &Path) -> PathBuf {
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
