//! The identity of manifests' files, and which of them a run reads.
//!
//! A file is named in the ledger and in plans as everybody names it who has the project: relative to the folder of the
//! project, links as they are named, with `/`. Whatever way leads a run to the project, the name is the same.
//!
//! ```text
//! /home/ann/shop/manifests/sale.yaml                    manifests/sale.yaml
//! /home/ann/shop/common/sale.yaml, a link to ../common  common/sale.yaml, behind the link common
//! /home/ann/common/sale.yaml                            ../common/sale.yaml
//! ```
//!
//! A manifest that a run does not find is gone only if the run would have read its file: see [`FileReading`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::git::Repository;
use super::manifests::groups;
use super::workspace::{Workspace, canonical, normal};
use crate::diag::Texts;
use crate::live::{Absence, Entry, FilePlace, Ledger};
use crate::load;
use crate::text::{holds_nothing, is_emptied};

/// What standard input is called in positions.
const STDIN: &str = "<stdin>";

/// Names files relative to the folder of a project.
pub struct Identity {
    here: PathBuf,
    root: PathBuf,
    /// Thousands of files share few folders.
    folders: RefCell<BTreeMap<PathBuf, FilePlace>>,
    /// A file is asked for once per field that differs.
    files: RefCell<BTreeMap<String, FilePlace>>,
}

impl Identity {
    /// `here` is what shown paths are relative to.
    pub fn new(here: PathBuf, root: &Path) -> Self {
        Self {
            here,
            root: canonical(root),
            folders: RefCell::default(),
            files: RefCell::default(),
        }
    }

    /// The identity of a file, from the path that positions show.
    pub fn of(&self, shown: &str) -> FilePlace {
        if shown == STDIN {
            return plain(STDIN);
        }
        if let Some(known) = self.files.borrow().get(shown) {
            return known.clone();
        }
        let place = self.file(&normal(&self.here.join(shown)));
        let mut files = self.files.borrow_mut();
        files.insert(shown.to_owned(), place.clone());
        place
    }

    /// The identity of a file or folder, which need not exist any more.
    fn place(&self, path: &Path) -> FilePlace {
        let whole = normal(&self.here.join(path));
        if self.is_around(&whole) {
            self.folder(&whole)
        } else {
            self.file(&whole)
        }
    }

    fn file(&self, whole: &Path) -> FilePlace {
        let (Some(folder), Some(name)) = (whole.parent(), whole.file_name()) else {
            return self.folder(whole);
        };
        let mut folders = self.folders.borrow_mut();
        let around = folders
            .entry(folder.to_path_buf())
            .or_insert_with(|| self.folder(folder));
        let file = below(&around.file, &name.to_string_lossy());
        let link = around.link.clone();
        let link = link.or_else(|| is_link(whole).then(|| file.clone()));
        FilePlace { file, link }
    }

    /// Whether a folder is that of the project, or around it.
    fn is_around(&self, folder: &Path) -> bool {
        let real = std::fs::canonicalize(folder);
        real.is_ok_and(|real| self.root.starts_with(real))
    }

    /// The identity of a folder: the way up from the project to the nearest folder around both, and down from there.
    fn folder(&self, folder: &Path) -> FilePlace {
        let Some(shared) = folder.ancestors().find(|above| self.is_around(above)) else {
            return plain(&folder.to_string_lossy()); // another drive
        };
        let up = self.root.strip_prefix(canonical(shared)).into_iter();
        let up = up.flat_map(Path::iter).map(|_| "..".to_owned());
        let mut place = plain(&up.collect::<Vec<_>>().join("/"));
        let mut whole = shared.to_path_buf();
        for name in folder.strip_prefix(shared).into_iter().flat_map(Path::iter) {
            whole.push(name);
            place.file = below(&place.file, &name.to_string_lossy());
            if place.link.is_none() && is_link(&whole) {
                place.link = Some(place.file.clone());
            }
        }
        place
    }
}

fn plain(file: &str) -> FilePlace {
    FilePlace {
        file: file.to_owned(),
        link: None,
    }
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|it| it.is_symlink())
}

/// Which files the run of an environment reads.
pub struct FileReading {
    identity: Identity,
    reads_stdin: bool,
    /// What is read together: paths, and the folders that are no part of it.
    groups: Vec<(Vec<PathBuf>, Vec<PathBuf>)>,
    /// The folders of git's submodules, checked out or not.
    submodules: Vec<PathBuf>,
    /// What the repository around a folder leaves out of it, asked when a file is missing there.
    left_out: RefCell<BTreeMap<PathBuf, BTreeSet<PathBuf>>>,
    /// The files that were read and hold nothing. A write that failed, or a merge, leaves such a file; who wants its
    /// objects to be deleted removes it.
    emptied: BTreeSet<String>,
    /// Those of them that were manifests once.
    hollow: BTreeSet<String>,
}

