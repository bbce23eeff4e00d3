//! Checks everything that a plan or an apply needs, and tells what the account offers. Writes nothing.

mod collections;
mod launches;
mod names;

use std::path::Path;
use std::time::Duration;

use crate::api::{self, Client, ClientSettings, SignInSecrets};
use crate::live::{Ledger, Needs};
use crate::project::Environment;
use crate::report::doctor::{Check, CheckState, Examination, FORMAT};
use crate::sandbox::Handle;
use collections::Collections;
use launches::{Needed, campaigns, needed};
use names::{WantedNames, wanted};

use super::access::remedied;
use super::account::settings_of;
use super::kept::{Timing, Unkept, unkept};
use super::ledgers::ledger_of;
use super::manifests::{self, Manifests};
use super::recorded::unsettled;
use super::workspace::Workspace;
use super::{Error, Meaning, Run, capture};

/// How far our clock may be from the platform's before it is worth a warning.
const SKEW: i64 = 60;

/// Tries everything, and says what it found; and what the first failure means. `capture` is where the shapes of the
/// collections are written to.
pub async fn examine(
    run: &Run,
    workspace: &Workspace,
    environment: &Environment,
    capture: Option<&Path>,
) -> (Examination, Option<Meaning>) {
    let mut doctor = Doctor {
        run,
        workspace,
        environment,
        capture,
        examination: Examination {
            format: FORMAT,
            environment: run.environment().to_owned(),
            account: environment.account.clone(),
            checks: Vec::new(),
            offers: Vec::new(),
            unseen: Vec::new(),
            requests: None,
        },
        failure: None,
    };
    doctor.examine().await;
    (doctor.examination, doctor.failure)
}

struct Doctor<'a> {
    run: &'a Run,
    workspace: &'a Workspace,
    environment: &'a Environment,
    /// Where the shapes of the collections go.
    capture: Option<&'a Path>,
    examination: Examination,
    /// What the first failure means.
    failure: Option<Meaning>,
}

