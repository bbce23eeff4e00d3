//! How many messages came how far.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many messages came how far. A message counts at every stage that it reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MessageCounts {
    /// How many the platform took.
    pub attempted: u64,
    /// How many it handed on.
    pub sent: u64,
    /// How many arrived.
    pub delivered: u64,
    /// How many were read, or seen.
    pub read: u64,
    /// How many were tapped or clicked.
    #[serde(default)]
    pub clicked: u64,
    /// How many were answered: each begins a conversation.
    pub replied: u64,
    /// How many were not delivered.
    pub failed: u64,
    /// How many were not sent because the consumer wants no messages.
    pub skipped: u64,
}

impl MessageCounts {
    /// The names of the counts, in the order of the way of a message.
    pub const NAMES: [&str; 8] = [
        "attempted",
        "sent",
        "delivered",
        "read",
        "clicked",
        "replied",
        "failed",
        "skipped",
    ];

    /// The counts in the order of [`NAMES`](Self::NAMES).
    #[must_use]
    pub fn figures(&self) -> [u64; 8] {
        let Self {
            attempted,
            sent,
            delivered,
            read,
            clicked,
            replied,
            failed,
            skipped,
        } = *self;
        [
            attempted, sent, delivered, read, clicked, replied, failed, skipped,
        ]
    }

    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.attempted += other.attempted;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.read += other.read;
        self.clicked += other.clicked;
        self.replied += other.replied;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Those of a list.
    #[must_use]
    pub fn total<'c>(all: impl IntoIterator<Item = &'c Self>) -> Self {
        let mut total = Self::default();
        all.into_iter().for_each(|one| total.add(one));
        total
    }

    /// The counts of one message, from the times of its events.
    pub(super) fn of_message(message: &Value) -> Self {
        let has = |key: &str| u64::from(message.get(key).is_some_and(|it| !it.is_null()));
        let is_failed = has("failedTime") + has("errorCode") + has("errorMessage") > 0;
        Self {
            attempted: 1,
            sent: has("sentTime"),
            delivered: has("deliveredTime"),
            read: has("readTime"),
            clicked: 0,
            replied: has("conversationsCreatedTime"),
            failed: u64::from(is_failed),
            skipped: has("skippedTime"),
        }
    }

    /// The sum of the counts that the platform gives by channel, skill and day. Its versions spell keys in two ways.
    ///
    /// # Errors
    /// An answer of another shape.
    pub fn of_analytics(answer: &Value) -> Result<Self, String> {
        let rows = answer.get("analytics").and_then(Value::as_array);
        let rows = rows.ok_or("the answer has no list `analytics`")?;
        let mut total = Self::default();
        for row in rows {
            let row = row.as_object().ok_or("a row of `analytics` is no object")?;
            let count = |name: &str| {
                let mut pairs = row.iter();
                let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.and_then(|(_, it)| it.as_u64()).unwrap_or_default()
            };
            total.add(&Self {
                attempted: count("attempted"),
                sent: count("sent"),
                delivered: count("delivered"),
                read: count("read"),
                clicked: 0,
                replied: count("conversationsCreated"),
                failed: count("failed"),
                skipped: count("skipped"),
            });
        }
        Ok(total)
    }
}
