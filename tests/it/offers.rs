//! `test` and `visit`: verdicts, formats and exit codes; and that nothing passes because it tests nothing.

use insta::assert_snapshot;
use serde_json::Value;

use campaignctl::kinds::offering::SWITCHES;

use crate::program::{examples_copy, package, run};
use crate::support::Project;

const SHOP: &str = "\
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: orders }
spec:
  conditions:
    - type: section
      data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: care }
spec: { displayName: Care, state: published, goal: { system: true }, targetAudiences: [{ system: true }] }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: help }
spec:
  campaign: care
  type: app
  appInstallation: Shop
  allowUnauthenticated: true
  entryPoints: [orders]
  behaviors: [{ system: true }]
  skill: Orders
";

const SCENARIO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Scenario
metadata: { name: help-in-the-app }
spec:
  app: Shop
  at: 2026-06-01T12:00:00[Europe/Paris]
  given: { agents: available, controlGroup: outside, conversation: none }
  cases:
    - name: help with an order
      when: { sections: [orders] }
      then: { offered: help, skill: Orders }
    - name: nothing elsewhere
      when: { sections: [old-orders] }
      then: { nothing: { because: { help: entryPoints } } }
";

fn shop(scenario: &str) -> Project {
    let project = Project::with(SHOP);
    project.write("scenario.yaml", scenario);
    project
}

