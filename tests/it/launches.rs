//! Launches: sent once, whatever happens on the way, and nothing of a recipient anywhere but in the requests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use campaignctl::sandbox::SandboxSettings;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::chaos::all;
use crate::support::{ACCOUNT, Account, Project, Run, without_ids};

/// What no output and no file but the list of recipients may have.
pub(crate) const PERSONAL: [&str; 2] = ["consumer-4711", "Ada of Planted Street"];

const MANIFEST: &str = r#"apiVersion: campaignctl.dev/v1
kind: Launch
metadata: { name: orders, labels: { team: care } }
spec:
  displayName: Orders on their way
  sender:
    proactive:
      handoff: { live: Order updates }
      skill: Orders
      recipients: { file: recipients.csv, consumer: customerId, variables: { "1": firstName } }
      consent: true
  maxRecipients: 5000
"#;

/// A project with a launch, and an account with its handoff and skill.
pub(crate) struct Shop(pub(crate) Project);

impl Shop {
    fn new(recipients: u32) -> Self {
        Self::on(Account::new(), recipients)
    }

    pub(crate) fn on(account: Account, recipients: u32) -> Self {
        account.seed(&json!({ "skills": [{ "name": "Orders" }] }));
        let shop = Self(Project::on(account));
        shop.handoff("Hi ${{1}}, your order is on its way");
        let base = shop.0.account.base_url();
        let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
        let more = format!(
            "    hosts: {{ proactive: '{base}', reporting: '{base}' }}\n    launches: allowed\n    auditLog: audit.jsonl\n"
        );
        shop.0.write("campaignctl.yaml", &(file + &more));
        shop.0.write("launches/orders.yaml", MANIFEST);
        shop.0.write("launches/recipients.csv", &list(recipients));
        shop
    }

    fn handoff(&self, text: &str) {
        let body = json!({ "name": "Order updates", "lookbackPeriodDay": 2, "lookbackPeriodHour": 0, "channels": [{
            "type": "inapp", "appNames": ["com.example.shop"], "language": "en",
            "messageComponents": [{ "type": "text", "messageText": text, "notificationTitle": "Your order",
                "notificationMessage": "News", "isSameMessageForNotification": false, "variables": ["1"] }],
        }] });
        let path = format!("/_sandbox/account/{ACCOUNT}/handoffs");
        let known = self.0.account.get(&path);
        match known.as_array().and_then(|all| all.first()) {
            Some(known) => {
                let path = format!("{path}/{}", known["id"].as_str().unwrap());
                let put = reqwest::Method::PUT;
                assert_eq!(self.0.account.call(put, &path, &[], Some(&body)).0, 200);
            }
            None => drop(self.0.account.post(&path, &body)),
        }
    }

    pub(crate) fn plan(&self) -> Run {
        self.0.run(&[
            "launch",
            "plan",
            "launches/orders.yaml",
            "--out",
            "orders.json",
        ])
    }

    pub(crate) fn send(&self) -> Run {
        self.0.run(SEND)
    }

