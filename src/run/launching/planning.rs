//! From the manifest of a launch to a plan: the recipients are counted and the account is asked for the handoff.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;
use serde_json::Value;

use super::key::key;
use super::records::{handed_over, manifest_digest, sent_before};
use super::seen::{Seen, named, seen_as, seen_as_nothing};
use super::{path_of, reading};
use crate::kinds::{Differing, Launch, Proactive, is_in_app};
use crate::launch::{
    self, BATCH, FORMAT, Form, Key, LaunchPlan, RecipientsPlan, complaints, survey,
};
use crate::resolve::Resource;
use crate::run::account::Account;
use crate::run::manifests::Manifests;
use crate::run::workspace::refuse;
use crate::run::{Error, Run, Workspace};
use crate::text::Pointer;

/// The most characters of the name of a send (platform.md#proactive-sends).
const NAME_MAX: usize = 255;

/// A launch that is being planned.
pub struct Planning<'a> {
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

impl Planning<'_> {
    /// Reads the recipients, and complains about them. Needs no account.
    ///
    /// # Errors
    /// Recipients that cannot all be sent to, with their complaints printed.
    pub fn offline(&self) -> Result<LaunchPlan, Error> {
        let (launch, section) = self.launch()?;
        let key = key(self.workspace)?;
        let mut plan = self.head(&launch, &section, &key)?;
        let found = survey(reading(self.workspace, &plan)?, &key, BATCH);
        if found.fault_count > 0 {
            let (diags, texts) = complaints(&shown(self.workspace, &plan), &found);
            let told = diags.counts().0;
            if found.fault_count > told {
                self.run.note(&format!(
                    "The first {told} of {} problems:",
                    found.fault_count
                ));
            }
            refuse(
                self.run,
                &diags,
                &texts,
                "nothing can be sent to these recipients",
            )?;
        }
        let recipients = &mut plan.recipients;
        recipients.count = found.count;
        recipients.longest = found.longest;
        recipients.digest = found.digest;
        recipients.batches = found.batches;
        let count = recipients.count;
        plan.refusals.extend(too_many(count, plan.max_recipients));
        plan.refusals.extend(too_long(&plan));
        Ok(plan)
    }

    /// Completes a plan with what the account holds.
    ///
    /// # Errors
    /// An account that cannot be read, or has no such handoff.
    pub async fn online(
        &self,
        mut plan: LaunchPlan,
        account: &Account,
    ) -> Result<LaunchPlan, Error> {
        let (_, section) = self.launch()?;
        let ledger = account.recorded(self.run).await?.ledger;
        let service = account.client.proactive_host()?;
        let seen = Seen::read(self.run, account, self.resource).await?;
        let handoff = seen.handoff(&self.manifests.desired, &ledger)?;
        let spec = seen.spec(handoff, &ledger);
        plan.handoff = seen_as(handoff, &spec);
        plan.says = launch::page(&spec, &plan.recipients.variables);
        plan.refusals.extend(seen.skill_refusal(&plan.skill));
        plan.refusals
            .extend(seen.differences(&self.manifests.desired, &spec, &ledger));
        plan.refusals.extend(against(&spec, &section));
        if let Some(record) = ledger.launches.get(&plan.launch) {
            plan.recipients.handed_over = handed_over(record, &plan);
            plan.refusals.extend(sent_before(record, &plan));
        }
        plan.check = unseen(&service, &account.id);
        plan.seal = launch::seal(&plan, &key(self.workspace)?);
        Ok(plan)
    }

    fn launch(&self) -> Result<(Launch, Proactive), Error> {
        let def = self.resource.key.kind.def();
        let launch = (def.launch)(&self.resource.spec);
        let found = launch.and_then(|launch| Some((launch.clone(), launch.sender.proactive?)));
        found.ok_or_else(|| Error::invalid(format!("{} cannot be sent", self.resource.key)))
    }

    /// What is known of the plan before anything is read.
    fn head(&self, launch: &Launch, section: &Proactive, key: &Key) -> Result<LaunchPlan, Error> {
        let machine = self.run.machine();
        let now = machine.now();
        let expires = now.checked_add(self.valid_for).unwrap_or(now);
        let file = &section.recipients.file;
        let form = Form::of(file)
            .ok_or_else(|| Error::invalid(format!("`{file}` is neither CSV nor JSON lines")))?;
        let texts = &self.manifests.texts;
        let position = texts.position(&self.resource.locate(texts, &Pointer::root()));
        let manifest = position.map_or_else(String::new, |at| at.file);
        let folder = Path::new(&manifest).parent().unwrap_or(Path::new(""));
        let whole = folder.join(file);
        let place = self.workspace.identity().of(&whole.to_string_lossy());
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
            sender: "proactive".to_owned(),
            handoff: seen_as_nothing(),
            says: launch::Said::default(),
            skill: named(&self.resource.spec["sender"]["proactive"]["skill"]),
            windows: section.windows.clone().unwrap_or_default(),
            recipients: RecipientsPlan {
                file: place.file,
                form,
                consumer: section.recipients.consumer.clone(),
                variables: section.recipients.variables.clone().unwrap_or_default(),
                longest: BTreeMap::new(),
                count: 0,
                handed_over: 0,
                batch_size: BATCH,
                key: key.id(),
                digest: String::new(),
                batches: Vec::new(),
            },
            max_recipients: launch.max_recipients.map(limit),
            refusals: Vec::new(),
            check: Vec::new(),
            seal: String::new(),
        })
    }
}