/// The largest `.gitmodules` that is read.
const LARGEST: u64 = 1024 * 1024;

/// The folders of the submodules that the repositories around a folder name. A file that is missing below one that is not
/// checked out is not gone.
fn submodules(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in root.ancestors() {
        let mut text = String::new();
        let file = std::fs::File::open(folder.join(".gitmodules"));
        let read = file.and_then(|file| file.take(LARGEST).read_to_string(&mut text));
        if read.is_ok() {
            found.extend(paths(&text).map(|path| normal(&folder.join(path))));
        }
    }
    found
}

/// The values of `path = lib/shared`.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let paths = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case("path"));
    paths.map(|(_, path)| path.trim().trim_matches('"'))
}

impl FileReading {
    /// The files of a workspace's paths, and of the overlays of an environment; `texts` are those that were read.
    pub fn of(workspace: &Workspace, environment: &str, texts: &Texts) -> Self {
        let identity = workspace.identity();
        let empty = texts.sources.iter();
        let empty = empty.filter(|(_, source)| holds_nothing(&source.text));
        let emptied = empty.map(|(_, source)| identity.of(&source.path).file);
        let emptied = emptied.collect();
        let hollow = texts.sources.iter();
        let hollow = hollow.filter(|(_, source)| is_emptied(&source.text));
        let hollow = hollow.map(|(_, source)| identity.of(&source.path).file);
        let hollow = hollow.collect();
        let overlays = workspace.overlay_folders(&[environment.to_owned()]);
        let overlays: Vec<PathBuf> = overlays.into_iter().map(|(folder, _)| folder).collect();
        let groups = groups(workspace, &overlays).into_iter();
        let whole = |paths: Vec<PathBuf>| -> Vec<PathBuf> {
            // By its own name and by that of what it leads to: earlier versions recorded the latter.
            let named = paths.iter().flat_map(|path| {
                let whole = identity.here.join(path);
                [identity.whole(&identity.place(&whole)), canonical(&whole)]
            });
            named.collect()
        };
        let groups = groups.map(|group| (whole(group.paths), whole(group.except)));
        Self {
            groups: groups.collect(),
            reads_stdin: workspace.paths.iter().any(|path| path.as_os_str() == "-"),
            submodules: submodules(&identity.root),
            left_out: RefCell::default(),
            emptied,
            hollow,
            identity,
        }
    }

    /// A file that was a manifest once, holds nothing now, and is none that the ledger knows: which objects it held is not
    /// known.
    pub fn emptied_unknown(&self, ledger: &Ledger) -> Option<&str> {
        let known: BTreeSet<&str> = ledger.entries.values().map(|it| &*it.file).collect();
        let mut unknown = self.hollow.iter().filter(|file| !known.contains(&***file));
        unknown.next().map(String::as_str)
    }

    /// Why the manifest of an entry is not among those that were read.
    pub fn absence(&self, entry: &Entry) -> Absence {
        if entry.file == STDIN {
            return if self.reads_stdin {
                Absence::Gone
            } else {
                Absence::OutsidePaths
            };
        }
        let link = entry
            .link
            .as_ref()
            .map(|link| self.identity.root.join(link));
        if link.is_some_and(|link| !link.exists()) {
            return Absence::BehindLink;
        }
        // Earlier versions recorded whole paths of files outside of the project.
        let place = if Path::new(&entry.file).is_absolute() {
            self.identity.place(Path::new(&entry.file))
        } else {
            plain(&entry.file)
        };
        let file = self.identity.whole(&place);
        match self.reads(&file) {
            Absence::Gone if self.emptied.contains(&place.file) => Absence::Emptied,
            Absence::Gone => self.away(&file).unwrap_or(Absence::Gone),
            // The link says more than that what it leads to is not read.
            absence => Self::behind_link(&file).unwrap_or(absence),
        }
    }

    /// Why a file that would be read is not there, although it was not removed.
    fn away(&self, file: &Path) -> Option<Absence> {
        let is_away = |path: &&PathBuf| file.starts_with(path) && !path.join(".git").exists();
        if self.submodules.iter().any(|path| is_away(&path)) {
            return Some(Absence::NotCheckedOut);
        }
        if let Some(behind) = Self::behind_link(file) {
            return Some(behind);
        }
        if self.is_left_out(file) {
            return Some(Absence::NotCheckedOut);
        }
        // Something else is in its place, or in that of a folder: a pipe, a folder, the text of a link.
        let is_other = file.metadata().is_ok_and(|it| !it.is_file());
        let mut around = file.ancestors().skip(1);
        let is_no_folder =
            around.any(|folder| folder.metadata().is_ok_and(|folder| !folder.is_dir()));
        (is_other || is_no_folder).then_some(Absence::Skipped)
    }