#[test]
fn a_scenario_passes_fails_or_is_undecided() {
    let passed = shop(SCENARIO).run(&["test"]).expect(0);
    assert_snapshot!(passed.stdout, @"
    passed     help-in-the-app  (2 cases)

    Tests: 2 passed, 0 failed, 0 undecided in 1 scenario.
    ");
    let failed = SCENARIO.replace("skill: Orders", "skill: Returns");
    let failed = shop(&failed).run(&["test"]).expect(2);
    assert_snapshot!(failed.stdout, @"
    failed     help-in-the-app  (2 cases)

    error[scenario-failed]: help-in-the-app, help with an order: `skill: Returns` does not hold: offered: help
      --> scenario.yaml:11:37
       |
    11 |       then: { offered: help, skill: Returns }
       |                                     ^^^^^^^

    Tests: 1 passed, 1 failed, 0 undecided in 1 scenario.
    ");
    let open = shop(&SCENARIO.replace("agents: available, ", ""));
    assert_snapshot!(open.run(&["test"]).expect(2).stdout, @"
    undecided  help-in-the-app  (2 cases)

    error[scenario-undecided]: help-in-the-app, help with an order: `offered: help` cannot be decided: `agents` is not given
      --> scenario.yaml:11:24
       |
    11 |       then: { offered: help, skill: Orders }
       |                        ^^^^
       |
      ::: manifests.yaml:16:19
       |
    16 | metadata: { name: help }
       |                   ---- `agents` is not given
       |
       = help: say `agents` in `given`

    error[scenario-undecided]: help-in-the-app, help with an order: `skill: Orders` cannot be decided: `agents` is not given
      --> scenario.yaml:11:37
       |
    11 |       then: { offered: help, skill: Orders }
       |                                     ^^^^^^
       |
      ::: manifests.yaml:16:19
       |
    16 | metadata: { name: help }
       |                   ---- `agents` is not given
       |
       = help: say `agents` in `given`

    error[scenario-undecided]: help-in-the-app, nothing elsewhere: `because: help: entryPoints` cannot be decided: `agents` is not given
      --> scenario.yaml:14:43
       |
    14 |       then: { nothing: { because: { help: entryPoints } } }
       |                                           ^^^^^^^^^^^
       |
      ::: manifests.yaml:16:19
       |
    16 | metadata: { name: help }
       |                   ---- `agents` is not given
       |
       = help: say `agents` in `given`

    Tests: 0 passed, 0 failed, 2 undecided in 1 scenario.
    ");
    open.run(&["test", "--allow-undecided"]).expect(0);
}

#[test]
fn the_time_of_the_run_is_never_taken_silently() {
    let at = "  at: 2026-06-01T12:00:00[Europe/Paris]\n";
    let said = shop(&SCENARIO.replace(at, ""))
        .run(&["test"])
        .expect(0)
        .stdout;
    assert!(said.contains("Visits without `at` are at 20"), "{said}");
    let said = shop(SCENARIO)
        .run(&["visit", "--app", "Shop", "--section", "orders"])
        .expect(0)
        .stdout;
    assert!(said.contains(", the time of this run"), "{said}");
}

#[test]
fn a_suite_goes_red_when_what_it_names_is_gone() {
    let project = Project::with(&SHOP.replace("{ name: help }", "{ name: other }"));
    project.write("scenario.yaml", SCENARIO);
    let ran = project.run(&["test"]).expect(2);
    assert!(
        ran.stdout
            .contains("no Engagement manifest is named `help`"),
        "{}",
        ran.stdout
    );
    for (what, instead) in [
        ("[orders]", "[ordres]"),
        ("{ sections: [orders] }", "{}"),
        ("{ offered: help, skill: Orders }", "{}"),
        ("offered: help", "offered: halp"),
        ("app: Shop", "app: Shopp"),
        ("help: entryPoints", "help: schedule"),
    ] {
        assert!(SCENARIO.contains(what), "{what}");
        let ran = shop(&SCENARIO.replacen(what, instead, 1))
            .run(&["test"])
            .expect(2);
        assert!(ran.stdout.contains("failed"), "{what}: {}", ran.stdout);
    }
    shop("kind: Scenario\nspec: [\n").run(&["test"]).expect(3);
    Project::with(SHOP).run(&["test"]).expect(3);
}

#[test]
fn programs_get_the_same_verdicts() {
    let project = shop(&SCENARIO.replace("skill: Orders", "skill: Returns"));
    let json = project.run(&["test", "--format", "json"]).expect(2).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["summary"],
        serde_json::json!({"passed": 1, "failed": 1, "undecided": 0, "scenarios": 1})
    );
    assert_eq!(json["cases"][0]["checks"][1]["place"]["line"], 11);
    assert_snapshot!(project.run(&["test", "--format", "junit"]).expect(2).stdout, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="campaignctl test" tests="2" failures="1" skipped="0">
      <testsuite name="help-in-the-app" tests="2" failures="1" skipped="0">
        <testcase classname="help-in-the-app" name="help with an order" file="scenario.yaml" line="9">
          <failure type="scenario-failed" message="help-in-the-app, help with an order: `skill: Returns` does not hold: offered: help">help-in-the-app, help with an order: `skill: Returns` does not hold: offered: help</failure>
        </testcase>
        <testcase classname="help-in-the-app" name="nothing elsewhere" file="scenario.yaml" line="12"/>
      </testsuite>
    </testsuites>
    "#);
    assert_snapshot!(project.run(&["test", "--format", "markdown"]).expect(2).stdout, @"
    ### Tests: 1 passed, 1 failed, 0 undecided in 1 scenario

    | scenario | passed | failed | undecided |
    |---|---|---|---|
    | `help-in-the-app` | 1 | 1 | 0 |

    - `scenario.yaml:11` help-in-the-app, help with an order: <code>skill: Returns</code> does not hold: offered: help
    ");
    let github = project
        .run(&["test", "--format", "github"])
        .expect(2)
        .stdout;
    assert!(
        github.starts_with("::error file=scenario.yaml,line=11"),
        "{github}"
    );
    let visit = [
        "visit",
        "--app",
        "Shop",
        "--section",
        "orders",
        "--format",
        "json",
    ];
    let visit: Value = serde_json::from_str(&project.run(&visit).expect(0).stdout).unwrap();
    assert_eq!(visit["engagements"][0]["eligible"], "yes");
    assert_eq!(visit["offers"][0]["sure"], serde_json::json!(["help"]));
}

#[test]
fn every_engagement_of_the_retail_example_is_named_by_a_scenario() {
    let copy = examples_copy();
    let here = copy.path().join("examples/retail");
    run(&here, &["test"]).expect(0);
    let folder = package().join("examples/retail/scenarios");
    let scenarios: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    for file in std::fs::read_dir(package().join("examples/retail/campaigns")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for document in text
            .split("\n---\n")
            .filter(|it| it.contains("kind: Engagement\n"))
        {
            let name = document
                .lines()
                .find_map(|line| line.strip_prefix("  name: "))
                .unwrap();
            assert!(scenarios.contains(name), "no scenario names {name}");
        }
    }
}

#[test]
fn the_reference_lists_every_inferred_fact() {
    let page = std::fs::read_to_string(package().join("docs/src/reference/scenarios.md")).unwrap();
    let facts = std::fs::read_to_string(package().join("docs/src/reference/platform.md")).unwrap();
    for switch in SWITCHES {
        let [one, other] = switch.positions();
        let (word, about, section) = (switch.word(), switch.about(), switch.section());
        let row = format!(
            "| `{word}` | {about} | `{}`: {} `{}`: {} | [{section}]({}{section}) |",
            one.word,
            one.doc,
            other.word,
            other.doc,
            concat!("platform.md", "#")
        );
        assert!(page.contains(&row), "{row}");
        let heading = section.replace('-', " ");
        let has = |line: &str| {
            line.strip_prefix("## ")
                .is_some_and(|it| it.to_lowercase() == heading)
        };
        assert!(facts.lines().any(has), "{section}");
    }
}
