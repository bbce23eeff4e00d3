//! `prove`: scenarios asked of the platform, and its reasons told.

use campaignctl::sandbox::{SandboxSettings, ServedCondition};
use serde_json::{Value, json};

use crate::support::{Project, Run, SHOP};

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: orders }
spec: { appInstallation: Shop, conditions: [{ type: section, data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] } }] }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: basket }
spec: { appInstallation: Shop, conditions: [{ type: 3, data: { x: 1 }, means: { section: { is: basket } } }] }
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
  given: { agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: { alternatives: any, availability: as-named, conditions: all, section-case: exact, contest: lottery, new-session: starts-empty } }
  cases:
    - name: a member with a declined card
      when:
        sections: [SECTION]
        attributes: [{ type: ctmrinfo, info: { ctype: club } }, { type: error, error: { code: declined } }]
      then: THEN
";

/// What the sandbox is set to, and what conditions mean there: by number, whether they hold.
pub(crate) struct Setup<'a> {
    pub(crate) switches: &'a [&'a str],
    pub(crate) fails: Option<(&'a str, i64)>,
    pub(crate) section: &'a str,
    pub(crate) then: &'a str,
}

pub(crate) const USUAL: Setup<'_> = Setup {
    switches: &[],
    fails: None,
    section: "orders",
    then: "{ offered: help }",
};

impl Setup<'_> {
    pub(crate) fn project(&self) -> Project {
        let mut settings = SandboxSettings::default();
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
            let condition =
                ServedCondition::read((kind, number, None), means, fails.then_some(false));
            settings.conditions.push(condition.unwrap());
        }
        let project = Project::in_shop(settings, MANIFESTS);
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

/// The sandbox knows of conditions what the project file explains, and says so where it decides otherwise.
#[test]
fn a_condition_that_the_sandbox_does_not_know_is_told_with_where_to_explain_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let project = "project: shop\nenvironments:\n  sandbox:\n    seed: seed\n";
    let installed = json!([{ "id": SHOP, "client_name": "Shop", "enabled": true }]);
    write("campaignctl.yaml", project);
    write("seed/app-installations.json", &installed.to_string());
    write("manifests.yaml", MANIFESTS);
    let scenario = SCENARIO.replace("SECTION", "orders");
    write(
        "scenarios.yaml",
        &scenario.replace("THEN", "{ offered: help }"),
    );
    crate::program::run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    let told = "`environments.sandbox.conditions`";
    let failed = crate::program::run(folder.path(), &["prove"]).expect(2);
    assert!(failed.stdout.contains("not-active"), "{}", failed.stdout);
    assert!(failed.stderr.contains(told), "{}", failed.stderr);
    let conditions = "
    conditions:
      - { kind: TargetAudience, type: 9, means: { customerType: club } }
      - { kind: Behavior, type: 13, means: { visitorError: { code: declined } } }
";
    write("campaignctl.yaml", &format!("{project}{conditions}"));
    let proved = crate::program::run(folder.path(), &["prove"]).expect(0);
    assert!(!proved.stderr.contains(told), "{}", proved.stderr);
}

