//! The schemas beside a project, in `.campaignctl/schemas/`: editors complete and check manifests with what the program
//! itself knows, without a network, and in a fresh clone too, because git keeps the folder.
//!
//! The folder says which version of the program wrote it. A newer one replaces the files, an older one leaves them. A
//! folder that does not say so belongs to a person, and stays as it is. Nothing is written through a link.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::Run;
use super::generated::{Generated, for_editors};
use super::kept::is_pipeline;
use super::workspace::{Workspace, normal};
use crate::check::published::modelines;
use crate::files;
use crate::load::PROJECT_FILES;

/// The folder, as seen from the root of a project.
pub const FOLDER: &str = ".campaignctl/schemas";

/// The file that says who wrote the others.
const ABOUT: &str = "README.md";

/// What stands before the version in it.
const WRITTEN_BY: &str = "Written by campaignctl ";

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The largest file that is read here. The schema of all manifests is 150 KB.
const LARGEST: u64 = 4 << 20;

/// What became of the schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrittenSchemas {
    /// There were none.
    New,
    /// Those of this version.
    Again {
        /// The version that wrote the former ones.
        former: String,
    },
    /// They are those of this version already.
    Kept,
    /// A newer version wrote them.
    Newer(String),
    /// Files with these names, of which the folder does not say that the program wrote them.
    Foreign,
}

/// Writes the schemas of this version into a project, unless a newer one or a person did.
///
/// # Errors
/// Those of the system; a link on the way.
pub fn write(root: &Path) -> io::Result<WrittenSchemas> {
    let files = files_of_folder();
    let former = version_in(root);
    let written = match &former {
        None if files.iter().any(|file| exists(root, file)) => return Ok(WrittenSchemas::Foreign),
        None => WrittenSchemas::New,
        Some(former) if number(former) > number(VERSION) => {
            return Ok(WrittenSchemas::Newer(former.clone()));
        }
        Some(_) if files.iter().all(|file| is_current(root, file)) => {
            return Ok(WrittenSchemas::Kept);
        }
        Some(former) => WrittenSchemas::Again {
            former: former.clone(),
        },
    };
    // The file with the version comes last: a run that is killed before leaves what the next one replaces.
    for Generated { path, text } in &files {
        let path = Path::new(FOLDER).join(path);
        files::write_inside(root, &path, text.as_bytes(), true)?;
    }
    Ok(written)
}

/// The files that are not those of this version.
pub fn stale(root: &Path) -> Vec<String> {
    let files = files_of_folder().into_iter();
    files
        .filter(|file| !is_current(root, file))
        .map(|file| file.path)
        .collect()
}

/// Writes the schemas for files that are about to name them, and tells what a person should know. They are a help for
/// editors: a run does not fail without them.
pub fn provide(run: &Run, root: &Path) {
    match write(root) {
        Ok(written) => {
            if let Some(note) = told(&written) {
                run.note(&note);
            }
        }
        Err(error) => run.note(&format!(
            "warning: the schemas for editors are missing: cannot write `{FOLDER}`: {error}"
        )),
    }
}

/// Brings the schemas of a project up to date. `None` where there is nothing to do or nothing to tell: the project
/// has none and names none, they are current, or the folder cannot be written to.
///
/// `project` is the text of the project file: a clone may lack a folder that git is told to ignore, while files name it.
#[must_use]
pub fn refreshed(root: &Path, project: &str) -> Option<String> {
    let is_old = match version_in(root) {
        Some(version) => number(&version) < number(VERSION),
        None => names_them(project) && !root.join(FOLDER).exists(),
    };
    if !is_old {
        return None;
    }
    told(&write(root).ok()?)
}

/// The same for a command that is run while manifests are written. A pipeline is for checking: its files stay as git has
/// them.
pub fn refresh(run: &Run, workspace: &Workspace) {
    let mut sources = workspace.project_texts.sources.iter();
    if is_pipeline(&workspace.machine) {
        return;
    }
    let project = sources.next().map_or("", |(_, source)| &source.text);
    if let Some(note) = refreshed(&workspace.root, project) {
        run.note(&note);
    }
}

/// What a person should know.
fn told(written: &WrittenSchemas) -> Option<String> {
    match written {
        WrittenSchemas::Again { former } if former != VERSION => Some(format!(
            "note: the schemas in `{FOLDER}` are now those of campaignctl {VERSION} (they were of {former}): commit them"
        )),
        WrittenSchemas::Foreign => Some(format!(
            "note: kept `{FOLDER}`: its {ABOUT} does not say that campaignctl wrote it"
        )),
        _ => None,
    }
}

