//! From the manifest of a launch to a plan.

use jiff::SignedDuration;

use super::connection::LaunchConnection;
use super::key::key;
use super::records::{handed_over, manifest_digest, sent_before};
use crate::kinds::Launch;
use crate::launch::{self, DigestKey, FORMAT, LaunchPlan, MOST, SenderPlan};
use crate::live::Ledger;
use crate::project::{LedgerPlace, SANDBOX};
use crate::resolve::Resource;
use crate::run::manifests::Manifests;
use crate::run::{Error, Run, Workspace};

/// What is said of a ledger that is a file.
const UNSHARED: &str = "The ledger is a file on this computer: a send from another computer does not know of this one. Share it with `ledger` of the environment.";

/// A launch that is being planned.
pub struct LaunchPlanning<'a> {
    /// The run.
    pub run: &'a Run,
    /// The project.
    pub workspace: &'a Workspace,
    /// The manifests.
    pub manifests: &'a Manifests,
    /// The manifest of the launch.
    pub resource: &'a Resource,
    /// How long the plan can be sent.
    pub valid_for: SignedDuration,
}

impl LaunchPlanning<'_> {
    /// What can be said before the account is asked: recipients are read, and complained about.
    ///
    /// # Errors
    /// Recipients that cannot all be sent to, with their complaints printed.
    pub fn offline(&self) -> Result<LaunchPlan, Error> {
        let launch = self.launch()?;
        let key = key(self.workspace)?;
        let sender = match (&launch.sender.proactive, &launch.sender.clevertap) {
            (Some(section), None) => {
                SenderPlan::Proactive(Box::new(self.recipients(section, &key)?))
            }
            (None, Some(section)) => SenderPlan::Clevertap(self.campaign(section, &key)),
            _ => return Err(self.cannot()),
        };
        self.head(&launch, sender, &key)
    }

    /// Completes a plan with what the account holds.
    ///
    /// # Errors
    /// An account that cannot be read, or has not what the launch needs.
    pub async fn online(
        &self,
        plan: LaunchPlan,
        connection: &LaunchConnection,
    ) -> Result<LaunchPlan, Error> {
        let ledger = connection.recorded(self.run, self.workspace).await?;
        let mut plan = match connection {
            LaunchConnection::Proactive(account) => self.seen(plan, account, &ledger).await?,
            LaunchConnection::Clevertap(sender) => self.estimated(plan, sender).await?,
        };
        plan.refusals.extend(too_many(&plan));
        plan.check.extend(self.unshared());
        compare(&mut plan, &ledger);
        plan.seal = launch::seal(&plan, &key(self.workspace)?);
        Ok(plan)
    }

    /// That the ledger is on this computer alone, where it is. The sandbox goes together with its ledger.
    fn unshared(&self) -> Option<String> {
        let name = self.run.environment();
        let environment = self.workspace.environment(name).ok()?;
        let ledger = environment.ledger.as_deref();
        let is_file = ledger.is_none_or(|it| LedgerPlace::of(it) == Ok(LedgerPlace::File));
        (is_file && name != SANDBOX).then(|| UNSHARED.to_owned())
    }

    /// What the manifest says.
    pub(super) fn launch(&self) -> Result<Launch, Error> {
        let def = self.resource.key.kind.def();
        (def.launch)(&self.resource.spec).ok_or_else(|| self.cannot())
    }

    pub(super) fn cannot(&self) -> Error {
        Error::invalid(format!("{} cannot be sent", self.resource.key))
    }

    /// What is known of the plan before anything is read.
    fn head(
        &self,
        launch: &Launch,
        sender: SenderPlan,
        key: &DigestKey,
    ) -> Result<LaunchPlan, Error> {
        let machine = self.run.machine();
        let now = machine.now();
        let expires = now.checked_add(self.valid_for).unwrap_or(now);
        Ok(LaunchPlan {
            format: FORMAT.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            id: machine.unique_id(),
            created_at: format!("{now:.0}"),
            expires_at: format!("{expires:.0}"),
            project: self.workspace.shown_root.clone(),
            environment: self.run.environment().to_owned(),
            account: crate::run::ledgers::account_of(self.run, self.workspace)?,
            launch: self.resource.key.name.to_string(),
            display_name: self.resource.display_name().to_owned(),
            manifest_digest: manifest_digest(self.resource),
            key: key.id(),
            sender,
            max_recipients: launch.max_recipients.map(limit),
            refusals: Vec::new(),
            check: Vec::new(),
            seal: String::new(),
        })
    }
}

/// Compares the plan with what was sent before.
fn compare(plan: &mut LaunchPlan, ledger: &Ledger) {
    let Some(record) = ledger.launches.get(&plan.launch) else {
        return;
    };
    let handed_over = handed_over(record, plan);
    match &mut plan.sender {
        SenderPlan::Proactive(section) => section.recipients.handed_over = handed_over,
        SenderPlan::Clevertap(section) => section.handed_over = record.is_over(),
    }
    plan.refusals.extend(sent_before(record, plan));
}

fn too_many(plan: &LaunchPlan) -> Option<String> {
    let count = plan.count();
    match plan.max_recipients {
        None if plan.is_draft() => None,
        None => Some("the launch has no `maxRecipients`".to_owned()),
        Some(most) if most > MOST && matches!(plan.sender, SenderPlan::Proactive(_)) => Some(
            format!("`maxRecipients` is {most}, and the platform takes {MOST} recipients a day"),
        ),
        Some(most) if count > most => Some(format!(
            "there are {count} recipients, and `maxRecipients` is {most}"
        )),
        Some(_) => None,
    }
}

/// A limit of a manifest; one that is none lets nothing through.
fn limit(most: i64) -> u32 {
    u32::try_from(most.max(0)).unwrap_or(u32::MAX)
}
