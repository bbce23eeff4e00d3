//! `doctor` through the binary: what it finds, what it says to do, and that it writes nothing.

use std::time::Duration;

use campaignctl::sandbox::{ApplicationRights, SandboxSettings};
use serde_json::json;

use crate::login::{LOGIN, configure, refresh_token};
use crate::support::{ACCOUNT, Account, Project, Run};

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
      ok  ledger       .campaignctl/ledger/test.json: not there yet, the first apply creates it
      ok  credentials  the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
      ok  look-up      7 services; accountConfigReadWrite is <address>
      ok  sign-in      the client credentials got a token valid for 1000 hours, renewed before it ends
      ok  campaigns    the client credentials may read them
      ok  collections  the client credentials can read 13
      ok  clock        agrees with the platform's
      ok  rate         no limit, up to 16 requests at a time, retries for up to 10 minutes

    The account holds

      KIND              OBJECTS  VENDOR'S  NEEDED  NAMES
      Goal              1        1         yes
      TargetAudience    1        1
      SpecialOccasion   0        0
      EngagementWindow  1        1
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
      ok  ledger       .campaignctl/ledger/test.json: not there yet, the first apply creates it
      ok  credentials  the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
      ok  look-up      7 services; accountConfigReadWrite is <address>
    fail  sign-in      not authenticated: POST token: 401 the client is not known; tried http://<address>/sentinel/api/v2/account/10000001/app/token; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
                       = help: check the client id and secret, and that the application is installed on this account
      ok  clock        agrees with the platform's
       -  campaigns    skipped: needs the check that failed
       -  collections  skipped: needs the check that failed
       -  rate         skipped: needs the check that failed

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
    let account = Account::with(SandboxSettings {
        faults: faults.map(|fault| fault.parse().unwrap()).into(),
        ..SandboxSettings::default()
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
    fail  collections  the client credentials may not read Goal: not permitted: GET le-goals/goals: 403 Forbidden (a fault); it takes the role Campaign Manager or Administrator; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
    warn  collections  the client credentials may not read Skill: not permitted: GET le-users/skills: 403 Forbidden (a fault); it takes the role Administrator or LPA; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
      ok  collections  the client credentials can read TargetAudience, SpecialOccasion, EngagementWindow, EntryPoint, Behavior, Campaign, ApiHandoff, LineOfBusiness, AppInstallation, Connector, Zone
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
     --> campaignctl.yaml:9:11
      |
    9 |     rate: 0
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
     --> campaignctl.yaml:8:5
      |
    8 |     retryBudget: soon
      |     ^^^^^^^^^^^
      |
      = help: write a number and a unit, `90s`, `10m` or `1h`

    1 error in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    ");
}

/// What `doctor` says of access, and its exit code.
fn access(project: &Project, token: &str) -> String {
    let mut command = project.command(&["doctor"]);
    command.env("TEST_REFRESH_TOKEN", token);
    let run = Run::from(command.output().unwrap());
    let shown = settled(project, &run);
    let is_access = |line: &&str| {
        let names = [
            "hosts ",
            "look-up ",
            "sign-in ",
            "campaigns ",
            "collections ",
            "= help",
        ];
        names.iter().any(|name| line.contains(name)) && !line.contains("no manifests")
    };
    let lines: Vec<&str> = shown.lines().filter(is_access).collect();
    format!("{}\nexit {}\n", lines.join("\n"), run.code.unwrap())
}

const CAMPAIGN: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: a }
spec: { goal: { live: Interact with visitors }, targetAudiences: [{ live: All visitors }] }
";

fn project_with(settings: SandboxSettings) -> Project {
    let project = Project::on(Account::with(settings));
    project.write("manifests.yaml", CAMPAIGN);
    project
}

