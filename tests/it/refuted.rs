//! `prove` where the case itself is wrong: one draw proves nothing that the manifests refute, and why nothing is offered is
//! compared with what the platform says of the visit.

use std::collections::BTreeSet;

use campaignctl::sandbox::{SandboxSettings, ServedCondition};
use serde_json::{Value, json};

use crate::left::LeftProject;
use crate::support::{Project, Run};

/// Two engagements that are drawn by lottery at `orders`; the second one needs a club member.
const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: orders }
spec: { appInstallation: Shop, conditions: [{ type: section, data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] } }] }
---
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: club }
spec: { conditions: [{ type: 9, data: { x: 1 }, means: { customerType: club } }] }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: one }
spec: { state: published, goal: { system: true }, targetAudiences: [{ system: true }], weight: low }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: two }
spec: { state: published, goal: { system: true }, targetAudiences: [club], weight: low }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: a }
spec: { campaign: one, type: app, channel: web, appInstallation: Shop, language: en-US, entryPoints: [orders], behaviors: [{ system: true }], allowUnauthenticated: true, enabled: true }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: b }
spec: { campaign: two, type: app, channel: web, appInstallation: Shop, language: en-US, entryPoints: [orders], behaviors: [{ system: true }], allowUnauthenticated: true, enabled: true }
";

/// How a platform draws and answers.
fn drawing(seed: u32, switches: &[&str], audience: Option<bool>) -> SandboxSettings {
    let mut settings = SandboxSettings::default();
    settings.set(&format!("seed={seed}")).unwrap();
    for switch in switches {
        settings.set(switch).unwrap();
    }
    let means = json!({ "customerType": "club" });
    let means = Some(&means).filter(|_| audience.is_none());
    let condition = ServedCondition::read(("TargetAudience", 9, None), means, audience);
    settings.conditions.push(condition.unwrap());
    settings
}

/// A project whose manifests are applied.
fn applied(manifests: &str) -> LeftProject {
    LeftProject::by(SandboxSettings::default(), |project| {
        project.move_into_shop(manifests);
        project.apply();
    })
}

fn scenario(project: &Project, sections: &str, then: &str) {
    let text = format!(
        "apiVersion: campaignctl.dev/v1
kind: Scenario
metadata: {{ name: care }}
spec:
  app: Shop
  given: {{ agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: {{ undeclared: unrestricted, alternatives: any, availability: as-named, conditions: all, section-case: exact, contest: lottery, new-session: starts-empty }} }}
  cases:
    - name: a member
      when:
        sections: [{sections}]
        attributes: [{{ type: ctmrinfo, info: {{ ctype: club }} }}]
      then: {then}
"
    );
    project.write("scenarios.yaml", &text);
}

fn prove(project: &Project) -> Run {
    project.run(&[
        "prove", "--rate", "100000", "--settle", "0s", "--format", "json",
    ])
}

/// The checks of the only case: verdict, reason, and what is told.
fn checks(ran: &Value) -> Vec<(String, Value, String)> {
    let checks = ran["cases"][0]["checks"].as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    checks
        .map(|it| {
            (
                text(&it["verdict"]),
                it["platform"].clone(),
                text(&it["instead"]),
            )
        })
        .collect()
}

#[test]
fn what_the_manifests_refute_is_never_proved_by_one_draw() {
    let left = applied(MANIFESTS);
    for then in [
        "{ offered: b }",
        "{ notOffered: [a] }",
        "{ oneOf: [b] }",
        "{ offered: a }",
        "{ notOffered: [b] }",
    ] {
        let mut seen = BTreeSet::new();
        for seed in 0..8 {
            let project = left.copy_with(drawing(seed, &[], None));
            scenario(&project, "orders", then);
            project.run(&["test"]).expect(2);
            let ran = prove(&project).expect(2).json();
            for (verdict, _, why) in checks(&ran) {
                assert_eq!(verdict, "failed", "{then}: {ran:#}");
                assert!(why.contains("the case says otherwise"), "{then}: {why}");
                assert!(!why.contains("explain"), "{then}: {why}");
                seen.insert(why.contains("this answer holds"));
            }
            if seen.len() == 2 {
                break;
            }
        }
        assert_eq!(seen.len(), 2, "{then}: both draws come up: {seen:?}");
    }
    // What holds of either draw is proved.
    let project = left.copy_with(drawing(1, &[], None));
    scenario(&project, "orders", "{ oneOf: [a, b] }");
    prove(&project).expect(0);
}

