//! `test` and `visit`: verdicts, formats and exit codes; and that nothing passes because it tests nothing.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::Value;

use campaignctl::diag::Texts;
use campaignctl::kinds::offering::{Assumed, Fact, SWITCHES};
use campaignctl::kinds::{key_uses, uses};
use campaignctl::manifest::{self, Key};
use campaignctl::offers::{Suite, Verdict, World};
use campaignctl::resolve::{self, Desired};
use campaignctl::sandbox::SandboxSettings;
use campaignctl::text::{Limits, Pointer, Source, yaml};

use crate::program::{REST_OF_RETAIL, examples_copy, package, run};
use crate::support::Project;

const SHOP: &str = "\
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: orders }
spec:
  appInstallation: Shop
  conditions:
    - { type: section, data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] } }
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

#[test]
fn a_broken_test_blocks_no_plan() {
    let copy = examples_copy();
    let here = copy.path().join("examples/retail");
    let file = here.join("scenarios/app-care.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    for (what, instead, code) in [
        (
            "{ offered: ios-orders, ",
            "{ offerd: ios-orders, ",
            "unknown-field",
        ),
        (
            "offered: ios-orders",
            "offered: ios-order",
            "unknown-reference",
        ),
        (
            "ios-orders: entryPoints",
            "ios-order: entryPoints",
            "scenario-because",
        ),
        ("name: help-in-the-ios-app", "name: Help In", "invalid-name"),
    ] {
        assert!(text.contains(what), "{what}");
        std::fs::write(&file, text.replacen(what, instead, 1)).unwrap();
        run(&here, &["validate"]).expect(3);
        let plan = run(&here, &["plan"]).expect(0);
        assert!(
            plan.stdout.contains("Plan: 72 to create"),
            "{}",
            plan.stdout
        );
        assert!(
            plan.stderr.contains(&format!("warning[{code}]")),
            "{what}: {}",
            plan.stderr
        );
    }
}

#[test]
fn a_project_assumes_facts_for_all_its_tests() {
    let project = shop(&SCENARIO.replace("[orders]", "[Orders]"));
    project.run(&["test"]).expect(2);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let assume = |position: &str| {
        let text = format!("{file}assume: {{ section-case: {position} }}\n");
        project.write("campaignctl.yaml", &text);
    };
    assume("ignored");
    project.run(&["test"]).expect(0);
    let visit = ["visit", "--app", "Shop", "--section", "Orders"];
    let visit = project.run(&visit).expect(0);
    assert!(visit.stdout.contains("yes"), "{}", visit.stdout);
    // A flag counts more than the project, and the scenario more than the flag.
    project
        .run(&["test", "--assume", "section-case=exact"])
        .expect(2);
    let own = SCENARIO.replace("[orders]", "[Orders]");
    let own = own.replace(
        "conversation: none",
        "conversation: none, assume: { section-case: ignored }",
    );
    project.write("scenario.yaml", &own);
    project
        .run(&["test", "--assume", "section-case=exact"])
        .expect(0);
    assume("either");
    project.run(&["test"]).expect(3);
}

