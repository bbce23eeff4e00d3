//! Reports: what the platform lists is in the table to the last count, and no recipient is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use campaignctl::sandbox::SandboxSettings;
use serde_json::{Value, json};

use crate::launches::{PERSONAL, Shop, digest};
use crate::support::{ACCOUNT, Account, Run};

/// The template that every account has.
const GENERAL: &str = "1234567890";

/// How many recipients become what.
const FATES: [(&str, u32); 6] = [
    ("sandbox-invalid", 2),
    ("sandbox-failed", 3),
    ("sandbox-open-conversation", 1),
    ("sandbox-read", 4),
    ("sandbox-replied", 5),
    ("consumer", 6),
];

/// An account in the time of this computer: reports are about now.
fn account(settings: SandboxSettings) -> Account {
    Account::at(settings, Arc::new(jiff::Timestamp::now))
}

/// A shop whose launch has recipients of every fate.
fn shop(settings: SandboxSettings) -> Shop {
    let shop = Shop::on(account(settings), 0);
    let mut list = "customerId,firstName\n".to_owned();
    for (start, count) in FATES {
        for number in 0..count {
            let _ = writeln!(list, "{start}-{},{}", 4711 + number, PERSONAL[1]);
        }
    }
    shop.0.write("launches/recipients.csv", &list);
    shop.plan().expect(0);
    shop.send().expect(8);
    shop
}

/// Another account of the project, on which others send: twice by text, and once a handoff with a hostile name.
fn others(shop: &Shop) -> Account {
    let account = account(SandboxSettings::default());
    let base = account.base_url();
    let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
    let more = format!(
        "  other:\n    account: '{ACCOUNT}'\n    domainApi: {base}\n    hosts: {{ proactive: '{base}', reporting: '{base}' }}\n    credentials:\n      clientId: {{ env: TEST_CLIENT_ID }}\n      clientSecret: {{ env: TEST_CLIENT_SECRET }}\n"
    );
    shop.0.write("campaignctl.yaml", &(file + &more));
    let handoff = json!({ "name": "=1+2", "lookbackPeriodDay": 1, "lookbackPeriodHour": 0, "channels": [
        { "type": "wa", "language": "en", "outboundnumber": "15550100300", "messageComponents": [] },
    ] });
    let handoffs = format!("/_sandbox/account/{ACCOUNT}/handoffs");
    let handoff = account.post(&handoffs, &handoff)["id"].clone();
    for (template, channel, count) in [
        (json!(GENERAL), "sms", 2),
        (json!(GENERAL), "sms", 3),
        (handoff, "wa", 4),
    ] {
        let consumers: Vec<Value> = (0..count)
            .map(|number| json!({ "consumerContent": { channel: format!("+1555010030{number}") } }))
            .collect();
        let body = json!({ "campaignName": "Doors", "skill": "Orders", "templateId": template, "consent": true, "consumers": consumers });
        account.post(&format!("/api/v2/account/{ACCOUNT}/campaign"), &body);
    }
    account
}

/// A report over all environments of the project.
fn everywhere(shop: &Shop, arguments: &[&str]) -> Run {
    let arguments = [&["report", "--all-environments"], arguments].concat();
    let mut command = shop.0.command(&arguments);
    let command = command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
    command.output().unwrap().into()
}

/// The text without what differs from run to run.
fn steady(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(' ') {
        let is_time = word.starts_with("20") && word.contains('T') && word.contains('Z');
        out.push_str(if is_time && word.contains(':') {
            if word.ends_with(": ") {
                "…: "
            } else {
                "… "
            }
        } else {
            word
        });
    }
    out
}