/// Who is in the control group of one campaign is offered what is behind it: the case is right, and this visit cannot show it.
#[test]
fn a_control_group_of_one_campaign_fails_nothing_that_is_right_outside() {
    let manifests = MANIFESTS.replace(
        "targetAudiences: [club], weight: low",
        "targetAudiences: [club], weight: low, priority: 0.9, controlGroup: 50%",
    );
    assert_ne!(manifests, MANIFESTS);
    let left = applied(&manifests);
    for then in [
        "{ offered: b }",
        "{ notOffered: [a] }",
        "{ eligible: [b] }",
        "{ mayBeOffered: [b] }",
        "{ oneOf: [b] }",
    ] {
        let mut seen = BTreeSet::new();
        for seed in 0..16 {
            let project = left.copy_with(drawing(seed, &["contest=priority"], None));
            scenario(&project, "orders", then);
            let path = project.path().join("scenarios.yaml");
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("contest: lottery", "contest: priority");
            project.write("scenarios.yaml", &text);
            project.run(&["test"]).expect(0);
            let ran = prove(&project).json();
            for (verdict, reason, why) in checks(&ran) {
                if verdict != "passed" {
                    assert_eq!(verdict, "undecided", "{then}: {why}");
                    assert_eq!(reason, "control-group", "{then}: {why}");
                }
                seen.insert(verdict);
            }
            if seen.len() == 2 {
                break;
            }
        }
        assert_eq!(seen.len(), 2, "{then}: both draws come up: {seen:?}");
    }
}

/// One draw says nothing of the other one that may be drawn: that is no failure.
#[test]
fn a_draw_fails_nothing_that_holds_of_either() {
    let left = applied(MANIFESTS);
    for then in ["{ eligible: [a, b] }", "{ mayBeOffered: [a, b] }"] {
        let mut seen = BTreeSet::new();
        for seed in 0..8 {
            let project = left.copy_with(drawing(seed, &[], None));
            scenario(&project, "orders", then);
            project.run(&["test"]).expect(0);
            let found = checks(&prove(&project).expect(2).json());
            let verdicts: Vec<&str> = found.iter().map(|(verdict, ..)| verdict.as_str()).collect();
            seen.insert(verdicts.join(" "));
            if seen.len() == 2 {
                break;
            }
        }
        let all: Vec<String> = seen.into_iter().collect();
        assert_eq!(all, ["passed undecided", "undecided passed"], "{then}");
    }
}

#[test]
fn why_nothing_is_offered_is_compared_with_what_the_platform_says() {
    let alone = MANIFESTS
        .replace("[{ system: true }], weight", "[club], weight")
        .split("---\n")
        .filter(|it| !it.contains("name: two ") && !it.contains("name: b "))
        .collect::<Vec<_>>()
        .join("---\n");
    // The case blames the section, which the platform matches in any case; it is the audience that keeps the engagement off.
    let left = applied(&alone);
    let told = |switches: &[&str], audience, sections: &str, then: &str, code| {
        let project = left.copy_with(drawing(1, switches, audience));
        scenario(&project, sections, then);
        prove(&project).expect(code).json()
    };
    let blames = "{ nothing: { because: { a: entryPoints } } }";
    let ran = told(&["section-case=ignored"], Some(false), "ORDERS", blames, 2);
    let found = checks(&ran);
    assert!(
        found.iter().any(|(verdict, _, why)| verdict == "failed"
            && why.contains("orders is active for the visitor")),
        "{ran:#}"
    );
    // Where the platform says the same, the case holds.
    told(&[], None, "ORDERS", blames, 0);
}

