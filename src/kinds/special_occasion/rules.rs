//! The rules of `SpecialOccasion`, all of them documented by the vendor (platform.md#special-occasion).

use jiff::civil::{Date, DateTime, time};
use jiff::{Span, ToSpan as _};

use crate::diag::{Advice, Fix};
use crate::kinds::shared::{instead_of_skipped, unknown_zone};
use crate::kinds::{Findings, RuleWorld};
use crate::text::Pointer;

use super::codes::{
    DATE_FORM, DESCRIPTION_LONG, END_BEFORE_START, EVENT_OVER, EVENTS_MISSING, NAME_LONG,
    RECURRENCE, RECURRENCE_LONG, SKIPPED_TIME, TIME_MISSING, ZONE_MISMATCH, ZONE_UNKNOWN,
};
use super::{Event, OccasionMoment, SpecialOccasion};

/// The longest name, in characters.
const NAME_MAX: usize = 50;
/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 200;
/// For how many days in a row an event may be without work.
const DAYS_OFF_MAX: u32 = 30;
/// On how many days of a recurrence its times are looked at: clocks change every year.
const DAYS_LOOKED_AT: u32 = 366;

/// All rules.
pub(super) fn check(spec: &SpecialOccasion, name: &str, world: &dyn RuleWorld, out: &mut Findings) {
    name_long(spec, name, out);
    description_long(spec, out);
    events_missing(spec, out);
    let at = Pointer::root().key("events");
    for (index, event) in spec.events.iter().flatten().enumerate() {
        check_event(event, &at.index(index), world.today(), out);
    }
}

fn check_event(event: &Event, at: &Pointer, today: Option<Date>, out: &mut Findings) {
    for (moment, key) in [(&event.start, "start"), (&event.end, "end")] {
        time_missing(event, moment.as_ref(), key, at, out);
        if let Some(moment) = moment {
            date_form(moment, &at.key(key), out);
        }
    }
    zone_unknown(event, at, out);
    zone_mismatch(event, at, out);
    end_before_start(event, at, out);
    recurrence_form(event, at, out);
    recurrence_long(event, at, out);
    for (moment, key) in [(&event.start, "start"), (&event.end, "end")] {
        if let Some(moment) = moment {
            skipped_time(moment, happens(event), &at.key(key), out);
        }
    }
    if let Some(today) = today {
        over(event, today, at, out);
    }
}

fn name_long(spec: &SpecialOccasion, name: &str, out: &mut Findings) {
    let (shown, at) = match &spec.display_name {
        Some(display_name) => (display_name.as_str(), "/displayName"),
        None => (name, ""),
    };
    let length = shown.chars().count();
    if length > NAME_MAX {
        out.push(
            &NAME_LONG,
            at,
            format!("`{shown}` has {length} characters, {NAME_MAX} are allowed"),
            "give it a shorter `displayName`",
        );
    }
}

fn description_long(spec: &SpecialOccasion, out: &mut Findings) {
    let length = spec
        .description
        .as_deref()
        .unwrap_or_default()
        .chars()
        .count();
    if length > DESCRIPTION_MAX {
        out.push(
            &DESCRIPTION_LONG,
            "/description",
            format!("the description has {length} characters, {DESCRIPTION_MAX} are allowed"),
            "shorten it",
        );
    }
}

fn events_missing(spec: &SpecialOccasion, out: &mut Findings) {
    let raw = spec
        .extra
        .as_ref()
        .is_some_and(|extra| extra.contains_key("events"));
    let (missing, at) = match &spec.events {
        Some(events) => (events.is_empty(), "/events"),
        None => (!raw, ""),
    };
    if missing {
        out.push(
            &EVENTS_MISSING,
            at,
            "the occasion has no events",
            "add at least one to `events`, with `start` and `end`",
        );
    }
}