    /// How often each consumer was sent to, by the digest that the sandbox keeps.
    pub(crate) fn sent(&self) -> BTreeMap<String, u32> {
        let sends = self.0.account.get("/_sandbox/sends");
        let mut sent = BTreeMap::new();
        for send in sends.as_array().unwrap() {
            for consumer in send["consumers"].as_array().unwrap() {
                *sent
                    .entry(consumer.as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
        }
        sent
    }

    /// What the ledger says of the launch.
    pub(crate) fn status(&self) -> Value {
        let run = self.0.run(&[
            "launch",
            "status",
            "orders",
            "--offline",
            "--format",
            "json",
        ]);
        run.expect(0).json()["launches"]["orders"].clone()
    }

    /// Fails when a recipient is in an output, or in a file besides the list.
    #[track_caller]
    pub(crate) fn has_nothing_personal(&self, runs: &[&Run]) {
        let mut texts = Vec::new();
        for run in runs {
            texts.extend([run.stdout.clone(), run.stderr.clone()]);
        }
        collect(self.0.path(), &mut texts);
        for planted in PERSONAL {
            for text in &texts {
                assert!(!text.contains(planted), "`{planted}` in {text}");
            }
        }
    }
}

const SEND: &[&str] = &["launch", "send", "orders.json", "--approved-by", "ann"];

pub(crate) fn collect(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, texts);
        } else if !path.ends_with("recipients.csv") {
            let bytes = std::fs::read(&path).unwrap();
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

fn id(number: u32) -> String {
    format!("consumer-{}", 4711 + number)
}

fn list(count: u32) -> String {
    let mut text = "customerId,firstName\n".to_owned();
    for number in 0..count {
        let _ = writeln!(text, "{},{} {number}", id(number), PERSONAL[1]);
    }
    text
}

pub(crate) fn digest(id: &str) -> String {
    format!("{:x}", Sha256::digest(id))
}

#[test]
fn a_launch_is_planned_judged_and_sent_once() {
    let shop = Shop::new(250);
    let planned = shop.plan().expect(0);
    let until = |line: &str| {
        let is_it = line.starts_with("Valid until");
        if is_it {
            "Valid until  …".to_owned()
        } else {
            line.to_owned()
        }
    };
    let page = without_ids(&planned.stdout).replace(shop.0.account.base_url(), "https://host");
    let page: Vec<String> = page.lines().map(until).collect();
    insta::assert_snapshot!(page.join("\n"), @"
    Name         orders
    Environment  test, account 10000001
    Recipients   250, from launches/recipients.csv in 3 requests of at most 100
    Handoff      Order updates (H100000000000001)
    Apps         com.example.shop
    Replies to   skill Orders
    Look-back    2d
    When         at once
    Valid until  …

    Message
      | Hi <firstName>, your order is on its way
    Push notification
      | Your order
      | News
    Values
      <firstName> is variable 1; the longest has 25 characters

    Check what no program can see:
      - The apps have the Mobile Messaging SDK 6.2 or later on iOS, 4.7 or later on Android, and push is set up.
      - The recipients have signed in to the app: others are not reached.
      - A recipient with an open conversation gets nothing.
      - Engagement attributes are not sent with the message.
      - Agents see the message where the workspace has the widget `InApp-Widget` with the address https://host/api/cx-widget/account/10000001/auth/url; it shows at most five messages of 30 days.
      - The ledger is a file on this computer: a send from another computer does not know of this one. Share it with `ledger` of the environment.

    Launch: 250 recipients to send to. A send cannot be undone.
    ");
    assert!(shop.sent().is_empty());
    let sent = shop.send().expect(0);
    assert!(
        sent.stdout
            .contains("250 accepted, 0 failed, 0 unknown, 0 left of 250"),
        "{}",
        sent.stdout
    );
    let counted = shop.sent();
    assert_eq!(counted.len(), 250);
    assert!(counted.values().all(|count| *count == 1));
    let again = shop.send().expect(7);
    assert!(
        again.stderr.contains("a launch is sent once"),
        "{}",
        again.stderr
    );
    let planned_again = shop.plan().expect(6);
    assert!(
        planned_again.stdout.contains("It cannot be sent:"),
        "{}",
        planned_again.stdout
    );
    let status = shop.0.run(&["launch", "status", "orders"]).expect(0);
    assert!(status.stdout.contains("250 DELIVERED"), "{}", status.stdout);
    let listed = shop.0.run(&["launch", "list"]).expect(0);
    assert!(listed.stdout.contains("orders  sent"), "{}", listed.stdout);
    let stopped = shop.0.run(&["launch", "stop", "orders"]).expect(0);
    assert!(
        stopped.stderr.contains("nothing is recalled"),
        "{}",
        stopped.stderr
    );
    assert_eq!(shop.sent(), counted);
    let verbose = shop.0.run(&["launch", "list", "-vv"]);
    shop.has_nothing_personal(&[
        &planned,
        &sent,
        &again,
        &planned_again,
        &status,
        &listed,
        &verbose,
    ]);
}

#[test]
fn plan_and_apply_pass_over_launches() {
    let shop = Shop::new(3);
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec: { indicator: { url: /thanks } }\n";
    shop.0.write("goal.yaml", goal);
    let plan = shop.0.run(&["plan"]).expect(0);
    assert!(plan.stdout.contains("Plan: 1 to create"), "{}", plan.stdout);
    shop.0.run(&["apply", "--auto-approve"]).expect(0);
    assert!(shop.sent().is_empty());
    // A mistake in a launch keeps no other object back.
    shop.0.write(
        "launches/orders.yaml",
        &MANIFEST.replace("consent: true", "consent: false"),
    );
    let plan = shop.0.run(&["plan"]).expect(0);
    assert!(
        plan.stderr.contains("warning[launch-consent]"),
        "{}",
        plan.stderr
    );
    shop.0.run(&["validate"]).expect(3);
    shop.plan().expect(3);
}

#[test]
fn faults_of_recipients_are_told_before_anything_is_sent() {
    let shop = Shop::new(0);
    let text = format!(
        "customerId,firstName\n{0},{1}\n{0},{1}\n,{1}\n",
        PERSONAL[0], PERSONAL[1]
    );
    shop.0.write("launches/recipients.csv", &text);
    let run = shop.plan().expect(3);
    for told in [
        "error[recipient-twice]: this recipient is on line 2 already",
        "launches/recipients.csv:3:1",
        "error[recipient-missing]: there is no value of `customerId`",
        "launches/recipients.csv:4:1",
    ] {
        assert!(run.stderr.contains(told), "{told}\n{}", run.stderr);
    }
    assert!(!shop.0.path().join("orders.json").exists());
    shop.has_nothing_personal(&[&run]);
}

#[test]
fn what_moved_since_the_plan_is_refused_and_nothing_is_sent() {
    let shop = Shop::new(120);
    let refused = |code: i32, why: &str| {
        let run = shop.send().expect(code);
        assert!(run.stderr.contains(why), "{why}\n{}", run.stderr);
        assert!(shop.sent().is_empty(), "{why}");
    };
    let plan = || shop.plan().expect(0);
    plan();
    shop.0.write("launches/recipients.csv", &list(119));
    refused(7, "were changed since the launch was planned");
    plan();
    shop.handoff("Hello ${{1}}, another text");
    refused(7, "the handoff `Order updates` was changed");
    plan();
    shop.0
        .write("launches/orders.yaml", &MANIFEST.replace("5000", "4000"));
    refused(7, "was changed since it was planned");
    plan();
    let path = shop.0.path().join("orders.json");
    let saved = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        saved.replace("\"maxRecipients\": 4000", "\"maxRecipients\": 5000"),
    )
    .unwrap();
    refused(7, "was edited");
    let document: Value = serde_json::from_str(&saved).unwrap();
    let at = document["createdAt"].as_str().unwrap();
    let expired = saved.replace(document["expiresAt"].as_str().unwrap(), at);
    std::fs::write(&path, expired).unwrap();
    refused(7, "was edited");
    shop.0
        .run(&[
            "launch",
            "plan",
            "orders",
            "--valid-for",
            "1ms",
            "--out",
            "orders.json",
        ])
        .expect(0);
    refused(7, "the plan expired");
    shop.0
        .write("launches/orders.yaml", &MANIFEST.replace("5000", "100"));
    let over = shop.plan().expect(6);
    assert!(
        over.stdout
            .contains("there are 119 recipients, and `maxRecipients` is 100"),
        "{}",
        over.stdout
    );
    refused(6, "the plan cannot be sent");
    shop.0.write("launches/orders.yaml", MANIFEST);
    plan();
    let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
    shop.0.write(
        "campaignctl.yaml",
        &file.replace("    launches: allowed\n", ""),
    );
    refused(6, "allows no launch without a terminal");
    let run = shop.0.run(&["launch", "send", "orders.json"]).expect(3);
    assert!(
        run.stderr.contains("there is no terminal"),
        "{}",
        run.stderr
    );
    assert!(shop.sent().is_empty());
}

#[test]
fn every_refused_recipient_is_told_by_its_line() {
    let shop = Shop::new(0);
    let rows = [
        "sandbox-invalid-1",
        "sandbox-open-conversation-1",
        "sandbox-failed-1",
        PERSONAL[0],
    ];
    let rows = rows.map(|id| format!("{id},{}", PERSONAL[1])).join("\n");
    shop.0.write(
        "launches/recipients.csv",
        &format!("customerId,firstName\n{rows}\n"),
    );
    shop.plan().expect(0);
    let sent = shop.send().expect(8);
    assert!(
        sent.stdout.contains("failed: line 2: INVALID_NUMBER"),
        "{}",
        sent.stdout
    );
    let status = shop.0.run(&["launch", "status", "orders"]).expect(0);
    for told in [
        "1 DELIVERED",
        "1 FAILED",
        "1 NOT_SENT",
        "not delivered: line 3: NOT_SENT: the consumer has an open conversation",
        "not delivered: line 4: FAILED: the message was not delivered",
    ] {
        assert!(status.stdout.contains(told), "{told} {}", status.stdout);
    }
    // Of another file, no line is named.
    let list = std::fs::read_to_string(shop.0.path().join("launches/recipients.csv")).unwrap();
    let moved = list.replace("sandbox-failed-1", "sandbox-failed-2");
    shop.0.write("launches/recipients.csv", &moved);
    let other = shop.0.run(&["launch", "status", "orders"]).expect(0);
    let told = "not delivered: one of batch 1: NOT_SENT: OTHER_REASON";
    assert!(other.stdout.contains(told), "{}", other.stdout);
    shop.has_nothing_personal(&[&sent, &status]);
}

/// What each batch is known as at the end: no recipient got it twice, and none is silently missing.
#[track_caller]
fn judge(shop: &Shop, count: u32, context: &str) {
    let sent = shop.sent();
    let twice = sent.values().filter(|count| **count > 1).count();
    assert_eq!(twice, 0, "{context}: sent twice");
    let status = shop.status();
    let batches = status["record"]["batches"].as_object().unwrap().clone();
    for number in 0..count {
        let batch = &batches[&(number / 100 + 1).to_string()];
        let is_out = sent.contains_key(&digest(&id(number)));
        match batch["state"].as_str().unwrap() {
            "sent" => assert!(is_out, "{context}: {number} is missing"),
            "unknown" => {}
            other => panic!("{context}: batch of {number} is {other}"),
        }
    }
    let unknown = batches.values().filter(|it| it["state"] == "unknown");
    assert_eq!(unknown.count(), 1, "{context}");
}

#[test]
fn a_killed_or_unanswered_send_goes_on_and_sends_nothing_twice() {
    let batches: usize = if all() { 34 } else { 4 }; // with six faults at each: 204 positions
    let count = u32::try_from(batches * 100 - 50).unwrap();
    let positions: Vec<usize> = if all() {
        (0..batches).collect()
    } else {
        vec![1, batches - 1] // one in the middle, and the one after which nothing is left
    };
    for position in positions {
        for phase in ["before-commit", "after-commit"] {
            let shop = Shop::new(count);
            shop.plan().expect(0);
            killed(&shop, position, phase);
            let context = format!("killed {phase} at batch {position}");
            let resumed = shop.send().expect(8);
            assert!(
                resumed
                    .stderr
                    .contains("the run that sent the launch `orders` did not finish")
                    && !resumed.stderr.contains("campaignctl apply"),
                "{}",
                resumed.stderr
            );
            judge(&shop, count, &context);
            shop.has_nothing_personal(&[&resumed]);
        }
        for action in [
            "lost after-commit",
            "lost before-commit",
            "500 after-commit",
            "garbage after-commit",
        ] {
            if !all() && action != "lost after-commit" {
                continue;
            }
            let shop = Shop::new(count);
            shop.plan().expect(0);
            let fault = format!("POST */campaign {action} after {position} once");
            shop.0.account.handle().add_fault(fault.parse().unwrap());
            let run = shop.send().expect(8);
            judge(&shop, count, &fault);
            assert!(
                run.stdout.contains("it is not sent again"),
                "{}",
                run.stdout
            );
            let again = shop.send().expect(7);
            assert!(
                again.stderr.contains("a launch is sent once"),
                "{}",
                again.stderr
            );
            judge(&shop, count, &fault);
        }
    }
}

/// Kills a send while its n-th batch waits for the answer.
fn killed(shop: &Shop, position: usize, phase: &str) {
    let handle = shop.0.account.handle();
    let fault = format!("POST */campaign delay 60s {phase} after {position} once");
    handle.add_fault(fault.parse().unwrap());
    let mut command = shop.0.command(SEND);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while handle.faults().iter().all(|fault| fault.struck == 0) {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        assert!(Instant::now() < until, "it never struck");
        crate::support::rest();
    }
    if phase == "after-commit" {
        for _ in 0..3 {
            shop.0.account.get("/_sandbox/stats");
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    handle.clear_faults();
}

/// A refused batch went nowhere, so the same command sends it once the reason is gone.
#[test]
fn what_the_platform_refuses_whole_is_sent_later() {
    let shop = Shop::new(150);
    shop.plan().expect(0);
    let handle = shop.0.account.handle();
    handle.add_fault("POST */campaign 400 after 1 once".parse().unwrap());
    let run = shop.send().expect(8);
    assert!(
        run.stdout
            .contains("refused: batch 2 (lines 102 to 151, 50 recipients)"),
        "{}",
        run.stdout
    );
    assert_eq!(shop.sent().len(), 100);
    handle.clear_faults();
    let planned = shop.plan().expect(0);
    assert!(
        planned
            .stdout
            .contains("Left         50; 100 are in batches"),
        "{}",
        planned.stdout
    );
    shop.send().expect(0);
    assert_eq!(shop.sent().len(), 150);
    // The new plan knows that the launch is over; so does the record of the first one.
    shop.send().expect(7);
}

/// What goes to a channel in a day is limited; the platform counts what others send, too. The batch that is one too many goes
/// nowhere, and neither does a part of it.
#[test]
fn what_is_too_many_for_a_day_is_left() {
    let mut settings = SandboxSettings::default();
    settings.set("proactive-daily=240").unwrap();
    let shop = Shop::on(Account::with(settings), 350);
    shop.plan().expect(0);
    let run = shop.send().expect(8);
    assert_eq!(shop.sent().len(), 200);
    assert!(
        run.stdout.contains("the daily limit of 240 recipients"),
        "{}",
        run.stdout
    );
    assert!(shop.sent().values().all(|count| *count == 1));
}

/// The service is down: the launch pauses, and what was not tried is left.
#[test]
fn a_launch_pauses_when_no_answer_comes() {
    let shop = Shop::new(500);
    shop.plan().expect(0);
    let handle = shop.0.account.handle();
    handle.add_fault("POST */campaign lost before-commit".parse().unwrap());
    let run = shop.send().expect(8);
    assert!(
        run.stdout
            .contains("0 accepted, 0 failed, 300 unknown, 200 left of 500"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr.contains("3 answers in a row were lost"),
        "{}",
        run.stderr
    );
    handle.clear_faults();
    shop.send().expect(8);
    assert_eq!(shop.sent().len(), 200);
    let stopped = shop.0.run(&["launch", "stop", "orders"]).expect(0);
    assert!(stopped.stdout.contains("stopped"), "{}", stopped.stdout);
}

/// Fewer recipients in a request leave fewer unknown when an answer is lost.
#[test]
fn a_launch_says_how_large_its_batches_are() {
    let shop = Shop::new(7);
    let manifest = MANIFEST.replace(
        "      consent: true",
        "      consent: true\n      batchSize: 3",
    );
    shop.0.write("launches/orders.yaml", &manifest);
    let planned = shop.plan().expect(0);
    let told = "in 3 requests of at most 3";
    assert!(planned.stdout.contains(told), "{}", planned.stdout);
    let handle = shop.0.account.handle();
    let fault = "POST */campaign lost before-commit after 1 once";
    handle.add_fault(fault.parse().unwrap());
    let run = shop.send().expect(8);
    let told = "4 accepted, 0 failed, 3 unknown, 0 left of 7";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    assert_eq!(shop.sent().len(), 4);
    // Another size is another way to put them into batches, so the launch is not sent with it.
    let manifest = manifest.replace("batchSize: 3", "batchSize: 2");
    shop.0.write("launches/orders.yaml", &manifest);
    let blocked = shop.plan().expect(6);
    let told = "with other recipients or another message";
    assert!(blocked.stdout.contains(told), "{}", blocked.stdout);
}

/// The ledger is all that knows what went out. Where it is lost, the mark beside the plan says that something did.
#[test]
fn a_lost_ledger_sends_nothing_twice() {
    let shop = Shop::new(3);
    shop.plan().expect(0);
    shop.send().expect(0);
    std::fs::remove_dir_all(shop.0.path().join(".campaignctl/ledger")).unwrap();
    let again = shop.send().expect(7);
    let told = "the ledger of test does not know of it";
    assert!(again.stderr.contains(told), "{}", again.stderr);
    // So it is for another plan of the launch in the same file.
    shop.plan().expect(0);
    shop.send().expect(7);
    assert!(shop.sent().values().all(|count| *count == 1));
    shop.has_nothing_personal(&[&again]);
    // A person who knows better removes the mark.
    shop.0.remove("orders.sent.json");
    shop.send().expect(0);
}

#[test]
fn how_long_a_plan_can_be_sent_is_told_in_days_too() {
    let shop = Shop::new(1);
    let plan = |time| {
        shop.0
            .run(&["launch", "plan", "orders", "--valid-for", time])
    };
    plan("2d").expect(0);
    for (time, told) in [
        ("8d", "7 days at most"),
        ("0s", "valid for no time"),
        ("soon", "`30m`, `4h` or `2d`"),
    ] {
        let run = plan(time).expect(3);
        assert!(run.stderr.contains(told), "{time}: {}", run.stderr);
    }
}

/// A plan that waits in a pipeline is kept from being sent before its first batch, too.
#[test]
fn a_launch_that_is_planned_is_stopped() {
    let shop = Shop::new(1);
    shop.plan().expect(0);
    let run = shop.0.run(&["launch", "stop", "orders"]).expect(0);
    let told = "Launch orders: stopped";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    let send = shop.send().expect(7);
    assert!(send.stderr.contains("was stopped at"), "{}", send.stderr);
    assert_eq!(shop.sent().len(), 0);
    shop.0.run(&["launch", "stop", "nothing"]).expect(3);
}
