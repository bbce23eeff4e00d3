//! Requirements that no visit can meet where an engagement is served: conditions for web pages in an app, and entry
//! points of another app (platform.md#target-audience).
//!
//! A rule asks before there is any visit, so that only what the manifests decide counts: an object of the account, a
//! condition without a meaning and every fact of a visitor may hold. Alternatives are out of reach when all of them are.

use super::{Clause, Place, Switch, Test};
use crate::kinds::{ALL, RuleWorld};
use crate::text::Pointer;

/// Where an engagement is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// On web pages.
    Web,
    /// In an app; by the live name of its installation, where the manifest gives one.
    App(Option<String>),
}

/// A requirement that no visit can meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutOfReach {
    /// The kind and name of the object that has it; nothing where it is the asking object itself.
    pub(crate) object: Option<(&'static str, String)>,
    /// The place below its `spec`.
    pub(crate) at: Pointer,
    /// Why no visit can meet it, in a phrase behind the object.
    pub(crate) why: String,
}

/// Why a clause never holds where an engagement is served; nothing where it may.
pub(crate) fn never_holds(
    clause: &Clause,
    served: &Served,
    world: &dyn RuleWorld,
) -> Option<OutOfReach> {
    let never = |clause: &Clause| never_holds(clause, served, world);
    let here = |why: String| OutOfReach {
        object: None,
        at: clause.at.clone(),
        why,
    };
    match &clause.test {
        Test::WebOnly(_) => matches!(served, Served::App(_))
            .then(|| here("has a condition that only web pages can meet".to_owned())),
        Test::In(place) => is_elsewhere(place, served).then(|| here(format!("belongs to {place}"))),
        Test::All(list) => list.iter().find_map(never),
        Test::Any(list) => {
            let all: Option<Vec<_>> = list.iter().map(never).collect();
            all?.into_iter().next()
        }
        // Whether the app of an entry point counts is inferred, and a warning goes by what is likely.
        Test::Either(Switch::EntryPointApp | Switch::EntryPointWithoutApp, likely, _) => {
            never(likely)
        }
        Test::Either(_, first, second) => never(first).filter(|_| never(second).is_some()),
        Test::Object(target) => {
            let name = target.reference.as_str()?;
            let def = ALL.iter().find(|def| def.name == target.kind)?;
            let reading = (def.reading)(world.spec(target.kind, name)?)?;
            let mut requires = reading.requires.iter();
            let found = requires.find_map(|requirement| never(&requirement.clause))?;
            let object = found.object.or(Some((target.kind, name.to_owned())));
            Some(OutOfReach { object, ..found })
        }
        _ => None,
    }
}

fn is_elsewhere(place: &Place, served: &Served) -> bool {
    match (place, served) {
        (Place::Web, Served::Web) | (_, Served::App(None)) => false,
        (Place::App(one), Served::App(Some(other))) => one != other,
        (Place::App(_), Served::Web) | (Place::Web, Served::App(_)) => true,
    }
}
