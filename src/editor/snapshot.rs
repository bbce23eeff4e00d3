//! What questions are answered from: the project as it was at one moment, shared with the threads that answer.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::analysis::Setup;
use super::environment::EnvironmentPasses;
use super::files::{Files, PROJECT};
use super::live::LiveStates;
use crate::diag::Diagnostic;
use crate::project::SANDBOX;
use crate::resolve::Desired;
use crate::text::FileId;

/// A project at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What the project file says.
    pub setup: Arc<Setup>,
    /// The files.
    pub files: Files,
    /// What is known of live objects.
    pub live: Arc<LiveStates>,
    pub(super) complaints: Arc<BTreeMap<FileId, Vec<Diagnostic>>>,
    pub(super) environments: Vec<Arc<EnvironmentPasses>>,
}

impl Snapshot {
    /// The complaints about a file, in order.
    #[must_use]
    pub fn complaints(&self, file: FileId) -> &[Diagnostic] {
        self.complaints.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The desired state in the environment of a run that names none.
    pub(super) fn desired(&self) -> Option<&Desired> {
        let name = self.setup.project.default_environment.as_deref();
        let name = name.unwrap_or(SANDBOX);
        let usual = self.environments.iter().find(|it| it.name == name);
        usual.or(self.environments.first()).map(|it| it.desired())
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, file: FileId) -> &str {
        self.files.text(file)
    }

    /// The path of a file.
    #[must_use]
    pub fn path(&self, file: FileId) -> Option<&Path> {
        if file == PROJECT {
            return self.setup.source.as_ref().map(|(path, _)| path.as_path());
        }
        self.files.path(file)
    }
}
