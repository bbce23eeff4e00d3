//! What people do about launches by hand: settle what is unknown, send by themselves, look at all of it in one place.

use std::sync::Arc;

use campaignctl::sandbox::SandboxSettings;
use serde_json::Value;

use crate::launches::{PERSONAL, Shop};
use crate::support::Account;

/// A shop with two batches, of which the answer to the second one was lost.
fn unanswered(fault: &str) -> Shop {
    // In the time of this computer, as reports are looked through by time.
    let account = Account::at(SandboxSettings::default(), Arc::new(jiff::Timestamp::now));
    let shop = Shop::on(account, 150);
    shop.plan().expect(0);
    let handle = shop.0.account.handle();
    let fault = format!("POST */campaign {fault} after 1 once");
    handle.add_fault(fault.parse().unwrap());
    let run = shop.send().expect(8);
    let told = "Then: campaignctl launch settle orders --batch 2 --sent, or --not-sent";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    shop
}

/// How many consumers the sandbox sent to, and how many of them twice.
fn sent(shop: &Shop) -> (usize, usize) {
    let sent = shop.sent();
    (
        sent.len(),
        sent.values().filter(|count| **count > 1).count(),
    )
}

#[test]
fn a_batch_that_did_not_go_out_is_sent_by_the_next_send() {
    let shop = unanswered("lost before-commit");
    assert_eq!(sent(&shop), (100, 0));
    shop.send().expect(7);
    let settle = ["launch", "settle", "orders", "--batch", "2", "--not-sent"];
    let settled = shop.0.run(&settle).expect(0);
    assert!(
        settled
            .stdout
            .contains("settled: batch 2 (lines 102 to 151, 50 recipients): not sent"),
        "{}",
        settled.stdout
    );
    let again = shop.0.run(&settle).expect(3);
    assert!(
        again.stderr.contains("batch 2 is settled so already"),
        "{}",
        again.stderr
    );
    shop.send().expect(0);
    assert_eq!(sent(&shop), (150, 0));
    let audit = std::fs::read_to_string(shop.0.path().join("audit.jsonl")).unwrap();
    assert!(audit.contains("settled by "), "{audit}");
    shop.has_nothing_personal(&[&settled, &again]);
}

#[test]
fn a_batch_that_went_out_is_never_sent_again() {
    let shop = unanswered("lost after-commit");
    assert_eq!(sent(&shop), (150, 0));
    let sends = shop.0.account.get("/_sandbox/sends");
    let campaign = sends[1]["id"].as_str().unwrap().to_owned();
    let settle = [
        "launch",
        "settle",
        "orders",
        "--batch",
        "2",
        "--sent",
        "--campaign",
        &campaign,
    ];
    let settled = shop.0.run(&settle).expect(0);
    assert!(
        settled.stdout.contains("Launch orders: sent"),
        "{}",
        settled.stdout
    );
    let status = shop.status();
    let batch = &status["record"]["batches"]["2"];
    assert_eq!(batch["campaign"], Value::from(campaign));
    assert!(
        batch["settled"]["by"].is_string() && batch["settled"]["at"].is_string(),
        "{batch}"
    );
    shop.send().expect(7);
    assert_eq!(sent(&shop), (150, 0));
    let states = shop.0.run(&["launch", "status", "orders"]).expect(0);
    assert!(states.stdout.contains("150 DELIVERED"), "{}", states.stdout);
}

#[test]
fn what_is_not_open_cannot_be_settled() {
    let shop = unanswered("lost after-commit");
    for (arguments, code, why) in [
        (&["orders", "--batch", "1", "--sent"][..], 3, "open are: 2"),
        (&["orders", "--batch", "9", "--not-sent"], 3, "open are: 2"),
        (
            &["other", "--batch", "1", "--sent"],
            3,
            "nothing of a launch `other`",
        ),
        (&["orders", "--batch", "2"], 3, "--sent"),
        (
            &["orders", "--batch", "2", "--sent", "--not-sent"],
            3,
            "cannot be used with",
        ),
    ] {
        let run = shop
            .0
            .run(&[&["launch", "settle"], arguments].concat())
            .expect(code);
        assert!(run.stderr.contains(why), "{why}\n{}", run.stderr);
    }
    assert_eq!(shop.status()["unknown"], 50);
}