/// The lines by which editors find the schema of a file. Both paths are taken as they are, links in them included,
/// because editors do the same.
#[must_use]
pub fn lines_for(stem: &str, root: &Path, folder: &Path) -> String {
    modelines(&up_to(root, folder), stem)
}

/// The folder of the schemas as seen from another one.
fn up_to(root: &Path, folder: &Path) -> String {
    let whole = |path: &Path| normal(&std::path::absolute(path).unwrap_or_else(|_| path.into()));
    let (root, folder) = (whole(root), whole(folder));
    let shared = folder.ancestors().find(|above| root.starts_with(above));
    let parts = shared.and_then(|shared| {
        let up = folder.strip_prefix(shared).ok()?;
        let down = root.strip_prefix(shared).ok()?;
        let up = up.components().map(|_| Component::ParentDir);
        Some(up.chain(down.components()).collect::<PathBuf>())
    });
    let way = parts.unwrap_or(root); // another drive
    way.join(FOLDER).to_string_lossy().replace('\\', "/")
}

/// The folder of the project around a folder, which may be the same.
pub fn project_around(folder: &Path) -> Option<PathBuf> {
    let whole = normal(&std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()));
    let is_project = |above: &&Path| PROJECT_FILES.iter().any(|name| above.join(name).is_file());
    whole.ancestors().find(is_project).map(Path::to_path_buf)
}

/// Everything in the folder, by its path below it.
fn files_of_folder() -> Vec<Generated> {
    let file = |path: &str, text: String| Generated {
        path: path.to_owned(),
        text,
    };
    let mut files = for_editors();
    // Line ends as written, whatever git is set to; and folded in the pages of a forge.
    let attributes = "* text eol=lf linguist-generated\n";
    files.push(file(".gitattributes", attributes.to_owned()));
    files.push(file(ABOUT, about()));
    files
}

fn about() -> String {
    format!(
        "# Schemas for editors\n\n{WRITTEN_BY}{VERSION}. A newer version replaces these files: do not edit them.\n\n\
         Commit this folder. The first lines of manifests and `.vscode/settings.json` name it, so that an editor completes\n\
         and checks manifests in a fresh clone, without campaignctl and without a network.\n"
    )
}

/// The version that wrote the folder.
fn version_in(root: &Path) -> Option<String> {
    let text = files::read_text(&root.join(FOLDER).join(ABOUT), LARGEST).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(WRITTEN_BY))?;
    let version = line.split_whitespace().next()?.trim_end_matches('.');
    number(version).map(|_| version.to_owned())
}

/// A version as one that can be compared. What precedes a release comes before it.
fn number(version: &str) -> Option<(Vec<u64>, bool, &str)> {
    let version = version.split('+').next().unwrap_or(version);
    let (release, before) = version
        .split_once('-')
        .map_or((version, None), |(release, before)| (release, Some(before)));
    let numbers: Option<Vec<u64>> = release.split('.').map(|it| it.parse().ok()).collect();
    let numbers = numbers.filter(|it| it.len() == 3)?;
    Some((numbers, before.is_none(), before.unwrap_or_default()))
}

fn exists(root: &Path, file: &Generated) -> bool {
    let path = root.join(FOLDER).join(&file.path);
    path.symlink_metadata().is_ok()
}

/// Whether a file is as it would be written. Git may have changed its line ends.
fn is_current(root: &Path, file: &Generated) -> bool {
    let path = root.join(FOLDER).join(&file.path);
    let text = files::read_text(&path, LARGEST);
    text.is_ok_and(|text| text == file.text || text.replace("\r\n", "\n") == file.text)
}

