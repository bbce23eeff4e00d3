//! The rules of `SpecialOccasion`, all of them documented by the vendor (wire section 4.8).

use jiff::civil::{Date, DateTime, time};

use crate::diag::{Code, Severity};
use crate::kinds::Findings;
use crate::kinds::shared::unknown_zone;
use crate::text::Pointer;

use super::{Event, Moment, SpecialOccasion};

/// The longest name, in characters.
const NAME_MAX: usize = 50;
/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 200;
/// On how many days in a row nobody may work.
const DAYS_OFF_MAX: u32 = 30;

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &NAME_LONG,
    &DESCRIPTION_LONG,
    &EVENTS_MISSING,
    &TIME_MISSING,
    &DATE_FORM,
    &ZONE_UNKNOWN,
    &ZONE_MISMATCH,
    &END_BEFORE_START,
    &RECURRENCE,
    &RECURRENCE_LONG,
];

const NAME_LONG: Code = Code {
    name: "occasion-name-long",
    severity: Severity::Error,
    title: "the name of a special occasion is longer than 50 characters",
    why: "The platform refuses names of more than 50 characters. The name is `displayName`, or \
          that of the manifest where there is none.",
    wrong: r#"spec:
  displayName: The days between the years on which nobody is there
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
    right: r#"spec:
  displayName: Between the years
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const DESCRIPTION_LONG: Code = Code {
    name: "occasion-description-long",
    severity: Severity::Error,
    title: "the description of a special occasion is longer than 200 characters",
    why: "The platform refuses descriptions of more than 200 characters.",
    wrong: r#"spec:
  description: Nobody is there, nobody is there either, Nobody is there, nobody is there either, Nobody is there, nobody is there either, Nobody is there, nobody is there either, Nobody is there, nobody is there either, nobody at all
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
    right: r#"spec:
  description: Nobody is there
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const EVENTS_MISSING: Code = Code {
    name: "occasion-events-missing",
    severity: Severity::Error,
    title: "a special occasion has no events",
    why: "The platform requires at least one event: an occasion without days never takes place.",
    wrong: r#"spec:
  description: Nobody is there
  events: []
"#,
    right: r#"spec:
  description: Nobody is there
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const TIME_MISSING: Code = Code {
    name: "occasion-time-missing",
    severity: Severity::Error,
    title: "an event lacks a start, an end, a date or a time zone",
    why: "The platform requires `start` and `end`, each with `dateTime` and `timeZone`.",
    wrong: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
    right: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const DATE_FORM: Code = Code {
    name: "occasion-date-form",
    severity: Severity::Error,
    title: "a date is neither a day nor a time of a day",
    why: "The platform takes `yyyy-MM-dd` for whole days and `yyyy-MM-ddTHH:mm:ss` for times, \
          without an offset: the zone stands beside it.",
    wrong: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 25.12.2026, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
    right: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const ZONE_UNKNOWN: Code = Code {
    name: "occasion-zone-unknown",
    severity: Severity::Error,
    title: "a time zone is not in the IANA database",
    why: "The platform takes names of the IANA time zone database in their exact spelling. \
          Abbreviations and offsets are ambiguous or forget daylight saving time.",
    wrong: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Pariss }
      end: { dateTime: 2026-12-25, timeZone: Europe/Pariss }
"#,
    right: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const ZONE_MISMATCH: Code = Code {
    name: "occasion-zone-mismatch",
    severity: Severity::Error,
    title: "an event starts in one time zone and ends in another",
    why: "The platform requires the same time zone at both ends of an event.",
    wrong: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/London }
"#,
    right: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const END_BEFORE_START: Code = Code {
    name: "occasion-end-before-start",
    severity: Severity::Error,
    title: "an event ends before it starts",
    why: "An event that ends before it starts never takes place. A whole day starts at midnight.",
    wrong: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-24, timeZone: Europe/Paris }
"#,
    right: r#"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const RECURRENCE: Code = Code {
    name: "occasion-recurrence-form",
    severity: Severity::Error,
    title: "a recurrence is not of the one form that the platform takes",
    why: "Special occasions recur on consecutive days only: `recurrence` is empty or holds one \
          `RRULE:FREQ=DAILY;COUNT=<n>;INTERVAL=1`.",
    wrong: r#"spec:
  events:
    - name: Christmas
      recurrence: ["RRULE:FREQ=WEEKLY;COUNT=2"]
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
    right: r#"spec:
  events:
    - name: Christmas
      recurrence: ["RRULE:FREQ=DAILY;COUNT=2;INTERVAL=1"]
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

const RECURRENCE_LONG: Code = Code {
    name: "occasion-recurrence-long",
    severity: Severity::Error,
    title: "a day off recurs more than 30 times",
    why: "The platform lets an event without work recur on at most 30 days.",
    wrong: r#"spec:
  events:
    - name: Christmas
      working: false
      recurrence: ["RRULE:FREQ=DAILY;COUNT=31;INTERVAL=1"]
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
    right: r#"spec:
  events:
    - name: Christmas
      working: false
      recurrence: ["RRULE:FREQ=DAILY;COUNT=30;INTERVAL=1"]
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
"#,
};

/// All rules.
pub(super) fn check(spec: &SpecialOccasion, name: &str, out: &mut Findings) {
    name_long(spec, name, out);
    description_long(spec, out);
    events_missing(spec, out);
    let at = Pointer::root().key("events");
    for (index, event) in spec.events.iter().flatten().enumerate() {
        check_event(event, &at.index(index), out);
    }
}

fn check_event(event: &Event, at: &Pointer, out: &mut Findings) {
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
    moment: Option<&Moment>,
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

fn date_form(moment: &Moment, at: &Pointer, out: &mut Findings) {
    if let Some(text) = &moment.date_time
        && parse_moment(text).is_none()
    {
        out.push(
            &DATE_FORM,
            at.key("dateTime"),
            format!("`{text}` is neither a day nor a time of a day"),
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
    let moment = |moment: &Option<Moment>| parse_moment(moment.as_ref()?.date_time.as_ref()?);
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
                format!("nobody works for {count} days, {DAYS_OFF_MAX} are allowed"),
                "lower the count, or split the event in two",
            );
        }
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

fn zone_of(moment: Option<&Moment>) -> Option<&str> {
    moment?.time_zone.as_deref()
}
