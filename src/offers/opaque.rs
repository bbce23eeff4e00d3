//! Conditions that no visit decides: their payload is not public, or the platform reads them in its own way.
//!
//! Two of them that are written alike hold for the same visits. So a comparison of two worlds supposes of each one that it
//! holds, and then that it does not, in both worlds at once: a difference that does not depend on it is certain all the
//! same.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::truth::{Judged, Reason, Spot, Truth};
use super::universe::ListedValues;
use super::world::{ReferenceTarget, World};
use crate::kinds::offering::{Clause, Fact, Test};
use crate::manifest::Key;

/// What is supposed.
#[derive(Debug)]
pub(super) struct Opaque<'u> {
    listed: &'u ListedValues,
    /// By what is written: whether it holds.
    pub(super) supposed: BTreeMap<String, bool>,
    /// What was met and nothing is supposed of.
    pub(super) met: RefCell<BTreeSet<String>>,
}

impl<'u> Opaque<'u> {
    pub(super) const fn new(listed: &'u ListedValues, supposed: BTreeMap<String, bool>) -> Self {
        Self {
            listed,
            supposed,
            met: RefCell::new(BTreeSet::new()),
        }
    }

    /// What is supposed of a clause that nothing else decides, and nothing inside of it; any other stays as it is.
    pub(super) fn settled(
        &self,
        world: &World,
        key: &Key,
        clause: &Clause,
        judged: Judged,
    ) -> Judged {
        let is_whole = matches!(
            clause.test,
            Test::Open(_)
                | Test::Is(_)
                | Test::Object(_)
                | Test::Earlier(_)
                | Test::Flow(_)
                | Test::Within(_)
        );
        let is_object = match &clause.test {
            Test::Object(target) => matches!(world.find(target), ReferenceTarget::Object(..)),
            _ => false,
        };
        let is_closed = |reason: &Reason| match reason {
            Reason::Missing(fact) => !self.listed.has(*fact),
            Reason::Unclear(..) => true,
            Reason::Inferred(_)
            | Reason::Zone
            | Reason::TooMany
            | Reason::Untried(_)
            | Reason::Several
            | Reason::Withheld(_)
            | Reason::Platform(_) => false,
        };
        let is_open = judged.truth == Truth::Unknown && judged.reasons.iter().all(is_closed);
        if !is_whole || is_object || !is_open {
            return judged;
        }
        let spot = Spot {
            key: key.clone(),
            at: clause.at.clone(),
        };
        let text = written(world, &spot, clause);
        if let Some(holds) = self.supposed.get(&text) {
            return Judged::of((*holds).into());
        }
        self.met.borrow_mut().insert(text);
        judged
    }
}

/// What is written in a clause, and in the objects that it refers to: nothing of where it is written.
fn written(world: &World, spot: &Spot, clause: &Clause) -> String {
    let mut text = String::new();
    match &clause.test {
        Test::Open(why) => {
            let _ = write!(text, "{why:?} {}", world.written(spot));
        }
        Test::Is(question) => {
            let _ = write!(text, "{question:?}");
            // Each campaign draws its own.
            if question.fact() == Fact::ControlGroup {
                let _ = write!(text, " {}", spot.key);
            }
        }
        Test::Object(target) => match world.find(target) {
            ReferenceTarget::Object(key, reading) => {
                for requirement in &reading.requires {
                    let spot = Spot {
                        key: key.clone(),
                        at: requirement.clause.at.clone(),
                    };
                    text.push_str(&written(world, &spot, &requirement.clause));
                }
            }
            ReferenceTarget::Vendor => text.push_str("vendor"),
            ReferenceTarget::Elsewhere => {
                let _ = write!(text, "{} {}", target.kind, target.reference);
            }
        },
        Test::Within(span) => {
            let _ = write!(text, "{span:?}");
        }
        test => {
            let name = format!("{test:?}");
            text.push_str(name.split(['(', ' ']).next().unwrap_or_default());
            test.inner(&mut |inner| {
                let spot = Spot {
                    key: spot.key.clone(),
                    at: inner.at.clone(),
                };
                let _ = write!(text, "({})", written(world, &spot, inner));
            });
        }
    }
    text
}
