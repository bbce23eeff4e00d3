//! `ledger`: which live object each manifest is bound to.

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::api::observe;
use crate::audit::Act;
use crate::cli::auditing::AuditArgs;
use crate::cli::signals;
use crate::cli::ui::Ui;
use crate::cli::{Format, block_on, exit};
use crate::kinds::words::VOCABULARY;
use crate::kinds::{KindId, Role};
use crate::ledger::{Event, Loaded, Session, Store};
use crate::live::{Entry, Ledger, LiveObject, Needs};
use crate::manifest::{Key, Mode};
use crate::report::ledger::{
    Listed, json, render_entry, render_list, render_list_json, render_summary,
};
use crate::resolve::{Desired, Resource};
use crate::run::account::Account;
use crate::run::auditing::{About, Audit};
use crate::run::error::age;
use crate::run::execute::{ask, released};
use crate::run::ledgers::{account_of, ledger_of, lock_within};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run, Stop};
use crate::text::Packed;
use crate::text::safe::line;

/// Inspect and repair the ledger. It is the record of which live object each manifest is bound to.
///
/// The ledger of an environment is a file, or a place that a team shares: `ledger:` of the environment in
/// `campaignctl.yaml` names it. Losing it costs little: the next plan adopts objects by display name.
#[derive(Debug, Args)]
pub(in crate::cli) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    List(ListArgs),
    Show(ShowArgs),
    Bind(BindArgs),
    Forget(ForgetArgs),
    Unlock(UnlockArgs),
}

/// List the bound objects.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger list
  campaignctl ledger list -e production --format json")]
struct ListArgs {}

/// Show what the ledger is, or one entry with all that was applied.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger show -e production
  campaignctl ledger show Campaign/autumn-sale")]
struct ShowArgs {
    /// The manifest whose entry is shown.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys())]
    manifest: Option<Key>,
}

/// Bind a manifest to a live object, regardless of its display name.
///
/// The object must exist, must not be one of the vendor's own, and must not be bound to another manifest. It
/// is not changed; the next plan shows how it differs from the manifest.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger bind Goal/checkout-done 4100000101
  campaignctl ledger bind -e production Campaign/autumn-sale 4100000207")]
struct BindArgs {
    /// The manifest.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys())]
    manifest: Key,
    /// The id of the live object.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Unbind a manifest. Nothing on the account changes.
///
/// The live object becomes a foreign one: no plan deletes it. As long as the manifest is there, the next
/// plan adopts an object with the same display name, or creates one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger forget Goal/checkout-done
  campaignctl ledger forget -e production Campaign/autumn-sale")]
struct ForgetArgs {
    /// The manifest.
    #[arg(value_name = "KIND/NAME", add = crate::cli::completing::manifest_keys())]
    manifest: Key,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Remove the lock of a dead run, after showing whose lock it is.
///
/// A run that is still alive notices that its lock is gone: it stops with an error, does not write the ledger and
/// keeps its journal.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl ledger unlock -e production
  campaignctl ledger unlock -e production --force      without asking, for pipelines")]
struct UnlockArgs {
    /// Do not ask. Without a terminal this is required.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    audit: AuditArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &LedgerArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &[])?;
    let place = Place {
        ui,
        run,
        workspace: &workspace,
        store: ledger_of(run, &workspace)?,
    };
    block_on(async {
        match &args.command {
            LedgerCommand::List(ListArgs {}) => place.list().await,
            LedgerCommand::Show(args) => place.show(args.manifest.as_ref()).await,
            LedgerCommand::Bind(args) => place.bind(args).await,
            LedgerCommand::Forget(args) => place.forget(args).await,
            LedgerCommand::Unlock(args) => place.unlock(args).await,
        }
    })
}

/// The ledger that a command is about.
struct Place<'a> {
    ui: &'a Ui,
    run: &'a Run,
    workspace: &'a Workspace,
    store: Store,
}

impl Place<'_> {
    async fn load(&self) -> Result<Loaded, Error> {
        Ok(self.store.load(&self.run.machine().unique_id()).await?)
    }

