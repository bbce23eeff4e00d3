//! `doctor` through the binary: what it finds, what it says to do, and that it writes nothing.

use campaignctl::sandbox::Settings;
use serde_json::json;

use crate::support::{Account, Project, Run};

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something bought, indicator: { url: /thanks } }
";

/// Text without what differs from run to run.
fn settled(project: &Project, run: &Run) -> String {
    let host = project.account.base_url();
    let address = host.trim_start_matches("http://");
    let folder = project.path().canonicalize().unwrap();
    run.stdout
        .replace(address, "<address>")
        .replace(folder.to_str().unwrap(), "<project>")
}

fn doctor(project: &Project, arguments: &[&str]) -> Run {
    let writes = project.account.writes();
    let run = project.run(&[&["doctor"], arguments].concat());
    assert_eq!(project.account.writes(), writes, "doctor wrote");
    assert!(!project.ledger_path().exists(), "doctor made a ledger");
    run
}

#[test]
fn all_is_well() {
    let project = Project::with(MANIFESTS);
    project.account.seed(&json!({
        "skills": (1..=10).map(|n| json!({ "id": n, "name": format!("Skill {n}") })).collect::<Vec<_>>(),
        "app-installations": [
            { "id": "00000000-0000-4000-8000-000000000001", "client_name": "Shop app", "client_secret": "hush-hush" },
        ],
    }));
    let run = doctor(&project, &[]).expect(0);
    insta::assert_snapshot!(settled(&project, &run), @"
    Environment test (account 10000001)

      ok  project      1 manifest in 1 file
      ok  ledger       <project>/.campaignctl/ledger/test.json: not there yet, the first apply makes it
      ok  credentials  the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
      ok  look-up      7 services, 1 of them fixed by `hosts`; accountConfigReadWrite is <address>
      ok  sign-in      a token that lives 1000 h, renewed before it ends
      ok  collections  13 can be read
      ok  clock        agrees with the platform's
      ok  rate         no limit, 16 side by side, retry budget 10 min

    The account holds

      KIND              OBJECTS  VENDOR'S  NEEDED  NAMES
      Goal              1        1         yes
      TargetAudience    1        1
      SpecialOccasion   0        0
      EngagementWindow  2        2
      EntryPoint        1        1
      Behavior          1        1
      Campaign          0        0
      Engagement        0        0
      ApiHandoff        0        0
      Skill             10       0                 Skill 1, Skill 2, Skill 3, Skill 4, Skill 5, Skill 6, Skill 7, Skill 8 and 2 more
      LineOfBusiness    0        0
      AppInstallation   1        0                 Shop app
      Connector         0        0
      Zone              4        4                 Left, Right, Overlay, Embedded

    Everything is fine. Nothing was written; 15 requests.
    ");
    assert_eq!(run.stderr, "");
    let json = doctor(&project, &["--format", "json"]).expect(0).json();
    assert_eq!(json["format"], "campaignctl.doctor/v1");
    assert_eq!(json["checks"][1]["state"], "ok");
    let offers = json["offers"].as_array().unwrap();
    let skills = offers
        .iter()
        .find(|offer| offer["kind"] == "Skill")
        .unwrap();
    assert_eq!(skills["names"].as_array().unwrap().len(), 10);
    assert!(!json.to_string().contains("hush-hush"));
}

#[test]
fn a_credential_that_is_refused_is_named_and_the_rest_is_skipped() {
    let project = Project::with(MANIFESTS);
    let run: Run = project
        .command(&["doctor"])
        .env("TEST_CLIENT_SECRET", "not-the-secret")
        .output()
        .unwrap()
        .into();
    let run = run.expect(4);
    insta::assert_snapshot!(settled(&project, &run), @"
    Environment test (account 10000001)

      ok  project      1 manifest in 1 file
      ok  ledger       <project>/.campaignctl/ledger/test.json: not there yet, the first apply makes it
      ok  credentials  the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
      ok  look-up      7 services, 1 of them fixed by `hosts`; accountConfigReadWrite is <address>
    fail  sign-in      not authenticated: POST token: 401 the client is not known; tried http://<address>/sentinel/api/v2/account/10000001/app/token; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
                       = help: check the credentials that `campaignctl.yaml` names
      ok  clock        agrees with the platform's
       -  collections  not tried: it takes what failed before
       -  rate         not tried: it takes what failed before

    1 check failed. Nothing was written; 2 requests.
    ");
    let run: Run = project
        .command(&["doctor"])
        .env("TEST_CLIENT_SECRET", "")
        .output()
        .unwrap()
        .into();
    let run = run.expect(4);
    assert!(run.stdout.contains(
        "the client secret is missing: the environment variable `TEST_CLIENT_SECRET` is empty"
    ));
}

#[test]
fn what_the_manifests_need_is_a_failure_and_the_rest_a_warning() {
    let faults = ["GET */skills 403", "GET */goals 403"];
    let account = Account::with(Settings {
        faults: faults.map(|fault| fault.parse().unwrap()).into(),
        ..Settings::default()
    });
    let project = Project::on(account);
    project.write("manifests.yaml", MANIFESTS);
    let run = doctor(&project, &[]).expect(4);
    let lines = settled(&project, &run);
    let lines: Vec<_> = lines
        .lines()
        .filter(|line| line.contains("collections") || line.contains("failed"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    fail  collections  Goal: not permitted: GET le-goals/goals: 403 Forbidden (a fault); it takes the role Campaign Manager or Administrator; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
    warn  collections  Skill: not permitted: GET le-users/skills: 403 Forbidden (a fault); it takes the role Administrator or LPA; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
      ok  collections  11 can be read
    1 check failed, 1 warning. Nothing was written; 15 requests.
    ");
}

#[test]
fn mistakes_are_found_without_an_account() {
    let project = Project::with(&MANIFESTS.replace("displayName", "displayname"));
    let run = doctor(&project, &[]).expect(3);
    assert!(
        run.stdout
            .contains("fail  project      1 error in the manifests"),
        "{}",
        run.stdout
    );
    let project = Project::with(MANIFESTS);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let slow = "    retryBudget: soon\n    rate: 0\n";
    project.write("campaignctl.yaml", &format!("{file}{slow}"));
    let run = project.run(&["doctor"]).expect(3);
    insta::assert_snapshot!(run.stderr, @"
    error[invalid-value]: 0 is less than the minimum of 0.1
      --> campaignctl.yaml:10:11
       |
    10 |     rate: 0
       |           ^
       |
       = help: how many requests are sent to the account per second, at most. Default: 10; no limit for a server on this computer

    1 error in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    ");
    project.write(
        "campaignctl.yaml",
        &format!("{file}    retryBudget: soon\n"),
    );
    let run = project.run(&["doctor"]).expect(3);
    insta::assert_snapshot!(run.stderr, @"
    error[project-environment]: `soon` is not a time
     --> campaignctl.yaml:9:5
      |
    9 |     retryBudget: soon
      |     ^^^^^^^^^^^
      |
      = help: write a number and a unit, `90s`, `10m` or `1h`

    1 error in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    ");
}
