//! Rules waived for some objects, or until a day.

use std::path::Path;

use insta::assert_snapshot;

use crate::support::binary;

/// Two campaigns that end before they begin.
const CAMPAIGNS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: spring }
spec: { schedule: { timeZone: Europe/Paris, start: 2026-05-01T00:00:00, end: 2026-04-01T00:00:00 } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: summer }
spec: { schedule: { timeZone: Europe/Paris, start: 2026-08-01T00:00:00, end: 2026-07-01T00:00:00 } }
";

/// What `validate` says of the campaigns with these waivers of the rule.
fn validated(waivers: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let project = format!("rules:\n  campaign-schedule-order: {waivers}\n");
    std::fs::write(folder.path().join("campaignctl.yaml"), project).unwrap();
    std::fs::write(folder.path().join("campaigns.yaml"), CAMPAIGNS).unwrap();
    said(folder.path(), &[])
}

fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = binary(folder)
        .arg("validate")
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    format!("{text}exit {}", output.status.code().unwrap())
}

#[test]
fn a_waiver_is_about_the_objects_that_it_names() {
    assert_snapshot!(validated("[{ objects: [Campaign/spring], level: warn, until: 2999-12-31, reason: the shop team mends it }]"), @"
    warning[campaign-schedule-order]: the campaign ends before it starts
     --> campaigns.yaml:4:78
      |
    4 | spec: { schedule: { timeZone: Europe/Paris, start: 2026-05-01T00:00:00, end: 2026-04-01T00:00:00 } }
      |                                                                              ^^^^^^^^^^^^^^^^^^^
      |
      = help: set an `end` after `start`, or leave `end` out for a campaign without an end; waived until 2999-12-31: the shop team mends it

    error[campaign-schedule-order]: the campaign ends before it starts
     --> campaigns.yaml:9:78
      |
    9 | spec: { schedule: { timeZone: Europe/Paris, start: 2026-08-01T00:00:00, end: 2026-07-01T00:00:00 } }
      |                                                                              ^^^^^^^^^^^^^^^^^^^
      |
      = help: set an `end` after `start`, or leave `end` out for a campaign without an end

    1 error and 1 warning in 1 file
    exit 3
    ");
}

#[test]
fn without_a_level_nothing_is_said() {
    assert_snapshot!(validated("[{ reason: an exercise }]"), @"
    2 manifests in 1 file are valid.
    exit 0
    ");
}

#[test]
fn the_last_waiver_of_an_object_counts() {
    assert_snapshot!(validated("[{ level: off }, { objects: [Campaign/summer], level: error }]"), @"
    error[campaign-schedule-order]: the campaign ends before it starts
     --> campaigns.yaml:9:78
      |
    9 | spec: { schedule: { timeZone: Europe/Paris, start: 2026-08-01T00:00:00, end: 2026-07-01T00:00:00 } }
      |                                                                              ^^^^^^^^^^^^^^^^^^^
      |
      = help: set an `end` after `start`, or leave `end` out for a campaign without an end

    1 error in 1 file
    exit 3
    ");
}

#[test]
fn a_waiver_that_is_over_waives_nothing_and_is_told() {
    assert_snapshot!(validated("[{ until: 2020-01-31, reason: the shop team mends it }]"), @"
    warning[expired-waiver]: the waiver held until 2020-01-31
     --> campaignctl.yaml:2:29
      |
    2 |   campaign-schedule-order: [{ until: 2020-01-31, reason: the shop team mends it }]
      |                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: correct the cause and remove the waiver, or set another day

    error[campaign-schedule-order]: the campaign ends before it starts
     --> campaigns.yaml:4:78
      |
    4 | spec: { schedule: { timeZone: Europe/Paris, start: 2026-05-01T00:00:00, end: 2026-04-01T00:00:00 } }
      |                                                                              ^^^^^^^^^^^^^^^^^^^
      |
      = help: set an `end` after `start`, or leave `end` out for a campaign without an end

    error[campaign-schedule-order]: the campaign ends before it starts
     --> campaigns.yaml:9:78
      |
    9 | spec: { schedule: { timeZone: Europe/Paris, start: 2026-08-01T00:00:00, end: 2026-07-01T00:00:00 } }
      |                                                                              ^^^^^^^^^^^^^^^^^^^
      |
      = help: set an `end` after `start`, or leave `end` out for a campaign without an end

    2 errors and 1 warning in 2 files
    exit 3
    ");
}

#[test]
fn mistakes_in_waivers_have_a_place() {
    assert_snapshot!(validated("[{ until: tomorrow, objects: [spring], levl: off }]"), @r#"
    error[invalid-value]: `tomorrow` is not the last day on which it applies
     --> campaignctl.yaml:2:38
      |
    2 |   campaign-schedule-order: [{ until: tomorrow, objects: [spring], levl: off }]
      |                                      ^^^^^^^^
      |
      = help: it takes the last day on which it applies, `2027-01-31`, in UTC

    error[invalid-value]: `spring` is not an object as `Kind/name`
     --> campaignctl.yaml:2:58
      |
    2 |   campaign-schedule-order: [{ until: tomorrow, objects: [spring], levl: off }]
      |                                                          ^^^^^^
      |
      = help: it takes an object as `Kind/name`

    error[unknown-field]: there is no field `levl` here
     --> campaignctl.yaml:2:67
      |
    2 |   campaign-schedule-order: [{ until: tomorrow, objects: [spring], levl: off }]
      |                                                                   ^^^^
      |
      = help: did you mean `level`?

    warning[ambiguous-scalar]: `off` is read as text, not as a boolean
     --> campaignctl.yaml:2:73
      |
    2 |   campaign-schedule-order: [{ until: tomorrow, objects: [spring], levl: off }]
      |                                                                         ^^^
      |
      = help: quote it if you mean text: "off"; or write false

    3 errors and 1 warning in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    exit 3
    "#);
    assert_snapshot!(validated("[{ until: 2026-02-31 }]"), @"
    error[invalid-value]: `2026-02-31` is not a date
     --> campaignctl.yaml:2:31
      |
    2 |   campaign-schedule-order: [{ until: 2026-02-31 }]
      |                               ^^^^^
      |
      = help: write a day, `2027-01-31`

    1 error in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    exit 3
    ");
    assert_snapshot!(validated("{ until: 2026-02-28 }"), @"
    error[invalid-value]: a mapping is not one of `error`, `warn`, `off`
     --> campaignctl.yaml:2:28
      |
    2 |   campaign-schedule-order: { until: 2026-02-28 }
      |                            ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write one of these words, or a list of them

    1 error in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    exit 3
    ");
}
