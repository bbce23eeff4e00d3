//! Bodies of items that an earlier run read, for those that the account says are unchanged.
//!
//! Where a list holds summaries, a plan reads every item on its own, although hardly one of them has changed. A copy stands for its item
//! only if the account itself says so:
//!
//! - The row bears the date of the last change that the copy bears, and the same revision of what lies inside it: that is counted on its
//!   own (platform.md#revisions). A row that lacks one of them proves nothing.
//! - A date has seconds, so a second change within the same second leaves it as it is. So the date counts only once it is *settled*: it was
//!   seen two seconds before a read that found it again. Until then the revision of the whole collection has to be the same, too.
//! - A copy is used for a day.
//! - The revision of the collection is not smaller than when the copy was read: an account that was set back to a backup counts the
//!   same revisions a second time.
//!
//! Nothing is proven by anything but equal dates and revisions. Which clock writes a date, and in which zone, is not known; elapsed time is
//! measured by the clock of the run alone, and a clock that was set back makes a copy useless, never valid.
//!
//! What is damaged, of another account or host, or of another version of the program is not used at all.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::kinds::{Collection, KindId};
use crate::name::{RemoteId, Revision};

/// The format of the file.
pub const CACHE_FORMAT: &str = "campaignctl.cache/v1";

/// How long a date of a change has to be known before it counts: one second is what it cannot tell apart, and one more is for the
/// machines of the platform, whose clocks may differ.
const SETTLING: SignedDuration = SignedDuration::from_secs(2);

/// How long a copy is used.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);

/// What the account says of an item besides its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Stamp {
    /// The date of the last change, as the account writes it.
    changed: String,
    /// The revision of the objects inside it, for kinds that hold some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inside: Option<String>,
}

impl Stamp {
    /// What a row or an item bears; `None` where that is too little to know it again.
    #[must_use]
    pub fn of(collection: &Collection, body: &Value) -> Option<Self> {
        let changed = body.get(collection.changed)?.as_str()?;
        let inside = match collection.embeds {
            Some(_) => Some(revision(body.get(collection.embedded_revision?)?)?),
            None => None,
        };
        (!changed.is_empty()).then(|| Self {
            changed: changed.to_owned(),
            inside,
        })
    }
}

fn revision(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        _ => None,
    }
}

/// What a list says of an item.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// What its row bears.
    pub stamp: &'a Stamp,
    /// The revision of the collection when it was listed.
    pub revision: Option<&'a Revision>,
    /// A moment before the list was asked for.
    pub at: Timestamp,
}

/// An item as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// What it bore.
    pub stamp: Stamp,
    /// The revision of its collection then.
    pub revision: Revision,
    /// A moment after it was read.
    pub read: Timestamp,
    /// The body as JSON, without secrets.
    pub body: Box<str>,
    /// Whether the next change bears another date.
    settled: bool,
}

impl Copied {
    /// A copy of an item, `None` where it does not bear enough to know it again.
    #[must_use]
    pub fn of(
        collection: &Collection,
        body: &Value,
        revision: Revision,
        read: Timestamp,
    ) -> Option<Self> {
        let may_be_kept = collection.secrets.is_empty() && !revision.0.is_empty();
        Some(Self {
            stamp: Stamp::of(collection, body).filter(|_| may_be_kept)?,
            revision,
            read,
            body: body.to_string().into(),
            settled: false,
        })
    }

    /// The body, `None` where the text is none.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }

    fn is_young(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.read);
        !age.is_negative() && age < OLDEST
    }

    /// Whether the date of its last change was known for long enough at a later moment.
    fn is_settled_by(&self, later: Timestamp) -> bool {
        self.settled || later.duration_since(self.read) >= SETTLING
    }

    fn is_unchanged(&self, listed: Listed<'_>) -> bool {
        let was_set_back = listed
            .revision
            .is_some_and(|now| now.has_fallen_from(&self.revision));
        self.stamp == *listed.stamp
            && self.is_young(listed.at)
            && !was_set_back
            && (self.settled || listed.revision == Some(&self.revision))
    }
}

/// Whose items they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheOwner {
    /// The account.
    pub account: String,
    /// The host that answered.
    pub host: String,
}

/// The copies of one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cache {
    items: BTreeMap<(KindId, RemoteId), Copied>,
    /// Whether it differs from the file that it was read from.
    has_changed: bool,
}

/// The first line of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CacheHead {
    format: String,
    program: String,
    account: String,
    host: String,
    /// The SHA-256 of all that follows.
    digest: String,
}

/// What is said of a copy, in front of its body.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CopyLabel {
    kind: KindId,
    id: RemoteId,
    stamp: Stamp,
    revision: Revision,
    read: String,
    settled: bool,
}