/// Whether a file says in its first lines that its schema is there.
fn names_them(text: &str) -> bool {
    let head = text.lines().take_while(|line| line.starts_with('#'));
    let mut paths = head.filter_map(|line| line.split_once("$schema"));
    paths.any(|(_, path)| path.contains(FOLDER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::workspace::STATE_FOLDER;

    /// A project whose schemas say that another version wrote them.
    fn of_version(version: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(write(root.path()).unwrap(), WrittenSchemas::New);
        let about = root.path().join(FOLDER).join(ABOUT);
        std::fs::write(about, format!("{WRITTEN_BY}{version}. And so on.\n")).unwrap();
        std::fs::write(manifest(root.path()), "{}").unwrap();
        root
    }

    fn manifest(root: &Path) -> PathBuf {
        root.join(FOLDER).join("manifest.schema.json")
    }

    fn is_replaced(root: &Path) -> bool {
        std::fs::read_to_string(manifest(root)).unwrap() != "{}"
    }

    #[test]
    fn the_folder_is_one_of_those_that_runs_remember_in() {
        assert!(FOLDER.starts_with(STATE_FOLDER));
    }

    #[test]
    fn a_newer_program_replaces_and_an_older_one_leaves() {
        for (version, is_older) in [
            ("0.0.9", true),
            ("0.0.10-rc.1", true),
            (concat!(env!("CARGO_PKG_VERSION"), "-rc.1"), true),
            (VERSION, false),
            ("999.0.0", false),
            ("999.0.0-rc.1+build", false),
        ] {
            let root = of_version(version);
            let note = refreshed(root.path(), "");
            assert_eq!(note.is_some(), is_older, "{version}: {note:?}");
            assert_eq!(is_replaced(root.path()), is_older, "{version}");
            assert_eq!(refreshed(root.path(), ""), None, "{version}: a second time");
        }
        assert_eq!(
            refreshed(of_version("0.0.9").path(), "").unwrap(),
            format!(
                "note: the schemas in `.campaignctl/schemas` are now those of campaignctl {VERSION} (they were of 0.0.9): commit them"
            )
        );
        let newer = of_version("999.0.0");
        assert_eq!(
            write(newer.path()).unwrap(),
            WrittenSchemas::Newer("999.0.0".to_owned())
        );
        assert!(!is_replaced(newer.path()));
    }

    #[test]
    fn files_of_this_version_that_were_changed_are_written_anew_when_that_is_asked_for() {
        let root = of_version(VERSION);
        assert_eq!(stale(root.path()), ["manifest.schema.json", "README.md"]);
        assert!(matches!(
            write(root.path()).unwrap(),
            WrittenSchemas::Again { former } if former == VERSION
        ));
        assert!(stale(root.path()).is_empty());
        assert_eq!(write(root.path()).unwrap(), WrittenSchemas::Kept);
        // Git on Windows writes other line ends.
        let text = std::fs::read_to_string(manifest(root.path())).unwrap();
        std::fs::write(manifest(root.path()), text.replace('\n', "\r\n")).unwrap();
        assert_eq!(write(root.path()).unwrap(), WrittenSchemas::Kept);
    }

    #[test]
    fn what_a_person_put_there_stays() {
        for about in [
            None,
            Some("My own schemas.\n"),
            Some("Written by campaignctl for me.\n"),
        ] {
            let root = tempfile::tempdir().unwrap();
            std::fs::create_dir_all(root.path().join(FOLDER)).unwrap();
            std::fs::write(manifest(root.path()), "{}").unwrap();
            if let Some(about) = about {
                std::fs::write(root.path().join(FOLDER).join(ABOUT), about).unwrap();
            }
            assert_eq!(write(root.path()).unwrap(), WrittenSchemas::Foreign);
            assert_eq!(
                refreshed(root.path(), "# $schema: .campaignctl/schemas/x"),
                None
            );
            assert!(!is_replaced(root.path()));
        }
        let root = of_version("0.0.9");
        let other = root.path().join(FOLDER).join("other.schema.json");
        std::fs::write(&other, "mine").unwrap();
        assert!(refreshed(root.path(), "").is_some());
        assert_eq!(std::fs::read_to_string(other).unwrap(), "mine");
    }

    #[test]
    fn a_project_gets_what_its_first_lines_name() {
        let lines = modelines(FOLDER, "campaignctl");
        for (project, is_named) in [
            (format!("{lines}project: shop\n"), true),
            ("project: shop\n".to_owned(), false),
            (format!("project: shop\n{lines}"), false),
            (
                "# $schema: ../schemas/campaignctl.schema.json\n".to_owned(),
                false,
            ),
        ] {
            let root = tempfile::tempdir().unwrap();
            let _ = refreshed(root.path(), &project);
            assert_eq!(manifest(root.path()).is_file(), is_named, "{project}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let [root, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join(STATE_FOLDER)).unwrap();
        assert!(write(root.path()).is_err());
        assert_eq!(
            refreshed(root.path(), &modelines(FOLDER, "campaignctl")),
            None
        );
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_way_to_the_schemas_is_the_shortest() {
        let lines = |root: &str, folder: &str| up_to(Path::new(root), Path::new(folder));
        for (root, folder, way) in [
            ("shop", "shop", ".campaignctl/schemas"),
            ("shop", "shop/goals", "../.campaignctl/schemas"),
            ("shop", "shop/a/../b/./c", "../../.campaignctl/schemas"),
            (".", "goals", "../.campaignctl/schemas"),
            ("..", "goals", "../../.campaignctl/schemas"),
            ("../shop", "../shop/goals", "../.campaignctl/schemas"),
            ("shop", "library/goals", "../../shop/.campaignctl/schemas"),
            ("/shop", "/shop/goals", "../.campaignctl/schemas"),
        ] {
            assert_eq!(
                lines(root, folder).replace("//", "/"),
                way,
                "{root} {folder}"
            );
        }
    }
}