    /// Whether a sparse checkout leaves out a file.
    fn is_left_out(&self, file: &Path) -> bool {
        let Some(folder) = file.ancestors().skip(1).find(|folder| folder.is_dir()) else {
            return false;
        };
        let mut known = self.left_out.borrow_mut();
        let left_out = known.entry(folder.to_path_buf()).or_insert_with(|| {
            let repository = Repository::around(folder);
            let left_out = repository.and_then(|repository| repository.left_out());
            left_out.unwrap_or_default() // no git, no sparse checkout
        });
        left_out.contains(file)
    }

    /// A share that is not there takes no manifest away: its link leads nowhere, or to an empty folder.
    fn behind_link(file: &Path) -> Option<Absence> {
        let is_empty = |folder: &Path| {
            std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
        };
        let mut links = file.ancestors().filter(|path| is_link(path));
        links
            .any(|link| !link.exists() || is_empty(link))
            .then_some(Absence::BehindLink)
    }

    /// Whether a file would be read if it existed: [`Absence::Gone`].
    pub fn reads(&self, file: &Path) -> Absence {
        let mut absence = Absence::OutsidePaths;
        for (paths, except) in &self.groups {
            if except.iter().any(|folder| file.starts_with(folder)) {
                continue;
            }
            for rest in paths.iter().filter_map(|path| file.strip_prefix(path).ok()) {
                if rest.as_os_str().is_empty() || load::is_read_below(rest) {
                    return Absence::Gone;
                }
                absence = Absence::Skipped;
            }
        }
        absence
    }
}

