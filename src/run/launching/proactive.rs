//! Proactive Messaging: recipients are counted, and the account is asked for the handoff.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::planning::LaunchPlanning;
use super::seen::{LaunchAccount, named, seen_as, seen_as_nothing};
use super::{path_of, reading};
use crate::kinds::{Differing, Proactive, is_in_app};
use crate::launch::{
    self, BATCH, DigestKey, LaunchPlan, ProactivePlan, RecipientForm, RecipientsPlan, SenderPlan,
    complaints, survey,
};
use crate::live::Ledger;
use crate::run::account::Account;
use crate::run::workspace::refuse;
use crate::run::{Error, Workspace};
use crate::text::Pointer;

/// The most characters of the name of a send (platform.md#proactive-sends).
const NAME_MAX: usize = 255;

impl LaunchPlanning<'_> {
    /// Reads the recipients, and complains about them.
    pub(super) fn recipients(
        &self,
        section: &Proactive,
        key: &DigestKey,
    ) -> Result<ProactivePlan, Error> {
        let mut plan = self.nothing_read(section)?;
        let size = plan.recipients.batch_size;
        let found = survey(reading(self.workspace, &plan)?, key, size);
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
        Ok(plan)
    }

    /// What the manifest says by itself.
    fn nothing_read(&self, section: &Proactive) -> Result<ProactivePlan, Error> {
        let file = &section.recipients.file;
        let form = RecipientForm::of(file)
            .ok_or_else(|| Error::invalid(format!("`{file}` is neither CSV nor JSON lines")))?;
        let texts = &self.manifests.texts;
        let position = texts.position(&self.resource.locate(texts, &Pointer::root()));
        let manifest = position.map_or_else(String::new, |at| at.file);
        let folder = Path::new(&manifest).parent().unwrap_or(Path::new(""));
        let whole = folder.join(file);
        let place = self.workspace.identity().of(&whole.to_string_lossy());
        Ok(ProactivePlan {
            handoff: seen_as_nothing(),
            says: launch::SaidMessage::default(),
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
                batch_size: batch_size(section)?,
                digest: String::new(),
                batches: Vec::new(),
            },
        })
    }

    /// Adds what the account holds.
    pub(super) async fn seen(
        &self,
        mut plan: LaunchPlan,
        account: &Account,
        ledger: &Ledger,
    ) -> Result<LaunchPlan, Error> {
        let launch = self.launch()?;
        let manifest = launch.sender.proactive.ok_or_else(|| self.cannot())?;
        let service = account.client.proactive_host()?;
        plan.refusals.extend(too_long(&plan));
        let SenderPlan::Proactive(section) = &mut plan.sender else {
            return Err(self.cannot());
        };
        let seen = LaunchAccount::read(self.run, account, self.resource).await?;
        let handoff = seen.handoff(&self.manifests.desired, ledger)?;
        let spec = seen.spec(handoff, ledger);
        section.handoff = seen_as(handoff, &spec);
        section.says = launch::page(&spec, &section.recipients.variables);
        plan.refusals.extend(seen.skill_refusal(&section.skill));
        plan.refusals
            .extend(seen.differences(&self.manifests.desired, &spec, ledger));
        plan.refusals.extend(against(&spec, &manifest));
        plan.check = unseen(&service, &account.id);
        Ok(plan)
    }
}

/// How many recipients a request has at most.
fn batch_size(section: &Proactive) -> Result<u32, Error> {
    let Some(size) = section.batch_size else {
        return Ok(BATCH);
    };
    let fitting = u32::try_from(size).ok();
    let fitting = fitting.filter(|size| (1..=BATCH).contains(size));
    fitting.ok_or_else(|| {
        Error::invalid(format!(
            "`batchSize` is {size}, and 1 to {BATCH} is possible"
        ))
    })
}

/// The path of the recipients, as a person would type it.
fn shown(workspace: &Workspace, plan: &ProactivePlan) -> String {
    let path = path_of(workspace, plan);
    let here = workspace.machine.here();
    let below = path.strip_prefix(here).unwrap_or(&path);
    below.display().to_string()
}

/// Names that the platform does not take (platform.md#proactive-sends).
fn too_long(plan: &LaunchPlan) -> Option<String> {
    let length = plan.name_of(plan.requests()).chars().count();
    (length > NAME_MAX).then(|| {
        format!("`displayName` is too long: with the number of the batch it has {length} characters, and {NAME_MAX} is the most")
    })
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
