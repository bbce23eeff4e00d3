//! The audit log of a run: where it is, and what every line of it contains.

mod left;
mod steps;

use std::collections::BTreeMap;
use std::path::Path;

use super::error;
use super::execute::holder;
use super::git::checkout;
use super::ledgers::local_ledgers;
use super::outputs;
use super::workspace::{STATE_FOLDER, Workspace, normal};
use super::{Machine, Run, ci};
use crate::audit::{Act, AuditError, AuditLine, AuditLog, Commit, FORMAT, WriteOutcome};
use crate::ledger::{Holder, JournalEvent};
use crate::manifest::Key;
use crate::name::RemoteId;
pub use steps::Audited;

/// What an act on the ledger is about.
pub enum About<'a> {
    /// An object, by the manifest, the live object and its display name.
    Object(&'a Key, &'a RemoteId, &'a str),
    /// The lock of somebody.
    Lock(&'a Holder),
}

/// The audit log of a run, when it has one.
#[derive(Debug, Default)]
pub struct Audit(Option<OpenAudit>);

#[derive(Debug)]
struct OpenAudit {
    log: AuditLog,
    /// What all lines of the run share.
    head: AuditLine,
    /// The lines of the steps that were sent and have not ended.
    begun: BTreeMap<usize, AuditLine>,
    clock: fn() -> jiff::Timestamp,
}

impl Audit {
    /// Opens the log of a run, to be done before anything is written.
    ///
    /// # Errors
    /// An unknown environment, a log that cannot be opened for appending.
    pub fn open(
        given: Option<&Path>,
        run: &Run,
        workspace: &Workspace,
        account: &str,
    ) -> Result<Self, error::Error> {
        let environment = run.environment();
        let of_project = workspace.environment(environment)?.audit_log;
        let of_project = of_project.map(|path| workspace.root.join(path));
        let given = given.filter(|it| !it.as_os_str().is_empty());
        if let (None, Some(path)) = (given, &of_project) {
            let trust = workspace.machine.trust();
            trust.file(&workspace.root, "the audit log", path)?;
        }
        let given = given.map(|path| (path.to_path_buf(), "--audit-log"));
        let of_project = of_project.map(|path| (path, "auditLog"));
        let Some((path, flag)) = given.or(of_project) else {
            return Ok(Self::default());
        };
        outputs::may_append(run.outputs(), &path, flag)?;
        let ledgers = local_ledgers(workspace).into_iter();
        for (name, ledger) in ledgers {
            if outputs::is_same(&ledger, &path) {
                let why = format!("`{flag}` names the ledger of `{name}`");
                return Err(error::Error::invalid(why)
                    .help("name another file")
                    .about(flag));
            }
        }
        let commit = commit_of(workspace, &path);
        let log = AuditLog::open(&path)?;
        Ok(Self(Some(OpenAudit {
            log,
            head: head(&workspace.machine, environment, account, commit),
            begun: BTreeMap::new(),
            clock: workspace.machine.clock(),
        })))
    }

    /// Says which plan the following lines are about.
    pub fn carries_out(&mut self, plan: &str) {
        if let Self(Some(open)) = self {
            open.head.plan = Some(plan.to_owned());
        }
    }

    /// Tells what became of the writes that a run had begun before it died: `before` is the journal as it left
    /// it, `found` what was found out.
    ///
    /// # Errors
    /// A line that cannot be written.
    pub fn recovered(
        &mut self,
        before: &[JournalEvent],
        found: &[JournalEvent],
    ) -> Result<(), AuditError> {
        let Self(Some(open)) = self else {
            return Ok(());
        };
        for line in left::lines(&open.head, before, found) {
            open.append(line)?;
        }
        Ok(())
    }

    /// Writes that a batch of a launch is about to be sent, or its result. No recipient is in the line.
    ///
    /// # Errors
    /// A line that cannot be written.
    pub fn of_batch(
        &mut self,
        launch: &Key,
        batch: u32,
        (name, outcome, reason): (&str, WriteOutcome, Option<String>),
    ) -> Result<(), AuditError> {
        let Self(Some(open)) = self else {
            return Ok(());
        };
        let line = AuditLine {
            action: Act::Send,
            step: Some(batch as usize),
            outcome,
            reason,
            ..open.head.clone()
        };
        open.append(line.about(launch, name))
    }

    /// Does something to the ledger that others trust, between the line that it begins and the one that it ended.
    ///
    /// # Errors
    /// Those of `work`, and a line that cannot be written.
    pub async fn of_ledger<T>(
        &mut self,
        act: Act,
        about: About<'_>,
        work: impl Future<Output = Result<T, error::Error>>,
    ) -> Result<T, error::Error> {
        let Self(Some(open)) = self else {
            return work.await;
        };
        let mut line = AuditLine {
            action: act,
            ..open.head.clone()
        };
        match about {
            About::Object(key, id, display_name) => {
                line = line.about(key, display_name);
                line.remote_id = Some(id.to_string());
            }
            About::Lock(holder) => line.reason = Some(format!("the lock of {holder}")),
        }
        open.append(line.clone())?;
        let result = work.await;
        line.outcome = match &result {
            Ok(_) => WriteOutcome::Applied,
            Err(_) => WriteOutcome::Failed,
        };
        if let Err(error) = &result {
            line.reason = Some(error.message.clone());
        }
        let told = open.append(line);
        let value = result?;
        told?;
        Ok(value)
    }
}

impl OpenAudit {
    fn append(&mut self, mut line: AuditLine) -> Result<(), AuditError> {
        line.time = (self.clock)().to_string();
        self.log.append(&line)
    }
}

fn head(machine: &Machine, environment: &str, account: &str, commit: Option<Commit>) -> AuditLine {
    AuditLine {
        format: FORMAT,
        time: String::new(),
        run: machine.unique_id(),
        who: holder(machine).who,
        actor: ci::pipeline(machine).actor,
        commit,
        tool_version: env!("CARGO_PKG_VERSION"),
        environment: environment.to_owned(),
        account: account.to_owned(),
        plan: None,
        step: None,
        action: Act::Update,
        kind: None,
        name: None,
        display_name: None,
        remote_id: None,
        request: None,
        revision_before: None,
        revision_after: None,
        fields: Vec::new(),
        outcome: WriteOutcome::Begun,
        reason: None,
    }
}

/// The commit of the project, where it is a checkout and git is at hand. What the program writes is no part of it.
fn commit_of(workspace: &Workspace, log: &Path) -> Option<Commit> {
    let log = normal(&workspace.machine.here().join(log));
    let log = log.strip_prefix(&workspace.root).ok();
    let own = [Some(Path::new(STATE_FOLDER)), log];
    let own: Vec<&Path> = own.into_iter().flatten().collect();
    let (id, dirty) = checkout(&workspace.root, &own)?;
    Some(Commit { id, dirty })
}
