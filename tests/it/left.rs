//! What many tests begin with, made once: a project and its account as something left them.

use std::path::{Path, PathBuf};

use campaignctl::sandbox::SandboxSettings;

use crate::support::{Account, Project};

/// A project and its account as something left them, to be gone on with by one test after the other.
pub(crate) struct LeftProject {
    settings: SandboxSettings,
    project: Vec<(PathBuf, Vec<u8>)>,
    account: Vec<(PathBuf, Vec<u8>)>,
    /// Where the account was served.
    base: String,
}

impl LeftProject {
    /// What `prepare` leaves.
    pub(crate) fn by(settings: SandboxSettings, prepare: impl FnOnce(&Project)) -> Self {
        let store = tempfile::tempdir().unwrap();
        let account = Account::in_file(settings.clone(), &store.path().join("store"), 0);
        let project = Project::on(account);
        prepare(&project);
        let left = contents(project.path());
        let base = project.account.base_url().to_owned();
        drop(project); // whose account has written all then
        Self {
            settings,
            project: left,
            account: contents(store.path()),
            base,
        }
    }

    /// A project in the shop of which `before` was applied, and `after` is the plan `reviewed.json`.
    pub(crate) fn reviewed(settings: SandboxSettings, before: &str, after: &str) -> Self {
        Self::by(settings, |project| {
            project.move_into_shop(before);
            project.apply();
            project.write("manifests.yaml", after);
            let plan = ["plan", "--out", "reviewed.json", "--allow-unpublish"];
            project.run(&plan).expect(0);
        })
    }

    pub(crate) fn copy(&self) -> Project {
        self.copy_with(self.settings.clone())
    }

    /// A copy whose account behaves in another way.
    pub(crate) fn copy_with(&self, settings: SandboxSettings) -> Project {
        let store = tempfile::tempdir().unwrap();
        put(&self.account, store.path());
        let account = Account::in_file(settings, &store.path().join("store"), 100_000);
        let project = Project {
            store: Some(store),
            ..Project::on(account)
        };
        put(&self.project, project.path());
        let path = project.path().join("campaignctl.yaml");
        let settings = std::fs::read_to_string(&path).unwrap();
        let here = settings.replace(&self.base, project.account.base_url());
        std::fs::write(&path, here).unwrap();
        project
    }
}

/// The files below a folder, by their paths from there.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = PathBuf::from(path.file_name().unwrap());
        if path.is_dir() {
            let inner = contents(&path).into_iter();
            found.extend(inner.map(|(below, bytes)| (name.join(below), bytes)));
        } else {
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found
}

fn put(files: &[(PathBuf, Vec<u8>)], folder: &Path) {
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