impl Doctor<'_> {
    async fn examine(&mut self) {
        let manifests = self.manifests();
        let ledger = self.ledger().await;
        let needs = Needs::of(&manifests.desired, &ledger, &|_| true);
        let (settings, sandbox) =
            match settings_of(self.run, self.workspace, self.environment).await {
                Ok(found) => found,
                Err(error) => {
                    self.failed("credentials", error);
                    return self.skip(&[
                        "look-up",
                        "sign-in",
                        "clock",
                        "campaigns",
                        "collections",
                        "rate",
                    ]);
                }
            };
        self.ok("credentials", settings.credentials_from.clone());
        self.examination.account = Some(settings.account.clone());
        let wanted = wanted(&manifests.desired);
        let launches = needed(&manifests.desired);
        self.account(settings, &needs, (&wanted, &launches)).await;
        let address = sandbox.as_ref().map(Handle::base_url);
        self.clevertap(address.as_deref(), campaigns(&manifests.desired))
            .await;
        if let Some(sandbox) = sandbox {
            sandbox.shutdown().await;
        }
    }

    fn ok(&mut self, name: &'static str, found: impl Into<String>) {
        self.examination.checks.push(Check::ok(name, found));
    }

    fn warning(&mut self, name: &'static str, found: String, help: Option<String>) {
        let check = Check::bad(name, CheckState::Warning, found, help);
        self.examination.checks.push(check);
    }

    /// Notes a failure. The first one decides the exit code.
    fn failed(&mut self, name: &'static str, error: Error) {
        self.failure.get_or_insert(error.meaning);
        let check = Check::bad(name, CheckState::Failed, error.message, error.help);
        self.examination.checks.push(check);
    }

    fn skip(&mut self, names: &[&'static str]) {
        for name in names {
            let check = Check::skipped(name, "skipped: needs the check that failed");
            self.examination.checks.push(check);
        }
    }

    fn manifests(&mut self) -> Manifests {
        let (name, given) = (self.run.environment(), self.run.given());
        let manifests = manifests::of_environment(self.workspace, name, given);
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
                let error = Error::invalid(format!(
                    "{project}{} in the manifests",
                    counted(errors, "error")
                ));
                self.failed("project", error.help("`campaignctl validate` shows them"));
            }
        }
        manifests
    }

    /// A file of the project as a person would type it; any other place as it is.
    fn as_typed(&self, place: &str) -> String {
        let root = format!("{}/", self.workspace.root.display());
        match place.strip_prefix(&root) {
            Some(below) if self.workspace.shown_root == "." => below.to_owned(),
            Some(below) => format!("{}/{below}", self.workspace.shown_root),
            None => place.to_owned(),
        }
    }

    /// The ledger: whether it can be read, and who has locked it.
    async fn ledger(&mut self) -> Ledger {
        let nothing = Ledger::new("", "");
        let store = match ledger_of(self.run, self.workspace) {
            Ok(store) => store,
            Err(error) => {
                self.failed("ledger", error);
                return nothing;
            }
        };
        let (loaded, holder) = match store.load(&self.run.machine().unique_id()).await {
            Ok(loaded) => (loaded, store.holder().await),
            Err(error) => {
                self.failed("ledger", error.into());
                return nothing;
            }
        };
        let place = self.as_typed(&store.place());
        match holder {
            Err(error) => self.failed("ledger", Error::from(error).context("its lock")),
            Ok(held) => match unsettled(&loaded, held.as_ref(), self.run.machine().now()).first() {
                Some(why) => self.warning("ledger", format!("{place}: {why}"), None),
                None => self.kept(described(&place, &loaded.ledger)),
            },
        }
        loaded.ledger
    }

    /// Whether a ledger outlives the job. Examining records nothing, so one that git has is fine as long as it is as committed.
    fn kept(&mut self, found: String) {
        let unkept = |timing| unkept(self.workspace, self.run.environment(), timing);
        match (unkept(Timing::Recorded), unkept(Timing::Records)) {
            (Some(Unkept { why, help, .. }), _) => {
                self.warning("ledger", why, Some(help.to_owned()));
            }
            (None, Some(_)) => {
                let told = "a job that records something in it must commit it";
                self.ok("ledger", format!("{found}; {told}"));
            }
            (None, None) => self.ok("ledger", found),
        }
    }

    async fn account(
        &mut self,
        settings: ClientSettings,
        needs: &Needs,
        (wanted, launches): (&WantedNames, &[Needed]),
    ) {
        let pace = pace(&settings);
        let credentials = settings.credentials.clone();
        let client = match api::reach(settings).await {
            Ok(client) => client,
            Err(error) => {
                let help = "check `account` and `domainApi` of the environment: the vendor's own look-up knows every account, wherever it is";
                let error = match Error::from(error) {
                    error if error.meaning == Meaning::Invalid => error.help(help),
                    error => error,
                };
                self.failed("look-up", error);
                return self.skip(&["sign-in", "clock", "campaigns", "collections", "rate"]);
            }
        };
        self.ok("look-up", found_services(&client));
        let is_contradicted = self.overrides(&client).await;
        let collections = Collections {
            client: &client,
            credentials: &credentials,
            needs,
            wanted,
            launches,
            is_contradicted,
        };
        self.signed_in(&collections, pace).await;
        self.examination.requests = Some(client.requests().total());
    }

    /// Compares the hosts that the project fixes with the look-up. Whether one of them is another one there.
    async fn overrides(&mut self, client: &Client) -> bool {
        // Whatever keeps the look-up from answering is no news here: a run needs it only where no host is fixed.
        let overrides = client.overrides().await.unwrap_or_default();
        let differing: Vec<String> = overrides
            .iter()
            .filter_map(|it| {
                let looked_up = it.looked_up.as_ref()?;
                Some(format!(
                    "{} is {}, and {looked_up} by the look-up",
                    it.service, it.set
                ))
            })
            .collect();
        if differing.is_empty() {
            return false;
        }
        let help = "remove these `hosts` of the environment, unless they are intended: accounts move, and the look-up knows where";
        self.warning("hosts", differing.join("; "), Some(help.to_owned()));
        true
    }

    async fn signed_in(&mut self, collections: &Collections<'_>, pace: String) {
        let client = collections.client;
        match client.sign_in().await {
            Ok(life) => self.ok("sign-in", signed_in_with(collections.credentials, life)),
            Err(error) => {
                let name = self.run.environment();
                self.failed("sign-in", remedied(error, collections.credentials, name));
                self.clock(client);
                return self.skip(&["campaigns", "collections", "rate"]);
            }
        }
        if client.has_replaced_refresh_token() {
            let help = "give the pipeline a credential that lasts: a user login, or a refresh token that it can write back itself";
            let found = "the platform replaced the refresh token that this run was given: the old one may have ended with it";
            self.warning("sign-in", found.to_owned(), Some(help.to_owned()));
        }
        self.collections(collections).await;
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
                "the platform does not report its time".to_owned(),
                None,
            );
        };
        let ahead = self.run.machine().now().as_second() - theirs.as_second();
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
}

/// `1 file`, `2 files`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn described(place: &str, ledger: &Ledger) -> String {
    if ledger.serial == 0 {
        return format!("{place}: not there yet, the first apply creates it");
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

fn signed_in_with(credentials: &SignInSecrets, life: Option<Duration>) -> String {
    if matches!(credentials, SignInSecrets::Bearer(_)) {
        return "the bearer token is used as it is: whether it still holds shows below".to_owned();
    }
    let token = match life {
        Some(life) => format!("a token valid for {}, renewed before it ends", shown(life)),
        None => "a token that the platform says nothing of".to_owned(),
    };
    format!("{} got {token}", credentials.name())
}

fn pace(settings: &ClientSettings) -> String {
    let rate = match (settings.rate.requests, settings.rate.writes) {
        (None, None) => "no limit".to_owned(),
        (Some(all), None) => format!("{all} requests per second"),
        (Some(all), Some(writes)) => format!("{all} requests per second, {writes} of them writes"),
        (None, Some(writes)) => format!("{writes} writes per second"),
    };
    format!(
        "{rate}, up to {} requests at a time, retries for up to {}",
        settings.parallelism,
        shown(settings.retry.budget)
    )
}

/// A time as people say it: `90 seconds`, `10 minutes`, `8 hours`.
fn shown(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        s if s >= 7200 && s % 3600 == 0 => format!("{} hours", s / 3600),
        s if s >= 120 && s % 60 == 0 => format!("{} minutes", s / 60),
        1 => "1 second".to_owned(),
        s => format!("{s} seconds"),
    }
}
