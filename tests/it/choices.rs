//! Several engagements that can be offered: `visit`, `validate`, tests and plans say the same of who is chosen.

use campaignctl::sandbox::SandboxSettings;
use serde_json::{Value, json};

use crate::support::Project;

/// Two engagements of an app at one section, in campaigns of their own.
fn rivals(high: &str, low: &str) -> String {
    let campaign = |name: &str, more: &str| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: {name} }}\nspec: {{ displayName: {name}, state: published, goal: {{ system: true }}, targetAudiences: [{{ system: true }}], {more} }}\n"
        )
    };
    let engagement = |name: &str, campaign: &str, more: &str| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: {{ name: {name} }}\nspec: {{ campaign: {campaign}, type: app, appInstallation: Shop, allowUnauthenticated: true, entryPoints: [orders], behaviors: [{{ system: true }}]{more} }}\n"
        )
    };
    let entry_point = "apiVersion: campaignctl.dev/v1\nkind: EntryPoint\nmetadata: { name: orders }\nspec: { appInstallation: Shop, conditions: [{ type: section, data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] } }] }\n";
    format!(
        "{entry_point}{}{}{}{}",
        campaign("first", "weight: high, priority: 0.9"),
        campaign("second", "weight: low, priority: 0.1"),
        engagement("high", "first", high),
        engagement("low", "second", low),
    )
}

/// A project whose account has the app.
fn in_shop(manifests: &str) -> Project {
    Project::in_shop(SandboxSettings::default(), manifests)
}

const VISIT: &[&str] = &["visit", "--app", "Shop", "--section", "orders"];

fn visited(project: &Project, more: &[&str]) -> (String, Value) {
    let text = project.run(&[VISIT, more].concat()).expect(0).stdout;
    let json = project.run(&[VISIT, more, &["--format", "json"]].concat());
    (text, json.expect(0).json())
}

/// A visit says what all open positions agree on, as a test does.
#[test]
fn a_visit_says_who_is_chosen_only_where_that_is_known() {
    let project = Project::with(&rivals("", ""));
    let (text, json) = visited(&project, &[]);
    let summary = "Not decided: it depends on the inferred fact `contest`: by lottery high about 88 %, low about 13 %; by priority high. `--assume contest=lottery` decides it.";
    assert_eq!(text.lines().last(), Some(summary), "{text}");
    assert_eq!(json["offers"][0]["shares"], json!({}));
    assert_eq!(json["offers"][0]["undecided"][0]["name"], "contest");
    let (text, json) = visited(&project, &["--assume", "contest=priority"]);
    assert!(
        text.ends_with("high is offered.\nThis assumes contest.\n"),
        "{text}"
    );
    assert_eq!(json["offers"][0]["shares"], json!({ "high": 1.0 }));
    assert_eq!(json["restsOn"], json!(["contest"]));
    let (text, _) = visited(&project, &["--assume", "contest=lottery"]);
    assert!(
        text.ends_with("One of 2 is offered, by lottery: high about 88 %, low about 13 %.\nThis assumes contest.\n"),
        "{text}"
    );
    // Where the positions agree, nothing has to be assumed.
    let alike = rivals("", "").replace("priority: 0.1", "priority: 0.9");
    let (text, _) = visited(&Project::with(&alike), &[]);
    assert!(
        text.ends_with("One of 2 is offered, by lottery: high about 88 %, low about 13 %.\n"),
        "{text}"
    );
}

/// All parts of a requirement that fail are named, and of alternatives the one that takes the fewest changes.
#[test]
fn the_nearest_change_is_all_of_it() {
    let manifests = format!(
        "{}---\napiVersion: campaignctl.dev/v1\nkind: Behavior\nmetadata: {{ name: rich }}\nspec: {{ conditions: [{{ type: 1, data: {{ x: 1 }}, means: {{ cart: {{ value: {{ atLeast: 50 }}, items: {{ atLeast: 2 }} }} }} }}] }}\n",
        rivals("", "").replace("[{ system: true }] }", "[rich] }")
    );
    let (text, json) = visited(&Project::with(&manifests), &[]);
    // Of who has signed in, a cart is not taken.
    let change = "would be offered with: a visit where `signedIn` is `false`, and `cart.total` is `50`, and `cart.numItems` is `2`";
    assert!(text.contains(change), "{text}");
    assert!(change.ends_with(json["engagements"][0]["changes"][0].as_str().unwrap()));
    let (text, json) = visited(&Project::with(&manifests), &["--signed-in", "false"]);
    let change = "would be offered with: a visit where `cart.total` is at least 50, and a visit where `cart.numItems` is at least 2";
    assert!(text.contains(change), "{text}");
    assert_eq!(
        json["engagements"][0]["changes"].as_array().unwrap().len(),
        2
    );
}

