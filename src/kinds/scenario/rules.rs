//! The rules of Scenario.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Zoned};
use serde_json::Value;

use crate::diag::{Code, Severity};
use crate::kinds::shared::{
    AttributeCodes, WHY_KNOWN, WHY_SHAPED, check_attributes, no_one_moment,
};
use crate::kinds::{Findings, Lacks, RuleWorld};
use crate::text::Pointer;

use super::{Case, JourneyStep, Scenario, Then, When};

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &PLACE,
    &TIME,
    &CASE,
    &EMPTY,
    &BECAUSE,
    &ATTRIBUTE_UNKNOWN,
    &ATTRIBUTE_SHAPE,
];

const PLACE: Code = Code {
    name: "scenario-place",
    severity: Severity::Error,
    title: "a scenario needs either an app or web pages",
    why: "An engagement is shown in one app, or on web pages. Without a place, no visit can be decided.",
    wrong: "spec:\n  cases: [{ when: { sections: [orders] }, then: { nothing: {} } }]\n",
    right: "spec:\n  web: true\n  cases: [{ when: { sections: [orders] }, then: { nothing: {} } }]\n",
};

const TIME: Code = Code {
    name: "scenario-time",
    severity: Severity::Error,
    title: "a time of a scenario cannot be read",
    why: "Schedules are decided to the second and on the clocks of a time zone, so a time has both: a date and time, \
          and the zone in brackets (RFC 9557). A time that the clocks of the zone skip or show twice has its offset, too.",
    wrong: "spec:\n  web: true\n  at: 2026-09-15T12:00:00\n",
    right: "spec:\n  web: true\n  at: 2026-09-15T12:00:00[Europe/Paris]\n",
};

const CASE: Code = Code {
    name: "scenario-case",
    severity: Severity::Error,
    title: "a case of a scenario is either a visit or a journey",
    why: "A case has `when` and `then`, or the steps of a `journey`. Anything else tests nothing.",
    wrong: "spec:\n  web: true\n  cases: [{ when: { sections: [orders] } }]\n",
    right: "spec:\n  web: true\n  cases: [{ when: { sections: [orders] }, then: { nothing: {} } }]\n",
};

const EMPTY: Code = Code {
    name: "scenario-empty",
    severity: Severity::Warning,
    title: "a scenario tests nothing, or a visit says nothing",
    why: "A scenario without cases, a visit that says nothing and a `then` that asserts nothing pass whatever the \
          manifests are. `campaignctl test` counts them as failed.",
    wrong: "spec:\n  web: true\n  cases: [{ when: {}, then: { nothing: {} } }]\n",
    right: "spec:\n  web: true\n  cases: [{ when: { sections: [orders] }, then: { nothing: {} } }]\n",
};

const BECAUSE: Code = Code {
    name: "scenario-because",
    severity: Severity::Error,
    title: "`because`, `skills` or `shares` names an engagement that does not exist",
    why: "`because` says why an engagement is not offered; `skills` and `shares` say what comes of one that is. An engagement that does not exist is never offered, so every reason would be true.",
    wrong: "spec:\n  web: true\n  cases: [{ when: { sections: [orders] }, then: { nothing: { because: { no-such-one: entryPoints } } } }]\n",
    right: "spec:\n  web: true\n  cases: [{ when: { sections: [orders] }, then: { nothing: {} } }]\n",
};

const ATTRIBUTE_UNKNOWN: Code = Code {
    name: "scenario-attribute-unknown",
    severity: Severity::Warning,
    title: "an attribute of a visit has an unknown type or key",
    why: WHY_KNOWN,
    wrong: "spec:\n  web: true\n  cases: [{ when: { attributes: [{ type: crat, total: 1 }] }, then: { nothing: {} } }]\n",
    right: "spec:\n  web: true\n  cases: [{ when: { attributes: [{ type: cart, total: 1 }] }, then: { nothing: {} } }]\n",
};

const ATTRIBUTE_SHAPE: Code = Code {
    name: "scenario-attribute-shape",
    severity: Severity::Error,
    title: "an attribute of a visit does not have the shape of its type",
    why: WHY_SHAPED,
    wrong: "spec:\n  web: true\n  cases: [{ when: { attributes: [{ type: cart, total: much }] }, then: { nothing: {} } }]\n",
    right: "spec:\n  web: true\n  cases: [{ when: { attributes: [{ type: cart, total: 1 }] }, then: { nothing: {} } }]\n",
};

