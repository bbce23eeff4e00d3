//! What became of messages, as the Outbound Reporting API tells it (platform.md#outbound-reporting): by message, and in
//! counts.
//!
//! All events of a message are of the moment of its send. The platform reports late; here the switch `report-lag` says how
//! late.

use std::collections::BTreeMap;

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::Emulator;
use crate::sandbox::call::{IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;
use crate::sandbox::rows::{self, StoredRow};

use super::conversations::scope;

/// How far a message came: the platform took it.
pub(super) const ATTEMPTED: &str = "attempted";
/// It was handed on.
pub(super) const SENT: &str = "sent";
/// It arrived.
pub(super) const DELIVERED: &str = "delivered";
/// It was read.
pub(super) const READ: &str = "read";
/// It was answered.
pub(super) const REPLIED: &str = "replied";

/// The way of a message.
const STATIONS: [&str; 5] = [ATTEMPTED, SENT, DELIVERED, READ, REPLIED];

/// The longest time that transactions can be asked for.
const TRANSACTIONS_MOST: SignedDuration = SignedDuration::from_hours(24);

/// The longest time that counts can be asked for.
const ANALYTICS_MOST: SignedDuration = SignedDuration::from_hours(60 * 24);

/// The service whose messages the sandbox has; the other one, `c2m`, deflects calls.
const APP: &str = "prmsg";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportQuery<'c> {
    /// The counts of the account.
    Analytics(&'c str),
    /// The messages of the account, one by one.
    Transactions(&'c str),
    /// The messages of one send.
    Campaign(&'c str),
    /// The counts of one send.
    CampaignAnalytics(&'c str),
}

impl<'c> ReportQuery<'c> {
    /// What a path behind the account asks for. The documented paths end with a slash.
    pub(crate) fn of(path: &[&'c str]) -> Option<Self> {
        let path = path.strip_suffix(&[""]).unwrap_or(path);
        match path {
            ["app", app @ (APP | "c2m"), "analytics"] => Some(Self::Analytics(app)),
            ["app", app @ (APP | "c2m"), "transactions"] => Some(Self::Transactions(app)),
            ["app", APP, "campaigns", send] => Some(Self::Campaign(send)),
            ["app", APP, "campaigns", send, "analytics"] => Some(Self::CampaignAnalytics(send)),
            _ => None,
        }
    }
}

/// Answers a call of the Outbound Reporting API.
pub(crate) fn report(
    emulator: &Emulator,
    call: &IncomingCall,
    asked: ReportQuery<'_>,
) -> Result<Reply, RefusedRequest> {
    let takes_post = matches!(asked, ReportQuery::Analytics(_));
    if call.method != Method::GET && !(takes_post && call.method == Method::POST) {
        return Err(RefusedRequest::method_not_allowed(
            "reports can only be read",
        ));
    }
    match asked {
        ReportQuery::Analytics(app) => analytics(emulator, call, app),
        ReportQuery::Transactions(app) => transactions(emulator, call, app),
        ReportQuery::Campaign(send) => campaign(emulator, send),
        ReportQuery::CampaignAnalytics(send) => {
            let messages = of_send(emulator, send)?;
            let times = messages.iter().map(|it| it.at.as_millisecond());
            let (first, last) = (times.clone().min(), times.max());
            Ok(Reply::ok(json!({
                "requestMetadata": {
                    "accountId": emulator.account,
                    "app": APP,
                    "attemptedStartTime": first,
                    "attemptedEndTime": last,
                },
                "analytics": counts(&messages),
            })))
        }
    }
}

/// A message that reports know of.
struct Message {
    at: Timestamp,
    campaign: String,
    template: Value,
    channel: String,
    skill: String,
    id: String,
    consumer: Value,
    conversation: Value,
    reached: usize,
}

impl Message {
    fn has(&self, station: &str) -> bool {
        STATIONS[..=self.reached].contains(&station)
    }

    fn error(&self) -> Option<&Value> {
        self.conversation.get("errorMessage")
    }

    /// The times of its events, as the documented rows have them.
    fn row(&self) -> Value {
        let at = format!("{:.3}", self.at);
        let when = |is_so: bool| is_so.then_some(at.as_str());
        let is_failed = self.error().is_some();
        json!({
            "channel": self.channel,
            "skill": self.skill,
            "transactionId": self.id,
            "attemptedTime": at,
            "cancelledTime": null,
            "conversationId": when(self.has(REPLIED)).and(self.conversation.get("conversationId")),
            "conversationsClosedTime": null,
            "conversationsCreatedTime": when(self.has(REPLIED)),
            "consumerId": self.consumer,
            "deliveredTime": when(self.has(DELIVERED)),
            "eligibleTime": when(self.has(SENT)),
            "errorCode": is_failed.then_some("400"),
            "errorMessage": self.error(),
            "errorSource": is_failed.then_some(APP),
            "failedTime": when(is_failed),
            "inviteTime": when(self.has(SENT)),
            "optInsTime": null,
            "optOutsTime": null,
            "proactiveCampaignId": self.campaign,
            "readTime": when(self.has(READ)),
            "sentTime": when(self.has(SENT)),
            "initialSkill": self.skill,
            "initialChannel": self.channel,
            "handOffId": self.template,
            "skippedTime": null,
        })
    }
}

/// The messages of a send that are old enough to be reported.
fn messages(emulator: &Emulator, row: &StoredRow) -> Vec<Message> {
    let body = &row.body;
    let at = body["at"].as_i64();
    let Some(at) = at.and_then(|at| Timestamp::from_millisecond(at).ok()) else {
        return Vec::new();
    };
    let lag = SignedDuration::try_from(emulator.settings.report_lag).unwrap_or_default();
    if at > emulator.now().saturating_sub(lag).unwrap_or(at) {
        return Vec::new();
    }
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let channel = text("channel");
    let channel = channel.split('-').next().unwrap_or_default();
    let conversations = body["conversations"].as_array().into_iter().flatten();
    let all = conversations.enumerate().map(|(index, conversation)| {
        let reached = body["reached"][index].as_str().unwrap_or(ATTEMPTED);
        Message {
            at,
            campaign: row.id.clone(),
            template: body["templateId"].clone(),
            channel: channel.to_owned(),
            skill: text("skill"),
            id: format!("{}-{}", row.id, index + 1),
            consumer: body["consumers"][index].clone(),
            conversation: conversation.clone(),
            reached: STATIONS.iter().position(|it| *it == reached).unwrap_or(0),
        }
    });
    all.collect()
}

fn of_send(emulator: &Emulator, send: &str) -> Result<Vec<Message>, RefusedRequest> {
    let found = (emulator.store).read(|tx| rows::get(tx, &scope(emulator), send))?;
    let row = found.ok_or_else(RefusedRequest::no_data)?;
    Ok(messages(emulator, &row))
}

/// A time, its start included and its end not.
struct Window {
    start: i64,
    end: i64,
}

/// The time that a call asks for.
fn window(call: &IncomingCall, most: SignedDuration) -> Result<Window, RefusedRequest> {
    let time = |name: &str| -> Result<i64, RefusedRequest> {
        let text = call.param(name).unwrap_or_default();
        let parsed = text.parse();
        parsed.map_err(|_| RefusedRequest::bad_request(format!("{name} is a time in milliseconds")))
    };
    let (start, end) = (time("attemptedStartTime")?, time("attemptedEndTime")?);
    if end <= start || i128::from(end) - i128::from(start) > most.as_millis() {
        let hours = most.as_hours();
        return Err(RefusedRequest::bad_request(format!(
            "attemptedEndTime is behind attemptedStartTime by at most {hours} hours"
        )));
    }
    Ok(Window { start, end })
}

/// The messages of a time.
fn within(emulator: &Emulator, app: &str, window: &Window) -> Result<Vec<Message>, RefusedRequest> {
    if app != APP {
        return Ok(Vec::new());
    }
    let sends = (emulator.store).read(|tx| rows::list(tx, &scope(emulator), false))?;
    let is_within = |row: &&StoredRow| {
        let at = row.body["at"].as_i64().unwrap_or_default();
        (window.start..window.end).contains(&at)
    };
    let sends = sends.iter().filter(is_within);
    Ok(sends.flat_map(|row| messages(emulator, row)).collect())
}

fn analytics(emulator: &Emulator, call: &IncomingCall, app: &str) -> Result<Reply, RefusedRequest> {
    let window = window(call, ANALYTICS_MOST)?;
    let mut about = json!({
        "accountId": emulator.account,
        "app": app,
        "attemptedStartTime": window.start,
        "attemptedEndTime": window.end,
    });
    let mut messages = within(emulator, app, &window)?;
    if call.method == Method::POST {
        let body = call.json()?;
        let filters = &body["filters"];
        messages.retain(|it| {
            admits(&filters["channels"], &it.channel) && admits(&filters["skills"], &it.skill)
        });
        about["filters"] = filters.clone();
    }
    Ok(Reply::ok(json!({
        "requestMetadata": about,
        "analytics": counts(&messages),
    })))
}

/// Whether a filter admits a word; one that is not there admits all.
fn admits(filter: &Value, word: &str) -> bool {
    filter
        .as_array()
        .is_none_or(|words| words.iter().any(|it| it == word))
}

/// The counts by channel, skill and day.
fn counts(messages: &[Message]) -> Vec<Value> {
    let mut groups: BTreeMap<(String, String, &str), Vec<&Message>> = BTreeMap::new();
    for message in messages {
        let day = message.at.strftime("%m-%d-%Y").to_string();
        let group = (day, message.channel.clone(), message.skill.as_str());
        groups.entry(group).or_default().push(message);
    }
    let rows = groups.into_iter().map(|((day, channel, skill), messages)| {
        let count = |station| messages.iter().filter(|it| it.has(station)).count();
        json!({
            "channel": channel,
            "skill": skill,
            "transactionday": day,
            "attempted": messages.len(),
            "eligible": count(SENT),
            "skipped": 0,
            "sent": count(SENT),
            "failed": messages.iter().filter(|it| it.error().is_some()).count(),
            "delivered": count(DELIVERED),
            "read": count(READ),
            "conversationscreated": count(REPLIED),
            "conversationsclosed": 0,
            "csat": 0,
        })
    });
    rows.collect()
}

fn transactions(
    emulator: &Emulator,
    call: &IncomingCall,
    app: &str,
) -> Result<Reply, RefusedRequest> {
    let window = window(call, TRANSACTIONS_MOST)?;
    let offset = call.param("offset").unwrap_or("0").parse::<usize>();
    let offset = offset.map_err(|_| RefusedRequest::bad_request("offset is a number"))?;
    let messages = within(emulator, app, &window)?;
    let size = emulator.settings.report_page;
    let rows: Vec<Value> = messages
        .iter()
        .skip(offset)
        .take(size)
        .map(Message::row)
        .collect();
    let next = offset + rows.len();
    Ok(Reply::ok(json!({
        "requestMetadata": {
            "accountId": emulator.account,
            "app": app,
            "attemptedStartTime": window.start,
            "attemptedEndTime": window.end,
        },
        "page": {
            "count": rows.len(),
            "previousOffset": offset.checked_sub(size).map_or(json!(-1), |it| json!(it)),
            "currentOffset": offset,
            "nextOffset": if next < messages.len() { json!(next) } else { json!(-1) },
        },
        "transactions": rows,
    })))
}

/// The messages of one send, which are not paged yet.
fn campaign(emulator: &Emulator, send: &str) -> Result<Reply, RefusedRequest> {
    let messages = of_send(emulator, send)?;
    let rows = messages.iter().map(|message| {
        let is_failed = message.error().is_some();
        json!({
            "id": message.id,
            "consumerId": message.consumer,
            "status": message.conversation["status"],
            "errorSource": is_failed.then_some(APP),
            "errorCode": is_failed.then_some("400"),
            "errorMessage": message.error(),
        })
    });
    let rows: Vec<Value> = rows.collect();
    Ok(Reply::ok(json!({
        "requestMetadata": {
            "accountId": emulator.account,
            "app": APP,
            "proactiveCampaignId": send,
        },
        "page": {
            "count": rows.len(),
            "previousOffset": -1,
            "currentOffset": 0,
            "nextOffset": -1,
        },
        "consumersReport": rows,
    })))
}
