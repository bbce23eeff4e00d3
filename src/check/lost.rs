//! Manifests that are in the files and cannot be read: a reference to one of them is not wrong, and a complaint about it
//! would only repeat the one about the manifest.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kinds::KindId;
use crate::text::{Document, Sources};

/// The names of manifests that cannot be read, as far as their text shows them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lost(BTreeSet<String>);

impl Lost {
    /// Those of all files. An editor keeps the files apart from their documents.
    pub(super) fn of(sources: &Sources, documents: &[Document]) -> Self {
        let mut names = BTreeSet::new();
        let mut starts = BTreeSet::new();
        for document in documents {
            let first = document.spans().map(|span| span.start).min();
            starts.extend(first.map(|start| (document.file, start)));
            let name = document
                .value
                .pointer("/metadata/name")
                .and_then(Value::as_str);
            if !is_manifest(&document.value) {
                names.extend(name.map(str::to_owned));
            }
        }
        for (file, source) in sources.iter() {
            for (start, part) in parts(&source.text) {
                let from = u32::try_from(start).unwrap_or(u32::MAX);
                let to = u32::try_from(start + part.len()).unwrap_or(u32::MAX);
                let mut read = starts.range((file, from)..(file, to));
                if read.next().is_none() {
                    names.extend(names_in(part));
                }
            }
        }
        Self(names)
    }

    /// Whether a manifest that cannot be read may have a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

fn is_manifest(value: &Value) -> bool {
    let kind = value.get("kind").and_then(Value::as_str);
    kind.is_some_and(|word| KindId::manifests().any(|kind| kind.name() == word))
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

/// What stands behind `name:` in a text.
fn names_in(part: &str) -> impl Iterator<Item = String> {
    part.match_indices("name:").filter_map(|(at, key)| {
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
        let found = |text: &str| names_in(text).collect::<Vec<_>>();
        assert_eq!(found("metadata: { name: a, labels: {} }"), ["a"]);
        assert_eq!(found("metadata:\n  name: \"b\" # c\n"), ["b"]);
        assert_eq!(found("spec:\n  displayname: c\n  name:\n"), [""; 0]);
        let parts: Vec<_> = parts("a\n---\nb\n").collect();
        assert_eq!(parts, [(0, "a\n"), (2, "---\nb\n")]);
    }
}