/// What is only wrong where the engagement is not there.
pub(super) const OF_ABSENCE: &[(&Code, &str, Lacks)] = &[(&BECAUSE, "Engagement", Lacks::Named)];

/// All rules.
pub(super) fn check(spec: &Scenario, world: &dyn RuleWorld, out: &mut Findings) {
    place(spec, out);
    time(spec.at.as_deref(), &Pointer::root().key("at"), out);
    let lists = [
        &spec.cases.is_some(),
        &spec.always.is_some(),
        &spec.never.is_some(),
    ];
    if lists.iter().all(|is_there| !**is_there) {
        // The place of what is missing is the whole.
        if spec.app.is_some() || spec.web == Some(true) {
            empty(Pointer::root(), "the scenario has no cases", out);
        }
    }
    let at = Pointer::root().key("cases");
    for (index, found) in spec.cases.iter().flatten().enumerate() {
        case(found, &at.index(index), world, out);
    }
    let at = Pointer::root().key("always");
    for (index, always) in spec.always.iter().flatten().enumerate() {
        let at = at.index(index);
        if let Some(condition) = &always.condition {
            visit(condition, &at.key("if"), out);
        }
        match &always.then {
            Some(found) => then(found, &at.key("then"), world, out),
            None => empty(at, "nothing is asserted", out),
        }
    }
    let at = Pointer::root().key("never");
    for (index, never) in spec.never.iter().flatten().enumerate() {
        let at = at.index(index);
        if let Some(unless) = &never.unless {
            visit(unless, &at.key("unless"), out);
        }
        if never.offered.is_none() {
            empty(at, "no engagement is named", out);
        }
    }
}

fn place(spec: &Scenario, out: &mut Findings) {
    let is_web = spec.web == Some(true);
    let (at, message) = match (&spec.app, is_web) {
        (Some(_), true) => (
            "/web",
            "the scenario takes place in an app and on web pages",
        ),
        (None, false) => ("", "the scenario takes place nowhere"),
        _ => return,
    };
    let help = "write `app: <name of the app installation>` or `web: true`";
    out.push(&PLACE, at, message, help);
}

/// A time with its zone, as scenarios write it.
pub(super) fn zoned(text: &str) -> Option<Zoned> {
    text.parse().ok()
}

fn time(text: Option<&str>, at: &Pointer, out: &mut Findings) {
    let Some(text) = text else { return };
    if let Some((why, help)) = no_one_moment(text) {
        return out.push(&TIME, at.clone(), why, help);
    }
    if zoned(text).is_some() {
        return;
    }
    out.push(
        &TIME,
        at.clone(),
        format!("`{text}` is not a time in a time zone"),
        in_a_zone(text),
    );
}

/// How a time is written that is none in a time zone.
pub(super) fn in_a_zone(text: &str) -> String {
    let (time, zone) = text.split_once('[').unwrap_or((text, ""));
    match time.parse::<DateTime>() {
        Ok(_) if zone.is_empty() => format!("add its time zone, as in `{time}[Europe/Paris]`"),
        Ok(time) => format!(
            "name a zone that there is, and no offset but its own, as in `{time}[Europe/Paris]`"
        ),
        Err(_) => "write it as `2026-09-15T12:00:00[Europe/Paris]`".to_owned(),
    }
}

fn case(found: &Case, at: &Pointer, world: &dyn RuleWorld, out: &mut Findings) {
    let Case {
        name: _,
        when,
        matrix,
        then: asserted,
        journey,
    } = found;
    let is_visit = when.is_some() || matrix.is_some();
    let whole = match (is_visit, asserted.is_some(), journey.is_some()) {
        (true, true, false) | (false, false, true) => None,
        (_, _, true) => Some("a journey has its `when` and `then` in its steps"),
        (true, false, _) => Some("the case has no `then`"),
        (false, ..) => Some("the case has no `when`"),
    };
    if let Some(message) = whole {
        let help = "write `when: { .. }` and `then: { .. }`, or `journey: [ .. ]`";
        out.push(&CASE, at.clone(), message, help);
    }
    if let Some(when) = when {
        let at = at.key("when");
        if when.is_empty() && matrix.is_none() {
            empty(at.clone(), "the visit says nothing", out);
        }
        visit(when, &at, out);
    }
    if let Some(matrix) = matrix {
        for (index, text) in matrix.at.iter().flatten().enumerate() {
            time(Some(text), &at.key("matrix").key("at").index(index), out);
        }
    }
    if let Some(asserted) = asserted {
        then(asserted, &at.key("then"), world, out);
    }
    if let Some(steps) = journey {
        journey_of(steps, &at.key("journey"), world, out);
    }
}

