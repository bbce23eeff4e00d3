//! `prove`: scenarios asked of the platform, and its reasons told.

use campaignctl::sandbox::{Condition, Settings};
use serde_json::{Value, json};

use crate::support::{Account, Project, Run};

const APP: &str = "0b0f7c1e-52b6-4a6c-9a8e-6d0b1c7c2f11";

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: orders }
spec: { conditions: [{ type: section, data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] } }] }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: basket }
spec: { conditions: [{ type: 3, data: { x: 1 }, means: { section: { is: basket } } }] }
---
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: club }
spec: { conditions: [{ type: 9, data: { x: 1 }, means: { customerType: club } }] }
---
apiVersion: campaignctl.dev/v1
kind: Behavior
metadata: { name: declined }
spec: { conditions: [{ type: 13, data: { x: 1 }, means: { visitorError: { code: declined } } }] }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: care }
spec: { state: published, goal: { system: true }, targetAudiences: [club], weight: low }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: help }
spec: { campaign: care, type: app, channel: web, appInstallation: Shop, language: en-US, entryPoints: [orders, basket], behaviors: [declined], allowUnauthenticated: true, enabled: true }
";

const SCENARIO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Scenario
metadata: { name: care }
spec:
  app: Shop
  given: { agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: { section-case: exact, contest: lottery, new-session: starts-empty } }
  cases:
    - name: a member with a declined card
      when:
        sections: [SECTION]
        attributes: [{ type: ctmrinfo, info: { ctype: club } }, { type: error, error: { code: declined } }]
      then: THEN
";

/// What the sandbox is set to, and what conditions mean there: by number, whether they hold.
struct Setup<'a> {
    switches: &'a [&'a str],
    fails: Option<(&'a str, i64)>,
    section: &'a str,
    then: &'a str,
}

const USUAL: Setup<'_> = Setup {
    switches: &[],
    fails: None,
    section: "orders",
    then: "{ offered: help }",
};

impl Setup<'_> {
    fn project(&self) -> Project {
        let mut settings = Settings::default();
        for switch in self.switches {
            settings.set(switch).unwrap();
        }
        for (kind, number, means) in [
            ("EntryPoint", 3, json!({ "section": { "is": "basket" } })),
            ("TargetAudience", 9, json!({ "customerType": "club" })),
            (
                "Behavior",
                13,
                json!({ "visitorError": { "code": "declined" } }),
            ),
        ] {
            let fails = self.fails == Some((kind, number));
            let means = Some(&means).filter(|_| !fails);
            let condition = Condition::read((kind, number, None), means, fails.then_some(false));
            settings.conditions.push(condition.unwrap());
        }
        let account = Account::with(settings);
        account.seed(&json!({ "app-installations": [{ "id": APP, "client_name": "Shop", "enabled": true }] }));
        let project = Project::on(account);
        project.write("manifests.yaml", MANIFESTS);
        self.write(&project);
        project
    }

    fn write(&self, project: &Project) {
        let scenario = SCENARIO
            .replace("SECTION", self.section)
            .replace("THEN", self.then);
        project.write("scenarios.yaml", &scenario);
    }
}

fn prove(project: &Project, more: &[&str]) -> Run {
    let arguments = ["prove", "--rate", "100000"];
    project.run(&[&arguments, more].concat())
}

/// The only case, as data; each case opens one session, and nothing counts in the reports of a brand.
#[track_caller]
fn proven(project: &Project, more: &[&str], code: i32) -> (Value, Value) {
    project.account.handle().forget_statistics();
    let document = prove(project, &[&["--format", "json"], more].concat())
        .expect(code)
        .json();
    let statistics = project.account.handle().statistics();
    let cases = u64::try_from(document["cases"].as_array().unwrap().len()).unwrap();
    assert_eq!(
        (statistics.sessions, document["sessions"].as_u64()),
        (cases, Some(cases))
    );
    assert_eq!(statistics.counted.len(), 0, "{statistics:?}");
    assert_eq!(statistics.writes, 0, "{statistics:?}");
    let check = &document["cases"][0]["checks"][0];
    (check["platform"].clone(), check["verdict"].clone())
}

