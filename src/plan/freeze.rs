//! Changes to a plan: ordered, counted, guarded and complete.

use std::collections::BTreeSet;

use super::consumers::effects;
use super::document::{damage, digest};
use super::{
    Action, Change, Guards, LedgerState, Now, PLAN_FORMAT, Plan, Summary, judge, order, steps,
};
use crate::diff::{Changes, DiffInput};
use crate::kinds::words::VOCABULARY;
use crate::kinds::{KindId, Lookup, uses};
use crate::name::Name;

/// What a plan says about itself.
#[derive(Clone, Debug)]
pub struct Header {
    /// What tells it from every other plan.
    pub id: String,
    /// When it is made, RFC 3339 in UTC.
    pub created_at: String,
    /// The folder of the project, relative to the current one.
    pub project: String,
    /// The name of the project, if the project file has one.
    pub project_name: Option<String>,
    /// The environment that it is made for.
    pub environment: String,
    /// The account that it is made for.
    pub account: String,
    /// A digest of the manifests.
    pub manifest_digest: String,
    /// The ledger that it is computed from, if there is one.
    pub ledger: Option<LedgerState>,
}

impl Header {
    /// The header of a plan for an environment and its account.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        created_at: &str,
        (environment, account): (&str, &str),
    ) -> Self {
        Self {
            id: id.into(),
            created_at: created_at.to_owned(),
            project: ".".to_owned(),
            project_name: None,
            environment: environment.to_owned(),
            account: account.to_owned(),
            manifest_digest: String::new(),
            ledger: None,
        }
    }
}

/// The plan of what differs, judged by what the differences were made from.
#[must_use]
pub fn planned(header: Header, diff: Changes, (input, guards): (&DiffInput<'_>, Guards)) -> Plan {
    let now = Now {
        guards,
        exclusive: input.scope.exclusive,
        ledger: input.ledger,
        before: input.ledger,
        inventory: input.inventory,
        desired: Some(input.desired),
        now: input.now,
    };
    freeze(header, diff, &now)
}

/// The plan of a diff, judged by what it was made from. Deletes come first in the list of changes, as people must
/// see them first.
#[must_use]
pub(super) fn freeze(header: Header, diff: Changes, now: &Now<'_>) -> Plan {
    let Changes {
        mut changes,
        references,
        known_twins,
        reaches,
        dependencies,
        live,
        narrowed,
        left_alone,
        ignored_drift: _,
    } = diff;
    changes.sort_by(|a, b| place(a).cmp(&place(b)));
    let summary = summary(&changes);
    changes.retain(|change| {
        change.action != Action::None || !change.fields.is_empty() || change.record
    });
    say_hints_once(&mut changes);
    let steps = order::sorted(steps::steps(&changes), &changes, &dependencies);
    let spoken_of = steps::spoken_of(&changes, &references);
    let mut plan = Plan {
        format: PLAN_FORMAT.to_owned(),
        id: header.id,
        created_at: header.created_at,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        vocabulary: VOCABULARY,
        project: header.project,
        project_name: header.project_name,
        environment: header.environment,
        account: header.account,
        manifest_digest: header.manifest_digest,
        ledger: header.ledger,
        selection: narrowed,
        summary,
        references: references
            .filtered(|kind, id| spoken_of.contains(&(kind.to_owned(), id.to_string()))),
        changes,
        steps,
        known_twins,
        reaches,
        dependencies,
        live,
        effects: Vec::new(),
        impact: None,
        left_alone,
        unsettled: Vec::new(),
        warnings: Vec::new(),
        refusals: Vec::new(),
        digest: String::new(),
    };
    plan.effects = effects(&plan, now);
    plan.refusals = judge(&plan, now);
    plan.digest = digest(&plan);
    debug_assert_eq!(damage(&plan), None, "a plan that its own reader refuses");
    plan
}

/// A hint is said at the first field that it is about, and not at each of them.
fn say_hints_once(changes: &mut [Change]) {
    let mut said = BTreeSet::new();
    let fields = changes.iter_mut().flat_map(|change| &mut change.fields);
    for field in fields {
        field.hints.retain(|hint| said.insert(hint.clone()));
    }
}

/// The place of a change in a plan.
pub(super) fn place(change: &Change) -> (Action, KindId, &Name) {
    (change.action, change.kind, &change.name)
}

/// The counts of the summary line.
pub(super) fn summary(changes: &[Change]) -> Summary {
    let mut summary = Summary::default();
    for change in changes {
        match change.action {
            Action::Create => summary.create += 1,
            Action::Update => summary.update += 1,
            Action::Replace => summary.replace += 1,
            Action::Delete => summary.delete += 1,
            Action::Manual => summary.manual += 1,
            Action::None => summary.unchanged += 1,
            Action::Adopt | Action::Forget => {}
        }
        if change.adopted || change.action == Action::Adopt {
            summary.adopt += 1;
        }
    }
    summary
}

/// Kind and id of every reference in a spec.
pub(super) fn referenced_ids(
    kind: KindId,
    spec: &serde_json::Value,
    references: &impl Lookup,
) -> Vec<(String, String)> {
    let found = uses(kind.def().fields, spec);
    found
        .into_iter()
        .map(|found| {
            (
                found.kind.to_owned(),
                references.to_id(found.kind, found.reference).to_string(),
            )
        })
        .collect()
}