    fn listed<'l>(&'l self, loaded: &'l Loaded, place: &'l str) -> Listed<'l> {
        Listed {
            environment: self.run.environment(),
            place,
            is_stored: loaded.is_stored(),
            ledger: &loaded.ledger,
        }
    }

    fn is_text(&self) -> bool {
        self.ui.format() == Format::Text
    }

    async fn list(&self) -> Result<u8, Error> {
        let loaded = self.load().await?;
        let place = self.store.place();
        let listed = self.listed(&loaded, &place);
        self.ui.formatted(
            self.ui.format(),
            &if self.is_text() {
                render_list(&listed)
            } else {
                render_list_json(&listed)
            },
        );
        Ok(exit::DONE)
    }

    async fn show(&self, key: Option<&Key>) -> Result<u8, Error> {
        let loaded = self.load().await?;
        let text = match key {
            Some(key) => {
                let entry = entry_of(&loaded.ledger, key)?;
                if self.is_text() {
                    render_entry(key, entry)
                } else {
                    json(entry)
                }
            }
            None if self.is_text() => render_summary(&self.listed(&loaded, &self.store.place())),
            None => json(&loaded.ledger),
        };
        self.ui.formatted(self.ui.format(), &text);
        for open in &loaded.ledger.unfinished {
            let journal = self.store.journal_place();
            self.ui.note(&format!(
                "A run was cut off while it wrote {}; `{journal}` has its record.",
                open.key
            ));
        }
        Ok(exit::DONE)
    }

    /// The audit log of what is done to the ledger.
    fn audit(&self, args: &AuditArgs) -> Result<Audit, Error> {
        let account = account_of(self.run, self.workspace)?;
        Audit::open(args.file(), self.run, self.workspace, &account)
    }

    async fn bind(&self, args: &BindArgs) -> Result<u8, Error> {
        let (key, id) = (&args.manifest, args.id.as_str());
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
            applied: Packed::of(&serde_json::Value::Object(serde_json::Map::new())),
            vocabulary: VOCABULARY,
            protect: resource.lifecycle.protect,
            observed: resource.lifecycle.mode == Mode::Observe,
            file: place.file,
            link: place.link,
            at: self.run.machine().now().to_string(),
            plan: format!("bind-{}", self.run.machine().unique_id()),
        };
        let mut audit = self.audit(&args.audit)?;
        let session = self.lock().await?;
        let binding = async {
            let free = check_free(session.ledger(), key, &object);
            let (key, entry) = (key.clone(), Box::new(entry));
            let event = Event::Bound {
                key,
                entry,
                kept: None,
            };
            self.end(session, free.map(|()| event)).await
        };
        let about = About::Object(key, &object.id, &object.display_name);
        audit.of_ledger(Act::Bind, about, binding).await?;
        self.ui.note(&format!(
            "{key} is bound to {id}, `{}`. The account is as it was; `campaignctl plan` shows how it differs.",
            line(&object.display_name)
        ));
        Ok(exit::DONE)
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

    async fn forget(&self, args: &ForgetArgs) -> Result<u8, Error> {
        let key = &args.manifest;
        let mut audit = self.audit(&args.audit)?;
        let session = self.lock().await?;
        let entry = match entry_of(session.ledger(), key).cloned() {
            Ok(entry) => entry,
            Err(error) => return released(session, Err(error)).await,
        };
        let unbinding = self.end(
            session,
            Ok(Event::Unbound {
                key: key.clone(),
                at: None,
            }),
        );
        let about = About::Object(key, &entry.id, &entry.display_name);
        audit.of_ledger(Act::Forget, about, unbinding).await?;
        self.ui.note(&format!(
            "{key} is no longer bound. Nothing in the account changed: {} `{}` is kept.",
            entry.id,
            line(&entry.display_name)
        ));
        Ok(exit::DONE)
    }

    async fn unlock(&self, args: &UnlockArgs) -> Result<u8, Error> {
        let mut audit = self.audit(&args.audit)?;
        let place = self.store.place();
        let Some(held) = self.store.holder().await? else {
            self.ui
                .note(&format!("The ledger `{place}` is not locked."));
            return Ok(exit::DONE);
        };
        let age = age(&held.holder.since, self.run.machine().now())
            .map_or_else(String::new, |age| format!(" ({age} ago)"));
        let shown = format!("The ledger `{place}` is locked by {}{age}.", held.holder);
        self.ui.note(&shown);
        if !args.force && !self.wants_to_unlock().await? {
            self.ui.note("It stays locked.");
            return Ok(exit::ERROR);
        }
        let breaking = async { Ok(self.store.break_lock(&held).await?) };
        let about = About::Lock(&held.holder);
        audit.of_ledger(Act::Unlock, about, breaking).await?;
        self.ui.note("It is no longer locked.");
        Ok(exit::DONE)
    }

    async fn wants_to_unlock(&self) -> Result<bool, Error> {
        let question = "Remove the lock? Only if that run has ended.".to_owned();
        ask(self.run, question).await?.ok_or_else(|| {
            Error::invalid("there is no terminal to ask questions on")
                .help("give `--force` if you are sure that this run has ended")
        })
    }

    async fn lock(&self) -> Result<Session, Error> {
        drop(signals::stop()?); // from here on Ctrl-C would leave the lock behind; it is a matter of moments
        let mut stop = Stop::never();
        lock_within(
            self.run,
            self.workspace,
            &self.store,
            Duration::ZERO,
            &mut stop,
        )
        .await
    }

    /// Stores an event, or gives the lock back.
    async fn end(&self, mut session: Session, event: Result<Event, Error>) -> Result<(), Error> {
        let recorded = event.and_then(|event| Ok(session.record(event)?));
        match recorded {
            Ok(()) => Ok(session.commit().await.map(drop)?),
            Err(error) => released(session, Err(error)).await,
        }
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

fn entry_of<'l>(ledger: &'l Ledger, key: &Key) -> Result<&'l Entry, Error> {
    ledger.entries.get(key).ok_or_else(|| {
        let text = key.to_string();
        let known: Vec<String> = ledger.entries.keys().map(Key::to_string).collect();
        let hint = crate::diag::did_you_mean(&text, known.iter().map(String::as_str));
        let help = hint.unwrap_or_else(|| "`campaignctl ledger list` shows what is".to_owned());
        Error::invalid(format!("{key} is not bound")).help(help)
    })
}
