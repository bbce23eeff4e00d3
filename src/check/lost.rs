//! Manifests that are in the files and cannot be read: a reference to one of them is not wrong, and a complaint about it
//! would only repeat the one about the manifest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diag::{Diagnostic, Diags, Location};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Lacks};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::{Desired, reference_key};
use crate::text::{Document, Sources};

/// What a text has that is meant as a manifest. Comments and the project file have none of it.
const ENVELOPE: [&str; 3] = ["kind:", "metadata:", "apiVersion:"];

/// The manifests that cannot be read, as far as their text shows their names and kinds.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost {
    names: BTreeSet<String>,
    manifests: Vec<UnreadManifest>,
}

/// A manifest that cannot be read.
#[derive(Clone, Debug)]
struct UnreadManifest {
    /// The kinds that it may be of; empty where it may be of any.
    kinds: BTreeSet<KindId>,
    /// Every word of its text: what it lies in is among them.
    words: BTreeSet<String>,
}

impl UnreadManifest {
    fn new(words: impl Iterator<Item = String>, text: &str) -> Self {
        let kinds: Vec<Option<KindId>> = words.map(|word| kind_of(&word)).collect();
        let is_of_any = kinds.contains(&None);
        let kinds = kinds.into_iter().flatten().filter(|_| !is_of_any);
        let is_between = |it: char| !(it.is_alphanumeric() || "-_.".contains(it));
        Self {
            kinds: kinds.collect(),
            words: text.split(is_between).map(str::to_owned).collect(),
        }
    }

    fn may_be(&self, kind: KindId) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether it may lie in an object that its kind calls so: it names it, or says of nothing what it lies in.
    fn may_be_inside(&self, kind: KindId, name: &str) -> bool {
        let field = kind.def().parent.as_ref().map(|around| around.field);
        let says = field.is_some_and(|field| self.words.contains(field));
        self.may_be(kind) && (!says || self.words.contains(name))
    }
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
                    let unread = UnreadManifest::new(values_in(part, "kind:"), part);
                    lost.manifests.push(unread);
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
            let words = kind.map(str::to_owned).into_iter();
            self.manifests
                .push(UnreadManifest::new(words, &value.to_string()));
        }
    }

    /// Whether a manifest may be there that cannot be read.
    fn may_have(&self, absent: &Absent) -> bool {
        let mut manifests = self.manifests.iter();
        match absent.lacks {
            Lacks::Inside => manifests.any(|it| it.may_be_inside(absent.kind, &absent.name)),
            Lacks::Named => {
                manifests.any(|it| it.may_be(absent.kind) && it.words.contains(&absent.name))
            }
        }
    }

    /// Whether a manifest that cannot be read may have a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

fn kind_of(word: &str) -> Option<KindId> {
    KindId::manifests().find(|kind| kind.name() == word)
}

/// A manifest that a complaint says is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Absent {
    kind: KindId,
    /// Its name, or that of what it would lie in.
    name: String,
    lacks: Lacks,
}

/// The manifests of which it cannot be said that they are not there: one cannot be read, or names what it lies in by a
/// name that nothing has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Uncertain(BTreeMap<Absent, bool>);

impl Uncertain {
    /// Whether a complaint may only repeat one about another manifest.
    pub(super) fn has(&self, of: &Key, complaint: &Diagnostic) -> bool {
        let absent = absent(of, complaint);
        absent.is_some_and(|absent| self.0.get(&absent).copied().unwrap_or_default())
    }

    /// Of the manifests that some complaints miss.
    pub(super) fn of(absent: BTreeSet<Absent>, lost: &Lost, desired: &Desired) -> Self {
        let uncertain = |it: &Absent| {
            lost.may_have(it) || it.lacks == Lacks::Inside && has_stray(it.kind, desired)
        };
        let absent = absent.into_iter();
        Self(absent.map(|it| (it.clone(), uncertain(&it))).collect())
    }
}

/// The manifests of which complaints about an object say that they are not there.
pub(super) fn missed(of: &Key, diags: &Diags) -> impl Iterator<Item = Absent> {
    diags.iter().filter_map(move |it| absent(of, it))
}

fn absent(of: &Key, complaint: &Diagnostic) -> Option<Absent> {
    let mut known = of.kind.def().of_absence.iter();
    let (_, kind, lacks) = known.find(|(known, ..)| *known == complaint.code)?;
    let name = match (lacks, &complaint.at) {
        (Lacks::Inside, _) => of.name.to_string(),
        (Lacks::Named, Location::Node { pointer, .. }) => pointer.steps().last()?,
        (Lacks::Named, _) => return None,
    };
    Some(Absent {
        kind: KindId::known(kind),
        name,
        lacks: *lacks,
    })
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
