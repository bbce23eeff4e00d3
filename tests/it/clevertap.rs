//! Campaigns of CleverTap: planned with an estimate, made once, looked at and stopped, whatever happens on the way.

use std::process::Stdio;
use std::sync::Arc;

use serde_json::{Value, json};

use campaignctl::sandbox::SandboxSettings;

use crate::support::{Account, Project, Run};

const MANIFEST: &str = r#"apiVersion: campaignctl.dev/v1
kind: Launch
metadata: { name: autumn, labels: { team: shop } }
spec:
  displayName: Autumn sale
  sender:
    clevertap:
      channel: push
      where: { event_name: App Launched, from: 20261101, to: 20261130 }
      content: { title: Autumn, body: The sale is on., platform_specific: { android: { deep_link: "app://sale" } } }
      labels: [Autumn]
      mode: send
  maxRecipients: 400
"#;

/// The passcode of the tests; it must show up nowhere. The sandbox knows its own, so it is the text of that.
const ACCESS: &str = "    clevertap: { region: in1, account: { env: CT_ACCOUNT }, passcode: { env: CT_PASSCODE } }\n";

/// A project with a campaign, and an account of CleverTap.
struct Shop(Project);

impl Shop {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(switches: &[&str]) -> Self {
        let mut settings = SandboxSettings::default();
        for switch in switches {
            settings.set(switch).unwrap();
        }
        let shop = Self(Project::on(Account::at(
            settings,
            Arc::new(jiff::Timestamp::now),
        )));
        let base = shop.0.account.base_url();
        let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
        let more = format!(
            "{ACCESS}    hosts: {{ clevertap: '{base}', proactive: '{base}', reporting: '{base}' }}\n    launches: allowed\n    auditLog: audit.jsonl\nclevertap: {{ labels: [Autumn, Care] }}\n"
        );
        shop.0.write("campaignctl.yaml", &(file + &more));
        shop.0.write("launches/autumn.yaml", MANIFEST);
        shop
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.0.command(arguments);
        command
            .env("CT_ACCOUNT", "sandbox")
            .env("CT_PASSCODE", "sandbox");
        command.output().unwrap().into()
    }

    fn plan(&self) -> Run {
        self.run(&["launch", "plan", "autumn", "--out", "autumn.json"])
    }

    fn send(&self) -> Run {
        self.run(&["launch", "send", "autumn.json", "--approved-by", "ann"])
    }

    /// The campaigns of the account.
    fn campaigns(&self) -> Vec<Value> {
        let all = self.0.account.get("/_sandbox/clevertap");
        all["campaigns"].as_array().unwrap().clone()
    }

    fn change(&self, from: &str, to: &str) {
        assert!(MANIFEST.contains(from), "{from}");
        self.0
            .write("launches/autumn.yaml", &MANIFEST.replace(from, to));
    }

    fn state(&self) -> Value {
        let status = [
            "launch",
            "status",
            "autumn",
            "--offline",
            "--format",
            "json",
        ];
        self.run(&status).expect(0).json()["launches"]["autumn"].clone()
    }
}

