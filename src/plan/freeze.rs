//! Changes to a plan: ordered, counted, guarded and complete.

use super::{Action, Change, PLAN_FORMAT, Plan, Refusal, Summary, order, steps};
use crate::diff::Changes;
use crate::kinds::{Lookup, uses};
use crate::manifest::Key;

/// What a plan says about itself.
#[derive(Clone, Debug)]
pub struct Header {
    /// The environment that it is made for.
    pub environment: String,
    /// The account that it is made for.
    pub account: String,
}

/// The plan of a diff. Deletes come first in the list of changes, as people must see them first.
#[must_use]
pub fn freeze(header: Header, diff: Changes) -> Plan {
    let refusals = refusals(&diff);
    let Changes {
        mut changes,
        references,
        ..
    } = diff;
    changes.sort_by(|a, b| (a.action, a.kind, &a.name).cmp(&(b.action, b.kind, &b.name)));
    let summary = summary(&changes);
    changes.retain(|change| {
        change.action != Action::None || !change.fields.is_empty() || change.record
    });
    let steps = order::sorted(steps::steps(&changes));
    let spoken_of = steps::spoken_of(&changes, &references);
    Plan {
        format: PLAN_FORMAT.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: header.environment,
        account: header.account,
        summary,
        references: references
            .filtered(|kind, id| spoken_of.contains(&(kind.to_owned(), id.to_string()))),
        changes,
        steps,
        refusals,
    }
}

fn summary(changes: &[Change]) -> Summary {
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

/// What no flag allows: protected objects, and other people's work inside an object to be deleted.
fn refusals(diff: &Changes) -> Vec<Refusal> {
    let protected = diff.changes.iter().filter(|change| {
        change.protect && matches!(change.action, Action::Delete | Action::Replace)
    });
    let protected = protected.map(|change| Refusal {
        rule: "protected-object".to_owned(),
        message: format!(
            "{} is protected, and the plan would {} it",
            change.key(),
            if change.action == Action::Delete {
                "delete"
            } else {
                "replace"
            }
        ),
        help: "put the manifest back, or apply it once with `lifecycle.protect: false` first"
            .to_owned(),
    });
    let foreign = diff
        .foreign_children
        .iter()
        .map(|(key, child): &(Key, String)| Refusal {
            rule: "foreign-children".to_owned(),
            message: format!(
                "{key} would be deleted together with `{child}`, which somebody made in the console"
            ),
            help: format!(
                "move or delete `{child}` in the console first, or describe it in a manifest"
            ),
        });
    protected.chain(foreign).collect()
}

/// Kind and id of every reference in a spec.
pub(super) fn referenced_ids(
    kind: crate::kinds::KindId,
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
