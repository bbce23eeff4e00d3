//! Handoffs of an account that lets programs only read them, in both bodies that its list may have (platform.md#handoffs):
//! a plan tells a person what to enter, and the next one sees that it was done.

use campaignctl::sandbox::{HandoffBodies, HandoffService, SandboxSettings, ServiceForm};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Account, NO_CHANGES, Project};

const BODIES: [HandoffBodies; 2] = [HandoffBodies::Handoffs, HandoffBodies::Channels];

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: ApiHandoff
metadata: { name: order-updates }
spec:
  displayName: Order updates
  channel: inApp
  appNames: [com.example.shop]
  lookbackPeriod: 2d
  language: en
  message: { text: \"Hi ${{1}}\", sameForNotification: true, variables: [\"1\"] }
";

fn project(bodies: HandoffBodies, manifests: &str) -> Project {
    let project = Project::on(Account::with(SandboxSettings {
        handoff_bodies: bodies,
        ..SandboxSettings::default()
    }));
    project.write("manifests.yaml", manifests);
    project
}

/// A handoff as a person enters it in the web tool.
fn entered(name: &str, app: &str, text: &str) -> Value {
    json!({
        "name": name,
        "lookbackPeriodDay": 2,
        "lookbackPeriodHour": 0,
        "routeAllWithinLookback": false,
        "channels": [{
            "type": "inapp", "appNames": [app], "language": "en",
            "messageComponents": [{
                "type": "text", "messageText": text, "isSameMessageForNotification": true, "variables": ["1"],
            }],
        }],
    })
}

fn path() -> String {
    format!("/_sandbox/account/{ACCOUNT}/handoffs")
}

#[track_caller]
fn enter(project: &Project, handoff: &Value) -> String {
    let made = project.account.post(&path(), handoff);
    made["id"].as_str().unwrap().to_owned()
}

#[track_caller]
fn change(project: &Project, id: &str, handoff: &Value) {
    let path = format!("{}/{id}", path());
    let (status, _, body) = project.account.call(Method::PUT, &path, &[], Some(handoff));
    assert_eq!(status, 200, "{body}");
}

#[track_caller]
fn summary(project: &Project) -> String {
    let plan = project.plan();
    plan.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn manual_steps_are_verified_by_the_next_plan() {
    for bodies in BODIES {
        let project = project(bodies, MANIFESTS);
        let foreign = entered("Something else", "com.example.other", "Hello");
        enter(&project, &foreign);
        let missing = project.plan();
        assert!(missing.contains("! "), "{missing}");
        assert!(missing.contains("Hi ${{1}}"), "{missing}");
        assert!(missing.ends_with("0 to adopt, 1 manual.\n"), "{missing}");
        let left = project.run(&["apply", "--auto-approve"]);
        assert!(left.stdout.contains("1 manual"), "{}", left.stdout);

        let handoff = entered("Order updates", "com.example.shop", "Hi ${{1}}");
        let id = enter(&project, &handoff);
        let done = summary(&project);
        assert!(
            done.ends_with("1 to adopt, 0 manual."),
            "{bodies:?}: {done}"
        );
        project.apply();

        // The manifest moves on, and somebody does as the plan says.
        let moved = MANIFESTS.replace("Hi ${{1}}", "Hello ${{1}}");
        project.write("manifests.yaml", &moved);
        let edited = project.plan();
        assert!(edited.contains("Hello ${{1}}"), "{edited}");
        assert!(edited.ends_with("1 manual.\n"), "{bodies:?}: {edited}");
        let handoff = entered("Order updates", "com.example.shop", "Hello ${{1}}");
        change(&project, &id, &handoff);
        let done = summary(&project);
        assert!(!done.contains("1 manual"), "{bodies:?}: {done}");
        project.apply();

        // Somebody changes it back.
        let handoff = entered("Order updates", "com.example.shop", "Hi ${{1}}");
        change(&project, &id, &handoff);
        let drifted = summary(&project);
        assert!(drifted.ends_with("1 manual."), "{bodies:?}: {drifted}");
        let run = project.run(&["drift"]);
        assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn an_export_is_planned_without_a_change() {
    for bodies in BODIES {
        let project = project(bodies, "");
        project.remove("manifests.yaml");
        for n in 0..40 {
            let name = format!("Handoff {n}");
            enter(&project, &entered(&name, "com.example.shop", &name));
        }
        let several = json!({ "name": "Several", "channels": [
            { "type": "sms-twilio", "language": "en", "outboundnumber": "+1" },
            { "type": "wa", "language": "en", "outboundnumber": "+1" },
        ] });
        enter(&project, &several);
        let run = project.run(&["export", "ApiHandoff", "--out", "exported"]);
        let files = std::fs::read_dir(project.path().join("exported/api-handoffs"));
        let expected = if bodies == HandoffBodies::Channels {
            42
        } else {
            41
        };
        assert_eq!(files.unwrap().count(), expected, "{}", run.stderr);
        let summary = summary(&project);
        assert_eq!(
            summary,
            format!(
                "Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, {expected} to adopt, 0 manual."
            )
        );
        project.run(&["apply", "--auto-approve"]).expect(0);
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    }
}

#[test]
fn what_a_list_without_names_tells() {
    let project = project(HandoffBodies::Channels, MANIFESTS);
    enter(&project, &entered("Other", "com.example.shop", "Hello"));
    insta::assert_snapshot!(project.plan(), @r#"
      ! manual ApiHandoff/order-updates "Order updates"  manifests.yaml:1
          programs can only read this kind: enter it in the web tool
          the account lists channels without their handoffs: the next plan recognizes it by its channel, unless it has several
          displayName: Order updates
          channel: inApp
          appNames: [com.example.shop]
          language: en
          lookbackPeriod: 2d
          message.text: Hi ${{1}}
          message.sameForNotification: true
          message.variables: ["1"]

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 1 manual.
    "#);
    let loose = MANIFESTS.replace("  message:", "  #");
    project.write("manifests.yaml", &loose);
    enter(&project, &entered("Third", "com.example.shop", "Hey"));
    let run = project.run(&["plan"]).expect(3);
    insta::assert_snapshot!(run.stderr, @"
    Plan for test, account 10000001
    error[ambiguous-binding]: the account holds 2 ApiHandoff objects that hold all that ApiHandoff/order-updates declares: inapp-08f18691163f616b, inapp-ab10aedd38aa12fa
     --> manifests.yaml:5:16
      |
    5 |   displayName: Order updates
      |                ^^^^^^^^^^^^^
      |
      = help: declare more fields of its channel, as in the account, or bind it to one of them: `campaignctl ledger bind ApiHandoff/order-updates inapp-ab10aedd38aa12fa`

    1 error in 1 file
    error: no plan was made
      = help: for more, run `campaignctl explain ambiguous-binding`
    ");
}

/// The look-up names the handoff service, with or without a scheme, a port, a path or a slash at the end.
#[test]
fn the_handoff_service_is_found_in_every_form_of_the_look_up() {
    for form in [
        ServiceForm::Captured,
        ServiceForm::Scheme,
        ServiceForm::Path,
        ServiceForm::Folder,
    ] {
        let project = Project::on(Account::with(SandboxSettings {
            service_form: form,
            ..SandboxSettings::default()
        }));
        let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: paid }\nspec: { displayName: Paid }\n";
        project.write("manifests.yaml", &format!("{goal}---\n{MANIFESTS}"));
        let seed = json!({ "api-handoffs": [entered("Other", "com.example.other", "Hello")] });
        project.account.seed(&seed);
        let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        assert!(!file.contains("handoff"), "{file}");
        let login = file
            .replace("clientId", "username")
            .replace("clientSecret", "password");
        for file in [file, login.replace("TEST_CLIENT_SECRET", "TEST_CLIENT_ID")] {
            project.write("campaignctl.yaml", &file);
            project.run(&["apply", "--auto-approve"]).expect(0);
            assert!(
                summary(&project).ends_with("0 to adopt, 1 manual."),
                "{form:?}"
            );
            let said = project.run(&["doctor"]).expect(0).stdout;
            assert!(
                !said.contains("warn") && !said.contains("fail"),
                "{form:?}: {said}"
            );
            assert!(said.contains("can read 13"), "{form:?}: {said}");
        }
        project
            .run(&["export", "ApiHandoff", "--out", "exported"])
            .expect(0);
        assert!(
            project
                .path()
                .join("exported/api-handoffs/other.yaml")
                .exists()
        );
    }
}

/// Channels as the vendor's own samples have them: `{{1}}` without `$` in addresses, `Variables` with a capital letter.
#[test]
fn handoffs_in_published_shapes_are_adopted_as_they_are() {
    let published = include_str!("captured/handoffs.json");
    let seed = |text: &str| json!({ "api-handoffs": serde_json::from_str::<Value>(text).unwrap() });
    for bodies in BODIES {
        let project = project(bodies, "");
        project.remove("manifests.yaml");
        project.account.seed(&seed(published));
        let export = project.run(&["export", "ApiHandoff", "--out", "exported"]);
        assert_eq!(
            export.expect(0).stderr,
            "3 objects in 3 files below `exported`.\n"
        );
        let folder = std::fs::read_dir(project.path().join("exported/api-handoffs")).unwrap();
        let texts = folder.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let text = texts.collect::<Vec<_>>().join("---\n");
        assert!(
            text.contains("url: https://www.example.com/{{1}}\n"),
            "{text}"
        );
        assert!(!text.contains("H61"), "{text}");
        let said = project.run(&["validate", "exported"]).expect(0).stdout;
        let said: Vec<_> = said
            .lines()
            .filter(|line| line.contains("[handoff-"))
            .collect();
        assert_eq!(
            said,
            ["warning[handoff-inapp-image]: In-App messages may be limited to text and emoji"]
        );
        let adopts = |project: &Project| {
            let plan = project.run(&["plan", "exported"]).expect(0).stdout;
            assert!(
                plan.ends_with("3 to adopt, 0 manual.\n"),
                "{bodies:?}: {plan}"
            );
            project
                .run(&["apply", "exported", "--auto-approve"])
                .expect(0);
            assert_eq!(
                project.run(&["plan", "exported"]).expect(0).stdout,
                NO_CHANGES
            );
            project.run(&["drift", "exported"]).expect(0);
        };
        adopts(&project);
        // Another account has them under other ids.
        let other = self::project(bodies, "");
        other.account.seed(&seed(&published.replace("H61", "H71")));
        other.write("exported/all.yaml", &text);
        adopts(&other);
    }
}

/// An account without Proactive: what needs no handoffs works, what needs them says which service is missing, and a
/// list that cannot be read is never treated as empty.
#[test]
fn an_account_without_handoffs_is_planned_and_exported_without_them() {
    for (service, why) in [
        (HandoffService::Unlisted, "`outboundConfiguration`"),
        (
            HandoffService::Denied,
            "the service `outboundConfiguration`: the account has no Proactive",
        ),
        (
            HandoffService::NotFound,
            "the service `outboundConfiguration`: the account has no Proactive",
        ),
    ] {
        let project = Project::on(Account::with(SandboxSettings {
            handoff_service: service,
            ..SandboxSettings::default()
        }));
        let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: paid }\nspec: { displayName: Paid }\n";
        project.write("manifests.yaml", goal);
        project.apply();
        let exported = project.run(&["export"]).expect(0);
        assert!(
            exported
                .stderr
                .contains("ApiHandoff objects of the account were not read"),
            "{}",
            exported.stderr
        );
        assert!(
            exported.stderr.contains(why),
            "{service:?}: {}",
            exported.stderr
        );
        let status = project.run(&["status"]).expect(0);
        assert!(
            status.stderr.contains(why),
            "{service:?}: {}",
            status.stderr
        );
        let named = project.run(&["export", "ApiHandoff"]);
        assert_ne!(named.code, Some(0), "{}", named.stdout);
        project.write("manifests.yaml", &format!("{goal}---\n{MANIFESTS}"));
        let (writes, ledger) = (project.account.writes(), project.ledger());
        for command in [&["plan"][..], &["apply", "--auto-approve"], &["drift"]] {
            let refused = project.run(command);
            assert!(
                matches!(refused.code, Some(1 | 3 | 4)),
                "{command:?}: {:?} {}",
                refused.code,
                refused.stderr
            );
            assert!(
                refused.stderr.contains(why),
                "{service:?}: {}",
                refused.stderr
            );
        }
        assert_eq!(
            (project.account.writes(), project.ledger()),
            (writes, ledger)
        );
    }
}

/// Where a run may write handoffs, an edit between its read and its write is kept, whatever it is in: the write names the
/// revision that was read.
#[test]
fn an_edit_between_the_read_and_the_write_of_a_handoff_is_kept() {
    for (field, fits) in [
        ("zz", true),
        ("routeAllWithinLookback", true),
        ("createdBy", true),
        ("name", true),
        ("lookbackPeriodHour", false), // the manifest declares the look-back
        ("channels", false),           // it holds the text that the run changes
    ] {
        let project = project(HandoffBodies::Handoffs, MANIFESTS);
        let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        let writes = file.replace(
            "    credentials:",
            "    handoffs: { write: true }\n    credentials:",
        );
        assert_ne!(writes, file);
        project.write("campaignctl.yaml", &writes);
        project.apply();
        let held = || project.account.get(&path())[0].clone();
        let before = held();
        project.write(
            "manifests.yaml",
            &MANIFESTS.replace("Hi ${{1}}", "Hello ${{1}}"),
        );
        let fault = format!("PUT */handoffs/* race edit:{field} once");
        project.account.fault(&fault);
        let run = project.run(&["apply", "--auto-approve"]);
        let after = held();
        assert_ne!(after[field], before[field], "{field}: {}", run.stderr);
        let is_written = after.to_string().contains("Hello");
        assert_eq!(is_written, run.code == Some(0), "{field}: {}", run.stderr);
        assert_eq!(is_written, fits, "{field}: {}", run.stderr);
    }
}