const OLD: &[&str] = &["--settle", "0s"];

#[test]
fn a_case_is_proved_and_the_others_say_why_not() {
    let project = USUAL.project();
    project.apply();
    assert_eq!(proven(&project, &[], 0), (Value::Null, json!("passed")));
    let more = "\
---
apiVersion: campaignctl.dev/v1
kind: Scenario
metadata: { name: others }
spec:
  app: Shop
  at: 2026-06-01T12:00:00[UTC]
  given: { agents: available }
  cases:
    - journey: [{ when: { sections: [orders] } }, { when: { sections: [orders] }, then: { offered: help } }]
    - { name: abroad, when: { sections: [orders], geo: { country: France } }, then: { nothing: {} } }
    - name: a service
      when: { sections: [orders], attributes: [{ type: service, service: { status: 1 } }] }
      then: { nothing: {} }
  never: [{ offered: help, unless: { sections: [orders] } }]
";
    let scenario = SCENARIO
        .replace("SECTION", "orders")
        .replace("THEN", "{ offered: help }");
    project.write("scenarios.yaml", &format!("{scenario}{more}"));
    let shown = prove(&project, &[]).expect(0).stdout;
    assert!(
        shown.starts_with("Proof on test, account 10000001: 1 session.\n"),
        "{shown}"
    );
    for line in [
        "not asked  others, case 1: a journey takes its time",
        "not asked  others, abroad: a call cannot say `geo`",
        "not asked  others, a service: `service` counts in the brand's reports; `--send-counted` sends it",
        "not asked  others, never 1: a rule about every visit is no single call",
        "Tests: 1 passed, 0 failed, 0 undecided in 1 scenario.",
    ] {
        assert!(shown.lines().any(|it| it == line), "{line}\n{shown}");
    }
    for format in ["junit", "markdown", "github"] {
        prove(&project, &["--format", format]).expect(0);
    }
    let none = prove(&project, &["--select", "others"]).expect(3).stderr;
    assert!(
        none.contains("no case can be asked; others, case 1: a journey takes its time (3 more)"),
        "{none}"
    );
    project.write(
        "scenarios.yaml",
        &SCENARIO
            .replace("SECTION", "orderz")
            .replace("THEN", "{ offered: help }"),
    );
    let flawed = prove(&project, &[]).expect(2).stdout;
    assert!(
        flawed.contains("no entry point mentions the section `orderz`"),
        "{flawed}"
    );
}

/// Every reason of the platform, provoked and told.
#[test]
fn each_reason_has_a_verdict_of_its_own() {
    for (switches, fails, section, more, platform, verdict) in [
        (
            &["account-control-group=100"][..],
            None,
            "orders",
            &[][..],
            "control-group",
            "undecided",
        ),
        (
            &[],
            Some(("TargetAudience", 9)),
            "orders",
            &[],
            "audience-not-active",
            "failed",
        ),
        (
            &[],
            Some(("Behavior", 13)),
            "orders",
            &[],
            "behavior-not-active",
            "failed",
        ),
        (
            &[],
            Some(("EntryPoint", 3)),
            "basket",
            &[],
            "entry-point-not-active",
            "failed",
        ),
        (&["agents=none"], None, "orders", OLD, "agents", "undecided"),
    ] {
        let project = Setup {
            switches,
            fails,
            section,
            ..USUAL
        }
        .project();
        project.apply();
        let found = proven(&project, more, 2);
        assert_eq!(found, (json!(platform), json!(verdict)));
        if verdict == "undecided" {
            prove(&project, &[&["--allow-undecided"], more].concat()).expect(0);
        }
    }
}