#[test]
fn the_table_is_what_the_platforms_sent() {
    let settings = SandboxSettings {
        report_page: 4,
        ..SandboxSettings::default()
    };
    let shop = shop(settings);
    let other = others(&shop);
    let text = everywhere(&shop, &[]).expect(0);
    insta::assert_snapshot!(steady(&text.stdout), @"
    ENVIRONMENT  NAME        SENDER     CHANNEL   LABELS     STATE  SENT  DELIVERED  READ  REPLIED  FAILED  REFUSED
    other        1234567890  proactive  sms                  sent      5          5     0        0       0        0
    other        =1+2        proactive  whatsApp             sent      4          4     0        0       0        0
    test         orders      proactive  inApp     team=care  sent     18         15     9        5       4        2

    failed: 1 of orders: the consumer has an open conversation
    failed: 3 of orders: the message was not delivered
    refused: 2 of orders: INVALID_NUMBER

    3 sends from … to …: 27 sent, 24 delivered, 9 read, 5 replied, 4 failed.
    ");
    let json = everywhere(&shop, &["--format", "json"]).expect(0);
    let document = json.json();
    let environments = document["environments"].as_array().unwrap();
    for environment in environments {
        assert_eq!(environment["listed"], environment["counted"]);
        assert!(environment["listed"]["attempted"].as_u64().unwrap() > 0);
    }
    let all = environments
        .iter()
        .flat_map(|it| it["sends"].as_array().unwrap());
    let found: BTreeMap<&str, &Value> = all.map(|it| (it["name"].as_str().unwrap(), it)).collect();
    let orders = found["orders"];
    let expected = json!({ "attempted": 19, "sent": 18, "delivered": 15, "read": 9, "clicked": 0, "replied": 5, "failed": 4, "skipped": 0 });
    assert_eq!(orders["counts"], expected);
    assert_eq!(orders["labels"], json!({ "team": "care" }));
    assert_eq!(
        (&orders["refused"], &orders["unreported"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(orders["refusals"], json!({ "INVALID_NUMBER": 2 }));
    assert_eq!(orders["reasons"]["the message was not delivered"], 3);
    assert_eq!(found[GENERAL]["counts"]["delivered"], 5);
    assert_eq!(found["=1+2"]["counts"]["delivered"], 4);
    let csv = everywhere(&shop, &["--format", "csv"]).expect(0);
    assert!(
        csv.stdout
            .contains("other,10000001,\"'=1+2\",proactive,false,whatsApp,"),
        "{}",
        csv.stdout
    );
    let html = everywhere(&shop, &["--format", "html"]).expect(0);
    for told in [
        "team=care",
        "without a label",
        "<td class=\"n\">18</td>",
        "the message was not delivered",
    ] {
        assert!(html.stdout.contains(told), "{told}\n{}", html.stdout);
    }
    assert!(
        !html.stdout.contains("src=") && !html.stdout.contains("href="),
        "{}",
        html.stdout
    );
    let runs = [&text, &json, &csv, &html];
    shop.has_nothing_personal(&runs);
    let consumers = [sent(&shop.0.account), sent(&other)].concat();
    for digest in &consumers {
        for run in runs {
            assert!(!run.stdout.contains(digest.as_str()));
        }
    }
    assert!(consumers.contains(&digest("consumer-4711")));
}

/// The digests of the consumers that an account sent to.
fn sent(account: &Account) -> Vec<String> {
    let sends = account.get("/_sandbox/sends");
    let consumers = sends
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|send| send["consumers"].as_array().unwrap());
    consumers
        .map(|it| it.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_is_wanted_is_shown() {
    let shop = shop(SandboxSettings::default());
    let report = |arguments: &[&str]| {
        let run = shop
            .0
            .run(&[&["report", "--format", "json"], arguments].concat());
        let sends = run.expect(0).json()["environments"][0]["sends"].clone();
        sends.as_array().unwrap().len()
    };
    assert_eq!(report(&[]), 1);
    assert_eq!(
        report(&[
            "-l",
            "team=care",
            "--channel",
            "inapp",
            "--state",
            "sent",
            "--since",
            "1h"
        ]),
        1
    );
    for arguments in [
        ["-l", "team!=care"],
        ["--channel", "sms"],
        ["--state", "stopped"],
        ["--until", "2h"],
        ["--until", "2026-11-01"],
    ] {
        assert_eq!(report(&arguments), 0, "{arguments:?}");
    }
    for (arguments, why) in [
        (["--since", "yesterday"], "it is not a time such as"),
        (["--since", "2999-01-01"], "the time ends before it begins"),
    ] {
        let run = shop
            .0
            .run(&[&["report"], &arguments[..]].concat())
            .expect(3);
        assert!(run.stderr.contains(why), "{}", run.stderr);
    }
    let long = shop
        .0
        .run(&["report", "--since", "2020-01-01", "--until", "400d"])
        .expect(3);
    assert!(
        long.stderr.contains("keeps no older reports"),
        "{}",
        long.stderr
    );
}

#[test]
fn what_is_late_is_told() {
    let shop = shop(SandboxSettings {
        report_lag: Duration::from_mins(20),
        ..SandboxSettings::default()
    });
    let late = shop.0.run(&["report"]).expect(0);
    insta::assert_snapshot!(steady(&late.stdout), @"
    NAME    SENDER     CHANNEL  LABELS     STATE  SENT  DELIVERED  READ  REPLIED  FAILED  REFUSED  NOT YET
    orders  proactive  inApp    team=care  sent      0          0     0        0       0        2       19

    refused: 2 of orders: INVALID_NUMBER

    1 send from … to …: 0 sent, 0 delivered, 0 read, 0 replied, 0 failed.
    note: 19 accepted messages are not reported yet: the platform is up to 20 minutes late.
    ");
}

#[test]
fn a_failing_environment_hides_no_other() {
    let shop = shop(SandboxSettings::default());
    let other = others(&shop);
    drop(other);
    let run: Run = everywhere(&shop, &[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("orders"), "{}", run.stdout);
    assert!(run.stdout.contains("other\nerror: "), "{}", run.stdout);
}

/// The counts of a report, by environment and sender, are what the two sandboxes sent, to the last one.
#[test]
fn two_environments_with_both_senders_are_one_report() {
    let shop = shop(SandboxSettings::default());
    let other = others(&shop);
    let access = "    clevertap: { region: in1, account: { env: CT }, passcode: { env: CT } }\n";
    let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
    let mut both = String::new();
    for line in file.lines() {
        let hosts = line
            .strip_suffix("' }")
            .filter(|it| it.contains("reporting: '"));
        if let Some(hosts) = hosts {
            let (_, base) = hosts.rsplit_once('\'').unwrap();
            let _ = writeln!(both, "{hosts}', clevertap: '{base}' }}");
            both.push_str(access);
        } else {
            let _ = writeln!(both, "{line}");
        }
    }
    assert_eq!(both.matches(access).count(), 2);
    shop.0.write("campaignctl.yaml", &both);
    for (account, reaches) in [(&shop.0.account, [40, 7]), (&other, [1000, 1])] {
        let campaign = |reach: u64| json!({ "name": format!("To {reach}"), "target_mode": "push", "reach": reach, "when": "now", "labels": ["Autumn"] });
        let dashboard = json!({ "dashboard": reaches.map(campaign) });
        account.post("/_sandbox/clevertap", &dashboard);
    }
    let mut command = shop
        .0
        .command(&["report", "--all-environments", "--format", "json"]);
    let command = command
        .env_remove("CAMPAIGNCTL_ENVIRONMENT")
        .env("CT", "sandbox");
    let document = Run::from(command.output().unwrap()).expect(0).json();
    for environment in document["environments"].as_array().unwrap() {
        let account = if environment["environment"] == "test" {
            &shop.0.account
        } else {
            &other
        };
        let sends = environment["sends"].as_array().unwrap();
        let sum = |sender: &str, count: &str| {
            let of = sends.iter().filter(|it| it["sender"] == sender);
            of.map(|it| it["counts"][count].as_u64().unwrap())
                .sum::<u64>()
        };
        let messages = u64::try_from(sent(account).len()).unwrap();
        assert_eq!(sum("proactive", "attempted"), messages, "{environment}");
        let campaigns = account.get("/_sandbox/clevertap")["campaigns"].clone();
        let reach: u64 = (campaigns.as_array().unwrap().iter())
            .map(|it| it["reach"].as_u64().unwrap())
            .sum();
        assert_eq!(sum("clevertap", "sent"), reach, "{environment}");
        assert!(messages > 0 && reach > 0);
    }
    let labels = document["labels"].as_array().unwrap();
    let autumn = labels.iter().find(|it| it["label"] == "Autumn").unwrap();
    assert_eq!(autumn["counts"]["sent"], 1048);
    assert_eq!(autumn["uncounted"]["delivered"], 1048);
    assert_eq!(autumn["sends"], 4);
}
