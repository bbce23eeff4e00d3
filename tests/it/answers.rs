//! Answers to a send that the sandbox does not give: refusals that quote a recipient, lists with less or more than what was
//! sent.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::launches::{PERSONAL, Shop};
use crate::support::Account;

/// What a service says to the consumers of a request.
type Says = fn(&[Value]) -> (StatusCode, Value);

/// A shop whose sends go to a service that says this.
fn shop(recipients: u32, says: Says) -> Shop {
    let shop = Shop::on(Account::new(), recipients);
    let app = Router::new().fallback(answer).with_state(Arc::new(says));
    let url = shop.0.account.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    });
    let file = std::fs::read_to_string(shop.0.path().join("campaignctl.yaml")).unwrap();
    let base = format!("proactive: '{}'", shop.0.account.base_url());
    assert!(file.contains(&base));
    let file = file.replace(&base, &format!("proactive: '{url}'"));
    shop.0.write("campaignctl.yaml", &file);
    shop.plan().expect(0);
    shop
}

async fn answer(
    State(says): State<Arc<Says>>,
    method: Method,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    if method != Method::POST {
        return (StatusCode::NOT_FOUND, Json(json!({ "message": "none" })));
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let (status, answer) = says(body["consumers"].as_array().unwrap());
    (status, Json(answer))
}

/// Consumers as answers name them, by their positions in the request.
fn named(consumers: &[Value]) -> Vec<Value> {
    let named = consumers.iter().zip(1..);
    let named = named.map(|(it, position): (&Value, u32)| json!({ "id": position.to_string(), "consumerContent": it["consumerContent"] }));
    named.collect()
}

/// Neither the page, nor a log line, nor the ledger has what a refusal quotes, whole or in part.
#[test]
fn a_refusal_that_quotes_a_recipient_is_in_no_log() {
    for says in [
        |all: &[Value]| {
            let id = all[0]["consumerContent"]["inapp"].as_str().unwrap();
            let why = format!("consumer {} is not valid", id.to_uppercase());
            (StatusCode::BAD_REQUEST, json!({ "message": why }))
        },
        |_: &[Value]| {
            let why = "no such person: PLANTED-1";
            (StatusCode::SERVICE_UNAVAILABLE, json!({ "message": why }))
        },
    ] as [Says; 2]
    {
        let shop = shop(1, says);
        let run = shop.0.run(&[
            "-vv",
            "launch",
            "send",
            "orders.json",
            "--approved-by",
            "ann",
        ]);
        assert!(
            run.stderr.contains("POST /api/v2/account/"),
            "{}",
            run.stderr
        );
        let mut texts = vec![run.stdout, run.stderr, shop.0.ledger()];
        texts.push(std::fs::read_to_string(shop.0.path().join("audit.jsonl")).unwrap());
        for text in texts {
            let text = text.to_lowercase();
            assert!(!text.contains(PERSONAL[0]), "{text}");
            assert!(!text.contains("planted"), "{text}");
        }
    }
}

/// Nobody knows whether they get the message: whoever resends to those who are told as failed may send twice.
#[test]
fn recipients_that_an_answer_does_not_name_are_unknown() {
    let shop = shop(4, |all| {
        let named: Vec<Value> = named(all).into_iter().step_by(2).collect();
        let answer = json!({ "proactiveCampaignId": "p1", "acceptedConsumers": named, "failedConsumers": [] });
        (StatusCode::OK, answer)
    });
    let run = shop.send().expect(8);
    for told in [
        "Launch orders: partly",
        "2 accepted, 0 failed, 2 unknown, 0 left of 4",
        "unknown: line 3: the answer does not name this recipient",
        "unknown: line 5: the answer does not name this recipient",
    ] {
        assert!(run.stdout.contains(told), "{told}\n{}", run.stdout);
    }
    // They are not sent to again, and a report has them under UNKNOWN.
    shop.send().expect(7);
    let report = shop.0.run(&["report", "--format", "json"]).json();
    let row = &report["sends"][0]["sends"][0];
    let row = if row.is_null() {
        &report["environments"][0]["sends"][0]
    } else {
        row
    };
    assert_eq!(
        (&row["refused"], &row["unknown"]),
        (&json!(0), &json!(2)),
        "{report}"
    );
}

#[test]
fn recipients_that_an_answer_accepts_and_refuses_are_not_accepted() {
    let shop = shop(2, |all| {
        let mut failed = named(all);
        for it in &mut failed {
            it["errorMessage"] = "INVALID_NUMBER".into();
        }
        let answer = json!({ "proactiveCampaignId": "p1", "acceptedConsumers": named(all), "failedConsumers": failed });
        (StatusCode::OK, answer)
    });
    let run = shop.send().expect(8);
    assert!(
        run.stdout
            .contains("0 accepted, 0 failed, 2 unknown, 0 left of 2"),
        "{}",
        run.stdout
    );
    let why = "unknown: line 2: the answer both accepts and refuses this recipient: INVALID_NUMBER";
    assert!(run.stdout.contains(why), "{}", run.stdout);
}

/// A pipeline whose variable is not set approves nothing.
#[test]
fn a_blank_approval_is_none() {
    let shop = Shop::on(Account::new(), 1);
    shop.plan().expect(0);
    for blank in [
        "", " ", "\t", "\u{a0}", "\u{200b}", "-", "\u{3164}", "\u{2800}", "\u{ad}",
    ] {
        let run = shop
            .0
            .run(&["launch", "send", "orders.json", "--approved-by", blank]);
        let run = run.expect(3);
        assert!(run.stderr.contains("--approved-by NAME"), "{}", run.stderr);
    }
    assert_eq!(shop.sent().len(), 0);
}