#[test]
fn requests_go_to_a_file_that_only_its_owner_reads() {
    let shop = Shop::on(Account::new(), 150);
    let plan = ["launch", "plan", "orders", "--requests", "orders.jsonl"];
    let run = shop.0.run(&plan).expect(0);
    assert!(
        run.stderr.contains("2 requests in orders.jsonl"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("recipients and their values in the clear"),
        "{}",
        run.stderr
    );
    for text in [&run.stdout, &run.stderr] {
        assert!(
            PERSONAL.iter().all(|planted| !text.contains(planted)),
            "{text}"
        );
    }
    // Nothing that is there is replaced.
    let again = shop.0.run(&plan).expect(3);
    assert!(again.stderr.contains("already exists"), "{}", again.stderr);
    let path = shop.0.path().join("orders.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let requests: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let counts: Vec<usize> = requests
        .iter()
        .map(|it| it["consumers"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [100, 50]);
    assert_eq!(
        requests[0]["consumers"][0]["consumerContent"]["inapp"],
        PERSONAL[0]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The platform takes them as they are.
    let campaign = format!("/api/v2/account/{}/campaign", crate::support::ACCOUNT);
    shop.0.account.post(&campaign, &requests[1]);
    assert_eq!(sent(&shop), (50, 0));
    // Nothing is written for a launch that cannot be sent.
    std::fs::remove_file(&path).unwrap();
    let manifest = std::fs::read_to_string(shop.0.path().join("launches/orders.yaml")).unwrap();
    shop.0
        .write("launches/orders.yaml", &manifest.replace("5000", "10"));
    let blocked = shop.0.run(&plan).expect(6);
    assert!(
        blocked.stderr.contains("no requests were written"),
        "{}",
        blocked.stderr
    );
    assert!(!path.exists());
}

#[test]
fn requests_of_batches_that_are_out_are_left_out() {
    let shop = Shop::on(Account::new(), 150);
    shop.plan().expect(0);
    let handle = shop.0.account.handle();
    handle.add_fault("POST */campaign 400 after 1 once".parse().unwrap());
    shop.send().expect(8);
    let plan = ["launch", "plan", "orders", "--requests", "orders.jsonl"];
    let run = shop.0.run(&plan).expect(0);
    assert!(
        run.stderr.contains("1 request in orders.jsonl"),
        "{}",
        run.stderr
    );
    let text = std::fs::read_to_string(shop.0.path().join("orders.jsonl")).unwrap();
    assert!(!text.contains(PERSONAL[0]));
}

#[test]
fn launches_are_among_campaigns_in_status() {
    let shop = Shop::on(Account::new(), 150);
    shop.plan().expect(0);
    shop.send().expect(0);
    let status = |arguments: &[&str]| {
        let run = shop
            .0
            .run(&[&["status", "--format", "json"], arguments].concat());
        let launches = run.expect(0).json()["environments"][0]["launches"].clone();
        launches.as_array().map_or(0, Vec::len)
    };
    assert_eq!(status(&[]), 1);
    assert_eq!(status(&["--kind", "Launch"]), 1);
    assert_eq!(status(&["-l", "team=care"]), 1);
    for filter in [
        &["--kind", "Goal"][..],
        &["-l", "team=shop"],
        &["--foreign"],
        &["--state", "live"],
    ] {
        assert_eq!(status(filter), 0, "{filter:?}");
    }
    let text = shop.0.run(&["status"]).expect(0);
    assert!(text.stdout.contains("\norders  sent "), "{}", text.stdout);
    let csv = shop
        .0
        .run(&["status", "--format", "csv", "--kind", "Launch"])
        .expect(0);
    assert!(
        csv.stdout
            .contains("test,10000001,Launch,orders,orders,,,sent,"),
        "{}",
        csv.stdout
    );
}

#[test]
fn the_doctor_sees_what_a_launch_needs() {
    let shop = Shop::on(Account::new(), 1);
    let checked = |shop: &Shop| {
        let document = shop.0.run(&["doctor", "--format", "json"]).json();
        let checks = document["checks"].as_array().unwrap().clone();
        let of_launches = checks.into_iter().filter(|it| it["name"] == "launches");
        let told = of_launches.map(|it| {
            format!(
                "{}: {}",
                it["state"].as_str().unwrap(),
                it["found"].as_str().unwrap()
            )
        });
        (
            told.collect::<Vec<_>>().join("; "),
            document["unseen"].as_array().map_or(0, Vec::len),
        )
    };
    let (told, unseen) = checked(&shop);
    assert!(
        told.starts_with("ok: 1 launch: their handoffs and skills are there"),
        "{told}"
    );
    assert_eq!(unseen, 5);
    let manifest = std::fs::read_to_string(shop.0.path().join("launches/orders.yaml")).unwrap();
    shop.0.write(
        "launches/orders.yaml",
        &manifest.replace("Order updates", "Other updates"),
    );
    let (told, _) = checked(&shop);
    assert!(
        told.contains("warning: `orders` needs the ApiHandoff `Other updates`"),
        "{told}"
    );
    let handle = shop.0.account.handle();
    handle.add_fault("GET */conversations 403".parse().unwrap());
    let (told, _) = checked(&shop);
    assert!(told.contains("warning: the Proactive API at "), "{told}");
}

/// An id that is wrong is not written down, and a word that was wrong is corrected.
#[test]
fn a_campaign_is_looked_up_before_it_is_settled() {
    let shop = unanswered("lost after-commit");
    let sends = shop.0.account.get("/_sandbox/sends");
    let ids: Vec<&str> = sends
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    let settle = |word: &[&str]| {
        let arguments = [&["launch", "settle", "orders", "--batch", "2"], word].concat();
        shop.0.run(&arguments)
    };
    for (id, told) in [
        ("NOPE", "the platform has no campaign `NOPE`"),
        (ids[0], "is batch 1 of `orders`"),
    ] {
        let run = settle(&["--sent", "--campaign", id]).expect(3);
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert_eq!(shop.status()["unknown"], 50);
    }
    // Its campaign is named as a hint, and settles nothing by itself.
    let status = shop.0.run(&["launch", "status", "orders"]).expect(0);
    let hint = format!(
        "it may be the campaign `{}`, of that time and with 50 messages",
        ids[1]
    );
    assert!(status.stdout.contains(&hint), "{}", status.stdout);
    assert_eq!(shop.status()["unknown"], 50);
    settle(&["--not-sent"]).expect(0);
    let corrected = settle(&["--sent", "--campaign", ids[1]]).expect(0);
    let told = "; this corrects: not sent, as tester";
    assert!(corrected.stdout.contains(told), "{}", corrected.stdout);
    let audit = std::fs::read_to_string(shop.0.path().join("audit.jsonl")).unwrap();
    assert!(audit.contains("who corrects: not sent, as "), "{audit}");
    // What the platform has was sent, whatever a person says.
    let refused = settle(&["--not-sent"]).expect(3).stderr;
    assert!(refused.contains("something of it was sent"), "{refused}");
    shop.send().expect(7);
    assert_eq!(sent(&shop), (150, 0));
}

/// One campaign that the platform does not find hides neither the ledger nor the other batches.
#[test]
fn a_campaign_that_is_not_found_hides_no_other() {
    let shop = unanswered("lost after-commit");
    let handle = shop.0.account.handle();
    handle.add_fault("GET */campaign/UNSEEN/conversations 403".parse().unwrap());
    let settle = [
        "launch",
        "settle",
        "orders",
        "--batch",
        "2",
        "--sent",
        "--campaign",
        "UNSEEN",
    ];
    let run = shop.0.run(&settle).expect(0);
    let told = "The platform could not be asked for the campaign";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let failing = shop.0.run(&["launch", "status", "orders"]).expect(4);
    assert!(
        failing.stdout.contains("settled: batch 2"),
        "{}",
        failing.stdout
    );
    handle.clear_faults();
    let status = shop.0.run(&["launch", "status", "orders"]).expect(0);
    for told in [
        "100 DELIVERED",
        "not found: batch 2: the platform has no campaign `UNSEEN`",
    ] {
        assert!(status.stdout.contains(told), "{told}\n{}", status.stdout);
    }
}
