//! CleverTap: the audience is estimated, and the campaign is made in one request.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::planning::LaunchPlanning;
use super::sending::{SendingLaunch, unknown};
use crate::api::{self, WriteFate};
use crate::diff::digest_of_fields;
use crate::kinds::{Clevertap, ClevertapMode};
use crate::launch::{
    ClevertapPlan, Created, DigestKey, Estimate, LaunchPlan, SenderPlan, clevertap_request,
};
use crate::ledger::LedgerSession;
use crate::live::{BatchRecord, BatchState, LaunchRecord, Messages};
use crate::run::auditing::Audit;
use crate::run::clevertap::CleverTapAccount;
use crate::run::{Error, Meaning};
use crate::text::safe::line;

/// The number of the one request that a campaign takes.
const ONLY: u32 = 1;

/// The most characters of the name of a campaign, chosen as the platform's own: none is documented.
const NAME_MAX: usize = 255;

/// How many days a campaign is looked for after the request that may have made it: lists go by the day that it is
/// scheduled for, in the zone of the account.
const DAYS_AFTER: i64 = 31;

impl LaunchPlanning<'_> {
    /// What the manifest says by itself.
    pub(super) fn campaign(&self, section: &Clevertap, key: &DigestKey) -> ClevertapPlan {
        let request = clevertap_request(section);
        let launch = Value::from(self.resource.key.name.as_str());
        let parts = [("launch", &launch), ("request", &request)];
        let plain = digest_of_fields(
            parts
                .map(|(name, value)| (name.to_owned(), value))
                .into_iter(),
        );
        let mut mac = key.digest();
        mac.update(plain.as_bytes());
        ClevertapPlan {
            account: String::new(),
            host: String::new(),
            channel: section.channel.clone(),
            mode: section.mode(),
            request,
            estimate: Estimate::default(),
            digest: mac.finish(),
            handed_over: false,
        }
    }

    /// Adds how many users it would reach.
    pub(super) async fn estimated(
        &self,
        mut plan: LaunchPlan,
        sender: &CleverTapAccount,
    ) -> Result<LaunchPlan, Error> {
        let name = plan.name_of(ONLY);
        let length = name.chars().count();
        if length > NAME_MAX {
            plan.refusals.push(format!(
                "`displayName` is too long: with its mark it has {length} characters, and {NAME_MAX} is the most"
            ));
        }
        let SenderPlan::Clevertap(section) = &mut plan.sender else {
            return Err(self.cannot());
        };
        sender.client.account().clone_into(&mut section.account);
        section.host = sender.host();
        match estimate(sender, &name, section).await? {
            Some(estimate) => section.estimate = estimate,
            None => plan.refusals.push(
                "the answer of CleverTap has no count of users, so nothing says how many would get it"
                    .to_owned(),
            ),
        }
        plan.check = unseen(section.mode);
        Ok(plan)
    }
}

/// The estimate of a campaign, where the answer has one.
async fn estimate(
    sender: &CleverTapAccount,
    name: &str,
    section: &ClevertapPlan,
) -> Result<Option<Estimate>, Error> {
    let answer = sender.client.estimate(&body(name, section)).await?;
    Ok(Estimate::of(&answer))
}

/// The body of the request.
pub(super) fn body(name: &str, section: &ClevertapPlan) -> Value {
    let mut body = section.request.clone();
    body["name"] = json!(name);
    body
}

/// What no program can see (platform.md#clevertap).
fn unseen(mode: ClevertapMode) -> Vec<String> {
    let mut all = vec![
        "The users agreed to receive such messages: CleverTap knows who unsubscribed, and nothing else.",
        "The estimate is of this moment. Audiences change until the campaign goes out.",
        "Labels exist in the dashboard, with this spelling.",
    ];
    if mode == ClevertapMode::Draft {
        all.push("A draft reaches no one until a person publishes it in the dashboard; campaignctl does not learn of it.");
    }
    all.into_iter().map(str::to_owned).collect()
}

