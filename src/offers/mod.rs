//! F2: who is offered what. Decides a visit against the manifests, in three values: yes, no, and unknown with its
//! reasons.
//!
//! - [`World`] is what the manifests say, made of the readings of the kinds; [`Visit`] is a visitor at a place at a time.
//! - [`judge`] decides each engagement: a requirement that certainly fails decides, whatever else is unknown.
//! - [`VisitOutcome`] is the set of possible offers. Several are a lottery and never a winner.
//! - [`Switch`](crate::kinds::offering::Switch) names what is only inferred of the platform. What differs between its
//!   positions is unknown, unless one is assumed; a verdict says which assumptions it rests on.
//! - [`Suite`] runs a scenario: cases, journeys, and what holds for every visit.
//!
//! Adding a fact to a visit never turns a yes into a no, or the other way round: it can only decide what was unknown.
//!
//! Nothing here knows the clock: the time is a fact of the visit.

mod advice;
mod alike;
mod ask;
mod asking;
mod assertion;
mod changed;
mod closing;
pub mod codes;
mod contests;
mod contradiction;
mod contribution;
mod coverage;
mod decider;
mod difference;
mod earlier;
mod everywhere;
mod example;
mod excuse;
mod expected;
mod explore;
mod findings;
mod flaws;
mod journey;
mod judgement;
mod known;
mod likely;
mod made_up;
mod matrix;
mod mutants;
mod noticing;
mod opaque;
mod opened;
mod outcome;
mod parts;
mod phrase;
mod plain;
mod planned;
mod precedence;
mod proof;
mod refusal;
mod refuted;
mod reported;
mod rerouted;
mod rivalry;
mod route;
mod rules;
mod schedule;
mod sections;
mod served;
mod session;
mod shadows;
mod shelves;
mod shown;
mod stated;
mod suite;
mod surroundings;
mod switched_on;
mod tally;
#[cfg(test)]
mod tests;
mod truth;
mod unanswered;
mod undrawn;
mod universe;
mod unproven;
mod unsaid;
mod values;
mod variants;
mod visit;
mod wanted;
mod why;
mod world;
mod zoned;

pub use advice::{Adviser, VisitAdvice};
pub use asking::{Asking, Query, Unasked};
pub use assertion::DecidedAssertion;
pub use contradiction::{HeldDifference, HeldPart};
pub use coverage::{Coverage, CoverageGoal, CoverageItem, SeenCount};
pub use difference::{SeenDifference, differences};
pub use example::example;
pub use expected::Expecting;
pub use findings::findings;
pub use judgement::{Eligibility, Judgement, judge};
pub use mutants::{Mutant, MutantFate, Tests};
pub use outcome::{Contest, VisitOutcome};
pub use planned::{ImpactInput, impact, kinds_with_a_say, worlds};
pub use proof::Evidence;
pub use route::Route;
pub use served::LiveIds;
pub use suite::{CaseResult, Suite, Verdict};
pub use truth::{Because, Judged, Observation, Reason, Spot, Truth};
pub use unproven::unproven_fields;
pub use visit::Visit;
pub use world::World;
