//! The wish that an answer is not needed any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that an answer checks between one file and the next. Copies are the same flag.
#[derive(Clone, Debug, Default)]
pub struct AnswerStop(Arc<AtomicBool>);

impl AnswerStop {
    /// Says that the answer is not needed.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the answer is not needed.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
