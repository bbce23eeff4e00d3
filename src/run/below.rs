//! A run in a folder without a project file that has projects below it: their manifests are read as one, which is seldom meant.

use super::Run;
use super::workspace::{Workspace, canonical, shown, slashed};
use crate::load;
use crate::project::PROJECT_FILE;
use crate::text::some_of;

impl Workspace {
    /// Says that the manifests of several projects are read as one, where they are: behind the complaints, of which there are
    /// many then.
    pub(super) fn tell_of_projects_below(&self, run: &Run) {
        if let Some(note) = self.projects_below() {
            run.note(&note);
        }
    }

    /// What is said of projects below a folder that is none itself.
    #[must_use]
    pub fn projects_below(&self) -> Option<String> {
        const NAMED: usize = 5;
        let is_whole = self
            .paths
            .iter()
            .all(|path| canonical(&self.here().join(path)) == self.root);
        if self.has_file() || !is_whole {
            return None;
        }
        let found = load::projects_below(&self.root);
        let shown: Vec<String> = found
            .iter()
            .map(|it| slashed(&shown(self.shown_root.as_ref(), &it.to_string_lossy())))
            .collect();
        let first = shown.first()?;
        let count = match shown.len() {
            1 => "1 project".to_owned(),
            count => format!("{count} projects"),
        };
        let named = shown.iter().map(|it| format!("`{it}`"));
        Some(format!(
            "note: this folder has no `{PROJECT_FILE}`, and {count} below it: {}. Their manifests are read as one project here\n  \
             = help: `--project {first}` chooses one",
            some_of(named, NAMED)
        ))
    }
}
