//! What a visit is advised works when it is followed.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::worlds::key;
use super::{WORLD, desired};
use crate::kinds::offering::{Aspect, Assumed, Place};
use crate::offers::{Eligibility, Truth, Visit, World, judge};

fn schedule_at(at: Timestamp) -> Eligibility {
    let visit = Visit {
        at: Some(at),
        ..Visit::new(Place::App("Shop".to_owned()))
    };
    let found = judge(&World::of(&desired(WORLD)), &visit, &Assumed::default());
    let order = key("Engagement", "order");
    found.into_iter().find(|it| it.engagement == order).unwrap()
}

fn is_running(at: Timestamp) -> Truth {
    let found = schedule_at(at);
    let all = found.requirements.iter();
    let mut schedule = all.filter(|it| it.aspect == Aspect::Schedule);
    schedule.next().unwrap().judged.truth
}

/// The schedule starts in the hour that clocks skip, and ends in the one that they repeat.
#[test]
fn a_time_that_exists_twice_is_advised_with_its_offset() {
    let advice = |at: &str| {
        let found = schedule_at(at.parse().unwrap());
        let all: Vec<String> = found.changes().map(|it| it.change.clone()).collect();
        all.into_iter().find(|it| it.contains("2026-")).unwrap()
    };
    let time = |text: &str| text.parse::<Zoned>().unwrap().timestamp();
    let start = advice("2026-01-01T00:00:00Z");
    let start = start.strip_prefix("a visit at ").unwrap();
    let start = time(start.strip_suffix(" or later").unwrap());
    let end = advice("2026-12-01T00:00:00Z");
    let end = time(end.strip_prefix("a visit before ").unwrap());
    assert_eq!(is_running(start), Truth::Yes);
    assert_eq!(is_running(end - SignedDuration::from_secs(1)), Truth::Yes);
}
