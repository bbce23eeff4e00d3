//! Launches: planned, sent once, looked at and stopped. Never part of plan and apply.
//!
//! ```text
//! Planning  manifest, recipients, account -> LaunchPlan
//! Sending   LaunchPlan                    -> LaunchRecord, batch by batch
//! ```
//!
//! There are two services that send: Proactive Messaging to a list, in batches, and CleverTap to an audience, in one
//! request. What is the same for both is here and in `sending`; what is not is in a module of its own each.
//!
//! At most once: an intent is on the disk before each request, requests go out one after the other, and a batch that may
//! have been sent is never sent again. So a run that dies leaves at most one batch that may have been sent, and names it.

mod approving;
mod checking;
mod clevertap;
mod connection;
mod finding;
mod handing_over;
mod key;
mod mark;
mod messages;
mod planning;
mod proactive;
mod records;
mod seen;
mod sending;
mod settling;
mod status;
mod whose;

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use super::saved::READS;
use super::{Error, Run, Workspace};
use crate::launch::{Columns, LaunchPlan, ProactivePlan, RecipientForm, RecipientReading};
use crate::{files, launch};

pub use approving::{Approval, approved};
pub use connection::LaunchConnection;
pub use finding::{find, workspace_of};
pub use handing_over::hand_over;
pub use key::key;
pub use planning::LaunchPlanning;
pub use proactive::unseen;
pub use sending::{EndedLaunch, SendingLaunch};
pub use settling::{SettledOutcome, SettlementWord, Settling};
pub use status::{look, recorded, stop};

/// The most requests a second that the Proactive API takes (platform.md#proactive-sends).
pub const REQUESTS_A_SECOND: f64 = 10.0;

/// The largest plan that is read: a launch has 1,000 batches of 100 recipients at most.
const LARGEST: u64 = 16 << 20;

/// Reads the plan of a launch that a run is about.
///
/// # Errors
/// A file that cannot be read, or is no such plan; a flag that names it for what the run makes.
pub fn read(run: &Run, path: &std::path::Path) -> Result<LaunchPlan, Error> {
    run.outputs().leave(path, READS)?;
    let shown = path.display();
    let text = files::read_text(path, LARGEST)
        .map_err(|error| Error::invalid(format!("cannot read the plan `{shown}`: {error}")))?;
    launch::read(&text).map_err(|why| {
        Error::invalid(format!("`{shown}` is not a plan of a launch: {why}"))
            .help("make one with `campaignctl launch plan FILE --out PLAN`")
    })
}

/// The file of recipients of a plan.
fn path_of(workspace: &Workspace, plan: &ProactivePlan) -> PathBuf {
    workspace.root.join(&plan.recipients.file)
}

/// The recipients of a plan, from the start.
fn reading(
    workspace: &Workspace,
    plan: &ProactivePlan,
) -> Result<RecipientReading<BufReader<File>>, Error> {
    let recipients = &plan.recipients;
    let form = (recipients.form, recipients.columns());
    reading_of(workspace, &recipients.file, form)
}

/// The recipients in a file of the project, from the start.
fn reading_of(
    workspace: &Workspace,
    file: &str,
    (form, columns): (RecipientForm, Columns),
) -> Result<RecipientReading<BufReader<File>>, Error> {
    let path = workspace.root.join(file);
    let trust = workspace.machine.trust();
    trust.file(&workspace.root, "the file of recipients", &path)?;
    let failed = |error: std::io::Error| {
        let why = format!("cannot read the recipients `{file}`: {error}");
        Error::invalid(why)
    };
    let file = files::open(&path).map_err(failed)?;
    RecipientReading::new(form, BufReader::new(file), columns).map_err(failed)
}
