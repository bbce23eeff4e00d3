//! From messages to rows.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    ANALYTICS, MESSAGES, MessageCounts, MessageTally, RecordedSends, Sent, WantedSends, by_label,
    sends, windows,
};
use crate::live::{BatchRecord, BatchState, FailedRecipient, LaunchRecord};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn time() -> (Timestamp, Timestamp) {
    (at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"))
}

/// A message of a campaign that came as far as these events.
fn message(id: &str, campaign: &str, events: &[&str]) -> Value {
    let mut message = json!({
        "transactionId": id, "proactiveCampaignId": campaign, "handOffId": "H1", "channel": "inapp",
        "skill": "Orders", "consumerId": "Ada", "attemptedTime": "2026-11-20T10:00:00.000Z", "readTime": null,
    });
    for event in events {
        message[format!("{event}Time")] = "2026-11-20T10:00:01.000Z".into();
    }
    message
}

fn tally(messages: &[Value]) -> MessageTally {
    let mut tally = MessageTally::default();
    tally.begin();
    let page = json!({ "page": { "nextOffset": -1 }, "transactions": messages });
    assert_eq!(tally.add(&page).unwrap().next, None);
    tally
}

fn batch(state: BatchState, campaign: Option<&str>) -> BatchRecord {
    let at = "2026-11-20T10:00:00Z".to_owned();
    BatchRecord {
        state,
        campaign: campaign.map(str::to_owned),
        accepted: if campaign.is_some() { 2 } else { 0 },
        failed: campaign
            .map(|_| FailedRecipient {
                line: 4,
                reason: "INVALID_NUMBER".to_owned(),
            })
            .into_iter()
            .collect(),
        ..BatchRecord::intent(at, "orders".to_owned(), (2, 4), 3)
    }
}

fn launches() -> BTreeMap<String, LaunchRecord> {
    let batches = [
        (1, batch(BatchState::Sent, Some("c1"))),
        (2, batch(BatchState::Unknown, None)),
    ];
    let record = LaunchRecord {
        count: 6,
        of: 2,
        batches: batches.into(),
        ..LaunchRecord::default()
    };
    [("orders".to_owned(), record)].into()
}

fn rows(tally: &MessageTally) -> Vec<Sent> {
    let labels = [("team".to_owned(), "care".to_owned())];
    let labels = [("orders".to_owned(), labels.into_iter().collect())].into();
    let handoffs = [("H1".to_owned(), "Order updates".to_owned())].into();
    let recorded = RecordedSends {
        launches: &launches(),
        labels: &labels,
        handoffs: &handoffs,
    };
    sends(tally, &[], recorded, time())
}

#[test]
fn a_launch_and_what_others_sent_are_rows_of_their_own() {
    let mut failed = message("3", "c2", &["sent", "failed"]);
    failed["errorMessage"] = "Ada is not there".into();
    let found = rows(&tally(&[
        message(
            "1",
            "c1",
            &["sent", "delivered", "read", "conversationsCreated"],
        ),
        message("2", "c2", &["sent", "delivered"]),
        failed,
    ]));
    let [ours, theirs] = found.as_slice() else {
        panic!("{found:#?}")
    };
    assert_eq!(
        (ours.name.as_str(), ours.owned, ours.state.as_str()),
        ("orders", true, "partly")
    );
    assert_eq!((ours.unknown, ours.unreported, ours.refused), (3, 1, 1));
    assert_eq!((ours.counts.replied, ours.counts.attempted), (1, 1));
    assert_eq!(
        (theirs.name.as_str(), theirs.owned),
        ("Order updates", false)
    );
    assert_eq!((theirs.counts.sent, theirs.counts.failed), (2, 1));
    assert_eq!(theirs.reasons, [("••• is not there".to_owned(), 1)].into());
    assert_eq!(theirs.channel, "inApp");
    let labels = by_label(&found);
    let labels: Vec<_> = labels
        .iter()
        .map(|it| (it.label.as_deref(), it.counts.sent))
        .collect();
    assert_eq!(labels, [(Some("team=care"), 1), (None, 2)]);
}

#[test]
fn what_is_not_reported_yet_is_a_row() {
    let found = rows(&tally(&[]));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].unreported, found[0].counts),
        (2, MessageCounts::default())
    );
    let wanted = WantedSends {
        labels: vec!["team=care".parse().unwrap()],
        channels: vec!["inapp".to_owned()],
        states: vec!["partly".to_owned()],
    };
    assert!(wanted.admits(&found[0]));
    let other = |wanted: WantedSends| !wanted.admits(&found[0]);
    assert!(other(WantedSends {
        labels: vec!["team=shop".parse().unwrap()],
        ..wanted.clone()
    }));
    assert!(other(WantedSends {
        channels: vec!["sms".to_owned()],
        ..wanted.clone()
    }));
    assert!(other(WantedSends {
        states: vec!["sent".to_owned()],
        ..wanted
    }));
}

#[test]
fn a_message_counts_once_whatever_pages_and_times_overlap() {
    let mut tally = MessageTally::default();
    let page = |ids: &[&str], next: i64| {
        let messages: Vec<Value> = ids.iter().map(|id| message(id, "c1", &["sent"])).collect();
        json!({ "page": { "nextOffset": next }, "transactions": messages })
    };
    tally.begin();
    assert_eq!(tally.add(&page(&["1", "2"], 2)).unwrap().next, Some(2));
    tally.add(&page(&["2", "3"], -1)).unwrap();
    tally.begin();
    tally.add(&page(&["3", "4"], -1)).unwrap();
    assert_eq!(tally.total().sent, 4);
    for answer in [json!({}), json!({ "transactions": [1] }), json!(null)] {
        assert!(tally.add(&answer).is_err(), "{answer}");
    }
}

#[test]
fn a_time_is_walked_without_a_gap_and_no_part_is_too_long() {
    let (since, until) = time();
    for most in [MESSAGES, ANALYTICS, SignedDuration::from_hours(7)] {
        let parts: Vec<_> = windows(since, until, most).collect();
        assert_eq!(parts.first().unwrap().0, since);
        assert_eq!(parts.last().unwrap().1, until);
        assert!(parts.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert!(
            parts
                .iter()
                .all(|(start, end)| end.duration_since(*start) <= most && start < end)
        );
    }
    assert_eq!(windows(until, since, MESSAGES).count(), 0);
    assert_eq!(windows(since, until, MESSAGES).count(), 30);
}

#[test]
fn the_counts_of_the_platform_are_read_in_both_spellings() {
    let row = |key: &str| json!({ "attempted": 3, "sent": 2, key: 1, "csat": "2.5" });
    let answer = json!({ "analytics": [row("conversationscreated"), row("conversationsCreated")] });
    let counts = MessageCounts::of_analytics(&answer).unwrap();
    assert_eq!((counts.attempted, counts.sent, counts.replied), (6, 4, 2));
    assert!(MessageCounts::of_analytics(&json!({ "code": 0 })).is_err());
}
