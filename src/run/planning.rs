//! Planning, for every command that needs a plan: reads the account and freezes the differences.

use std::collections::BTreeSet;

use super::account::Account;
use super::error::Error;
use super::identity::{FileReading, Identity};
use super::looking::Looking;
use super::manifests::Manifests;
use super::moved::{Moved, unread_manifests};
use super::recorded::RecordedLedger;
use super::workspace::{Workspace, refuse};
use super::{Run, Subset, give_back};
use crate::diag::Diags;
use crate::diff::{self, Changes, DiffInput, Matches, Scope, digest_of_fields};
use crate::kinds::KindId;
use crate::live::{Absence, Begun, Entry, Inventory, Ledger, Needs};
use crate::manifest::Key;
use crate::offers;
use crate::plan::{self, Header, Impact, LedgerState, Plan, Refusal, waived, warnings};
use crate::report::scenarios::single_scenarios_of;
use crate::resolve::Desired;
use crate::select::Selection;
use crate::text::safe;

/// What a run says that ends because the manifests do not fit the account, or the part of them that it is about.
pub const NO_PLAN: &str = "no plan was made";

/// What a plan is made from.
pub struct Planning<'a> {
    /// The run.
    pub run: &'a Run,
    /// The project.
    pub workspace: &'a Workspace,
    /// Its manifests.
    pub manifests: &'a Manifests,
    /// The account.
    pub account: &'a Account,
    /// Whether fields that only the account changed are left as they are.
    pub ignores_drift: bool,
    /// Which objects the plan is about.
    pub subset: &'a Subset,
    /// Whether the plan says what visitors are offered differently.
    pub tells_impact: bool,
}

/// Plans for the environment of the run: nothing is written, and nothing is locked. A plan that is to be shown says
/// first where it is for.
///
/// # Errors
/// Manifests that cannot be used, an account that cannot be read.
pub async fn planned(
    run: &Run,
    workspace: &Workspace,
    subset: &Subset,
    how: How,
) -> Result<PreviewedPlan, Error> {
    let manifests = workspace.plannable_manifests(run)?.at_rest();
    let account = Account::connect(run, workspace).await?;
    let planned = async {
        let planning = Planning {
            run,
            workspace,
            manifests: &manifests,
            account: &account,
            ignores_drift: how.ignores_drift,
            subset,
            tells_impact: how.tells_impact,
        };
        if how.is_shown {
            planning.say_for_whom();
        }
        let RecordedLedger {
            ledger,
            unsettled,
            begun,
        } = account.recorded(run).await?;
        let plan = planning.plan(&ledger).await?.with_unsettled(unsettled);
        Ok(PreviewedPlan { plan, begun })
    };
    let planned = planned.await;
    account.close().await;
    give_back(manifests);
    planned
}

/// A plan that is only looked at.
#[derive(Debug)]
pub struct PreviewedPlan {
    /// The plan.
    pub plan: Plan,
    /// How far a run got that did not finish.
    pub begun: Begun,
}

/// How a plan is made that is only looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Fields that only the account changed are left as they are.
    pub ignores_drift: bool,
    /// It is to be shown, and says first where it is for.
    pub is_shown: bool,
    /// It says what visitors are offered differently.
    pub tells_impact: bool,
}

/// Where a plan is for: the first line that a person sees of it.
pub fn for_whom(environment: &str, account: &str, project: Option<&str>) -> String {
    let project = project.map_or_else(String::new, |name| {
        format!(", project {}", safe::line(name))
    });
    format!(
        "Plan for {}, account {}{project}",
        safe::line(environment),
        safe::line(account)
    )
}

/// How a run looks at ledger and files.
pub struct PlanningView {
    /// The objects that it is about.
    pub selection: Selection,
    /// Which files it reads.
    pub reading: FileReading,
    /// The manifests in files that it does not read.
    moved: Moved,
    /// How files are named.
    identity: Identity,
    /// The kinds of which foreign objects are deleted.
    exclusive: Vec<KindId>,
    /// Whether there is an emptied file that the ledger does not know.
    is_hollow: bool,
}

impl PlanningView {
    /// Why the manifest of an entry is not among those that were read.
    fn absence(&self, entry: &Entry) -> Absence {
        match self.reading.absence(entry) {
            Absence::Gone if self.is_hollow => Absence::EmptiedElsewhere,
            Absence::Gone if self.moved.is_cut => Absence::NotSearched,
            absence => absence,
        }
    }
}