/// What else the same object asks for and the visit does not say is named behind the change: the change alone may not be enough.
#[test]
fn the_nearest_change_says_what_is_still_open() {
    let audience = "---\napiVersion: campaignctl.dev/v1\nkind: TargetAudience\nmetadata: { name: known }\nspec: { conditions: [{ type: 9, data: { x: 1 }, means: { customerType: club, platform: mobile } }] }\n";
    let manifests = rivals("", "").replace(
        "targetAudiences: [{ system: true }], weight: low",
        "targetAudiences: [known], weight: low",
    );
    let (text, _) = visited(&Project::with(&format!("{manifests}{audience}")), &[]);
    let advice =
        "may be offered with: a visit where `ctmrinfo.ctype` is `club`; then, to decide it: ";
    assert!(text.contains(advice), "{text}");
    let open = text.split(advice).nth(1).unwrap_or_default();
    assert!(open.lines().next().unwrap().contains("device"), "{text}");
}

/// The platform refuses the call of an app that names a customer who has not signed in: nothing is offered.
#[test]
fn a_customer_who_is_not_signed_in_is_refused() {
    let audience = "---\napiVersion: campaignctl.dev/v1\nkind: TargetAudience\nmetadata: { name: known }\nspec: { conditions: [{ type: 9, data: { x: 1 }, means: { customerId: c1 } }] }\n";
    let manifests = rivals("", "").replace(
        "targetAudiences: [{ system: true }], weight: low",
        "targetAudiences: [known], weight: low",
    );
    let project = Project::with(&format!("{manifests}{audience}"));
    let scenario = |signed_in: bool, then: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: {{ name: s }}\nspec:\n  app: Shop\n  given: {{ agents: available, controlGroup: outside, conversation: none, signedIn: {signed_in}, assume: {{ contest: priority }} }}\n  cases:\n    - when: {{ sections: [orders], attributes: [{{ type: ctmrinfo, info: {{ customerId: c1 }} }}] }}\n      then: {then}\n"
        )
    };
    let tested = |signed_in: bool, then: &str, code: i32| {
        project.write("scenario.yaml", &scenario(signed_in, then));
        project.run(&["test"]).expect(code).stdout
    };
    tested(true, "{ offered: high }", 0);
    let refused = tested(false, "{ offered: high }", 2);
    assert!(refused.contains("nothing is offered"), "{refused}");
    tested(false, "{ nothing: { because: { high: call } } }", 0);
    project.write("scenario.yaml", &scenario(false, "{ offered: high }"));
    let told = project.run(&["validate"]).expect(0).stdout;
    let found = told.matches("warning[customer-id-refused]").count();
    assert_eq!(found, 2, "the condition and the scenario: {told}");
    let text = project
        .run(&[
            "visit",
            "--app",
            "Shop",
            "--section",
            "orders",
            "--attribute",
            "ctmrinfo.customerId=c1",
        ])
        .expect(0)
        .stdout;
    assert!(text.contains("to decide it: give `--signed-in`"), "{text}");
}

