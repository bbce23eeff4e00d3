//! The ledger, looked at and mended by hand: a manifest is bound to an object, or unbound; the lock of a dead run is removed.
//!
//! Nothing on the account changes. Each act is in the audit log, whether it succeeded or not.

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};

use super::account::Account;
use super::auditing::{About, Audit};
use super::error::age;
use super::execute::{ask, released};
use super::ledgers::{account_of, ledger_of, lock_within};
use super::{Error, Run, StopRequests, Workspace};
use crate::api::observe;
use crate::audit::Act;
use crate::diag::did_you_mean;
use crate::kinds::words::VOCABULARY;
use crate::kinds::{KindId, Role};
use crate::ledger::{JournalEvent, LedgerSession, LedgerStore, Loaded};
use crate::live::{Entry, Ledger, LiveObject, Needs};
use crate::manifest::{Key, Mode};
use crate::resolve::{Desired, Resource};
use crate::text::Packed;

/// The ledger of an environment, and how it is mended.
pub struct Mending<'a> {
    run: &'a Run,
    workspace: &'a Workspace,
    /// The ledger.
    pub store: LedgerStore,
    /// The file of the audit log, where one is given.
    pub audit: Option<&'a Path>,
    /// Called before the ledger is locked: from there on, a process that ends would leave the lock behind.
    pub on_lock: fn() -> Result<(), Error>,
}

impl<'a> Mending<'a> {
    /// The ledger of the run's environment.
    ///
    /// # Errors
    /// As [`ledger_of`].
    pub fn of(run: &'a Run, workspace: &'a Workspace) -> Result<Self, Error> {
        Ok(Self {
            run,
            workspace,
            store: ledger_of(run, workspace)?,
            audit: None,
            on_lock: || Ok(()),
        })
    }

    /// The ledger as it is.
    ///
    /// # Errors
    /// A ledger that cannot be read.
    pub async fn load(&self) -> Result<Loaded, Error> {
        Ok(self.store.load(&self.run.machine().unique_id()).await?)
    }

    /// Tells of writes that were cut off.
    pub fn tell_of_unfinished(&self, ledger: &Ledger) {
        for open in &ledger.unfinished {
            let journal = self.store.journal_place();
            self.run.note(&format!(
                "A run was cut off while it wrote {}; `{journal}` has its record.",
                open.key
            ));
        }
    }

    /// The audit log of what is done to the ledger.
    fn audit(&self) -> Result<Audit, Error> {
        let account = account_of(self.run, self.workspace)?;
        Audit::open(self.audit, self.run, self.workspace, &account)
    }

    /// Binds a manifest to the object with an id, which is returned as the account has it.
    ///
    /// # Errors
    /// A manifest or an object that is not there, or not free for the other.
    pub async fn bind(&self, key: &Key, id: &str) -> Result<LiveObject, Error> {
        let manifests = self.workspace.sound_manifests(self.run)?;
        let resource = resource_of(&manifests.desired, key)?;
        let texts = &manifests.texts;
        let file = texts.document(resource.doc).file;
        let object = self.live_object(key.kind, id).await?;
        let place = self.workspace.identity().of(&texts.sources.get(file).path);
        let entry = Entry {
            id: object.id.clone(),
            parent: object.parent.clone(),
            display_name: object.display_name.clone(),
            applied: Packed::of(&Value::Object(Map::new())),
            vocabulary: VOCABULARY,
            protect: resource.lifecycle.protect,
            observed: resource.lifecycle.mode == Mode::Observe,
            file: place.file,
            link: place.link,
            at: self.run.machine().now().to_string(),
            plan: format!("bind-{}", self.run.machine().unique_id()),
        };
        let mut audit = self.audit()?;
        let session = self.lock().await?;
        let binding = async {
            let free = check_free(session.ledger(), key, &object);
            let (key, entry) = (key.clone(), Box::new(entry));
            let event = JournalEvent::Bound {
                key,
                entry,
                kept: None,
            };
            end(session, free.map(|()| event)).await
        };
        let about = About::Object(key, &object.id, &object.display_name);
        audit.of_ledger(Act::Bind, about, binding).await?;
        Ok(object)
    }

    /// The object that is to be bound, as the account has it.
    async fn live_object(&self, kind: KindId, id: &str) -> Result<LiveObject, Error> {
        if matches!(kind.def().role, Role::Local | Role::Reference) {
            let why = format!("{} is never bound to a live object", kind.one());
            return Err(Error::invalid(why));
        }
        let account = Account::connect(self.run, self.workspace).await?;
        let reading = self
            .run
            .news()
            .waiting(&format!("reading {}", account.environment));
        let parallelism = self.run.parallelism();
        let inventory = observe(&account.client, &Needs::every([kind]), parallelism).await;
        drop(reading);
        account.close().await;
        let inventory =
            inventory.map_err(|error| Error::from(error).context("cannot read the account"))?;
        let rows = inventory.of_kind(kind);
        match rows.iter().find(|object| object.id.as_str() == id) {
            None => Err(Error::invalid(format!(
                "the account has no {kind} with the id {id}"
            ))),
            Some(object) if object.system => Err(Error::invalid(format!(
                "{kind} {id}, `{}`, is one of the vendor's own and is never bound",
                object.display_name
            ))),
            Some(object) => Ok(object.clone()),
        }
    }