/// That one engagement is offered and nothing else is refuted by an answer with another, whoever is drawn.
#[test]
fn an_answer_that_no_right_case_can_have_fails_the_case() {
    let manifests = MANIFESTS
        .replace(", means: { customerType: club }", "")
        .replace("[{ system: true }], weight", "[first], weight")
        .replace("[club], weight", "[{ system: true }], weight")
        .replace("[first], weight", "[club], weight");
    let left = applied(&manifests);
    for then in ["{ offered: b }", "{ notOffered: [a] }", "{ oneOf: [b] }"] {
        let mut seen = BTreeSet::new();
        for seed in 0..8 {
            let project = left.copy_with(drawing(seed, &[], Some(true)));
            scenario(&project, "orders", then);
            let ran = prove(&project).json();
            for (verdict, _, why) in checks(&ran) {
                assert_ne!(verdict, "undecided", "{then}: {why}");
                seen.insert(verdict);
            }
            if seen.len() == 2 {
                break;
            }
        }
        assert_eq!(seen.len(), 2, "{then}: both draws come up: {seen:?}");
    }
}

/// Where the priority decides, one that is ahead is left out by no draw: only whether agents are there is not for the manifests to say.
#[test]
fn one_that_is_ahead_is_left_out_by_no_draw() {
    let manifests = |availability: &str| {
        let ahead = MANIFESTS
            .replace(", means: { customerType: club }", "")
            .replace(
                "targetAudiences: [club], weight: low",
                "targetAudiences: [club], weight: low, priority: 0.9",
            );
        ahead.replace("enabled: true", &format!("enabled: true{availability}"))
    };
    for (availability, expected) in [(", availability: always", "failed"), ("", "undecided")] {
        let left = applied(&manifests(availability));
        for then in ["{ mayBeOffered: [b] }", "{ eligible: [b] }"] {
            let project = left.copy_with(drawing(1, &["contest=priority"], Some(false)));
            scenario(&project, "orders", then);
            let path = project.path().join("scenarios.yaml");
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace("contest: lottery", "contest: priority");
            project.write("scenarios.yaml", &text);
            let found = checks(&prove(&project).expect(2).json());
            let (verdict, _, why) = &found[0];
            assert_eq!(verdict, expected, "{then} {availability}: {why}");
        }
    }
}

/// No draw admits a visitor to what its own conditions keep them from: the control group of another campaign excuses nothing.
#[test]
fn a_control_group_excuses_nothing_that_conditions_forbid() {
    let manifests = MANIFESTS.replace(
        "targetAudiences: [club], weight: low",
        "targetAudiences: [club], weight: low, priority: 0.9, controlGroup: 50%",
    );
    let left = applied(&manifests);
    for seed in 0..6 {
        let switches = ["contest=priority", "section-case=ignored"];
        let project = left.copy_with(drawing(seed, &switches, None));
        let then = "{ nothing: { because: { b: entryPoints } } }";
        scenario(&project, "ORDERS", then);
        project.run(&["test"]).expect(0);
        let found = checks(&prove(&project).expect(2).json());
        let (verdict, _, why) = &found[0];
        assert_eq!(verdict, "failed", "{seed}: {why}");
    }
}

/// What is never offered is offered by no other draw: why it is not is wrong whatever was drawn.
#[test]
fn a_wrong_reason_is_no_lucky_draw() {
    let project = applied(MANIFESTS).copy_with(drawing(1, &[], None));
    scenario(
        &project,
        "ORDERS",
        "{ nothing: { because: { a: entryPoints, b: audiences } } }",
    );
    project.run(&["test"]).expect(2);
    let found = checks(&prove(&project).expect(2).json());
    let failed = found.iter().any(|(verdict, ..)| verdict == "failed");
    assert!(failed, "{found:?}");
}
