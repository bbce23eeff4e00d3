//! What questions are answered from: the project as it was at one moment, shared with whoever answers.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::analysis::Setup;
use super::files::{Files, PROJECT};
use super::live::LiveStates;
use crate::diag::Diagnostic;
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
}

impl Snapshot {
    /// The complaints about a file, in order.
    #[must_use]
    pub fn complaints(&self, file: FileId) -> &[Diagnostic] {
        self.complaints.get(&file).map_or(&[], Vec::as_slice)
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
