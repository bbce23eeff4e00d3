//! Objects that were found to match their manifests: they are not lifted and compared again until something changes that the comparison
//! depends on.
//!
//! An object is known by a digest of 256 bits over all that its comparison is given, and by the answers to all that it asks. The digest is
//! over
//!
//! - the build of the program and the schema of the kind: another build may read a field in another way;
//! - the manifest after overlays, variables and templates (`spec`, the display name that follows from it, `lifecycle`), and the place of
//!   its file, which the ledger records, too;
//! - the live body byte by byte, with what the server assigns: of a digest of less somebody would have to show that nothing else is
//!   ever looked at. Beside it the id, the parent, the name and whose the object is, which no body has to say;
//! - the record of the ledger, under the key that binds the object: defaults of fields that are no longer declared follow from it, and so
//!   does whether the record itself is out of date;
//! - of an object that lists others, which ones the manifests put into it, which go, and where all of them lie: its list is made of them;
//! - the switches of the run that decide what counts as a difference.
//!
//! What the references of an object are bound to is not in the digest, because nobody can list them before the comparison. It is written
//! down while objects are compared: every question that is asked of the table of names and ids, with its answer. The object is known as
//! long as each of its questions has that answer still.
//!
//! Only what matches in every respect is remembered, with the number of its equal fields, which is all that a plan says of it. A digest
//! that is not found costs a comparison and nothing else; so does a set that is lost. A run of a part of the objects compares them all:
//! what is left out changes the lists of others.

mod asked;
mod file;
mod key;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::prune::Pruned;
use super::{Action, Bindings, Change, DiffInput, awake, object};
use crate::live::References;
use crate::resolve::Resource;
pub(super) use asked::AskedTable;
use asked::MatchQuestion;
pub use file::MATCHES_FORMAT;
use key::MatchKeys;

/// Of how many objects one that is new or gone is not worth a new file. Some bodies hold what moves by itself, such as the minutes until
/// a campaign ends, and of each list of copies one item is read anew.
const SPARED: usize = 100;

/// How long a set is used; what it says is found out anew after that.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);

/// SHA-256.
type Digest = [u8; 32];

/// A question that some comparison asked, by its number.
type Number = u32;

/// The objects that matched.
#[derive(Clone, Debug, PartialEq)]
pub struct Matches {
    /// The build of the program.
    program: String,
    /// When the first of them was compared.
    since: Timestamp,
    /// What the table of names and ids was.
    table: Digest,
    /// What was asked of it, and what it answered.
    questions: Vec<(MatchQuestion, String)>,
    objects: BTreeMap<Digest, Match>,
}

/// An object that matched.
#[derive(Clone, Debug, PartialEq)]
struct Match {
    /// How many declared fields are equal.
    equal: usize,
    /// What its comparison asked.
    asked: Vec<Number>,
}

impl Matches {
    /// Nothing is known yet.
    #[must_use]
    pub fn none(program: impl Into<String>, now: Timestamp) -> Self {
        Self {
            program: program.into(),
            since: now,
            table: Digest::default(),
            questions: Vec::new(),
            objects: BTreeMap::new(),
        }
    }

    /// How many objects matched.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    fn is_young(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.since);
        !age.is_negative() && age < OLDEST
    }
}

/// What a run remembers, and what it learns.
pub(super) struct Memory<'a> {
    before: &'a Matches,
    keys: MatchKeys<'a>,
    references: &'a References,
    table: Digest,
    /// Which of the questions have other answers by now.
    stale: BTreeSet<Number>,
    known: Vec<Digest>,
    learned: Vec<LearnedMatch>,
}

/// An object that was compared and matched.
struct LearnedMatch {
    key: Digest,
    equal: usize,
    asked: BTreeMap<MatchQuestion, String>,
}

impl<'a> Memory<'a> {
    pub(super) fn new(
        before: &'a Matches,
        input: &'a DiffInput<'a>,
        bindings: &'a Bindings<'a>,
        pruned: &'a Pruned<'a>,
    ) -> Self {
        let references = &bindings.references;
        let table = key::of_table(references);
        let numbered = (0..).zip(&before.questions);
        let changed = numbered
            .filter(|_| table != before.table)
            .filter(|(_, (question, answer))| question.answer(references) != *answer);
        Self {
            keys: MatchKeys::new(&before.program, input, bindings, pruned),
            stale: changed.map(|(number, _)| number).collect(),
            known: Vec::new(),
            learned: Vec::new(),
            before,
            references,
            table,
        }
    }

    /// What has to happen to the live object of a manifest, as [`object::change`] says it.
    pub(super) fn change(
        &mut self,
        input: &DiffInput<'_>,
        bindings: &Bindings<'_>,
        pruned: &Pruned<'_>,
        resource: &Resource,
    ) -> (Change, usize) {
        let Some(key) = self.keys.of(resource) else {
            let lookup = &bindings.references;
            return awake(resource, |it| {
                object::change(input, bindings, lookup, pruned, it)
            });
        };
        if let Some(found) = self.before.objects.get(&key)
            && !found.asked.iter().any(|it| self.stale.contains(it))
        {
            self.known.push(key);
            return (object::unchanged(input, bindings, resource, found.equal), 0);
        }
        let asked = AskedTable::new(self.references);
        let (change, drifted) = awake(resource, |it| {
            object::change(input, bindings, &asked, pruned, it)
        });
        if matches_wholly(&change, drifted) {
            self.learned.push(LearnedMatch {
                key,
                equal: change.unchanged,
                asked: asked.answers(),
            });
        }
        (change, drifted)
    }

    /// What is known after the run, `None` where that is hardly more than what was known before.
    pub(super) fn learned(self) -> Option<Matches> {
        let before = self.before.objects.len();
        let gone = before.saturating_sub(self.known.len());
        let is_near = self.learned.len().max(gone) <= before / SPARED;
        if is_near && self.table == self.before.table {
            return None;
        }
        let mut numbers = BTreeMap::new();
        let mut after = Matches {
            table: self.table,
            questions: Vec::new(),
            objects: BTreeMap::new(),
            ..self.before.clone_head()
        };
        for key in &self.known {
            let Match { equal, asked } = &self.before.objects[key];
            let asked = asked.iter().map(|it| &self.before.questions[*it as usize]);
            let asked = asked.map(|(question, answer)| (question, answer));
            after.add(*key, *equal, asked, &mut numbers);
        }
        for LearnedMatch { key, equal, asked } in &self.learned {
            after.add(*key, *equal, asked.iter(), &mut numbers);
        }
        Some(after)
    }
}

impl Matches {
    fn clone_head(&self) -> Self {
        Self::none(self.program.clone(), self.since)
    }

    fn add<'q>(
        &mut self,
        key: Digest,
        equal: usize,
        asked: impl Iterator<Item = (&'q MatchQuestion, &'q String)>,
        numbers: &mut BTreeMap<&'q MatchQuestion, Number>,
    ) {
        let mut number = |(question, answer): (&'q MatchQuestion, &'q String)| {
            *numbers.entry(question).or_insert_with(|| {
                self.questions.push((question.clone(), answer.clone()));
                Number::try_from(self.questions.len() - 1).unwrap_or(Number::MAX)
            })
        };
        let asked = asked.map(&mut number).collect();
        self.objects.insert(key, Match { equal, asked });
    }
}

/// Whether nothing at all is to be said of an object but how many of its fields are equal.
fn matches_wholly(change: &Change, drifted: usize) -> bool {
    change.action == Action::None
        && change.remote_id.is_some()
        && change.fields.is_empty()
        && change.reasons.is_empty()
        && !change.record
        && drifted == 0
}
