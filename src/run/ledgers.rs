//! The ledger of an environment, opened with what the project file and the environment variables say.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::credentials::read_secret;
use super::error::Error;
use super::execute::holder;
use super::workspace::{Workspace, ignore_in};
use super::{Machine, Run, StopRequests};
use crate::api::Secret;
use crate::ledger::LedgerError::Locked;
use crate::ledger::{
    HttpLock, LedgerLocation, LedgerSession, LedgerStore, LockTerm, Terms, Ticket, Watch, open,
};
use crate::project::{
    Environment, LedgerCredentials, LedgerLock, LedgerPlace, LockMethod, SANDBOX, SANDBOX_ACCOUNT,
    UnlockMethod, ledger_file, local_ledger,
};

/// The prefixes of the variables that the clouds' own tools read.
const CLOUD_PREFIXES: [&str; 3] = ["AWS_", "GOOGLE_", "AZURE_"];

/// The ledger of the run's environment. Nothing is read or sent yet.
///
/// # Errors
/// An unknown environment or one without an account, credentials that are not there, an unusable address.
pub fn ledger_of(run: &Run, workspace: &Workspace) -> Result<LedgerStore, Error> {
    let name = run.environment();
    let environment = workspace.environment(name)?;
    let store = open_ledger(workspace, name, &environment, &account_of(run, workspace)?)?;
    let file = workspace.root.join(ledger_file(name, Some(&environment)));
    run.outputs().leave(&file, "is the ledger of this run")?;
    for (name, file) in local_ledgers(workspace) {
        let what = format!("is the ledger of `{name}`");
        run.outputs().leave(&file, &what)?;
    }
    Ok(store)
}

/// The files of the ledgers of all environments, by these.
pub fn local_ledgers(workspace: &Workspace) -> Vec<(String, PathBuf)> {
    let names = workspace.project.every_environment().into_iter();
    let files = names.filter_map(|name| {
        let environment = workspace.environment(&name).ok()?;
        let file = workspace.root.join(ledger_file(&name, Some(&environment)));
        Some((name, file))
    });
    files.collect()
}

/// Locks a ledger, and makes the folder that its journal lies in. A `.gitignore` leaves lock and journal out.
///
/// # Errors
/// A folder that cannot be made; as [`LedgerStore::lock`].
pub async fn lock(workspace: &Workspace, ledger: &LedgerStore) -> Result<LedgerSession, Error> {
    make_folder(workspace, ledger)?;
    let machine = &workspace.machine;
    let locked = ledger.lock(&holder(machine), &machine.unique_id()).await;
    locked.map_err(|error| Error::of_ledger(error, machine.now()))
}

/// Makes the folder that the journal of a ledger is in. Git is told to leave lock and journal out.
fn make_folder(workspace: &Workspace, ledger: &LedgerStore) -> Result<(), Error> {
    let journal = ledger.journal_path();
    if journal.starts_with(workspace.state("")) {
        workspace.make_state_folder()?;
    } else if let Some(folder) = journal
        .parent()
        .filter(|it| it.starts_with(&workspace.root))
    {
        std::fs::create_dir_all(folder)?;
        ignore_in(folder, LEDGER_IGNORED)?;
    }
    Ok(())
}

/// Locks a ledger, and waits so long for a run that holds it. A request to stop ends the waiting.
///
/// The lock of a run that died is taken once its term is over. Where it says that it is, it is watched also by a run that has
/// no patience, or less: for [as long](LockTerm::watch) as it takes to be sure that nobody renews it. So is the lock of a
/// process that only looked for another one.
///
/// # Errors
/// As [`lock`]; [`Meaning::Interrupted`](super::Meaning::Interrupted).
pub async fn lock_within(
    run: &Run,
    workspace: &Workspace,
    ledger: &LedgerStore,
    patience: Duration,
    stop: &mut StopRequests,
) -> Result<LedgerSession, Error> {
    make_folder(workspace, ledger)?;
    let until = Instant::now() + patience;
    let machine = &workspace.machine;
    let (mut watch, mut told, mut dying_until) = (Watch::default(), None, None);
    loop {
        let (holder, lineage) = (holder(machine), machine.unique_id());
        let tried = ledger.lock_watching(&holder, &lineage, &mut watch);
        let locked = match Box::pin(tried).await {
            Err(locked @ Locked { .. }) => locked,
            Ok(session) => return Ok(session),
            Err(error) => return Err(error.into()),
        };
        let term = term_of(&locked);
        if dying_until.is_none() {
            let waits = waits_anyway(&locked, machine.now());
            dying_until = waits.map(|waits| Instant::now() + waits);
        }
        if Instant::now() >= dying_until.map_or(until, |dying| dying.max(until)) {
            return Err(Error::of_ledger(locked, machine.now()));
        }
        if told.is_none() {
            run.note(&waiting_for(&locked, machine.now()));
            told = Some(run.news().waiting("waiting for the ledger"));
        }
        let pause = term.map_or(PAUSE, |term| PAUSE.min(term.length() / 10));
        let pause = async {
            tokio::time::sleep(pause).await;
            Ok(())
        };
        stop.interrupts(pause).await?;
    }
}

