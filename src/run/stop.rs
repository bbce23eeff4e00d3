//! Requests to stop, wherever they come from: a terminal, a pipeline that is cancelled, a service that shuts down.
//!
//! A run that holds a lock does not die of a request, it gives the lock back first. While a plan is carried out the
//! first request ends the run after the steps under way, the second says what is waited for, and the third ends it
//! at once. That loses nothing: every write is in the journal before it is sent, so the next run finds out what
//! became of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::{Error, Meaning, News};
use crate::apply::Progress;

/// The requests to stop a run.
#[derive(Debug)]
pub struct StopRequests(UnboundedReceiver<()>);

/// Asks a run to stop; again to have it say what it waits for, and again to have it give up.
#[derive(Clone, Debug)]
pub struct Stopper(UnboundedSender<()>);

impl Stopper {
    /// Asks the run to stop.
    pub fn stop(&self) {
        let _ = self.0.send(()); // a run that ended needs no request
    }
}

impl StopRequests {
    /// The requests of a run, and what makes them.
    #[must_use]
    pub fn pair() -> (Stopper, Self) {
        let (sender, receiver) = unbounded_channel();
        (Stopper(sender), Self(receiver))
    }

    /// Requests that never come.
    #[must_use]
    pub fn never() -> Self {
        Self::pair().1
    }

    /// Waits for the next request.
    pub async fn wanted(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await; // no request can come any more
        }
    }

    /// Does something that can be dropped halfway, until the run is to end.
    ///
    /// # Errors
    /// Those of `work`, and the interruption.
    pub async fn interrupts<T>(
        &mut self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::select! {
            result = work => result,
            () = self.wanted() => Err(Error::new(Meaning::Interrupted, "interrupted, and nothing was written")),
        }
    }
}

/// The requests to stop several runs at once. Each gets all of them, those from before its start, too.
#[derive(Clone, Debug, Default)]
pub struct Stops(Arc<(Mutex<StopsAsked>, Condvar)>);

#[derive(Debug, Default)]
struct StopsAsked {
    /// How often.
    times: usize,
    /// Whom to tell.
    runs: Vec<Stopper>,
}

impl Stops {
    /// Asks all of them to stop.
    pub fn ask(&self) {
        let (asked, told) = &*self.0;
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.times += 1;
        asked.runs.iter().for_each(Stopper::stop);
        told.notify_all();
    }

    /// Whether they were asked to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.locked().times > 0
    }

    /// The requests for one more run.
    #[must_use]
    pub fn one(&self) -> StopRequests {
        let (stopper, stop) = StopRequests::pair();
        let mut asked = self.locked();
        (0..asked.times).for_each(|_| stopper.stop());
        asked.runs.push(stopper);
        stop
    }

    /// Waits for so long, or until the runs are asked to stop; whether they were.
    #[must_use]
    pub fn wait(&self, time: Duration) -> bool {
        let (asked, told) = &*self.0;
        let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = told.wait_timeout_while(asked, time, |asked| asked.times == 0);
        let (asked, _) = waited.unwrap_or_else(PoisonError::into_inner);
        asked.times > 0
    }

    fn locked(&self) -> MutexGuard<'_, StopsAsked> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The steps of a plan that began and have not ended, by their place in it.
#[derive(Debug, Default)]
pub(super) struct UnderWay(Mutex<BTreeMap<usize, String>>);

impl UnderWay {
    /// Takes note of a step that began or ended.
    pub(super) fn note(&self, event: &Progress<'_>) {
        match event {
            Progress::Started { index, step } => self.locked().insert(*index, step.key.to_string()),
            Progress::Finished { index, .. } => self.locked().remove(index),
        };
    }

    /// The objects of these steps.
    pub(super) fn names(&self) -> Vec<String> {
        self.locked().values().cloned().collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<usize, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens while a plan is carried out: the first request sets `cancelled`, the third one ends the run.
pub(super) fn listen(
    news: &Arc<dyn News>,
    mut stop: StopRequests,
    cancelled: &Arc<AtomicBool>,
    under_way: &Arc<UnderWay>,
) -> (JoinHandle<()>, LastResort) {
    let last_resort = LastResort::default();
    let (news, cancelled) = (Arc::clone(news), Arc::clone(cancelled));
    let (under_way, give_up) = (Arc::clone(under_way), Arc::clone(&last_resort.0));
    let listener = tokio::spawn(async move {
        stop.wanted().await;
        news.note("Stopping after the steps under way ..");
        cancelled.store(true, Ordering::SeqCst);
        stop.wanted().await;
        news.note(&waiting(&under_way.names()));
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

    #[tokio::test]
    async fn a_request_drops_what_may_be_dropped() {
        let (stopper, mut stop) = StopRequests::pair();
        assert_eq!(stop.interrupts(async { Ok(7) }).await.unwrap(), 7);
        stopper.stop();
        let error = stop.interrupts(std::future::pending::<Result<(), Error>>());
        assert_eq!(error.await.unwrap_err().meaning, Meaning::Interrupted);
    }

    #[tokio::test]
    async fn every_run_hears_every_request() {
        let stops = Stops::default();
        let mut early = stops.one();
        assert!(!stops.is_asked() && !stops.wait(Duration::ZERO));
        stops.ask();
        early.wanted().await;
        stops.one().wanted().await;
        assert!(stops.is_asked() && stops.wait(Duration::from_hours(1)));
    }
}
