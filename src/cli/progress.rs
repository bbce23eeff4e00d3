//! Progress on stderr: a bar on a terminal, lines otherwise.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::ui::Ui;
use crate::apply::{Progress, StepResult};
use crate::plan::{Step, Verb};
use crate::report::outcome::{done, failed, skipped};

/// A spinner while the account is read.
pub(super) struct Reading(Option<ProgressBar>);

/// Shows that the account is being read.
pub(super) fn reading(ui: &Ui, environment: &str) -> Reading {
    if !ui.shows_bars() {
        return Reading(None);
    }
    let bar = ProgressBar::new_spinner();
    bar.set_message(format!("reading {environment}"));
    bar.enable_steady_tick(Duration::from_millis(120));
    Reading(Some(bar))
}

impl Reading {
    /// Takes the spinner away.
    pub(super) fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Progress of an apply.
pub(super) struct Applying {
    ui: Ui,
    bar: Option<ProgressBar>,
    done: Mutex<usize>,
    /// The steps that began and have not ended, by their place in the plan.
    under_way: Mutex<BTreeMap<usize, String>>,
    total: usize,
}

impl Applying {
    /// Progress of so many steps.
    pub(super) fn new(ui: &Ui, total: usize) -> Self {
        let bar = ui.shows_bars().then(|| {
            let bar = ProgressBar::new(total as u64);
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style);
            bar
        });
        Self {
            ui: ui.clone(),
            bar,
            done: Mutex::new(0),
            under_way: Mutex::new(BTreeMap::new()),
            total,
        }
    }

    /// The objects whose steps are under way.
    pub(super) fn under_way(&self) -> Vec<String> {
        locked(&self.under_way).values().cloned().collect()
    }

    /// Shows an event.
    pub(super) fn show(&self, event: Progress<'_>) {
        let (step, result) = match event {
            Progress::Started { index, step } => {
                locked(&self.under_way).insert(index, step.key.to_string());
                return;
            }
            Progress::Finished {
                index,
                step,
                result,
            } => {
                locked(&self.under_way).remove(&index);
                (step, result)
            }
        };
        if step.verb == Verb::Record && matches!(result, StepResult::Applied { .. }) {
            return;
        }
        if matches!(result, StepResult::Interrupted) {
            return; // the end of the run tells how many there are
        }
        let number = {
            let mut done = locked(&self.done);
            *done += 1;
            *done
        };
        let line = line(step, result);
        match (&self.bar, result) {
            (Some(bar), StepResult::Applied { .. }) => {
                bar.set_message(line);
                bar.inc(1);
            }
            (Some(bar), _) => {
                bar.println(line);
                bar.inc(1);
            }
            (None, _) => self.ui.note(&format!("[{number}/{}] {line}", self.total)),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// What a mutex guards; a panic of another thread does not make counts and names unusable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn line(step: &Step, result: &StepResult) -> String {
    let key = &step.key;
    match result {
        StepResult::Applied { .. } => format!("{} {key}", done(step.verb)),
        StepResult::Failed { message, class } => failed(step.verb, key, *class, message),
        StepResult::Skipped { because } => skipped(step.verb, key, because),
        StepResult::Manual => format!("manual step: {key}"),
        StepResult::Interrupted => format!("not tried {key}"),
    }
}