impl Cache {
    /// Reads the content of a file.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(text: &str, owner: &CacheOwner) -> Result<Self, &'static str> {
        const DAMAGED: &str = "it is damaged";
        let (head, items) = text.split_once('\n').ok_or(DAMAGED)?;
        let found: Value = serde_json::from_str(head).map_err(|_| DAMAGED)?;
        if found.get("format").and_then(Value::as_str) != Some(CACHE_FORMAT) {
            return Err("it has another format");
        }
        let head: CacheHead = serde_json::from_value(found).map_err(|_| DAMAGED)?;
        if head.program != env!("CARGO_PKG_VERSION") {
            return Err("another version of campaignctl wrote it");
        }
        if head.account != owner.account || head.host != owner.host {
            return Err("it is of another account or host");
        }
        if head.digest != digest(items) {
            return Err(DAMAGED);
        }
        let items = items.lines().map(item).collect::<Option<_>>();
        Ok(Self {
            items: items.ok_or(DAMAGED)?,
            has_changed: false,
        })
    }

    /// The content of the file, at most `limit` bytes: what does not fit is left out.
    #[must_use]
    pub fn write(&self, owner: &CacheOwner, limit: usize) -> String {
        let mut items = String::new();
        for ((kind, id), copied) in &self.items {
            let label = CopyLabel {
                kind: *kind,
                id: id.clone(),
                stamp: copied.stamp.clone(),
                revision: copied.revision.clone(),
                read: copied.read.to_string(),
                settled: copied.settled,
            };
            let label = serde_json::to_string(&label).unwrap_or_default();
            if items.len() + label.len() + copied.body.len() + HEAD_MAX > limit {
                break;
            }
            let _ = writeln!(items, "{label}\t{}", copied.body); // a text takes everything
        }
        let head = CacheHead {
            format: CACHE_FORMAT.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            account: owner.account.clone(),
            host: owner.host.clone(),
            digest: digest(&items),
        };
        let head = serde_json::to_string(&head).unwrap_or_default();
        format!("{head}\n{items}")
    }

    /// Whether it holds anything that its file does not.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }

    /// Whether it has a copy of an item, whatever became of the item since.
    #[must_use]
    pub fn knows(&self, kind: KindId, id: &RemoteId) -> bool {
        self.items.contains_key(&(kind, id.clone()))
    }

    /// The copy of an item that is as the account says that it is.
    #[must_use]
    pub fn unchanged(&self, kind: KindId, id: &RemoteId, listed: Listed<'_>) -> Option<&Copied> {
        let copied = self.items.get(&(kind, id.clone()))?;
        copied.is_unchanged(listed).then_some(copied)
    }

    /// Takes note of a list: a copy that the revision of the collection proves may have a date that is settled by now.
    pub fn confirm(&mut self, kind: KindId, id: &RemoteId, listed: Listed<'_>) {
        let Some(copied) = self.items.get_mut(&(kind, id.clone())) else {
            return;
        };
        if copied.is_unchanged(listed) && !copied.settled && copied.is_settled_by(listed.at) {
            copied.settled = true;
            self.has_changed = true;
        }
    }

    /// Keeps an item that was read, by a read that began at this moment.
    pub fn keep(&mut self, kind: KindId, id: RemoteId, mut copied: Copied, begun: Timestamp) {
        if let Some(former) = self.items.get(&(kind, id.clone()))
            && former.stamp.changed == copied.stamp.changed
            && !copied.revision.has_fallen_from(&former.revision)
        {
            if former.settled && former.stamp == copied.stamp && former.is_young(begun) {
                return; // as good as the new one: nothing to write
            }
            copied.settled = former.is_settled_by(begun);
        }
        self.items.insert((kind, id), copied);
        self.has_changed = true;
    }

    /// Forgets the items of a kind that a list does not show.
    pub fn retain(&mut self, kind: KindId, listed: &BTreeSet<RemoteId>) {
        self.retain_if(|(of, id)| *of != kind || listed.contains(id));
    }

    /// Forgets all items of a kind.
    pub fn forget(&mut self, kind: KindId) {
        self.retain_if(|(of, _)| *of != kind);
    }

    fn retain_if(&mut self, is_kept: impl Fn(&(KindId, RemoteId)) -> bool) {
        let before = self.items.len();
        self.items.retain(|key, _| is_kept(key));
        self.has_changed |= self.items.len() != before;
    }
}

/// More than a first line is long.
const HEAD_MAX: usize = 4096;

fn digest(items: &str) -> String {
    format!("{:x}", Sha256::digest(items))
}

fn item(line: &str) -> Option<((KindId, RemoteId), Copied)> {
    let (label, body) = line.split_once('\t')?;
    let label: CopyLabel = serde_json::from_str(label).ok()?;
    let copied = Copied {
        stamp: label.stamp,
        revision: label.revision,
        read: label.read.parse().ok()?,
        body: body.into(),
        settled: label.settled,
    };
    Some(((label.kind, label.id), copied))
}