    /// Unbinds a manifest, and returns what the ledger knew of it.
    ///
    /// # Errors
    /// A manifest that is not bound.
    pub async fn forget(&self, key: &Key) -> Result<Entry, Error> {
        let mut audit = self.audit()?;
        let session = self.lock().await?;
        let entry = match entry_of(session.ledger(), key).cloned() {
            Ok(entry) => entry,
            Err(error) => return released(session, Err(error)).await,
        };
        let unbound = JournalEvent::Unbound {
            key: key.clone(),
            at: None,
        };
        let unbinding = end(session, Ok(unbound));
        let about = About::Object(key, &entry.id, &entry.display_name);
        audit.of_ledger(Act::Forget, about, unbinding).await?;
        Ok(entry)
    }

    /// Removes the lock after showing whose it is, and asking unless it is `sure`. Returns whether the ledger is free.
    ///
    /// # Errors
    /// A ledger that cannot be read, or nobody to ask.
    pub async fn unlock(&self, sure: bool) -> Result<bool, Error> {
        let mut audit = self.audit()?;
        let place = self.store.place();
        let Some(held) = self.store.any_lock().await? else {
            let why = format!("The ledger `{place}` is not locked.");
            self.run.note(&why);
            return Ok(true);
        };
        let age = age(&held.holder.since, self.run.machine().now())
            .map_or_else(String::new, |age| format!(" ({age} ago)"));
        let shown = format!("The ledger `{place}` is locked by {}{age}.", held.holder);
        self.run.note(&shown);
        if !sure && !self.is_to_unlock().await? {
            self.run.note("It stays locked.");
            return Ok(false);
        }
        let breaking = async {
            let broken = self.store.break_lock(&held).await;
            broken.map_err(|error| Error::of_ledger(error, self.run.machine().now()))
        };
        let about = About::Lock(&held.holder);
        audit.of_ledger(Act::Unlock, about, breaking).await?;
        self.run.note("It is no longer locked.");
        Ok(true)
    }

    async fn is_to_unlock(&self) -> Result<bool, Error> {
        let question = "Remove the lock? Only if that run has ended.".to_owned();
        ask(self.run, question).await?.ok_or_else(|| {
            Error::invalid("there is no terminal to ask questions on")
                .help("give `--force` if you are sure that this run has ended")
        })
    }

    async fn lock(&self) -> Result<LedgerSession, Error> {
        (self.on_lock)()?;
        let (run, mut stop) = (self.run, StopRequests::never());
        lock_within(run, self.workspace, &self.store, Duration::ZERO, &mut stop).await
    }
}

/// Stores an event, or gives the lock back. A plan that was not done whole is not resumed after that: it was about other bindings.
async fn end(mut session: LedgerSession, event: Result<JournalEvent, Error>) -> Result<(), Error> {
    let recorded = event.and_then(|event| {
        session.record(event)?;
        Ok(session.note_begun(None)?)
    });
    match recorded {
        Ok(()) => Ok(session.commit().await.map(drop)?),
        Err(error) => released(session, Err(error)).await,
    }
}

/// Whether the manifest and the object are free for each other.
fn check_free(ledger: &Ledger, key: &Key, object: &LiveObject) -> Result<(), Error> {
    if let Some(entry) = ledger.entries.get(key)
        && entry.id != object.id
    {
        let why = format!("{key} is bound to {} already", entry.id);
        let help = format!("`campaignctl ledger forget {key}` unbinds it");
        return Err(Error::invalid(why).help(help));
    }
    let mut others = ledger.entries.iter();
    let other = others
        .find(|(other, entry)| other.kind == key.kind && entry.id == object.id && *other != key);
    match other {
        Some((other, _)) => Err(Error::invalid(format!(
            "{} is bound to {other} already",
            object.id
        ))
        .help(format!("`campaignctl ledger forget {other}` unbinds it"))),
        None => Ok(()),
    }
}

fn resource_of<'d>(desired: &'d Desired, key: &Key) -> Result<&'d Resource, Error> {
    let found = desired.iter().find(|found| found.key == *key);
    found.ok_or_else(|| {
        Error::invalid(format!("there is no manifest {key}"))
            .help("write it first: a bound object without a manifest would be deleted")
    })
}

/// What a ledger knows of a manifest.
///
/// # Errors
/// A manifest that is not bound.
pub fn entry_of<'l>(ledger: &'l Ledger, key: &Key) -> Result<&'l Entry, Error> {
    ledger.entries.get(key).ok_or_else(|| {
        let text = key.to_string();
        let known: Vec<String> = ledger.entries.keys().map(Key::to_string).collect();
        let hint = did_you_mean(&text, known.iter().map(String::as_str));
        let help = hint.unwrap_or_else(|| "`campaignctl ledger list` shows what is".to_owned());
        Error::invalid(format!("{key} is not bound")).help(help)
    })
}
