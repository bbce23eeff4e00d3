//! What makes a case test nothing: it fails.

use serde_json::Value;

use super::assertion::is_reason;
use super::suite::{CaseResult, Suite};
use crate::kinds::shared::Reference;
use crate::kinds::{Then, When, unseen_attributes};
use crate::text::Pointer;

impl Suite<'_> {
    /// What makes a case test nothing.
    pub(super) fn flaws(&self, when: &When, then: &Then, at: &Pointer, result: &mut CaseResult) {
        self.visit_flaws(when, &at.key("when"), result);
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

    /// What a visit reports that no condition sees.
    pub(super) fn unseen(&self, when: &When, at: &Pointer, result: &mut CaseResult) {
        let own = when.attributes.as_deref().unwrap_or_default();
        attribute_flaws(own, &at.key("attributes"), result);
        if let Some(Reference::Name(name)) = &when.persona {
            let persona = self.world.persona(name).unwrap_or_default();
            let flaws = unseen_attributes(persona).into_iter();
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

    pub(super) fn visit_flaws(&self, when: &When, at: &Pointer, result: &mut CaseResult) {
        if when.is_empty() {
            result
                .flaws
                .push((at.clone(), "the visit says nothing".to_owned()));
        }
        for (index, section) in when.sections.iter().flatten().enumerate() {
            if let Err(near) = self.world.mentions(section) {
                let near =
                    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let why = format!("no entry point mentions the section `{section}`{near}");
                result.flaws.push((at.key("sections").index(index), why));
            }
        }
        if let Some(Reference::Name(name)) = &when.persona
            && self.world.persona(name).is_none()
        {
            result
                .flaws
                .push((at.key("persona"), format!("no persona is named `{name}`")));
        }
    }
}

/// Attributes that are misspelt: no condition sees them, so that nothing is offered to a visit that reports them.
pub(super) fn attribute_flaws(attributes: &[Value], at: &Pointer, result: &mut CaseResult) {
    let flaws = unseen_attributes(attributes).into_iter();
    result
        .flaws
        .extend(flaws.map(|(below, why)| (at.join(&below), why)));
}