/// Only where the case itself leaves open whether agents are available, they may be the reason.
#[test]
fn agents_are_a_reason_where_the_case_does_not_say_that_they_are_there() {
    let project = Setup {
        switches: &["agents=none"],
        ..USUAL
    }
    .project();
    // One entry point alone: nothing depends on what several of them mean.
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("[orders, basket]", "[orders]"),
    );
    project.apply();
    assert_eq!(
        proven(&project, OLD, 2),
        (json!("not-explained"), json!("failed"))
    );
    let shown = prove(&project, &[OLD, &["--allow-undecided"]].concat())
        .expect(2)
        .stdout;
    assert!(
        shown.contains("nothing is offered, and the platform does not say why; perhaps no agent of the skill is available"),
        "{shown}"
    );
    let scenario = SCENARIO
        .replace("agents: available, ", "")
        .replace("SECTION", "orders")
        .replace("THEN", "{ offered: help }");
    project.write("scenarios.yaml", &scenario);
    assert_eq!(
        proven(&project, OLD, 2),
        (json!("agents"), json!("undecided"))
    );
    prove(&project, &[OLD, &["--allow-undecided"]].concat()).expect(0);
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
        json!({ "name": "rival", "enabled": true, "source": 12, "appInstallationId": SHOP });
    let engagement = account.post(&path, &engagement)["id"].clone();
    account.edit(
        &format!("le-campaigns/campaigns/{campaign}?v=3.4"),
        |body| body["engagementIds"] = json!([engagement]),
    );
    assert_eq!(
        proven(&project, &[], 2),
        (json!("lottery"), json!("undecided"))
    );
    // What the manifests refute is proved by no draw of something that they do not describe.
    for then in ["{ notOffered: [help] }", "{ nothing: {} }"] {
        Setup { then, ..USUAL }.write(&project);
        project.run(&["test"]).expect(2);
        for more in [&[][..], OLD] {
            let arguments = [&["--allow-undecided"], more].concat();
            assert_eq!(proven(&project, &arguments, 2).1, "failed", "{then}");
        }
    }
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
    let client = crate::support::client();
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
        then: "{ nothing: { because: { help: entryPoints } } }",
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

/// What is assumed of fields of which nothing is documented is proved, or shown to be wrong.
#[test]
fn a_field_of_which_nothing_is_documented_is_proved_to_have_a_say() {
    for (position, code) in [("no-say", 0), ("may-exclude", 2)] {
        for (part, field) in [
            ("type: app", "timeInQueue: 30"),
            ("weight: low", "operationHours: 3"),
        ] {
            let switch = format!("undocumented-fields={position}");
            let setup = Setup {
                switches: &[&switch],
                ..USUAL
            };
            let project = setup.project();
            let manifests = MANIFESTS.replacen(part, &format!("{part}, {field}"), 1);
            project.write("manifests.yaml", &manifests);
            let assumed = SCENARIO
                .replace("SECTION", "orders")
                .replace("THEN", "{ offered: help }")
                .replace(
                    "conditions: all",
                    "conditions: all, undocumented-fields: no-say",
                );
            project.write("scenarios.yaml", &assumed);
            project.apply();
            let shown = prove(&project, OLD).expect(code).stdout;
            let is_explained = shown.contains("`undocumented-fields: may-exclude`");
            assert_eq!(is_explained, code == 2, "{shown}");
        }
    }
}