#[test]
fn an_engagement_that_is_never_alone_is_told() {
    let told = |manifests: &str| Project::with(manifests).run(&["validate"]).expect(0).stdout;
    let both = told(&rivals("", ""));
    assert!(both.contains("whenever low could be offered, high could be, too: one of them is chosen; if the highest priority is chosen, low never is"), "{both}");
    // Once, from the side that may lose; where none may, from the first.
    assert_eq!(both.matches("competing-engagements").count(), 1, "{both}");
    let alike = told(&rivals("", "").replace("priority: 0.1", "priority: 0.9"));
    assert!(
        alike
            .contains("whenever high could be offered, low could be, too: one of them is chosen\n"),
        "{alike}"
    );
    assert_eq!(alike.matches("competing-engagements").count(), 1, "{alike}");
    // What a test expects to be chosen from is meant to compete.
    let project = Project::with(&rivals("", ""));
    project.write("scenario.yaml", "apiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: { name: s }\nspec:\n  app: Shop\n  cases:\n    - when: { sections: [orders] }\n      then: { oneOf: [high, low] }\n");
    let meant = project.run(&["validate"]).expect(0).stdout;
    assert!(!meant.contains("competing-engagements"), "{meant}");
}

/// One that is only for visitors who are at two sections at once has the engagements of both beside it.
#[test]
fn a_rival_of_one_of_two_sections_is_told_where_both_are_needed() {
    let section = |name: &str| {
        format!(
            "{{ type: section, data: {{ include: [{{ sections: [{{ name: '\"{name}\"' }}] }}], exclude: [] }} }}"
        )
    };
    let both = format!("{}, {}", section("orders"), section("help"));
    let point = |name: &str, conditions: &str| {
        format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: EntryPoint\nmetadata: {{ name: {name} }}\nspec: {{ appInstallation: Shop, conditions: [{conditions}] }}\n"
        )
    };
    let told = |of_high: &str, conditions: &str| {
        let manifests = rivals("", "");
        let (of_both, of_low) = manifests.rsplit_once("entryPoints: [orders]").unwrap();
        let of_both = of_both.replace(
            "entryPoints: [orders]",
            &format!("entryPoints: [{of_high}]"),
        );
        let manifests = format!("{of_both}entryPoints: [both]{of_low}");
        let manifests = format!(
            "{manifests}{}{}",
            point("help", &section("help")),
            point("both", &both)
        );
        let project = in_shop(&manifests);
        let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        let assumed = format!(
            "assume: {{ contest: lottery, conditions: {conditions}, section-case: exact }}\n"
        );
        project.write("campaignctl.yaml", &(file + &assumed));
        project.run(&["validate"]).expect(0).stdout
    };
    for section in ["orders", "help"] {
        let all = told(section, "all");
        assert!(
            all.contains("whenever low could be offered, high could be, too"),
            "{section}: {all}"
        );
        // Where one of the two is enough, one section is not the other.
        let any = told(section, "any");
        assert!(!any.contains("whenever low"), "{section}: {any}");
    }
}

/// Who loses visitors to a rival is told, though it did not change.
#[test]
fn a_plan_tells_who_loses_visitors_to_a_rival() {
    let impact = |assumed: &str| {
        let project = in_shop(
            &rivals("", "").replace("first, state: published", "first, state: unpublished"),
        );
        let settings = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        project.write("campaignctl.yaml", &format!("{settings}{assumed}"));
        project.run(&["apply", "--auto-approve"]).expect(0);
        project.write("manifests.yaml", &rivals("", ""));
        let plan = project
            .run(&["plan", "--impact", "--write-scenarios", "impact.yaml"])
            .expect(0)
            .stdout;
        let written = std::fs::read_to_string(project.path().join("impact.yaml")).unwrap();
        (plan, written)
    };
    let (plan, written) = impact("assume: { contest: lottery }\n");
    assert!(plan.contains("now offered        high"), "{plan}");
    assert!(
        plan.contains("other odds         low: without these rivals -> with high"),
        "{plan}"
    );
    assert!(
        written.contains("shares:") && written.contains("low: 13"),
        "{written}"
    );
    let (plan, _) = impact("assume: { contest: priority }\n");
    assert!(plan.contains("no longer offered  low"), "{plan}");
    let (plan, _) = impact("");
    assert!(plan.contains("may change         low"), "{plan}");
    assert!(
        plan.contains("it depends on the inferred fact `contest`"),
        "{plan}"
    );
}

