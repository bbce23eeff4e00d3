//! The account as a launch sees it: the handoff that says what is sent, and the skill that replies go to.

use serde_json::Value;

use crate::diff::digest_of_fields;
use crate::kinds::KindId;
use crate::kinds::mapping::{canonical, compare, lift};
use crate::launch::{HandoffSeen, ProactivePlan};
use crate::live::{Inventory, Ledger, LiveObject, Needs, References};
use crate::manifest::Key as ManifestKey;
use crate::resolve::{Desired, Resource};
use crate::run::account::Account;
use crate::run::{Error, Meaning, Run};
use crate::text::Pointer;
use crate::text::safe::line;

/// The account as a launch sees it.
pub(super) struct LaunchAccount {
    handoffs: KindId,
    skills: KindId,
    handoff: Value,
    inventory: Inventory,
}

impl LaunchAccount {
    /// Reads what the manifest of a launch refers to.
    pub(super) async fn read(
        run: &Run,
        account: &Account,
        resource: &Resource,
    ) -> Result<Self, Error> {
        let at = |key: &str| {
            let pointer = Pointer::root().key("sender").key("proactive").key(key);
            let found = resource.uses().into_iter().find(|it| it.pointer == pointer);
            found.map(|it| (KindId::known(it.kind), it.reference.clone()))
        };
        let lacks = || Error::invalid(format!("{} names no handoff or no skill", resource.key));
        let (handoffs, handoff) = at("handoff").ok_or_else(lacks)?;
        let (skills, _) = at("skill").ok_or_else(lacks)?;
        let inventory = account.read(run, &Needs::whole([handoffs, skills])).await?;
        Ok(Self {
            handoffs,
            skills,
            handoff,
            inventory,
        })
    }

    /// The manifest of the handoff, where it is one.
    fn handoff_key(&self) -> Option<ManifestKey> {
        let name = crate::name::Name::new(self.handoff.as_str()?).ok()?;
        Some(ManifestKey {
            kind: self.handoffs,
            name,
        })
    }

    /// The live handoff.
    pub(super) fn handoff(&self, desired: &Desired, ledger: &Ledger) -> Result<&LiveObject, Error> {
        let all = self.inventory.of_kind(self.handoffs);
        let key = self.handoff_key();
        let bound = key.as_ref().and_then(|key| ledger.entries.get(key));
        if let Some(found) = bound.and_then(|entry| all.iter().find(|it| it.id == entry.id)) {
            return Ok(found);
        }
        let declared = key.as_ref().and_then(|key| desired.get(key));
        let name = match declared {
            Some(declared) => declared.display_name().to_owned(),
            None => named(&self.handoff),
        };
        let is_it = |it: &&LiveObject| match self.handoff.get("id") {
            Some(id) => it.id.to_wire() == *id,
            None => it.display_name == name,
        };
        let found: Vec<&LiveObject> = all.iter().filter(is_it).collect();
        match found.as_slice() {
            [found] => Ok(found),
            [] => Err(Error::new(
                Meaning::NotFound,
                format!("the account has no handoff `{}`", line(&name)),
            )
            .help(
                "make it in the proactive web tool, with the values that `campaignctl plan` lists",
            )),
            several => Err(Error::invalid(format!(
                "{} handoffs of the account are named `{}`",
                several.len(),
                line(&name)
            ))
            .help("refer to one of them by its id: `handoff: { id: .. }`")),
        }
    }

    /// A live handoff in the terms of manifests.
    pub(super) fn spec(&self, handoff: &LiveObject, ledger: &Ledger) -> Value {
        let references = References::bound(&self.inventory, ledger);
        lift(self.handoffs.def(), &handoff.body.value(), &references)
    }

    /// What the live handoff says otherwise than its manifest.
    pub(super) fn differences(
        &self,
        desired: &Desired,
        held: &Value,
        ledger: &Ledger,
    ) -> Option<String> {
        let key = self.handoff_key()?;
        let declared = desired.get(&key)?;
        let def = key.kind.def();
        let references = References::bound(&self.inventory, ledger);
        let declared = canonical(def, &declared.spec, &references);
        let found = compare(def.fields, &declared, held).differences;
        let places: Vec<String> = found
            .iter()
            .map(|it| format!("`{}`", it.pointer.path()))
            .collect();
        let is_other = !places.is_empty();
        is_other.then(|| {
            format!(
                "the live handoff differs from {key} in {}; `campaignctl plan` shows how",
                places.join(", ")
            )
        })
    }

    pub(super) fn skill_refusal(&self, skill: &str) -> Option<String> {
        let mut skills = self.inventory.of_kind(self.skills).iter();
        let is_there = skills.any(|it| it.display_name == skill);
        (!is_there).then(|| format!("the account has no skill `{}`", line(skill)))
    }
}

/// What moved on the account since a plan was made.
pub(super) async fn moved(
    run: &Run,
    account: &Account,
    plan: &ProactivePlan,
    resource: &Resource,
    ledger: &Ledger,
) -> Result<Vec<String>, Error> {
    let seen = LaunchAccount::read(run, account, resource).await?;
    let mut moved: Vec<String> = seen.skill_refusal(&plan.skill).into_iter().collect();
    let all = seen.inventory.of_kind(seen.handoffs);
    match all.iter().find(|it| it.id.as_str() == plan.handoff.id) {
        None => moved.push(format!(
            "the handoff `{}` is not there any more",
            line(&plan.handoff.display_name)
        )),
        Some(handoff) => {
            if seen_as(handoff, &seen.spec(handoff, ledger)).digest != plan.handoff.digest {
                moved.push(format!(
                    "the handoff `{}` was changed",
                    line(&plan.handoff.display_name)
                ));
            }
        }
    }
    Ok(moved)
}

pub(super) fn seen_as_nothing() -> HandoffSeen {
    HandoffSeen {
        id: String::new(),
        display_name: String::new(),
        digest: String::new(),
        app_names: Vec::new(),
        lookback_period: None,
    }
}

pub(super) fn seen_as(handoff: &LiveObject, spec: &Value) -> HandoffSeen {
    let apps = spec["appNames"].as_array().into_iter().flatten();
    HandoffSeen {
        id: handoff.id.to_string(),
        display_name: handoff.display_name.clone(),
        digest: digest_of_fields(std::iter::once(("spec".to_owned(), spec))),
        app_names: apps.filter_map(Value::as_str).map(str::to_owned).collect(),
        lookback_period: spec["lookbackPeriod"].as_str().map(str::to_owned),
    }
}

/// The name in a reference.
pub(super) fn named(reference: &Value) -> String {
    let name = reference.as_str().or_else(|| reference["live"].as_str());
    name.unwrap_or_default().to_owned()
}
