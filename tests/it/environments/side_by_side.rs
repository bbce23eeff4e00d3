//! All environments in one run: every plan under its heading, one table, the exit code of the worst.

use insta::assert_snapshot;
use serde_json::Value;

use super::{World, campaignctl, goal, world};

const ALL: [&str; 2] = ["plan", "--all-environments"];

/// A third environment, whose credentials nobody has.
fn with_a_locked_one() -> World {
    let world = world();
    let path = world.folder.path().join("campaignctl.yaml");
    let project = std::fs::read_to_string(&path).unwrap();
    world.write(
        "campaignctl.yaml",
        &(project
            + "  locked: { account: \"3\", credentials: { bearer: { env: NOBODY_SET_THIS } } }\n"),
    );
    world
}

fn lines(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("      "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn one_run_plans_them_all() {
    let world = world();
    assert_snapshot!(lines(&world.run(0, &ALL)), @r#"
    === production (account 22222222)
      + create Goal/checkout "Shoply checkout"  base/goals.yaml:2

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.

    === staging (account 11111111)
      + create Goal/checkout "Shoply staging checkout"  base/goals.yaml:2

      + create Goal/lead "Lead"  base/goals.yaml:7

      + create Goal/smoke "Smoke"  over/staging/a.yaml:2

    Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.

    environment   create   update  replace   delete    adopt   manual
    production         1        0        0        0        0        0
    staging            3        0        0        0        0        0
    total              4        0        0        0        0        0
    "#);
    world.run(2, &[&ALL[..], &["--detailed-exitcode"]].concat());
    world.apply("staging");
    world.apply("production");
    assert_snapshot!(world.run(0, &[&ALL[..], &["--detailed-exitcode"]].concat()), @"
    === production (account 22222222)
    No changes. The account matches the manifests.

    === staging (account 11111111)
    No changes. The account matches the manifests.

    environment   create   update  replace   delete    adopt   manual
    production         0        0        0        0        0        0
    staging            0        0        0        0        0        0
    total              0        0        0        0        0        0
    ");
}

#[test]
fn one_that_fails_hides_no_other() {
    let world = with_a_locked_one();
    assert_snapshot!(lines(&world.run(4, &ALL)), @r#"
    === locked
    error: the bearer is missing: the environment variable `NOBODY_SET_THIS` is not set
      = help: `locked` needs it: `export NOBODY_SET_THIS=..`; `-e sandbox` needs no credentials

    === production (account 22222222)
      + create Goal/checkout "Shoply checkout"  base/goals.yaml:2

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.

    === staging (account 11111111)
      + create Goal/checkout "Shoply staging checkout"  base/goals.yaml:2

      + create Goal/lead "Lead"  base/goals.yaml:7

      + create Goal/smoke "Smoke"  over/staging/a.yaml:2

    Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.

    environment   create   update  replace   delete    adopt   manual
    locked       failed, exit 4
    production         1        0        0        0        0        0
    staging            3        0        0        0        0        0
    total              4        0        0        0        0        0  1 of 3 failed
    "#);
    let markdown = world.run(4, &[&ALL[..], &["--format", "markdown"]].concat());
    let table: Vec<&str> = markdown.lines().take(12).collect();
    assert_snapshot!(table.join("\n"), @r"
    <!-- campaignctl:plans -->
    ## Plans for 3 environments

    | environment | create | update | replace | delete | adopt | manual | |
    |---|--:|--:|--:|--:|--:|--:|---|
    | `locked` | – | – | – | – | – | – | **failed**: the bearer is missing: the environment variable <code>NOBODY&#95;SET&#95;THIS</code> is not set |
    | `production` | 1 | 0 | 0 | 0 | 0 | 0 |  |
    | `staging` | 3 | 0 | 0 | 0 | 0 | 0 |  |
    | total | 4 | 0 | 0 | 0 | 0 | 0 | 1 of 3 failed |

    <!-- campaignctl:plan:production -->
    ### Plan for `production` (account 22222222)
    ");
    assert_snapshot!(world.run(4, &[&ALL[..], &["--format", "gitlab"]].concat()), @r#"{"create":4,"update":0,"delete":0}"#);
}

#[test]
fn manifests_of_one_may_be_wrong() {
    let world = world();
    world.write(
        "over/production/b.yaml",
        "kind: Goal\nmetadata: { name: checkout }\nspec: { type: nothing }\n",
    );
    let run = campaignctl(world.folder.path(), &ALL);
    assert_eq!(run.status.code(), Some(3));
    let (out, err) = (
        String::from_utf8(run.stdout).unwrap(),
        String::from_utf8(run.stderr).unwrap(),
    );
    let table: Vec<&str> = out.lines().rev().take(4).collect();
    assert_snapshot!(table.join("\n"), @"
    total              3        0        0        0        0        0  1 of 2 failed
    staging            3        0        0        0        0        0
    production   failed, exit 3
    environment   create   update  replace   delete    adopt   manual
    ");
    assert!(err.starts_with("In production:\nerror["), "{err}");
}

#[test]
fn one_document_holds_what_each_plan_would_save() {
    let world = with_a_locked_one();
    let flags = [
        "--format",
        "json",
        "--out",
        "plans",
        "--json-into",
        "all.json",
    ];
    let out = world.run(4, &[&ALL[..], &flags].concat());
    let read = |file: &str| std::fs::read_to_string(world.folder.path().join(file));
    assert_eq!(read("all.json").unwrap(), out);
    let plans: Value = serde_json::from_str(&out).unwrap();
    jsonschema::validate(&campaignctl::plan::plans_schema(), &plans).unwrap();
    let told: Vec<_> = plans["environments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{} {} {} {}",
                it["environment"],
                it["exit"],
                it["plan"]["summary"]["create"],
                it["error"]["message"]
            )
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    "locked" 4 null "the bearer is missing: the environment variable `NOBODY_SET_THIS` is not set"
    "production" 0 1 null
    "staging" 0 3 null
    "#);
    let production: Value = serde_json::from_str(&read("plans/production.json").unwrap()).unwrap();
    assert_eq!(production, plans["environments"][1]["plan"]);
    assert!(read("plans/locked.json").is_err());
    world.run(0, &["apply", "plans/production.json"]);
    world.run(0, &["apply", "plans/staging.json"]);
    assert!(world.bound("production", "Goal/checkout").is_some());
}

#[test]
fn a_guard_of_one_holds_the_run_back() {
    let world = world();
    let many: String = (0..12)
        .map(|index| goal(&format!("g{index}"), &format!("G {index}")))
        .collect();
    world.write("over/staging/many.yaml", &many);
    world.apply("staging");
    std::fs::remove_file(world.folder.path().join("over/staging/many.yaml")).unwrap();
    let out = world.run(6, &[&ALL[..], &["--detailed-exitcode"]].concat());
    let table: Vec<&str> = out.lines().rev().take(4).collect();
    assert_snapshot!(table.join("\n"), @"
    total              1        0        0       12        0        0
    staging            0        0        0       12        0        0  blocked
    production         1        0        0        0        0        0
    environment   create   update  replace   delete    adopt   manual
    ");
    world.run(
        2,
        &[&ALL[..], &["--detailed-exitcode", "--allow-mass-delete"]].concat(),
    );
}

#[test]
fn the_sections_of_a_comment_share_its_size() {
    let world = world();
    let many: String = (0..300)
        .map(|index| {
            goal(
                &format!("g{index}"),
                &format!("Goal number {index} of a long list"),
            )
        })
        .collect();
    world.write("base/many.yaml", &many);
    let markdown = world.run(0, &[&ALL[..], &["--format", "markdown", "--full"]].concat());
    let length = markdown.chars().count();
    assert!((20_000..=60_000).contains(&length), "{length}");
    for environment in ["production", "staging"] {
        assert!(markdown.contains(&format!("### Plan for `{environment}`")));
    }
    assert_eq!(markdown.matches("Goal number 299 of").count(), 2);
}

#[test]
fn drift_of_all_is_the_drift_of_each() {
    let world = with_a_locked_one();
    world.apply("staging");
    world.apply("production");
    assert_snapshot!(world.run(4, &["drift", "--all-environments"]), @"
    === locked
    error: the bearer is missing: the environment variable `NOBODY_SET_THIS` is not set
      = help: `locked` needs it: `export NOBODY_SET_THIS=..`; `-e sandbox` needs no credentials

    === production (account 22222222)
    No drift. The account is as it was last applied.

    === staging (account 11111111)
    No drift. The account is as it was last applied.
    ");
    let json = world.run(4, &["drift", "--all-environments", "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["format"], "campaignctl.drifts/v1");
    assert_eq!(json["environments"][2]["drift"]["account"], "11111111");
}

#[test]
fn a_variable_may_be_for_some_of_them() {
    let world = world();
    world.write("over/staging/a.yaml", &goal("smoke", "${var.smoke}"));
    world.run(0, &[&ALL[..], &["--var", "smoke=Fire"]].concat());
    world.write("over/staging/a.yaml", &goal("smoke", "Smoke"));
    let wrong = world.run(3, &[&ALL[..], &["--var", "smoke=Fire"]].concat());
    assert!(wrong.contains("error[unused-variable]"), "{wrong}");
}

#[test]
fn some_flags_are_for_one_environment() {
    let world = world();
    assert_snapshot!(world.run(3, &[&ALL[..], &["-e", "staging"]].concat()), @"
    error: `--all-environments` leaves no room for `--environment`
      = help: give one of them
    ");
    assert_snapshot!(world.run(3, &[&ALL[..], &["-"]].concat()), @"
    error: `--all-environments` cannot read standard input, which is there once only
      = help: give files or folders
    ");
}
