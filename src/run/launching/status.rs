//! What was sent, what became of it on the platform, and ending a launch for good.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::{REQUESTS_A_SECOND, clevertap};
use crate::ledger::Event;
use crate::live::{BatchState, LaunchRecord};
use crate::run::account::Account;
use crate::run::clevertap::Sender;
use crate::run::execute::released;
use crate::run::ledgers::{ledger_of, lock_within};
use crate::run::{Error, Meaning, Run, Stop, Workspace};

/// The launches in the ledger of the run's environment, with what a run that died has written.
///
/// # Errors
/// A ledger that cannot be read.
pub async fn recorded(
    run: &Run,
    workspace: &Workspace,
) -> Result<BTreeMap<String, LaunchRecord>, Error> {
    let ledger = ledger_of(run, workspace)?;
    let loaded = ledger.load(&run.machine().unique_id()).await?;
    Ok(loaded.ledger.launches)
}

/// How many messages of a launch are in which state, as the platform says.
///
/// # Errors
/// An account that does not answer.
pub async fn states(
    run: &Run,
    workspace: &Workspace,
    record: &LaunchRecord,
) -> Result<BTreeMap<String, u64>, Error> {
    if record.sender.is_some() {
        let sender = Sender::connect(run, workspace).await?;
        let states = clevertap::states(&sender, record).await;
        sender.close().await;
        return states;
    }
    let account = Account::connect_within(run, workspace, REQUESTS_A_SECOND).await?;
    let states = of_conversations(&account, record).await;
    account.close().await;
    states
}

async fn of_conversations(
    account: &Account,
    record: &LaunchRecord,
) -> Result<BTreeMap<String, u64>, Error> {
    let mut states = BTreeMap::new();
    let sent = record.batches.values();
    let sent = sent.filter(|it| it.state == BatchState::Sent);
    for campaign in sent.filter_map(|it| it.campaign.as_deref()) {
        let answer = account.client.proactive_conversations(campaign).await?;
        let conversations = answer.get("conversations").and_then(Value::as_array);
        for conversation in conversations.into_iter().flatten() {
            let state = conversation["status"].as_str().unwrap_or("UNKNOWN");
            *states.entry(state.to_owned()).or_default() += 1;
        }
    }
    Ok(states)
}

/// Writes down that no further batch of a launch is sent, and stops the campaign where the service can. What went out stays
/// out.
///
/// # Errors
/// A launch of which nothing is known; a ledger that is locked, as it is while the launch is being sent; a campaign that
/// could not be stopped, of which nothing is written down.
pub async fn stop(run: &Run, workspace: &Workspace, launch: &str) -> Result<LaunchRecord, Error> {
    let ledger = ledger_of(run, workspace)?;
    let mut stop = Stop::never();
    let mut session = lock_within(run, workspace, &ledger, Duration::ZERO, &mut stop).await?;
    let Some(record) = session.ledger().launches.get(launch).cloned() else {
        session.release().await?;
        let why = format!(
            "nothing of a launch `{launch}` was sent from {}",
            run.environment()
        );
        return Err(Error::new(Meaning::NotFound, why)
            .help("`campaignctl launch list` lists those of which something was sent"));
    };
    if let Err(error) = stop_campaigns(run, workspace, &record).await {
        return released(session, Err(error)).await;
    }
    session.record(Event::LaunchStopped {
        launch: launch.to_owned(),
        at: format!("{:.0}", run.machine().now()),
    })?;
    let mut ledger = session.commit().await?;
    Ok(ledger.launches.remove(launch).unwrap_or_default())
}

/// Stops the campaigns that a service made of a launch.
async fn stop_campaigns(
    run: &Run,
    workspace: &Workspace,
    record: &LaunchRecord,
) -> Result<(), Error> {
    if record.sender.is_none() {
        return Ok(());
    }
    let sender = Sender::connect(run, workspace).await?;
    let mut stopped = Ok(());
    for id in record
        .batches
        .values()
        .filter_map(|it| it.campaign.as_deref())
    {
        stopped = stopped.and(sender.client.stop(id).await.map(drop));
    }
    sender.close().await;
    Ok(stopped?)
}