#[test]
fn a_lottery_is_told_from_a_mistake() {
    let project = USUAL.project();
    project.apply();
    let account = &project.account;
    let campaign = json!({ "name": "other", "status": 1, "timeZone": "UTC", "weight": 1000.0 });
    let campaign = account.post("le-campaigns/campaigns?v=3.4", &campaign)["id"].clone();
    let path = format!("le-campaigns/campaigns/{campaign}/engagements?v=3.4");
    let engagement =
        json!({ "name": "rival", "enabled": true, "source": 12, "appInstallationId": APP });
    let engagement = account.post(&path, &engagement)["id"].clone();
    account.edit(
        &format!("le-campaigns/campaigns/{campaign}?v=3.4"),
        |body| body["engagementIds"] = json!([engagement]),
    );
    assert_eq!(
        proven(&project, &[], 2),
        (json!("lottery"), json!("undecided"))
    );
}

#[test]
fn an_open_conversation_is_told() {
    let project = USUAL.project();
    project.apply();
    let body = json!({ "conversations": [{ "sub": "*", "conversationId": "c" }] });
    control(&project, &body);
    assert_eq!(
        proven(&project, &[], 2),
        (json!("open-conversation"), json!("undecided"))
    );
}

fn control(project: &Project, body: &Value) {
    let url = format!("{}/_sandbox/monitoring", project.account.base_url());
    let client = reqwest::Client::new();
    let request = client.post(url).bearer_auth("sandbox").json(body);
    let status = project
        .account
        .block_on(async { request.send().await.unwrap().status() });
    assert!(status.is_success());
}

/// The sandbox serves what it read an hour ago.
#[test]
fn what_is_not_served_yet_is_told() {
    let setup = Setup {
        switches: &["monitoring-cache=1h"],
        ..USUAL
    };
    let project = setup.project();
    let manifests = |language: &str| MANIFESTS.replace("en-US", language);
    // The platform has loaded the account before there is anything on it.
    project.write(
        "scenarios.yaml",
        &SCENARIO
            .replace("SECTION", "orders")
            .replace("THEN", "{ nothing: {} }"),
    );
    prove(&project, &[]);
    setup.write(&project);
    project.apply();
    assert_eq!(
        proven(&project, &[], 2),
        (json!("not-propagated"), json!("undecided"))
    );
    control(&project, &json!({ "advance": "61m" }));
    assert_eq!(proven(&project, &[], 0).1, "passed");

    project.write("manifests.yaml", &manifests("fr-FR"));
    Setup {
        then: "{ language: fr-FR }",
        ..USUAL
    }
    .write(&project);
    project.apply();
    assert_eq!(
        proven(&project, OLD, 2),
        (json!("old-revision"), json!("undecided"))
    );
    control(&project, &json!({ "advance": "61m" }));
    assert_eq!(proven(&project, OLD, 0).1, "passed");
}

#[test]
fn a_contradiction_names_the_inferred_fact_that_would_explain_it() {
    let setup = Setup {
        switches: &["section-case=ignored"],
        section: "Orders",
        then: "{ nothing: {} }",
        ..USUAL
    };
    let project = setup.project();
    project.apply();
    let shown = prove(&project, OLD).expect(2).stdout;
    assert!(
        shown.contains("help is offered, and the manifests say otherwise"),
        "{shown}"
    );
    assert!(
        shown.contains("`section-case: ignored` would explain it"),
        "{shown}"
    );
}

#[test]
fn an_apply_can_be_proved_at_once() {
    let project = Setup {
        fails: Some(("Behavior", 13)),
        ..USUAL
    }
    .project();
    let shown = project
        .run(&["apply", "--auto-approve", "--prove"])
        .expect(2)
        .stdout;
    assert!(
        shown.contains("Proof on test, account 10000001: 1 session."),
        "{shown}"
    );
    assert!(shown.contains("behavior-not-active"), "{shown}");
    let project = USUAL.project();
    project
        .run(&["apply", "--auto-approve", "--prove"])
        .expect(0);
}
