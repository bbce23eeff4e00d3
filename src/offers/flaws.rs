//! What makes a case test nothing: it fails.

use std::collections::BTreeSet;

use serde_json::Value;

use super::assertion::{is_reason, target};
use super::suite::{CaseResult, Suite};
use crate::kinds::shared::Reference;
use crate::kinds::{Then, When, unseen_attributes};
use crate::manifest::Key;
use crate::text::Pointer;

impl Suite<'_> {
    /// What makes a case test nothing.
    pub(super) fn flaws(&self, when: &When, then: &Then, at: &Pointer, result: &mut CaseResult) {
        self.visit_flaws(when, Some(then), &at.key("when"), result);
        if when.reports_nothing() && then.is_of_nothing() {
            let why = "a visit that reports nothing is offered nothing whatever the manifests say";
            result.flaws.push((at.key("when"), why.to_owned()));
        }
        if then.is_of_nothing() {
            self.unseen(when, &at.key("when"), result);
        }
        if then.is_empty() {
            result
                .flaws
                .push((at.clone(), "the case asserts nothing".to_owned()));
        }
        Self::empty_lists(then, &at.key("then"), result);
        for name in then
            .undecided
            .iter()
            .flatten()
            .filter(|name| !is_reason(name))
        {
            let at = at.key("then").key("undecided");
            result
                .flaws
                .push((at, format!("`{name}` is no fact that a visit can lack")));
        }
    }

    /// Keys of attributes that no condition sees.
    pub(super) fn unseen(&self, when: &When, at: &Pointer, result: &mut CaseResult) {
        self.reported(when, at, Misspelt::Key, result);
    }

    /// What is misspelt of the attributes that a visit reports.
    fn reported(&self, when: &When, at: &Pointer, what: Misspelt, result: &mut CaseResult) {
        let own = when.attributes.as_deref().unwrap_or_default();
        attribute_flaws(own, &at.key("attributes"), what, result);
        if let Some(Reference::Name(name)) = &when.persona {
            let persona = self.world.persona(name).unwrap_or_default();
            let flaws = misspelt(persona, what);
            result.flaws.extend(
                flaws.map(|(_, why)| (at.key("persona"), format!("persona {name}: {why}"))),
            );
        }
    }

    /// Lists with nothing in them, which hold whatever is the case.
    pub(super) fn empty_lists(then: &Then, at: &Pointer, result: &mut CaseResult) {
        let flaws = then.empty_lists();
        result.flaws.extend(flaws.map(|field| {
            let why = format!("`{field}` is empty and asserts nothing");
            (at.key(field), why)
        }));
    }

    pub(super) fn visit_flaws(
        &self,
        when: &When,
        then: Option<&Then>,
        at: &Pointer,
        result: &mut CaseResult,
    ) {
        let about = then.into_iter().flat_map(Then::of_entry_points);
        let about = about.filter_map(|name| {
            let reference = Reference::Name(name.to_owned());
            target(self.world, &reference).ok()
        });
        let about: BTreeSet<Key> = about.collect();
        if when.is_empty() {
            result
                .flaws
                .push((at.clone(), "the visit says nothing".to_owned()));
        }
        self.reported(when, at, Misspelt::Type, result);
        let (place, assumed) = (self.place(), self.assumed());
        // Of a place that there is not, that is said.
        let sections = when.sections.iter().flatten();
        let sections = sections.filter(|_| self.world.has_place(&place));
        for (index, section) in sections.enumerate() {
            if let Err(near) = self.world.mentions(section, (&place, &assumed), &about) {
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let why = format!("no entry point mentions the section `{section}`{near}");
                result.flaws.push((at.key("sections").index(index), why));
            }
        }
        if let Some(Reference::Name(name)) = &when.persona {
            let why = match self.world.persona(name) {
                None => format!("no persona is named `{name}`"),
                Some([]) => format!("the persona `{name}` has no `attributes`"),
                Some(_) => return,
            };
            result.flaws.push((at.key("persona"), why));
        }
    }
}

/// What is misspelt of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misspelt {
    /// Its type: nothing of it is seen, so that the visit is not the one that was meant, whatever comes of it.
    Type,
    /// A key of it, which matters where nothing is to be offered.
    Key,
}

/// Attributes of which something is misspelt: no condition sees it, and no call fails because of it.
pub(super) fn attribute_flaws(
    attributes: &[Value],
    at: &Pointer,
    what: Misspelt,
    result: &mut CaseResult,
) {
    let flaws = misspelt(attributes, what);
    result
        .flaws
        .extend(flaws.map(|(below, why)| (at.join(&below), why)));
}

fn misspelt(attributes: &[Value], what: Misspelt) -> impl Iterator<Item = (Pointer, String)> {
    let flaws = unseen_attributes(attributes).into_iter();
    flaws.filter(move |(below, _)| {
        let is_type = below.steps().last().as_deref() == Some("type");
        is_type == (what == Misspelt::Type)
    })
}