/// That nothing is offered proves nothing where nothing was applied.
#[test]
fn what_was_not_applied_proves_nothing() {
    for then in [
        "{ nothing: {} }",
        "{ notOffered: [help] }",
        "{ nothing: { because: { help: behaviors } } }",
    ] {
        let setup = Setup { then, ..USUAL };
        let project = setup.project();
        let scenario = SCENARIO
            .replace("SECTION", "orders")
            .replace("THEN", then)
            .replace(", { type: error, error: { code: declined } }", "");
        project.write("scenarios.yaml", &scenario);
        let shown = prove(&project, OLD).expect(2).stdout;
        assert!(shown.contains("not-propagated"), "{then}: {shown}");
        project.apply();
        prove(&project, OLD).expect(0);
    }
    // Nor that another one is offered, of what is not on the account.
    let project = USUAL.project();
    project.apply();
    let late = "metadata: { name: help }\nspec: { campaign: care, type: app";
    let (before, engagement) = MANIFESTS.split_once(late).unwrap();
    let late = format!(
        "{before}{late}{engagement}---\napiVersion: campaignctl.dev/v1\nkind: Engagement\n{}{}",
        late.replace("help", "late"),
        engagement.replace("[orders, basket]", "[basket]")
    );
    project.write("manifests.yaml", &late);
    for then in [
        "{ notOffered: [late] }",
        "{ notOffered: [late], offered: help }",
    ] {
        Setup { then, ..USUAL }.write(&project);
        let shown = prove(&project, OLD).expect(2).stdout;
        let told = "help is offered, and the ledger knows no late: nothing was applied that this could prove";
        assert!(shown.contains(told), "{then}: {shown}");
    }
    project.apply();
    prove(&project, OLD).expect(0);
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

/// Where the one engagement of the account is.
fn engagement_path(project: &Project) -> String {
    let account = &project.account;
    let campaigns = account.get("le-campaigns/campaigns?v=3.4");
    let campaigns = campaigns.as_array().unwrap().iter();
    let campaign = campaigns.clone().find(|it| it["name"] == "care").unwrap()["id"].clone();
    let list = format!("le-campaigns/campaigns/{campaign}/engagements?v=3.4");
    let id = account.get(&list)[0]["id"].clone();
    format!("le-campaigns/campaigns/{campaign}/engagements/{id}?v=3.4")
}

/// It, changed by hand.
fn by_hand(project: &Project, change: impl Fn(&mut Value)) {
    project
        .account
        .edit(&engagement_path(project), |body| change(body));
}

/// A wrong skill, language, window or revision fails a case that is offered what it expects.
#[test]
fn what_is_offered_leads_where_the_manifests_say() {
    let project = USUAL.project();
    let account = &project.account;
    account.seed(
        &json!({ "skills": [{ "id": 11, "name": "Orders" }, { "id": 12, "name": "Returns" }] }),
    );
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("language: en-US,", "language: en-US, skill: Orders,"),
    );
    project.apply();
    assert_eq!(proven(&project, OLD, 0).1, "passed");
    let routed = Setup {
        then: "{ skill: Orders }",
        ..USUAL
    };
    routed.write(&project);
    assert_eq!(proven(&project, OLD, 0).1, "passed");
    by_hand(&project, |body| {
        body["skillId"] = json!(12);
        body["skillName"] = json!("Returns");
    });
    assert_eq!(
        proven(&project, OLD, 2),
        (json!("other-skill"), json!("failed"))
    );
    USUAL.write(&project);
    let shown = prove(&project, OLD).expect(2).stdout;
    assert!(
        shown.contains(
            "help is offered, and the platform says skill Returns: the manifest says Orders"
        ),
        "{shown}"
    );
    // A moment after an apply, what a colleague has changed is no change that the platform does not serve yet.
    let fresh = prove(&project, &["--format", "json"]).expect(2).json();
    let check = &fresh["cases"][0]["checks"][1];
    assert_eq!(check["platform"], "account-differs");
    let told = "help is offered: on the account, `skill` of Engagement/help is Returns, and Orders in its manifest";
    assert_eq!(check["instead"], told);
    // A case that is wrong by the manifests is right by that alone: it is no lottery that says so.
    let wrong = Setup {
        then: "{ skill: Returns }",
        ..USUAL
    };
    wrong.write(&project);
    assert_eq!(
        proven(&project, OLD, 2),
        (json!("other-skill"), json!("failed"))
    );
    assert_eq!(
        proven(&project, &["--allow-undecided"], 2),
        (json!("account-differs"), json!("failed"))
    );
    USUAL.write(&project);
    by_hand(&project, |body| {
        body["skillId"] = json!(11);
        body["skillName"] = json!("Orders");
        body["language"] = json!("fr-FR");
    });
    let shown = prove(&project, OLD).expect(2).stdout;
    assert!(
        shown.contains("the platform says language fr-FR"),
        "{shown}"
    );
}

/// A condition that was applied a moment ago and is served as it was before is no condition that the platform decides otherwise.
#[test]
fn a_condition_that_is_not_served_yet_fails_nothing() {
    let project = Setup {
        switches: &["monitoring-cache=1h"],
        ..USUAL
    }
    .project();
    project.apply();
    assert_eq!(proven(&project, OLD, 0).1, "passed");
    let section = |text: &str| text.replace("\"orders\"", "\"orderz\"");
    project.write("manifests.yaml", &section(MANIFESTS));
    let moved = Setup {
        section: "orderz",
        ..USUAL
    };
    moved.write(&project);
    let run = ["apply", "--auto-approve", "--prove", "--format", "json"];
    let applied = project.run(&run).expect(2).json();
    let check = &applied["proof"]["cases"][0]["checks"][0];
    assert_eq!(check["platform"], "not-propagated", "{applied:#}");
    let why = check["instead"].as_str().unwrap();
    assert!(why.contains("what is served is of revision "), "{why}");
    prove(&project, &["--allow-undecided"]).expect(0);
    assert_eq!(
        proven(&project, OLD, 2),
        (json!("entry-point-not-active"), json!("failed"))
    );
    // Also where the case does not name the engagement.
    let off = "---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: closed }
spec: { campaign: care, type: app, channel: web, appInstallation: Shop, language: en-US, entryPoints: [basket], allowUnauthenticated: true, enabled: false }
";
    project.write("manifests.yaml", &(section(MANIFESTS) + off));
    project.apply();
    let other = Setup {
        then: "{ notOffered: [closed] }",
        ..moved
    };
    other.write(&project);
    project.run(&["test"]).expect(0);
    let shown = prove(&project, &["--allow-undecided"]).expect(0).stdout;
    assert!(shown.contains("not-propagated"), "{shown}");
}

