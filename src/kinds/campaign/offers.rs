//! When and to whom a campaign lets its engagements be offered (platform.md#monitoring-rules).

use jiff::civil::DateTime;
use serde_json::Value;

use super::CampaignWeight;
use crate::kinds::Runs;
use crate::kinds::field::WireNumber;
use crate::kinds::mapping::get_path;
use crate::kinds::offering::read::{one_of_listed, undocumented, unread};
use crate::kinds::offering::{
    Aspect, Clause, Fact, LetterCase, Question, Rank, Reading, Requirement, ScheduleSpan, Test,
    Unclear,
};
use crate::text::Pointer;

/// The fields that are read, and those that are for people and reports.
const KNOWN: &[&str] = &[
    "displayName",
    "description",
    "goal",
    "lineOfBusiness",
    "type",
    "state",
    "schedule",
    "targetAudiences",
    "controlGroup",
    "priority",
    "weight",
    "engagements",
];

pub(super) fn reading(spec: &Value) -> Reading {
    let mut requires = vec![
        require(Aspect::State, "state", word(spec, "state", "published")),
        require(Aspect::Type, "type", word(spec, "type", "regular")),
    ];
    let schedule = schedule(spec);
    requires.extend(schedule.map(|test| require(Aspect::Schedule, "schedule", test)));
    requires.push(Requirement {
        aspect: Aspect::Audiences,
        clause: one_of_listed(spec, "targetAudiences", "TargetAudience"),
    });
    let rank = rank(spec);
    let outside = if rank.control_group >= 100.0 {
        let why = "every visitor is in the control group".to_owned();
        Test::Known(false, why, "lower `controlGroup`".to_owned())
    } else {
        Test::Is(Question::one_of(
            Fact::ControlGroup,
            &["outside"],
            LetterCase::Ignored,
        ))
    };
    requires.push(require(Aspect::ControlGroup, "controlGroup", outside));
    requires.extend(undocumented(spec, Aspect::State, &["operationHours"]));
    Reading {
        requires,
        rank: Some(rank),
        unread: unread(spec, KNOWN),
        ..Reading::default()
    }
}

fn require(aspect: Aspect, field: &str, test: Test) -> Requirement {
    let clause = Clause::new(Pointer::root().key(field), test);
    Requirement { aspect, clause }
}

/// A field that has to have one of its words; both that are confirmed decide, any other is open.
fn word(spec: &Value, field: &str, needed: &str) -> Test {
    let said = spec.get(field).and_then(Value::as_str);
    let change = format!("set `{field}: {needed}`");
    match said {
        Some(said) if said == needed => Test::Known(true, format!("`{field}` is `{said}`"), change),
        Some(said @ ("unpublished" | "broadcast")) => {
            Test::Known(false, format!("`{field}` is `{said}`"), change)
        }
        _ => Test::Open(Unclear::NoWord),
    }
}

fn schedule(spec: &Value) -> Option<Test> {
    let Runs {
        time_zone,
        start,
        end,
    } = Runs::of(spec, "schedule");
    if start.is_none() && end.is_none() {
        return None;
    }
    let civil = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => text.parse::<DateTime>().map(Some),
    };
    Some(match (civil(&start), civil(&end)) {
        (Ok(start), Ok(end)) => Test::Within(ScheduleSpan {
            time_zone,
            start,
            end,
        }),
        _ => Test::Open(Unclear::Unreadable),
    })
}

fn rank(spec: &Value) -> Rank {
    let number = |path: &str| get_path(spec, path).and_then(Value::as_f64);
    let weight = spec.get("weight").and_then(Value::as_str);
    let weight = weight.and_then(|word| CampaignWeight::WORDS.get(word));
    let weight = match weight.map(|word| word.wire) {
        Some(WireNumber::Fraction(share)) => share,
        _ => number("weight").unwrap_or_default(),
    };
    let share = spec.get("controlGroup").and_then(Value::as_str);
    let share = share.and_then(|it| it.strip_suffix('%')?.parse().ok());
    Rank {
        weight,
        priority: number("priority").unwrap_or_default(),
        control_group: share.unwrap_or_default(),
    }
}
