//! How long a run waits in all for an account before it gives up. Waits side by side are paid once.
//!
//! It belongs to the run and not to the account: each run was told how patient it is.

use std::time::Duration;

use tokio::time::Instant;

/// The time that a run may wait in all.
#[derive(Debug)]
pub(super) struct Budget {
    total: Duration,
    spent: Duration,
    waits_until: Option<Instant>,
    is_exhausted: bool,
}

impl Budget {
    /// The whole budget.
    pub(super) fn new(total: Duration) -> Self {
        Self {
            total,
            spent: Duration::ZERO,
            waits_until: None,
            is_exhausted: false,
        }
    }

    /// Takes a wait from the budget; `false` when it does not fit.
    pub(super) fn pay(&mut self, now: Instant, wait: Duration) -> bool {
        let paid = self
            .waits_until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let price = wait.saturating_sub(paid);
        if self.spent.saturating_add(price) > self.total {
            self.is_exhausted = true;
            return false;
        }
        self.spent += price;
        self.waits_until = self.waits_until.max(now.checked_add(wait));
        true
    }

    /// How much of it is spent.
    pub(super) fn spent(&self) -> Duration {
        self.spent
    }

    /// Whether a wait did not fit any more.
    pub(super) fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_side_by_side_are_paid_once() {
        let start = Instant::now();
        let mut budget = Budget::new(10 * SECOND);
        assert!(budget.pay(start, 6 * SECOND) && budget.pay(start, 6 * SECOND));
        let later = start + 2 * SECOND;
        assert!(budget.pay(later, 5 * SECOND));
        assert_eq!((budget.spent(), budget.is_exhausted()), (7 * SECOND, false));
        assert!(!budget.pay(later, 9 * SECOND));
        assert!(!budget.pay(later, Duration::MAX));
        assert_eq!((budget.spent(), budget.is_exhausted()), (7 * SECOND, true));
        assert!(budget.pay(later, 8 * SECOND), "up to the last second");
    }
}