/// Only the platform reads a payload: another one may ask for something else, whatever `means` says.
#[test]
fn a_payload_that_changes_under_the_same_meaning_may_change_who_is_offered() {
    let manifests = |payload: u8| {
        format!(
            "{}---\napiVersion: campaignctl.dev/v1\nkind: TargetAudience\nmetadata: {{ name: club }}\nspec: {{ conditions: [{{ type: 9, data: {{ x: {payload} }}, means: {{ customerType: club }} }}] }}\n",
            rivals("", "").replace(
                "targetAudiences: [{ system: true }], weight: low",
                "targetAudiences: [club], weight: low"
            )
        )
    };
    let project = in_shop(&manifests(1));
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.write("manifests.yaml", &manifests(2));
    let plan = project.run(&["plan", "--impact"]).expect(0).stdout;
    assert!(plan.contains("may change         low"), "{plan}");
}

#[test]
fn what_says_nothing_or_is_no_one_moment_is_no_test() {
    let project = Project::with(&rivals("", ""));
    let tested = |at: &str, when: &str, then: &str, code: i32| {
        project.write("scenario.yaml", &format!("apiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: {{ name: s }}\nspec:\n  app: Shop\n  at: '{at}'\n  given: {{ agents: available, controlGroup: outside, conversation: none, assume: {{ contest: priority }} }}\n  cases: [{{ when: {when}, then: {then} }}]\n"));
        project.run(&["test"]).expect(code).stdout
    };
    let at = "2026-06-01T12:00:00[Europe/Paris]";
    tested(at, "{ sections: [orders] }", "{ offered: high }", 0);
    let empty = tested(at, "{ sections: [] }", "{ nothing: {} }", 2);
    assert!(empty.contains("a visit that reports nothing"), "{empty}");
    let slip = "{ sections: [orders], attributes: [{ type: ctmrinfo, info: { ctipe: club } }] }";
    let slip = tested(at, slip, "{ notOffered: [low] }", 2);
    assert!(
        slip.contains("`ctipe` is not a known key of `ctmrinfo`"),
        "{slip}"
    );
    for (at, why) in [
        ("2026-03-29T02:30:00[Europe/Paris]", "skip"),
        ("2026-10-25T02:30:00[Europe/Paris]", "twice"),
    ] {
        let told = tested(at, "{ sections: [orders] }", "{ offered: high }", 2);
        assert!(told.contains(why), "{told}");
        project
            .run(&["visit", "--app", "Shop", "--at", at])
            .expect(3);
    }
    tested(
        "2026-10-25T02:30:00+01:00[Europe/Paris]",
        "{ sections: [orders] }",
        "{ offered: high }",
        0,
    );
}

/// Rules about every visit look at visits, too.
#[test]
fn a_rule_about_every_visit_counts_for_coverage() {
    let project = Project::with(&rivals("", ""));
    project.write("scenario.yaml", "apiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: { name: s }\nspec:\n  app: Shop\n  at: '2026-06-01T12:00:00[Europe/Paris]'\n  given: { agents: available, controlGroup: outside, conversation: none, assume: { contest: lottery, section-case: exact } }\n  always: [{ if: { sections: [orders] }, then: { oneOf: [high, low] } }]\n  never: [{ offered: high, unless: { sections: [orders] } }]\n");
    let ran = project.run(&["test", "--coverage"]).expect(0).stdout;
    assert!(ran.contains("engagements offered       2 of 2"), "{ran}");
    assert!(
        ran.contains("engagements withheld      1 of 2")
            || ran.contains("engagements withheld      2 of 2"),
        "{ran}"
    );
}

#[test]
fn the_end_of_a_session_can_be_asserted_to_be_open() {
    let project = Project::with(&rivals("", ""));
    project.write("scenario.yaml", "apiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: { name: s }\nspec:\n  app: Shop\n  at: '2026-06-01T12:00:00[Europe/Paris]'\n  given: { agents: available, controlGroup: outside, conversation: none, assume: { contest: priority, closed-in-app: not-again } }\n  cases:\n    - journey:\n        - when: { sections: [orders] }\n        - closes: [high]\n        - after: 30m\n          when: { sections: [orders] }\n          then: { undecided: [session-end] }\n");
    project.run(&["test"]).expect(0);
}
