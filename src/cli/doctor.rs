//! `doctor`: checks everything that a plan or an apply needs, and tells what the account offers. Writes nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::account::settings_of;
use super::error::CliError;
use super::ledgers::ledger_of;
use super::manifests::{self, Manifests};
use super::ui::Ui;
use super::workspace::Workspace;
use super::{Format, Global, block_on, capture, exit, now, progress, unique_id};
use crate::api::{self, Client, Reader as _, Settings};
use crate::kinds::{KindId, Role};
use crate::live::{Ledger, Needs};
use crate::name::RemoteId;
use crate::project::Environment;
use crate::report::doctor::{Check, Examination, FORMAT, Offer, State};

/// How far our clock may be from the platform's before it is worth a warning.
const SKEW: i64 = 60;

/// The most objects around others that are looked into, to count what lies inside.
const PARENTS: usize = 100;

/// Check the project, the credentials, the services, the ledger and every collection. Nothing is written.
///
/// It tells what the account offers, too: how many objects of each kind, and the names that manifests can
/// refer to.
///
/// What is needed by the manifests and cannot be had is a failure, anything else a warning. Whether the
/// credentials may write shows only when something is written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl doctor -e production
  campaignctl doctor --format json
  campaignctl doctor --capture shapes.json

Exits 4 when the credentials are refused, 5 when the account is throttled for too long, 3 for mistakes in
the project, and 1 for anything else that fails.")]
pub(super) struct DoctorArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write the shapes of all collections to a file that can be shared: keys and types, no values.
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(ui: &Ui, global: &Global, args: &DoctorArgs) -> Result<u8, CliError> {
    let workspace = Workspace::find(ui, global, &args.paths)?;
    let environment = workspace.environment(global.environment())?;
    let mut doctor = Doctor {
        global,
        workspace: &workspace,
        environment: &environment,
        capture: args.capture.as_deref(),
        examination: Examination {
            format: FORMAT,
            environment: global.environment().to_owned(),
            account: environment.account.clone(),
            checks: Vec::new(),
            offers: Vec::new(),
            requests: 0,
        },
        exit: exit::DONE,
    };
    let examining = progress::reading(ui, global.environment());
    let done = block_on(async {
        doctor.examine().await;
        Ok(())
    });
    examining.finish();
    done?;
    ui.formatted(
        global.format,
        &match global.format {
            Format::Text => doctor.examination.to_text(ui.color()),
            _ => doctor.examination.to_json(),
        },
    );
    Ok(doctor.exit)
}

struct Doctor<'a> {
    global: &'a Global,
    workspace: &'a Workspace,
    environment: &'a Environment,
    /// Where the shapes of the collections go.
    capture: Option<&'a Path>,
    examination: Examination,
    exit: u8,
}