fn time_missing(
    event: &Event,
    moment: Option<&OccasionMoment>,
    key: &str,
    at: &Pointer,
    out: &mut Findings,
) {
    let raw = event.extra.as_ref().and_then(|extra| extra.get(key));
    let lacks = |name: &str| raw.is_none_or(|raw| raw.is_object() && raw.get(name).is_none());
    let (at, missing) = match moment {
        None if raw.is_some_and(|raw| !raw.is_object()) => return,
        None => (at.clone(), key.to_owned()),
        Some(moment) => {
            let missing = if moment.date_time.is_none() && lacks("dateTime") {
                "dateTime"
            } else if moment.time_zone.is_none() && lacks("timeZone") {
                "timeZone"
            } else {
                return;
            };
            (at.key(key), missing.to_owned())
        }
    };
    out.push(
        &TIME_MISSING,
        at,
        format!("`{missing}` is missing"),
        "give `start` and `end` a `dateTime` and a `timeZone` each",
    );
}

fn date_form(moment: &OccasionMoment, at: &Pointer, out: &mut Findings) {
    if let Some(text) = &moment.date_time
        && parse_moment(text).is_none()
    {
        out.push(
            &DATE_FORM,
            at.key("dateTime"),
            format!("`{text}` is neither a date nor a date with a time"),
            "write a day as `2026-12-25`, a time as `2026-12-24T14:00:00`",
        );
    }
}

/// Complains once where both ends name the same zone.
fn zone_unknown(event: &Event, at: &Pointer, out: &mut Findings) {
    let start = zone_of(event.start.as_ref());
    let end = zone_of(event.end.as_ref()).filter(|end| Some(*end) != start);
    for (zone, key) in [(start, "start"), (end, "end")] {
        if let Some(zone) = zone
            && let Some(help) = unknown_zone(zone)
        {
            out.push(
                &ZONE_UNKNOWN,
                at.key(key).key("timeZone"),
                format!("`{zone}` is not a time zone"),
                help,
            );
        }
    }
}

fn zone_mismatch(event: &Event, at: &Pointer, out: &mut Findings) {
    if let (Some(start), Some(end)) = (zone_of(event.start.as_ref()), zone_of(event.end.as_ref()))
        && start != end
    {
        out.push(
            &ZONE_MISMATCH,
            at.key("end").key("timeZone"),
            format!("the event starts in `{start}` and ends in `{end}`"),
            "use the same time zone at both ends",
        );
    }
}

fn end_before_start(event: &Event, at: &Pointer, out: &mut Findings) {
    let moment =
        |moment: &Option<OccasionMoment>| parse_moment(moment.as_ref()?.date_time.as_ref()?);
    if let (Some(start), Some(end)) = (moment(&event.start), moment(&event.end))
        && end < start
    {
        out.push(
            &END_BEFORE_START,
            at.key("end").key("dateTime"),
            "the event ends before it starts",
            "put `end` at or after `start`; a whole day ends on the day that it starts on",
        );
    }
}

fn recurrence_form(event: &Event, at: &Pointer, out: &mut Findings) {
    let rules = event.recurrence.as_deref().unwrap_or_default();
    let at = at.key("recurrence");
    let help =
        "leave it empty, or write one `RRULE:FREQ=DAILY;COUNT=3;INTERVAL=1` with your own count";
    if rules.len() > 1 {
        out.push(
            &RECURRENCE,
            at,
            format!("there are {} recurrences, one is allowed", rules.len()),
            help,
        );
    } else if let Some(rule) = rules.first()
        && days(rule).is_none()
    {
        out.push(
            &RECURRENCE,
            at.index(0),
            format!("`{rule}` is not a daily recurrence with a count"),
            help,
        );
    }
}