impl SendingLaunch<'_> {
    /// Whether the audience is what it was.
    ///
    /// # Errors
    /// Another account, an audience that moved or has more users than the launch may have.
    pub(super) async fn check_audience(
        &self,
        sender: &CleverTapAccount,
        section: &ClevertapPlan,
    ) -> Result<(), Error> {
        let stale =
            |why: String| Err(Error::new(Meaning::Stale, why).help("plan the launch again"));
        let client = &sender.client;
        let host = sender.host();
        if (client.account(), host.as_str()) != (&*section.account, &*section.host) {
            return stale(format!(
                "the plan was made for the CleverTap account {} at {}, and this is {} at {}",
                line(&section.account),
                line(&section.host),
                line(client.account()),
                host
            ));
        }
        let now = estimate(sender, &self.plan.name_of(ONLY), section).await?;
        let Some(now) = now else {
            return stale("the answer of CleverTap has no count of users any more".to_owned());
        };
        if section.estimate.has_moved(&now) {
            return stale(format!(
                "the audience has {} users, and had {} when the launch was planned",
                now.most(),
                section.estimate.most()
            ));
        }
        match self.plan.max_recipients {
            Some(most) if now.most() > most => stale(format!(
                "the audience has {} users by now, and `maxRecipients` is {most}",
                now.most()
            )),
            _ => Ok(()),
        }
    }

    /// Makes the campaign, unless it is known that it was made, or may have been.
    pub(super) async fn make(
        &self,
        (sender, section): (&CleverTapAccount, &ClevertapPlan),
        session: &mut LedgerSession,
        audit: &mut Audit,
    ) -> Result<Option<(Meaning, String)>, Error> {
        let name = self.plan.name_of(ONLY);
        let known = session.ledger().launches.get(&self.plan.launch);
        let known = known.and_then(|launch| launch.batches.get(&ONLY)).cloned();
        if let Some(record) = known.filter(|it| it.state.may_be_out()) {
            return self.look_up(sender, session, audit, record).await;
        }
        let most = section.estimate.most();
        let intent = BatchRecord::intent(self.now(), name.clone(), (0, 0), most);
        self.intended(session, audit, ONLY, intent.clone()).await?;
        let answer = sender.client.create(&body(&name, section)).await;
        let record = came_of(intent, answer);
        if record.state == BatchState::Unknown {
            return self.look_up(sender, session, audit, record).await;
        }
        let told = record.reason.clone().unwrap_or_default();
        let is_refused = record.state == BatchState::Refused;
        self.ended(session, audit, ONLY, record)?;
        Ok(is_refused.then_some((Meaning::Failed, told)))
    }

    /// Looks for a campaign that may have been made. One that is not listed may be listed later: only a person says that it was
    /// not made.
    async fn look_up(
        &self,
        sender: &CleverTapAccount,
        session: &mut LedgerSession,
        audit: &mut Audit,
        record: BatchRecord,
    ) -> Result<Option<(Meaning, String)>, Error> {
        if record.state == BatchState::Sent {
            return Ok(None);
        }
        let found = found(sender, &record).await;
        let lost = record.reason.clone().unwrap_or_default();
        let (record, told) = match found {
            Ok(Some(created)) => (sent(record, created), None),
            Ok(None) => {
                let why = format!("{lost}; no campaign of this name is listed yet");
                (unknown(record, lost), Some(why))
            }
            Err(error) => {
                let why = format!("{lost}; it could not be looked up: {error}");
                (unknown(record, lost), Some(why))
            }
        };
        self.ended(session, audit, ONLY, record)?;
        Ok(told.map(|why| (Meaning::Failed, why)))
    }
}

fn sent(record: BatchRecord, created: Created) -> BatchRecord {
    BatchRecord {
        state: BatchState::Sent,
        campaign: Some(created.id),
        accepted: record.count,
        reason: None,
        ..record
    }
}

/// What an answer, or its absence, says of a campaign.
fn came_of(intent: BatchRecord, answer: Result<Value, api::ApiError>) -> BatchRecord {
    match answer {
        Ok(answer) => match Created::of(&answer) {
            Some(created) => sent(intent, created),
            None => unknown(intent, "the answer has not the documented shape".to_owned()),
        },
        Err(error) if error.fate() == WriteFate::Unknown => unknown(intent, error.to_string()),
        Err(error) => BatchRecord {
            state: BatchState::Refused,
            reason: Some(error.to_string()),
            ..intent
        },
    }
}

/// The campaign of a record in CleverTap's list, where exactly one has its name.
async fn found(
    sender: &CleverTapAccount,
    record: &BatchRecord,
) -> Result<Option<Created>, api::ApiError> {
    let at: Timestamp = record.at.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let day = at.to_zoned(TimeZone::UTC).date();
    let from = day.saturating_sub(Span::new().days(1));
    let to = day.saturating_add(Span::new().days(DAYS_AFTER - 1));
    let answer = sender.client.list(from, to).await?;
    Ok(Created::in_list(&answer, &record.name))
}

/// How far the campaign of a launch is, as CleverTap says: its state in its word, with how many users got it.
///
/// # Errors
/// A service that does not answer.
pub(super) async fn messages(
    sender: &CleverTapAccount,
    record: &LaunchRecord,
) -> Result<Messages, Error> {
    let mut messages = Messages::default();
    for (number, batch) in &record.batches {
        let Some(id) = &batch.campaign else {
            continue;
        };
        let counts = match sender.client.result(id).await {
            Err(error) if is_unknown(&error) => {
                messages.not_found.push(*number);
                continue;
            }
            counts => counts?,
        };
        let counts = counts.as_ref().and_then(|it| it.get("result")?.as_object());
        for (word, count) in counts.into_iter().flatten() {
            if let Some(count) = count.as_u64() {
                *messages.states.entry(word.to_uppercase()).or_default() += count;
            }
        }
    }
    Ok(messages)
}

/// Whether the service has no such campaign: it refuses a question about one.
pub(super) fn is_unknown(error: &api::ApiError) -> bool {
    matches!(
        error,
        api::ApiError::NotFound(_) | api::ApiError::Refused(_)
    )
}
