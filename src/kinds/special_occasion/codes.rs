//! The codes that `SpecialOccasion` raises.

use crate::diag::{Code, Severity};

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
    &SKIPPED_TIME,
    &EVENT_OVER,
];

pub(super) const NAME_LONG: Code = Code {
    name: "occasion-name-long",
    severity: Severity::Error,
    title: "the name of a special occasion is longer than 50 characters",
    why: "The platform refuses names of more than 50 characters. The name is `displayName`, or \
          that of the manifest where there is none.",
    wrong: r"spec:
  displayName: The days between the years on which nobody is there
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
    right: r"spec:
  displayName: Between the years
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const DESCRIPTION_LONG: Code = Code {
    name: "occasion-description-long",
    severity: Severity::Error,
    title: "the description of a special occasion is longer than 200 characters",
    why: "The platform refuses descriptions of more than 200 characters.",
    wrong: r"spec:
  description: Nobody is there, nobody is there either, Nobody is there, nobody is there either, Nobody is there, nobody is there either, Nobody is there, nobody is there either, Nobody is there, nobody is there either, nobody at all
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
    right: r"spec:
  description: Nobody is there
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const EVENTS_MISSING: Code = Code {
    name: "occasion-events-missing",
    severity: Severity::Error,
    title: "a special occasion has no events",
    why: "The platform requires at least one event: an occasion without days never takes place.",
    wrong: r"spec:
  description: Nobody is there
  events: []
",
    right: r"spec:
  description: Nobody is there
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const TIME_MISSING: Code = Code {
    name: "occasion-time-missing",
    severity: Severity::Error,
    title: "an event lacks a start, an end, a date or a time zone",
    why: "The platform requires `start` and `end`, each with `dateTime` and `timeZone`.",
    wrong: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
    right: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const DATE_FORM: Code = Code {
    name: "occasion-date-form",
    severity: Severity::Error,
    title: "a date is not valid",
    why: "The platform takes `yyyy-MM-dd` for whole days and `yyyy-MM-ddTHH:mm:ss` for times, \
          without an offset: the time zone is a separate field.",
    wrong: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 25.12.2026, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
    right: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const ZONE_UNKNOWN: Code = Code {
    name: "occasion-zone-unknown",
    severity: Severity::Error,
    title: "a time zone is not in the IANA database",
    why: "The platform takes names of the IANA time zone database in their exact spelling. \
          Abbreviations and offsets are ambiguous or forget daylight saving time.",
    wrong: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Pariss }
      end: { dateTime: 2026-12-25, timeZone: Europe/Pariss }
",
    right: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const ZONE_MISMATCH: Code = Code {
    name: "occasion-zone-mismatch",
    severity: Severity::Error,
    title: "an event starts in one time zone and ends in another",
    why: "The platform requires the same time zone at both ends of an event.",
    wrong: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/London }
",
    right: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const END_BEFORE_START: Code = Code {
    name: "occasion-end-before-start",
    severity: Severity::Error,
    title: "an event ends before it starts",
    why: "An event that ends before it starts never takes place. A whole day starts at midnight.",
    wrong: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-24, timeZone: Europe/Paris }
",
    right: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-25, timeZone: Europe/Paris }
",
};

pub(super) const RECURRENCE: Code = Code {
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

pub(super) const RECURRENCE_LONG: Code = Code {
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

pub(super) const SKIPPED_TIME: Code = Code {
    name: "occasion-skipped-time",
    severity: Severity::Warning,
    title: "an event starts or ends at a time that does not exist in its time zone",
    why: "When the clocks go forward, they skip an hour. What the platform makes of a time in that hour is not \
          documented.",
    wrong: r"spec:
  events:
    - name: Night shift
      working: true
      start: { dateTime: 2027-03-28T02:30:00, timeZone: Europe/Paris }
      end: { dateTime: 2027-03-28T06:00:00, timeZone: Europe/Paris }
",
    right: r"spec:
  events:
    - name: Night shift
      working: true
      start: { dateTime: 2027-03-28T03:30:00, timeZone: Europe/Paris }
      end: { dateTime: 2027-03-28T06:00:00, timeZone: Europe/Paris }
",
};

pub(super) const EVENT_OVER: Code = Code {
    name: "occasion-event-over",
    severity: Severity::Warning,
    title: "an event is over",
    why: "An event changes working hours between its start and its end, on each day that it recurs. After its last day \
          it has no effect: most often the year was not moved on.",
    wrong: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2020-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2020-12-26, timeZone: Europe/Paris }
",
    right: r"spec:
  events:
    - name: Christmas
      start: { dateTime: 2026-12-25, timeZone: Europe/Paris }
      end: { dateTime: 2026-12-26, timeZone: Europe/Paris }
",
};
