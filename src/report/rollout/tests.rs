//! Reports of shards put together, and how each form shows what came of it.

use insta::assert_snapshot;

use super::*;
use crate::report::html::render_rollout_html;

fn environment(name: &str, wave: usize, result: Landing) -> EnvironmentRollout {
    let is_started = result != Landing::NotStarted;
    let time = |second: u32| is_started.then(|| format!("2026-09-01T00:00:{second:02}Z"));
    EnvironmentRollout {
        environment: name.to_owned(),
        account: Some("1".to_owned()),
        wave,
        shard: None,
        result,
        exit: is_started.then_some(u8::from(!result.is_good())),
        started: time(1),
        ended: time(3),
        plan: None,
        summary: Some(Summary {
            create: 2,
            ..Summary::default()
        }),
        counts: Some(Counts {
            applied: 2,
            ..Counts::default()
        }),
        open: Vec::new(),
        error: None,
    }
}

fn failure(message: &str) -> PlanFailure {
    PlanFailure {
        message: message.to_owned(),
        help: Some("do `that`".to_owned()),
    }
}

fn report(shard: &str, environments: Vec<EnvironmentRollout>) -> RolloutReport {
    RolloutReport {
        format: FORMAT.to_owned(),
        index: "i".to_owned(),
        project: Some("shop".to_owned()),
        exit: 0,
        shards: vec![shard.to_owned()],
        waves: vec![serde_json::from_str(r#"{"select":"ring=1"}"#).unwrap()],
        expected: ["a", "b", "c", "d"].map(str::to_owned).into(),
        environments,
        problems: Vec::new(),
    }
}

fn first() -> RolloutReport {
    let failed = EnvironmentRollout {
        open: vec![OpenStep {
            object: "Goal/x".parse().unwrap(),
            verb: StepVerb::Create,
            failed: true,
            message: "the <account> said no".to_owned(),
        }],
        ..environment("c", 2, Landing::Partly)
    };
    report("1/2", vec![environment("a", 1, Landing::Applied), failed])
}

fn second() -> RolloutReport {
    let held = EnvironmentRollout {
        error: Some(failure("its wave starts at 2026-09-01T01:00:00Z")),
        ..environment("d", 2, Landing::NotStarted)
    };
    report("2/2", vec![environment("b", 1, Landing::Unchanged), held])
}

fn together(parts: Vec<RolloutReport>) -> RolloutReport {
    let parts = parts.into_iter().enumerate();
    let parts = parts.map(|(index, part)| (format!("r{}.json", index + 1), part));
    RolloutReport::together(parts.collect()).unwrap()
}

#[test]
fn shards_are_one_report_in_any_order() {
    let whole = together(vec![first(), second()]);
    assert!(whole.is_whole(), "{:?}", whole.problems);
    assert_eq!(whole.shards, ["1/2", "2/2"]);
    assert_eq!(whole, together(vec![second(), first()]));
    assert_eq!(together(vec![whole.clone()]), whole);
    let text = serde_json::to_string(&whole).unwrap();
    assert_eq!(read(&text), Ok(whole));
}

#[test]
fn what_is_missing_doubled_or_foreign_has_a_name() {
    let whole = together(vec![first()]);
    assert_eq!(whole.problems.len(), 1);
    assert_snapshot!(whole.problems[0].message, @"no report says what became of b, d");
    // What one report lacks may be in a later one, also where it was put together before.
    assert!(together(vec![whole, second()]).is_whole());
    let again = report("1/2", vec![environment("a", 1, Landing::Failed)]);
    let mut later = again.clone();
    later.environments[0].started = Some("2026-09-01T00:01:00Z".to_owned());
    let other = RolloutReport {
        index: "j".to_owned(),
        ..again.clone()
    };
    let whole = together(vec![first(), second(), again, later, other]);
    let said: Vec<_> = whole
        .problems
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert_snapshot!(said.join("\n"), @"
    `r5.json` is left out: it is about other plans, or another state of the project, than `r1.json`
    `a` is in more than one report, of which the later counts: r1.json, r3.json, r4.json
    ");
    assert_eq!(whole.environments[0].result, Landing::Failed);
}

#[test]
fn text_says_what_came_of_each_and_why() {
    assert_snapshot!(render_rollout(&together(vec![first(), second()])), @"
    environment  wave  result          create  update  delete    done  manual
    a               1  applied              2       0       0       2       0
    b               1  unchanged            2       0       0       2       0
    c               2  partly applied       2       0       0       2       0
    d               2  not started          2       0       0       2       0

    === c (account 1): partly applied, exit 1
    failed to create Goal/x: the <account> said no

    === d (account 1): not started
    error: its wave starts at 2026-09-01T01:00:00Z
      = help: do `that`

    Rollout: 4 environments: 1 applied, 1 unchanged, 1 partly applied, 1 not started.
    ");
    assert_eq!(
        first().summary(),
        "Rollout: 2 of 4 environments: 1 applied, 1 partly applied."
    );
    assert_eq!(
        report("3/3", Vec::new()).summary(),
        "Rollout: 0 of 4 environments."
    );
    assert_snapshot!(render_rollout(&together(vec![first()])).lines().last().unwrap(), @"Rollout: 4 environments: 1 applied, 1 partly applied, 2 missing.");
}

#[test]
fn markdown_lists_first_what_is_not_done_and_fits() {
    let whole = together(vec![first(), second()]);
    assert_snapshot!(render_rollout_markdown(&whole, 60_000), @"
    <!-- campaignctl:rollout -->
    ## Rollout

    **Rollout: 4 environments: 1 applied, 1 unchanged, 1 partly applied, 1 not started.**

    | environment | wave | result | create | update | delete | done | manual | |
    |---|--:|---|--:|--:|--:|--:|--:|---|
    | `c` | 2 | **partly applied** | 2 | 0 | 0 | 2 | 0 | Goal/x: the &lt;account&gt; said no |
    | `d` | 2 | **not started** | 2 | 0 | 0 | 2 | 0 | its wave starts at 2026-09-01T01:00:00Z |
    | `a` | 1 | applied | 2 | 0 | 0 | 2 | 0 |  |
    | `b` | 1 | unchanged | 2 | 0 | 0 | 2 | 0 |  |
    ");
    let mut many = whole;
    many.environments = (0..5_000)
        .map(|n| environment(&format!("e{n:04}"), 1, Landing::Applied))
        .chain([environment("z", 1, Landing::Failed)])
        .collect();
    let text = render_rollout_markdown(&many, 60_000);
    assert!((50_000..=60_000).contains(&text.chars().count()));
    assert!(text.contains("| `z` |") && text.contains("more environments"));
}

#[test]
fn what_is_wrong_with_a_report_is_text_in_markdown() {
    let mut whole = together(vec![first()]);
    whole.problems[0].message = "<img> of @octo\n".to_owned();
    let text = render_rollout_markdown(&whole, 60_000);
    assert!(
        text.contains("> &lt;img&gt; of <span>@</span>octo&#92;n\n"),
        "{text}"
    );
}

#[test]
fn junit_has_a_case_for_each_environment() {
    let mut whole = together(vec![first(), second()]);
    whole.problems = together(vec![first()]).problems;
    assert_snapshot!(render_rollout_junit(&whole), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="campaignctl apply" tests="5" failures="1" errors="1" skipped="1">
      <testsuite name="wave 1" tests="2" failures="0" errors="0" skipped="0">
        <testcase classname="wave 1" name="a" time="2.000"/>
        <testcase classname="wave 1" name="b" time="2.000"/>
      </testsuite>
      <testsuite name="wave 2" tests="2" failures="1" errors="0" skipped="1">
        <testcase classname="wave 2" name="c" time="2.000">
          <failure type="partly applied" message="Goal/x: the &lt;account&gt; said no">Goal/x: the &lt;account&gt; said no</failure>
        </testcase>
        <testcase classname="wave 2" name="d">
          <skipped message="its wave starts at 2026-09-01T01:00:00Z"/>
        </testcase>
      </testsuite>
      <testsuite name="report" tests="1" failures="0" errors="1" skipped="0">
        <testcase classname="campaignctl apply" name="b, d">
          <error message="no report says what became of b, d"/>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn the_page_escapes_what_it_shows() {
    let page = render_rollout_html(&together(vec![first(), second()]));
    assert!(
        page.contains("Goal/x: the &lt;account&gt; said no"),
        "{page}"
    );
    assert!(
        page.contains("<h2><bdi>d</bdi>: not started</h2>"),
        "{page}"
    );
    for name in ["a", "b", "c", "d"] {
        assert!(
            page.contains(&format!("<tr><td><bdi>{name}</bdi></td>")),
            "{name}"
        );
    }
}