/// What is served of an older revision proves nothing of the newer one, also where the case asserts nothing that changed.
#[test]
fn an_old_revision_is_told_where_all_that_is_asserted_holds() {
    let project = Setup {
        switches: &["monitoring-cache=1h"],
        ..USUAL
    }
    .project();
    project.apply();
    assert_eq!(proven(&project, OLD, 0).1, "passed");
    project.write("manifests.yaml", &MANIFESTS.replace("en-US", "fr-FR"));
    project.apply();
    let document = prove(&project, &[&["--format", "json"], OLD].concat())
        .expect(2)
        .json();
    let checks = document["cases"][0]["checks"].as_array().unwrap();
    assert_eq!(checks[0]["verdict"], "passed");
    assert_eq!(
        (&checks[1]["platform"], &checks[1]["verdict"]),
        (&json!("old-revision"), &json!("undecided"))
    );
}

/// Nothing proves nothing where the visitor would be offered nothing anyway.
#[test]
fn a_case_that_expects_nothing_is_not_proved_by_a_control_group_or_a_conversation() {
    for then in [
        "{ nothing: {} }",
        "{ notOffered: [help] }",
        "{ nothing: { because: { help: entryPoints } } }",
    ] {
        let setup = |switches| Setup {
            switches,
            section: "basketz",
            then,
            ..USUAL
        };
        let elsewhere = setup(&[]);
        let project = elsewhere.project();
        project.write(
            "scenarios.yaml",
            &SCENARIO
                .replace("[SECTION]", "[orders…old]")
                .replace("THEN", then),
        );
        project.apply();
        assert_eq!(proven(&project, OLD, 0).1, "passed", "{then}");
        control(
            &project,
            &json!({ "conversations": [{ "sub": "*", "conversationId": "c" }] }),
        );
        assert_eq!(
            proven(&project, OLD, 2),
            (json!("open-conversation"), json!("undecided")),
            "{then}"
        );
        let project = setup(&["account-control-group=100"]).project();
        project.write(
            "scenarios.yaml",
            &SCENARIO
                .replace("[SECTION]", "[orders…old]")
                .replace("THEN", then),
        );
        project.apply();
        assert_eq!(
            proven(&project, OLD, 2),
            (json!("control-group"), json!("undecided")),
            "{then}"
        );
    }
}

/// Where the platform says nothing of the visit, it says neither why nothing is offered nor the skill of what is.
#[test]
fn a_visit_of_which_the_platform_says_nothing_proves_no_more_than_its_answer() {
    let nothing = Setup {
        then: "{ nothing: {} }",
        ..USUAL
    };
    let project = nothing.project();
    let elsewhere = SCENARIO
        .replace("[SECTION]", "[orders…old]")
        .replace("THEN", nothing.then);
    project.write("scenarios.yaml", &elsewhere);
    project
        .account
        .seed(&json!({ "skills": [{ "id": 11, "name": "Orders" }] }));
    project.apply();
    let unsaid = (json!("not-said"), json!("undecided"));
    for fault in ["GET */state 404 once", "GET */state garbage once"] {
        project.account.fault(fault);
        assert_eq!(proven(&project, OLD, 2), unsaid, "{fault}");
    }
    assert_eq!(proven(&project, OLD, 0).1, "passed");

    USUAL.write(&project);
    project.account.fault("GET */state 404 once");
    assert_eq!(proven(&project, OLD, 0).1, "passed", "no skill is expected");
    let skill = "language: en-US, skill: Orders,";
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("language: en-US,", skill),
    );
    project.apply();
    project.account.fault("GET */state 404 once");
    let shown = prove(&project, OLD).expect(2).stdout;
    let why = "help is offered, and the platform does not say the skill";
    assert!(shown.contains(why), "{shown}");
    assert_eq!(proven(&project, OLD, 0).1, "passed");
}