fn recurrence_long(event: &Event, at: &Pointer, out: &mut Findings) {
    if event.working != Some(false) {
        return;
    }
    let rules = event.recurrence.iter().flatten();
    for (index, count) in rules.filter_map(|rule| days(rule)).enumerate() {
        if count > DAYS_OFF_MAX {
            out.push(
                &RECURRENCE_LONG,
                at.key("recurrence").index(index),
                format!("{count} days off in a row, at most {DAYS_OFF_MAX} are allowed"),
                "lower the count, or split the event in two",
            );
        }
    }
}

/// On how many days in a row an event happens; `None` where its recurrence is of no known form.
fn happens(event: &Event) -> Option<u32> {
    match event.recurrence.as_deref().unwrap_or_default() {
        [] => Some(1),
        [rule] => days(rule),
        _ => None,
    }
}

/// A time that the clocks skip, on the first day or on one that the event recurs on. A whole day has no time.
fn skipped_time(moment: &OccasionMoment, happens: Option<u32>, at: &Pointer, out: &mut Findings) {
    let (Some(text), Some(zone)) = (&moment.date_time, &moment.time_zone) else {
        return;
    };
    let Some(first) = parse_moment(text).filter(|_| text.contains('T')) else {
        return;
    };
    let days = 0..happens.unwrap_or(1).min(DAYS_LOOKED_AT);
    let times = days.filter_map(|day| first.checked_add(i64::from(day).days()).ok());
    let found = times
        .map(|time| (time, instead_of_skipped(time, zone)))
        .find_map(|(time, instead)| Some((time, instead?)));
    let Some((time, instead)) = found else {
        return;
    };
    let advice = if time == first {
        Advice::from(format!("write `{instead}`, or a time before the change"))
            .fix(Fix::Replace(instead.to_string()))
    } else {
        "choose a time that every day has, or split the event in two".into()
    };
    out.push(
        &SKIPPED_TIME,
        at.key("dateTime"),
        format!(
            "the clocks of {zone} skip this time: they go forward on {}",
            time.date()
        ),
        advice,
    );
}

/// By whole days: which part of a day is over depends on the zone.
fn over(event: &Event, today: Date, at: &Pointer, out: &mut Findings) {
    let end = event.end.as_ref().and_then(|end| end.date_time.as_ref());
    let end = end.and_then(|end| parse_moment(end));
    let (Some(end), Some(happens)) = (end, happens(event)) else {
        return;
    };
    let more = i64::from(happens.saturating_sub(1));
    let more = Span::new().try_days(more);
    // A day behind the end of the calendar is not over.
    let last = more.and_then(|more| end.date().checked_add(more));
    let last = last.unwrap_or(Date::MAX);
    if last.tomorrow().unwrap_or(last) < today {
        out.push(
            &EVENT_OVER,
            at.key("end").key("dateTime"),
            format!("the event ended on {last}"),
            "set later days, or remove the event",
        );
    }
}

/// The count of `RRULE:FREQ=DAILY;COUNT=n;INTERVAL=1`, `None` for any other text.
fn days(rule: &str) -> Option<u32> {
    let count = rule
        .strip_prefix("RRULE:FREQ=DAILY;COUNT=")?
        .strip_suffix(";INTERVAL=1")?;
    let digits = count.bytes().all(|byte| byte.is_ascii_digit()) && !count.starts_with('0');
    // A count beyond every integer is still a count, and too long.
    (digits && !count.is_empty()).then(|| count.parse().unwrap_or(u32::MAX))
}

/// A day or a time of it, in exactly the two documented spellings.
fn parse_moment(text: &str) -> Option<DateTime> {
    if let Ok(date) = text.parse::<Date>()
        && date.to_string() == text
    {
        return Some(date.to_datetime(time(0, 0, 0, 0)));
    }
    let moment: DateTime = text.parse().ok()?;
    (moment.strftime("%Y-%m-%dT%H:%M:%S").to_string() == text).then_some(moment)
}

fn zone_of(moment: Option<&OccasionMoment>) -> Option<&str> {
    moment?.time_zone.as_deref()
}
