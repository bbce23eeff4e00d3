//! What became of the messages of a launch, as the platform says: their states, those that did not arrive with the lines of
//! their recipients, and which campaigns batches without an answer may have become.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::whose::{BatchPlace, whose};
use super::{REQUESTS_A_SECOND, clevertap};
use crate::api;
use crate::launch::{published, without_recipient};
use crate::live::{
    BatchRecord, BatchState, CandidateCampaign, LaunchRecord, Messages, Undelivered,
};
use crate::run::account::Account;
use crate::run::clevertap::CleverTapAccount;
use crate::run::{Error, Run, Workspace};
use crate::sends::{MessageTally, reason};

/// The states of messages that are on their way or arrived (platform.md#proactive-sends).
const WELL: [&str; 3] = ["DRAFT", "SCHEDULED", "DELIVERED"];

/// How long after its request the messages of a batch are looked for. Those of windows may be sent later.
const SOON: SignedDuration = SignedDuration::from_mins(15);

/// The most campaigns that are named for a batch.
const NAMED: usize = 3;

/// What the platform says of the messages of a launch. `launches` are all that the ledger has.
///
/// # Errors
/// An account that does not answer. A campaign that it does not find is no error.
pub(super) async fn messages(
    run: &Run,
    workspace: &Workspace,
    record: &LaunchRecord,
    launches: &BTreeMap<String, LaunchRecord>,
) -> Result<Messages, Error> {
    if record.sender.is_some() {
        let sender = CleverTapAccount::connect(run, workspace).await?;
        let messages = clevertap::messages(&sender, record).await;
        sender.close().await;
        return messages;
    }
    let account = Account::connect_within(run, workspace, REQUESTS_A_SECOND).await?;
    let messages = of_proactive(workspace, &account, record).await;
    let candidates = match messages {
        Ok(_) => candidates(run, &account, record, launches).await,
        Err(_) => Vec::new(),
    };
    account.close().await;
    Ok(Messages {
        candidates,
        ..messages?
    })
}

async fn of_proactive(
    workspace: &Workspace,
    account: &Account,
    record: &LaunchRecord,
) -> Result<Messages, Error> {
    let mut messages = Messages::default();
    let mut lost: Vec<(Option<BatchPlace>, Value)> = Vec::new();
    for (number, batch) in &record.batches {
        let sent = batch.campaign.as_deref();
        let Some(campaign) = sent.filter(|_| batch.state == BatchState::Sent) else {
            continue;
        };
        let answer = match account.client.proactive_conversations(campaign).await {
            Err(api::ApiError::NotFound(_)) => {
                messages.not_found.push(*number);
                continue;
            }
            answer => answer?,
        };
        let all = answer.get("conversations").and_then(Value::as_array);
        for conversation in all.into_iter().flatten() {
            let state = state_of(conversation);
            *messages.states.entry(state.to_owned()).or_default() += 1;
            if !WELL.contains(&state) {
                let position = position(batch, conversation);
                messages.undelivered.push(Undelivered {
                    batch: *number,
                    line: None,
                    state: state.to_owned(),
                    reason: None,
                });
                let place = position.map(|position| (*number, position));
                lost.push((place, conversation["errorMessage"].clone()));
            }
        }
    }
    name(workspace, record, &mut messages, &lost);
    Ok(messages)
}

/// Adds whose the messages are that did not arrive, and why.
fn name(
    workspace: &Workspace,
    record: &LaunchRecord,
    messages: &mut Messages,
    lost: &[(Option<BatchPlace>, Value)],
) {
    let places: BTreeSet<BatchPlace> = lost.iter().filter_map(|(place, _)| *place).collect();
    let recipients = whose(workspace, record, &places);
    for (told, (place, said)) in messages.undelivered.iter_mut().zip(lost) {
        let recipient = place.and_then(|place| recipients.get(&place));
        told.line = recipient.map(|it| it.line);
        told.reason = said.as_str().map(|said| match recipient {
            Some(recipient) => {
                let said = reason(&json!({ "errorMessage": said }));
                without_recipient(&said, recipient)
            }
            None => published(said), // it may quote someone, and no one knows whom
        });
    }
    messages.undelivered.sort_by_key(|it| (it.batch, it.line));
}

fn state_of(conversation: &Value) -> &str {
    conversation["status"].as_str().unwrap_or("UNKNOWN")
}

/// The position of a recipient in its batch, from 0, where the platform names recipients so.
fn position(batch: &BatchRecord, conversation: &Value) -> Option<usize> {
    let position: usize = conversation["id"].as_str()?.parse().ok()?;
    let position = position.checked_sub(1)?;
    (batch.by_position && position < batch.count as usize).then_some(position)
}

/// Campaigns of the time and size of batches without an answer, and of no other batch. It is a hint: where reports cannot be
/// read, there is none.
async fn candidates(
    run: &Run,
    account: &Account,
    record: &LaunchRecord,
    launches: &BTreeMap<String, LaunchRecord>,
) -> Vec<CandidateCampaign> {
    let batches = launches.values().flat_map(|it| it.batches.values());
    let owned: BTreeSet<&str> = batches.filter_map(|it| it.campaign.as_deref()).collect();
    let is_lost = |it: &BatchRecord| matches!(it.state, BatchState::Unknown | BatchState::Intent);
    let mut found = Vec::new();
    for (number, batch) in record.batches.iter().filter(|(_, it)| is_lost(it)) {
        let Some(time) = time_of(run, batch) else {
            continue;
        };
        let Ok(sizes) = sizes(account, time).await else {
            break;
        };
        let of_size = |(campaign, count): &(String, u64)| {
            !owned.contains(campaign.as_str()) && (1..=u64::from(batch.count)).contains(count)
        };
        let mut fitting: Vec<(String, u64)> = sizes.into_iter().filter(of_size).collect();
        fitting.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let fitting = fitting.into_iter().take(NAMED);
        found.extend(fitting.map(|(campaign, messages)| CandidateCampaign {
            batch: *number,
            campaign,
            messages,
        }));
    }
    found
}

/// When the messages of a batch were sent, if they were.
fn time_of(run: &Run, batch: &BatchRecord) -> Option<(Timestamp, Timestamp)> {
    let at: Timestamp = batch.at.parse().ok()?;
    let end = at.checked_add(SOON).ok()?.min(run.machine().now());
    let start = at.checked_sub(SignedDuration::from_secs(60)).ok()?; // clocks differ
    (start < end).then_some((start, end))
}

/// How many messages the campaigns of a time have.
async fn sizes(
    account: &Account,
    time: (Timestamp, Timestamp),
) -> Result<Vec<(String, u64)>, Error> {
    let mut tally = MessageTally::default();
    tally.begin();
    let mut offset = 0;
    loop {
        let page = account.client.sent_messages(time, offset).await?;
        let page = tally.add(&page).map_err(Error::invalid)?;
        match page.next {
            Some(next) if next > offset => offset = next,
            _ => return Ok(tally.campaigns()),
        }
    }
}