impl Planning<'_> {
    /// Says where the plan is for, unless the run is about several environments, which are named above each.
    pub fn say_for_whom(&self) {
        if !self.run.is_one_of_several() {
            let project = self.workspace.project.project.as_deref();
            let account = self.account;
            let said = for_whom(&account.environment, &account.id, project);
            self.run.note(&said);
        }
    }

    /// Reads the account and plans.
    ///
    /// # Errors
    /// An account that cannot be read, manifests that cannot be bound to it.
    pub async fn plan(&self, ledger: &Ledger) -> Result<Plan, Error> {
        let Self {
            run,
            workspace,
            manifests,
            account,
            ..
        } = self;
        let view = self.view(ledger)?;
        let mut needs = self.needs(&view, ledger).with_every(&view.exclusive);
        let tells_impact = self.tells_impact || account.guards.unexpected_impact;
        if tells_impact {
            needs.add_whole(offers::kinds_with_a_say());
        }
        let mut looking = self.account.looking(self.run);
        let mut inventory = looking.read(&needs, Inventory::default()).await?;
        let compared = self.compared(&view, ledger, &mut looking, &mut inventory);
        let (changes, diags) = compared.await?;
        let rules = workspace.rules_of(&account.environment);
        let diags = rules.apply(diags, &manifests.texts);
        refuse(run, &diags, &manifests.texts, NO_PLAN)?;
        let complaints = manifests.diags.clone();
        let complaints = waived(&manifests.texts, &manifests.desired, complaints, &changes);
        refuse(run, &complaints, &manifests.texts, NO_PLAN)?;
        let texts = &manifests.texts;
        let mut warned = warnings(&diags, texts);
        warned.extend(warnings(&complaints, texts));
        if changes.ignored_drift > 0 {
            let (count, fields) = match changes.ignored_drift {
                1 => (1, "field"),
                count => (count, "fields"),
            };
            run.note(&format!(
                "{count} drifted {fields} left alone by --ignore-drift; `campaignctl drift` lists what drifted."
            ));
        }
        let impact = tells_impact.then(|| self.impact(ledger, &inventory, &changes));
        let plan = self.with_input(&view, manifests, (ledger, &inventory), |input| {
            plan::planned(self.header(ledger), changes, (input, account.guards))
        });
        let plan = plan.with_warnings(warned);
        Ok(match impact {
            Some((impact, refusals)) => plan.with_impact(impact, refusals),
            None => plan,
        })
    }

    /// What visitors are offered differently, and what of it keeps the plan back.
    fn impact(
        &self,
        ledger: &Ledger,
        inventory: &Inventory,
        changes: &Changes,
    ) -> (Impact, Vec<Refusal>) {
        let desired = &self.manifests.desired;
        let (before, after) = offers::worlds(&offers::ImpactInput {
            inventory,
            ledger,
            desired,
            changes,
        });
        let assumed = self.workspace.project.assume.clone().unwrap_or_default();
        let impact = offers::impact(&before, &after, &assumed, self.run.machine().now());
        let mut refusals = Vec::new();
        if self.account.guards.unexpected_impact {
            let now = (&assumed, self.run.machine().now());
            let worlds = (&before, &after);
            let expecting = offers::Expecting::new(&impact, worlds, desired, now);
            let unexpected = expecting.unexpected(desired);
            let listed = |set: BTreeSet<_>| set.into_iter().collect::<Vec<_>>();
            if !unexpected.is_empty() {
                // What tests could expect that `--write-scenarios` would write.
                let written = single_scenarios_of(&impact, now, desired);
                let left = expecting.left(unexpected.clone(), &written);
                refusals.push(Refusal::of_impact(&listed(unexpected), &listed(left)));
            }
        }
        (impact, refusals)
    }

    /// How the run looks at ledger and files.
    ///
    /// # Errors
    /// A flag of the selection that names nothing.
    pub fn view(&self, ledger: &Ledger) -> Result<PlanningView, Error> {
        let environment = self.account.environment.as_str();
        let selection = self.subset.selection(
            self.run,
            self.workspace,
            environment,
            self.manifests,
            ledger,
        )?;
        let reading = FileReading::of(self.workspace, environment, &self.manifests.texts);
        let is_gone = |key: &Key, entry: &Entry| {
            self.manifests.desired.get(key).is_none() && reading.absence(entry) == Absence::Gone
        };
        let entries = ledger.entries.iter();
        let missing = entries.filter(|(key, entry)| is_gone(key, entry));
        let missing: Vec<&Key> = missing.map(|(key, _)| key).collect();
        let moved = if missing.is_empty() {
            Moved::default()
        } else {
            let read = &self.manifests.texts.sources;
            unread_manifests(self.workspace, environment, read, &missing)
        };
        let hollow = reading.emptied_unknown(ledger).map(str::to_owned);
        Ok(PlanningView {
            selection,
            reading,
            moved,
            identity: self.workspace.identity(),
            exclusive: self.exclusive(hollow.as_deref()).to_vec(),
            is_hollow: hollow.is_some(),
        })
    }

    /// What a plan of the manifests has to read.
    pub fn needs(&self, view: &PlanningView, ledger: &Ledger) -> Needs {
        Needs::of(&self.manifests.desired, ledger, &|entry| {
            view.absence(entry) == Absence::Gone
        })
    }

    /// The differences between some manifests and what was read.
    pub fn differences(
        &self,
        view: &PlanningView,
        manifests: &Manifests,
        ledger: &Ledger,
        inventory: &Inventory,
    ) -> (Changes, Diags) {
        let (changes, diags, _) = self.differences_with(view, manifests, ledger, inventory, None);
        (changes, diags)
    }

    /// The same, and what is known to match afterwards, where that is something else than was `known` before.
    fn differences_with(
        &self,
        view: &PlanningView,
        manifests: &Manifests,
        ledger: &Ledger,
        inventory: &Inventory,
        known: Option<&Matches>,
    ) -> (Changes, Diags, Option<Matches>) {
        self.with_input(view, manifests, (ledger, inventory), |input| {
            if let Some(known) = known {
                return diff::diff_with(input, known);
            }
            let (changes, diags) = diff::diff(input);
            (changes, diags, None)
        })
    }

    /// Works with what is compared.
    fn with_input<T>(
        &self,
        view: &PlanningView,
        manifests: &Manifests,
        (ledger, inventory): (&Ledger, &Inventory),
        work: impl FnOnce(&DiffInput<'_>) -> T,
    ) -> T {
        let scope = Scope {
            absence: &|entry| view.absence(entry),
            unread: &view.moved.found,
            place: &|shown| view.identity.of(shown),
            prune: self.account.prune.deletes_owned(),
            exclusive: &view.exclusive,
            ignores_drift: self.ignores_drift,
            writes_observed: self.account.writes_observed,
            selection: &view.selection,
            environment: &self.account.environment,
        };
        work(&DiffInput {
            texts: &manifests.texts,
            desired: &manifests.desired,
            inventory,
            ledger,
            scope,
            now: Some(self.workspace.now),
        })
    }

    /// The differences. Whom they reach is read once it is known that they reach anybody.
    async fn compared(
        &self,
        view: &PlanningView,
        ledger: &Ledger,
        looking: &mut Looking<'_>,
        inventory: &mut Inventory,
    ) -> Result<(Changes, Diags), Error> {
        let known = self.account.matches(self.run);
        let compare = |inventory: &Inventory| {
            self.differences_with(view, self.manifests, ledger, inventory, known.as_ref())
        };
        let (mut changes, mut diags, mut learned) = compare(inventory);
        let unread = diff::unread(inventory, &changes.changes);
        if !unread.is_empty() && !diags.has_errors() {
            let needs = Needs::whole(unread);
            *inventory = looking.read(&needs, std::mem::take(inventory)).await?;
            (changes, diags, learned) = compare(inventory);
        }
        if let Some(learned) = learned {
            self.account.keep_matches(self.run, &learned);
        }
        Ok((changes, diags))
    }

    /// The kinds of which foreign objects are deleted. A run of some paths sees only some of the manifests, so
    /// it cannot know what none of them describes; a run of some objects is about these. What a file held that was emptied,
    /// nobody knows without its ledger.
    fn exclusive(&self, hollow: Option<&str>) -> &[KindId] {
        let kinds = self.account.prune.exclusive();
        let is_partial = self.workspace.is_partial || !self.subset.is_everything();
        if is_partial && !kinds.is_empty() {
            self.run.note("Objects that no manifest defines are left alone: `prune` is exclusive only in a run of the whole project.");
            return &[];
        }
        if let Some(file) = hollow.filter(|_| !kinds.is_empty()) {
            self.run.note(&format!(
                "Objects that no manifest defines are left alone: {} holds no manifest any more, and which objects it held is not known. Fill it, or delete it.",
                safe::line(file)
            ));
            return &[];
        }
        kinds
    }

    fn header(&self, ledger: &Ledger) -> Header {
        Header {
            id: self.run.machine().unique_id(),
            created_at: self.run.machine().now().to_string(),
            project: self.workspace.shown_root.clone(),
            project_name: self.workspace.project.project.clone(),
            environment: self.account.environment.clone(),
            account: self.account.id.clone(),
            manifest_digest: self.manifests.digest(),
            ledger: (ledger.serial > 0).then(|| LedgerState {
                lineage: ledger.lineage.clone(),
                serial: ledger.serial,
            }),
        }
    }
}

/// A digest of the desired state: the same for the same manifests, however they are spread over files.
pub(super) fn manifest_digest(desired: &Desired) -> String {
    let resources = desired.iter();
    digest_of_fields(resources.map(|resource| (resource.key.to_string(), &*resource.spec)))
}

/// The plan document.
pub fn plan_json(plan: &Plan) -> String {
    safe::json(plan)
}