/// A refused case is told, and the others are asked.
#[test]
fn a_call_that_the_platform_refuses_fails_its_case_alone() {
    let project = USUAL.project();
    project.apply();
    let scenario = SCENARIO
        .replace("SECTION", "orders")
        .replace("THEN", "{ offered: help }");
    let more = "    - name: a known customer
      when: { sections: [orders], attributes: [{ type: ctmrinfo, info: { ctype: club, customerId: c1 } }] }
      then: { offered: help }
    - name: a known customer is offered nothing
      when: { sections: [orders], attributes: [{ type: ctmrinfo, info: { ctype: club, customerId: c1 } }] }
      then: { nothing: { because: { help: [call, behaviors] } } }
";
    let cases = format!("  cases:\n{more}");
    project.write("scenarios.yaml", &scenario.replace("  cases:\n", &cases));
    let document = prove(&project, &["--format", "json"]).expect(2).json();
    let cases = document["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    assert_eq!(cases[0]["name"], "a known customer");
    assert_eq!(cases[0]["checks"][0]["platform"], "refused");
    assert_eq!(cases[0]["verdict"], "failed");
    assert_eq!(cases[1]["verdict"], "passed");
    assert_eq!(cases[2]["verdict"], "passed");
}

/// A call whose answer is lost may have opened a session: a second one would count the visitor twice.
#[test]
fn a_lost_answer_is_not_asked_for_again_and_fails_its_case_alone() {
    let project = USUAL.project();
    project.apply();
    let scenario = SCENARIO
        .replace("SECTION", "orders")
        .replace("THEN", "{ offered: help }");
    let more = "    - name: a guest
      when: { sections: [orders], attributes: [{ type: ctmrinfo, info: { ctype: guest } }] }
      then: { notOffered: [help] }
";
    let cases = format!("  cases:\n{more}");
    project.write("scenarios.yaml", &scenario.replace("  cases:\n", &cases));
    for (fault, word, verdict) in [
        (
            "POST */engagement lost once after-commit",
            "no-answer",
            "failed",
        ),
        ("GET */state 500 x4", "not-said", "undecided"),
    ] {
        project.account.fault(fault);
        project.account.handle().forget_statistics();
        let run = prove(&project, &["--format", "json", "--allow-undecided"]);
        let document = run.json();
        assert_eq!(document["format"], "campaignctl.proof/v1", "{document:#}");
        let sessions = project.account.handle().statistics().sessions;
        let cases = document["cases"].as_array().unwrap();
        assert_eq!((sessions, cases.len()), (2, 2), "{fault}");
        assert_eq!(cases[0]["verdict"], verdict, "{fault}: {document:#}");
        assert_eq!(cases[1]["verdict"], "passed", "{fault}: {document:#}");
        let code = if verdict == "failed" { 2 } else { 0 };
        assert_eq!(
            (run.code, &cases[0]["checks"][0]["platform"]),
            (Some(code), &json!(word))
        );
    }
}

/// The one campaign of the account, changed by hand.
fn campaign_by_hand(project: &Project, change: impl Fn(&mut Value)) {
    let account = &project.account;
    let campaigns = account.get("le-campaigns/campaigns?v=3.4");
    let campaigns = campaigns.as_array().unwrap().iter();
    let id = campaigns.clone().find(|it| it["name"] == "care").unwrap()["id"].clone();
    account.edit(&format!("le-campaigns/campaigns/{id}?v=3.4"), |body| {
        change(body);
    });
}

/// What the account holds otherwise than the manifests explains an answer, before any fact that is only inferred.
#[test]
fn a_change_by_hand_is_the_reason_that_is_told() {
    type Change = fn(&Project);
    let changes: [(Change, &str); 7] = [
        (
            |project| by_hand(project, |body| body["enabled"] = json!(false)),
            "`enabled` of Engagement/help is false, and true in its manifest",
        ),
        (
            |project| {
                project.write("manifests.yaml", &MANIFESTS.replace(", enabled: true", ""));
                by_hand(project, |body| body["enabled"] = json!(false));
            },
            "`enabled` of Engagement/help is false, and true where its manifest says nothing",
        ),
        (
            |project| campaign_by_hand(project, |body| body["status"] = json!(0)),
            "`state` of Campaign/care is unpublished, and published in its manifest",
        ),
        (
            |project| campaign_by_hand(project, |body| body["engagementIds"] = json!([])),
            "`engagements` of Campaign/care does not list help",
        ),
        (
            |project| {
                campaign_by_hand(project, |body| {
                    body["controlGroup"] = json!({ "percentage": 100 });
                });
            },
            "`controlGroup` of Campaign/care is 100%, and 0% where its manifest says nothing",
        ),
        (
            |project| {
                let account = &project.account;
                account.delete(&engagement_path(project));
            },
            "Engagement/help is gone",
        ),
        (
            |project| {
                let manifests = MANIFESTS.replace("\"orders\"", "\"sales\"");
                project.write("manifests.yaml", &manifests);
                project.write(
                    "scenarios.yaml",
                    &SCENARIO
                        .replace("SECTION", "sales")
                        .replace("THEN", "{ offered: help }"),
                );
            },
            "of EntryPoint/orders is",
        ),
    ];
    for (change, told) in changes {
        let project = USUAL.project();
        project.apply();
        change(&project);
        assert_eq!(
            proven(&project, OLD, 2),
            (json!("account-differs"), json!("failed")),
            "{told}"
        );
        let shown = prove(&project, &[OLD, &["--allow-undecided"]].concat())
            .expect(2)
            .stdout;
        assert!(
            shown.contains("nothing is offered: on the account, "),
            "{shown}"
        );
        assert!(shown.contains(told), "{shown}");
        assert!(!shown.contains("would explain it"), "{shown}");
    }
}

/// A case that the change makes look right fails as well, and names the change.
#[test]
fn a_change_by_hand_makes_no_wrong_case_right() {
    let project = USUAL.project();
    project.apply();
    by_hand(&project, |body| body["enabled"] = json!(false));
    for then in ["{ nothing: {} }", "{ notOffered: [help] }"] {
        Setup { then, ..USUAL }.write(&project);
        project.run(&["test"]).expect(2);
        for more in [&[][..], OLD] {
            let arguments = [&["--allow-undecided"], more].concat();
            assert_eq!(proven(&project, &arguments, 2).1, "failed", "{then}");
            let shown = prove(&project, &arguments).expect(2).stdout;
            let told = "on the account, `enabled` of Engagement/help is false";
            assert!(shown.contains(told), "{then}: {shown}");
        }
    }
}

/// Also of what is offered although a manifest has switched it off, and not where the change has no say.
#[test]
fn a_change_by_hand_is_told_of_what_is_offered_and_only_where_it_has_a_say() {
    let project = USUAL.project();
    project.apply();
    campaign_by_hand(&project, |body| body["description"] = json!("by hand"));
    assert_eq!(proven(&project, OLD, 0).1, "passed");
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("state: published", "state: unpublished"),
    );
    project.write(
        "scenarios.yaml",
        &SCENARIO
            .replace("SECTION", "orders")
            .replace("THEN", "{ nothing: {} }"),
    );
    assert_eq!(
        proven(&project, OLD, 2),
        (json!("account-differs"), json!("failed"))
    );
    // Right after an apply as well: what the account holds is known.
    assert_eq!(
        proven(&project, &[], 2),
        (json!("account-differs"), json!("failed"))
    );
    let shown = prove(&project, OLD).expect(2).stdout;
    let told = "help is offered: on the account, `state` of Campaign/care is published, and unpublished in its manifest";
    assert!(shown.contains(told), "{shown}");
}

