//! Which sections of a place something mentions: a case about any other section tests nothing.
//!
//! A name that holds a mentioned one, or differs from it by case, is as much a slip as any other, unless the case is about that:
//! `because` says that the entry point fails, or the name has characters that no one types by mistake.

use std::collections::{BTreeMap, BTreeSet};

use super::coverage::places_of;
use super::values::is_made_up;
use super::world::World;
use crate::kinds::offering::{Assumed, Clause, Fact, Place, Question, Reading, Switch, Test};
use crate::kinds::shared::means::TextMatch;

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

    /// Whether a section is one that something mentions; else the nearest that is.
    pub(super) fn mention(
        &self,
        section: &str,
        (place, assumed): (&Place, &Assumed),
        is_about_names: bool,
    ) -> Result<(), Option<String>> {
        let is_meant = is_about_names || is_made_up(section);
        let texts = self.0.get(place).map_or(&[][..], Vec::as_slice);
        let is_exact = assumed.of(Switch::SectionCase) == Some(0) && !is_meant;
        let fold = |text: &str| {
            if is_exact {
                text.to_owned()
            } else {
                text.to_lowercase()
            }
        };
        let section_as_compared = fold(section);
        let known = texts
            .iter()
            .filter_map(|it| it.is.as_deref().or(it.contains.as_deref()));
        let known: BTreeSet<&str> = known.collect();
        if known.iter().any(|text| fold(text) == section_as_compared) {
            return Ok(());
        }
        let is_slip = known.iter().any(|text| crate::diag::is_slip(text, section));
        let mut parts = texts.iter().filter_map(|it| {
            it.contains
                .as_deref()
                .or(it.is.as_deref().filter(|_| is_meant))
        });
        if !is_slip && parts.any(|text| section_as_compared.contains(&fold(text))) {
            return Ok(());
        }
        Err(crate::diag::nearest(section, known).map(str::to_owned))
    }
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
