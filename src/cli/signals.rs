//! Requests to stop: Ctrl-C, the end of a terminal, and the request that a cancelled pipeline sends.
//!
//! A run that holds a lock does not die of a signal, it gives the lock back first. While a plan is carried out the
//! first request ends the run after the steps under way, the second says what is waited for, and the third ends it
//! at once. That loses nothing: every write is in the journal before it is sent, so the next run finds out what
//! became of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::error::CliError;
use super::exit;
use super::progress::Applying;
use super::ui::Ui;

/// The signals that ask a run to stop, from the moment it is made.
pub(super) struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
    #[cfg(windows)]
    signal: tokio::signal::windows::CtrlC,
}

impl Stop {
    /// Begins to listen. To be called before a lock is taken.
    ///
    /// # Errors
    /// A system on which signals cannot be listened to.
    pub(super) fn listen() -> Result<Self, CliError> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let signals = [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                // A closed terminal or a lost connection to a remote shell.
                signal(SignalKind::hangup())?,
            ];
            Ok(Self { signals })
        }
        #[cfg(windows)]
        Ok(Self {
            signal: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// Waits for the next request.
    pub(super) async fn wanted(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate, hangup] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        }
        #[cfg(windows)]
        drop(self.signal.recv().await);
    }
}

/// Does something that can be dropped halfway, until the run is to end.
///
/// # Errors
/// Those of `work`, and the interruption.
pub(super) async fn interruptible<T>(
    stop: &mut Stop,
    work: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    tokio::select! {
        result = work => result,
        () = stop.wanted() => Err(CliError::new(exit::INTERRUPTED, "interrupted, and nothing was written")),
    }
}

/// Listens while a plan is carried out: the first request sets `cancelled`, the third one ends the run.
pub(super) fn listen(
    ui: &Ui,
    mut stop: Stop,
    cancelled: &Arc<AtomicBool>,
    progress: &Arc<Applying>,
) -> (JoinHandle<()>, LastResort) {
    let last_resort = LastResort::default();
    let (ui, cancelled) = (ui.clone(), Arc::clone(cancelled));
    let (progress, give_up) = (Arc::clone(progress), Arc::clone(&last_resort.0));
    let listener = tokio::spawn(async move {
        stop.wanted().await;
        ui.note("Stopping after the steps under way ..");
        cancelled.store(true, Ordering::SeqCst);
        stop.wanted().await;
        ui.note(&waiting(&progress.under_way()));
        stop.wanted().await;
        give_up.notify_one();
    });
    (listener, last_resort)
}

/// What a run that was asked to stop is waiting for.
fn waiting(under_way: &[String]) -> String {
    const MOST: usize = 5;
    let mut names = under_way.iter().take(MOST).cloned().collect::<Vec<_>>();
    if under_way.len() > MOST {
        names.push(format!("{} more", under_way.len() - MOST));
    }
    format!(
        "Still waiting for the answer to: {}. Press Ctrl-C once more to stop at once; the next apply then finds out what happened to it.",
        names.join(", ")
    )
}

/// Ends a run at once when it was asked three times.
#[derive(Default)]
pub(super) struct LastResort(Arc<Notify>);

/// A run that ended at once, with steps under way.
pub(super) struct GivenUp;

impl LastResort {
    /// Does `work` to its end, unless the run is to end at once.
    ///
    /// # Errors
    /// The third request to stop.
    pub(super) async fn unless<T>(&self, work: impl Future<Output = T>) -> Result<T, GivenUp> {
        tokio::select! {
            done = work => Ok(done),
            () = self.0.notified() => Err(GivenUp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_steps_are_named_and_the_rest_is_counted() {
        let steps: Vec<String> = (0..7).map(|index| format!("Goal/g{index}")).collect();
        assert_eq!(
            waiting(&steps),
            "Still waiting for the answer to: Goal/g0, Goal/g1, Goal/g2, Goal/g3, Goal/g4, 2 more. Press Ctrl-C once more to stop at once; the next apply then finds out what happened to it."
        );
    }
}