/// No plan shows what a manifest leaves out and the account has, and still it decides: no inferred fact is blamed for it.
#[test]
fn what_a_manifest_leaves_out_and_the_account_has_is_the_reason() {
    let left_out = [
        (
            "behaviors: [declined], ",
            ", { type: error, error: { code: declined } }",
            "`behaviors` of Engagement/help is [\"declined\"], and its manifest leaves it out",
        ),
        (
            "targetAudiences: [club], ",
            "{ type: ctmrinfo, info: { ctype: club } }, ",
            "`targetAudiences` of Campaign/care is [\"club\"], and its manifest leaves it out",
        ),
    ];
    for (field, attribute, told) in left_out {
        let project = USUAL.project();
        project.apply();
        assert!(MANIFESTS.contains(field) && SCENARIO.contains(attribute));
        project.write("manifests.yaml", &MANIFESTS.replace(field, ""));
        let scenario = SCENARIO
            .replace(attribute, "")
            .replace("assume: { ", "assume: { undeclared: unrestricted, ")
            .replace("SECTION", "orders")
            .replace("THEN", "{ offered: help }");
        project.write("scenarios.yaml", &scenario);
        project.run(&["plan"]).expect(0);
        let verdict = proven(&project, OLD, 2);
        assert_eq!(
            verdict,
            (json!("account-differs"), json!("failed")),
            "{told}"
        );
        let shown = prove(&project, OLD).expect(2).stdout;
        assert!(shown.contains(told), "{shown}");
        assert!(!shown.contains("would explain it"), "{shown}");
    }
}