impl Doctor<'_> {
    async fn examine(&mut self) {
        let manifests = self.manifests();
        let ledger = self.ledger().await;
        let needs = Needs::of(&manifests.desired, &ledger, &|_| true);
        let (settings, sandbox) =
            match settings_of(self.global, self.workspace, self.environment).await {
                Ok(found) => found,
                Err(error) => {
                    self.failed("credentials", error);
                    return self.skip(&["look-up", "sign-in", "clock", "collections", "rate"]);
                }
            };
        self.ok("credentials", settings.credentials_from.clone());
        self.examination.account = Some(settings.account.clone());
        self.account(settings, &needs).await;
        if let Some(sandbox) = sandbox {
            sandbox.shutdown().await;
        }
    }

    fn ok(&mut self, name: &'static str, found: impl Into<String>) {
        self.examination.checks.push(Check::ok(name, found));
    }

    fn warning(&mut self, name: &'static str, found: String, help: Option<String>) {
        let check = Check::bad(name, State::Warning, found, help);
        self.examination.checks.push(check);
    }

    /// Notes a failure. The first one decides the exit code.
    fn failed(&mut self, name: &'static str, error: CliError) {
        if self.exit == exit::DONE {
            self.exit = error.exit;
        }
        let check = Check::bad(name, State::Failed, error.message, error.help);
        self.examination.checks.push(check);
    }

    fn skip(&mut self, names: &[&'static str]) {
        for name in names {
            let check = Check::skipped(name, "not tried: it takes what failed before");
            self.examination.checks.push(check);
        }
    }

    fn manifests(&mut self) -> Manifests {
        let (name, given) = (self.global.environment(), self.global.given());
        let manifests = manifests::of_environment(self.workspace, name, &given);
        let project = self.workspace.project.project.as_deref();
        let project = project.map_or_else(String::new, |name| format!("{name}: "));
        let (count, files) = (manifests.desired.len(), manifests.files);
        match manifests.diags.counts() {
            (0, _) => self.ok(
                "project",
                format!(
                    "{project}{} in {}",
                    counted(count, "manifest"),
                    counted(files, "file")
                ),
            ),
            _ if count == 0 && files == 0 => {
                let help = "`campaignctl export` makes manifests of what the account holds";
                let found = format!("{project}no manifests");
                self.warning("project", found, Some(help.to_owned()));
            }
            (errors, _) => {
                let error = CliError::invalid(format!(
                    "{project}{} in the manifests",
                    counted(errors, "error")
                ));
                self.failed("project", error.help("`campaignctl validate` shows them"));
            }
        }
        manifests
    }

    /// The ledger: whether it can be read, and who has locked it.
    async fn ledger(&mut self) -> Ledger {
        let nothing = Ledger::new("", "");
        let store = match ledger_of(self.global, self.workspace) {
            Ok(store) => store,
            Err(error) => {
                self.failed("ledger", error);
                return nothing;
            }
        };
        let (loaded, holder) = match store.load(&unique_id()).await {
            Ok(loaded) => (loaded, store.holder().await),
            Err(error) => {
                self.failed("ledger", error.into());
                return nothing;
            }
        };
        let place = store.place();
        match holder {
            Err(error) => self.failed("ledger", CliError::from(error).context("its lock")),
            Ok(Some(ticket)) => {
                let found = format!("{place}: locked by {}", ticket.holder);
                let help =
                    "wait for that run; if it died, `campaignctl ledger unlock` removes its lock";
                self.warning("ledger", found, Some(help.to_owned()));
            }
            Ok(None) if !loaded.ledger.unfinished.is_empty() => {
                let found = format!(
                    "{place}: {} steps of a crashed run",
                    loaded.ledger.unfinished.len()
                );
                let help = "`campaignctl apply` finds out what became of them";
                self.warning("ledger", found, Some(help.to_owned()));
            }
            Ok(None) => self.ok("ledger", described(&place, &loaded.ledger)),
        }
        loaded.ledger
    }

    async fn account(&mut self, settings: Settings, needs: &Needs) {
        let pace = pace(&settings);
        let client = match api::reach(settings).await {
            Ok(client) => client,
            Err(error) => {
                self.failed("look-up", error.into());
                return self.skip(&["sign-in", "clock", "collections", "rate"]);
            }
        };
        self.ok("look-up", found_services(&client));
        self.signed_in(&client, needs, pace).await;
        self.examination.requests = client.requests().total();
    }

    async fn signed_in(&mut self, client: &Client, needs: &Needs, pace: String) {
        match client.sign_in().await {
            Ok(life) => self.ok("sign-in", token_of(life)),
            Err(error) => {
                self.failed("sign-in", error.into());
                self.clock(client);
                return self.skip(&["collections", "rate"]);
            }
        }
        self.collections(client, needs).await;
        if let Some(file) = self.capture {
            match capture::write(client, file).await {
                Ok(found) => self.ok("capture", found),
                Err(error) => self.failed("capture", error),
            }
        }
        self.clock(client);
        match client.throttled() {
            0 => self.ok("rate", pace),
            times => {
                let help = "set a lower `rate` for this environment in `campaignctl.yaml`";
                let found = format!("{pace}; the platform throttled {times} of the requests");
                self.warning("rate", found, Some(help.to_owned()));
            }
        }
    }

    fn clock(&mut self, client: &Client) {
        let Some(theirs) = client.platform_time() else {
            return self.warning(
                "clock",
                "the platform does not tell its time".to_owned(),
                None,
            );
        };
        let ahead = now().as_second() - theirs.as_second();
        let direction = if ahead > 0 { "ahead of" } else { "behind" };
        let found = format!("{} s {direction} the platform's", ahead.abs());
        if ahead.abs() > SKEW {
            let help = "set the clock: schedules and records bear its time";
            self.warning("clock", found, Some(help.to_owned()));
        } else if ahead.abs() > 2 {
            self.ok("clock", found);
        } else {
            self.ok("clock", "agrees with the platform's");
        }
    }

    /// Lists every collection of the account.
    async fn collections(&mut self, client: &Client, needs: &Needs) {
        let kinds = KindId::all().filter(|kind| kind.def().collection.is_some());
        let (tops, below): (Vec<_>, Vec<_>) = kinds.partition(|kind| kind.def().parent.is_none());
        let mut read = 0;
        for kind in tops {
            let needed = needs.kinds.contains(&kind);
            match client.list(kind, None).await {
                Ok(rows) => {
                    read += 1;
                    let inner = below.iter().filter(|below| lies_in(**below, kind));
                    for inner in inner.copied() {
                        self.inner(client, inner, &rows, needs.kinds.contains(&inner))
                            .await;
                    }
                    self.offer(kind, &rows, needed, true);
                }
                Err(error) => self.unreadable(kind, needed, error),
            }
        }
        let order = |offer: &Offer| KindId::named(offer.kind);
        self.examination.offers.sort_by_key(order);
        self.ok("collections", format!("{read} can be read"));
    }

    /// Counts what lies inside the objects of another kind.
    async fn inner(&mut self, client: &Client, kind: KindId, parents: &[Value], needed: bool) {
        let mut rows = Vec::new();
        for parent in parents.iter().take(PARENTS) {
            let Some(id) = parent.get("id").and_then(RemoteId::from_wire) else {
                continue;
            };
            match client.list(kind, Some(&id)).await {
                Ok(found) => rows.extend(found),
                Err(api::Error::NotFound(_)) => {} // deleted since it was listed
                Err(error) => return self.unreadable(kind, needed, error),
            }
        }
        let is_whole = parents.len() <= PARENTS;
        self.offer(kind, &rows, needed, is_whole);
    }

    fn offer(&mut self, kind: KindId, rows: &[Value], needed: bool, is_whole: bool) {
        let def = kind.def();
        let Some(collection) = def.collection else {
            return;
        };
        let name = |row: &Value| Some(row.get(collection.name_key)?.as_str()?.to_owned());
        let names = match def.role {
            Role::Reference => rows.iter().filter_map(name).collect(),
            _ => Vec::new(),
        };
        self.examination.offers.push(Offer {
            kind: def.name,
            objects: is_whole.then_some(rows.len()),
            system: rows.iter().filter(|row| collection.is_system(row)).count(),
            needed,
            names,
        });
    }

    /// A collection that cannot be read: a failure if the manifests need it.
    fn unreadable(&mut self, kind: KindId, needed: bool, error: api::Error) {
        self.examination.offers.push(Offer {
            kind: kind.name(),
            objects: None,
            system: 0,
            needed,
            names: Vec::new(),
        });
        let error = CliError::from(error).context(kind.name());
        if needed {
            self.failed("collections", error);
        } else {
            self.warning("collections", error.message, error.help);
        }
    }
}

