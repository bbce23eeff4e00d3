//! What was sent, and ending a launch for good.

use std::collections::BTreeMap;
use std::time::Duration;

use super::finding::find;
use super::messages::messages;
use crate::ledger::JournalEvent;
use crate::live::{LaunchRecord, Messages};
use crate::run::clevertap::CleverTapAccount;
use crate::run::execute::{holder, released};
use crate::run::ledgers::{ledger_of, lock_within};
use crate::run::{Error, Meaning, Run, StopRequests, Workspace};

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

/// What the ledger has of a launch, and what the platform says of its messages where it is asked. What the ledger says is known
/// even if the platform does not answer.
///
/// # Errors
/// A launch of which nothing was sent, a ledger that cannot be read.
pub async fn look(
    run: &Run,
    workspace: &Workspace,
    launch: &str,
    asks: bool,
) -> Result<(LaunchRecord, Result<Option<Messages>, Error>), Error> {
    let launches = recorded(run, workspace).await?;
    let record = launches.get(launch).cloned();
    let record = record.ok_or_else(|| unknown(run, launch))?;
    let asked = if asks {
        let asked = messages(run, workspace, &record, &launches);
        asked.await.map(Some)
    } else {
        Ok(None)
    };
    Ok((record, asked))
}

/// The error that nothing is known of a launch.
fn unknown(run: &Run, launch: &str) -> Error {
    let why = format!(
        "nothing of a launch `{launch}` was sent from {}",
        run.environment()
    );
    Error::new(Meaning::NotFound, why)
        .help("`campaignctl launch list` lists those of which something was sent")
}

/// Writes down that no further batch of a launch is sent, and stops the campaign where the service can. What went out stays
/// out.
///
/// # Errors
/// A launch of which nothing is known and that is not planned; a ledger that is locked, as it is while the launch is being sent; a campaign that
/// could not be stopped, of which nothing is written down.
pub async fn stop(run: &Run, workspace: &Workspace, launch: &str) -> Result<LaunchRecord, Error> {
    let is_planned = workspace
        .sound_manifests(run)
        .is_ok_and(|it| find(workspace, &it, launch).is_ok());
    let ledger = ledger_of(run, workspace)?;
    let mut stop = StopRequests::never();
    let mut session = lock_within(run, workspace, &ledger, Duration::ZERO, &mut stop).await?;
    let known = session.ledger().launches.get(launch).cloned();
    let now = format!("{:.0}", run.machine().now());
    let record = known.or_else(|| is_planned.then(|| nothing_sent(run, &now)));
    let Some(record) = record else {
        session.release().await?;
        return Err(unknown(run, launch));
    };
    if let Err(error) = stop_campaigns(run, workspace, &record).await {
        return released(session, Err(error)).await;
    }
    if !session.ledger().launches.contains_key(launch) {
        session.record(JournalEvent::LaunchBegun {
            launch: launch.to_owned(),
            record: Box::new(record),
        })?;
    }
    session.record(JournalEvent::LaunchStopped {
        launch: launch.to_owned(),
        at: now,
    })?;
    let mut ledger = session.commit().await?;
    Ok(ledger.launches.remove(launch).unwrap_or_default())
}

/// The record of a launch of which nothing was sent, so that nothing will be.
fn nothing_sent(run: &Run, now: &str) -> LaunchRecord {
    LaunchRecord {
        at: now.to_owned(),
        by: holder(run.machine()).who,
        ..LaunchRecord::default()
    }
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
    let sender = CleverTapAccount::connect(run, workspace).await?;
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
