//! What the Monitoring API remembers between calls, and what its back door has set.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::decide::{fraction, mixed};
use super::session::Sessions;
use super::world::ServedWorld;
use crate::sandbox::Emulator;

/// The memory of the Monitoring API.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct MonitoringState {
    /// The sessions.
    pub(super) sessions: Sessions,
    /// How often it was called.
    pub(super) calls: AtomicU64,
    /// How often something was drawn.
    draws: AtomicU64,
    /// What it serves, and since when.
    served: Mutex<Option<(Timestamp, Arc<ServedWorld>)>>,
    set: Mutex<Set>,
}

/// What the back door has set.
#[derive(Clone, Debug, Default)]
struct Set {
    /// How far the clock of sessions is ahead.
    ahead: SignedDuration,
    /// Whether agents are available, whatever the switch says.
    agents: Option<bool>,
    conversations: Vec<OpenConversation>,
}

/// An open conversation.
#[derive(Clone, Debug)]
pub(super) struct OpenConversation {
    /// Whose it is; `*` for every caller.
    pub(super) subject: String,
    pub(super) id: String,
    /// What it came from, as the answer tells it.
    pub(super) details: Map<String, Value>,
}

impl MonitoringState {
    /// Forgets everything.
    pub(in crate::sandbox) fn clear(&self) {
        self.sessions.clear();
        self.calls.store(0, Ordering::Relaxed);
        self.draws.store(0, Ordering::Relaxed);
        *self.world() = None;
        *self.set() = Set::default();
    }

    pub(super) fn world(&self) -> MutexGuard<'_, Option<(Timestamp, Arc<ServedWorld>)>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of sessions and schedules.
    pub(super) fn now(&self, emulator: &Emulator) -> Timestamp {
        let now = emulator.now();
        now.checked_add(self.set().ahead).unwrap_or(now)
    }

    /// Moves the time on.
    pub(super) fn advance(&self, time: SignedDuration) {
        let mut set = self.set();
        set.ahead = set.ahead.saturating_add(time);
    }

    /// Whether agents are available.
    pub(super) fn has_agents(&self, emulator: &Emulator) -> bool {
        self.set().agents.unwrap_or(emulator.settings.has_agents)
    }

    pub(super) fn set_agents(&self, are_available: bool) {
        self.set().agents = Some(are_available);
    }

    pub(super) fn set_conversations(&self, conversations: Vec<OpenConversation>) {
        self.set().conversations = conversations;
    }

    /// The next number from 0 to 1: the same series for the same seed.
    pub(super) fn draw(&self, seed: u64) -> f64 {
        let index = self.draws.fetch_add(1, Ordering::Relaxed);
        // The increment of SplitMix64.
        let step = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        fraction(mixed(seed.wrapping_add(step)))
    }

    /// The open conversation of a visitor, as the answer tells it.
    pub(super) fn conversation(&self, subjects: &[String]) -> Option<Value> {
        let set = self.set();
        let is_of = |it: &&OpenConversation| it.subject == "*" || subjects.contains(&it.subject);
        let found = set.conversations.iter().find(is_of)?;
        let mut details = found.details.clone();
        details.insert("conversationId".to_owned(), found.id.as_str().into());
        details.insert("status".to_owned(), "conversation".into());
        Some(Value::Object(details))
    }

    /// What is set, for the back door.
    pub(super) fn report(&self, emulator: &Emulator) -> Value {
        let agents = if self.has_agents(emulator) {
            "available"
        } else {
            "none"
        };
        json!({
            "now": self.now(emulator).to_string(),
            "agents": agents,
            "conversations": self.set().conversations.len(),
        })
    }
}