#[test]
fn coverage_counts_what_no_test_names() {
    // A second engagement, in another app, that no scenario names; and one that nobody can be offered.
    let more = SHOP
        .replace("name: help ", "name: other ")
        .replace("appInstallation: Shop", "appInstallation: Other");
    let more = more.split("---\n").last().unwrap().to_owned();
    let off = more
        .replace("name: other ", "name: off ")
        .replace("campaign: care", "campaign: care\n  enabled: false");
    let project = Project::with(&format!("{SHOP}---\n{more}---\n{off}"));
    project.write("scenario.yaml", SCENARIO);
    let ran = project.run(&["test", "--coverage"]).expect(0);
    assert_snapshot!(ran.stdout, @"
    passed     help-in-the-app  (2 cases)

    engagements offered       1 of 2
    engagements withheld      1 of 2
    conditions true           1 of 1
    conditions false          1 of 1
    conditions deciding       1 of 1
    skills                    1 of 2

    Not covered: no test visits the app Other
      Engagement/other is offered  manifests.yaml:28
      Engagement/other is withheld  manifests.yaml:28
      a conversation is routed to Orders by other  manifests.yaml:36

    Coverage: 66.6 % (6 of 9) of 2 engagements.
    Tests: 2 passed, 0 failed, 0 undecided in 1 scenario.
    ");
    project.run(&["test", "--min-coverage", "66"]).expect(0);
    let few = project.run(&["test", "--min-coverage", "67"]).expect(2);
    assert!(few.stderr.contains("less than 67 %"), "{}", few.stderr);
    let json = project
        .run(&["test", "--coverage", "--format", "json"])
        .expect(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["coverage"]["missing"].as_array().unwrap().len(), 3);
    project
        .run(&["test", "--coverage-out", "lcov.info"])
        .expect(0);
    let lcov = std::fs::read_to_string(project.path().join("lcov.info")).unwrap();
    assert!(
        lcov.starts_with("TN:campaignctl\nSF:") && lcov.ends_with("end_of_record\n"),
        "{lcov}"
    );
    assert!(lcov.contains("BRF:9\nBRH:6\n"), "{lcov}");
    project
        .run(&["test", "--coverage-out", "coverage.xml"])
        .expect(0);
    let xml = std::fs::read_to_string(project.path().join("coverage.xml")).unwrap();
    assert!(
        xml.contains("branches-covered=\"6\" branches-valid=\"9\""),
        "{xml}"
    );
}

#[test]
fn a_plan_says_what_visitors_are_offered_differently() {
    let copy = examples_copy();
    let here = copy.path().join("examples/retail");
    run(&here, &["apply", "--auto-approve"]).expect(0);
    let nothing = run(&here, &["plan", "--impact"]).expect(0);
    assert!(
        nothing
            .stdout
            .contains("Impact: visitors are offered the same as before."),
        "{}",
        nothing.stdout
    );
    let file = here.join("campaigns/app-care.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = text
        .replacen("skill: Orders", "skill: Returns", 1)
        .replacen(
            "displayName: iOS returns\n",
            "displayName: iOS returns\n  enabled: false\n",
            1,
        );
    std::fs::write(&file, changed).unwrap();
    let project = here.join("campaignctl.yaml");
    let settings = std::fs::read_to_string(&project).unwrap();
    std::fs::write(
        &project,
        format!("{settings}assume: {{ undeclared: unrestricted }}\n"),
    )
    .unwrap();
    let plan = run(
        &here,
        &[
            "plan",
            "--impact",
            "--write-scenarios",
            "impact.yaml",
            "--out",
            "plan.json",
            "--allow-unpublish",
        ],
    )
    .expect(0);
    let told = plan.stdout.split("What visitors").last().unwrap();
    assert_snapshot!(told, @"
     are offered differently:
      other odds         ios-home: with ios-returns -> without these rivals
          for example in the app Marlowe Finch iOS; sections home, returns
          assuming undeclared
      may change         ios-home
          because it depends on the inferred fact `section-case`
          for example in the app Marlowe Finch iOS; sections home, RETURNS
          assuming undeclared
      other skill        ios-orders: Orders -> Returns
          for example in the app Marlowe Finch iOS; sections orders
          assuming undeclared
      other odds         ios-orders: with ios-returns -> without these rivals
          for example in the app Marlowe Finch iOS; sections orders, returns
          assuming undeclared
      may change         ios-orders
          because it depends on the inferred fact `section-case`
          for example in the app Marlowe Finch iOS; sections orders, RETURNS
          assuming undeclared
      no longer offered  ios-returns
          for example in the app Marlowe Finch iOS; sections returns
          assuming undeclared
      may change         ios-returns
          because it depends on the inferred fact `section-case`
          for example in the app Marlowe Finch iOS; sections RETURNS
          assuming undeclared
    Impact: 1 no longer offered, 1 other skill, 2 other odds, 3 may change.

    Plan: 0 to create, 2 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    let written = std::fs::read_to_string(here.join("impact.yaml")).unwrap();
    assert_snapshot!(written, @r#"
    apiVersion: campaignctl.dev/v1
    kind: Scenario
    metadata:
      name: impact-in-marlowe-finch-ios
    spec:
      app: Marlowe Finch iOS
      given:
        agents: available
        controlGroup: outside
        conversation: none
        assume:
          undeclared: unrestricted
      cases:
        - name: "ios-home: other odds"
          when:
            sections:
              - home
              - returns
          then:
            shares:
              ios-home: 100.0
        - name: "ios-orders: other skill"
          when:
            sections:
              - orders
          then:
            offered: ios-orders
            skill: Returns
        - name: "ios-orders: other odds"
          when:
            sections:
              - orders
              - returns
          then:
            shares:
              ios-orders: 100.0
        - name: "ios-returns: no longer offered"
          when:
            sections:
              - returns
          then:
            notOffered:
              - ios-returns
    "#);
    run(&here, &["fmt", "--check", "impact.yaml"]).expect(0);
    // The scenarios hold after the plan, and not before it.
    run(&here, &["test", "--select", "impact-*"]).expect(0);
    let shown = run(&here, &["show", "plan.json", "--format", "markdown"]).expect(0);
    let told = shown.stdout.split("**Impact").last().unwrap();
    assert_snapshot!(told, @"
    : 1 no longer offered, 1 other skill, 2 other odds, 3 may change.**

    | visitors | engagement | for example |
    |---|---|---|
    | other odds | ios-home: with ios-returns -&gt; without these rivals | in the app Marlowe Finch iOS; sections home, returns; assuming undeclared |
    | may change | ios-home &#40;it depends on the inferred fact <code>section-case</code>&#41; | in the app Marlowe Finch iOS; sections home, RETURNS; assuming undeclared |
    | other skill | ios-orders: Orders -&gt; Returns | in the app Marlowe Finch iOS; sections orders; assuming undeclared |
    | other odds | ios-orders: with ios-returns -&gt; without these rivals | in the app Marlowe Finch iOS; sections orders, returns; assuming undeclared |
    | may change | ios-orders &#40;it depends on the inferred fact <code>section-case</code>&#41; | in the app Marlowe Finch iOS; sections orders, RETURNS; assuming undeclared |
    | no longer offered | ios-returns | in the app Marlowe Finch iOS; sections returns; assuming undeclared |
    | may change | ios-returns &#40;it depends on the inferred fact <code>section-case</code>&#41; | in the app Marlowe Finch iOS; sections RETURNS; assuming undeclared |

    #### Update (2)

    <details><summary><code>Engagement/ios-orders</code> “<code>iOS orders</code>”: 1 field</summary>

    | field | before | after | cause |
    |---|---|---|---|
    | `skill` | `Orders` | `Returns` | edit |

    </details>
    <details><summary><code>Engagement/ios-returns</code> “<code>iOS returns</code>” <b>LEAVES</b> (it is disabled): 1 field</summary>

    | field | before | after | cause |
    |---|---|---|---|
    | `enabled` | `true` | `false` | edit |

    </details>
    ");
    let page = run(&here, &["show", "plan.json", "--format", "html"]).expect(0);
    assert!(page.stdout.contains("notice impact"));
    std::fs::write(&file, text).unwrap();
    run(&here, &["test", "--select", "impact-*"]).expect(2);
}

#[test]
fn an_impact_that_no_scenario_expects_keeps_a_plan_back() {
    let project = shop(SCENARIO);
    let settings = "environments:\n  sandbox: { skills: [Orders, Returns], appInstallations: [Shop], guards: { unexpectedImpact: true } }\n";
    project.write("campaignctl.yaml", settings);
    let run = |arguments: &[&str]| run(project.path(), arguments);
    // All that an account without the project's objects is offered is new, and no scenario held before.
    run(&["apply", "--auto-approve"]).expect(0);
    // A change that no visitor sees keeps nothing back; neither does one that a scenario notices before and after.
    run(&["plan"]).expect(0);
    project.write(
        "manifests.yaml",
        &SHOP.replace("skill: Orders", "skill: Returns"),
    );
    let refused = run(&["plan"]).expect(6);
    assert!(
        refused.stdout.contains("blocked[unexpected-impact]"),
        "{}",
        refused.stdout
    );
    run(&["apply", "--auto-approve"]).expect(6);
    assert!(
        refused
            .stdout
            .contains("no scenario expects it: help (other skill)"),
        "{}",
        refused.stdout
    );
    run(&["plan", "--allow-impact"]).expect(0);
    // A scenario that names the engagement and says the same of both does not expect it.
    let blind = SCENARIO.replace("{ offered: help, skill: Orders }", "{ offered: help }");
    project.write("scenario.yaml", &blind);
    run(&["plan"]).expect(6);
    // Neither does one that expects something else of it.
    let other = SCENARIO.replace(
        "{ offered: help, skill: Orders }",
        "{ offered: help, undecided: [section-case] }",
    );
    project.write("scenario.yaml", &other);
    run(&["plan"]).expect(6);
    // One that passes after the plan and not before it does.
    let seeing = SCENARIO.replace("skill: Orders", "skill: Returns");
    project.write("scenario.yaml", &seeing);
    let plan = run(&["plan"]).expect(0);
    assert!(
        !plan.stdout.contains("unexpected-impact"),
        "{}",
        plan.stdout
    );
    run(&["apply", "--auto-approve"]).expect(0);
}

/// What `--write-scenarios` keeps as tests satisfies the guard, also where an engagement goes; where no test can hold, the
/// help does not advise tests.
#[test]
fn the_tests_that_are_written_of_an_impact_are_those_that_the_guard_wants() {
    let other = SHOP.split("---\n").last().unwrap();
    let other = other.replace("name: help", "name: other");
    let shop = format!("{SHOP}---\n{other}");
    let settings = "environments:\n  sandbox: { skills: [Orders, Returns], appInstallations: [Shop], guards: { unexpectedImpact: true } }\nassume: { contest: lottery, section-case: exact, undeclared: unrestricted }\n";
    let renamed = shop.replace("name: other", "name: another");
    let unlinked = shop.replacen("name: '\"orders\"'", "name: '\"my-orders\"'", 1);
    // Both go from the section; nothing mentions it any more.
    for (name, changed, is_testable) in [
        ("delete", SHOP, true),
        ("rename", renamed.as_str(), true),
        ("section", unlinked.as_str(), false),
    ] {
        let project = Project::with(&shop);
        project.write("campaignctl.yaml", settings);
        let run = |arguments: &[&str]| run(project.path(), arguments);
        run(&["apply", "--auto-approve", "--allow-impact"]).expect(0);
        project.write("manifests.yaml", changed);
        let refused = run(&["plan"]).expect(6);
        let help = refused
            .stdout
            .lines()
            .find(|it| it.contains("review the impact"));
        let help = help.unwrap_or_else(|| panic!("{name}: {}", refused.stdout));
        assert_eq!(
            help.contains("no test can be made of the example visit"),
            !is_testable,
            "{name}: {help}"
        );
        run(&["plan", "--impact", "--write-scenarios", "written.yaml"]);
        let again = run(&["plan"]);
        let blocked = again.stdout.contains("blocked[unexpected-impact]");
        assert_eq!(blocked, !is_testable, "{name}: {}", again.stdout);
        run(&["test"]).expect(0);
    }
}

/// Where no test can be made of the example, the guard does not say that there is none: one of another visit counts.
#[test]
fn a_test_of_another_visit_than_the_example_can_expect_an_impact() {
    let sections = |names: &[&str]| {
        let names = names.iter().map(|it| format!("{{ name: '\"{it}\"' }}"));
        names.collect::<Vec<_>>().join(", ")
    };
    let last = SHOP.split("---\n").last().unwrap();
    let other = SHOP.split("---\n").next().unwrap();
    let other = other.replace("name: orders }", "name: sale }");
    let other = other.replace(&sections(&["orders"]), &sections(&["sale"]));
    let second = last.replace("name: help", "name: other");
    let second = second.replace("[orders]", "[sale]");
    let with = |names: &[&str]| {
        let shop = SHOP.replace(&sections(&["orders"]), &sections(names));
        format!("{shop}---\n{other}---\n{second}")
    };
    let project = Project::with(&with(&["orders", "sale", "home"]));
    let settings = "environments:\n  sandbox: { skills: [Orders, Returns], appInstallations: [Shop], guards: { unexpectedImpact: true } }\nassume: { contest: lottery, section-case: exact, undeclared: unrestricted }\n";
    project.write("campaignctl.yaml", settings);
    let run = |arguments: &[&str]| run(project.path(), arguments);
    run(&["apply", "--auto-approve", "--allow-impact"]).expect(0);
    project.write("manifests.yaml", &with(&["home"]));
    let refused = run(&["plan"]).expect(6).stdout;
    let help = refused
        .lines()
        .filter(|it| it.contains("review the impact"));
    assert_snapshot!(help.collect::<String>(), @"  = help: review the impact with `plan --impact`, and add `--allow-impact`: no test can be made of the example visit of help (no longer offered); one of another visit counts; `--write-scenarios FILE` keeps the rest as tests");
    let scenario = "apiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: { name: sale }\nspec:\n  app: Shop\n  given: { agents: available, controlGroup: outside, conversation: none, signedIn: false }\n  cases:\n    - { when: { sections: [sale] }, then: { offered: other, notOffered: [help] } }\n";
    project.write("scenario.yaml", scenario);
    run(&["plan"]).expect(0);
}

#[test]
fn an_engagement_that_another_one_always_takes_the_place_of_is_told() {
    let ahead = SHOP
        .split("---\n")
        .skip(1)
        .collect::<Vec<_>>()
        .join("---\n");
    let ahead = ahead
        .replace("name: care ", "name: first ")
        .replace("displayName: Care", "displayName: First, priority: 0.9")
        .replace("name: help ", "name: always ")
        .replace("campaign: care", "campaign: first");
    let both = format!(
        "{}---\n{ahead}",
        SHOP.replace("Care,", "Care, priority: 0.1,")
    );
    let told = |manifests: &str, assumed: &str| {
        let project = Project::with(manifests);
        let settings =
            format!("environments: {{ sandbox: {{}} }}\nassume: {{ contest: {assumed} }}\n");
        project.write("campaignctl.yaml", &settings);
        run(project.path(), &["validate"]).expect(0).stdout
    };
    // Who closed the one ahead is offered the one behind it, unless apps offer a closed one again.
    let first = |assumed: &str| told(&both, assumed).lines().next().unwrap().to_owned();
    assert_snapshot!(first("priority"), @"warning[competing-engagements]: whenever help could be offered, always is, whose campaign has a higher priority: only visitors who closed always are offered help");
    assert_snapshot!(first("priority, closed-in-app: again"), @"warning[never-offered]: no visit can be offered help: whenever it could be, always is, whose campaign has a higher priority");
    // Not by a lottery; and not by one that is for other visits alone, or that agents limit.
    for (manifests, assumed) in [
        (both.clone(), "lottery"),
        (both.replace("priority: 0.9", "priority: 0.1"), "priority"),
        (
            both.replace(
                "campaign: care\n",
                "campaign: care\n  availability: always\n",
            ),
            "priority",
        ),
    ] {
        let told = told(&manifests, assumed);
        assert!(!told.contains("never-offered"), "{told}");
    }
}

/// Of all small changes of half of the retail example that a visitor sees, the tests that the program writes notice nearly all.
#[test]
fn tests_that_are_written_notice_the_mutants_of_retail() {
    let copy = examples_copy();
    let here = copy.path().join("examples/retail");
    for file in REST_OF_RETAIL {
        std::fs::remove_file(here.join(file)).unwrap();
    }
    let ran = run(
        &here,
        &[
            "test",
            "--mutants",
            "--write-scenarios",
            "scenarios/more.yaml",
        ],
    )
    .expect(0);
    assert_snapshot!(ran.stdout.lines().last().unwrap(), @"Mutants: 38 of 114 noticed; 12 equivalent, 0 undecided.");
    run(&here, &["fmt", "--check", "scenarios/more.yaml"]).expect(0);
    let again = run(&here, &["test", "--mutants"]).expect(0);
    let (_, told) = again.stdout.split_once("\n\nNo ").unwrap();
    assert_snapshot!(told, @"
    visitor sees, so no test can notice:
      Campaign/app-care: weight 0.2 becomes 0.1  campaigns/app-care.yaml:6
      Campaign/app-care: weight 0.2 becomes 0.7  campaigns/app-care.yaml:6
      Campaign/app-care: priority 0.5 becomes 0.01  campaigns/app-care.yaml:6
      Campaign/app-care: priority 0.5 becomes 0.99  campaigns/app-care.yaml:6
      Campaign/customer-care: priority 0.5 becomes 0.01  campaigns/customer-care.yaml:6
      Campaign/customer-care: priority 0.5 becomes 0.99  campaigns/customer-care.yaml:6
      Campaign/loyalty-club: priority 0.5 becomes 0.01  campaigns/loyalty-club.yaml:6
      Campaign/loyalty-club: priority 0.5 becomes 0.99  campaigns/loyalty-club.yaml:6
      Engagement/club-style-advice: weight 0.5 becomes 0.1  campaigns/loyalty-club.yaml:37
      Engagement/club-style-advice: weight 0.5 becomes 0.9  campaigns/loyalty-club.yaml:37
      Engagement/help-center-card: weight 0.5 becomes 0.1  campaigns/customer-care.yaml:53
      Engagement/help-center-card: weight 0.5 becomes 0.9  campaigns/customer-care.yaml:53

    Mutants: 114 of 114 noticed; 12 equivalent, 0 undecided.
    ");
}

/// Whether anybody sees a change behind a condition that nobody can read cannot be said, and it counts for neither side.
#[test]
fn a_mutant_behind_a_condition_that_nobody_can_read_is_undecided() {
    let unsure = "---\napiVersion: campaignctl.dev/v1\nkind: Behavior\nmetadata: { name: unsure }\nspec: { conditions: [{ type: 77, data: { x: 1 } }] }\n";
    let shop = SHOP.replace("behaviors: [{ system: true }]", "behaviors: [unsure]");
    let project = Project::with(&format!("{shop}{unsure}"));
    let write = ["test", "--mutants", "--write-scenarios", "more.yaml"];
    let told = project.run(&write).expect(0).stdout;
    let (_, told) = told.split_once("\n\nIt cannot ").unwrap();
    assert_snapshot!(told, @"
    be decided whether a visitor sees:
      Engagement/help: `agents` is `available` is dropped  manifests.yaml:16
      Engagement/help: `conversation` is `none` is dropped  manifests.yaml:16
      Engagement/help: skill Orders becomes another one  manifests.yaml:24

    Mutants: 0 of 9 noticed; 5 equivalent, 3 undecided.
    ");
}

/// A number that decides a contest moves below and above what it is: one of both changes who is offered. A project without any
/// scenario has all of them written.
#[test]
fn a_priority_moves_in_both_directions_also_where_there_is_no_scenario_yet() {
    let shop = SHOP.replace("goal:", "priority: 0.5, goal:");
    let other = shop
        .split("---\n")
        .skip(1)
        .map(|it| {
            it.replace("name: care", "name: rest")
                .replace("Care", "Rest")
                .replace("priority: 0.5", "priority: 0.2")
                .replace("name: help", "name: other")
                .replace("campaign: care", "campaign: rest")
        })
        .collect::<Vec<_>>()
        .join("---\n");
    let project = Project::with(&format!("{shop}---\n{other}"));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let assume = "assume: { contest: priority, section-case: exact, undeclared: unrestricted }";
    project.write("campaignctl.yaml", &format!("{file}{assume}\n"));
    let none = project.run(&["test", "--mutants"]).expect(3).stderr;
    assert!(none.contains("there is no scenario to run"), "{none}");
    assert!(
        none.contains("`campaignctl test --mutants --write-scenarios FILE`"),
        "{none}"
    );
    let command = ["test", "--mutants", "--write-scenarios", "more.yaml"];
    let first = project.run(&command).expect(0).stdout;
    let (unnoticed, unseen) = first.split_once("No visitor sees").unwrap();
    for moved in [
        "Campaign/care: priority 0.5 becomes 0.01",
        "Campaign/rest: priority 0.2 becomes 0.99",
    ] {
        assert!(unnoticed.contains(moved), "{first}");
    }
    for still in [
        "Campaign/care: priority 0.5 becomes 0.99",
        "Campaign/rest: priority 0.2 becomes 0.01",
    ] {
        assert!(unseen.contains(still), "{first}");
    }
    let again = project.run(&["test", "--mutants"]).expect(0).stdout;
    let last = again.lines().last().unwrap();
    let (noticed, of) = last
        .strip_prefix("Mutants: ")
        .unwrap()
        .split_once(" of ")
        .unwrap();
    assert!(of.starts_with(&format!("{noticed} noticed; ")), "{again}");
    assert!(of.ends_with(", 0 undecided."), "{again}");
}

/// What is wrong with how a case is written is told as `validate` tells it, and the other cases are run.
#[test]
fn a_faulty_case_is_told_at_its_place_and_the_others_are_run() {
    let more = "    - name: third
      when: { sections: [orders] }
      then: { offered: halp }
  never:
    - { offered: help, unless: { sectionz: [orders] } }
    - { offered: help, unless: { sections: [orders] } }
";
    let faulty = SCENARIO.replace(
        "when: { sections: [orders] }",
        "when: { sectons: [orders] }",
    );
    let project = shop(&format!("{faulty}{more}"));
    let validated = project.run(&["validate"]).expect(3).stdout;
    let tested = project.run(&["test"]).expect(2).stdout;
    assert!(
        tested.starts_with("failed     help-in-the-app  (5 cases)\n"),
        "{tested}"
    );
    assert!(
        tested.ends_with("Tests: 1 passed, 3 failed, 1 undecided in 1 scenario.\n"),
        "{tested}"
    );
    // The place, the caret and the hint are the same.
    for (name, told) in [
        (
            "help with an order",
            "there is no field `sectons` here\n  --> scenario.yaml:10:15\n   |\n10 |       when: { sectons: [orders] }\n   |               ^^^^^^^\n   |\n   = help: did you mean `sections`?\n",
        ),
        (
            "third",
            "no Engagement manifest is named `halp`\n  --> scenario.yaml:17:24\n   |\n17 |       then: { offered: halp }\n   |                        ^^^^\n   |\n   = help: did you mean `help`?\n",
        ),
        (
            "never 1",
            "there is no field `sectionz` here\n  --> scenario.yaml:19:34\n   |\n19 |     - { offered: help, unless: { sectionz: [orders] } }\n   |                                  ^^^^^^^^\n   |\n   = help: did you mean `sections`?\n",
        ),
    ] {
        assert!(validated.contains(told), "{validated}");
        let of_case = format!("error[scenario-failed]: help-in-the-app, {name}: {told}");
        assert!(tested.contains(&of_case), "{tested}");
    }
    let document = project.run(&["test", "--format", "json"]).expect(2).json();
    let cases = document["cases"].as_array().unwrap().iter();
    let cases: Vec<String> = cases
        .map(|it| {
            format!(
                "{} {} {} {}",
                it["name"], it["verdict"], it["place"]["line"], it["flaws"]
            )
        })
        .collect();
    assert_snapshot!(cases.join("\n"), @r#"
    "help with an order" "failed" 10 ["there is no field `sectons` here; did you mean `sections`?"]
    "nothing elsewhere" "passed" 12 null
    "third" "failed" 17 ["no Engagement manifest is named `halp`; did you mean `help`?"]
    "never 1" "failed" 19 ["there is no field `sectionz` here; did you mean `sections`?"]
    "never 2" "undecided" 20 null
    "#);
    let junit = project.run(&["test", "--format", "junit"]).expect(2).stdout;
    assert!(
        junit.contains("line=\"10\"") && junit.contains("line=\"17\""),
        "{junit}"
    );
    let github = project
        .run(&["test", "--format", "github"])
        .expect(2)
        .stdout;
    assert!(github.contains("line=10,"), "{github}");
    // A fault of what all cases share is one of all of them.
    let project = shop(&SCENARIO.replace("agents: available", "agentz: available"));
    let whole = project.run(&["test"]).expect(2).stdout;
    assert!(
        whole.contains("help-in-the-app, its manifest: there is no field `agentz`"),
        "{whole}"
    );
    assert!(
        whole.contains("scenario.yaml:7:12") && whole.contains("did you mean `agents`?"),
        "{whole}"
    );
    assert!(
        whole.ends_with("Tests: 0 passed, 1 failed, 0 undecided in 1 scenario.\n"),
        "{whole}"
    );
}

/// What is written a second time has names of its own, and passes beside the first, whatever the project assumes.
#[test]
fn tests_that_are_written_pass_beside_those_of_an_earlier_run() {
    let open = SCENARIO.replace("[orders]", "[Orders]");
    let project = shop(&open.replace(
        "conversation: none",
        "conversation: none, assume: { section-case: ignored }",
    ));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let assume = "assume: { contest: priority, closed-in-app: again, alternatives: all }";
    project.write("campaignctl.yaml", &format!("{file}{assume}\n"));
    let unnoticed = || {
        let ran = project.run(&["test", "--mutants"]).expect(0);
        let last = ran.stdout.lines().last().unwrap().to_owned();
        let (noticed, of) = last.split_once(" of ").unwrap();
        let number = |text: &str| {
            text.split(' ')
                .find_map(|it| it.parse::<usize>().ok())
                .unwrap()
        };
        number(of) - number(noticed)
    };
    let write = |file: &str| {
        let before = unnoticed();
        assert!(before > 0);
        let command = ["test", "--mutants", "--write-scenarios", file];
        project.run(&command).expect(0);
        assert_eq!(unnoticed(), 0, "{file}");
        project.run(&["validate"]).expect(0);
    };
    write("first.yaml");
    // Half of them go, and are written again into another file.
    let first = std::fs::read_to_string(project.path().join("first.yaml")).unwrap();
    let at = first.rfind("---\n").unwrap();
    project.write("first.yaml", &first[..at]);
    write("second.yaml");
}

/// A path to the scenarios alone leaves out what they are decided against, and that is said.
#[test]
fn a_path_to_a_part_of_the_project_is_told() {
    let copy = examples_copy();
    let here = copy.path().join("examples/retail");
    let told = run(&here, &["test", "scenarios/web.yaml"]).expect(2).stderr;
    assert!(
        told.contains("note: only a part of the project was read, and help-on-the-site, lyon-opens-in-spring, nothing-of-the-sale-before-it-is-published"),
        "{told}"
    );
    assert!(
        told.contains("choose scenarios with `--select help-on-the-site`"),
        "{told}"
    );
    // Where nothing is missing, or nothing was left out, it is not said.
    let all = ["test", ".", "--select", "help-on-the-site"];
    for ran in [
        run(&here, &all),
        run(&here, &["test", "--select", "help-on-the-site"]),
    ] {
        assert!(!ran.expect(0).stderr.contains("a part of the project"));
    }
    let project = shop(SCENARIO);
    project.write("more/goal.yaml", "{apiVersion: campaignctl.dev/v1, kind: Persona, metadata: {name: p}, spec: {attributes: [{type: ctmrinfo, info: {ctype: x}}]}}");
    let ran = project
        .run(&["test", "manifests.yaml", "scenario.yaml"])
        .expect(0);
    assert!(
        !ran.stderr.contains("a part of the project"),
        "{}",
        ran.stderr
    );
}

/// A test with the name of another one is left out of the manifests: nothing passes silently without it.
#[test]
fn a_test_that_is_left_out_is_an_error() {
    let twice = format!(
        "{SCENARIO}---\n{}",
        SCENARIO.replace("skill: Orders", "skill: Returns")
    );
    let told = shop(&twice).run(&["test"]).expect(3).stderr;
    assert!(told.contains("error[duplicate-manifest]"), "{told}");
    let named = SCENARIO.replace("name: help-in-the-app", "name: Help In");
    let told = shop(&format!("{SCENARIO}---\n{named}"))
        .run(&["test"])
        .expect(3)
        .stderr;
    assert!(told.contains("error[invalid-name]"), "{told}");
}

/// The documents of the retail example.
fn retail() -> Texts {
    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("seed") {
                files(&path, found);
            } else if path.extension().is_some_and(|it| it == "yaml")
                && !path.ends_with("campaignctl.yaml")
            {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    files(&package().join("examples/retail"), &mut paths);
    paths.sort();
    let mut texts = Texts::default();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let path = path.display().to_string();
        let file = texts.sources.push(Source {
            path,
            text: text.clone(),
        });
        texts
            .documents
            .extend(yaml::parse(file, &text, &Limits::default()).0);
    }
    texts
}

fn resolved(texts: &Texts) -> Desired {
    resolve::resolve(manifest::parse(texts).0).0
}

/// Whether a scenario is red.
fn is_red(world: &World, key: &Key, spec: &Value) -> bool {
    let Some(scenario) = (key.kind.def().scenario)(spec) else {
        return true;
    };
    let suite = Suite {
        world,
        key,
        scenario: &scenario,
        now: jiff::Timestamp::UNIX_EPOCH,
        assumed: &Assumed::default(),
    };
    suite.run().iter().any(|it| it.verdict() != Verdict::Passed)
}

/// The places of a value that a test chooses.
fn places(
    value: &Value,
    at: &Pointer,
    chosen: &dyn Fn(&Pointer, &Value) -> bool,
    found: &mut Vec<Pointer>,
) {
    if chosen(at, value) {
        found.push(at.clone());
    }
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| places(value, &at.key(key), chosen, found)),
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(index, value)| places(value, &at.index(index), chosen, found));
        }
        _ => {}
    }
}

#[test]
fn every_retail_suite_goes_red_when_its_target_is_deleted() {
    let texts = retail();
    let desired = resolved(&texts);
    let scenarios: Vec<_> = desired
        .iter()
        .filter(|it| (it.key.kind.def().scenario)(&it.spec).is_some())
        .collect();
    let mut deleted = 0;
    for target in desired
        .iter()
        .filter(|it| it.key.kind.name() == "Engagement")
    {
        let naming = scenarios.iter().filter(|it| {
            let fields = it.key.kind.def().fields;
            let keys = key_uses(fields, &it.spec)
                .into_iter()
                .map(|it| it.name.to_owned());
            let references = uses(fields, &it.spec)
                .into_iter()
                .filter_map(|it| Some(it.reference.as_str()?.to_owned()));
            keys.chain(references)
                .any(|name| name == target.key.name.as_str())
        });
        let without = Texts {
            sources: texts.sources.clone(),
            documents: texts
                .documents
                .iter()
                .filter(|it| {
                    it.value.pointer("/metadata/name").and_then(Value::as_str)
                        != Some(target.key.name.as_str())
                })
                .cloned()
                .collect(),
        };
        let world = World::of(&resolved(&without));
        for scenario in naming {
            assert!(
                !is_red(&World::of(&desired), &scenario.key, &scenario.spec),
                "{}",
                scenario.key
            );
            assert!(
                is_red(&world, &scenario.key, &scenario.spec),
                "{} without {}",
                scenario.key,
                target.key
            );
            deleted += 1;
        }
    }
    assert!(deleted >= 18, "{deleted}");
}

#[test]
fn every_retail_suite_goes_red_when_a_section_is_misspelt_or_a_visit_says_nothing() {
    let desired = resolved(&retail());
    let world = World::of(&desired);
    // A section that only contains a part that conditions ask for is no slip of another one.
    let known: std::collections::BTreeSet<&str> = world.texts(Fact::Sections).collect();
    let (mut misspelt, mut emptied) = (0, 0);
    for scenario in desired
        .iter()
        .filter(|it| (it.key.kind.def().scenario)(&it.spec).is_some())
    {
        let mut sections = Vec::new();
        let is_section = |at: &Pointer, value: &Value| {
            value.as_str().is_some_and(|it| known.contains(it))
                && at
                    .parent()
                    .is_some_and(|it| it.as_str().ends_with("/sections"))
        };
        places(&scenario.spec, &Pointer::root(), &is_section, &mut sections);
        let mut visits = Vec::new();
        let is_visit =
            |at: &Pointer, value: &Value| value.is_object() && at.as_str().ends_with("/when");
        places(&scenario.spec, &Pointer::root(), &is_visit, &mut visits);
        for at in sections {
            let mut spec = (*scenario.spec).clone();
            let section = spec.pointer_mut(at.as_str()).unwrap();
            let mut text: Vec<char> = section.as_str().unwrap().chars().collect();
            text.swap(0, 1);
            *section = text.into_iter().collect::<String>().into();
            assert!(
                is_red(&world, &scenario.key, &spec),
                "{} {at}",
                scenario.key
            );
            misspelt += 1;
        }
        for at in visits {
            let mut spec = (*scenario.spec).clone();
            *spec.pointer_mut(at.as_str()).unwrap() = serde_json::json!({});
            assert!(
                is_red(&world, &scenario.key, &spec),
                "{} {at}",
                scenario.key
            );
            emptied += 1;
        }
    }
    assert!(misspelt >= 20 && emptied >= 20, "{misspelt} {emptied}");
}

/// What its campaign does not list is offered to nobody, and the plan that takes it off the list, or puts it back, says so.
#[test]
fn an_engagement_that_leaves_the_list_of_its_campaign_is_no_longer_offered() {
    let manifests = SHOP.replace("  skill: Orders\n", "");
    let project = Project::in_shop(SandboxSettings::default(), &manifests);
    project.apply();
    let listing = |list: &str| {
        let state = "state: published,";
        let manifests = manifests.replace(state, &format!("engagements: {list}, {state}"));
        project.write("manifests.yaml", &manifests);
        let told = project.run(&["validate"]).expect(0);
        let told = told.stdout + &told.stderr;
        let plan = project.run(&["plan", "--impact", "--allow-unpublish"]);
        (told, plan.expect(0).stdout)
    };
    let (told, plan) = listing("[]");
    assert!(told.contains("Campaign/care does not list it"), "{told}");
    assert!(plan.contains("no longer offered  help"), "{plan}");
    project
        .run(&["apply", "--auto-approve", "--allow-unpublish"])
        .expect(0);
    let (told, plan) = listing("[help]");
    assert!(!told.contains("does not list"), "{told}");
    assert!(plan.contains("now offered        help"), "{plan}");
}

/// A name that no scenario has is refused, also beside others: a test that was renamed would pass by not running.
#[test]
fn a_selection_names_scenarios_that_there_are() {
    let copy = examples_copy();
    let here = copy.path().join("examples/retail");
    for command in ["test", "prove"] {
        let mut flags = vec![command];
        if command == "prove" {
            flags.extend(["-e", "sandbox"]);
        }
        flags.extend([
            "--select",
            "help-in-the-ios-app",
            "--select",
            "help-in-the-ios-ap",
        ]);
        let said = run(&here, &flags).expect(3).stderr;
        assert!(
            said.contains("no scenario is named `help-in-the-ios-ap`")
                && said.contains("did you mean `help-in-the-ios-app`?"),
            "{said}"
        );
    }
    run(
        &here,
        &[
            "test",
            "--select",
            "help-in-the-ios-app",
            "--select",
            "help-*",
        ],
    )
    .expect(0);
    // A persona is no scenario.
    run(&here, &["test", "--select", "club-member"]).expect(3);
}