/// A scenario with another case behind the usual one.
pub(crate) fn two_cases() -> String {
    let scenario = SCENARIO
        .replace("SECTION", "orders")
        .replace("THEN", "{ offered: help }");
    let more = "    - name: a guest
      when: { sections: [orders], attributes: [{ type: ctmrinfo, info: { ctype: guest } }] }
      then: { notOffered: [help] }
";
    scenario + more
}

/// Whatever is wrong with one answer is about its case: the sessions of the others were opened, and their verdicts are told.
#[test]
fn an_answer_that_cannot_be_read_or_fails_is_about_its_case_alone() {
    let project = USUAL.project();
    project.apply();
    project.write("scenarios.yaml", &two_cases());
    for (fault, platform, verdict) in [
        ("GET */state garbage once", Value::Null, "passed"),
        ("GET */state garbage shape once", Value::Null, "passed"),
        (
            "GET */state garbage shape once after-commit",
            Value::Null,
            "passed",
        ),
        ("GET */state 409 once", Value::Null, "passed"),
        (
            "POST */engagement garbage once after-commit",
            json!("no-answer"),
            "failed",
        ),
        (
            "POST */engagement garbage shape once after-commit",
            json!("no-answer"),
            "failed",
        ),
        (
            "POST */engagement garbage shape once",
            json!("no-answer"),
            "failed",
        ),
        ("POST */engagement 403 once", json!("no-answer"), "failed"),
        ("POST */engagement 404 once", json!("no-answer"), "failed"),
        (
            "GET */engagements/* garbage once",
            json!("not-said"),
            "undecided",
        ),
        (
            "GET */engagements/* 403 once",
            json!("not-said"),
            "undecided",
        ),
    ] {
        project.account.fault(fault);
        let document = prove(&project, &["--format", "json"]).json();
        assert_eq!(
            document["format"], "campaignctl.proof/v1",
            "{fault}: {document:#}"
        );
        let cases = document["cases"].as_array().unwrap();
        assert_eq!(cases[0]["verdict"], verdict, "{fault}: {document:#}");
        assert_eq!(cases[1]["verdict"], "passed", "{fault}: {document:#}");
        let checks = cases[0]["checks"].as_array().unwrap();
        assert_eq!(
            checks.last().unwrap()["platform"],
            platform,
            "{fault}: {document:#}"
        );
    }
}

/// What can be asked of no case is an error where it is so from the start, and is told beside the answers that came before.
#[test]
fn a_platform_that_is_gone_after_the_first_case_leaves_its_verdict() {
    let project = USUAL.project();
    project.apply();
    project.write("scenarios.yaml", &two_cases());
    project.account.fault("POST */engagement 429 x40 after 1");
    let document = prove(&project, &["--format", "json"]).expect(2).json();
    let cases = document["cases"].as_array().unwrap();
    assert_eq!(cases[0]["verdict"], "passed", "{document:#}");
    assert_eq!(cases[1]["verdict"], "failed", "{document:#}");
    assert_eq!(cases[1]["checks"][0]["platform"], "no-answer");
}