#[test]
fn client_credentials_that_may_read_no_campaigns() {
    let of = |application_rights| {
        let project = project_with(SandboxSettings {
            application_rights,
            ..SandboxSettings::default()
        });
        let needed = access(&project, "");
        // A project that is about something else can do with them.
        let occasion = include_str!("../../src/kinds/special_occasion/fixtures/valid.yaml");
        project.write("manifests.yaml", occasion);
        let other = access(&project, "");
        (needed, other)
    };
    let (forbidden, other) = of(ApplicationRights::Forbidden);
    insta::assert_snapshot!(forbidden, @"
      ok  look-up      7 services; accountConfigReadWrite is <address>
      ok  sign-in      the client credentials got a token valid for 1000 hours, renewed before it ends
    fail  campaigns    the client credentials may not read them: not permitted: GET le-campaigns/campaigns: 403 the application has no privilege for this collection; it takes the role Campaign Manager or Administrator; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
                       = help: sign in as a user: `username` and `password`, or for single sign-on `login` and `campaignctl login -e test` (`campaignctl explain credentials`)
    fail  collections  the client credentials may not read Goal, TargetAudience either
    warn  collections  the client credentials may not read EngagementWindow, EntryPoint, Behavior, Connector, Zone either
      ok  collections  the client credentials can read SpecialOccasion, ApiHandoff, Skill, LineOfBusiness, AppInstallation
    exit 4
    ");
    insta::assert_snapshot!(other, @"
      ok  look-up      7 services; accountConfigReadWrite is <address>
      ok  sign-in      the client credentials got a token valid for 1000 hours, renewed before it ends
    warn  campaigns    the client credentials may not read them: not permitted: GET le-campaigns/campaigns: 403 the application has no privilege for this collection; it takes the role Campaign Manager or Administrator; signed in with the client id of the environment variable `TEST_CLIENT_ID` and the client secret of the environment variable `TEST_CLIENT_SECRET`
                       = help: sign in as a user: `username` and `password`, or for single sign-on `login` and `campaignctl login -e test` (`campaignctl explain credentials`)
    warn  collections  the client credentials may not read Goal, TargetAudience, EngagementWindow, EntryPoint, Behavior, Connector, Zone either
      ok  collections  the client credentials can read SpecialOccasion, ApiHandoff, Skill, LineOfBusiness, AppInstallation
    exit 0
    ");
    let (unauthorized, _) = of(ApplicationRights::Unauthorized);
    let same = unauthorized
        .replace("not authenticated", "not permitted")
        .replace("401", "403");
    let first = |text: &str| {
        text.lines()
            .nth(2)
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(first(&same), first(&forbidden));
    assert!(unauthorized.ends_with("exit 4\n"), "{unauthorized}");
}

/// Which collections a credential may read is asked of each, and the token is fetched anew for the first refusal alone.
#[test]
fn a_refusal_with_401_signs_in_once_more_and_not_for_each_collection() {
    let settings = SandboxSettings {
        application_rights: ApplicationRights::Unauthorized,
        ..SandboxSettings::default()
    };
    let project = project_with(settings);
    for arguments in [
        ["doctor", "-vv", "--parallelism", "1"],
        ["doctor", "-vv", "--parallelism", "16"],
        ["plan", "-vv", "--parallelism", "16"],
    ] {
        let run = project.run(&arguments).expect(4);
        let signs_in = |line: &&str| line.contains("POST /sentinel/");
        let count = run.stderr.lines().filter(signs_in).count();
        assert_eq!(count, 2, "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_user_login_and_a_refresh_token_read_everything() {
    let project = project_with(SandboxSettings {
        application_rights: ApplicationRights::Forbidden,
        rotates_refresh_tokens: false,
        ..SandboxSettings::default()
    });
    configure(
        &project,
        "{ username: { env: TEST_CLIENT_ID }, password: { env: TEST_CLIENT_ID } }",
    );
    insta::assert_snapshot!(access(&project, ""), @"
      ok  look-up      7 services; accountConfigReadWrite is <address>
      ok  sign-in      the user login got a token valid for 8 hours, renewed before it ends
      ok  campaigns    the user login may read them
      ok  collections  the user login can read 13
    exit 0
    ");
    configure(&project, LOGIN);
    let token = refresh_token(&project.account);
    insta::assert_snapshot!(access(&project, &token), @"
      ok  look-up      7 services; accountConfigReadWrite is <address>
      ok  sign-in      the browser sign-in got a token valid for 1000 hours, renewed before it ends
      ok  campaigns    the browser sign-in may read them
      ok  collections  the browser sign-in can read 13
    exit 0
    ");
}

#[test]
fn a_refresh_token_that_is_over_or_replaced() {
    let over = project_with(SandboxSettings {
        refresh_token_lifetime: Duration::ZERO,
        ..SandboxSettings::default()
    });
    configure(&over, LOGIN);
    let token = refresh_token(&over.account);
    insta::assert_snapshot!(access(&over, &token), @"
      ok  look-up      7 services; accountConfigReadWrite is <address>
    fail  sign-in      signed out: POST token: 400 invalid_grant: the refresh token is unknown, used or expired; tried http://<address>/sentinel/api/account/10000001/token; signed in with the refresh token of the environment variable `TEST_REFRESH_TOKEN`
                       = help: sign in again with `campaignctl login -e test`; a pipeline needs a new refresh token, since each use may replace the one before
       -  campaigns    skipped: needs the check that failed
       -  collections  skipped: needs the check that failed
    exit 4
    ");
    let replaced = project_with(SandboxSettings::default());
    configure(&replaced, LOGIN);
    let token = refresh_token(&replaced.account);
    insta::assert_snapshot!(access(&replaced, &token), @"
      ok  look-up      7 services; accountConfigReadWrite is <address>
      ok  sign-in      the browser sign-in got a token valid for 1000 hours, renewed before it ends
    warn  sign-in      the platform replaced the refresh token that this run was given: the old one may have ended with it
                       = help: give the pipeline a credential that lasts: a user login, or a refresh token that it can write back itself
      ok  campaigns    the browser sign-in may read them
      ok  collections  the browser sign-in can read 13
    exit 0
    ");
    assert!(access(&replaced, &token).contains("sign-in      signed out: "));
}

#[test]
fn the_wrong_region() {
    let project = project_with(SandboxSettings::default());
    let elsewhere = Account::new();
    let base = project.account.base_url().to_owned();
    let file = |hosts: &str, account: &str| {
        project.write(
            "campaignctl.yaml",
            &format!(
                "environments:\n  test:\n    account: '{account}'\n    domainApi: {base}\n    {hosts}\n    credentials: {{ username: {{ env: TEST_CLIENT_ID }}, password: {{ env: TEST_CLIENT_ID }} }}\n"
            ),
        );
    };
    let told = |project: &Project| {
        let text = access(project, "");
        text.replace(
            elsewhere.base_url().trim_start_matches("http://"),
            "<elsewhere>",
        )
    };
    file("", "20000002");
    insta::assert_snapshot!(told(&project), @"
    fail  look-up      not configured: <address> does not know the account `20000002`: GET service look-up: 400 there is no account 20000002
                       = help: check `account` and `domainApi` of the environment: the vendor's own look-up knows every account, wherever it is
       -  sign-in      skipped: needs the check that failed
       -  campaigns    skipped: needs the check that failed
       -  collections  skipped: needs the check that failed
    exit 3
    ");
    let other = elsewhere.base_url();
    file(
        &format!("hosts: {{ accountConfigReadWrite: '{other}' }}"),
        ACCOUNT,
    );
    insta::assert_snapshot!(told(&project), @"
      ok  look-up      7 services, 1 of them fixed by `hosts`; accountConfigReadWrite is <elsewhere>
    warn  hosts        accountConfigReadWrite is <elsewhere>, and <address> by the look-up
                       = help: remove these `hosts` of the environment, unless they are intended: accounts move, and the look-up knows where
      ok  sign-in      the user login got a token valid for 8 hours, renewed before it ends
    fail  campaigns    the user login may read nothing there, although the platform just signed it in: not authenticated: GET le-goals/goals: 401 the token is not known; signed in with the user name of the environment variable `TEST_CLIENT_ID` and the password of the environment variable `TEST_CLIENT_ID`
                       = help: a host of another region answers like that: remove the `hosts` that differ from the look-up, see above
      ok  collections  the user login can read ApiHandoff
    exit 4
    ");
    // A host that answers nothing.
    file(
        "hosts: { accountConfigReadWrite: 'http://127.0.0.1:9' }",
        ACCOUNT,
    );
    let text = told(&project);
    assert!(
        text.contains(
            "hosts        accountConfigReadWrite is 127.0.0.1:9, and <address> by the look-up"
        ),
        "{text}"
    );
    assert!(text.contains("unreachable: "), "{text}");
    assert!(text.ends_with("exit 1\n"), "{text}");
}
