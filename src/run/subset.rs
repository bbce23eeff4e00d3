//! Which objects a run is about.

use super::Run;
use super::changed::changed;
use super::error::Error;
use super::identity::FileReading;
use super::manifests::Manifests;
use super::workspace::Workspace;
use crate::live::{Absence, Entry, Ledger};
use crate::manifest::Key;
use crate::project::PROJECT_FILE;
use crate::select::{Selection, SelectionRequest, Selector, UnknownSelection};

/// Which objects a run is about; all of them by default. Everything is loaded and checked as a whole; what is left out is
/// neither changed nor deleted.
#[derive(Clone, Debug, Default)]
pub struct Subset {
    /// Labels that the manifests must have.
    pub selectors: Vec<Selector>,
    /// Objects, with what they refer to.
    pub targets: Vec<Key>,
    /// Objects that are left out whatever else is said.
    pub excludes: Vec<Key>,
    /// The commit since which manifests must have changed.
    pub changed_since: Option<String>,
}

impl Subset {
    /// Whether it is all objects.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let Self {
            selectors,
            targets,
            excludes,
            changed_since,
        } = self;
        selectors.is_empty() && targets.is_empty() && excludes.is_empty() && changed_since.is_none()
    }

    /// The same without some exclusions, and these.
    #[must_use]
    pub fn without_excludes(&self, takes: &dyn Fn(&Key) -> bool) -> (Self, Vec<Key>) {
        let mut rest = self.clone();
        rest.excludes.retain(|key| !takes(key));
        let taken = self.excludes.iter().filter(|key| takes(key));
        (rest, taken.cloned().collect())
    }

    /// Whether it is a part by what manifests say: objects that have none are no part of it.
    #[must_use]
    pub fn is_by_manifests(&self) -> bool {
        let Self {
            selectors,
            targets,
            excludes: _,
            changed_since,
        } = self;
        !selectors.is_empty() || !targets.is_empty() || changed_since.is_some()
    }

    /// The objects of a run.
    ///
    /// # Errors
    /// Something that names nothing; whatever `changed_since` needs of git.
    pub fn selection(
        &self,
        run: &Run,
        workspace: &Workspace,
        environment: &str,
        manifests: &Manifests,
        ledger: &Ledger,
    ) -> Result<Selection, Error> {
        let since = self.changed_since.as_ref();
        let changed = since
            .map(|since| changed(workspace, environment, &manifests.texts, since))
            .transpose()?;
        if changed.as_ref().is_some_and(|it| it.touched.is_none()) {
            run.note(&format!("`{PROJECT_FILE}` says something else of {environment} now: every manifest counts as changed."));
        }
        let request = SelectionRequest {
            selectors: self.selectors.clone(),
            targets: self.targets.clone(),
            excludes: self.excludes.clone(),
            changed,
        };
        let reading = FileReading::of(workspace, environment, &manifests.texts);
        // What an emptied file held is left alone, and told: it can be named, too.
        let covers =
            |entry: &Entry| matches!(reading.absence(entry), Absence::Gone | Absence::Emptied);
        Selection::new(request, &manifests.desired, ledger, &covers)
            .map_err(|UnknownSelection { message, help }| Error::invalid(message).help(help))
    }
}