impl Identity {
    /// Where a file is, without looking at it: the root is without links.
    fn whole(&self, place: &FilePlace) -> PathBuf {
        normal(&self.root.join(&place.file))
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;

    use super::*;

    /// A project beside a folder that it shares with others, and links of every sort.
    fn tree() -> TempDir {
        let tree = tempfile::tempdir().unwrap();
        for file in ["shop/manifests/a.yaml", "common/b.yaml", "shop/own/c.yaml"] {
            let path = tree.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        for (target, link) in [
            ("../common", "shop/shared"),
            ("own", "shop/again"),
            ("../own/c.yaml", "shop/manifests/linked.yaml"),
            ("shop", "other-name"),
        ] {
            symlink(target, tree.path().join(link)).unwrap();
        }
        tree
    }

    /// The identity of a file for a run in a folder of the tree, and the link on the way to it.
    fn named(tree: &TempDir, here: &str, shown: &str) -> String {
        let root = tree.path().join("shop");
        let identity = Identity::new(tree.path().join(here), &root);
        let shown = shown.replace('@', &tree.path().to_string_lossy());
        let FilePlace { file, link } = identity.of(&shown);
        match link {
            Some(link) => format!("{file} behind {link}"),
            None => file,
        }
    }

    #[test]
    fn a_file_has_one_name_whatever_way_leads_to_it() {
        let tree = tree();
        for (here, shown) in [
            ("shop", "manifests/a.yaml"),
            ("shop", "./manifests/../manifests/a.yaml"),
            ("shop/manifests", "a.yaml"),
            ("", "shop/manifests/a.yaml"),
            ("common", "../shop/manifests/a.yaml"),
            ("", "other-name/manifests/a.yaml"),
            ("other-name", "manifests/a.yaml"),
            ("", "@/shop/manifests/a.yaml"),
            ("common", "@/other-name/manifests/a.yaml"),
        ] {
            assert_eq!(named(&tree, here, shown), "manifests/a.yaml", "{shown}");
        }
        for (here, shown) in [
            ("shop", "../common/b.yaml"),
            ("common", "b.yaml"),
            ("", "@/common/b.yaml"),
        ] {
            assert_eq!(named(&tree, here, shown), "../common/b.yaml", "{shown}");
        }
        assert_eq!(named(&tree, "shop/manifests", "<stdin>"), "<stdin>");
    }

    #[test]
    fn links_are_named_as_they_are() {
        let tree = tree();
        assert_eq!(
            named(&tree, "shop", "shared/b.yaml"),
            "shared/b.yaml behind shared"
        );
        assert_eq!(
            named(&tree, "", "shop/again/c.yaml"),
            "again/c.yaml behind again"
        );
        assert_eq!(
            named(&tree, "shop", "manifests/linked.yaml"),
            "manifests/linked.yaml behind manifests/linked.yaml"
        );
        assert_eq!(
            named(&tree, "shop", "manifests/gone.yaml"),
            "manifests/gone.yaml"
        );
    }

    /// Why the manifest of a file is not read by a run of some paths of the project.
    fn absence(
        tree: &TempDir,
        paths: &[&str],
        except: &[&str],
        file: &str,
        link: Option<&str>,
    ) -> Absence {
        let root = tree.path().join("shop");
        let identity = Identity::new(root.clone(), &root);
        let whole = |path: &&str| identity.whole(&identity.place(Path::new(path)));
        let reading = FileReading {
            groups: vec![(
                paths.iter().map(whole).collect(),
                except.iter().map(whole).collect(),
            )],
            reads_stdin: paths.contains(&"-"),
            submodules: submodules(&identity.root),
            left_out: RefCell::default(),
            emptied: BTreeSet::from(["own/empty.yaml".to_owned()]),
            hollow: BTreeSet::new(),
            identity,
        };
        let entry = serde_json::json!({
            "id": "1", "displayName": "", "applied": {}, "at": "", "plan": "",
            "file": file.replace('@', &tree.path().to_string_lossy()), "link": link,
        });
        reading.absence(&serde_json::from_value(entry).unwrap())
    }

    #[test]
    fn what_is_not_read_is_not_gone() {
        use Absence::{BehindLink, Gone, OutsidePaths, Skipped};
        let tree = tree();
        let whole = |file, link| absence(&tree, &["."], &["overlays"], file, link);
        assert_eq!(whole("a.yaml", None), Gone);
        assert_eq!(whole("target/deep/a.YAML", None), Gone);
        assert_eq!(whole("../common/b.yaml", None), OutsidePaths);
        assert_eq!(whole("overlays/a.yaml", None), OutsidePaths);
        assert_eq!(whole("node_modules/x/a.yaml", None), Skipped);
        assert_eq!(whole(".github/a.yaml", None), Skipped);
        assert_eq!(whole("manifests/.a.yaml", None), Skipped);
        assert_eq!(whole("manifests/a.json", None), Skipped);
        assert_eq!(whole("campaignctl.yaml", None), Skipped);
        assert_eq!(whole("shared/gone.yaml", Some("shared")), Gone);
        assert_eq!(whole("own/empty.yaml", None), Absence::Emptied);
        assert_eq!(whole("removed/b.yaml", Some("removed")), BehindLink);
        assert_eq!(whole("<stdin>", None), OutsidePaths);
        let some = |paths: &[&str], file| absence(&tree, paths, &[], file, None);
        assert_eq!(some(&["manifests"], "manifests/gone.yaml"), Gone);
        assert_eq!(some(&["manifests"], "own/gone.yaml"), OutsidePaths);
        assert_eq!(some(&["manifests"], "manifests-2/gone.yaml"), OutsidePaths);
        assert_eq!(some(&["a.json"], "a.json"), Gone);
        assert_eq!(some(&["node_modules/x"], "node_modules/x/a.yaml"), Gone);
        assert_eq!(some(&[".."], "../common/gone.yaml"), Gone);
        assert_eq!(some(&[".."], "gone.yaml"), Gone);
        assert_eq!(some(&["-"], "<stdin>"), Gone);
        // What is not checked out, or mounted, or has something else in its place, is not gone.
        let shop = tree.path().join("shop");
        std::fs::write(
            shop.join(".gitmodules"),
            "[submodule \"lib\"]\n\tpath = lib/shared\n\turl = x\n[submodule \"there\"]\n\tpath = there\n",
        )
        .unwrap();
        std::fs::create_dir_all(shop.join("lib/shared")).unwrap();
        std::fs::create_dir_all(shop.join("there/.git")).unwrap();
        assert_eq!(whole("lib/shared/a.yaml", None), Absence::NotCheckedOut);
        assert_eq!(whole("lib/other/a.yaml", None), Gone);
        assert_eq!(whole("there/a.yaml", None), Gone);
        std::fs::create_dir(tree.path().join("mount")).unwrap();
        symlink("../mount", shop.join("mounted")).unwrap();
        assert_eq!(whole("mounted/a.yaml", Some("mounted")), BehindLink);
        std::fs::write(tree.path().join("mount/b.yaml"), "").unwrap();
        assert_eq!(whole("mounted/a.yaml", Some("mounted")), Gone);
        std::fs::write(shop.join("was-link"), "../common").unwrap();
        assert_eq!(whole("was-link/a.yaml", None), Skipped);
        std::fs::create_dir(shop.join("folder.yaml")).unwrap();
        assert_eq!(whole("folder.yaml", None), Skipped);
        // Earlier versions wrote whole paths: those of this computer are understood, others are not read.
        assert_eq!(some(&["../common"], "@/common/gone.yaml"), Gone);
        assert_eq!(
            some(&["../common"], "/nowhere/common/gone.yaml"),
            OutsidePaths
        );
    }
}