/// `1 file`, `2 files`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn lies_in(kind: KindId, around: KindId) -> bool {
    let parent = kind.def().parent.as_ref();
    parent.is_some_and(|parent| KindId::known(parent.kind) == around)
}

fn described(place: &str, ledger: &Ledger) -> String {
    if ledger.serial == 0 {
        return format!("{place}: not there yet, the first apply makes it");
    }
    let bound = ledger.entries.len();
    format!(
        "{place}: serial {}, {bound} objects bound, not locked",
        ledger.serial
    )
}

fn found_services(client: &Client) -> String {
    let services = client.services();
    let fixed = services.iter().filter(|(_, _, fixed)| *fixed).count();
    let main = services
        .iter()
        .find(|(name, ..)| name == "accountConfigReadWrite");
    let main = main.map_or_else(String::new, |(name, host, _)| format!("; {name} is {host}"));
    let fixed = match fixed {
        0 => String::new(),
        count => format!(", {count} of them fixed by `hosts`"),
    };
    format!("{} services{fixed}{main}", services.len())
}

fn token_of(life: Option<Duration>) -> String {
    match life {
        Some(life) => format!("a token that lives {}, renewed before it ends", shown(life)),
        None => "a token that the platform says nothing of".to_owned(),
    }
}

fn pace(settings: &Settings) -> String {
    let rate = match (settings.rate.requests, settings.rate.writes) {
        (None, None) => "no limit".to_owned(),
        (Some(all), None) => format!("{all} requests per second"),
        (Some(all), Some(writes)) => format!("{all} requests per second, {writes} of them writes"),
        (None, Some(writes)) => format!("{writes} writes per second"),
    };
    format!(
        "{rate}, {} side by side, retry budget {}",
        settings.parallelism,
        shown(settings.retry.budget)
    )
}

/// A time as people say it: `90 s`, `10 min`, `8 h`.
fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        s if s >= 7200 && s % 3600 == 0 => format!("{} h", s / 3600),
        s if s >= 120 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}
