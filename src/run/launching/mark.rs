//! A mark beside the file of a plan that it was sent: a ledger that is lost, or another one than before, does not know of it,
//! and would have it sent twice. No recipient is in it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::sending::SendingLaunch;
use crate::files;
use crate::live::Ledger;
use crate::project::SANDBOX;
use crate::run::{Error, Meaning};
use crate::text::safe::{self, line};

/// The longest mark that is read.
const LARGEST: u64 = 4096;

/// What was sent.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LaunchMark {
    launch: String,
    environment: String,
    account: String,
    /// When it was begun, RFC 3339 in UTC.
    at: String,
}

/// `orders.sent.json` beside `orders.json`.
fn beside(plan: &Path) -> PathBuf {
    plan.with_extension("sent.json")
}

/// Says that the plan is being sent. A folder that cannot be written keeps no launch back: the ledger has it already.
pub(super) fn leave(sending: &SendingLaunch<'_>) {
    let plan = sending.plan;
    if plan.environment == SANDBOX {
        return; // its ledger goes together with its account
    }
    let path = beside(sending.file);
    let mark = LaunchMark {
        launch: plan.launch.clone(),
        environment: plan.environment.clone(),
        account: plan.account.clone(),
        at: sending.now(),
    };
    if of(&path).is_some_and(|known| is_of(&known, sending)) {
        return; // the first send is the one to tell of
    }
    if let Err(error) = files::replace(&path, safe::json(&mark).as_bytes()) {
        sending.run.note(&format!(
            "note: no mark was left at {}: {error}",
            path.display()
        ));
    }
}

/// Refuses a launch that was sent by a ledger which is not this one.
pub(super) fn check(sending: &SendingLaunch<'_>, ledger: &Ledger) -> Result<(), Error> {
    let plan = sending.plan;
    if plan.environment == SANDBOX || ledger.launches.contains_key(&plan.launch) {
        return Ok(());
    }
    let path = beside(sending.file);
    let Some(mark) = of(&path).filter(|mark| is_of(mark, sending)) else {
        return Ok(());
    };
    let shown = path.display();
    let why = format!(
        "`{}` was sent at {}, as `{shown}` says, and the ledger of {} does not know of it: it was lost, or it is another one",
        line(&plan.launch),
        line(&mark.at),
        line(&plan.environment)
    );
    Err(Error::new(Meaning::Stale, why).help(format!(
        "bring back the ledger, so that no one gets it twice; if nothing went out, remove `{shown}`"
    )))
}

fn of(path: &Path) -> Option<LaunchMark> {
    let text = files::read_text(path, LARGEST).ok()?;
    serde_json::from_str(&text).ok()
}

fn is_of(mark: &LaunchMark, sending: &SendingLaunch<'_>) -> bool {
    let plan = sending.plan;
    (&mark.launch, &mark.environment, &mark.account)
        == (&plan.launch, &plan.environment, &plan.account)
}
