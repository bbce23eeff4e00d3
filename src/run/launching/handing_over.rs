//! The requests of a launch for those who send themselves. They hold the recipients, so they go to a file that only its
//! owner can read, and nowhere else.

use std::path::Path;

use super::clevertap::body;
use super::key::key;
use super::reading;
use super::records::is_settled;
use super::status::recorded;
use crate::files;
use crate::launch::{self, Batches, ClevertapPlan, DigestKey, LaunchPlan, SenderPlan};
use crate::live::LaunchRecord;
use crate::run::{Error, Meaning, Run, Workspace};
use crate::text::safe::json_line;

/// Writes a request a line to a file, those of batches that are out left out. Returns how many there are.
///
/// # Errors
/// A plan that cannot be sent, recipients that moved, a ledger that cannot be read, a file that cannot be written.
pub async fn hand_over(
    run: &Run,
    workspace: &Workspace,
    plan: &LaunchPlan,
    path: &Path,
) -> Result<usize, Error> {
    let key = key(workspace)?;
    let launches = recorded(run, workspace).await?;
    write_requests(workspace, (plan, &key), launches.get(&plan.launch), path)
}

fn write_requests(
    workspace: &Workspace,
    (plan, key): (&LaunchPlan, &DigestKey),
    record: Option<&LaunchRecord>,
    path: &Path,
) -> Result<usize, Error> {
    if let Some(why) = plan.refusals.first() {
        let why = format!("no requests were written: {why}");
        return Err(Error::new(Meaning::Blocked, why));
    }
    let section = match &plan.sender {
        SenderPlan::Proactive(section) => section,
        SenderPlan::Clevertap(section) => return hand_over_campaign(plan, section, record, path),
    };
    let moved = || {
        Error::new(
            Meaning::Stale,
            "the recipients were changed while they were read",
        )
    };
    let size = section.recipients.batch_size;
    let batches = Batches::new(reading(workspace, section)?, key.clone(), size);
    let record = record.filter(|it| it.recipients == plan.digest());
    let mut expected = section.recipients.batches.iter();
    let (mut text, mut count) = (String::new(), 0);
    for (batch, found) in (1_u32..).zip(batches) {
        let (recipients, digest) = found.map_err(|_| moved())?;
        if expected.next() != Some(&digest) {
            return Err(moved());
        }
        if !is_settled(record, batch) {
            let body = launch::request(section, &plan.name_of(batch), &recipients);
            text.push_str(&json_line(&body));
            count += 1;
        }
    }
    write(path, &text)?;
    Ok(count)
}

/// The one request of a campaign.
fn hand_over_campaign(
    plan: &LaunchPlan,
    section: &ClevertapPlan,
    record: Option<&LaunchRecord>,
    path: &Path,
) -> Result<usize, Error> {
    if is_settled(record, 1) {
        write(path, "")?;
        return Ok(0);
    }
    write(path, &json_line(&body(&plan.name_of(1), section)))?;
    Ok(1)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    files::replace_private(path, text.as_bytes())
        .map_err(|error| Error::from(error).context(&path.display().to_string()))
}
