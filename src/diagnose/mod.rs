//! F2: everything that is wrong with a project, put together once for `validate`, for plans, and for an editor.
//!
//! The passes complain of a document at a time, or of one environment. Here is what takes more than that: what the
//! manifests of an environment say together and beside the project file, what holds for several environments, and what
//! nothing refers to. The caller reads the files and runs the passes, each in its own way: a command once, an editor
//! again and again on what an edit has to do with.

mod labels;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::diag::{Diagnostic, Diags, DocId, Location, Severity, Texts};
use crate::manifest::codes::NOT_A_MANIFEST;
use crate::project::{GivenVariables, Project, Rules, UsedVariables};
use crate::resolve::Desired;
use crate::text::{Document, EntryHalf, FileId, Pointer, Sources};

pub use labels::CODES;

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What each manifest says by itself, and beside the project file.
    Checks,
    /// Also what visitors are offered by all of them together.
    Findings,
}

/// What the manifests of an environment say together; `so_far` is what the passes found wrong with them. No offers are
/// worked out from a document that is broken.
#[must_use]
pub fn together<'d>(
    (project, depth): (&Project, Depth),
    (texts, desired): (&Texts, &Desired),
    so_far: impl IntoIterator<Item = &'d Diagnostic>,
) -> Diags {
    let mut diags = labels::unlisted(project, texts, desired);
    if depth == Depth::Findings {
        let broken = so_far.into_iter().filter_map(|it| match &it.at {
            Location::Node { doc, .. } if it.severity == Severity::Error => Some(*doc),
            _ => None,
        });
        let broken: BTreeSet<DocId> = broken.collect();
        let assumed = project.assume.clone().unwrap_or_default();
        diags.extend(crate::offers::findings(texts, desired, &broken, &assumed));
    }
    diags
}

/// The complaint about an overlay file that holds nothing: what such a file changed would go back to the base without a
/// word. A write that failed, or a merge, leaves one.
#[must_use]
pub fn empty_overlay(file: FileId) -> Diagnostic {
    let message = "this overlay file holds nothing: what it changed would go back to the base";
    Diagnostic::new(&NOT_A_MANIFEST, Location::File(file), message)
        .help("write the overlay again, or delete the file")
}

/// What a project is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct DiagnoseScope<'a> {
    /// What the project file says; without one, nothing.
    pub project: &'a Project,
    /// The texts of all files.
    pub sources: &'a Sources,
    /// The project file among the sources, and its document.
    pub file: Option<(FileId, &'a Document)>,
    /// The variables that the run gives.
    pub given: &'a GivenVariables,
    /// The day in UTC, at which some waivers are over.
    pub today: Date,
    /// Whether a part of the project is looked at only.
    pub is_partial: bool,
}

/// What was found wrong so far, in the order in which it is told.
#[derive(Debug, Default)]
pub struct Diagnosis {
    /// With the files.
    pub files: Diags,
    /// With the environments, by the rules of each.
    pub environments: Diags,
    /// The variables that the documents of each environment refer to.
    pub used: UsedVariables,
    /// Whether the project file has errors, so that not everything may have been read.
    pub is_cut: bool,
    /// Whether no environment has a manifest.
    pub is_empty: bool,
}

/// The files with a mistake that kept a document of theirs from being read.
struct UnreadFiles<'s>(Vec<&'s str>);

impl<'s> UnreadFiles<'s> {
    fn of(files: &Diags, texts: &Texts, sources: &'s Sources) -> Self {
        let errors = files.iter().filter(|it| it.severity == Severity::Error);
        let broken = errors.filter_map(|it| Some(texts.span(&it.at)?.0));
        let broken: BTreeSet<FileId> = broken.collect();
        let texts = broken.into_iter().map(|file| sources.get(file));
        Self(texts.map(|source| source.text.as_str()).collect())
    }

    /// Whether a complaint is of a manifest that is missing, and that may be in one of them: its kind and its name are there.
    fn defines(&self, complaint: &Diagnostic) -> bool {
        let key = complaint
            .missing
            .as_deref()
            .and_then(|it| it.split_once('/'));
        key.is_some_and(|(kind, name)| {
            let mut texts = self.0.iter();
            texts.any(|text| has_word(text, kind) && has_word(text, name))
        })
    }
}

/// Whether a text has a word that is not a part of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_of_name) && !after.is_some_and(is_of_name)
    })
}

impl DiagnoseScope<'_> {
    /// Everything that is wrong: with the files by `rules`, with the environments, with what nothing refers to; and
    /// `nothing` where there are no manifests and no other reason for it.
    #[must_use]
    pub fn whole(
        &self,
        (rules, texts): (&Rules, &Texts),
        found: Diagnosis,
        nothing: impl FnOnce() -> Option<Diagnostic>,
    ) -> Diags {
        let is_broken = found.is_cut || found.files.has_errors();
        let unread = UnreadFiles::of(&found.files, texts, self.sources);
        let mut diags = rules.apply(found.files, texts);
        let environments = found.environments.into_iter();
        diags.extend(environments.filter(|it| !unread.defines(it)));
        // References to a variable may stand in what is broken.
        if !is_broken {
            diags.extend(self.unused(rules, &found.used));
        }
        if found.is_empty && diags.is_empty() {
            diags.extend(nothing());
        }
        diags
    }

    /// A place in the project file.
    #[must_use]
    pub fn place(&self, pointer: &Pointer, part: EntryHalf) -> Location {
        self.file.map_or(Location::Run, |(file, document)| {
            Location::Span(file, document.span(pointer, part))
        })
    }

    /// The variables that nothing refers to, and the waivers that are over.
    fn unused(&self, rules: &Rules, used: &UsedVariables) -> Diags {
        let project = self.project;
        let at = |pointer: &Pointer| self.place(pointer, EntryHalf::Key);
        // Their places are in the project file, which is about no object.
        let texts = Texts::default();
        let mut diags = project.unused_given(self.given, used, self.is_partial);
        diags.extend(project.expired_waivers(self.today, &at));
        if self.is_partial {
            return rules.apply(diags, &texts);
        }
        diags.extend(project.unused_defaults(used, &at));
        diags = rules.apply(diags, &texts);
        for (name, used) in used {
            let rules = project.rules_of(name, self.today);
            let found = project.unused_in(name, used, &at);
            diags.extend(rules.apply(found, &texts));
        }
        diags
    }
}
