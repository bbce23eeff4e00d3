//! The flag of the webhooks, and what they are told of the end of a run.

use clap::Args;

use super::{block_on, exit};
use crate::api::Secret;
use crate::project::Occasion;
use crate::run::notifying::{EndedRun, Messenger};
use crate::run::{Error, Run};

/// Who is told.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct NotifyArgs {
    /// Notify a webhook of what was applied, drifted or failed. `slack:`, `teams:` or `json:` in front of its address
    /// sets the payload format; otherwise its host does. Can be repeated; in the variable, separate them with spaces.
    /// [default: `notify` of the environment]
    #[arg(long, value_name = "URL", value_parser = secret, value_delimiter = ' ', hide_env_values = true, env = "CAMPAIGNCTL_NOTIFY")]
    notify: Vec<Secret>,
}

#[expect(clippy::unnecessary_wraps, reason = "the form of a parser")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

impl NotifyArgs {
    /// The webhooks of a run.
    pub(super) fn messenger(&self, run: &Run) -> Messenger {
        Messenger::new(run, self.notify.clone())
    }
}

/// Tells what came of a run about one environment.
pub(super) fn tell(run: &Run, messenger: &Messenger, result: &Result<u8, Error>) {
    let (code, failed) = match result {
        Ok(code) => (*code, None),
        Err(error) => (exit::of(error.meaning), Some(error.message.as_str())),
    };
    send(run, messenger.tell(code, failed));
}

/// Tells what came of several environments.
pub(super) fn tell_of_each(run: &Run, messenger: &Messenger, ends: &[EndedRun]) {
    send(run, messenger.tell_of_each(ends));
}

fn send(run: &Run, sending: impl Future<Output = ()>) {
    let sent = block_on(async {
        sending.await;
        Ok(())
    });
    if sent.is_err() {
        run.note("warning: no webhook was notified");
    }
}

/// What an exit code is told as.
pub(super) fn occasion(code: u8) -> Occasion {
    if code == exit::DONE {
        Occasion::Apply
    } else {
        Occasion::Failure
    }
}
