//! The calls of apps that the platform refuses whatever the manifests say.

use super::judgement::{Judge, Judgement};
use super::truth::{Because, Judged, Reason, Spot, Truth};
use crate::kinds::offering::{Aspect, Datum, Fact, FactAnswer, Place};
use crate::manifest::Key;
use crate::text::Pointer;

impl Judge<'_> {
    /// What keeps an app from being offered anything: the platform refuses a call that reports the `customerId` of a visitor
    /// who has not signed in (platform.md#monitoring-rules).
    pub(super) fn call(&self, key: &Key) -> Option<Judgement> {
        let facts = &self.visit.facts;
        let is = |fact: Fact, data: &[Datum]| matches!(facts.get(&fact), Some(FactAnswer::Known(known)) if known == data);
        let signed_in = |is_so: bool| is(Fact::SignedIn, &[Datum::Flag(is_so)]);
        let names_customer = self.visit.names_customer;
        let is_nobody = !names_customer && is(Fact::CustomerId, &[]);
        if self.visit.place == Place::Web || signed_in(true) || is_nobody {
            return None;
        }
        let missing = match facts.get(&Fact::CustomerId) {
            None if !names_customer => Some(Fact::CustomerId),
            _ if signed_in(false) => None,
            _ => Some(Fact::SignedIn),
        };
        let spot = Spot {
            key: key.clone(),
            at: Pointer::root(),
        };
        let judged = missing.map_or_else(
            || Judged::of(Truth::No),
            |fact| Judged::unknown(Reason::Missing(fact)),
        );
        let why = match missing {
            None => {
                "the platform refuses the `customerId` of a visitor who is not signed in".to_owned()
            }
            Some(fact) => format!("`{}` is not given", fact.name()),
        };
        Some(Judgement {
            aspect: Aspect::Call,
            spot: spot.clone(),
            judged: judged.because_if(self.explains, || Because {
                spot,
                why,
                change: "a visit without `ctmrinfo.customerId`, or `signedIn: true`".to_owned(),
            }),
        })
    }
}
