//! A case whose answer was lost: what the platform made of it is not known.

use super::asking::Query;
use super::assertion::assertions;
use super::suite::CaseResult;
use super::truth::Observation;
use super::why::Objection;
use super::world::World;

impl Query {
    /// The case without an answer. It fails, also where open cases are allowed: the platform gave no reason.
    #[must_use]
    pub fn unanswered(&self, world: &World, why: &str) -> CaseResult {
        let all = assertions(world, &self.then, &self.at.key("then"));
        let fails = || {
            let text = format!("no answer came: {why}");
            Some(Objection::fails(Some(Observation::Unanswered), text))
        };
        let checks = all
            .into_iter()
            .map(|it| Objection::check(fails(), it.at, it.what))
            .collect();
        self.result(checks)
    }
}