/// The page without what differs from run to run.
fn page(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let is_own = ["CleverTap ", "Valid until"]
            .iter()
            .find(|it| line.starts_with(**it));
        is_own.map_or_else(|| line.to_owned(), |it| format!("{:<13}..", it.trim()))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_campaign_is_planned_judged_and_sent_once() {
    let shop = Shop::new();
    let planned = shop.plan().expect(0);
    insta::assert_snapshot!(page(&planned.stdout), @"
    Name         autumn
    Environment  test, account 10000001
    CleverTap    ..
    Channel      push
    Mode         send
    Users        about 250
    Labels       Autumn
    Caps         users who got their share of messages are left out
    When         at once
    Valid until  ..

    Audience
      | event_name: App Launched
      | from: 20261101
      | to: 20261130
    Message
      | title: Autumn
      | body: The sale is on.
      | platform_specific.android.deep_link: app://sale

    Check what no program can see:
      - The users agreed to receive such messages: CleverTap knows who unsubscribed, and nothing else.
      - The estimate is of this moment. Audiences change until the campaign goes out.
      - Labels exist in the dashboard, with this spelling.
      - The ledger is a file on this computer: a send from another computer does not know of this one. Share it with `ledger` of the environment.

    Launch: about 250 users to send to. A send cannot be undone.
    ");
    assert!(shop.campaigns().is_empty(), "an estimate makes nothing");
    let sent = shop.send().expect(0);
    assert!(
        sent.stdout
            .contains("sent as the campaign 1629904249 of CleverTap, push, about 250 users"),
        "{}",
        sent.stdout
    );
    let made = shop.campaigns();
    assert_eq!(made.len(), 1);
    for (key, value) in [
        ("target_mode", json!("push")),
        ("when", json!("now")),
        ("labels", json!(["Autumn"])),
        ("respect_frequency_caps", json!(true)),
        ("draft", Value::Null),
        (
            "content",
            json!({ "title": "Autumn", "body": "The sale is on.", "platform_specific": { "android": { "deep_link": "app://sale" } } }),
        ),
    ] {
        assert_eq!(made[0].get(key).unwrap_or(&Value::Null), &value, "{key}");
    }
    let again = shop.send().expect(7);
    assert!(
        again.stderr.contains("a launch is sent once"),
        "{}",
        again.stderr
    );
    shop.plan().expect(6);
    let status = shop.run(&["launch", "status", "autumn"]).expect(0);
    assert!(
        status.stdout.contains("250 SENT") && status.stdout.contains("25 CLICKED"),
        "{}",
        status.stdout
    );
    let stopped = shop.run(&["launch", "stop", "autumn"]).expect(0);
    assert!(
        stopped.stderr.contains("nothing is recalled"),
        "{}",
        stopped.stderr
    );
    assert_eq!(shop.campaigns().len(), 1);
}

#[test]
fn a_draft_needs_no_limit_and_reaches_no_one() {
    let shop = Shop::new();
    shop.0.write(
        "launches/autumn.yaml",
        &MANIFEST
            .replace("      mode: send\n", "")
            .replace("  maxRecipients: 400\n", ""),
    );
    let planned = shop.plan().expect(0);
    assert!(
        planned
            .stdout
            .contains("Launch: a draft for about 250 users."),
        "{}",
        planned.stdout
    );
    let sent = shop.send().expect(0);
    assert!(
        sent.stdout.contains("Launch autumn: draft"),
        "{}",
        sent.stdout
    );
    assert!(
        sent.stdout.contains("kept as the draft 1629904249"),
        "{}",
        sent.stdout
    );
    assert_eq!(shop.campaigns()[0]["draft"], true);
}

#[test]
fn an_estimate_decides_whether_it_may_be_sent() {
    for (switches, code, told) in [
        (
            &["clevertap-users=1700"][..],
            6,
            "there are 425 recipients, and `maxRecipients` is 400",
        ),
        (
            &["clevertap-estimate=absent"],
            6,
            "the answer of CleverTap has no count of users",
        ),
        (
            &["clevertap-estimate=devices"],
            0,
            "about 250 (android 150, ios 100)",
        ),
        (&["clevertap-region=wrong"], 4, ""),
    ] {
        let shop = Shop::with(switches);
        let planned = shop.plan().expect(code);
        assert!(
            planned.stdout.contains(told),
            "{switches:?}: {}",
            planned.stdout
        );
        if code == 4 {
            assert!(
                planned.stderr.contains("a wrong region looks the same"),
                "{}",
                planned.stderr
            );
        } else if code == 6 {
            let sent = shop.send().expect(6);
            assert!(
                sent.stderr.contains("the plan cannot be sent"),
                "{}",
                sent.stderr
            );
        }
        assert!(shop.campaigns().is_empty());
    }
}

#[test]
fn what_moved_since_the_plan_is_not_sent() {
    let shop = Shop::new();
    shop.plan().expect(0);
    let users = |count: u64| {
        shop.0
            .account
            .post("/_sandbox/clevertap", &json!({ "users": count }))
    };
    users(1150);
    let moved = shop.send().expect(7);
    assert!(
        moved
            .stderr
            .contains("the audience has 287 users, and had 250 when the launch was planned"),
        "{}",
        moved.stderr
    );
    users(1090);
    shop.change("The sale is on.", "The sale is over.");
    let moved = shop.send().expect(7);
    assert!(
        moved.stderr.contains("was changed since it was planned"),
        "{}",
        moved.stderr
    );
    shop.change("mode: send", "mode: send ");
    let path = shop.0.path().join("autumn.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("The sale is on.", "Free money.")).unwrap();
    let edited = shop.send().expect(7);
    assert!(
        edited
            .stderr
            .contains("the plan was edited after it was made"),
        "{}",
        edited.stderr
    );
    std::fs::write(&path, text).unwrap();
    assert!(shop.campaigns().is_empty());
    shop.send().expect(0);
    assert_eq!(shop.campaigns().len(), 1);
}

/// The answer is lost, or the run dies, before or after the campaign was made: it is never made twice, and found where it is
/// listed.
#[test]
fn a_lost_answer_is_looked_up_and_never_repeated() {
    for (fault, is_made) in [
        (
            "POST */targets/create.json lost after-commit after 1 once",
            true,
        ),
        (
            "POST */targets/create.json lost before-commit after 1 once",
            false,
        ),
        (
            "POST */targets/create.json 503 after-commit after 1 once",
            true,
        ),
    ] {
        let shop = Shop::new();
        shop.plan().expect(0);
        shop.0.account.fault(fault);
        let sent = shop.send();
        assert_eq!(
            shop.campaigns().len(),
            usize::from(is_made),
            "{fault}: {}",
            sent.stderr
        );
        let code = sent.code.unwrap();
        if is_made {
            sent.expect(0);
            assert_eq!(shop.state()["state"], "sent", "{fault}");
            assert_eq!(
                shop.state()["record"]["batches"]["1"]["campaign"],
                "1629904249"
            );
        } else {
            assert_eq!(code, 8, "{fault}: {}", sent.stderr);
            assert!(
                sent.stdout.contains("look for `Autumn sale ["),
                "{}",
                sent.stdout
            );
            assert_eq!(shop.state()["unknown"], 250);
            let again = shop.send().expect(8);
            assert!(
                again
                    .stderr
                    .contains("no campaign of this name is listed yet"),
                "{}",
                again.stderr
            );
            assert!(shop.campaigns().is_empty());
            shop.run(&["launch", "settle", "autumn", "--batch", "1", "--not-sent"])
                .expect(0);
            shop.send().expect(0);
            assert_eq!(shop.campaigns().len(), 1);
        }
    }
}

/// Drafts may not be listed: then only a person can say what became of one.
#[test]
fn a_lost_draft_is_found_where_drafts_are_listed() {
    for (switch, code) in [
        ("clevertap-drafts=listed", 0),
        ("clevertap-drafts=unlisted", 8),
    ] {
        let shop = Shop::with(&[switch]);
        shop.change("mode: send", "mode: draft");
        shop.plan().expect(0);
        shop.0
            .account
            .fault("POST */targets/create.json lost after-commit after 1 once");
        shop.send().expect(code);
        shop.send().expect(if code == 0 { 7 } else { 8 });
        assert_eq!(shop.campaigns().len(), 1, "{switch}");
    }
}

#[test]
fn a_refused_campaign_is_not_made_and_can_be_sent_again() {
    let shop = Shop::new();
    shop.plan().expect(0);
    shop.0
        .account
        .fault("POST */targets/create.json 400 after 1 once");
    let refused = shop.send().expect(1);
    assert!(
        refused.stdout.contains("refused: campaign `Autumn sale ["),
        "{}",
        refused.stdout
    );
    assert!(shop.campaigns().is_empty());
    shop.send().expect(0);
    assert_eq!(shop.campaigns().len(), 1);
}

#[test]
fn a_scheduled_campaign_is_stopped_at_the_service() {
    let shop = Shop::new();
    shop.change(
        "      labels: [Autumn]\n",
        "      labels: [Autumn]\n      when: { delivery: [\"20261201 10:00\"] }\n",
    );
    shop.plan().expect(0);
    shop.send().expect(0);
    shop.run(&["launch", "stop", "autumn"]).expect(0);
    assert_eq!(shop.campaigns()[0]["stopped"], true);
}

#[test]
fn labels_are_those_of_the_project_file() {
    let shop = Shop::new();
    shop.change("labels: [Autumn]", "labels: [Autumm]");
    let checked = shop.run(&["validate"]).expect(3);
    assert!(
        checked
            .stdout
            .contains("error[launch-label]: `campaignctl.yaml` lists no label `Autumm`"),
        "{}",
        checked.stdout
    );
    assert!(
        checked.stdout.contains("did you mean `Autumn`?"),
        "{}",
        checked.stdout
    );
    shop.plan().expect(3);
}

#[test]
fn the_request_can_be_sent_by_others() {
    let shop = Shop::new();
    let planned = shop
        .run(&["launch", "plan", "autumn", "--requests", "autumn.jsonl"])
        .expect(0);
    assert!(
        planned.stderr.contains("1 request in autumn.jsonl"),
        "{}",
        planned.stderr
    );
    let text = std::fs::read_to_string(shop.0.path().join("autumn.jsonl")).unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body["target_mode"], "push");
    let name = body["name"].as_str().unwrap();
    assert!(name.starts_with("Autumn sale ["), "{name}");
}

#[test]
fn an_environment_without_clevertap_says_how_to_have_it() {
    let shop = Shop::new();
    let path = shop.0.path().join("campaignctl.yaml");
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, file.replace(ACCESS, "")).unwrap();
    let planned = shop.plan().expect(3);
    assert!(
        planned
            .stderr
            .contains("the environment `test` has no CleverTap account"),
        "{}",
        planned.stderr
    );
    // The sandbox has one of its own.
    let planned = shop
        .run(&["launch", "plan", "autumn", "-e", "sandbox"])
        .expect(0);
    assert!(planned.stdout.contains("about 250"), "{}", planned.stdout);
}

/// What was sent by both senders, and by people in the dashboard, is one table to the last count.
#[test]
fn a_report_has_the_campaigns_of_both_senders() {
    let shop = Shop::new();
    shop.plan().expect(0);
    shop.send().expect(0);
    let by_hand = json!({ "dashboard": [
        { "name": "=1+2 <b>Spring</b>", "target_mode": "email", "reach": 40, "when": "now", "labels": ["Care"],
          "errors": { "HardBounce": 3 } },
        { "name": "Later", "target_mode": "sms", "reach": 9, "when": { "at": "later" } },
        { "name": "Kept", "target_mode": "sms", "reach": 9, "when": "now", "draft": true },
    ] });
    shop.0.account.post("/_sandbox/clevertap", &by_hand);
    let report = shop.run(&["report", "--since", "7d"]).expect(0);
    let (table, _) = report.stdout.split_once("\n\n3 sends from").unwrap();
    insta::assert_snapshot!(table, @"
    NAME                SENDER     CHANNEL  LABELS            STATE      SENT  DELIVERED  READ  CLICKED  REPLIED  FAILED
    autumn              clevertap  push     team=shop,Autumn  sent        250          -   125       25        -       0
    =1+2 <b>Spring</b>  clevertap  email    Care              sent         40          -    20        4        -       3
    Later               clevertap  sms                        scheduled     0          -     0        0        -       0

    failed: 3 of =1+2 <b>Spring</b>: HardBounce
    ");
    assert!(
        report
            .stdout
            .contains(": 290 sent, 145 read, 29 clicked, 3 failed."),
        "{}",
        report.stdout
    );
    let sends = shop.run(&["report", "--format", "json"]).expect(0).json();
    let sends = sends["environments"][0]["sends"]
        .as_array()
        .unwrap()
        .clone();
    let of = |name: &str| sends.iter().find(|it| it["name"] == name).unwrap();
    assert_eq!(of("autumn")["counts"]["sent"], 250);
    assert_eq!(of("autumn")["counts"]["clicked"], 25);
    assert_eq!(
        of("autumn")["uncounted"],
        json!(["delivered", "replied", "skipped"])
    );
    assert_eq!(of("autumn")["owned"], true);
    let labelled = shop.run(&["report", "-l", "Autumn"]).expect(0);
    assert!(
        labelled.stdout.contains("autumn") && !labelled.stdout.contains("Later"),
        "{}",
        labelled.stdout
    );
    let csv = shop.run(&["report", "--format", "csv"]).expect(0).stdout;
    assert!(csv.contains("'=1+2"), "{csv}");
    let html = shop.run(&["report", "--format", "html"]).expect(0).stdout;
    assert!(html.contains("&lt;b&gt;Spring") && !html.contains("<b>Spring"));
    // What no sender counts has no bar; 340 of 340 attempted messages have the others.
    assert!(html.contains("<dt>delivered</dt><dd><i>not counted by the sender</i>"));
    let list = shop.run(&["launch", "list"]).expect(0).stdout;
    let cells: Vec<&str> = list.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(cells[3..], ["-", "-", "0", "0"], "{list}");
    let scheduled = shop.run(&["report", "--state", "scheduled"]).expect(0);
    assert!(scheduled.stdout.contains("Later"), "{}", scheduled.stdout);
}

/// A campaign whose figures are not there yet is in the table all the same, and a wrong region is no empty report.
#[test]
fn a_report_says_what_is_late_and_fails_where_it_cannot_be_read() {
    let shop = Shop::with(&["clevertap-lag=4h"]);
    shop.plan().expect(0);
    shop.send().expect(0);
    let report = shop.run(&["report"]).expect(0);
    assert!(
        report.stdout.contains("autumn  clevertap"),
        "{}",
        report.stdout
    );
    assert!(
        report
            .stdout
            .contains("figures of CleverTap are up to 4 hours old"),
        "{}",
        report.stdout
    );
    let shop = Shop::with(&["clevertap-region=wrong"]);
    let report = shop.run(&["report"]).expect(4);
    assert!(
        report.stdout.contains("a wrong region looks the same")
            && report
                .stdout
                .contains("the figures of CleverTap are not in it"),
        "{}",
        report.stdout
    );
    let error = &shop.run(&["report", "--format", "json"]).expect(4).json()["environments"][0];
    assert_eq!(error["exit"], 4, "{error}");
}

/// `doctor` asks the CleverTap account, where there is one or a launch needs one, and says nothing of Proactive Messaging
/// where no launch needs that.
#[test]
fn doctor_asks_the_clevertap_account() {
    let told = |shop: &Shop| {
        let run = shop.run(&["doctor"]);
        let line = run.stdout.lines().find(|line| line.contains("clevertap "));
        let line = line
            .unwrap_or_default()
            .trim()
            .replace(&shop.0.account.base_url()[7..], "HOST");
        (line, run.stdout.contains("launches"))
    };
    let shop = Shop::new();
    let (line, is_proactive) = told(&shop);
    insta::assert_snapshot!(line, @"ok  clevertap    account sandbox at HOST answers; 1 launch to send with it");
    assert!(!is_proactive);
    let (line, _) = told(&Shop::with(&["clevertap-region=wrong"]));
    insta::assert_snapshot!(line, @"warn  clevertap    account sandbox at HOST: not authenticated: POST targets/list: 401 Invalid Credentials; a wrong region looks the same");
    let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
    shop.0.write("campaignctl.yaml", &file.replace(ACCESS, ""));
    let (line, _) = told(&shop);
    assert!(
        line.contains("the environment `test` has no CleverTap account"),
        "{line}"
    );
    std::fs::remove_file(shop.0.path().join("launches/autumn.yaml")).unwrap();
    assert_eq!(told(&shop).0, "");
}

/// A campaign of a launch is in the table although CleverTap cannot be read, and nothing is said of its figures.
#[test]
fn a_sender_that_cannot_be_read_takes_nothing_from_the_other_one() {
    let shop = Shop::new();
    shop.plan().expect(0);
    shop.send().expect(0);
    let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
    for (from, to, sender) in [
        (
            "clevertap: 'http",
            "clevertap: 'http://127.0.0.1:1/?",
            "CleverTap",
        ),
        (
            "reporting: 'http",
            "reporting: 'http://127.0.0.1:1/?",
            "Proactive Messaging",
        ),
    ] {
        let port = file.find(from).unwrap() + from.len();
        let end = port + file[port..].find('\'').unwrap();
        let to = to.trim_end_matches('?').trim_end_matches('/');
        let broken = format!("{}{to}{}", &file[..port - from.len()], &file[end..]);
        shop.0.write("campaignctl.yaml", &broken);
        let report = shop.run(&["--retry-budget", "1s", "report"]);
        assert_ne!(report.code, Some(0));
        let told = format!("the figures of {sender} are not in it");
        assert!(
            report.stdout.contains(&told),
            "{}{}",
            report.stdout,
            report.stderr
        );
        let row = report
            .stdout
            .lines()
            .find(|line| line.starts_with("autumn"));
        let cells: Vec<&str> = row.unwrap().split_whitespace().collect();
        let sent = cells[5];
        assert_eq!(
            sent,
            if sender == "CleverTap" { "-" } else { "250" },
            "{cells:?}"
        );
    }
}

/// A run that is killed while the request is on its way leaves one campaign that may have been made; the next one looks.
#[test]
fn a_run_that_is_killed_makes_no_second_campaign() {
    let shop = Shop::new();
    shop.plan().expect(0);
    shop.0
        .account
        .fault("POST */targets/create.json delay 10m after-commit after 1 once");
    let mut command = shop
        .0
        .command(&["launch", "send", "autumn.json", "--approved-by", "ann"]);
    command
        .env("CT_ACCOUNT", "sandbox")
        .env("CT_PASSCODE", "sandbox");
    let mut run = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while shop.campaigns().is_empty() {
        crate::support::rest();
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let next = shop.send().expect(0);
    assert!(
        next.stdout.contains("sent as the campaign 1629904249"),
        "{}",
        next.stdout
    );
    assert_eq!(shop.campaigns().len(), 1);
    shop.send().expect(7);
}

/// What is listed, and how far a campaign is, is as the switches of the sandbox say.
#[test]
fn the_sandbox_lists_what_its_switches_say() {
    let headers = [
        ("X-CleverTap-Account-Id", "sandbox"),
        ("X-CleverTap-Passcode", "sandbox"),
    ];
    for (switch, listed, status, result) in [
        ("clevertap-list=all", 2, "completed", 200),
        ("clevertap-list=api", 1, "completed", 200),
        ("clevertap-runs=1h", 2, "running", 409),
    ] {
        let mut settings = SandboxSettings::default();
        settings.set(switch).unwrap();
        let account = Account::at(settings, Arc::new(jiff::Timestamp::now));
        let post = |call: &str, body: &Value| {
            let path = format!("/1/targets/{call}.json");
            let (status, _, answer) =
                account.call(reqwest::Method::POST, &path, &headers, Some(body));
            (status, answer)
        };
        let campaign = json!({ "name": "Ours", "target_mode": "push", "segment": 7, "when": "now", "content": { "title": "Hi" } });
        let made = post("create", &campaign).1;
        let by_hand =
            json!({ "dashboard": [{ "name": "Theirs", "target_mode": "sms", "when": "now" }] });
        account.post("/_sandbox/clevertap", &by_hand);
        let all = post("list", &json!({ "from": 20_260_101, "to": 20_991_231 })).1;
        let targets = all["targets"].as_array().unwrap();
        assert_eq!(targets.len(), listed, "{switch}");
        assert_eq!(targets[0]["status"], status, "{switch}");
        let id = json!({ "id": made["id"] });
        assert_eq!(post("result", &id).0, result, "{switch}");
        let unknown = post("stop", &json!({ "id": 1 }));
        assert_eq!((unknown.0, &unknown.1["status"]), (200, &json!("fail")));
        for missing in ["name", "target_mode", "when", "content"] {
            let mut body = campaign.clone();
            body.as_object_mut().unwrap().shift_remove(missing);
            assert_ne!(post("create", &body).0, 200, "{missing}");
        }
    }
}

/// The passcode is in no output and no file, whether the service takes it or not.
#[test]
fn the_passcode_is_shown_nowhere() {
    const PASSCODE: &str = "hush-passcode-of-clevertap";
    let shop = Shop::new();
    let with = |arguments: &[&str]| -> Run {
        let mut command = shop.0.command(arguments);
        command
            .env("CT_ACCOUNT", "sandbox")
            .env("CT_PASSCODE", PASSCODE);
        command.output().unwrap().into()
    };
    for (arguments, code) in [
        (
            &["launch", "plan", "autumn", "--out", "autumn.json", "-vv"][..],
            4,
        ),
        (&["report", "-vv"], 4),
        (&["doctor", "-vv"], 0),
        (&["validate", "-vv"], 0),
    ] {
        let run = with(arguments).expect(code);
        assert!(
            !run.stdout.contains(PASSCODE) && !run.stderr.contains(PASSCODE),
            "{arguments:?}"
        );
    }
    shop.plan().expect(0);
    with(&[
        "launch",
        "send",
        "autumn.json",
        "--approved-by",
        "ann",
        "-vv",
    ])
    .expect(4);
    assert!(shop.campaigns().is_empty());
    let mut texts = Vec::new();
    crate::launches::collect(shop.0.path(), &mut texts);
    assert!(texts.len() > 3 && texts.iter().all(|text| !text.contains(PASSCODE)));
}