/// How long also a run without patience waits for a lock: until it is sure that the lock is dead whose term is over, or
/// that the process is which only looked for another lock. Twice as long, because a store may be slow to answer.
fn waits_anyway(locked: &crate::ledger::LedgerError, now: Timestamp) -> Option<Duration> {
    let term = term_of(locked)?;
    match locked {
        Locked { ticket, .. } if ticket.is_check() => Some(term.length() * 2),
        _ => term.has_passed(now).then(|| term.watch() * 2),
    }
}

/// The term of the lock that is held.
fn term_of(locked: &crate::ledger::LedgerError) -> Option<&LockTerm> {
    match locked {
        Locked {
            ticket: Ticket { term, .. },
            ..
        } => term.as_deref(),
        _ => None,
    }
}

/// What is said of a lock that is waited for.
fn waiting_for(locked: &crate::ledger::LedgerError, now: Timestamp) -> String {
    match term_of(locked) {
        Some(term) if term.has_passed(now) => format!(
            "{locked}, and was not renewed in time. Taking it over unless it is renewed within {} s ..",
            term.watch().as_secs().max(1)
        ),
        _ => format!("{locked}. Waiting for it .."),
    }
}

/// How long a run waits before it tries to lock a ledger again, at most.
const PAUSE: Duration = Duration::from_secs(1);

/// What git leaves out of the folder of a ledger that lies elsewhere in the project.
const LEDGER_IGNORED: &str = include_str!("files/ledger-gitignore");

/// The account of the run's environment.
///
/// # Errors
/// An unknown environment or one without an account.
pub fn account_of(run: &Run, workspace: &Workspace) -> Result<String, Error> {
    let name = run.environment();
    match workspace.environment(name)?.account {
        Some(account) => Ok(account),
        None if name == SANDBOX => Ok(SANDBOX_ACCOUNT.to_owned()),
        None => {
            let why = format!("the environment `{name}` has no account");
            Err(Error::invalid(why))
        }
    }
}

fn open_ledger(
    workspace: &Workspace,
    name: &str,
    environment: &Environment,
    account: &str,
) -> Result<LedgerStore, Error> {
    let local = workspace.root.join(local_ledger(name));
    let address = match &environment.ledger {
        Some(address) => address.clone(),
        None => local.display().to_string(),
    };
    let lock = http_lock(environment);
    let trust = workspace.machine.trust();
    trust.ledger(&workspace.root, &address, lock.address.as_deref())?;
    trust.file(&workspace.root, "the journal", &local)?;
    let needs_options = LedgerPlace::of(&address) == Ok(LedgerPlace::Objects);
    Ok(open(&LedgerLocation {
        address,
        root: workspace.root.clone(),
        local,
        account: account.to_owned(),
        options: if needs_options {
            cloud_options(&workspace.machine)
        } else {
            Vec::new()
        },
        credentials: credentials(workspace, environment)?,
        lock,
        terms: terms(workspace, environment),
        who: holder(&workspace.machine).who,
    })?)
}

fn credentials(
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Option<(String, Secret)>, Error> {
    let Some(LedgerCredentials { username, password }) = &environment.ledger_credentials else {
        return Ok(None);
    };
    let username = read_secret(workspace, "user name of the ledger", username)?;
    let password = Secret::new(read_secret(workspace, "password of the ledger", password)?);
    Ok(Some((username, password)))
}

fn cloud_options(machine: &Machine) -> Vec<(String, Secret)> {
    let is_cloud = |name: &str| CLOUD_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let variables = machine.variables();
    variables
        .filter(|(name, value)| is_cloud(name) && !value.is_empty())
        .map(|(name, value)| (name.to_owned(), Secret::new(value)))
        .collect()
}

fn terms(workspace: &Workspace, environment: &Environment) -> Terms {
    let lock = environment.ledger_lock.as_ref();
    Terms {
        seconds: lock.and_then(LedgerLock::term).unwrap_or(Terms::SECONDS),
        clock: workspace.machine.clock(),
    }
}

fn http_lock(environment: &Environment) -> HttpLock {
    let given = environment.ledger_lock.clone().unwrap_or_default();
    let method = given.method.map(LockMethod::as_str);
    let unlock_method = given.unlock_method.map(UnlockMethod::as_str);
    HttpLock {
        address: given.address,
        method: method.map(str::to_owned),
        unlock_method: unlock_method.map(str::to_owned),
    }
}
