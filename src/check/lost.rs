//! Manifests that are in the files and cannot be read: a reference to one of them is not wrong, and a complaint about it
//! would only repeat the one about the manifest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diag::{Code, Diags};
use crate::kinds::KindId;
use crate::kinds::mapping::get_path;
use crate::name::Name;
use crate::resolve::{Desired, reference_key};
use crate::text::{Document, Sources};

/// What a text has that is meant as a manifest. Comments and the project file have none of it.
const ENVELOPE: [&str; 3] = ["kind:", "metadata:", "apiVersion:"];

/// The manifests that cannot be read, as far as their text shows their names and kinds.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost {
    names: BTreeSet<String>,
    kinds: BTreeSet<KindId>,
    /// One of them may be of any kind.
    is_of_any: bool,
}

impl Lost {
    /// Those of all files. An editor keeps the files apart from their documents.
    pub(super) fn of(sources: &Sources, documents: &[Document]) -> Self {
        let mut lost = Self::default();
        let mut starts = BTreeSet::new();
        for document in documents {
            let first = document.spans().map(|span| span.start).min();
            starts.extend(first.map(|start| (document.file, start)));
            lost.add_unnamed(&document.value);
        }
        for (file, source) in sources.iter() {
            for (start, part) in parts(&source.text) {
                let from = u32::try_from(start).unwrap_or(u32::MAX);
                let to = u32::try_from(start + part.len()).unwrap_or(u32::MAX);
                let mut read = starts.range((file, from)..(file, to));
                if read.next().is_none() && ENVELOPE.iter().any(|key| part.contains(key)) {
                    lost.names.extend(values_in(part, "name:"));
                    lost.add_kinds(values_in(part, "kind:"));
                }
            }
        }
        lost
    }

    /// Notes a document without a kind or a name that is one.
    fn add_unnamed(&mut self, value: &Value) {
        let kind = value.get("kind").and_then(Value::as_str);
        let name = value.pointer("/metadata/name").and_then(Value::as_str);
        let is_kind = kind.is_some_and(|word| kind_of(word).is_some());
        let is_meant = ["kind", "metadata", "apiVersion"]
            .iter()
            .any(|key| value.get(key).is_some());
        if is_meant && (!is_kind || name.is_none_or(|name| Name::new(name).is_err())) {
            self.names.extend(name.map(str::to_owned));
            self.add_kinds(kind.map(str::to_owned).into_iter());
        }
    }

    fn add_kinds(&mut self, words: impl Iterator<Item = String>) {
        let mut words = words.peekable();
        self.is_of_any |= words.peek().is_none();
        for word in words {
            match kind_of(&word) {
                Some(kind) => self.kinds.extend([kind]),
                None => self.is_of_any = true,
            }
        }
    }

    /// Whether there may be a manifest of a kind that cannot be read.
    fn has_kind(&self, kind: KindId) -> bool {
        self.is_of_any || self.kinds.contains(&kind)
    }

    /// Whether a manifest that cannot be read may have a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

fn kind_of(word: &str) -> Option<KindId> {
    KindId::manifests().find(|kind| kind.name() == word)
}

/// The kinds of which it cannot be said that no manifest is there: one of them cannot be read, or names what it lies in by
/// a name that nothing has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Uncertain(BTreeMap<KindId, bool>);

impl Uncertain {
    /// Whether a complaint may only repeat one about another manifest.
    pub(super) fn has(&self, of: KindId, code: &'static Code) -> bool {
        let absent = absent(of, code);
        absent.is_some_and(|kind| self.0.get(&kind).copied().unwrap_or_default())
    }

    /// Of the kinds that some complaints miss.
    pub(super) fn of(kinds: BTreeSet<KindId>, lost: &Lost, desired: &Desired) -> Self {
        let kinds = kinds.into_iter();
        let uncertain = |kind| lost.has_kind(kind) || has_stray(kind, desired);
        Self(kinds.map(|kind| (kind, uncertain(kind))).collect())
    }
}

/// The kinds of which complaints about an object of a kind say that no manifest is there.
pub(super) fn missed(of: KindId, diags: &Diags) -> impl Iterator<Item = KindId> {
    diags.iter().filter_map(move |it| absent(of, it.code))
}

fn absent(of: KindId, code: &'static Code) -> Option<KindId> {
    let mut known = of.def().of_absence.iter();
    let (_, kind) = known.find(|(known, _)| *known == code)?;
    Some(KindId::known(kind))
}

/// Whether a manifest of a kind says that it lies in something that is not there.
fn has_stray(kind: KindId, desired: &Desired) -> bool {
    let Some(around) = &kind.def().parent else {
        return false;
    };
    desired.iter().filter(|it| it.key.kind == kind).any(|it| {
        let reference = get_path(&it.spec, around.field).filter(|it| it.is_string());
        reference.is_some_and(|reference| {
            let key = reference_key(around.kind, reference);
            key.is_none_or(|key| desired.get(&key).is_none())
        })
    })
}

/// The documents of a text, each with its place.
fn parts(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut starts = vec![0];
    let separators = text.match_indices("\n---").map(|(at, _)| at + 1);
    starts.extend(separators);
    starts.push(text.len());
    let bounds: Vec<(usize, usize)> = starts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    bounds.into_iter().map(|(from, to)| (from, &text[from..to]))
}

/// The values of a key in a text, `name:`.
fn values_in(part: &str, key: &'static str) -> impl Iterator<Item = String> {
    part.match_indices(key).filter_map(|(at, key)| {
        let is_word = part[..at].ends_with([' ', '{', ',', '\n', '"', '\'']);
        let value = part[at + key.len()..].lines().next()?;
        let value = value.split([',', '}', '#']).next()?;
        let value = value.trim().trim_matches(['"', '\'']);
        (is_word && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_out_of_what_is_no_yaml() {
        let found = |text: &str| values_in(text, "name:").collect::<Vec<_>>();
        assert_eq!(found("metadata: { name: a, labels: {} }"), ["a"]);
        assert_eq!(found("metadata:\n  name: \"b\" # c\n"), ["b"]);
        assert_eq!(found("spec:\n  displayname: c\n  name:\n"), [""; 0]);
        let parts: Vec<_> = parts("a\n---\nb\n").collect();
        assert_eq!(parts, [(0, "a\n"), (2, "---\nb\n")]);
    }
}
