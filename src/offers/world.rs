//! What the manifests say about who is offered what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kinds::mapping::with_defaults;
use crate::kinds::offering::{
    Clause, Fact, Offering, Place, Question, Rank, Reading, Target, Test,
};
use crate::manifest::Key;
use crate::resolve::{Desired, reference_key};

/// The readings of all manifests, and the personas.
#[derive(Clone, Debug, Default)]
pub struct World {
    objects: BTreeMap<Key, Reading>,
    personas: BTreeMap<Key, Vec<Value>>,
    questions: BTreeMap<Fact, Vec<Question>>,
    moments: BTreeSet<(String, jiff::civil::DateTime)>,
    places: BTreeSet<Place>,
}

/// What a reference leads to.
pub(super) enum Found<'w> {
    /// An object that a manifest describes.
    Object(Key, &'w Reading),
    /// The vendor's own row, which restricts nothing.
    Vendor,
    /// An object that no manifest defines.
    Elsewhere,
}

impl World {
    /// What the manifests of an environment say.
    #[must_use]
    pub fn of(desired: &Desired) -> Self {
        let mut world = Self::default();
        for resource in desired.iter() {
            let def = resource.key.kind.def();
            if let Some(attributes) = (def.attributes)(&resource.spec) {
                world.personas.insert(resource.key.clone(), attributes);
            }
            if def.is_test {
                continue;
            }
            if let Some(reading) = (def.reading)(&with_defaults(def, &resource.spec)) {
                world.add(resource.key.clone(), reading);
            }
        }
        world
    }

    /// Adds what an object says.
    pub fn add(&mut self, key: Key, reading: Reading) {
        for requirement in &reading.requires {
            self.note(&requirement.clause);
        }
        self.objects.insert(key, reading);
    }

    /// Notes what a clause asks for: the values that make a difference.
    fn note(&mut self, clause: &Clause) {
        match &clause.test {
            Test::Is(question) => {
                let asked = self.questions.entry(question.fact()).or_default();
                if !asked.contains(question) {
                    asked.push(question.clone());
                }
            }
            Test::All(list) | Test::Any(list) | Test::Earlier(list) | Test::Flow(list) => {
                for clause in list {
                    self.note(clause);
                }
            }
            Test::Not(inner) | Test::WebOnly(inner) => self.note(inner),
            Test::Either(_, first, second) => {
                self.note(first);
                self.note(second);
            }
            Test::Within(span) => {
                let zone = span.time_zone.clone().unwrap_or_default();
                let times = span.start.iter().chain(&span.end);
                self.moments.extend(times.map(|time| (zone.clone(), *time)));
            }
            Test::In(place) => {
                self.places.insert(place.clone());
            }
            Test::Known(..) | Test::Open(_) | Test::Object(_) => {}
        }
    }

    /// Everything that can be offered, by kind and name.
    pub fn offered(&self) -> impl Iterator<Item = (&Key, &Reading, &Offering)> {
        let objects = self.objects.iter();
        objects.filter_map(|(key, reading)| Some((key, reading, reading.offer.as_ref()?)))
    }

    /// What a visitor gets.
    #[must_use]
    pub fn offering(&self, key: &Key) -> Option<&Offering> {
        self.objects.get(key)?.offer.as_ref()
    }

    /// What an offer counts in a contest: that of the object around it.
    #[must_use]
    pub fn rank(&self, key: &Key) -> Option<Rank> {
        let around = self.objects.get(key)?.around.as_ref()?;
        match self.find(around) {
            Found::Object(_, reading) => reading.rank,
            _ => None,
        }
    }

    /// The attributes of a persona.
    #[must_use]
    pub fn persona(&self, name: &str) -> Option<&[Value]> {
        let found = self
            .personas
            .iter()
            .find(|(key, _)| key.name.as_str() == name);
        found.map(|(_, attributes)| attributes.as_slice())
    }

    /// Whether something takes place there.
    #[must_use]
    pub fn has_place(&self, place: &Place) -> bool {
        self.places.contains(place)
    }

    /// The apps that something takes place in.
    pub fn apps(&self) -> impl Iterator<Item = &str> {
        self.places.iter().filter_map(|place| match place {
            Place::App(name) => Some(name.as_str()),
            Place::Web => None,
        })
    }

    /// The texts that conditions ask for, whole or as a part.
    pub fn texts(&self, fact: Fact) -> impl Iterator<Item = &str> {
        let asked = self.questions.get(&fact).into_iter().flatten();
        let texts = asked.flat_map(|question| match question {
            Question::Text { any, .. } => any.as_slice(),
            _ => &[],
        });
        texts.filter_map(|text| text.is.as_deref().or(text.contains.as_deref()))
    }

    pub(super) fn questions(&self, fact: Fact) -> &[Question] {
        self.questions.get(&fact).map_or(&[], Vec::as_slice)
    }

    pub(super) fn moments(&self) -> impl Iterator<Item = &(String, jiff::civil::DateTime)> {
        self.moments.iter()
    }

    /// Whether a section is one that a condition mentions; else the nearest that is.
    ///
    /// # Errors
    /// The nearest name, where there is one.
    pub fn mentions(&self, section: &str) -> Result<(), Option<String>> {
        let known: BTreeSet<&str> = self.texts(Fact::Sections).collect();
        let is_same = |text: &&str| text.eq_ignore_ascii_case(section);
        if known.iter().any(is_same) {
            return Ok(());
        }
        let is_slip = known.iter().any(|text| crate::diag::is_slip(text, section));
        let has_part = known.iter().any(|text| section.contains(text));
        if has_part && !is_slip {
            return Ok(());
        }
        Err(crate::diag::nearest(section, known).map(str::to_owned))
    }

    pub(super) fn find(&self, target: &Target) -> Found<'_> {
        if target.reference.get("system") == Some(&Value::Bool(true)) {
            return Found::Vendor;
        }
        let key = reference_key(target.kind, &target.reference);
        let found = key.and_then(|key| self.objects.get_key_value(&key));
        found.map_or(Found::Elsewhere, |(key, reading)| {
            Found::Object(key.clone(), reading)
        })
    }

    /// Whether every value of a fact is the same to all conditions.
    #[must_use]
    pub fn asks(&self, fact: Fact) -> bool {
        self.questions.contains_key(&fact)
    }
}
