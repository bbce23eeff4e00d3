//! The campaigns that CleverTap reports (platform.md#clevertap).

use std::collections::BTreeMap;

use indexmap::IndexMap;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::counts::MessageCounts;
use crate::kinds::CLEVERTAP_CHANNELS;
use crate::name::RemoteId;
use crate::text::number::natural;

/// How old the figures may be.
pub const CLEVERTAP_LAG: SignedDuration = SignedDuration::from_hours(4);

/// The longest time that is asked for at once: answers take longer with the time.
pub const CLEVERTAP_WINDOW: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The most campaigns that a report holds. A report with so many may hold no more although there are.
pub const CLEVERTAP_MOST: usize = 2500;

/// What the service does not count.
pub(super) const UNCOUNTED: [&str; 3] = ["delivered", "replied", "skipped"];

/// The words of reports for channels, beside those of manifests.
const REPORTED: [(&str, &str); 3] = [
    ("browser", "webPush"),
    ("webhooks", "webhook"),
    ("inbox", "appInbox"),
];

/// A campaign of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedCampaign {
    /// Its id.
    pub id: String,
    /// Its name in the dashboard.
    pub name: String,
    /// The channel, in the word of manifests, else in that of the report.
    pub channel: String,
    /// How far it is.
    pub state: String,
    /// The labels, which have no values.
    pub labels: IndexMap<String, String>,
    /// When it began. The answer has the time of the account's clocks, and names no zone.
    pub began: Option<Timestamp>,
    /// How many messages came how far.
    pub counts: MessageCounts,
    /// Why messages failed, with how many of each.
    pub reasons: BTreeMap<String, u64>,
}

impl ReportedCampaign {
    /// The campaigns of a report, by the clocks of a zone.
    ///
    /// # Errors
    /// An answer of another shape.
    pub fn of_report(answer: &Value, zone: &TimeZone) -> Result<Vec<Self>, String> {
        let messages = answer.get("messages").and_then(Value::as_array);
        let messages = messages.ok_or("the answer has no list `messages`")?;
        messages
            .iter()
            .map(|it| Self::of_message(it, zone))
            .collect()
    }

    fn of_message(message: &Value, zone: &TimeZone) -> Result<Self, String> {
        let id = message.get("message id").and_then(RemoteId::from_wire);
        let id = id.ok_or("a message has no `message id`")?.to_string();
        let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default();
        let labels = message.get("labels").and_then(Value::as_array);
        let labels = labels.into_iter().flatten().filter_map(Value::as_str);
        let began = DateTime::strptime("%d %b, %Y %H:%M:%S", text("start_date"));
        let began = began.ok().and_then(|at| at.to_zoned(zone.clone()).ok());
        let mut campaign = Self {
            id,
            name: text("message_name").to_owned(),
            channel: channel(text("channel")),
            state: state(text("status")),
            labels: labels.map(|it| (it.to_owned(), String::new())).collect(),
            began: began.map(|at| at.timestamp()),
            counts: MessageCounts::default(),
            reasons: BTreeMap::new(),
        };
        campaign.count(message.get("data").unwrap_or(message));
        let counts = &mut campaign.counts;
        counts.attempted = counts.sent + counts.failed;
        Ok(campaign)
    }

    /// Adds the figures of a list, of lists in it, or of an object: of a campaign with variants there are several.
    fn count(&mut self, data: &Value) {
        match data {
            Value::Array(parts) => parts.iter().for_each(|part| self.count(part)),
            Value::Object(figures) => {
                let count = |key: &str| figures.get(key).and_then(whole).unwrap_or_default();
                self.counts.sent += count("sent");
                self.counts.read += count("viewed");
                self.counts.clicked += count("clicked");
                match figures.get("errors") {
                    Some(Value::Object(errors)) => {
                        for (reason, number) in errors {
                            let number = whole(number).unwrap_or_default();
                            self.counts.failed += number;
                            *self.reasons.entry(reason.clone()).or_default() += number;
                        }
                    }
                    other => self.counts.failed += other.and_then(whole).unwrap_or_default(),
                }
            }
            _ => {}
        }
    }
}

/// A count, which may be written with a point or as a text.
fn whole(number: &Value) -> Option<u64> {
    natural(number).or_else(|| number.as_str()?.parse().ok())
}

fn channel(reported: &str) -> String {
    let plain = |text: &str| text.replace([' ', '-', '_'], "").to_lowercase();
    let word = plain(reported);
    let known = CLEVERTAP_CHANNELS.iter();
    let mut known = known
        .flat_map(|(word, mode)| [(*word, *word), (*mode, *word)])
        .chain(REPORTED);
    let found = known.find(|(name, _)| plain(name) == word);
    found.map_or_else(|| reported.to_owned(), |(_, word)| word.to_owned())
}

/// A state, in the words of launches where there is one.
fn state(reported: &str) -> String {
    match reported.to_lowercase().as_str() {
        "completed" => "sent".to_owned(),
        "running" => "sending".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_is_read_in_the_shapes_that_clients_know() {
        let answer = json!({ "messages": [{
            "message id": 1, "message_name": "Sale", "channel": "Web Push", "start_date": "02 Dec, 2026 10:00:00",
            "status": "Completed", "labels": ["Autumn"],
            "data": [[{ "sent": 10, "viewed": 5.0, "clicked": "1" }], [{ "sent": 20, "errors": { "NotRegistered": 3 } }]],
        }, { "message id": "2", "message_name": "Flat", "channel": "tiktok", "sent": 7, "errors": 1 }] });
        let found = ReportedCampaign::of_report(&answer, &TimeZone::UTC).unwrap();
        let [sale, flat] = &found[..] else {
            panic!("{found:?}")
        };
        let MessageCounts {
            attempted,
            sent,
            read,
            clicked,
            failed,
            ..
        } = sale.counts;
        assert_eq!((attempted, sent, read, clicked, failed), (33, 30, 5, 1, 3));
        assert_eq!(
            (sale.channel.as_str(), sale.state.as_str()),
            ("webPush", "sent")
        );
        assert_eq!(sale.began, "2026-12-02T10:00:00Z".parse().ok());
        let kolkata = TimeZone::get("Asia/Kolkata").unwrap();
        let there = ReportedCampaign::of_report(&answer, &kolkata).unwrap();
        assert_eq!(there[0].began, "2026-12-02T04:30:00Z".parse().ok());
        assert_eq!(sale.reasons["NotRegistered"], 3);
        assert_eq!(
            (flat.channel.as_str(), flat.counts.sent, flat.counts.failed),
            ("tiktok", 7, 1)
        );
        for answer in [
            json!({}),
            json!({ "messages": 1 }),
            json!({ "messages": [{}] }),
            json!(null),
        ] {
            assert!(
                ReportedCampaign::of_report(&answer, &TimeZone::UTC).is_err(),
                "{answer}"
            );
        }
    }
}