/// Who is drawn by priority where a lottery is taken for granted, or the other way round, is no chance.
#[test]
fn an_offer_that_no_lottery_draws_names_the_contest() {
    let rival = MANIFESTS
        .split("---\n")
        .filter(|it| it.contains("kind: Campaign\n") || it.contains("kind: Engagement\n"));
    let rival: Vec<String> = rival
        .map(|it| {
            it.replace("name: care ", "name: last ")
                .replace("weight: low", "weight: low, priority: 0.1")
                .replace("name: help ", "name: rival ")
                .replace("campaign: care", "campaign: last")
        })
        .collect();
    let manifests = format!(
        "{}---\n{}",
        MANIFESTS.replace("weight: low", "weight: low, priority: 0.9"),
        rival.join("---\n")
    );
    // The case takes it for granted that the priority decides; the platform draws.
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..12 {
        let seed = format!("seed={seed}");
        let project = Setup {
            switches: &[&seed],
            ..USUAL
        }
        .project();
        project.write("manifests.yaml", &manifests);
        let scenario = SCENARIO
            .replace("SECTION", "orders")
            .replace("THEN", "{ offered: help }")
            .replace("contest: lottery", "contest: priority");
        project.write("scenarios.yaml", &scenario);
        project.apply();
        let ran = prove(&project, OLD);
        if ran.stdout.contains("1 passed") {
            seen.insert("help");
            continue;
        }
        let shown = ran.expect(2).stdout;
        assert!(
            shown.contains("rival is offered, and the manifests say otherwise"),
            "{shown}"
        );
        assert!(
            shown.contains("`contest: lottery` would explain it"),
            "{shown}"
        );
        seen.insert("rival");
        break;
    }
    assert!(seen.contains("rival"), "{seen:?}");
}

/// What was not asked is not proved: every format says why the run does not succeed.
#[test]
fn cases_that_were_left_out_are_told_in_every_format() {
    let project = USUAL.project();
    project.apply();
    let scenario = SCENARIO
        .replace("SECTION", "orders")
        .replace("THEN", "{ offered: help }");
    let more = "    - name: again
      when: { sections: [orders], attributes: [{ type: ctmrinfo, info: { ctype: guest } }] }
      then: { notOffered: [help] }
";
    let cases = format!("  cases:\n{more}");
    project.write("scenarios.yaml", &scenario.replace("  cases:\n", &cases));
    let run = prove(&project, &["--cases", "1"]).expect(2);
    let why = "only 1 cases are asked; `--cases` raises that";
    assert!(run.stdout.contains(why), "{}", run.stdout);
    let note = "Cases were not asked, and so not proved: raise `--cases`";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    let junit = prove(&project, &["--cases", "1", "--format", "junit"]).expect(2);
    let skipped = format!("<skipped message=\"{why}\"/>");
    assert!(junit.stdout.contains(&skipped), "{}", junit.stdout);
    let totals = "tests=\"2\" failures=\"0\" skipped=\"1\"";
    assert!(junit.stdout.contains(totals), "{}", junit.stdout);
}

/// A fault of one case is shown where it is, and keeps no other case from being asked, also behind an apply.
#[test]
fn a_faulty_case_fails_alone_and_says_where() {
    let project = USUAL.project();
    project.apply();
    project.write(
        "scenarios.yaml",
        &two_cases().replacen("sections:", "sectons:", 1),
    );
    let run = prove(&project, &["--settle", "0s"]).expect(2);
    let said = "there is no field `sectons` here";
    for told in [said, "scenarios.yaml:10:9", "1 passed", "1 failed"] {
        assert!(run.stdout.contains(told), "{told}: {}", run.stdout);
    }
    assert_eq!(project.account.handle().statistics().sessions, 1);
    // Nor is it passed over where an apply asks for proof.
    let run = project
        .run(&["apply", "--auto-approve", "--prove"])
        .expect(2);
    assert!(run.stdout.contains(said), "{}", run.stdout);
    assert_eq!(project.account.handle().statistics().sessions, 2);
}