fn journey_of(steps: &[JourneyStep], at: &Pointer, world: &dyn RuleWorld, out: &mut Findings) {
    if steps.iter().all(|step| step.then.is_none()) {
        empty(at.clone(), "no step of the journey asserts anything", out);
    }
    for (index, step) in steps.iter().enumerate() {
        let at = at.index(index);
        if step.then.is_some() && step.when.is_none() {
            let help = "write the visit in `when` of the same step";
            out.push(&CASE, at.clone(), "the step has `then` and no `when`", help);
        }
        if let Some(text) = step.after.as_deref().filter(|text| wait(text).is_none()) {
            let help = "write it as `31m`, `2h` or `1h 30m`";
            let message = format!("`{text}` is not a time to wait");
            out.push(&TIME, at.key("after"), message, help);
        }
        if let Some(when) = &step.when {
            if when.is_empty() {
                empty(at.key("when"), "the visit says nothing", out);
            }
            visit(when, &at.key("when"), out);
        }
        if let Some(report) = &step.report {
            check_attributes(report, &at.key("report"), &ATTRIBUTES, out);
        }
        if let Some(asserted) = &step.then {
            then(asserted, &at.key("then"), world, out);
        }
    }
}

/// How long nothing happens.
pub(super) fn wait(text: &str) -> Option<SignedDuration> {
    let found: SignedDuration = text.parse().ok()?;
    (found.is_positive() && found.as_secs() < 400 * 24 * 3600).then_some(found)
}

const ATTRIBUTES: AttributeCodes = AttributeCodes {
    unknown: &ATTRIBUTE_UNKNOWN,
    shape: &ATTRIBUTE_SHAPE,
};

/// The attributes whose type or key no condition is decided on: the place of each below the list, and what is wrong.
#[must_use]
pub fn unseen_attributes(attributes: &[Value]) -> Vec<(Pointer, String)> {
    let mut found = Findings::default();
    check_attributes(attributes, &Pointer::root(), &ATTRIBUTES, &mut found);
    let unknown = found.0.into_iter();
    let unknown = unknown.filter(|it| it.code.name == ATTRIBUTE_UNKNOWN.name);
    unknown.map(|it| (it.pointer, it.message)).collect()
}

fn visit(when: &When, at: &Pointer, out: &mut Findings) {
    time(when.at.as_deref(), &at.key("at"), out);
    let attributes = when.attributes.as_deref().unwrap_or_default();
    check_attributes(attributes, &at.key("attributes"), &ATTRIBUTES, out);
}

fn then(found: &Then, at: &Pointer, world: &dyn RuleWorld, out: &mut Findings) {
    if found.is_empty() {
        empty(at.clone(), "nothing is asserted", out);
    }
    let because = found.nothing.as_ref().and_then(|it| it.because.as_ref());
    let because = because.into_iter().flat_map(|map| map.keys());
    let because = because.map(|name| (at.key("nothing").key("because"), name));
    let skills = found.skills.iter().flat_map(|map| map.keys());
    let skills = skills.map(|name| (at.key("skills"), name));
    let shares = found.shares.iter().flat_map(|map| map.keys());
    let shares = shares.map(|name| (at.key("shares"), name));
    for (at, name) in because.chain(skills).chain(shares) {
        if world.spec("Engagement", name).is_none() {
            let at = at.key(name);
            let message = format!("no Engagement manifest is named `{name}`");
            let help = "write the name of an engagement manifest";
            out.push(&BECAUSE, at, message, help);
        }
    }
}

fn empty(at: Pointer, message: &str, out: &mut Findings) {
    let help = "say who is where in `when`, and what they are offered in `then`";
    out.push(&EMPTY, at, message, help);
}