/// The path of the recipients, as a person would type it.
fn shown(workspace: &Workspace, plan: &LaunchPlan) -> String {
    let path = path_of(workspace, plan);
    let here = workspace.machine.here();
    let below = path.strip_prefix(here).unwrap_or(&path);
    below.display().to_string()
}

/// A limit of a manifest; one that is none lets nothing through.
fn limit(most: i64) -> u32 {
    u32::try_from(most.max(0)).unwrap_or(u32::MAX)
}

/// Names that the platform does not take (platform.md#proactive-sends).
fn too_long(plan: &LaunchPlan) -> Option<String> {
    let last = u32::try_from(plan.recipients.batches.len()).unwrap_or(u32::MAX);
    let length = plan.name_of(last).chars().count();
    (length > NAME_MAX).then(|| {
        format!("`displayName` is too long: with the number of the batch it has {length} characters, and {NAME_MAX} is the most")
    })
}

fn too_many(count: u32, most: Option<u32>) -> Option<String> {
    match most {
        None => Some("the launch has no `maxRecipients`".to_owned()),
        Some(most) if count > most => Some(format!(
            "there are {count} recipients, and `maxRecipients` is {most}"
        )),
        Some(_) => None,
    }
}

/// What speaks against sending what the account holds.
fn against(spec: &Value, section: &Proactive) -> Vec<String> {
    let mut refusals = Vec::new();
    if !is_in_app(spec) {
        refusals.push("the live handoff is not of the channel `inApp`".to_owned());
    }
    if spec["appNames"].as_array().is_none_or(Vec::is_empty) {
        refusals.push("the live handoff names no app".to_owned());
    }
    let Differing { missing, surplus } = section.recipients.differing(spec);
    refusals.extend(
        missing
            .iter()
            .map(|name| format!("the live handoff has the variable `{name}`, which gets no value")),
    );
    let unknown = |name: &&str| format!("the live handoff has no variable `{name}`");
    refusals.extend(surplus.iter().map(unknown));
    refusals
}

/// What no program can see (platform.md#proactive-sends).
#[must_use]
pub fn unseen(service: &str, account: &str) -> Vec<String> {
    let widget = format!("{service}api/cx-widget/account/{account}/auth/url");
    [
        "The apps have the Mobile Messaging SDK 6.2 or later on iOS, 4.7 or later on Android, and push is set up.",
        "The recipients have signed in to the app: others are not reached.",
        "A recipient with an open conversation gets nothing.",
        "Engagement attributes are not sent with the message.",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([format!(
        "Agents see the message where the workspace has the widget `InApp-Widget` with the address {widget}; it shows at most five messages of 30 days."
    )])
    .collect()
}
