//! Progress on stderr: a bar on a terminal, lines otherwise.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::ui::{Ui, complained};
use crate::apply::{Progress, StepResult};
use crate::plan::StepVerb;
use crate::report::outcome::{ALIKE, shortfall_of, step_line};
use crate::run::{Counting, Steps};

/// A spinner that is there until it is dropped.
struct Waiting(Option<ProgressBar>);

/// Shows that something goes on, such as reading an account.
pub(super) fn waiting(ui: &Ui, doing: &str) -> impl Send + use<> {
    if !ui.shows_bars() {
        return Waiting(None);
    }
    let bar = ProgressBar::new_spinner();
    bar.set_message(doing.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    Waiting(Some(bar))
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A count that grows: a bar on a terminal, and a line for each tenth otherwise.
pub(super) struct Count {
    ui: Ui,
    bar: Option<ProgressBar>,
    total: usize,
    what: String,
    told: Mutex<usize>,
}

impl Count {
    /// A count up to a total of something, in the plural.
    pub(super) fn new(ui: &Ui, total: usize, what: &str) -> Self {
        let bar = ui.shows_bars().then(|| {
            let bar = ProgressBar::new(total as u64);
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style);
            bar.set_message(what.to_owned());
            bar
        });
        Self {
            ui: ui.clone(),
            bar,
            total,
            what: what.to_owned(),
            told: Mutex::new(0),
        }
    }
}

impl Counting for Count {
    fn done(&self, count: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(count as u64);
            return;
        }
        let tenth = count * 10 / self.total.max(1);
        let mut told = locked(&self.told);
        if tenth > *told && count < self.total {
            *told = tenth;
            let Self { total, what, .. } = self;
            self.ui.note(&format!("[{count}/{total}] {what}"));
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Progress of an apply.
pub(super) struct ApplyProgress {
    ui: Ui,
    bar: Option<ProgressBar>,
    done: Mutex<Counted>,
    /// How many steps came to nothing, by the way.
    short: Mutex<BTreeMap<String, usize>>,
    total: usize,
}

/// The steps that ended.
#[derive(Clone, Copy, Default)]
struct Counted {
    all: usize,
    /// Those that a run before did, and that nothing was said of yet.
    earlier: usize,
}

impl ApplyProgress {
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
            done: Mutex::default(),
            short: Mutex::default(),
            total,
        }
    }

    /// Notes that a step came to nothing some way, and returns whether that is one of the first that did so.
    fn is_new(&self, said: String) -> bool {
        let mut short = locked(&self.short);
        let count = short.entry(said).or_default();
        *count += 1;
        *count <= ALIKE
    }

    /// Tells how many steps a run before did, once.
    fn tell_earlier(&self) {
        let earlier = std::mem::take(&mut locked(&self.done).earlier);
        if earlier > 0 && self.bar.is_none() {
            let total = self.total;
            self.ui.note(&format!(
                "[{earlier}/{total}] done by the run before, which did not finish"
            ));
        }
    }
}

impl Steps for ApplyProgress {
    fn show(&self, event: &Progress<'_>) {
        let Progress::Finished { step, result, .. } = event else {
            return;
        };
        if step.verb == StepVerb::Record && matches!(result, StepResult::Applied { .. }) {
            return;
        }
        if matches!(result, StepResult::Interrupted) {
            return; // the end of the run tells how many there are
        }
        let is_earlier = matches!(result, StepResult::Applied { earlier: true, .. });
        let number = {
            let mut done = locked(&self.done);
            done.all += 1;
            done.earlier += usize::from(is_earlier);
            done.all
        };
        if is_earlier {
            if let Some(bar) = &self.bar {
                bar.inc(1);
            }
            return;
        }
        self.tell_earlier();
        let line = step_line(step, result);
        match (&self.bar, result) {
            (Some(bar), StepResult::Applied { .. }) => {
                bar.set_message(line);
                bar.inc(1);
            }
            (Some(bar), _) => {
                // More of the same is told once, at the end.
                let said = shortfall_of(step.verb, &step.key, result);
                if said.is_none_or(|said| self.is_new(said)) {
                    bar.println(complained(&line));
                }
                bar.inc(1);
            }
            (None, _) => self.ui.note(&format!("[{number}/{}] {line}", self.total)),
        }
    }
}

impl Drop for ApplyProgress {
    fn drop(&mut self) {
        self.tell_earlier();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// What a mutex guards; a panic of another thread does not make counts and names unusable.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
