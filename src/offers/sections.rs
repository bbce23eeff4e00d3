//! Which sections of a place something mentions: a case about any other section tests nothing.
//!
//! A name that holds a mentioned one, or differs from it by case, is as much a slip as any other, unless the case is about that:
//! `because` says that the entry point of an engagement fails which asks for that one, or the name has characters that no one
//! types by mistake.

use std::collections::{BTreeMap, BTreeSet};

use super::stated::places_of;
use super::values::is_made_up;
use super::world::World;
use crate::kinds::offering::{
    Aspect, Assumed, Clause, Fact, Place, Question, Reading, Switch, Test,
};
use crate::kinds::shared::means::TextMatch;
use crate::manifest::Key;

/// The texts that are asked for in each place: by its entry points, and by all that its engagements refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Sections(BTreeMap<Place, Vec<TextMatch>>);

impl Sections {
    pub(super) fn of(world: &World) -> Self {
        let mut all = Self::default();
        for reading in world.readings() {
            if let Some(place) = place(reading) {
                all.note(place, reading);
            }
        }
        let mut seen = BTreeSet::new();
        for (key, engagement, _) in world.offered() {
            for here in places_of(engagement) {
                for (other, reading) in world.around(key) {
                    if seen.insert((here.clone(), other)) && place(reading) != Some(&here) {
                        all.note(&here, reading);
                    }
                }
            }
        }
        all
    }

    fn note(&mut self, place: &Place, reading: &Reading) {
        let texts = self.0.entry(place.clone()).or_default();
        for requirement in &reading.requires {
            texts_of(&requirement.clause, texts);
        }
    }

    /// Whether a section is one that something mentions, or resembles one of those that a case is about; else the nearest that
    /// is.
    pub(super) fn mention(
        &self,
        section: &str,
        (place, assumed): (&Place, &Assumed),
        about: &[TextMatch],
    ) -> Result<(), Option<String>> {
        let texts = self.0.get(place).map_or(&[][..], Vec::as_slice);
        let known: BTreeSet<&str> = texts.iter().filter_map(text).collect();
        let is_exact = assumed.of(Switch::SectionCase) == Some(0);
        let lower = section.to_lowercase();
        let is = |text: &str| (is_exact && text == section) || (!is_exact && same(text, &lower));
        let has = |text: &str| {
            (is_exact && section.contains(text)) || (!is_exact && within(text, &lower))
        };
        let meant = if is_made_up(section) { texts } else { about };
        let mut meant = meant.iter().filter_map(text);
        if known.iter().any(|text| is(text)) || meant.clone().any(|text| same(text, &lower)) {
            return Ok(());
        }
        let is_slip = known.iter().any(|text| crate::diag::is_slip(text, section));
        let mut parts = texts.iter().filter_map(|it| it.contains.as_deref());
        if !is_slip && (parts.any(has) || meant.any(|text| within(text, &lower))) {
            return Ok(());
        }
        Err(crate::diag::nearest(section, known).map(str::to_owned))
    }
}

/// The text that is asked for, whole or as a part.
fn text(of: &TextMatch) -> Option<&str> {
    of.is.as_deref().or(of.contains.as_deref())
}

/// Whether a text is another one but for upper and lower case, which the other has none of.
fn same(text: &str, lower: &str) -> bool {
    text.to_lowercase() == lower
}

/// Whether a text is in another one but for upper and lower case, which the other has none of.
fn within(text: &str, lower: &str) -> bool {
    lower.contains(&text.to_lowercase())
}

/// The texts that the entry points of an engagement ask for.
pub(super) fn texts_by(world: &World, key: &Key) -> Vec<TextMatch> {
    let lists = world.listed_by(key).into_iter();
    let lists = lists.filter(|(aspect, _)| *aspect == Aspect::EntryPoints);
    let mut found = Vec::new();
    for reading in lists
        .flat_map(|(_, keys)| keys)
        .filter_map(|it| world.reading(&it))
    {
        for requirement in &reading.requires {
            texts_of(&requirement.clause, &mut found);
        }
    }
    found
}

/// The place that an entry point is of, where that is known.
fn place(reading: &Reading) -> Option<&Place> {
    let mut all = reading.requires.iter();
    all.find_map(|requirement| match &requirement.clause.test {
        Test::Either(Switch::EntryPointApp | Switch::EntryPointWithoutApp, here, _) => {
            match &here.test {
                Test::In(place) => Some(place),
                _ => None,
            }
        }
        _ => None,
    })
}

/// The texts that a clause asks for in sections.
fn texts_of(clause: &Clause, found: &mut Vec<TextMatch>) {
    if let Test::Is(Question::Text {
        fact: Fact::Sections,
        any,
        ..
    }) = &clause.test
    {
        found.extend(any.iter().cloned());
    }
    clause.test.inner(&mut |inner| texts_of(inner, found));
}
