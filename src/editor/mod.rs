//! F4: what an editor wants to know of a project, as data: complaints while a person types, and answers to questions
//! about a place in a file.
//!
//! It stands above the passes and `report`, and below [`crate::cli`], whose `lsp` command speaks the protocol. It is pure
//! like the passes: files come in as texts, and nothing here knows of the network, the disk, the environment or the
//! clock.
//!
//! [`Analysis`] keeps a project and takes edits in; a [`Snapshot`] of it answers questions on any thread, while the
//! next edit is being taken in.

mod actions;
mod analysis;
mod colors;
mod completion;
mod environment;
mod files;
mod formatting;
mod hover;
mod lines;
mod live;
mod names;
mod rename;
mod schema;
mod snapshot;
mod stop;
mod subject;
mod symbols;
#[cfg(test)]
mod tests;

pub use actions::{CodeAction, actions};
pub use analysis::{Analysis, FileEdit, Setup, TouchedFiles};
pub use colors::{colors, notations};
pub use completion::{Sort, Suggestion, complete};
pub use files::{EditorFile, EditorInput, Files, PROJECT};
pub use formatting::formatting;
pub use hover::hover;
pub use lines::{Encoding, LinePosition, LineStarts, replaced};
pub use live::LiveStates;
pub use names::{FilePosition, definitions, references};
pub use rename::{TextEdits, rename, renamed};
pub use snapshot::Snapshot;
pub use stop::AnswerStop;
pub use subject::{Subject, subject};
pub use symbols::{NamedManifest, Symbol, folds, named, symbols};
